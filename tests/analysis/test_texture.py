"""Who plays when, and what collides."""

from __future__ import annotations

import pytest

from yuefu.analysis.texture import describe, hand_stretches, range_violations
from yuefu.score.model import Score, Section, make_notes

from .music import BAR, line, part, piece, progression


def chord(pitches: list[int], tick: int = 0, first_id: int = 1) -> list[tuple[int, int, int, int, int]]:
    """Notes struck together."""
    return [(first_id + i, tick, 48, pitch, 80) for i, pitch in enumerate(pitches)]


def test_part_facts_of_a_known_part() -> None:
    """Range, density, activity and polyphony of block chords."""
    keys = describe(progression("C F")).parts[1]
    assert (keys.low, keys.high, keys.density, keys.active, keys.polyphony) == (60, 69, 3.0, 1.0, 3.0)
    assert keys.mean_duration == 4.0


def test_hands_reach_two_octave_chords_but_not_three_clusters() -> None:
    """An octave in each hand is fine; notes in three far registers aren't."""
    fine = make_notes(chord([36, 48, 72, 84]))
    wide = make_notes(chord([36, 60, 84]))
    assert hand_stretches(fine) == ([], 1)
    found, _ = hand_stretches(wide)
    assert [stretch.span for stretch in found] == [24]


def test_stretches_of_keyboards_only() -> None:
    """The same chord is out of reach on a piano and no matter for a pad of strings."""
    notes = make_notes(chord([36, 60, 84]))
    assert describe(piece(part("keys", notes, 0))).reachable == 0.0
    assert describe(piece(part("pad", notes, 48))).reachable == 1.0


def test_voice_crossings() -> None:
    """A bass above the melody crosses; below it doesn't."""
    melody = part("melody", line([60, 62, 64, 65], [24] * 4))
    below = part("bass", line([48] * 4, [24] * 4, 0, 50))
    above = part("bass", line([72] * 4, [24] * 4, 0, 50))
    assert describe(piece(melody, below)).crossings == 0.0
    assert describe(piece(melody, above)).crossings == 1.0


def test_collisions_on_beats() -> None:
    """Semitones and unisons between parts on beats count, octaves don't."""
    melody = part("melody", line([60, 60, 60, 60], [24] * 4))
    other = part("counter", line([61, 60, 72, 64], [24] * 4, 0, 50))
    assert describe(piece(melody, other)).collisions == 2.0


def test_rows_by_section() -> None:
    """Each section lists the rows that sound in it."""
    melody = part("melody", line([60] * 4, [24] * 4, BAR))
    bass = part("bass", line([36, 36], [BAR, BAR], 0, 50))
    sections = (Section(0, BAR, "A"), Section(BAR, BAR, "B"))
    assert describe(piece(melody, bass), sections).active == (("bass",), ("melody", "bass"))


def test_notes_out_of_range_are_listed() -> None:
    """Ids of notes below or above the instrument."""
    assert range_violations(line([50, 60, 90], [24] * 3), 55, 84) == (1, 3)


def test_extremes_have_a_texture(extreme: Score) -> None:
    """Any score is described, with shares in range."""
    texture = describe(extreme)
    assert 0 <= texture.crossings <= 1
    assert 0 <= texture.reachable <= 1
    assert texture.collisions == pytest.approx(texture.collisions)
    assert len(texture.parts) == len(extreme.parts)
