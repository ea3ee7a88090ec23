"""PDF and PNG: every page, every letter, fast, and always the same bytes."""

import io
import time
from dataclasses import replace

import numpy as np
import page_pieces as pieces
import pypdfium2
import pytest
from PIL import Image

from yuefu.errors import InputError
from yuefu.page.engrave import engrave
from yuefu.page.pdf import pdf_bytes
from yuefu.page.png import png_bytes, png_pages
from yuefu.score.musicxml_write import musicxml_bytes


def _ink(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L")) < 128


def test_a_long_piece_becomes_an_a4_pdf_with_ink_on_every_page() -> None:
    score = engrave(musicxml_bytes(pieces.band(24)))
    document = pypdfium2.PdfDocument(pdf_bytes(score.svgs, score.title))
    assert len(document) == len(score) > 1
    for page in document:
        assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
        ink = _ink(page.render(scale=1).to_pil())
        assert 0.005 < ink.mean() < 0.3
        assert not ink[:20].any()
        assert not ink[:, :20].any()
        assert not ink[:, -20:].any()


def test_pdf_and_png_show_the_same_picture() -> None:
    svg = engrave(musicxml_bytes(pieces.english_song())).svgs[0]
    drawn = pypdfium2.PdfDocument(pdf_bytes([svg]))[0].render(scale=100 / 72).to_pil().convert("L")
    painted = Image.open(io.BytesIO(png_bytes(svg, dpi=100))).convert("L").resize(drawn.size)
    a, b = (np.asarray(image.reduce(6), dtype=float) for image in (drawn, painted))
    assert np.abs(a.mean() - b.mean()) < 4.0
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9


def test_words_in_both_languages_can_be_searched_in_the_pdf() -> None:
    text = ""
    for piece in (pieces.chinese_song(), pieces.english_song()):
        text += (
            pypdfium2.PdfDocument(pdf_bytes(engrave(musicxml_bytes(piece)).svgs))[0].get_textpage().get_text_bounded()
        )
    for word in ("静夜思", "李白", "床", "光", "The River Bends", "bends", "F#m7b5"):
        assert word in text


def test_a_chinese_title_is_drawn_not_boxed() -> None:
    """Two different characters leave different ink; boxes would be alike."""
    pictures = []
    for title in ("春夏", "秋冬"):
        svg = engrave(musicxml_bytes(replace(pieces.chinese_song(1), title=title))).svgs[0]
        page = pypdfium2.PdfDocument(pdf_bytes([svg]))[0].render(scale=2).to_pil()
        width, height = page.size
        box = (width // 3, height // 25, 2 * width // 3, height // 12)
        pictures.append((_ink(page.crop(box)), _ink(Image.open(io.BytesIO(png_bytes(svg, dpi=144))).crop(box))))
    for first, second in zip(*pictures):
        assert first.sum() > 300
        assert second.sum() > 300
        assert (first != second).sum() > 300


def test_the_same_pages_give_the_same_bytes() -> None:
    svgs = engrave(musicxml_bytes(pieces.chinese_song())).svgs
    assert pdf_bytes(svgs, "静夜思") == pdf_bytes(svgs, "静夜思")
    assert png_pages(svgs) == png_pages(svgs)


def test_thirty_two_bars_of_five_parts_take_under_three_seconds_of_work() -> None:
    document = musicxml_bytes(pieces.band(32))
    start = time.process_time()
    pdf_bytes(engrave(document).svgs)
    assert time.process_time() - start < 3.0


def test_the_title_is_in_the_properties() -> None:
    document = pypdfium2.PdfDocument(pdf_bytes(engrave(musicxml_bytes(pieces.chinese_song(1))).svgs, "静夜思", "乐府"))
    assert document.get_metadata_value("Title") == "静夜思"
    assert document.get_metadata_value("Author") == "乐府"


@pytest.mark.parametrize("pages", [[], ["nonsense"], ["<html/>"], [""]])
def test_pages_that_are_not_svg_are_refused(pages: list[str]) -> None:
    with pytest.raises(InputError):
        pdf_bytes(pages)


@pytest.mark.parametrize(
    ("svg", "dpi"), [("nonsense", 100), ("<svg/>", 5), ("<svg xmlns='http://www.w3.org/2000/svg'/>", 9e9)]
)
def test_a_png_that_cannot_be_drawn_is_refused(svg: str, dpi: float) -> None:
    with pytest.raises(InputError):
        png_bytes(svg, dpi)
