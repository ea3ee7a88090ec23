"""Writing MusicXML: nothing is lost on the way out and back, and other programs count the same."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from tests.score.strategies import scores

from yuefu.score.model import (
    ChordSpan,
    Direction,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
    sort_notes,
)
from yuefu.score.musicxml_read import read_musicxml
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

relaxed = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
brief = settings(relaxed, max_examples=12)
FIELDS = ("title", "composer", "chords", "sections", "tempos", "keys", "meters", "pickup", "length", "metadata")
PART_FIELDS = ("id", "name", "role", "program", "instrument", "directions", "volume", "pan")


def song() -> Score:
    """A song for voice, piano, bass and drums with a bit of everything."""
    line = (
        (0, 24, 67),
        (24, 36, 72),
        (60, 12, 74),
        (72, 16, 76),
        (88, 16, 74),
        (104, 16, 72),
        (120, 96, 69),
        (216, 24, 66),
    )
    voice = make_notes([(i, start, length, pitch, 70 + i) for i, (start, length, pitch) in enumerate(line, 1)])
    piano = make_notes(
        [(20 + i, 24 + 48 * i, 48, pitch, 60) for i, pitch in enumerate((60, 64, 67, 71))]
        + [(30 + i, 24 + 96 * i, 96, 40 + i, 60) for i in range(2)]
    )
    bass = make_notes([(40 + i, 24 + 36 * i, 30, 33 + i, 80) for i in range(5)])
    drums = make_notes([(50 + i, 24 + 12 * i, 3, (42, 36, 38, 46)[i % 4], 90) for i in range(16)])
    words = (
        Syllable(2, "春"),
        Syllable(3, "天", line_end=True),
        Syllable(4, "mel", "begin"),
        Syllable(5, "o", "middle"),
    )
    words += (Syllable(6, "dy & <more>", "end", 1, True), Syllable(8, "月"), Syllable(2, "二", verse=2))
    marks = (Direction(24, "dynamic", "mf"), Direction(120, "words", "温柔地"), Direction(120, "fermata"))
    return Score(
        "春天 & Spring",
        "Anon <x>",
        (
            Part("voice", "人声", "melody", 52, "voice", voice, words, marks, 90, 64),
            Part("keys", "Piano", "keys", 0, "piano", sort_notes(piano), pan=40),
            Part("bass", "Bass", "bass", 33, "bass", bass),
            Part("kit", "鼓", "drums", notes=drums),
        ),
        (ChordSpan(24, 48, Chord(0)), ChordSpan(72, 48, Chord(7, "7sus4", 2)), ChordSpan(168, 48, None)),
        (Section(24, 96, "A", "verse"), Section(168, 72, "B'", "副歌")),
        (TempoChange(0, 92.5), TempoChange(132, 80.125)),
        (KeyChange(0, Key(0)), KeyChange(144, Key(3, "minor"))),
        (MeterChange(0, 4, 4), MeterChange(120, 3, 4)),
        24,
        264,
        {"lyricist": "李白", "style": "pop", "swing": 0.2},
    )


def assert_same(before: Score, after: Score) -> None:
    """Both scores say the same."""
    for name in FIELDS:
        assert getattr(before, name) == getattr(after, name), name
    assert len(before.parts) == len(after.parts)
    for old, new in zip(before.parts, after.parts):
        assert old.notes.tolist() == new.notes.tolist()
        assert sorted(old.syllables, key=lambda s: (s.note_id, s.verse)) == sorted(
            new.syllables, key=lambda s: (s.note_id, s.verse)
        )
        for name in PART_FIELDS:
            assert getattr(old, name) == getattr(new, name), name


@relaxed
@given(scores())
def test_every_score_reads_back_as_it_was(score: Score) -> None:
    written = musicxml_bytes(score)
    assert musicxml_bytes(score) == written
    assert_same(score, read_musicxml(written))


def test_the_song_reads_back_as_it_was() -> None:
    assert_same(song(), read_musicxml(musicxml_bytes(song())))


@brief
@given(scores(sung=False))
def test_note_values_of_every_voice_fill_their_bar(score: Score) -> None:
    root = etree.fromstring(musicxml_bytes(score))
    for part in root.iterfind("part"):
        for measure, bar in zip(part.iterfind("measure"), score.bars, strict=True):
            position, furthest = 0, 0
            for element in measure:
                length = int(element.findtext("duration") or 0)
                if element.tag == "backup":
                    assert position == bar.duration
                    position -= length
                elif element.tag == "forward" or (element.tag == "note" and element.find("chord") is None):
                    position += length
                furthest = max(furthest, position)
            assert position == furthest == bar.duration


@brief
@given(scores(sung=False))
def test_ids_are_unique_and_ties_open_and_close(score: Score) -> None:
    root = etree.fromstring(musicxml_bytes(score))
    ids = [note.get("id") for note in root.iter("note") if note.get("id")]
    assert len(set(ids)) == len(ids)
    assert {int(re.match(r"n(\d+)", identity)[1]) for identity in ids} == {
        identity for part in score.parts for identity in part.notes["id"].tolist()
    }
    starts, stops = (len(root.findall(f".//tie[@type='{kind}']")) for kind in ("start", "stop"))
    assert starts == stops
    assert len(root.findall(".//tuplet[@type='start']")) == len(root.findall(".//tuplet[@type='stop']"))
    for kind in ("begin", "end"):
        assert len(root.xpath(".//beam[@number='1' and text()='begin']")) == len(
            root.xpath(f".//beam[@number='1' and text()='{kind}']")
        )


def test_the_written_type_and_dots_agree_with_the_duration() -> None:
    lengths = {"32nd": 3, "16th": 6, "eighth": 12, "quarter": 24, "half": 48, "whole": 96}
    for note in etree.fromstring(musicxml_bytes(song())).iter("note"):
        if note.find("type") is None:
            continue
        ticks = lengths[note.findtext("type")] * (1.5 if note.find("dot") is not None else 1)
        if note.find("time-modification") is not None:
            ticks *= 2 / 3
        assert ticks == int(note.findtext("duration"))


def test_a_tied_note_keeps_its_id_and_shows_its_accidental_once() -> None:
    part = Part("P", "Flute", notes=make_notes([(7, 72, 48, 66, 80), (8, 120, 24, 66, 80)]))
    root = etree.fromstring(musicxml_bytes(Score(parts=(part,))))
    notes = [note for note in root.iter("note") if note.get("id")]
    assert [note.get("id") for note in notes] == ["n7", "n7t1", "n8"]
    assert [note.findtext("accidental") for note in notes] == ["sharp", None, "sharp"]


def test_spelling_follows_the_key() -> None:
    part = Part("P", "Flute", notes=make_notes([(1, 0, 24, 70, 80)]))
    for fifths, step, alter in ((-1, "B", "-1"), (6, "A", "1")):
        root = etree.fromstring(musicxml_bytes(Score(parts=(part,), keys=(KeyChange(0, Key(fifths)),))))
        assert (root.findtext(".//step"), root.findtext(".//alter")) == (step, alter)
        assert root.find(".//accidental") is None


def test_drums_are_unpitched_with_their_own_instruments_and_heads() -> None:
    root = etree.fromstring(musicxml_bytes(song()))
    kit = root.findall("part")[3]
    assert kit.find(".//pitch") is None
    assert kit.findtext(".//clef/sign") == "percussion"
    assert {element.get("id") for element in kit.iter("instrument")} <= {
        element.get("id") for element in root.iterfind("part-list/score-part/score-instrument")
    }
    heads = {
        note.find("instrument").get("id"): note.findtext("notehead") for note in kit.iter("note") if note.get("id")
    }
    assert heads == {"P4-I43": "x", "P4-I37": None, "P4-I39": None, "P4-I47": "circle-x"}


def test_a_part_without_notes_and_a_score_without_parts_can_be_written() -> None:
    empty = Score(parts=(Part("P1", "Flute"),), chords=(ChordSpan(0, 96, Chord(5)),))
    assert read_musicxml(musicxml_bytes(empty)).chords == empty.chords
    assert read_musicxml(musicxml_bytes(Score(chords=empty.chords))).chords == empty.chords


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    score = replace(song(), title="a\x00b\x01c\ud800d")
    assert read_musicxml(musicxml_bytes(score)).title == "abcd"


def counts(score: Score) -> tuple[int, int, int]:
    """(notes, syllables, chord symbols)."""
    return score.note_count, sum(len(part.syllables) for part in score.parts), len(score.chords)


@pytest.mark.slow
def test_music21_counts_the_same_notes_lyrics_and_chords() -> None:
    music21 = pytest.importorskip("music21")
    score = replace(song(), chords=tuple(replace(span, start=24 + 48 * i) for i, span in enumerate(song().chords)))
    stream = music21.converter.parseData(musicxml_bytes(score).decode(), format="musicxml")
    found = lyrics = 0
    for element in stream.recurse().notes:
        if isinstance(element, music21.harmony.Harmony):
            continue
        single = element.notes if hasattr(element, "notes") else [element]
        found += sum(1 for note in single if note.tie is None or note.tie.type == "start")
        lyrics += sum(1 for lyric in element.lyrics if lyric.text)
    shown = [h for h in stream.recurse().getElementsByClass("Harmony") if h.style.hideObjectOnPrint is not True]
    assert (found, lyrics, len(shown)) == counts(score)
    assert {part.partName for part in stream.parts} >= {"人声", "Bass", "鼓"}


def test_verovio_engraves_the_same_notes_lyrics_and_chords() -> None:
    verovio = pytest.importorskip("verovio")
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    assert toolkit.loadData(musicxml_bytes(song()).decode())
    svg, mei = toolkit.renderToSVG(1), toolkit.getMEI({})
    assert 'id="n1"' in svg
    notes = set(re.findall(r'<note xml:id="n(\d+)"', mei))
    words = re.findall(r"<syl [^>]*>([^<]+)</syl>", mei)
    assert (len(notes), len(words)) == counts(song())[:2]
    assert set(re.findall(r"<harm [^>]*>([^<]+)</harm>", mei)) >= {"C", "N.C."}
    assert len(toolkit.renderToMIDI()) > 100
