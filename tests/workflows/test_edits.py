"""Edits by hand: each does what it says and nothing else; what can't be done is refused in one sentence."""

import numpy as np
import pytest
from web_pieces import composed_document, small

from yuefu.errors import InputError, LimitError
from yuefu.score.check import check_score
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.workflows.edits import apply_edits, describe


def notes_of(document, part):
    """(id, start, duration, pitch) of a part's notes."""
    notes = next(p for p in document.score.parts if p.id == part).notes
    return list(zip(*(notes[name].tolist() for name in ("id", "start", "duration", "pitch"))))


def words_of(document, part="P1", verse=1):
    """Note -> syllable with its hyphens."""
    marks = {"single": "{}", "begin": "{}-", "middle": "-{}-", "end": "-{}"}
    part = next(p for p in document.score.parts if p.id == part)
    return {s.note_id: marks[s.syllabic].format(s.text) for s in part.syllables if s.verse == verse}


def chords_of(document):
    """(start, duration, symbol) of the chords."""
    return [(c.start, c.duration, c.chord.symbol() if c.chord else "N.C.") for c in document.score.chords]


def test_a_drawn_note_sounds_as_loud_as_it_was_drawn():
    """A note that the user draws is in the score and is played, where and as loud as it stands."""
    edited = apply_edits(
        small(), [{"op": "add_note", "part": "P2", "start": 48, "duration": 24, "pitch": 43, "velocity": 99}]
    )
    new = next(row for row in notes_of(edited, "P2") if row[1] == 48)
    played = edited.performance().notes["P2"]
    heard = played[played["id"] == new[0]][0]
    assert heard["velocity"] == 99
    assert abs(heard["start"] - 48) < 0.5
    assert heard["duration"] > 20


def test_a_note_without_a_loudness_takes_its_neighbours():
    """A note drawn without a velocity is as loud as those around it are heard."""
    document = small()
    edited = apply_edits(document, [{"op": "add_note", "part": "P1", "start": 10, "duration": 10, "pitch": 67}])
    near = document.performance().notes["P1"]["velocity"][:4]
    played = edited.performance().notes["P1"]
    new = played[~np.isin(played["id"], document.score.parts[0].notes["id"])]
    assert abs(int(new["velocity"][0]) - near.mean()) <= 1


def test_what_is_not_edited_is_played_as_before():
    """After an edit every other note has its loudness and its place to a tenth of a millisecond."""
    document = small()
    edits = [
        {"op": "change_note", "id": 3, "start": 50, "pitch": 65, "velocity": 111},
        {"op": "delete_notes", "ids": [101]},
        {"op": "add_note", "part": "P3", "start": 12, "duration": 6, "pitch": 42, "velocity": 60},
    ]
    edited = apply_edits(document, edits)
    before, after = document.performance(), edited.performance()
    for name, old in before.notes.items():
        new = after.notes[name]
        shared = set(old["id"].tolist()) & set(new["id"].tolist()) - {3}
        one, other = old[np.isin(old["id"], list(shared))], new[np.isin(new["id"], list(shared))]
        assert np.array_equal(one["velocity"], other["velocity"])
        assert np.abs(one["start"] - other["start"]).max() < 0.01
    assert after.notes["P1"]["velocity"][after.notes["P1"]["id"] == 3][0] == 111
    assert apply_edits(document, edits).to_bytes() == edited.to_bytes()


def test_the_old_document_is_as_it_was():
    """Undo is the old document: editing changes nothing in it."""
    document = small()
    data = document.to_bytes()
    apply_edits(document, [{"op": "key", "key": "D major"}, {"op": "clear", "rows": ["melody", "chords"]}])
    assert document.to_bytes() == data


def test_a_drum_struck_with_others_is_played_with_them():
    """A hit that is added to a beat has that beat's own timing, so that the groove stays."""
    document = small()
    edited = apply_edits(
        document, [{"op": "add_note", "part": "P3", "start": 48, "duration": 6, "pitch": 42, "velocity": 70}]
    )
    played = edited.performance().notes["P3"]
    together = played[np.abs(played["start"] - 48) < 1]
    assert len(together) == 2
    assert together["start"][0] == together["start"][1]


def test_a_syllable_goes_with_its_note():
    """A moved note keeps its syllable; one that vanishes leaves its word whole."""
    edited = apply_edits(small(), [{"op": "change_note", "id": 3, "start": 50}, {"op": "delete_notes", "ids": [2]}])
    words = words_of(edited)
    assert words[3] == "rain"
    assert words[1] == "Morn"
    assert 2 not in words


def test_a_held_note_takes_the_syllable_of_the_one_that_vanishes():
    """When the first note of a melisma is deleted, the next one sings its syllable."""
    edited = apply_edits(small(), [{"op": "delete_notes", "ids": [8]}])
    assert words_of(edited)[9] == "me"


