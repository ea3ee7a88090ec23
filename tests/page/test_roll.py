"""Piano rolls: the right size, the right colours, every note in its lane."""

import io
import time
from dataclasses import replace

import numpy as np
import page_pieces as pieces
import pytest
from PIL import Image

from yuefu.errors import InputError
from yuefu.page.roll import CINNABAR, PAPER, ROLE_COLOURS, roll_png, roll_svg
from yuefu.page.roll_layout import lay_out
from yuefu.score.model import Part, Score, make_notes, renumber
from yuefu.score.performed import as_written


def _picture(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def test_the_paper_is_warm_white_and_the_melody_cinnabar() -> None:
    picture = _picture(roll_png(pieces.band(8), width=1200))
    assert picture.shape[1] == 1200
    assert (picture[0, 0] == _rgb(PAPER)).all()
    paper = (np.abs(picture - _rgb(PAPER)).sum(axis=2) < 30).mean()
    assert 0.5 < paper < 0.98
    ink, sheet = _rgb(CINNABAR), _rgb(PAPER)
    direction = (sheet - ink) / np.linalg.norm(sheet - ink)
    offset = (sheet - picture).astype(float)
    along = offset @ direction
    away = np.linalg.norm(offset - along[..., None] * direction, axis=2)
    assert ((along > 80) & (away < 20)).sum() > 1500


def test_a_long_piece_is_folded_into_rows_on_one_scale() -> None:
    short, long = pieces.band(8), pieces.band(48)
    layout = lay_out(long, 1600)
    assert len(layout.rows) > 1
    assert [row.start for row in layout.rows[1:]] == [row.end for row in layout.rows[:-1]]
    assert layout.rows[-1].end == long.end_tick
    assert _picture(roll_png(long, width=1000)).shape[0] > _picture(roll_png(short, width=1000)).shape[0]


def test_lanes_do_not_overlap_and_hold_their_notes() -> None:
    layout = lay_out(pieces.band(16), 1600)
    for upper, lower in zip(layout.lanes, layout.lanes[1:]):
        assert upper.top + upper.height < lower.top
    for lane in layout.lanes:
        for pitch in lane.part.notes["pitch"].tolist():
            assert lane.top - 0.01 <= lane.y(pitch) <= lane.top + lane.height - lane.step + 0.01


def test_every_note_is_drawn_once_in_a_single_row() -> None:
    score = pieces.band(8)
    assert roll_svg(score).count('rx="1.3"') == score.note_count


def test_louder_notes_are_drawn_more_solidly() -> None:
    part = Part("P1", "x", "bass", notes=make_notes([(1, 0, 24, 40, 20), (2, 24, 24, 40, 120)]))
    svg = roll_svg(Score(parts=(part,)))
    see = [float(piece.split('"')[0]) for piece in svg.split(f'fill="{ROLE_COLOURS["bass"]}" fill-opacity="')[1:]]
    assert see[-1] > see[-2] + 0.3


def test_a_performance_is_drawn_as_played() -> None:
    score = pieces.band(4)
    played = as_written(score)
    assert roll_svg(score, played) == roll_svg(score)
    played.notes["P1"]["start"] += 5.0
    assert roll_svg(score, played) != roll_svg(score)


def test_labels_follow_the_language_of_the_piece_or_the_wish() -> None:
    score = pieces.chinese_song()
    assert roll_svg(score) == roll_svg(score, language="zh") != roll_svg(score, language="en")


@pytest.mark.slow
def test_five_minutes_of_eight_parts_are_drawn_in_about_two_seconds_of_work() -> None:
    """Under 2 s on a quiet machine; the bound leaves room for a busy one."""
    score = pieces.band(116)
    more = tuple(replace(part, id=part.id + "b", syllables=()) for part in score.parts[1:4])
    score = renumber(replace(score, parts=score.parts + more))
    assert score.duration > 300
    roll_png(pieces.chinese_song(1))  # fonts are loaded once for a process
    start = time.process_time()
    roll_png(score)
    assert time.process_time() - start < 3.5


@pytest.mark.parametrize(
    "score",
    [
        Score(),
        Score(title="空", parts=(Part("P1", "", "melody"),)),
        Score(title="x" * 300, parts=(Part("P1", "y" * 200, "drums", notes=make_notes([(1, 0, 1, 99, 1)])),)),
        Score(
            parts=(Part("P1", "wide", "keys", notes=make_notes([(1, 0, 5000, 0, 1), (2, 0, 1, 127, 127)])),), pickup=24
        ),
    ],
)
def test_odd_pieces_are_drawn_too(score: Score) -> None:
    assert _picture(roll_png(score, width=600)).shape[1] <= 600


@pytest.mark.parametrize("wrong", [{"score": "song.mid"}, {"width": 10}, {"width": 99999}, {"language": "fr"}])
def test_wrong_input_is_refused_in_one_sentence(wrong: dict) -> None:
    arguments = {"score": pieces.chinese_song(1), **wrong}
    with pytest.raises(InputError):
        roll_png(**arguments)


def test_the_same_piece_gives_the_same_picture() -> None:
    assert roll_png(pieces.quartet(8)) == roll_png(pieces.quartet(8))
