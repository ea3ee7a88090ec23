"""Small notes are notes in the score and graces on the page."""

from __future__ import annotations

from lxml import etree

from yuefu.score.graces import folded, without_graces
from yuefu.score.model import Direction, Part, Score, Syllable, make_notes
from yuefu.score.musicxml_write import musicxml_bytes


def graced(*graces: int) -> Part:
    """A half note, two small notes, and a half note that gave them its first sixteenth; a fermata over that one."""
    notes = make_notes([(1, 0, 48, 60, 64), (2, 48, 3, 62, 64), (3, 51, 3, 64, 64), (4, 54, 42, 62, 64)])
    return Part("P1", "erhu", notes=notes, graces=graces, directions=(Direction(54, "fermata", ""),))


def test_graces_give_their_time_back() -> None:
    """The note that they lead to begins where they began, and what stands over it comes along."""
    part, graces = folded(graced(2, 3))
    assert part.notes[["id", "start", "duration"]].tolist() == [(1, 0, 48), (4, 48, 48)]
    assert [grace[0] for grace in graces[4]] == [2, 3]
    assert part.directions == (Direction(48, "fermata", ""),)


def test_a_grace_that_leads_to_nothing_is_an_ordinary_note() -> None:
    """Its time isn't taken from anybody."""
    part = Part("P1", "erhu", notes=make_notes([(1, 0, 3, 60, 64), (2, 24, 24, 62, 64)]), graces=(1,))
    plain, graces = folded(part)
    assert graces == {}
    assert plain.notes[["start", "duration"]].tolist() == [(0, 3), (24, 24)]


def test_a_syllable_on_a_grace_is_sung_on_its_note() -> None:
    """On the page it stands under the note that the grace leads to."""
    notes = make_notes([(1, 0, 3, 60, 64), (2, 3, 21, 62, 64)])
    part, _ = folded(Part("P1", "voice", notes=notes, graces=(1,), syllables=(Syllable(1, "la"),)))
    assert [syllable.note_id for syllable in part.syllables] == [2]


def test_a_graced_note_under_a_fermata_is_written_whole() -> None:
    """One half note with two graces before it, no tied fragments."""
    page = etree.fromstring(musicxml_bytes(Score(parts=(graced(2, 3),), length=96)))
    full = [note for note in page.iter("note") if note.find("grace") is None and note.find("pitch") is not None]
    assert [note.findtext("duration") for note in full] == ["48", "48"]
    assert len(page.findall(".//fermata")) == 1
    assert len(page.findall(".//grace")) == 2


def test_without_graces_is_what_was_ornamented() -> None:
    """No small note is left, and no time is lost."""
    score = without_graces(Score(parts=(graced(2, 3),), length=96))
    assert score.note_count == 2
    assert int(score.parts[0].notes["duration"].sum()) == 96
