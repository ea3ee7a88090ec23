"""From one phrase to another: the ends are the originals, what lies between is in key, on the grid and singable."""

import numpy as np
import pytest

from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.score.files import read_score, write_score
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, TempoChange, make_notes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.workflows.morph import difference, morph, morph_files, split_stretch

pytestmark = pytest.mark.model

ONE = [67, 69, 71, 74, 72, 71, 69, 67, 64, 67, 69, 71, 67]
OTHER = [74, 72, 71, 69, 67, 69, 71, 72, 74, 76, 74, 71, 67]


def song(line: list[int], key: int = 1, bpm: float = 96.0, meter: tuple[int, int] = (4, 4), bars: int = 8) -> Score:
    """A tune of quarters (a triplet in the second bar), a bass, and drums."""
    ticks = meter[0] * 96 // meter[1]
    notes, bass, drums, number = [], [], [], 1
    shift = Key(key).shift - Key(1).shift
    for bar in range(bars):
        for beat in range(ticks // 24):
            notes.append((number, bar * ticks + beat * 24, 24, line[(bar * 4 + beat) % len(line)] + shift, 80 + beat))
            drums.append((number + 5000, bar * ticks + beat * 24, 6, 36 if beat % 2 == 0 else 38, 90))
            number += 1
        bass.append((number + 2000, bar * ticks, ticks, 43 + shift, 70))
        number += 1
    notes[5] = (notes[5][0], notes[5][1] + 8, 16, notes[5][3], 99)
    parts = (
        Part("P1", "Flute", "melody", 73, "flute", notes=make_notes(notes)),
        Part("P2", "Bass", "bass", 33, "electric_bass", notes=make_notes(bass)),
        Part("P3", "Drums", "drums", 0, "drums", notes=make_notes(drums)),
    )
    chords = tuple(ChordSpan(bar * ticks, ticks, Chord((7 + shift + (0, 5)[bar % 2]) % 12)) for bar in range(bars))
    return Score(
        title="One", parts=parts, chords=chords, keys=(KeyChange(0, Key(key)),), tempos=(TempoChange(0, bpm),),
        meters=(MeterChange(0, *meter),), length=bars * ticks,
    )  # fmt: skip


def stretch(score: Score, part: int, start: int, length: int) -> list[tuple[int, ...]]:
    notes = score.parts[part].notes
    inside = notes[(notes["start"] >= start) & (notes["start"] < start + length)]
    return [(int(n["start"]) - start, int(n["duration"]), int(n["pitch"]), int(n["velocity"])) for n in inside]


def test_both_ends_are_the_originals_and_the_tempo_moves_along():
    """The first four bars are A's, note for note with their loudness and triplet; the last four B's in A's key."""
    a, b = song(ONE), song(OTHER, key=-2, bpm=120.0)
    made = morph(a, b, 7, bars=("1-4", "5-8"))
    assert len(made.phrases) == 7
    assert made.score.length == 7 * 384
    assert stretch(made.score, 0, 0, 384) == stretch(a, 0, 0, 384)
    by = made.moved
    assert by == (Key(1).tonic - Key(-2).tonic + 6) % 12 - 6
    wanted = [(s, d, p + by, v) for s, d, p, v in stretch(b, 0, 384, 384)]
    assert stretch(made.score, 0, 6 * 384, 384) == wanted
    assert [change.bpm for change in made.score.tempos][:: len(made.score.tempos) - 1] == [96.0, 120.0]
    assert all(x.bpm < y.bpm for x, y in zip(made.score.tempos, made.score.tempos[1:], strict=False))
    assert [section.letter for section in made.score.sections] == ["A", "A1", "A2", "A3", "A4", "A5", "B"]
    assert made.bent == 1


def test_between_the_ends_everything_is_on_the_grid_in_the_key_and_changes_little_by_little():
    made = morph(song(ONE), song(OTHER), 7, bars=("1-4", "1-4"))
    scale = {(7 + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
    notes = made.score.parts[0].notes
    inner = notes[(notes["start"] >= 384) & (notes["start"] < 6 * 384)]
    assert len(inner) > 20
    assert (inner["start"] % 6 == 0).all()
    assert np.mean([int(pitch) % 12 in scale for pitch in inner["pitch"]]) > 0.9
    assert (np.sort(notes["start"])[1:] > np.sort(notes["start"])[:-1]).all()
    a, b = made.phrases[0], made.phrases[-1]
    assert difference(a, made.phrases[1]) < difference(a, made.phrases[5])
    assert difference(made.phrases[5], b) < difference(made.phrases[1], b)


def test_the_band_changes_in_the_middle_or_stays_out():
    """Who accompanies is A's up to the middle and B's from there; alone, only the row is heard."""
    made = morph(song(ONE), song(OTHER), 5, bars=("1-4", "1-4"))
    assert [part.role for part in made.score.parts] == ["melody", "bass", "drums", "bass", "drums"]
    starts = [(part.notes["start"].min(), part.notes["start"].max()) for part in made.score.parts]
    assert starts[1][1] < 2 * 384 <= starts[3][0]
    ids = np.concatenate([part.notes["id"] for part in made.score.parts])
    assert len(set(ids.tolist())) == len(ids)
    alone = morph(song(ONE), song(OTHER), 5, bars=("1-4", "1-4"), band=False)
    assert len(alone.score.parts) == 1


@pytest.mark.parametrize("row", ["bass", "drums"])
def test_basses_and_drums_can_be_morphed_too(row):
    made = morph(song(ONE), song(OTHER), 3, row, ("1-2", "3-4"))
    assert made.score.parts[0].role == row
    assert made.facts()["bars"] == [[1, 2], [3, 4]]
    assert made.picture("zh").startswith(b"\x89PNG")


def test_one_seed_one_result():
    one, again, other = (
        morph(song(ONE), song(OTHER), 5, bars=("1-4", "1-4"), temperature=1.0, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.score.parts[0].notes, again.score.parts[0].notes)
    assert not np.array_equal(one.score.parts[0].notes, other.score.parts[0].notes)


def test_files_with_bars_are_read_and_written(tmp_path):
    place = tmp_path / "one.mid"
    write_score(song(ONE), place)
    made = morph_files(f"{place}:1-4", f"{place}:5-8", steps=3)
    made.save(tmp_path / "morph.musicxml")
    assert read_score(tmp_path / "morph.musicxml").note_count == made.score.note_count
    assert split_stretch("a:b.mid:3") == (type(place)("a:b.mid"), "3")


def test_what_cannot_be_morphed_is_said_in_a_sentence():
    """Other metres, lengths, rows that nobody plays, bars that aren't there, too many steps."""
    a, b = song(ONE), song(OTHER)
    with pytest.raises(InputError, match=r"4/4.*3/4"):
        morph(a, song(OTHER, meter=(3, 4)), bars=("1-4", "1-4"))
    with pytest.raises(InputError, match="4 bars, the other 2"):
        morph(a, b, bars=("1-4", "1-2"))
    with pytest.raises(InputError, match="aren't in the piece"):
        morph(a, b, bars=("1-4", "9-12"))
    with pytest.raises(InputError, match="at most 8"):
        morph(song(ONE, bars=12), b, bars=("1-9", ""))
    with pytest.raises(UnknownNameError, match="melody"):
        morph(a, b, row="keys")
    with pytest.raises(LimitError, match="3 to 33"):
        morph(a, b, steps=2)
    silent = Score(parts=a.parts[1:], chords=a.chords, length=a.length)
    with pytest.raises(InputError, match="nobody plays melody"):
        morph(silent, b)
    with pytest.raises(InputError, match="no notes"):
        morph(Score(), b)
