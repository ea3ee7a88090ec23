"""Roles guessed for parts that don't say what they play."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yuefu.score.model import NOTE_ROWS, Part, make_notes
from yuefu.score.overlaps import trim_overlaps
from yuefu.score.roles import assign_roles, guess_role, polyphony


def line(pitch: int, count: int = 4) -> Part:
    notes = make_notes([(i + 1, 24 * i, 24, pitch + i % 3, 80) for i in range(count)])
    return Part(f"P{pitch}", "", notes=notes)


def block(low: int, program: int = 0) -> Part:
    notes = make_notes([(3 * i + j, 24 * i, 24, low + 4 * j, 80) for i in range(4) for j in range(3)])
    return Part(f"B{low}", "", program=program, notes=notes)


def test_four_voices_of_a_choir_get_four_rows() -> None:
    assert [p.role for p in assign_roles([line(72), line(65), line(57), line(43)])] == [
        "melody",
        "counter",
        "inner",
        "bass",
    ]


def test_a_band_gets_its_rows_from_sounds_and_names() -> None:
    bass, keys, pad = line(40), block(55), block(60, program=48)
    voice = Part("V", "主旋律", notes=line(60).notes)
    flute = line(84)
    assert [p.role for p in assign_roles([keys, bass, pad, flute, voice])] == [
        "keys",
        "bass",
        "pad",
        "counter",
        "melody",
    ]


def test_a_lone_piano_leads() -> None:
    assert [part.role for part in assign_roles([block(60)])] == ["melody"]


def test_drums_on_another_channel_are_not_drums() -> None:
    assert guess_role(line(50).notes, name="Steel Drums", program=114) != "drums"


def test_fixed_roles_stay() -> None:
    parts = assign_roles([line(80), line(60)], frozenset({0}))
    assert [part.role for part in parts] == ["melody", "counter"]


def test_polyphony_counts_what_sounds_at_once() -> None:
    assert polyphony(make_notes()) == 0.0
    assert polyphony(line(60).notes) == 1.0
    assert polyphony(block(60).notes) == 3.0
    assert polyphony(make_notes([(1, 0, 48, 60, 80), (2, 24, 24, 64, 80), (3, 96, 24, 65, 80)])) == 4 / 3


rows = st.lists(
    st.tuples(st.just(0), st.integers(0, 50), st.integers(1, 40), st.integers(60, 62), st.just(80)), max_size=20
)


@given(rows)
def test_every_part_gets_a_known_role_and_every_pitch_sounds_once_at_a_time(found: list[tuple[int, ...]]) -> None:
    notes = trim_overlaps(make_notes(found))  # type: ignore[arg-type]
    assert guess_role(notes) in NOTE_ROWS
    sounding = [(t, n["pitch"]) for n in notes for t in range(n["start"], n["start"] + n["duration"])]
    assert len(set(sounding)) == len(sounding)
    assert set(zip(notes["start"].tolist(), notes["pitch"].tolist())) == {(s, p) for _, s, _, p, _ in found}
