"""A piece as a style: what is taken from it, and that its notes aren't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yuefu.errors import FormatError, InputError
from yuefu.generation.originality import CopyGuard
from yuefu.planning.planner import make_plan
from yuefu.score.abc_read import read_abc
from yuefu.score.files import write_score
from yuefu.score.model import Score
from yuefu.text.brief import Brief, BriefOptions, brief_from_json, read_brief
from yuefu.text.style_reference import StyleReference
from yuefu.workflows.compose import compose
from yuefu.workflows.fill_score import fill
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.replay import replay
from yuefu.workflows.style_reference import (
    ahead_of,
    brief_with_reference,
    guard_of,
    liking,
    nearness,
    passages_of,
    read_reference,
    reference_of,
)

JIG = """X:1
T:The Neighbour's Gate
M:6/8
L:1/8
Q:1/4=165
K:G
|:G2B dBd|e2d BAG|ABA AGE|D2E G3|G2B dBd|e2d BAG|ABA GFA|G3 G3:|
|:g2f edB|d2B AGE|gfg edB|A3 A2d|g2f edB|d2B AGE|ABA GFA|G3 G3:|
"""
WALTZ = """X:1
T:Evening
M:3/4
L:1/8
Q:1/4=100
K:Am
A2 c2 e2|d4 c2|B2 d2 f2|e6|A2 c2 e2|g4 e2|d2 c2 B2|A6|
a2 g2 e2|f4 d2|e2 d2 c2|B6|a2 g2 e2|f4 d2|e2 c2 B2|A6|
"""


@pytest.fixture(scope="module")
def jig() -> Score:
    return read_abc(JIG)


@pytest.fixture(scope="module")
def found(jig: Score) -> StyleReference:
    return reference_of(jig, "gate.abc")


def like(found: StyleReference, **more: str) -> Brief:
    return liking(read_brief("", BriefOptions(style=found.style, **more)), found)


def test_a_piece_tells_its_metre_mode_tempo_form_and_rhythms(found: StyleReference) -> None:
    """What is read off a score is what is written in it."""
    assert (found.style, found.meter, found.mode, found.key) == ("jig", "6/8", "major", "G major")
    assert found.tempo == 165
    assert sum(int(item.partition(":")[2]) for item in found.form.split()) == 32
    assert any(text.startswith("0 24 36 48 60/") for text, _ in found.opening)
    assert found.bars is not None
    assert found.bars.count == 8
    assert [row for row, _ in found.lineup] == ["melody"]


@pytest.mark.parametrize(("text", "meter", "mode"), [(JIG, "6/8", "major"), (WALTZ, "3/4", "minor")])
def test_a_plan_takes_over_what_the_brief_leaves_open(text: str, meter: str, mode: str) -> None:
    """Metre, mode and about the tempo are the piece's own, whatever the style's usual ones are."""
    reference = reference_of(read_abc(text), "piece")
    plan = make_plan(like(reference), 3)
    assert plan.meter == meter
    assert plan.key.endswith(mode)
    assert abs(plan.tempo - reference.tempo) <= 0.1 * reference.tempo + 3
    assert plan.bars == sum(int(item.partition(":")[2]) for item in reference.form.split())


def test_what_is_asked_for_counts_for_more_than_the_piece(found: StyleReference) -> None:
    """A key, a tempo and a length that were asked for are kept."""
    plan = make_plan(like(found, key="D minor", tempo="90", bars="16"), 3)
    assert (plan.key, plan.tempo, plan.bars) == ("D minor", 90, 16)
    assert ahead_of(found, plan) is None  # its bars are in the other mode


def test_a_brief_carries_the_piece_through_json(found: StyleReference) -> None:
    """A brief needs no file: read back, it gives the same plan."""
    brief = like(found)
    again = brief_from_json(brief.model_dump_json())
    assert again == brief
    assert make_plan(again, 5) == make_plan(brief, 5)
    assert len(brief.model_dump_json()) < 40_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("style", "nothing"), ("opening", [["0 12/0", 1.0]]), ("meter", "9/7"), ("lines", ["???"]),
        ("progressions", [[[[[0, "C"]]] * 3, 1.0]]), ("lineup", [["melody", "kazoo of doom"]]), ("tempo", 4000),
    ],
)  # fmt: skip
def test_a_brief_with_a_broken_piece_is_refused(found: StyleReference, field: str, value: object) -> None:
    """Nothing that was tampered with is taken for a reference."""
    data = like(found).model_dump(mode="json")
    data["like"]["value"][field] = value
    with pytest.raises(FormatError):
        brief_from_json(json.dumps(data))


def test_the_guard_refuses_the_pieces_own_passages(jig: Score, found: StyleReference) -> None:
    """Ten notes as in the piece are too many, moved to another key or not; other guards stay as they are."""
    guard = guard_of(None, found)
    assert isinstance(guard, CopyGuard)
    notes = jig.parts[0].notes[:12]
    line = [(int(n["start"]), int(n["pitch"]) + 3) for n in notes]
    assert any(guard.refuses(line[:end], line[end]) for end in range(1, len(line)))
    turned = [(tick, 150 - pitch) for tick, pitch in line]
    assert not any(guard.refuses(turned[:end], turned[end]) for end in range(1, len(turned)))
    assert guard_of(None, None) is None


def test_files_that_cant_be_read_are_refused_in_one_sentence(tmp_path: Path) -> None:
    """No file, no name, no score, or too little of one."""
    bad = tmp_path / "bad.mid"
    bad.write_bytes(b"nothing")
    short = tmp_path / "short.abc"
    short.write_text("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|\n")
    for source in ("", str(tmp_path / "none.mid"), str(bad), str(short)):
        with pytest.raises(InputError):
            read_reference(source)
    with pytest.raises(InputError):
        brief_with_reference("", BriefOptions(style="like:"))


@pytest.mark.model
def test_composing_like_a_file_imitates_and_doesnt_copy(jig: Score, tmp_path: Path) -> None:
    """The piece is a jig with the reference's figure, shares no long passage with it, says so, and can be replayed."""
    path = tmp_path / "gate.abc"
    write_score(jig, path)
    piece = compose(style=f"like:{path}", seed=3, candidates=1, bars=16)
    path.unlink()
    assert piece.plan.like is not None
    assert {(m.numerator, m.denominator) for m in piece.score.meters} == {(6, 8)}
    told = nearness(piece.score, piece.plan.like)
    assert told["longest_shared_run"] <= 9
    finding = next(f for f in piece.report.findings if f.field == "style")
    assert finding.asked == "like:gate.abc"
    assert finding.found == told
    files = piece.save(tmp_path / "out", ["midi"])
    again = replay(files["report"])
    assert again.midi == piece.midi


@pytest.mark.model
def test_filling_like_a_piece_leaves_the_rest_alone(jig: Score, found: StyleReference) -> None:
    """Bars that aren't named stay note for note, and what was asked is told."""
    filled = fill(jig, FillMask(["melody"], "5-6"), like(found), seed=2, candidates=1)
    bars = jig.bars
    inside = (bars[4].start, bars[5].end)

    def outside(score: Score) -> list[tuple[int, int]]:
        notes = score.parts[0].notes
        kept = (notes["start"] < inside[0]) | (notes["start"] >= inside[1])
        return list(zip(notes["start"][kept].tolist(), notes["pitch"][kept].tolist()))

    assert outside(filled.score) == outside(jig)
    assert filled.asked["like"] == "gate.abc"


def test_passages_survive_being_kept_as_text(jig: Score, found: StyleReference) -> None:
    """The kept lines find the piece itself as the nearest."""
    match = passages_of(found).index.nearest(jig)
    assert match.longest_shared_run == len(jig.parts[0].notes)
