"""The page of a piece in a real browser against a real studio: lock, write anew, edit, undo, chords, words, history."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.api.live import Server
from tests.studio.accessibility import faults

WORDS = "The kettle sings, the window's grey\nYour coat is gone, you couldn't stay"
OPTIONS = {"lyrics": WORDS, "form": "A:8", "instruments": "flute, piano, bass", "seed": 5, "title": "Kettle"}


@pytest.fixture(scope="module")
def song(server: Server) -> str:
    """The id of a composed song of eight bars."""
    with server.http() as http:
        asked = {"kind": "compose", "request": {"words": "a warm folk song", "options": OPTIONS}}
        job = http.post("/api/v1/jobs", json=asked).json()
        limit = time.monotonic() + 120
        while job["state"] not in ("done", "failed") and time.monotonic() < limit:
            time.sleep(0.2)
            job = http.get(f"/api/v1/jobs/{job['id']}").json()
    assert job["state"] == "done", job
    return str(job["result"]["piece"])


@pytest.fixture
def copy(server: Server, song: str) -> str:
    """A copy of it for one test."""
    with server.http() as http:
        return str(http.post(f"/api/v1/pieces/{song}/copy").json()["id"])


def _open(look: Callable[..., Any], piece: str, tab: str = "grid", **how: Any) -> Any:
    page = look(f"/pieces/{piece}#{tab}", **how)
    page.wait_for_selector("#piece:not(.is-loading)")
    return page


def _gone_to(page: Any, address: str) -> Any:
    page.goto(address)
    return page


def _grid(server: Server, piece: str, number: int | None = None) -> dict[str, Any]:
    with server.http() as http:
        head = number or http.get(f"/api/v1/pieces/{piece}").json()["head"]
        return dict(http.get(f"/api/v1/pieces/{piece}/versions/{head}/grid").json())


def _head(server: Server, piece: str) -> int:
    with server.http() as http:
        return int(http.get(f"/api/v1/pieces/{piece}").json()["head"])


def _notes(grid: dict[str, Any], part: str, bars: range) -> list[tuple[int, int, int]]:
    """Start, duration and pitch of a part's notes that begin in bars (from 0)."""
    start = grid["bars"][bars[0]]["start"]
    end = grid["bars"][bars[-1]]["start"] + grid["bars"][bars[-1]]["duration"]
    notes = next(each["notes"] for each in grid["parts"] if each["id"] == part)
    return [tuple(note[1:4]) for note in notes if start <= note[1] < end]  # type: ignore[misc]


def _cell(page: Any, row: str, bar: int) -> Any:
    return page.locator(f'.grid-cell[data-row="{row}"][data-bar="{bar}"]')


def _saved(page: Any, version: int) -> None:
    page.wait_for_function(
        "number => { const { state } = window.yuefu.page; return !state.busy && state.version.number === number; }",
        arg=version,
    )


def test_locked_cells_stay_when_others_are_written_anew(look: Callable[..., Any], server: Server, copy: str) -> None:
    """Two bars of every part are written anew; the locked part there, and all else, is the same to the note."""
    before = _grid(server, copy)
    parts = [part["id"] for part in before["parts"]]
    tune, locked = parts[0], parts[-1]
    page = _open(look, copy)
    _cell(page, locked, 2).click()
    _cell(page, locked, 3).click(modifiers=["Shift"])
    page.keyboard.press("l")
    assert _cell(page, locked, 2).evaluate("cell => cell.classList.contains('is-locked')")
    _cell(page, tune, 2).click()
    _cell(page, locked, 3).click(modifiers=["Shift"])
    page.fill("#action-words", "busier")
    page.click("#action-regenerate")
    page.wait_for_selector(".grid-cell.is-writing")
    page.wait_for_selector("#action-keep", timeout=90_000)
    after = _grid(server, copy)
    assert _notes(after, locked, range(0, 8)) == _notes(before, locked, range(0, 8))
    for part in parts:
        for rest in (range(0, 2), range(4, 8)):
            assert _notes(after, part, rest) == _notes(before, part, rest), part
    changed = [part for part in parts if _notes(after, part, range(2, 4)) != _notes(before, part, range(2, 4))]
    assert changed
    assert locked not in changed
    assert page.locator(f'.grid-cell.is-changed[data-row="{tune}"]').count() <= 2
    # Heard before, then taken back: the first version is shown again, and the lock is still there.
    page.click("#action-hear-before")
    page.wait_for_function("() => window.yuefu.page.state.version.number === 1")
    page.click("#action-back")
    page.wait_for_selector("#action-keep", state="detached")
    limit = time.monotonic() + 20
    while _head(server, copy) != 1 and time.monotonic() < limit:
        page.wait_for_timeout(100)
    assert _head(server, copy) == 1
    _saved(page, 1)
    page.reload()
    page.wait_for_selector("#piece:not(.is-loading)")
    assert page.locator(".grid-cell.is-locked").count() == 2


