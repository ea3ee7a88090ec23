"""Filling any score: what isn't named stays to the note, what is named is written, and the seed decides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import InputError
from yuefu.generation.engine import NoiseEngine
from yuefu.score.model import NOTE_ROWS, ROWS, ChordSpan, KeyChange, MeterChange, Part, Score, make_notes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.tokens.sequence import Cover
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.arrange import arrange
from yuefu.workflows.fill_score import fill
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.tasks import continue_score, harmonize, phrase_edges, vary

ENGINE = NoiseEngine(len(vocabulary()), seed=3)
WAYS = {"engine": ENGINE, "seed": 5, "candidates": 1}


@st.composite
def songs(draw, bars=6):
    """A tune and a bass, played a little off the grid, in keys and metres that may change half-way."""
    first, second = draw(st.sampled_from([((4, 4), (4, 4)), ((4, 4), (3, 4)), ((6, 8), (6, 8)), ((3, 4), (2, 4))]))
    ticks = [n * 96 // d for n, d in (first, second)]
    pickup = draw(st.sampled_from([0, 0, 24]))
    turn = pickup + 3 * ticks[0]
    length = turn + 3 * ticks[1]
    parts, number = [], 1
    for name, role, low in (("Voice", "melody", 60), ("Bass", "bass", 36)):
        rows, tick = [], 0
        while tick < length - 12:
            late = draw(st.integers(-2, 2)) if tick else 0
            duration = draw(st.sampled_from([12, 24, 36]))
            rows.append((number, tick + late, duration - 4, low + draw(st.integers(0, 12)), draw(st.integers(40, 110))))
            number += 1
            tick += duration
        parts.append(Part(name, name, role, notes=make_notes(rows)))
    keys = (KeyChange(0, Key(draw(st.integers(-3, 3)))), KeyChange(turn, Key(draw(st.integers(-3, 3)), "minor")))
    meters = (MeterChange(0, *first),) + ((MeterChange(turn, *second),) if first != second else ())
    return Score(parts=tuple(parts), keys=keys, meters=meters, pickup=pickup, length=length)


@settings(max_examples=25, deadline=None)
@given(songs(), st.sampled_from([("melody",), ("bass",), ("melody", "bass"), ("keys",), ("drums", "chords")]),
       st.integers(1, 5), st.integers(0, 2))  # fmt: skip
def test_cells_not_named_come_out_untouched(score, rows, first, more):
    """Every note outside the named cells keeps its id, start, duration, pitch and velocity; the others are gone."""
    last = min(first + more, len(score.bars) - (1 if score.pickup else 0))
    done = fill(score, FillMask(rows, [(first, last)]), **WAYS)
    inside = [bar for bar in score.bars if first <= bar.index + (0 if score.pickup else 1) <= last]
    start, end = inside[0].start, inside[-1].end
    after = {int(n["id"]): n.tolist() for part in done.score.parts for n in part.notes}
    for part in score.parts:
        for note in part.notes:
            tick, number = int(note["start"]), int(note["id"])
            if part.role not in rows or tick < start - 3 or tick >= end:
                assert after[number] == note.tolist()
            elif start <= tick < end - 3:
                assert number not in after
    assert len(after) == done.score.note_count == done.kept + done.added
    if "chords" not in rows:
        assert done.score.chords == score.chords
    new = [n for part in done.score.parts for n in part.notes if int(n["id"]) > score.note_count]
    assert all(start <= int(n["start"]) < end for n in new)
    assert set(done.filled) == set(rows)


def tune(bars=8):
    """A plain tune in G."""
    rows = [(i + 1, i * 24, 24, 67 + (0, 2, 4, 5, 7, 5, 4, 2)[i % 8], 80) for i in range(bars * 4)]
    return Score(parts=(Part("P1", "Flute", "melody", 73, notes=make_notes(rows)),), keys=(KeyChange(0, Key(1)),))


def test_an_added_empty_part_takes_its_row():
    """Cells of a row that an empty part waits for are written into that part, and no other part appears."""
    tune = make_notes([(n + 1, 24 * n, 20, 60 + n % 5, 80) for n in range(16)])
    added = Part("P7", "Cello", "bass", 42, "cello")
    done = fill(Score(parts=(Part("P1", "Flute", "melody", 73, notes=tune), added)), FillMask(["bass"], "1-4"), **WAYS)
    assert [part.id for part in done.score.parts] == ["P1", "P7"]
    assert done.score.parts[1].instrument == "cello"
    assert len(done.score.parts[1].notes) == done.added > 0


def test_the_same_seed_writes_the_same_notes():
    mask = FillMask(["melody", "bass"], "3-5")
    one, two = (fill(tune(), mask, **WAYS).score for _ in range(2))
    assert all(np.array_equal(a.notes, b.notes) for a, b in zip(one.parts, two.parts))


def test_only_eighths_means_only_eighths():
    for words in ("only eighths", "只用八分音符"):
        done = fill(tune(), FillMask(["melody"], "2-4"), words, **WAYS)
        new = done.score.parts[0].notes[done.score.parts[0].notes["id"] > 32]
        assert len(new)
        assert (new["start"] % 12 == 0).all()


def test_chords_outside_the_bars_stay_as_they_were():
    score = tune()
    chords = tuple(ChordSpan(i * 96, 96, Chord((7 + 5 * i) % 12)) for i in range(8))
    done = fill(Score(**{**score.__dict__, "chords": chords}), FillMask(["chords"], "3-4"), **WAYS)
    assert [c for c in done.score.chords if c.start < 192 or c.start >= 384] == [chords[i] for i in (0, 1, 4, 5, 6, 7)]


def test_an_array_of_covers_is_a_mask_too():
    mask = np.full((8, len(ROWS)), Cover.GIVEN, dtype=np.int8)
    mask[2, ROWS.index("bass")] = Cover.FILL
    assert fill(tune(), mask, **WAYS).filled == {"bass": [3]}
    with pytest.raises(InputError, match="shape"):
        fill(tune(), mask[:3], **WAYS)


@pytest.mark.parametrize(("mask", "says"), [
    (lambda: FillMask(["melody"], "9-12"), "aren't in the piece"), (lambda: FillMask(["tuba"], "1"), "unknown row"),
    (lambda: FillMask(["bass"], "8-5"), "backwards"), (lambda: FillMask(["bass"], "x"), "isn't a range"),
])  # fmt: skip
def test_what_cannot_be_filled_is_refused_in_a_sentence(mask, says):
    with pytest.raises(InputError, match=says):
        fill(tune(), mask(), **WAYS)


def test_a_continuation_adds_bars_and_closes_on_the_tonic():
    done = continue_score(tune(), 4, **WAYS)
    assert len(done.score.bars) == 12
    assert int(done.score.parts[0].notes["pitch"][-1]) % 12 == 7
    assert np.array_equal(done.score.parts[0].notes[:32], tune().parts[0].notes)


def test_harmonies_differ_and_hold_only_what_their_style_allows():
    found = harmonize(tune(), "plain", 2, **WAYS)
    assert all(span.chord.quality in ("", "m", "dim") for done in found for span in done.score.chords if span.chord)
    assert found[0].value >= found[-1].value
    assert len({done.score.chords for done in found}) == len(found)


def test_a_variation_keeps_the_edges_of_phrases():
    score = tune(16)
    done = vary(score, 0.5, **WAYS)
    bars = {bar for numbers in done.filled.values() for bar in numbers}
    assert bars
    assert not {bar - 1 for bar in bars} & phrase_edges(score)


def test_a_quartet_has_four_players_in_their_ranges_and_the_same_tune():
    done = arrange(tune(), "string quartet", **WAYS)
    assert [part.instrument for part in done.score.parts] == ["violin", "violin", "viola", "cello"]
    assert np.array_equal(done.score.parts[0].notes["pitch"], tune().parts[0].notes["pitch"])
    from yuefu.theory.instruments import INSTRUMENTS

    for part in done.score.parts:
        player = INSTRUMENTS[part.instrument]
        assert part.notes["pitch"].min() >= player.low
        assert part.notes["pitch"].max() <= player.high


def test_a_lead_sheet_is_the_tune_and_chords_and_nothing_new():
    done = arrange(tune(), "lead sheet", **WAYS)
    assert len(done.score.parts) == 1
    assert done.added == 0
    assert done.score.chords
    assert all(part.role in NOTE_ROWS for part in done.score.parts)
