"""Chorales from sixteenth-note grids."""

import json
from pathlib import Path

import pytest

from yuefu.corpus.readers import jsb_chorales
from yuefu.errors import FormatError

CHORD = [72, 67, 64, 48]


def test_a_run_is_one_note_cut_at_a_whole_note() -> None:
    score = jsb_chorales.chorale([CHORD] * 24)
    bass = score.part("bass").notes
    assert bass["start"].tolist() == [0, 96]
    assert bass["duration"].tolist() == [96, 48]


def test_the_four_voices_become_four_rows_and_silence_stays_silent() -> None:
    score = jsb_chorales.chorale([CHORD] * 8 + [[74, -1, 65, 50]] * 8)
    assert [part.role for part in score.parts] == ["melody", "counter", "inner", "bass"]
    assert len(score.part("counter").notes) == 1
    assert score.part("melody").notes["pitch"].tolist() == [72, 74]


@pytest.mark.parametrize(("quarters", "pickup"), [(16, 0), (17, 24), (18, 48)])
def test_what_the_length_leaves_over_is_the_pick_up(quarters: int, pickup: int) -> None:
    grid = [[72 + k % 2, 67 - k % 2, 64 + k % 3, 48 + k % 5] for k in range(quarters) for _ in range(4)]
    score = jsb_chorales.chorale(grid)
    assert score.pickup == pickup
    assert score.end_tick == 24 * quarters


def test_long_notes_every_three_quarters_say_three_four() -> None:
    bar = [[72, 67, 64, 48]] * 8 + [[74, 69, 65, 50]] * 4
    other = [[71, 67, 62, 43]] * 8 + [[72, 69, 64, 45]] * 4
    score = jsb_chorales.chorale((bar + other) * 6)
    assert (score.meters[0].numerator, score.pickup) == (3, 0)


def test_the_published_split_is_kept(tmp_path: Path) -> None:
    book = {"train": [[CHORD] * 4] * 2, "valid": [[CHORD] * 4], "test": [[CHORD] * 4]}
    (tmp_path / jsb_chorales.FILE).write_text(json.dumps(book))
    items = list(jsb_chorales.read(tmp_path))
    assert [item.split for item in items] == ["train", "train", "valid", "test"]
    assert len({item.work for item in items}) == 4
    assert items[0].load(*items[0].args).part("bass").notes["pitch"][0] == 48


def test_a_grid_of_three_voices_is_refused() -> None:
    with pytest.raises(FormatError, match="four voices"):
        jsb_chorales.chorale([[60, 64, 67]] * 4)
