"""MuseCoco's templates: English sentences about music with the attributes that they express.

Slots such as ``[KEY]`` and ``[INSTRUMENTS]`` stay in the text; attributes are codes such as
``K1_1`` (key: given, value 1), as the tags of the aspect that they belong to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.texts import TextRecord
from yuefu.errors import FormatError

NAME = "text_musecoco_templates"
FILE = "refined_template.json"
#: Letters of an attribute's code -> aspect.
ASPECTS = {
    "I": "instruments", "R": "rhythm", "S": "style", "B": "bars", "TS": "metre", "K": "key", "T": "tempo",
    "P": "pitch_range", "EM": "mood", "TM": "duration", "ST": "form", "C": "character",
}  # fmt: skip


def read(folder: Path) -> Iterator[TextRecord]:
    """One record a template."""
    for path in sorted(Path(folder).rglob(FILE))[:1]:
        try:
            templates = json.loads(path.read_text(encoding="utf-8"))
            for index, template in enumerate(templates):
                tags: dict[str, list[str]] = {}
                for code in template["attributes"]:
                    letters = code.partition("_")[0].rstrip("s0123456789")
                    tags.setdefault(ASPECTS.get(letters, "other"), []).append(code)
                yield TextRecord(
                    set=NAME,
                    id=f"template-{index:05d}",
                    language="en",
                    text=template["response"].strip(),
                    tags={aspect: tuple(codes) for aspect, codes in sorted(tags.items())},
                )
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"{path.name} can't be read as a list of templates: {error!s:.80}.") from error
