"""The whole story, from a sentence to a file, in one sitting: both languages, both themes, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mido
import pytest

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import expect
from tests.api.live import Server
from tests.studio.test_piece_page import _cell, _grid, _notes, _saved
from tests.studio.test_piece_sound import LEVEL

SAID = {"en": "a short folk tune in G, 8 bars, flute and guitar", "zh": "一首短短的民谣，G大调，8小节，长笛和吉他"}
BUSIER = {"en": "busier", "zh": "更密一点"}
NAMES = {
    "en": {"open": "Open", "download": "Download"},
    "zh": {"open": "打开", "download": "下载"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        ("en", "light", (1280, 800)),
        ("zh", "dark", (1280, 800)),
        ("zh", "light", (390, 844)),
        ("en", "dark", (390, 844)),
    ],
)
def test_from_a_sentence_to_a_file(
    look: Callable[..., Any], server: Server, tmp_path: Any, language: str, theme: str, size: tuple[int, int]
) -> None:
    """Write, compose, listen, lock, write two bars anew, move a note, undo, change a chord, read, export, find."""
    page = look("/", language=language, theme=theme, size=size)
    page.fill("#words-box", SAID[language])
    page.wait_for_selector(".asked-style .asked-value:not(.unset)")
    page.click("#go")
    page.wait_for_function(f"() => ({LEVEL})() > 0.001", timeout=60_000)  # heard
    page.wait_for_selector('.take[data-state="done"]', timeout=240_000)
    page.get_by_role("link", name=NAMES[language]["open"], exact=True).click()
    page.wait_for_selector("#piece:not(.is-loading)")
    piece = page.url.split("/pieces/")[1].split("#")[0]
    composed = _grid(server, piece)
    assert composed["key"] == "G major"
    assert len(composed["bars"]) == 8
    parts = [part["id"] for part in composed["parts"]]
    # Listen.
    page.click("#transport-play")
    page.wait_for_function(f"() => ({LEVEL})() > 0.001", timeout=5000)
    page.click("#transport-play")
    # Lock all but the first part in bars 3 and 4; write both bars anew.
    _cell(page, parts[0], 2).click()
    page.wait_for_selector("#action-regenerate")
    _cell(page, parts[-1], 2).click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("l")
    _cell(page, parts[0], 2).click()
    page.keyboard.press("Shift+ArrowRight")
    for _ in parts[1:]:
        page.keyboard.press("Shift+ArrowDown")
    page.fill("#action-words", BUSIER[language])
    page.click("#action-regenerate")
    page.wait_for_selector("#action-keep", timeout=120_000)
    page.click("#action-keep")
    written = _grid(server, piece)
    assert _notes(written, parts[-1], range(0, 8)) == _notes(composed, parts[-1], range(0, 8))
    assert _notes(written, parts[0], range(2, 4)) != _notes(composed, parts[0], range(2, 4))
    for part in parts:
        assert _notes(written, part, range(0, 2)) == _notes(composed, part, range(0, 2))
        assert _notes(written, part, range(4, 8)) == _notes(composed, part, range(4, 8))
    # Move a note, and undo it.
    _cell(page, parts[0], 4).dblclick()
    page.wait_for_selector("#editor:not([hidden])")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("ArrowUp")
    _saved(page, 3)
    assert _notes(_grid(server, piece), parts[0], range(0, 8)) != _notes(written, parts[0], range(0, 8))
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_selector("#editor", state="hidden")
    page.keyboard.press("Control+z")
    _saved(page, 2)
    assert _notes(_grid(server, piece), parts[0], range(0, 8)) == _notes(written, parts[0], range(0, 8))
    # A chord as text.
    _cell(page, "chords", 4).dblclick()
    page.locator(".chord-input").fill("Em7")
    page.keyboard.press("Enter")
    _saved(page, 4)
    # The score and jianpu show it.
    for tab in ("score", "jianpu"):
        page.click(f"#tab-{tab}")
        page.wait_for_selector(f"#panel-{tab} .sheet svg", timeout=60_000)
    # Take it away as a file.
    page.click("#tab-mix")
    row = page.locator("#mix-files li", has_text="MIDI").first
    with page.expect_download() as waiting:
        row.get_by_text(NAMES[language]["download"], exact=True).click()
    file = tmp_path / "song.mid"
    waiting.value.save_as(file)
    assert sum(1 for track in mido.MidiFile(file).tracks for event in track if event.type == "note_on") > 20
    # It is in the library.
    title = page.locator("#piece h1").first.inner_text() if page.locator("#piece h1").count() else ""
    page.goto(page.url.split("/pieces/")[0] + "/library")
    expect(page.locator(f'.row[data-id="{piece}"]')).to_have_count(1)
    if title:
        page.fill("#search-words", title)
        expect(page.locator(f'.row[data-id="{piece}"]')).to_have_count(1)
