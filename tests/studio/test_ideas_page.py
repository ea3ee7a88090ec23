"""The ideas page in a real browser: cards are found, heard, turned, combined, dragged into a piece that keeps them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import expect
from tests.api.live import TUNE, Server
from tests.studio.accessibility import faults


def opened(look: Callable[..., Any], **how: Any) -> Any:
    """The page, when its first cards are there."""
    page = look("/ideas", **how)
    settled(page)
    return page


def settled(page: Any) -> None:
    """Wait until nothing is looked for any more."""
    page.wait_for_timeout(100)
    page.wait_for_selector('#cards[aria-busy="false"]')


def asked(page: Any, line: str) -> None:
    """Type a line and search."""
    page.fill("#idea-query", line)
    with page.expect_response(lambda answer: answer.url.endswith("/ideas/search")):
        page.keyboard.press("Enter")
    settled(page)


def drag(page: Any, start: Any, end: Any) -> None:
    """From the middle of one element to the middle of another, as a hand does."""
    one = start.bounding_box()
    page.mouse.move(one["x"] + one["width"] / 2, one["y"] + one["height"] / 2)
    page.mouse.down()
    page.mouse.move(one["x"] + one["width"] / 2 + 12, one["y"] + one["height"] / 2)
    other = end.bounding_box()  # places move closer together while something is dragged
    page.mouse.move(other["x"] + other["width"] / 2, other["y"] + other["height"] / 2, steps=8)
    page.mouse.up()


@pytest.mark.parametrize(
    ("line", "reading"),
    [
        ("rainy night", "words"), ("雨夜的律动", "words"), ("I V vi IV", "roman"), ("ii7-V7-Imaj7", "roman"),
        ("C G Am F", "roman"), ("5 6 1' 3", "tune"), ("C4 E4 G4", "tune"), ("u u d r", "tune"),
        ("x..x..x.", "rhythm"), ("kick: x...x... / snare: ..x...x.", "rhythm"), ("I love you", "words"),
    ],
)  # fmt: skip
def test_the_line_is_read_as_what_it_is(look: Callable[..., Any], pieces: list[Any], line: str, reading: str) -> None:
    """Words, notes, chords and rhythms are told apart, and the page says how it reads them; another reading can be
    chosen."""
    page = look("/ideas")
    page.fill("#idea-query", line)
    expect(page.locator('[data-reading][aria-pressed="true"]')).to_have_attribute("data-reading", reading)


def test_a_card_is_heard_and_told(look: Callable[..., Any], pieces: list[Any]) -> None:
    """A progression's card shows its numerals, where it is from, and that it may be used; it plays and stops."""
    page = opened(look)
    asked(page, "I V vi I")
    card = page.locator(".card.kind-progression").first
    expect(card.locator(".numerals b").first).to_have_text("I")
    expect(card.locator(".card-source")).to_contain_text("Bars 1-4 of")
    expect(card.locator(".badge")).to_be_visible()
    card.locator("[data-play]").click()
    expect(card.locator("[data-play]")).to_have_attribute("aria-label", "Pause " + card.get_attribute("data-title"))
    expect(card.locator(".card-cursor")).to_be_visible()
    page.wait_for_timeout(400)
    assert page.evaluate("() => { const m = window.yuefu.meter(); const b = new Float32Array(m.fftSize); "
                         "m.getFloatTimeDomainData(b); return Math.max(...b.map(Math.abs)); }") > 0  # fmt: skip
    card.locator("[data-play]").click()
    expect(card.locator("[data-play]")).to_have_attribute("aria-label", "Play " + card.get_attribute("data-title"))


