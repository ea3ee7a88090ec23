"""The compose page in a real browser against a real studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import expect
from tests.api.live import Server

WALTZ = "a melancholy waltz for a rainy night, solo piano"


def _value(page: Any, field: str) -> str:
    return str(page.locator(f".asked-{field} .asked-value").inner_text())


def _typed(page: Any, text: str) -> None:
    page.fill("#words-box", text)
    page.wait_for_selector(".asked-style .asked-value:not(.unset)")


def test_brief_follows_the_words(look: Callable[..., Any]) -> None:
    """While words are typed the brief says what was read, and the words it came from are marked in the text."""
    page = look()
    _typed(page, WALTZ)
    assert _value(page, "style") == "waltz"
    assert _value(page, "meter") == "3/4"
    assert _value(page, "instruments") == "piano"
    assert "waltz" in page.locator("#words-mirror mark").all_inner_texts()
    page.hover(".asked-instruments .asked-head")
    assert page.locator("#words-mirror mark.lit").all_inner_texts() == ["solo piano"]


def test_chinese_brief(look: Callable[..., Any]) -> None:
    """The same in Chinese, with Chinese names."""
    page = look(language="zh")
    _typed(page, "中国风，古筝与二胡，月照江面，慢一些，G 小调")
    assert _value(page, "style") == "中国风"
    assert _value(page, "instruments") == "古筝、二胡"
    assert _value(page, "key") == "G 小调"


def test_field_set_by_hand_and_back(look: Callable[..., Any]) -> None:
    """A field that is set by hand wins over the words; the arrow takes it back to what they say."""
    page = look()
    _typed(page, WALTZ)
    page.click(".asked-style .asked-head")
    page.fill(".asked-style input", "tango")
    page.click('.asked-style [data-style="tango"]')
    page.wait_for_selector(".asked-style.by-hand")
    expect(page.locator(".asked-style .asked-value")).to_have_text("tango")
    assert page.locator(".asked-style .asked-from").inner_text() == "set by you"
    page.click(".asked-style .asked-back")
    page.wait_for_selector(".asked-style:not(.by-hand)")
    page.get_by_role("button", name="Style waltz").wait_for()


def test_mood_moves_by_keyboard(look: Callable[..., Any]) -> None:
    """The mood pad is a slider for the keyboard and says where it stands."""
    page = look()
    _typed(page, WALTZ)
    thumb = page.get_by_role("slider", name="Mood")
    thumb.focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowUp")
    assert "joyful" in thumb.get_attribute("aria-valuetext")
    page.wait_for_selector(".asked-mood.by-hand")
    expect(page.locator(".asked-mood .asked-value")).to_have_text("joyful")


def test_form_is_reordered_by_keyboard_and_mouse(look: Callable[..., Any]) -> None:
    """Sections are moved, lengthened and removed with keys, and dragged with the mouse."""
    page = look()
    _typed(page, "a pop song, verse chorus bridge")
    page.click(".asked-form .asked-head")
    names = page.locator(".block-name")
    assert names.all_inner_texts() == ["Verse", "Chorus", "Bridge"]
    page.locator(".block").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".asked-form.by-hand")
    assert names.all_inner_texts() == ["Chorus", "Verse", "Bridge"]
    page.keyboard.press("+")
    assert page.locator(".block-bars").nth(1).inner_text() == "9"
    page.locator(".block").nth(2).drag_to(page.locator(".block").nth(0))
    assert names.all_inner_texts() == ["Bridge", "Chorus", "Verse"]
    page.locator(".block").first.focus()
    page.keyboard.press("Delete")
    assert names.all_inner_texts() == ["Chorus", "Verse"]


def test_lyric_is_recognised(look: Callable[..., Any]) -> None:
    """Several short lines are a lyric: the page says so, asks how it should sound, and lets itself be corrected."""
    page = look(language="zh")
    page.fill("#words-box", "巷口的灯还亮着\n雨把旧信打湿了\n你说的远方很远\n我把门虚掩着")
    page.get_by_text("歌词共 4 句").wait_for()
    assert page.locator("#sound-box").is_visible()
    page.get_by_role("button", name="这是描述，不是歌词").click()
    assert not page.locator("#sound-box").is_visible()


def test_words_survive_a_reload(look: Callable[..., Any]) -> None:
    """What wasn't sent is there again after a reload, with what was set by hand."""
    page = look()
    _typed(page, WALTZ)
    page.click(".asked-tempo .asked-head")
    page.fill(".asked-tempo input[type=number]", "77")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.wait_for_selector(".asked-tempo.by-hand")
    page.reload()
    page.wait_for_selector(".asked-tempo.by-hand")
    assert page.input_value("#words-box") == WALTZ
    expect(page.locator(".asked-tempo .asked-value")).to_have_text("♩ = 77")


