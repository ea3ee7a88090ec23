"""The bench's own readers see what a file says, and a wish that a file breaks is seen to be broken."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mido
import pytest
from lxml import etree

from yuefu.evaluation.adherence import GUARANTEED, verdicts
from yuefu.evaluation.briefs import Wish
from yuefu.evaluation.written import WrittenPiece, WrittenPlayer, heard_key
from yuefu.evaluation.written_midi import written_midi
from yuefu.evaluation.written_musicxml import written_musicxml
from yuefu.score.midi import midi_bytes
from yuefu.score.model import (
    ChordSpan,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
)
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

BARS, BAR = 8, 72
WORDS = ("To", "mor", "row", "is", "a", "gol", "den", "door")
WISH = Wish(
    options={"lyrics": "Tomorrow is a golden door"},
    meant={
        "key": "Eb major", "tempo": 92.0, "meter": "3/4", "bars": 8, "duration": 15.7, "form": "A B",
        "instruments": ["voice", "piano", "drums"], "without": ["bass"], "chords": [["Eb"], ["Fm7"]],
    },
    words={},
    syllables=WORDS,
)  # fmt: skip


def piece() -> Score:
    """Eight bars of 3/4 in E flat as wished: a sung tune, chords on the piano, a drum."""
    tune = make_notes([(1 + i, i * BAR, 48, 67 if i % 2 == 0 else 68, 80) for i in range(BARS)])
    kinds = ("begin", "middle", "end", "single", "single", "begin", "end", "single")
    sung = tuple(Syllable(1 + i, text, kind) for i, (text, kind) in enumerate(zip(WORDS, kinds)))
    keys = make_notes(
        [(100 + 4 * i + n, i * BAR, BAR, pitch, 70)
         for i in range(BARS) for n, pitch in enumerate((51, 55, 58) if i % 2 == 0 else (53, 56, 60, 63))]
    )  # fmt: skip
    drum = make_notes([(200 + i, i * BAR, 12, 36, 90) for i in range(BARS)])
    chords = [Chord(3, ""), Chord(5, "m7")]
    return Score(
        parts=(
            Part("P1", "voice", "melody", 53, "voice", tune, sung),
            Part("P2", "piano", "keys", 0, "piano", keys),
            Part("P3", "drum kit", "drums", 0, "drums", drum),
        ),
        chords=tuple(ChordSpan(i * BAR, BAR, chords[i % 2]) for i in range(BARS)),
        sections=(Section(0, 4 * BAR, "A"), Section(4 * BAR, 4 * BAR, "B")),
        tempos=(TempoChange(0, 92.0),),
        keys=(KeyChange(0, Key(-3)),),
        meters=(MeterChange(0, 3, 4),),
        length=BARS * BAR,
    )


def broken(found: WrittenPiece) -> set[str]:
    """The promises that a piece breaks."""
    return {name for name, verdict in verdicts(WISH, found).items() if name in GUARANTEED and not verdict.met}


def test_both_readers_see_the_same_and_find_every_wish_met() -> None:
    midi, score = written_midi(midi_bytes(piece())), written_musicxml(musicxml_bytes(piece()))
    for found in (midi, score):
        assert broken(found) == set()
        assert set(verdicts(WISH, found)) == {*GUARANTEED, "key heard", "chords heard"}
        assert found.bars == BARS
        assert found.seconds == pytest.approx(BARS * 3 * 60 / 92, abs=0.01)
        assert found.words == ("Tomorrow", "is", "a", "golden", "door")
        assert found.harmonies_in(1) == [(5, "m7", None)]
        assert found.marks == ((0, "A"), (4, "B"))
        assert verdicts(WISH, found)["chords heard"].met
    for one, two in zip(midi.players, score.players):
        assert (one.name, one.program) == (two.name, two.program)
        if one.program is not None:
            assert sorted(one.notes) == sorted(two.notes)


def _conductor(change: Callable[[Any], Any]) -> bytes:
    """The MIDI with each message of its first track changed."""
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(piece())), charset="utf-8")
    file.tracks[0] = mido.MidiTrack(change(message) for message in file.tracks[0])
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "told", "breaks"),
    [
        ("key_signature", {"key": "Bb"}, {"key"}),
        ("key_signature", {"key": "Ebm"}, {"key"}),
        ("set_tempo", {"tempo": round(60e6 / 93)}, {"tempo"}),
        ("time_signature", {"numerator": 4}, {"meter", "bars", "chords"}),
        ("marker", {"text": "A"}, {"form"}),
    ],
)
def test_what_is_wrong_in_a_midi_file_is_seen(kind: str, told: dict[str, Any], breaks: set[str]) -> None:
    data = _conductor(lambda message: message.copy(**told) if message.type == kind else message)
    assert broken(written_midi(data)) == breaks


def test_a_bar_missing_from_a_midi_file_is_seen() -> None:
    score = piece()
    short = [part.with_notes(part.notes[part.notes["start"] < 7 * BAR]) for part in score.parts]
    sections = (score.sections[0], replace(score.sections[1], duration=3 * BAR))
    cut = replace(score, parts=tuple(short), chords=score.chords[:7], sections=sections, length=7 * BAR)
    assert broken(written_midi(midi_bytes(cut))) == {"bars", "duration", "lyrics"}
    cut = replace(score, parts=score.parts, length=7 * BAR + 24, chords=score.chords[:7], sections=sections)
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(cut)))
    file.tracks[0][-1].time = 0
    out = io.BytesIO()
    file.save(file=out)
    assert "whole bars" in broken(written_midi(out.getvalue()))


def test_the_midis_private_texts_are_not_listened_to() -> None:
    data = _conductor(lambda m: m.copy(text="yuefu: {}") if m.type == "text" and m.text.startswith("yuefu") else m)
    assert broken(written_midi(data)) == set()
    data = _conductor(lambda m: m.copy(text="chord: Gm") if m.type == "text" and m.text.endswith("Fm7") else m)
    assert broken(written_midi(data)) == {"chords"}


def _changed(change: Callable[[Any], None]) -> WrittenPiece:
    root = etree.fromstring(musicxml_bytes(piece()))
    change(root)
    return written_musicxml(etree.tostring(root))


def _text(path: str, text: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        for element in root.iterfind(path):
            element.text = text

    return change


def _drop(path: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        for element in list(root.iterfind(path)):
            element.getparent().remove(element)

    return change


def _tempo(root: Any) -> None:
    root.find(".//sound[@tempo]").set("tempo", "120")


@pytest.mark.parametrize(
    ("change", "breaks"),
    [
        (_text(".//key/fifths", "-2"), {"key"}),
        (_text(".//key/mode", "minor"), {"key"}),
        (_tempo, {"tempo", "duration"}),
        (_text(".//time/beats", "4"), {"meter", "whole bars"}),
        (_drop("part/measure[@number='8']"), {"bars", "duration", "lyrics"}),
        (_drop("part[@id='P2']/measure[@number='8']"), {"whole bars"}),
        (_text(".//rehearsal", "A"), {"form"}),
        (_drop(".//harmony"), {"chords"}),
        (_text(".//lyric/text", "la"), {"lyrics"}),
        (_text(".//score-part[@id='P2']/part-name", "organ"), {"instruments", "ranges"}),
        (_text(".//score-part[@id='P2']/midi-instrument/midi-program", "34"), {"instruments", "without", "ranges"}),
        (_drop("part[@id='P2']//note"), {"instruments", "whole bars"}),
        (_text("part[@id='P1']//pitch/octave", "6"), {"ranges"}),
    ],
)
def test_what_is_wrong_in_a_musicxml_file_is_seen(change: Callable[[Any], None], breaks: set[str]) -> None:
    assert broken(_changed(change)) == breaks


def test_a_key_is_heard_in_the_notes() -> None:
    scale = [(float(i), 1.0, 60 + step) for i, step in enumerate((2, 6, 9, 14, 13, 11, 9, 7, 6, 4, 2))]
    assert heard_key([WrittenPlayer("violin", 40, tuple(scale))]) == (2, "major")
    assert heard_key([WrittenPlayer("drum kit", None, tuple(scale))]) is None