def test_a_drawing_a_mood_and_kinds_narrow_the_cards(look: Callable[..., Any], pieces: list[Any]) -> None:
    """A shape drawn by hand or by keys, a point of the mood square and a kind are each asked for, and taken back."""
    page = opened(look)
    page.click("#ways-toggle")
    box = page.locator("#drawing").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 130)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 20, steps=10)
    with page.expect_request(lambda sent: sent.url.endswith("/ideas/search")) as told:
        page.mouse.up()
    contour = told.value.post_data_json["contour"]
    assert contour == sorted(contour)
    assert len(contour) > 8
    expect(page.locator("#asked-by .chip")).to_have_count(1)
    page.click("#draw-clear")
    page.locator("#drawing").focus()
    for key in ("ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    with page.expect_request(lambda sent: sent.url.endswith("/ideas/search")) as told:
        page.keyboard.press("ArrowDown")
    assert told.value.post_data_json["contour"] == [0.5, 0.625, 0.625, 0.5]
    page.locator(".mood-thumb").focus()
    with page.expect_request(lambda sent: "mood" in (sent.post_data_json or {})) as told:
        page.keyboard.press("ArrowRight")
    assert told.value.post_data_json["mood"] == [0.1, 0]
    page.locator('.filter[data-kind="progression"]').click()
    settled(page)
    assert set(page.locator(".card").evaluate_all("all => all.map(card => card.dataset.kind)")) == {"progression"}


def test_a_card_is_turned_and_downloaded(look: Callable[..., Any], pieces: list[Any]) -> None:
    """By the keyboard alone: a tune upside down stands after the tune; a card comes as a MIDI file."""
    page = opened(look)
    asked(page, "1 2 3 4")
    card = page.locator(".card:is(.kind-hook, .kind-motif)").first
    before = page.locator(".card").count()
    card.locator(".card-menu").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the first turn: upside down
    expect(page.locator(".card")).to_have_count(before + 1)
    expect(page.locator(".card.new .card-kind")).to_contain_text("upside down")
    with page.expect_download() as download:
        card.get_by_role("button", name="as MIDI").click()
    assert Path(download.value.path()).read_bytes()[:4] == b"MThd"


def test_cards_are_combined(look: Callable[..., Any], pieces: list[Any]) -> None:
    """A rhythm dragged into its slot and chords put there by the menu become one new card, which plays."""
    page = opened(look)
    asked(page, "1 2 3 4")
    # The studio may hold waltzes of other tests, too, and ideas are combined within one metre.
    tune = page.locator(".card:is(.kind-hook, .kind-motif)").filter(has_text="4/4").first
    drag(page, tune.locator(".card-grip"), page.locator('[data-drop="rhythm"]'))
    expect(page.locator('[data-drop="rhythm"]')).to_have_class("slot filled")
    asked(page, "I V vi I")
    card = page.locator(".card.kind-progression").filter(has_text="4/4").first
    card.get_by_role("button", name="Combine").click()
    card.get_by_role("button", name="its chords").click()
    page.click("#mix-go")
    expect(page.locator(".card.new .card-kind")).to_contain_text("combined")
    expect(page.locator(".card.new.playing")).to_be_visible()


@pytest.mark.model
def test_dragged_cards_begin_a_piece_that_keeps_them(
    look: Callable[..., Any], pieces: list[Any], server: Server
) -> None:
    """A tune dragged onto the grid is given to the composer: the piece that comes has it note for note, moved at most
    to another key, and can be opened from here."""
    page = opened(look)
    asked(page, "1 2 3 4")
    card = page.locator(".card:is(.kind-hook, .kind-motif)").first
    drag(page, card.locator(".card-grip"), page.locator("#lanes"))
    expect(page.locator("#lanes .row-melody .cell")).to_have_count(1)
    page.fill("#begin-words", "calm, 8 bars")
    with page.expect_request(lambda sent: sent.url.endswith("/api/v1/jobs")) as told:
        page.click("#begin-go")
    given = told.value.post_data_json["request"]["ideas"][0]
    page.wait_for_selector(".take-open", timeout=120_000)
    piece = page.locator(".take-open").get_attribute("href").rsplit("/", 1)[-1]
    with server.http() as http:
        grid = http.get(f"/api/v1/pieces/{piece}/versions/1/grid").json()
    own = next([note[1:4] for note in part["notes"]] for part in grid["parts"] if part["row"] == "melody")
    wanted = shape([(round(start * 24), 0, pitch) for _, start, _, pitch, _ in given["notes"]])
    assert any(shape(own[at : at + len(given["notes"])]) == wanted for at in range(len(own)))
    page.click(".take-open")
    page.wait_for_selector("#piece:not(.is-loading)")


def shape(notes: list[Any]) -> list[tuple[int, int]]:
    """How far apart notes are, in ticks and semitones: the same in any key and place."""
    return [(after[0] - before[0], after[2] - before[2]) for before, after in pairwise(notes)]


def test_the_bench_is_filled_by_keys_and_survives_a_reload(look: Callable[..., Any], pieces: list[Any]) -> None:
    """Without a mouse: the grip's Enter puts a card into the piece; it is still there after a reload, and can go."""
    page = opened(look)
    asked(page, "I V vi I")
    page.locator(".card.kind-progression .card-grip").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#lanes .row-chords .cell")).to_have_count(1)
    page.reload()
    expect(page.locator("#lanes .row-chords .cell")).to_have_count(1)
    page.locator("#lanes .cell button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#lanes .cell")).to_have_count(0)
    expect(page.locator("#begin-go")).to_be_disabled()


def test_a_finger_drags_a_card_on_a_phone(look: Callable[..., Any], pieces: list[Any]) -> None:
    """A touch on the grip opens the bench below, and lets the card fall into the piece."""
    page = opened(look, size=(390, 844))
    hand = page.context.new_cdp_session(page)
    hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    grip = page.locator(".card.kind-progression .card-grip").first
    grip.evaluate("element => element.scrollIntoView({block: 'center'})")
    at = grip.bounding_box()

    def touch(kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", at["x"] + 16, at["y"] + 20)
    touch("touchMove", at["x"] + 4, at["y"] + 24)
    touch("touchMove", at["x"] - 20, at["y"] + 30)
    page.wait_for_selector(".bench.open #lanes.can-take")
    end = page.locator("#lanes").bounding_box()
    for share in (0.5, 0.52):
        touch("touchMove", end["x"] + end["width"] * share, end["y"] + end["height"] * share)
    expect(page.locator("#lanes")).to_have_class("lanes can-take over")
    touch("touchEnd")
    expect(page.locator("#bench-count")).to_have_text("New piece: one card")


def test_a_file_is_taken_apart(look: Callable[..., Any], pieces: list[Any], tmp_path: Path) -> None:
    """Cards of a file of one's own name the file, and the library stays as it was."""
    file = tmp_path / "my tune.abc"
    file.write_bytes(TUNE)
    page = opened(look)
    page.set_input_files("#idea-files", str(file))
    expect(page.locator("#found-how")).to_contain_text("my tune.abc")
    expect(page.locator(".card").first).to_be_visible()


@pytest.mark.parametrize(("language", "theme", "size"), [("en", "light", (1280, 800)), ("zh", "dark", (390, 844))])
def test_the_page_in_use_keeps_the_rules(
    look: Callable[..., Any], pieces: list[Any], language: str, theme: str, size: tuple[int, int]
) -> None:
    """With the ways to ask, a menu and a filled bench open, nothing is nameless, faint, small or too wide."""
    page = opened(look, language=language, theme=theme, size=size)
    page.click("#ways-toggle")
    page.locator(".card-use").first.click()
    page.locator(".card-menu").first.click()
    assert faults(page) == []
    if size[0] < 1000:
        page.keyboard.press("Escape")
        page.click("#bench-fold")
        assert faults(page) == []
