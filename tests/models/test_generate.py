"""transformers' generate is timed on real sequences of the asked length."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.errors import InputError
from yuefu.models.export import export_hugging_face
from yuefu.models.fill import FillConfig, FillModel
from yuefu.models.generate import timed_generate
from yuefu.tokens.vocabulary import vocabulary


def test_each_batch_is_timed_as_often_as_asked(tmp_path: Path) -> None:
    export_hugging_face(FillModel(FillConfig(32, 1, 2, 64, 128), vocabulary()), tmp_path)
    told: list[int] = []
    found = timed_generate(tmp_path, (1, 2), 12, 3, 0, told.append)
    assert told == [1, 2]
    assert [len(seconds) for seconds in found.values()] == [3, 3]
    assert all(second > 0 for seconds in found.values() for second in seconds)


def test_a_folder_without_plain_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="isn't a Hugging Face folder"):
        timed_generate(tmp_path, (1,), 4, 1, 0, lambda batch: None)