def test_note_is_drawn_moved_and_undone(look: Callable[..., Any], server: Server, copy: str) -> None:
    """A note drawn in an opened cell is in the piece, moved by a key again; undo and redo go along the versions."""
    before = _grid(server, copy)
    part = before["parts"][0]["id"]
    page = _open(look, copy)
    _cell(page, part, 4).dblclick()
    page.wait_for_selector("#editor:not([hidden])")
    roll = page.locator("#editor-roll")
    place = page.evaluate(
        """() => { const { view, notes } = window.yuefu.page.editor;
        const pitch = view.pitches.find((each) => !notes.some((note) => note[3] === each));
        return [view.x(view.start + 24) + 6, view.y(pitch) + view.row / 2, pitch]; }"""
    )
    roll.click(position={"x": place[0], "y": place[1]})
    _saved(page, 2)
    drawn = set(_notes(_grid(server, copy), part, range(4, 5))) - set(_notes(before, part, range(4, 5)))
    start = before["bars"][4]["start"] + 24
    assert [(note[0], note[2]) for note in drawn] == [(start, place[2])]
    page.keyboard.press("ArrowDown")
    _saved(page, 3)
    moved = set(_notes(_grid(server, copy), part, range(4, 5))) - set(_notes(before, part, range(4, 5)))
    assert [(note[0], note[2]) for note in moved] == [(start, place[2] - 1)]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_selector("#editor", state="hidden")
    page.keyboard.press("Control+z")
    _saved(page, 2)
    page.keyboard.press("Control+z")
    _saved(page, 1)
    assert _notes(_grid(server, copy), part, range(0, 8)) == _notes(before, part, range(0, 8))
    page.keyboard.press("Shift+Control+z")
    _saved(page, 2)
    assert _head(server, copy) == 2


def test_one_gesture_is_one_version(look: Callable[..., Any], server: Server, copy: str) -> None:
    """Five quick steps with the arrow keys are saved together, and the note is where it was moved to."""
    part = _grid(server, copy)["parts"][0]["id"]
    page = _open(look, copy)
    _cell(page, part, 0).dblclick()
    page.wait_for_selector("#editor:not([hidden])")
    page.keyboard.press("Control+ArrowRight")
    first = page.evaluate("window.yuefu.page.editor.chosen[0]")
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    _saved(page, 2)
    after = {note[0]: note for each in _grid(server, copy)["parts"] for note in each["notes"]}
    assert after[first[0]][3] == first[3] + 5


def test_chord_is_changed_as_text(look: Callable[..., Any], server: Server, copy: str) -> None:
    """A chord typed over a bar is in the piece, and the row shows it."""
    page = _open(look, copy)
    _cell(page, "chords", 1).dblclick()
    page.locator(".chord-input").fill("Gmaj7/B Em")
    page.keyboard.press("Enter")
    _saved(page, 2)
    grid = _grid(server, copy)
    start = grid["bars"][1]["start"]
    found = [c["symbol"] for c in grid["chords"] if start <= c["start"] < start + grid["bars"][1]["duration"]]
    assert found == ["Gmaj7/B", "Em"]
    assert _cell(page, "chords", 1).inner_text() == "Gmaj7/B Em"


