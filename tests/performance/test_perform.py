"""What a performance must do to a score, whatever the score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.performance.perform import perform
from yuefu.score.model import (
    ChordSpan,
    Direction,
    MeterChange,
    Part,
    Score,
    Section,
    TempoChange,
    make_notes,
)
from yuefu.score.performed import Performance
from yuefu.theory.chord import Chord

HARMONY = (Chord(0), Chord(9, "m"), Chord(5), Chord(7))
ROLES = ("melody", "counter", "inner", "bass", "keys", "pad", "drums")


def even_notes(
    bars: int = 8, step: int = 12, pitch: int = 67, first_id: int = 1
) -> list[tuple[int, int, int, int, int]]:
    """Equal notes on one pitch: what differs when played is the player's doing."""
    return [(first_id + i, i * step, step, pitch, 80) for i in range(bars * 96 // step)]


def band(bars: int = 8, bpm: float = 110.0, **metadata: object) -> Score:
    """Melody, piano chords, bass and a rock beat."""
    keys, drums = [], []
    for beat in range(bars * 4):
        keys += [(1000 + beat * 3 + i, beat * 24, 24, pitch, 80) for i, pitch in enumerate((60, 64, 67))]
    for eighth in range(bars * 8):
        drums.append((3000 + eighth * 2, eighth * 12, 6, 42, 80))
        if eighth % 2 == 0:
            drums.append((3001 + eighth * 2, eighth * 12, 6, 38 if eighth % 4 == 2 else 36, 80))
    return Score(
        parts=(
            Part("m", "Voice", "melody", 52, notes=make_notes(even_notes(bars))),
            Part("k", "Piano", "keys", 0, notes=make_notes(keys)),
            Part("b", "Bass", "bass", 33, notes=make_notes(even_notes(bars, 24, 36, 2000))),
            Part("d", "Drums", "drums", 0, notes=make_notes(sorted(drums, key=lambda note: (note[1], note[3])))),
        ),
        chords=tuple(
            ChordSpan(bar * 96, 96, Chord((0, 9, 5, 7)[bar % 4], "m" if bar % 4 == 1 else "")) for bar in range(bars)
        ),
        tempos=(TempoChange(0, bpm),),
        metadata=dict(metadata),
    )


def deviations(played: Performance, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """How far onsets and ends are from where they are written, in ticks."""
    notes = played.notes[part.id]
    ends = part.notes["start"] + part.notes["duration"]
    return notes["start"] - part.notes["start"], notes["start"] + notes["duration"] - ends


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """Small scores with any roles, metres, tempi and notes."""
    numerator, denominator = draw(st.sampled_from([(4, 4), (3, 4), (6, 8), (2, 2), (7, 8), (5, 4)]))
    parts = []
    for index, role in enumerate(draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=4))):
        rows = draw(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 100), st.integers(24, 100)), max_size=25))
        rows = sorted(set(rows), key=lambda row: (row[0], row[2], row[1]))
        notes = make_notes([(index * 1000 + i, *row[:2], row[2], 70) for i, row in enumerate(rows)])
        parts.append(Part(f"p{index}", role, role, draw(st.sampled_from([0, 24, 33, 40, 73])), notes=notes))
    return Score(
        parts=tuple(parts),
        meters=(MeterChange(0, numerator, denominator),),
        tempos=(TempoChange(0, draw(st.floats(20, 300))),),
        pickup=draw(st.sampled_from([0, 12, 24])),
        metadata={"style": draw(st.sampled_from(["", "pop", "jazz", "romantic", "electronic", "unknown"]))},
    )


