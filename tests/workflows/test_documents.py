"""What a version holds: it comes back whole, and sounds as the composition did."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
from web_pieces import composed, composed_document, small, small_score

from yuefu.errors import FormatError, LimitError, YuefuError
from yuefu.score.midi import midi_bytes
from yuefu.score.model import make_notes
from yuefu.score.performed import as_written
from yuefu.workflows import documents
from yuefu.workflows.compose import FORMATS
from yuefu.workflows.documents import Document, document_of_score, export, read_document, summary, tune_text
from yuefu.workflows.exporting import QUICK


def test_a_document_comes_back_byte_for_byte():
    """Bytes to a document and to bytes again are the same bytes."""
    data = small().to_bytes()
    assert Document.from_bytes(data).to_bytes() == data
    assert small().to_bytes() == data


@pytest.mark.model
def test_a_composed_piece_sounds_from_its_document_as_it_did():
    """Every note, tempo and pedal of the performance is exactly the composition's."""
    piece, document = composed(), Document.from_bytes(composed_document().to_bytes())
    ours, theirs = document.performance(), piece.performance
    assert ours.tempos == theirs.tempos
    assert ours.pedals == theirs.pedals
    assert ours.notes.keys() == theirs.notes.keys()
    for name, notes in theirs.notes.items():
        assert np.array_equal(ours.notes[name], notes)
    assert document.brief == piece.brief
    assert document.report == json.loads(json.dumps(piece.report.to_dict()))
    assert export(document, "midi")["song.mid"] == piece.midi


@pytest.mark.model
def test_after_one_note_changed_all_others_are_played_as_before():
    """A listener hears the same take but for the note that is another."""
    document = composed_document()
    part = document.score.parts[0]
    notes = part.notes.copy()
    notes["pitch"][3] += 2
    parts = (part.with_notes(notes), *document.score.parts[1:])
    edited = document.with_score(replace(document.score, parts=parts))
    before, after = document.performance(), Document.from_bytes(edited.to_bytes()).performance()
    for name in before.notes:
        for field in ("start", "duration"):
            assert np.abs(before.notes[name][field] - after.notes[name][field]).max() < 0.02
        assert np.array_equal(before.notes[name]["velocity"], after.notes[name]["velocity"])


def test_a_new_note_is_played_and_the_others_stay():
    """What another score adds sounds; what it shares with the one before doesn't move."""
    document = small()
    bass = document.score.parts[1]
    more = np.concatenate([bass.notes, make_notes([(900, 48, 24, 43, 80)])])
    parts = (document.score.parts[0], bass.with_notes(more), document.score.parts[2])
    edited = document.with_score(replace(document.score, parts=parts))
    played = edited.performance().notes["P2"]
    new = played[played["id"] == 900]
    assert len(new) == 1
    assert 16 <= new["velocity"][0] <= 122
    assert abs(new["start"][0] - 48) < 0.5
    old = document.performance().notes["P2"]
    kept = played[played["id"] != 900]
    assert np.array_equal(old["velocity"], kept["velocity"])
    assert np.abs(old["start"] - kept["start"]).max() < 0.02


def test_a_new_note_with_an_old_id_is_a_new_note():
    """Where cells were written anew, an id may return on another note, which isn't played as the old one was."""
    document = small()
    bass = document.score.parts[1]
    notes = bass.notes.copy()
    notes["start"][1], notes["pitch"][1] = 120, 50
    parts = (document.score.parts[0], bass.with_notes(notes), document.score.parts[2])
    other = replace(document.score, parts=parts)
    assert 101 not in document.with_score(other).kept.notes["id"]
    assert 101 in document.with_score(other, same_notes=True).kept.notes["id"]
    assert 101 in document.with_score(other).performance().notes["P2"]["id"]


