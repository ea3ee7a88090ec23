"""A piece that is watched while it is written is the same piece, and its bars come early."""

from time import perf_counter

import pytest

from yuefu.score.files import score_to_json
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.theory.chord import Chord
from yuefu.workflows.compose import compose_brief
from yuefu.workflows.models import load_model

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def watched():
    """Sketches with their seconds, and the piece."""
    brief = read_brief("a hopeful folk song for a rainy morning", BriefOptions(seed=7, candidates=2, form="A A"))
    load_model(None)
    sketches = []
    begun = perf_counter()
    piece = compose_brief(brief, watch=lambda sketch: sketches.append((perf_counter() - begun, sketch)))
    return brief, sketches, piece


def test_watching_changes_no_note(watched):
    """The same seed gives the same piece, whether anybody looks or not."""
    brief, _, piece = watched
    assert score_to_json(compose_brief(brief).score) == score_to_json(piece.score)


def test_the_plan_comes_first_and_names_the_rows(watched):
    """A page can draw the empty grid before there is a note."""
    _, sketches, piece = watched
    plan = sketches[0][1]
    assert plan.kind == "plan"
    assert plan.data["bars"] == len(piece.score.bars)
    assert plan.data["bar_ticks"] == piece.score.bars[0].duration
    assert plan.data["rows"][0]["row"] == "chords"
    assert {part.program for part in piece.score.parts} <= {row.get("program") for row in plan.data["rows"]}


def test_chords_come_before_the_tune_and_are_those_of_the_piece(watched):
    """The chords were planned, so they are there at once and stay."""
    _, sketches, piece = watched
    first = sketches[1][1]
    assert first.data["row"] == "chords"
    fifths = piece.score.keys[0].key.fifths
    spans = [[s.start, s.duration, s.chord.symbol(fifths) if s.chord else "N.C."] for s in piece.score.chords]
    assert first.data["chords"] == spans


def test_the_last_look_at_each_cell_is_what_the_piece_has(watched):
    """Bars replace what was shown of them before; what is left at the end are the piece's own notes."""
    _, sketches, piece = watched
    ticks = piece.score.bars[0].duration
    shown: dict[str, dict[int, list]] = {}
    for _, sketch in sketches:
        if sketch.kind != "bars" or sketch.data["row"] == "chords":
            continue
        data = sketch.data
        for bar in range(data["first"], data["first"] + data["count"]):
            shown.setdefault(data["row"], {})[bar] = [n for n in data["notes"] if n[0] // ticks == bar]
    for part in piece.score.parts:
        if part.role not in shown or part.name[-1].isdigit():
            continue
        notes = [(n[0], n[2]) for bar in sorted(shown[part.role]) for n in shown[part.role][bar]]
        assert sorted(notes) == sorted(zip(part.notes["start"].tolist(), part.notes["pitch"].tolist()))


def test_what_is_only_tried_says_so(watched):
    """The first tune is shown while it is tried, marked as provisional, and then as it was chosen."""
    _, sketches, _ = watched
    tunes = [s.data["provisional"] for _, s in sketches if s.kind == "bars" and s.data["row"] == "melody"]
    assert tunes[0] is True
    assert tunes[-1] is False


def test_the_first_bars_come_soon(watched):
    """The first bars are there in a small part of the time that the piece takes."""
    _, sketches, _ = watched
    first = next(at for at, s in sketches if s.kind == "bars" and s.data["row"] == "melody")
    assert first < 0.5 * sketches[-1][0] + 0.5


def test_raising_from_the_watch_cancels(watched):
    """Whoever watches may stop the work."""
    brief, _, _ = watched

    def stop(sketch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compose_brief(brief, watch=stop)


def test_chords_can_be_held_before_there_is_a_band(watched):
    """The chords come with soft notes: each chord's bass below, its tones around middle C, as long as the chord."""
    bars = next(s.data for _, s in watched[1] if s.kind == "bars" and s.data["row"] == "chords")
    assert bars["chords"]
    for start, duration, symbol in bars["chords"]:
        chord = Chord.parse(symbol)
        held = [note for note in bars["notes"] if note[0] == start]
        assert {note[1] for note in held} == {duration}
        assert {note[2] % 12 for note in held} == set(chord.pitch_classes) | {chord.bass_class}
        assert min(note[2] for note in held) % 12 == chord.bass_class
        assert all(48 <= note[2] < 69 for note in held)