@settings(max_examples=60, deadline=None)
@given(scores(), st.integers(0, 2**33))
def test_whatever_is_played_stays_readable_as_the_score(score: Score, seed: int) -> None:
    """Ids and pitches are kept; onsets and ends stay within 0.45 tick; velocities are MIDI's; tempi are sorted."""
    played = perform(score, seed=seed)
    for part in score.parts:
        notes = played.notes[part.id]
        assert notes["id"].tolist() == part.notes["id"].tolist()
        assert notes["pitch"].tolist() == part.notes["pitch"].tolist()
        if not len(notes):
            continue
        onset, end = deviations(played, part)
        assert np.abs(onset).max() < 0.45
        assert np.abs(end).max() < 0.45
        assert notes["start"].min() >= 0
        assert notes["duration"].min() > 0
        assert 1 <= notes["velocity"].min() <= notes["velocity"].max() <= 127
    ticks = [change.tick for change in played.tempos]
    assert ticks[0] == 0
    assert ticks == sorted(set(ticks))
    assert min(change.bpm for change in played.tempos) > 0


def test_the_same_seed_plays_the_same_and_another_differs() -> None:
    """Determinism, and a seed that matters."""
    score = band()
    first, again, other = (perform(score, seed=seed) for seed in (3, 3, 4))
    for part in score.parts:
        assert first.notes[part.id].tobytes() == again.notes[part.id].tobytes()
        assert first.notes[part.id].tobytes() != other.notes[part.id].tobytes()


def test_adding_a_part_leaves_the_others_playing_alike() -> None:
    """A player's unevenness is his own: the drummer doesn't change the singer."""
    score = band()
    without = perform(replace(score, parts=score.parts[:3]), energy=[0.5], seed=5)
    assert without.notes["m"].tobytes() == perform(score, energy=[0.5], seed=5).notes["m"].tobytes()


def test_no_part_is_flat() -> None:
    """Every part's loudness varies by some units, and its timing by some thousandths of a beat."""
    score = band()
    played = perform(score, seed=1)
    for part in score.parts:
        assert played.notes[part.id]["velocity"].std() > 3
        assert deviations(played, part)[0].std() > 0.02


@pytest.mark.parametrize("part_id", ["k", "b"])
def test_bar_lines_are_louder_than_weak_beats(part_id: str) -> None:
    """Accompaniments accent the metre."""
    score = band(16)
    notes = perform(score, seed=2, energy=[0.5]).notes[part_id]
    place = np.rint(notes["start"]).astype(int) % 96
    assert notes["velocity"][place == 0].mean() > notes["velocity"][np.isin(place, (24, 72))].mean() + 3


def test_the_lead_is_louder_than_its_companions() -> None:
    """Roles are balanced."""
    played = perform(band(), seed=1)
    assert played.notes["m"]["velocity"].mean() > played.notes["k"]["velocity"].mean() + 5


def test_the_top_of_a_chord_sings() -> None:
    """Chord voicing: the top note is louder than those in the middle."""
    notes = perform(band(), seed=1).notes["k"]
    assert notes["velocity"][notes["pitch"] == 67].mean() > notes["velocity"][notes["pitch"] == 64].mean() + 5


def test_energy_makes_bars_louder_for_everybody() -> None:
    """Energy 0.9 in the second half is heard in every part."""
    score = band(8)
    played = perform(score, energy=[0.2] * 4 + [0.9] * 4, seed=1)
    for notes in played.notes.values():
        late = notes["start"] > 4 * 96
        assert notes["velocity"][late].mean() > notes["velocity"][~late].mean() + 10


def test_a_chorus_is_louder_than_a_verse_unasked() -> None:
    """Sections suggest energy where none is given."""
    score = replace(band(8), sections=(Section(0, 384, "A", "verse"), Section(384, 384, "B", "chorus")))
    notes = perform(score, seed=1).notes["m"]
    late = notes["start"] > 384
    assert notes["velocity"][late].mean() > notes["velocity"][~late].mean() + 4