def test_words_are_changed_line_by_line(look: Callable[..., Any], server: Server, copy: str) -> None:
    """A line typed anew is sung on the same notes."""
    before = _grid(server, copy)
    page = _open(look, copy)
    page.locator(".grid-words-cell", has_text="kettle").first.click()
    line = page.locator(".words-line.is-here input").first
    assert line.input_value().startswith("The kettle sings")
    line.fill(line.input_value().replace("kettle", "bottle"))
    page.locator("#piece-dialog .button-primary").click()
    _saved(page, 2)
    after = _grid(server, copy)
    text = " ".join(each[1] for part in after["parts"] for each in part["syllables"]).lower()
    assert "bot" in text
    assert "ket" not in text
    assert [part["notes"] for part in after["parts"]] == [part["notes"] for part in before["parts"]]
    assert page.locator(".grid-words-cell", has_text="bottle").count() == 1


def test_piece_as_a_whole_is_changed(look: Callable[..., Any], server: Server, copy: str) -> None:
    """Title, tempo, key, an instrument, a tag and a like are kept."""
    page = _open(look, copy)
    page.fill("#piece-title", "Another kettle")
    page.keyboard.press("Enter")
    _saved(page, 2)
    page.fill("#piece-tempo", "132")
    page.keyboard.press("Enter")
    _saved(page, 3)
    key = page.locator("#piece-key")
    other = page.evaluate("[...document.querySelectorAll('#piece-key option')].find((o) => !o.selected).value")
    key.select_option(other)
    _saved(page, 4)
    menu = page.locator(".part-select").first
    menu.focus()
    menu.select_option("violin")
    _saved(page, 5)
    page.fill("#piece-tag-new", "kitchen")
    page.keyboard.press("Enter")
    page.wait_for_selector(".piece-tag")
    page.click("#piece-like")
    page.wait_for_selector('#piece-like[aria-pressed="true"]')
    grid = _grid(server, copy)
    assert (grid["title"], grid["tempo"], grid["key"]) == ("Another kettle", 132, other)
    assert grid["parts"][0]["instrument"] == "violin"
    with server.http() as http:
        piece = http.get(f"/api/v1/pieces/{copy}").json()
    assert (piece["title"], piece["tags"], piece["liked"]) == ("Another kettle", ["kitchen"], True)


def test_change_made_elsewhere_is_taken_in(browser: Any, server: Server, copy: str) -> None:
    """An edit of a state that is no longer the newest isn't forced in: the page shows the newest state and says so."""
    context = browser.new_context(locale="en-GB")  # not the watched one: a refusal is what is wanted here
    page = _open(lambda path: _gone_to(context.new_page(), server.url + path), copy)
    with server.http() as http:
        tag = http.get(f"/api/v1/pieces/{copy}").headers["ETag"]
        edits = {"edits": [{"op": "tempo", "bpm": 61}]}
        assert http.post(f"/api/v1/pieces/{copy}/versions", json=edits, headers={"If-Match": tag}).status_code == 201
    page.fill("#piece-tempo", "99")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    assert "changed elsewhere" in page.locator(".toast").inner_text()
    page.wait_for_function("() => document.getElementById('piece-tempo').value === '61'")
    assert _grid(server, copy)["tempo"] == 61
    context.close()


@pytest.mark.parametrize(("tab", "note"), [("score", '.note[id^="n"].sheet-note'), ("jianpu", "[data-note]")])
def test_pages_follow_the_cursor(look: Callable[..., Any], song: str, tab: str, note: str) -> None:
    """While it plays, the notes that sound are lit on the page; a click on a note goes there."""
    page = _open(look, song, tab)
    page.wait_for_selector(f"#panel-{tab} .sheet svg {note}", timeout=60_000)
    page.click("#transport-play")
    page.wait_for_selector(f"#panel-{tab} .is-sounding")
    first = page.evaluate("window.yuefu.page.transport.source.time")
    page.wait_for_function("from => window.yuefu.page.transport.source.time > from + 0.3", arg=first)
    page.click("#transport-play")
    touched = page.locator(f"#panel-{tab} .sheet svg {note}").last
    touched.dispatch_event("click")
    tick = page.evaluate("window.yuefu.page.transport.tick")
    number = touched.evaluate("element => Number(element.dataset.note ?? /\\d+/.exec(element.id)[0])")
    start = page.evaluate(
        "id => window.yuefu.page.state.grid.parts.flatMap((part) => part.notes).find((note) => note[0] === id)[1]",
        number,
    )
    assert abs(tick - start) < 1