def test_impossible_wish_is_told(look: Callable[..., Any]) -> None:
    """A wish that can't be met is told in a sentence, and the words stay."""
    page = look(faults=("422",))
    page.fill("#words-box", "a song at 900 bpm")
    expect(page.locator("#words-fault")).to_contain_text("900")
    page.fill("#words-box", "a song at 90 bpm")
    expect(page.locator("#words-fault")).to_be_hidden()
    assert _value(page, "tempo") == "♩ = 90"


@pytest.mark.slow
def test_compose_writes_plays_and_keeps(look: Callable[..., Any]) -> None:
    """Ctrl+Enter composes: the plan and the bars appear, it sounds, and the piece is kept and can be opened."""
    page = look()
    _typed(page, "a short folk tune, 8 bars, solo piano")
    page.focus("#words-box")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".strip-sections", timeout=60_000)
    page.get_by_role("button", name="Pause").wait_for(timeout=30_000)
    page.wait_for_selector('.take[data-state="done"]', timeout=240_000)
    drawn = page.evaluate(
        "[...document.querySelectorAll('.strip-cell')].filter(cell =>"
        " cell.getContext('2d').getImageData(0, 0, cell.width, cell.height).data.some(Boolean)).length"
    )
    assert drawn > 0
    like = page.locator(".take").get_by_role("button", name="Like")
    like.click()
    page.wait_for_selector('.take [aria-pressed="true"]')
    link = page.get_by_role("link", name="Open")
    assert link.get_attribute("href").startswith("/pieces/")


@pytest.mark.slow
def test_cancel_keeps_the_words(look: Callable[..., Any]) -> None:
    """A job that is cancelled says so, and what was typed stays."""
    page = look(language="zh")
    _typed(page, "一首很长的流行歌，64 小节")
    page.click("#go")
    page.get_by_role("button", name="取消").first.click()
    page.get_by_text("已取消，文字还在上面。").wait_for(timeout=60_000)
    assert page.input_value("#words-box") == "一首很长的流行歌，64 小节"


@pytest.mark.slow
def test_versions_side_by_side_survive_a_reload(look: Callable[..., Any]) -> None:
    """Two versions are written; after a reload they are followed again; one is kept, the other thrown away."""
    page = look()
    _typed(page, "a tiny waltz, 4 bars, solo piano")
    page.click(".versions-choice label:nth-child(2)")
    page.uncheck("#listen")
    page.click("#go")
    page.wait_for_selector(".strip-sections", timeout=60_000)
    page.reload()
    expect(page.locator(".take")).to_have_count(2)
    expect(page.locator('.take[data-state="done"]')).to_have_count(2, timeout=240_000)
    links = [link.get_attribute("href") for link in page.get_by_role("link", name="Open").all()]
    assert len(set(links)) == 2
    page.get_by_role("button", name="Keep only this one").first.click()
    expect(page.locator(".take")).to_have_count(1)
    page.goto(page.url + "trash")
    expect(page.locator(f'.row[data-id="{links[1].removeprefix("/pieces/")}"]')).to_have_count(1)


@pytest.mark.slow
def test_composing_anew_cancels_what_is_left_behind(look: Callable[..., Any], server: Server) -> None:
    """A version that makes room for another before it is done isn't written on unseen."""
    page = look()
    _typed(page, "a long pop song, 96 bars")
    page.click("#go")
    page.wait_for_selector(".strip-sections", timeout=60_000)
    with server.http() as http:
        first = http.get("/api/v1/jobs").json()["jobs"][0]["id"]
        page.click("#go")
        expect(page.locator(".take")).to_have_count(1)
        for _ in range(300):
            if http.get(f"/api/v1/jobs/{first}").json()["state"] == "cancelled":
                break
            page.wait_for_timeout(200)
        assert http.get(f"/api/v1/jobs/{first}").json()["state"] == "cancelled"
    page.get_by_role("button", name="Cancel").first.click()
    page.get_by_text("Cancelled.").wait_for(timeout=60_000)