def test_dynamics_marks_are_obeyed_and_crescendi_grow() -> None:
    """pp is far softer than ff, and a crescendo rises in between."""
    marks = (Direction(0, "dynamic", "pp"), Direction(192, "words", "cresc."), Direction(576, "dynamic", "ff"))
    score = band(8)
    score = replace(score, parts=(replace(score.parts[0], directions=marks), *score.parts[1:]))
    notes = perform(score, seed=1, energy=[0.5]).notes["m"]
    soft, growing, loud = (
        notes["velocity"][(notes["start"] >= low) & (notes["start"] < high)].mean()
        for low, high in ((0, 180), (340, 430), (576, 768))
    )
    assert soft + 10 < growing < loud - 10


def test_phrases_swell_and_fall() -> None:
    """Past the middle of a phrase is louder than its beginning and its end."""
    score = band(8)
    velocity = np.mean([perform(score, seed=s, energy=[0.5]).notes["m"]["velocity"] for s in range(8)], axis=0)
    ticks = score.parts[0].notes["start"] % 384
    middle = velocity[(ticks > 170) & (ticks < 300)].mean()
    assert middle > velocity[ticks < 48].mean() + 2
    assert middle > velocity[ticks > 336].mean() + 2


def test_swing_moves_off_beats_and_nothing_else() -> None:
    """At full swing off-beat eighths land on the last triplet; beats stay."""
    score = band(8, swing=1.0)
    onset, _ = deviations(perform(score, seed=1), score.parts[0])
    off_beat = score.parts[0].notes["start"] % 24 == 12
    assert np.abs(onset[off_beat] - 4).max() < 0.45
    assert np.abs(onset[~off_beat]).max() < 0.45


def test_swing_leaves_written_triplets_and_compound_metres_alone() -> None:
    """What is a triplet already isn't swung twice."""
    triplets = make_notes([(i + 1, i * 8, 8, 60, 80) for i in range(48)])
    score = Score(parts=(Part("m", "m", notes=triplets),), metadata={"swing": 1.0})
    assert np.abs(deviations(perform(score), score.parts[0])[0]).max() < 0.45
    eighths = make_notes([(i + 1, i * 12, 12, 60, 80) for i in range(48)])
    score = Score(parts=(Part("m", "m", notes=eighths),), metadata={"swing": 1.0}, meters=(MeterChange(0, 6, 8),))
    assert np.abs(deviations(perform(score), score.parts[0])[0]).max() < 0.45


@pytest.mark.parametrize("swing", ["much", None, float("nan"), -3, [1]])
def test_senseless_swing_is_played_straight(swing: object) -> None:
    """Metadata comes from files: nonsense there isn't an error."""
    score = band(2, swing=swing)
    assert np.abs(deviations(perform(score), score.parts[0])[0]).max() < 0.45


def test_drummers_play_back_beats_louder_than_ghost_notes() -> None:
    """The drum feel knows where a snare is struck hard."""
    snare = make_notes([(i + 1, i * 6, 6, 38, 80) for i in range(16 * 16)])
    score = Score(parts=(Part("d", "Drums", "drums", notes=snare),), metadata={"style": "funk"})
    velocity = perform(score, energy=[0.5], seed=1).notes["d"]["velocity"]
    place = snare["start"] % 96
    assert velocity[np.isin(place, (24, 72))].mean() > velocity[place % 12 == 6].mean() + 15


def test_machines_are_tighter_than_jazz_drummers() -> None:
    """Electronic styles stay near the grid."""
    score = band(8)
    spread = {
        style: deviations(perform(score, style=style), score.parts[3])[0].std() for style in ("electronic", "jazz")
    }
    assert spread["electronic"] < 0.4 * spread["jazz"]


def test_guitar_chords_are_strummed() -> None:
    """On the beat the low string comes first; a piano's notes come nearly together."""
    score = band(8)
    guitar = replace(score, parts=(replace(score.parts[1], program=25),))
    notes = perform(guitar, seed=1, style="folk").notes["k"]
    start = {pitch: notes["start"][notes["pitch"] == pitch] for pitch in (60, 67)}
    assert (start[67] - start[60]).mean() > 0.3


