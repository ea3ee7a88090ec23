"""Words as other programs read them: hyphens, extenders, verses and languages, in MusicXML and MIDI."""

from __future__ import annotations

import io

import mido
import music21

from yuefu.page.engrave import engrave
from yuefu.score.midi import midi_bytes
from yuefu.score.model import Part, Score, Syllable, make_notes
from yuefu.score.musicxml_write import musicxml_bytes

NOTES = make_notes([(i + 1, i * 24, 24, 60 + i, 80) for i in range(8)])
WORDS = (
    Syllable(1, "mel", "begin"), Syllable(2, "o", "middle"), Syllable(3, "dy", "end"),
    Syllable(6, "night,", line_end=True),
    Syllable(1, "月", verse=2), Syllable(2, "光", verse=2), Syllable(3, "照", verse=2), Syllable(6, "我", verse=2),
)  # fmt: skip
SONG = Score(title="月", parts=(Part("P1", "Voice", notes=NOTES, syllables=WORDS),), length=192)


def test_music21_reads_words_with_hyphens_in_both_verses() -> None:
    """Each note has the syllables of both verses, and each syllable its place in the word."""
    score = music21.converter.parseData(musicxml_bytes(SONG), format="musicxml")
    read = [
        [(lyric.number, lyric.text, lyric.syllabic) for lyric in n.lyrics if lyric.text] for n in score.flatten().notes
    ]
    assert read[0] == [(1, "mel", "begin"), (2, "月", "single")]
    assert read[1][0] == (1, "o", "middle")
    assert read[2][0] == (1, "dy", "end")
    assert [len(lyrics) for lyrics in read] == [2, 2, 2, 0, 0, 2, 0, 0]


def test_held_words_have_an_extender_from_their_note_to_the_last_that_holds_them() -> None:
    """A word's end over several notes is followed by a line; within a word the hyphen is enough."""
    document = musicxml_bytes(SONG).decode()
    assert document.count('<extend type="start"/>') == 4  # "dy" and "night," and their Chinese
    assert document.count('<extend type="stop"/>') >= 2
    mel = document[document.index("<text>mel") : document.index("<text>o<")]
    assert "extend" not in mel


def test_verovio_draws_both_verses_hyphens_and_extenders() -> None:
    """On the page stand all syllables, the second verse lower than the first."""
    (page,) = engrave(musicxml_bytes(SONG)).pages
    for text in ("mel", "dy", "月", "照"):
        assert f">{text}<" in page
    assert 'data-n="2"' in page or page.count('class="verse') >= 8


def test_mido_reads_lyric_events_in_utf_8_and_further_verses_as_text() -> None:
    """A player that knows UTF-8 shows English and Chinese; hyphens and line ends are in the events."""
    chinese = Score(
        parts=(Part("P1", "人声", notes=NOTES, syllables=(Syllable(1, "床"), Syllable(2, "前，", line_end=True))),)
    )
    read = mido.MidiFile(file=io.BytesIO(midi_bytes(chinese)), charset="utf-8")
    assert [m.text for track in read.tracks for m in track if m.type == "lyrics"] == ["床", "前，\n"]
    read = mido.MidiFile(file=io.BytesIO(midi_bytes(SONG)), charset="utf-8")
    lyrics = [m.text for track in read.tracks for m in track if m.type == "lyrics"]
    assert lyrics == ["mel-", "o-", "dy", "night,\n"]
    texts = [m.text for track in read.tracks for m in track if m.type == "text"]
    assert "lyric 2: 月" in texts
