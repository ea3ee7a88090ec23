"""Numbered notation on pages: everything on it, nothing over anything else, the same each time."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import page_pieces as pieces
import pypdfium2
from hypothesis import HealthCheck, assume, given, settings
from lxml import etree
from tests.score.strategies import scores

from yuefu.page.jianpu_layout import WIDTH, Line, lay_out, word_extent
from yuefu.page.jianpu_page import jianpu_pages
from yuefu.page.pdf import pdf_bytes
from yuefu.page.png import png_bytes
from yuefu.score.jianpu import folded_jianpu, jianpu_of
from yuefu.score.model import KeyChange, Part, Score, Section, Syllable, make_notes
from yuefu.score.tune import sung_part
from yuefu.theory.key import Key


def words(svg: str) -> list[str]:
    return re.findall(r'aria-label="([^"]*)"', svg)


def test_a_chinese_song_shows_heading_key_metre_tempo_section_chords_digits_and_words() -> None:
    """A singer finds what a printed 简谱 has, named in the language of the song."""
    (page,) = jianpu_pages(jianpu_of(pieces.chinese_song()))
    seen = words(page)
    for expected in ("静夜思", "词：李白", "曲：乐府", "1=G", "A 主歌", "Em7", "F♯m7♭5", "床", "光，", "6"):
        assert expected in seen
    assert any("92" in word for word in seen)
    english = words(jianpu_pages(jianpu_of(pieces.english_song(8)))[0])
    assert "Words: Anon." in english
    assert "riv" in english


def test_digits_name_their_notes_and_bars_their_numbers() -> None:
    """A cursor finds every note of the tune, and every bar, on the page."""
    song = pieces.chinese_song()
    page = "".join(jianpu_pages(jianpu_of(song)))
    notes = {int(number) for number in re.findall(r'data-note="(\d+)"', page)}
    assert notes == set(sung_part(song).notes["id"].tolist())
    bars = [int(number) for number in re.findall(r'data-bar="(\d+)"', page)]
    assert bars == [bar.index + (0 if song.pickup else 1) for bar in song.bars]


def test_a_flat_key_has_its_sign_before_the_letter() -> None:
    """1=♭E, as Chinese scores write it."""
    song = replace(pieces.chinese_song(), keys=(KeyChange(0, Key(-3)),))
    assert "1=♭E" in words(jianpu_pages(jianpu_of(song))[0])


def test_pages_are_outlines_of_a4_size_and_become_pdf_and_png() -> None:
    """The pages need no fonts, and a PDF of them can be searched for its words."""
    pages = jianpu_pages(jianpu_of(pieces.english_song(64)))
    assert len(pages) > 1
    for svg in pages:
        root = etree.fromstring(svg.encode())
        assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("210mm", "297mm", "0 0 21000 29700")
        names = {etree.QName(element).localname for element in root.iter() if isinstance(element.tag, str)}
        assert names <= {"svg", "g", "path", "rect", "ellipse"}
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
    assert png_bytes(pages[0]).startswith(b"\x89PNG")
    document = pypdfium2.PdfDocument(pdf_bytes(pages, "Song"))
    assert len(document) == len(pages)
    assert "bends" in document[0].get_textpage().get_text_range()
    assert pages == jianpu_pages(jianpu_of(pieces.english_song(64)))


def test_lines_hold_four_bars_and_begin_with_the_sections() -> None:
    """Where bars are of ordinary width a line is a phrase of four, and a section starts a new one."""
    lines, scale = lay_out(jianpu_of(pieces.english_song(24)))
    assert scale == 1.0
    assert [len(line.bars) for line in lines] == [4] * 6
    for line in lines:
        assert not any(any(bar.bar.label) for bar in line.bars[1:])


def _check_no_overlap(line: Line, width: float) -> None:
    digits = [(placed.x - 120, placed.x + 120) for placed in line.signs]
    rows = [digits]
    for verse in line.verses:
        row = []
        for placed in line.signs:
            for word in placed.sign.words:
                if word.verse == verse:
                    before, after = word_extent(word)
                    row.append((placed.x - before, placed.x + after))
        rows.append(row)
    for row in rows:
        for (_, end), (start, _) in pairwise(row):
            assert start >= end - 1
    assert line.bars[-1].left + line.bars[-1].width <= width + 1
    for bar in line.bars:
        assert bar.left <= bar.signs[0].x
        assert bar.signs[-1].x < bar.left + bar.width


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scores(max_parts=2, poly=False))
def test_nothing_stands_over_anything_else(score: Score) -> None:
    """Digits, and the words of each verse, keep apart in every line, and every line within the margins."""
    assume(any(len(p.notes) and not p.is_drums for p in score.parts))
    lines, scale = lay_out(jianpu_of(score))
    for line in lines:
        _check_no_overlap(line, WIDTH / scale)
    for page in jianpu_pages(jianpu_of(score)):
        etree.fromstring(page.encode())


def test_a_bar_too_wide_for_the_page_makes_all_smaller() -> None:
    """Sixty-four quick notes with long words in one bar still fit between the margins."""
    notes = make_notes([(i + 1, i * 3, 3, 60 + i % 5, 80) for i in range(32)])
    part = Part("P1", "Voice", notes=notes, syllables=tuple(Syllable(i + 1, "strength") for i in range(32)))
    lines, scale = lay_out(jianpu_of(Score(parts=(part,))))
    assert scale < 1
    _check_no_overlap(lines[0], WIDTH / scale)


def test_folded_verses_have_their_numbers_repeat_dots_and_brackets() -> None:
    """Two verses under one tune are numbered, and a second ending is bracketed."""
    song = pieces.english_song(4)
    notes = song.parts[0].notes
    again = notes.copy()
    again["id"] += 1000
    again["start"] += 4 * 96
    again["pitch"][-1] += 2
    second = tuple(replace(s, note_id=s.note_id + 1000, text=s.text.upper()) for s in song.parts[0].syllables)
    both = make_notes([*notes.tolist(), *again.tolist()])
    part = replace(song.parts[0], notes=both, syllables=song.parts[0].syllables + second)
    score = Score(parts=(part,), sections=(Section(0, 384, "A"), Section(384, 384, "A")), keys=song.keys, length=768)
    sheet = folded_jianpu(score)
    assert len(sheet.bars) == 5
    seen = words("".join(jianpu_pages(sheet)))
    assert {"1.", "2.", "riv", "RIV"} <= set(seen)