def test_notes_that_change_places_leave_words_readable():
    """Syllables stand in the order of their notes, and no word ends before it begins."""
    edited = apply_edits(small(), [{"op": "change_note", "id": 1, "start": 30, "duration": 10}])
    order = [s.text for s in edited.score.parts[0].syllables]
    assert order[:3] == ["ing", "Morn", "rain"]
    assert words_of(edited)[2] == "ing"


def test_clearing_takes_cells_and_nothing_else():
    """Cleared rows are empty in the named bars; other bars and rows are as before."""
    document = small()
    edited = apply_edits(document, [{"op": "clear", "rows": ["bass", "chords", "lyrics"], "bars": "2-3"}])
    assert [row[1] for row in notes_of(edited, "P2")] == [0, 288]
    assert chords_of(edited) == [(0, 96, "C"), (288, 96, "C")]
    assert set(words_of(edited)) == {1, 2, 3, 4}
    assert notes_of(edited, "P1") == notes_of(document, "P1")
    assert notes_of(edited, "P3") == notes_of(document, "P3")


@pytest.mark.parametrize(
    ("text", "bars", "expected"),
    [
        ("Am G/B", "2", [(0, 96, "C"), (96, 48, "Am"), (144, 48, "G/B"), (192, 96, "G7"), (288, 96, "C")]),
        ("Dm | %", "2-3", [(0, 96, "C"), (96, 192, "Dm"), (288, 96, "C")]),
        ("", "2", [(0, 96, "C"), (192, 96, "G7"), (288, 96, "C")]),
        ("N.C.", "2", [(0, 96, "C"), (96, 96, "N.C."), (192, 96, "G7"), (288, 96, "C")]),
        ("Am", "1-2", [(0, 192, "Am"), (192, 96, "G7"), (288, 96, "C")]),
        ("C F", "1-2", [(0, 96, "C"), (96, 96, "F"), (192, 96, "G7"), (288, 96, "C")]),
        (
            "C Dm Em F",
            "3",
            [
                (0, 96, "C"),
                (96, 96, "F"),
                (192, 24, "C"),
                (216, 24, "Dm"),
                (240, 24, "Em"),
                (264, 24, "F"),
                (288, 96, "C"),
            ],
        ),
        ("F", "3", [(0, 96, "C"), (96, 192, "F"), (288, 96, "C")]),
    ],
)
def test_chords_as_text(text, bars, expected):
    """A bar's chords are what the text says: halves, beats, repeats, none; others stay."""
    assert chords_of(apply_edits(small(), [{"op": "set_chords", "bars": bars, "text": text}])) == expected


def test_a_chord_over_bar_lines_is_cut_where_another_begins():
    """Setting one bar leaves the chord before and after it in their own bars."""
    held = apply_edits(small(), [{"op": "set_chords", "bars": "1-4", "text": "Am"}])
    edited = apply_edits(held, [{"op": "set_chords", "bars": "2", "text": "F"}])
    assert chords_of(edited) == [(0, 96, "Am"), (96, 96, "F"), (192, 192, "Am")]


def test_words_in_english_are_divided_and_laid_on_notes():
    """A syllable a note, hyphenated as it is sung."""
    edited = apply_edits(small(), [{"op": "set_lyrics", "bars": "1-2", "text": "Summer evening over water"}])
    assert [words_of(edited)[n] for n in range(1, 9)] == ["Sum-", "-mer", "eve-", "-ning", "o-", "-ver", "wa-", "-ter"]


def test_words_in_chinese_are_laid_by_characters():
    """A character a note; notes left over hold the one before."""
    edited = apply_edits(small(), [{"op": "set_lyrics", "part": "P1", "bars": "1-2", "verse": 2, "text": "床前明月光"}])
    words = words_of(edited, verse=2)
    assert "".join(words[n] for n in sorted(words)) == "床前明月光"
    assert min(words) == 1
    assert words_of(edited) == words_of(small())


def test_the_same_words_are_the_same_syllables():
    """Setting what is there already changes nothing."""
    edited = apply_edits(small(), [{"op": "set_lyrics", "bars": "1-2", "text": "Morning rain is falling on me"}])
    assert edited.score.parts[0].syllables == small().score.parts[0].syllables


def test_a_word_may_go_on_in_the_next_bar():
    """A hyphen at the end of a bar's words says so."""
    edited = apply_edits(
        small(),
        [
            {"op": "set_lyrics", "bars": "1", "text": "we are mor-"},
            {"op": "set_lyrics", "bars": "2", "text": "-ning rain to me"},
        ],
    )
    words = words_of(edited)
    assert "mor-" in words.values()
    assert "-ning" in words.values()


