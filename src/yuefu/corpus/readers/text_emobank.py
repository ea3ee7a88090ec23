"""EmoBank: English sentences with valence, arousal and dominance, and its own split."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.texts import TextRecord
from yuefu.errors import FormatError

NAME = "text_emobank"
_SPLITS = {"dev": "valid", "train": "train", "test": "test"}


def read(folder: Path) -> Iterator[TextRecord]:
    """One record a sentence; ratings of 1 to 5 become -1 to 1."""
    for path in sorted(Path(folder).rglob("emobank.csv"))[:1]:
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    ratings = {"valence": row["V"], "arousal": row["A"], "dominance": row["D"]}
                    yield TextRecord(
                        set=NAME,
                        id=row["id"],
                        language="en",
                        text=row["text"].strip(),
                        split=_SPLITS[row["split"]],
                        scores={name: round((float(value) - 3) / 2, 4) for name, value in ratings.items()},
                    )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{path.name} can't be read as EmoBank's table: {error!s:.80}.") from error