def test_history_is_compared_named_and_gone_back_in(look: Callable[..., Any], server: Server, copy: str) -> None:
    """Two versions are shown bar by bar and heard in turn; one is named; the older one is made the head again."""
    page = _open(look, copy)
    part = _grid(server, copy)["parts"][0]["id"]
    _cell(page, part, 5).click()
    page.keyboard.press("Delete")
    _saved(page, 2)
    page.click("#tab-history")
    page.locator(".history-item").nth(1).wait_for()
    assert page.locator(".history-item").count() == 2
    page.locator(".history-name").first.fill("without the sixth bar")
    page.keyboard.press("Enter")
    page.locator('[data-version="1"] button').first.click()
    page.wait_for_selector(".diff-row")
    assert page.locator(".diff-bars i.is-changed").evaluate_all("marks => [...new Set(marks.map((m) => m.title))]") == [
        "6"
    ]
    page.click('[data-hear="1"]')
    page.wait_for_function("() => window.yuefu.page.state.version.number === 1 && window.yuefu.page.player.playing")
    at = page.evaluate("window.yuefu.page.player.time")
    page.click('[data-hear="2"]')
    page.wait_for_function("() => window.yuefu.page.state.version.number === 2")
    assert page.evaluate("window.yuefu.page.player.time") >= at
    page.locator('[data-version="1"] button').last.click()
    _saved(page, 1)
    assert _head(server, copy) == 1
    with server.http() as http:
        assert http.get(f"/api/v1/pieces/{copy}/versions/2").json()["name"] == "without the sixth bar"


def test_seed_writes_the_same_piece_again(look: Callable[..., Any], server: Server, song: str) -> None:
    """From the history the piece is composed again by its seed: another piece, the same to the note."""
    page = _open(look, song, "history")
    assert page.locator("#history-seed output").inner_text() == "5"
    page.click("#history-replay")
    page.locator(".toast-action").wait_for(timeout=90_000)
    page.locator(".toast-action").click()
    page.wait_for_selector("#piece:not(.is-loading) .grid-cell")
    again = page.locator("#piece").get_attribute("data-piece")
    assert again != song
    assert [part["notes"] for part in _grid(server, again)["parts"]] == [
        part["notes"] for part in _grid(server, song, 1)["parts"]
    ]


def test_grid_by_keyboard(look: Callable[..., Any], song: str) -> None:
    """Arrows walk, Shift selects a region, L locks, and every cell says what it is to who can't see it."""
    page = _open(look, song)
    grid = page.get_by_role("grid")
    assert grid.get_attribute("aria-multiselectable") == "true"
    page.locator('.grid-cell[tabindex="0"]').focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    chosen = page.locator('.grid-cell[aria-selected="true"]')
    assert chosen.count() == 4
    assert "bars 3–4" in page.locator("#actions-what").inner_text()
    page.keyboard.press("l")
    names = chosen.evaluate_all("cells => cells.map((cell) => cell.getAttribute('aria-label'))")
    assert all("locked" in name and "bar " in name and "note" in name for name in names), names
    page.keyboard.press("l")
    page.keyboard.press("Escape")
    assert chosen.count() == 0
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        ("en", "light", (1280, 800)),
        ("zh", "dark", (1280, 800)),
        ("zh", "light", (390, 844)),
        ("en", "dark", (360, 740)),
    ],
)
def test_page_keeps_the_rules(
    look: Callable[..., Any], song: str, language: str, theme: str, size: tuple[int, int]
) -> None:
    """Every tab, and an opened cell: nothing nameless, too faint, too small, or wider than the screen."""
    page = _open(look, song, language=language, theme=theme, size=size)
    found = {"grid": faults(page)}
    _cell(page, "P1", 1).click()
    found["selection"] = faults(page)
    page.evaluate("window.yuefu.page.openSelection()")
    page.wait_for_selector("#editor:not([hidden])")
    found["editor"] = faults(page)
    page.click("#editor-close")
    for tab, ready in {
        "score": ".sheet svg", "jianpu": "#panel-jianpu .sheet svg", "mix": "#mix-render", "report": ".report-section",
        "history": ".history-item",
    }.items():  # fmt: skip
        page.click(f"#tab-{tab}")
        page.wait_for_selector(ready, timeout=60_000)
        found[tab] = faults(page)
    assert {tab: each for tab, each in found.items() if each} == {}
