"""Engraved pages: complete, the same each time, and safe against bad documents."""

import re
from dataclasses import replace
from itertools import pairwise

import page_pieces as pieces
import pytest
from lxml import etree

from yuefu.errors import FormatError, LimitError
from yuefu.page.engrave import engrave
from yuefu.score.musicxml_write import musicxml_bytes


def _words(svg: str) -> list[str]:
    return re.findall(r'aria-label="([^"]*)"', svg)


def test_a_lead_sheet_carries_heading_words_chords_section_tempo_and_dynamics() -> None:
    song = engrave(musicxml_bytes(pieces.chinese_song()))
    assert (song.title, song.bars, len(song)) == ("静夜思", 8, 1)
    words = _words(song.svgs[0])
    for expected in ("静夜思", "李白", "乐府", "人声", "床", "光，", "Em7", "F♯m7♭5", "中速，温柔地"):
        assert expected in words
    assert "A 主歌" in words
    assert any("92" in word for word in words)
    assert 'class="dynam"' in song.pages[0]


def test_english_words_keep_their_syllables_and_names_stand_before_the_staves() -> None:
    words = _words(engrave(musicxml_bytes(pieces.english_song())).svgs[0])
    assert [w for w in words if w in ("riv", "er", "bends")][:3] == ["riv", "er", "bends"]
    assert "Voice" in words
    assert "Piano" in words
    assert "Pno." in words


def test_the_pages_are_self_contained_svg_of_a4_size() -> None:
    for svg in engrave(musicxml_bytes(pieces.band(12))).svgs:
        root = etree.fromstring(svg.encode())
        assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("210mm", "297mm", "0 0 21000 29700")
        names = {etree.QName(element).localname for element in root.iter() if isinstance(element.tag, str)}
        assert names <= {"svg", "g", "defs", "path", "use", "polygon", "polyline", "rect", "ellipse"}
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))


def test_every_note_of_the_score_is_on_a_page_under_its_own_id() -> None:
    score = pieces.quartet(8)
    pages = "".join(engrave(musicxml_bytes(score)).pages)
    for part in score.parts:
        for identity in part.notes["id"].tolist():
            assert f'id="n{identity}"' in pages


def test_a_long_piece_fills_several_numbered_pages_and_repeats_its_title() -> None:
    score = engrave(musicxml_bytes(pieces.band(32)))
    assert len(score) > 1
    for number, svg in enumerate(score.svgs, 1):
        folio = etree.fromstring(svg.encode()).find(".//{*}g[@class='folio']")
        assert folio is not None
        assert len(folio) == (1 if number == 1 else 2)


def test_the_same_document_gives_the_same_pages_whatever_was_engraved_before() -> None:
    document = musicxml_bytes(pieces.english_song(4))
    first = engrave(document).svgs
    engrave(musicxml_bytes(pieces.chinese_song(4)))
    assert engrave(document).svgs == first


def test_chinese_syllables_on_quick_notes_do_not_run_into_each_other() -> None:
    score = pieces.chinese_song(4)
    quick = score.parts[0].notes.copy()
    quick["start"] //= 4
    quick["duration"] = 6
    song = replace(score, parts=(replace(score.parts[0], notes=quick),), chords=(), sections=(), length=0)
    root = etree.fromstring(engrave(musicxml_bytes(song)).pages[0].encode())
    syllables = [text for group in root.iterfind(".//{*}g[@class='syl']") for text in group.iterfind("{*}text")]
    places = [(float(t.get("y")), float(t.get("x")), "".join(t.itertext())) for t in syllables]
    size = float(next(e.get("font-size")[:-2] for e in syllables[0].iter() if e.get("font-size") not in (None, "0px")))
    assert len(places) >= 12
    for (y1, x1, text), (y2, x2, _) in pairwise(places):
        if y1 == y2:
            assert x2 - x1 >= 0.95 * size * len(text)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        b"<html/>",
        b"PK\x03\x04rest",
        b"<score-partwise/>",
        b"<score-partwise><part-list/><part/></score-partwise>",
        b"<score-partwise><part-list><score-part id='a'/></part-list><part id='a'><measure/></part></score-partwise>",
        musicxml_bytes(pieces.chinese_song(1))[:900],
        musicxml_bytes(pieces.chinese_song(1)).replace(b"<divisions>24<", b"<divisions>0<"),
        musicxml_bytes(pieces.chinese_song(1)).replace(b"<beat-type>4</beat-type>", b""),
        musicxml_bytes(pieces.chinese_song(1)).replace(b"<octave>4<", b"<octave>99<"),
        "text",
    ],
)
def test_a_document_that_cannot_be_engraved_is_refused_in_one_sentence(document: bytes, capfd) -> None:
    with pytest.raises(FormatError) as caught:
        engrave(document)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert capfd.readouterr() == ("", "")


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    document = musicxml_bytes(pieces.chinese_song(1))
    start = document.index(b"<!DOCTYPE")
    end = document.index(b">", start) + 1
    broken = document[:start] + bomb + document[end:].replace("静夜思".encode(), b"&b;")
    assert "aaaa" not in engrave(broken).pages[0]


def test_a_staff_height_out_of_bounds_is_refused() -> None:
    with pytest.raises(LimitError):
        engrave(musicxml_bytes(pieces.chinese_song(1)), staff_mm=40)


def test_engraving_says_nothing_on_the_terminal(capfd) -> None:
    engrave(musicxml_bytes(pieces.english_song(2)))
    assert capfd.readouterr() == ("", "")