def test_repeated_notes_are_apart() -> None:
    """A note ends before the next of its pitch starts, so that each is struck."""
    score = band(4)
    for part in score.parts:
        notes = perform(score, seed=1).notes[part.id]
        for pitch in np.unique(notes["pitch"]):
            own = notes[notes["pitch"] == pitch]
            assert (own["start"][1:] > (own["start"] + own["duration"])[:-1]).all()


def test_a_ballad_slows_down_and_a_dance_does_not() -> None:
    """The ritardando falls steadily in the last bars alone; ticks stay."""
    score = band(16, bpm=72.0)
    slow = perform(score, style="ballad").tempos
    speeds = [change.bpm for change in slow if change.tick >= 13 * 96]
    assert len(speeds) > 4
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] < 0.65 * 72
    assert all(change.bpm == 72.0 for change in slow if change.tick < 13 * 96)
    assert perform(score, style="disco").tempos == score.tempos
    assert perform(score, style="ballad", ritardando=False).tempos == score.tempos
    assert perform(score, style="disco", ritardando=True).tempos != score.tempos


def test_a_slowing_can_be_held_within_a_share_of_the_piece() -> None:
    """A short piece whose duration was asked for slows down less, but still slows down; a long one as ever."""
    short, long = band(8, bpm=72.0), band(48, bpm=72.0)
    for score in (short, long):
        free, held = (perform(score, style="ballad", longer=share).tempos for share in (None, 0.03))
        assert replace(score, tempos=held).duration <= 1.03 * score.duration
        assert held != score.tempos
        assert (held == free) == (score is long)
    assert perform(short, style="ballad", longer=0.0).tempos == short.tempos


def test_the_pedal_changes_with_the_chords() -> None:
    """Up at a new chord, down again just after; always up at the end."""
    score = band(8)
    events = perform(score, style="ballad").pedals["k"]
    assert [down for _, down in events] == [True, False] * 8
    presses = [tick for tick, down in events if down]
    assert all(0 < tick % 96 < 6 for tick in presses)
    assert "k" not in perform(score, style="baroque").pedals


def test_scales_are_not_pedalled() -> None:
    """A run under one pedal would blur."""
    scale = make_notes([(i + 1, i * 12, 12, 48 + i % 8, 80) for i in range(64)])
    score = replace(band(8), parts=(Part("k", "Piano", "keys", 0, notes=scale),))
    assert not perform(score, style="pop").pedals


def test_an_empty_score_can_be_performed() -> None:
    """Nothing to play is no error."""
    assert perform(Score()).notes == {}
    assert len(perform(Score(parts=(Part("m", "m"),))).notes["m"]) == 0


@pytest.mark.parametrize("energy", [[], [float("nan"), 5.0, -3.0], [0.5] * 900])
def test_any_list_of_energies_is_accepted(energy: list[float]) -> None:
    """Too few repeat the last, too many are cut, values out of 0..1 are clipped."""
    notes = perform(band(4), energy=energy).notes["m"]
    assert 1 <= notes["velocity"].min() <= notes["velocity"].max() <= 127


def test_a_pianist_alone_lets_the_tune_sing_most_of_all_where_it_is_soft() -> None:
    """A tune in the same hands as its chords is louder than they are, and further above them at pp than at f."""
    tune = [(i + 1, i * 24, 24, 74, 80) for i in range(32)]
    under = [(100 + 3 * i + j, i * 48 + 12, 24, 48 + 4 * j, 80) for i in range(16) for j in range(3)]
    gaps = {}
    for mark in ("pp", "f"):
        part = Part(
            "P1", "Piano", role="keys", notes=make_notes(tune + under), directions=(Direction(0, "dynamic", mark),)
        )
        played = perform(Score(parts=(part,)), seed=2, energy=[0.5]).notes["P1"]
        above = played["pitch"] == 74
        gaps[mark] = played["velocity"][above].mean() - played["velocity"][~above].mean()
    assert 4 < gaps["f"] < gaps["pp"] - 6
