"""Composed pieces are made once, and made again when what made them has changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.pieces import composed


@pytest.mark.model
@pytest.mark.slow
def test_a_piece_is_used_again_until_another_model_made_it(tmp_path: Path) -> None:
    context = SuiteContext(out=tmp_path, quick=True)
    first = next(iter(list(composed(context, "free", 1))))
    assert first.report["findings"]
    path = tmp_path / "pieces" / "free-1-quick.report.json"
    stamp = path.stat().st_mtime_ns
    assert next(iter(list(composed(context, "free", 1)))).score.note_count == first.score.note_count
    assert path.stat().st_mtime_ns == stamp
    made = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**made, "model": "another"}), "utf-8")
    again = next(iter(list(composed(context, "free", 1))))
    assert again.made["model"] == made["model"]
    assert again.score.note_count == first.score.note_count