def test_midi_is_played_as_it_stands():
    """A MIDI file is a performance already: its timing and loudness are those that are heard."""
    score = small_score()
    part = score.parts[0]
    notes = part.notes.copy()
    notes["velocity"] = np.arange(40, 40 + len(notes))
    loud = replace(score, parts=(part.with_notes(notes), *score.parts[1:]))
    document = read_document(midi_bytes(loud, as_written(loud)), "folder/my_song.mid")
    assert document.played_as_written
    played = document.performance().notes[document.score.parts[0].id]
    assert played["velocity"].tolist() == notes["velocity"].tolist()
    assert played["start"].tolist() == notes["start"].tolist()
    assert Document.from_bytes(document.to_bytes()).played_as_written


def test_notation_is_performed():
    """A file of notation says little of loudness, so it is played as players would."""
    document = read_document(export(small(), "musicxml")["song.musicxml"], "rain.musicxml")
    assert not document.played_as_written
    assert len(set(document.performance().notes[document.score.parts[0].id]["velocity"].tolist())) > 3


def test_a_file_without_a_title_has_its_name():
    """An import is found by the name that its file had."""
    data = export(document_of_score(replace(small_score(), title="")), "abc")["song.abc"]
    assert read_document(data, "C:\\music\\spring_song.abc").score.title == "spring song"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"junk", gzip.compress(b"junk"), gzip.compress(b"[]"), gzip.compress(b'{"format": "yuefu-document-1"}'),
        gzip.compress(b"[" * 100_000), gzip.compress(b'{"format": "other"}'), small().to_bytes()[:-9],
        gzip.compress(gzip.decompress(small().to_bytes()).replace(b'"seed":3', b'"seed":"x"')),
        gzip.compress(gzip.decompress(small().to_bytes()).replace(b'"plan":null', b'"plan":[1]')),
        gzip.compress(gzip.decompress(small().to_bytes()).replace(b'"brief":null', b'"brief":{"words":3}')),
        gzip.compress(gzip.decompress(small().to_bytes()).replace(b'"of":', b'"if":')),
    ],
    ids=range(12),
)  # fmt: skip
def test_damaged_bytes_are_refused_in_one_sentence(data):
    """Nothing but a YuefuError comes out of bytes that are no document."""
    with pytest.raises(FormatError):
        Document.from_bytes(data)


def test_a_document_that_unpacks_to_too_much_is_refused(monkeypatch):
    """A small file can't fill the memory."""
    monkeypatch.setattr(documents, "MAX_BYTES", 1000)
    with pytest.raises(LimitError):
        Document.from_bytes(small().to_bytes())


def test_the_summary_is_of_the_score():
    """A list of pieces shows what the piece is."""
    facts = summary(small())
    assert (facts["key"], facts["tempo"], facts["meter"], facts["bars"]) == ("C major", 120.0, "4/4", 4)
    assert facts["parts"] == ["Voice", "Bass", "Drums"]
    assert facts["seconds"] == 8.0
    assert facts["sung"]


def test_the_tune_has_its_notes_by_bar():
    """The tune's text tells bars, places and pitches."""
    text = tune_text(small_score())
    assert text.startswith("1:0.60,24.62,48.64,72.65;2:96.67")
    assert len(text.split(";")) == 4


@pytest.mark.parametrize("fmt", QUICK)
def test_every_quick_format_has_bytes(fmt):
    """Each of them gives the file that a composition's folder would have."""
    files = export(small(), fmt)
    assert FORMATS[fmt] in files
    assert all(files.values())


def test_an_unknown_format_is_refused():
    """A format that isn't there is named as such."""
    with pytest.raises(YuefuError, match="unknown format"):
        export(small(), "xyz")


def test_karaoke_needs_words():
    """A piece without words has no karaoke."""
    score = small_score()
    silent = replace(score, parts=(replace(score.parts[0], syllables=()), *score.parts[1:]))
    with pytest.raises(FormatError):
        export(document_of_score(silent), "lrc")
