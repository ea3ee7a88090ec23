"""Damaged files: whatever the bytes, a reader answers quickly with a score or one clear sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuefu.errors import YuefuError
from yuefu.score.abc_read import read_abc
from yuefu.score.abc_write import abc_text
from yuefu.score.files import score_from_json, score_to_json
from yuefu.score.midi import midi_bytes, read_midi
from yuefu.score.model import ChordSpan, MeterChange, Part, Score, Section, Syllable, make_notes
from yuefu.theory.chord import Chord

fuzz = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@cache
def song() -> Score:
    """A song with everything that the formats carry."""
    rows = [(i + 1, 24 + 16 * i, 16, 60 + i % 7, 80) for i in range(20)]
    words = tuple(Syllable(i + 1, text, line_end=i == 4) for i, text in enumerate("春天的气息弥漫在空气中"))
    drums = make_notes([(100 + i, 24 * i, 12, 36 + i % 3, 90) for i in range(12)])
    return Score(
        title="Spring",
        parts=(Part("P1", "Voice", notes=make_notes(rows), syllables=words), Part("P2", "Drums", "drums", notes=drums)),
        chords=(ChordSpan(24, 96, Chord(0)), ChordSpan(120, 96, Chord(7, "7", 11))),
        sections=(Section(0, 120, "A", "verse"), Section(120, 144, "B", "chorus")),
        meters=(MeterChange(0, 4, 4), MeterChange(216, 3, 4)),
        pickup=24,
    )


@cache
def sources() -> dict[str, bytes]:
    repeats = (
        "X:1\nT:Air\nP:AB\nM:6/8\nL:1/8\nQ:3/8=100\nK:Dmix\nV:1\nP:A\n"
        "|:(3ABc d>e [FA]2|1{g}d3-d3:|2 [K:G]_B3 z3||\nw: a-b c~d * _ |\n"
    )
    return {
        "midi": midi_bytes(song()),
        "json": score_to_json(song()),
        "abc": abc_text(song()).encode(),
        "abc repeats": repeats.encode(),
    }


def abc_reader(data: bytes) -> Score:
    return read_abc(data.decode("latin-1"))


READERS: dict[str, Callable[[bytes], Score]] = {
    "midi": read_midi,
    "json": score_from_json,
    "abc": abc_reader,
    "abc repeats": abc_reader,
}
edits = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(("set", "cut", "copy")), st.binary(max_size=4)),
    min_size=1,
    max_size=8,
)


def mutated(data: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    for place, kind, fresh in changes:
        at = int(place * len(data))
        if kind == "set":
            data = data[:at] + fresh + data[at + len(fresh) :]
        elif kind == "cut":
            data = data[:at] + data[at + 1 + len(fresh) * 8 :]
        else:
            data = data[:at] + data[max(at - 16 * len(fresh), 0) : at] + fresh + data[at:]
    return data


def outcome(reader: Callable[[bytes], Score], data: bytes) -> Score | None:
    began = time.process_time()
    score, sentence = None, ""
    try:
        score = reader(data)
    except YuefuError as error:
        sentence = str(error)
    if score is not None:
        assert len(score.bars) >= 1
        assert score.duration >= 0
    assert "\n" not in sentence
    assert len(sentence) < 1500
    assert time.process_time() - began < 5
    return score


@pytest.mark.parametrize("kind", READERS)
def test_the_unharmed_source_reads(kind: str) -> None:
    assert outcome(READERS[kind], sources()[kind]) is not None


@pytest.mark.parametrize("kind", READERS)
@fuzz
@given(changes=edits)
def test_mutated_files_raise_nothing_but_our_own_errors(kind: str, changes: list[tuple[float, str, bytes]]) -> None:
    score = outcome(READERS[kind], mutated(sources()[kind], changes))
    if score is not None:  # and what was read can be written
        assert midi_bytes(score)
        assert abc_text(score)


@pytest.mark.parametrize("kind", ["midi", "json"])
@fuzz
@given(data=st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_our_own_errors(kind: str, data: bytes) -> None:
    outcome(READERS[kind], {"midi": b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\xc8", "json": b"{"}[kind] + data)


@fuzz
@given(body=st.text(alphabet="ABcd^_=',/0123456789>-<|:[]\"(){}!&zZ~wKMLQPV \n%\\+*", max_size=120))
def test_random_music_lines_raise_nothing_but_our_own_errors(body: str) -> None:
    outcome(abc_reader, f"X:1\nM:4/4\nL:1/8\nK:C\n{body}\n".encode())