def test_too_many_syllables_are_counted_out():
    """The sentence says how many syllables there are and how many notes."""
    with pytest.raises(InputError, match="the words have 5 syllables, but the tune has 4 notes in bar 1"):
        apply_edits(small(), [{"op": "set_lyrics", "bars": "1", "text": "one two three four five"}])


def test_one_syllable():
    """A syllable is set, joined to its neighbour by a hyphen, and taken away."""
    edited = apply_edits(
        small(),
        [
            {"op": "set_syllable", "note": 9, "text": "too"},
            {"op": "set_syllable", "note": 3, "text": "wa-"},
            {"op": "set_syllable", "note": 1, "text": ""},
        ],
    )
    words = words_of(edited)
    assert words[9] == "too"
    assert (words[3], words[4]) == ("wa-", "-is")
    assert 1 not in words
    assert words[2] == "ing"


def test_another_instrument_brings_notes_into_its_reach():
    """Notes that the new instrument can't play move by octaves; the tune stays the tune."""
    edited = apply_edits(small(), [{"op": "part", "id": "P1", "instrument": "cello", "volume": 70, "pan": 20}])
    part = edited.score.parts[0]
    assert (part.instrument, part.volume, part.pan) == ("cello", 70, 20)
    high = apply_edits(small(), [{"op": "part", "id": "P2", "instrument": "piccolo"}])
    flute = INSTRUMENTS["piccolo"]
    pitches = high.score.parts[1].notes["pitch"]
    assert pitches.min() >= flute.low
    assert pitches.max() <= flute.high
    assert ((pitches - small().score.parts[1].notes["pitch"]) % 12 == 0).all()


def test_parts_come_and_go():
    """A new part is empty, stands by its row, and sounds what is drawn in it; a removed one is gone."""
    edited = apply_edits(
        small(),
        [
            {"op": "add_part", "row": "keys", "instrument": "钢琴"},
            {"op": "add_note", "part": "N1", "start": 0, "duration": 96, "pitch": 60, "velocity": 70},
            {"op": "remove_part", "id": "P2"},
        ],
    )
    assert [part.id for part in edited.score.parts] == ["P1", "N1", "P3"]
    assert len(edited.performance().notes["N1"]) == 1
    again = apply_edits(edited, [{"op": "add_part", "row": "keys", "instrument": "piano"}])
    assert [part.name for part in again.score.parts] == ["Voice", "piano", "piano 2", "Drums"]


def test_a_key_moves_everything_and_back():
    """Notes, chords and keys move; drums don't; moving back gives the same notes."""
    document = small()
    edited = apply_edits(document, [{"op": "key", "key": "Eb major"}])
    assert edited.score.keys[0].key.name == "Eb major"
    assert (edited.score.parts[0].notes["pitch"] - document.score.parts[0].notes["pitch"]).tolist() == [3] * 16
    assert chords_of(edited)[2][2] in ("A#7", "Bb7")
    assert np.array_equal(edited.score.parts[2].notes, document.score.parts[2].notes)
    back = apply_edits(edited, [{"op": "key", "key": "C major"}])
    assert np.array_equal(back.score.parts[0].notes, document.score.parts[0].notes)
    assert back.score.chords == document.score.chords


def test_a_tempo_scales_the_whole_map():
    """Later changes keep their ratio to the first."""
    from dataclasses import replace

    from yuefu.score.model import TempoChange
    from yuefu.workflows.documents import document_of_score

    score = replace(small().score, tempos=(TempoChange(0, 100.0), TempoChange(192, 50.0)))
    edited = apply_edits(document_of_score(score), [{"op": "tempo", "bpm": 120}])
    assert [change.bpm for change in edited.score.tempos] == [120.0, 60.0]


