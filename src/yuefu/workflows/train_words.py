"""Train the encoder of words from the text sets of a built corpus and our own lexicon and scenes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from yuefu.errors import InputError, MissingExtraError
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write

if TYPE_CHECKING:
    from yuefu.training.words.loop import Checked, Step

TEXT_SETS = ("text_emobank", "text_muchin", "text_musecoco_templates")


def train_words(
    data: Path, out: Path, *, steps: int = 2500, seed: int = 1, progress: Listener = ignore
) -> Iterator[Step | Checked]:
    """Train and write ``out`` (a ``.npz`` of a few MB); yields the loop's steps and checks.

    data: a folder that ``corpus build`` wrote, with the text sets. Raises InputError where one is missing,
    MissingExtraError without torch.
    """
    from yuefu.corpus.texts import SUFFIX
    from yuefu.text.encoder.network import packed

    missing = [name for name in TEXT_SETS if not (data / f"{name}{SUFFIX}").is_file()]
    if missing:
        raise InputError(f"'{data}' has no {missing[0]}: run `yuefu corpus build --from DIR --out {data}` first.")
    if steps < 1:
        raise InputError(f"{steps} steps can't be trained: give at least 1.")
    try:
        from yuefu.training.words.loop import Checked, Step, train
    except ImportError as error:
        raise MissingExtraError("training", "train") from error
    from yuefu.training.words.examples import Sources
    from yuefu.training.words.facts import facts_of

    sources = Sources.of(data, facts_of(data, seed=seed, progress=progress))
    for event in train(sources, steps, seed):
        if isinstance(event, (Step, Checked)):
            yield event
        else:
            buffer = io.BytesIO()
            np.savez_compressed(buffer, **packed(event.weights()))  # type: ignore[arg-type]
            atomic_write(out, buffer.getvalue())