def test_names_of_piece_and_sections():
    """Title, kind and letter are what was said, in either language."""
    edited = apply_edits(
        small(), [{"op": "title", "title": " 雨 "}, {"op": "section", "index": 1, "kind": "桥段", "letter": "c'"}]
    )
    assert edited.score.title == "雨"
    assert (edited.score.sections[1].kind, edited.score.sections[1].letter) == ("bridge", "C'")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            {"op": "add_note", "part": "P1", "start": 0, "duration": 24, "pitch": 200, "velocity": 80},
            "pitch is 200, but it must be a whole number from 0 to 127",
        ),
        (
            {"op": "add_note", "part": "P9", "start": 0, "duration": 24, "pitch": 60},
            "there is no part 'P9': the piece has P1, P2, P3",
        ),
        ({"op": "add_note", "part": "P1", "start": 380, "duration": 24, "pitch": 60}, "the piece ends at 384"),
        ({"op": "add_note", "part": "P3", "start": 0, "duration": 24, "pitch": 3}, "no drum"),
        ({"op": "add_note", "part": "P1", "start": 0, "duration": 24}, "pitch is missing"),
        ({"op": "change_note", "id": 999}, "there is no note 999"),
        ({"op": "change_note", "id": True}, "id is True"),
        ({"op": "delete_notes", "ids": []}, "ids is"),
        ({"op": "clear", "bars": "1"}, "nothing to clear is named"),
        ({"op": "clear", "rows": ["melody"], "bars": "9"}, "aren't in the piece: it has bars 1 to 4"),
        ({"op": "clear", "rows": ["harp"]}, "rows is"),
        ({"op": "set_chords", "bars": "1", "text": "H7"}, "isn't a chord symbol"),
        ({"op": "set_chords", "bars": "1-3", "text": "C | F"}, "have 2 bars, but 3 bars were named"),
        ({"op": "set_chords", "bars": "1", "text": "%"}, "can't repeat"),
        ({"op": "set_lyrics", "bars": "1", "text": "привет мир"}, "lyrics"),
        ({"op": "set_lyrics", "part": "P3", "bars": "1", "text": "la"}, "drums can't sing"),
        ({"op": "part", "id": "P1", "instrument": "drums"}, "can't become drums"),
        ({"op": "part", "id": "P1", "instrument": "zither of doom"}, "unknown instrument"),
        ({"op": "part", "id": "P1", "volume": 128}, "volume is 128"),
        ({"op": "add_part", "row": "drums", "instrument": "piano"}, "can't play the row drums"),
        ({"op": "key", "key": "A minor"}, "give a major key"),
        ({"op": "key", "key": "H dur"}, "isn't a key"),
        ({"op": "tempo", "bpm": 1}, "bpm is 1, but it must be a number from 20 to 300"),
        ({"op": "tempo", "bpm": float("nan")}, "bpm is nan"),
        ({"op": "section", "index": 7, "kind": "verse"}, "there is no section 7"),
        ({"op": "section", "index": 0, "kind": "blob"}, "unknown kind of section"),
        ({"op": "title", "title": "x" * 200}, "title is"),
        ({"op": "title", "title": "x", "colour": "red"}, "has no field 'colour'"),
        ({"op": "explode"}, "'explode' isn't an edit"),
        ("tempo", "isn't an edit"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(edit, words):
    """The sentence names the edit's number, what arrived and what is allowed; nothing is half done."""
    with pytest.raises(InputError) as caught:
        apply_edits(small(), [{"op": "title", "title": "ok"}, edit])
    assert str(caught.value).startswith("edit 2")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_last_part_stays_and_edits_have_a_limit():
    """A piece has a part at least, and a list of edits an end."""
    with pytest.raises(InputError, match="only part"):
        apply_edits(small(), [{"op": "remove_part", "id": name} for name in ("P1", "P2", "P3")])
    with pytest.raises(LimitError):
        apply_edits(small(), [{"op": "title", "title": "x"}] * 5001)


def test_no_edits_is_the_same_document():
    """An empty list changes nothing."""
    document = small()
    assert apply_edits(document, []) is document


@pytest.mark.model
def test_a_composed_piece_is_edited_within_a_blink():
    """A hundred edits of a song take less than half a second."""
    from time import perf_counter

    document = composed_document()
    part = document.score.parts[0]
    edits = [{"op": "change_note", "id": int(number), "velocity": 90} for number in part.notes["id"][:20]]
    edits += [
        {"op": "add_note", "part": part.id, "start": i, "duration": 4, "pitch": 70, "velocity": 50} for i in range(80)
    ]
    begun = perf_counter()
    edited = apply_edits(document, edits)
    assert perf_counter() - begun < 0.5
    assert check_score(edited.score).note_count == document.score.note_count + 80


@pytest.mark.parametrize(
    ("edits", "en", "zh"),
    [
        ([{"op": "change_note", "id": 1, "pitch": 60}] * 3, "3 notes moved", "移动 3 个音"),
        ([{"op": "tempo", "bpm": 96.0}], "tempo 96", "速度 96"),
        ([{"op": "set_chords", "bars": "3-4", "text": "C"}], "chords of bars 3-4", "第 3-4 小节的和弦"),
        ([{"op": "part", "id": "P1", "instrument": "erhu"}], "played by erhu", "换成二胡"),
        ([{"op": "key", "key": "Eb major"}], "moved to Eb major", "移到降E大调"),
        (
            [{"op": "delete_notes", "ids": [1, 2]}, {"op": "title", "title": "雨"}],
            "2 notes deleted, titled “雨”",
            "删去 2 个音，题为《雨》",
        ),
        ([], "nothing changed", "未作改动"),
    ],
)
def test_edits_are_told_in_a_line(edits, en, zh):
    """A history says what was done, in both languages."""
    assert describe(edits, "en") == en
    assert describe(edits, "zh") == zh
