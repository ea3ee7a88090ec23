"""The Listen page in a real browser against a real studio: from first choices to erasing everything."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import expect
from tests.api.live import Server, make_piece, running
from tests.studio.accessibility import faults
from tests.studio.test_axe import violations

TITLES = ("Slow rain", "夜雨", "Market day", "Kite", "Snow", "Night ferry")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio of its own, so that what others do isn't heard here."""
    with running(tmp_path_factory.mktemp("listening"), workers=0) as started:
        yield started


@pytest.fixture(scope="module")
def studio(server: Server) -> str:
    """Its address."""
    return server.url


@pytest.fixture
def pieces(server: Server) -> list[dict[str, Any]]:
    """Six pieces, and nobody who has listened to them."""
    with server.http() as http:
        # The page of the test before may tell its last events while it closes.
        for _ in range(10):
            http.delete("/api/v1/listening")
            time.sleep(0.3)
            if not http.get("/api/v1/listening").json()["events"]:
                break
        there = http.get("/api/v1/pieces?sort=created").json()["pieces"]
        return there or [make_piece(http, title) for title in TITLES]


def told(server: Server) -> list[dict[str, Any]]:
    """The events that the studio holds, the oldest first."""
    with server.http() as http:
        return list(reversed(http.get("/api/v1/events").json()["events"]))


def kinds(server: Server) -> list[str]:
    """What was done."""
    return [event["kind"] for event in told(server)]


def choose(page: Any) -> None:
    """First choices: two moods and one clip."""
    expect(page.locator(".clip")).to_have_count(5)
    box = page.locator(".start-pad").bounding_box()
    for across, down in ((0.3, 0.7), (0.6, 0.8)):
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
    expect(page.locator(".start-moods .chip")).to_have_count(2)
    page.locator(".clip-answers button").first.click()
    page.get_by_role("button", name="Begin to listen").click()
    expect(page.locator("#queue .track")).not_to_have_count(0)


def without_choosing(page: Any) -> None:
    """Past the first choices, where they are asked."""
    button = page.get_by_role("button", name="Without choosing")
    expect(button.or_(page.locator("#queue .track")).first).to_be_visible()
    if button.is_visible():
        button.click()


def heard(page: Any, seconds: float = 2.5) -> None:
    """Wait until so much of the piece has been heard. (The pages' policy lets no text become a script.)"""
    for _ in range(300):
        if page.evaluate("() => window.yuefu.hearing.ear.heard") > seconds:
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing is heard")


def test_from_first_choices_to_erasing(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """Choose, play, skip, like, ask why, make a playlist, see what is held, erase it: each is told and shown."""
    page = look("/listen")
    choose(page)
    page.locator("#queue .track-play").first.click()
    heard(page)
    first = page.locator("#bar-title").inner_text()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("#bar-title")).not_to_have_text(first)
    second = page.locator("#bar-title").inner_text()
    page.locator("#bar-like").click()
    expect(page.locator(".toast").last).to_contain_text(second)
    expect(page.locator("#bar-like")).to_have_attribute("aria-pressed", "true")

    page.locator("#queue .track").nth(1).get_by_role("button", name="Why").click()
    expect(page.locator(".why-sentence")).to_contain_text("Because")
    amounts = [
        float(text.replace("−", "-")) for text in page.locator(".why-line:not(.why-sum) .why-amount").all_inner_texts()
    ]
    total = float(page.locator(".why-sum .why-amount").inner_text().replace("−", "-"))
    assert sum(amounts) == pytest.approx(total, abs=0.05)

    page.get_by_role("tab", name="Playlists").click()
    page.fill("#wish-words", "reading on a rainy day")
    page.fill("#wish-minutes", "1")
    page.get_by_role("button", name="Make", exact=True).click()
    expect(page.locator("#playlist .arc")).to_be_visible()
    expect(page.locator(".kept-name")).to_have_count(1)

    page.get_by_role("tab", name="What is held").click()
    expect(page.locator(".held tbody tr")).not_to_have_count(0)
    seen = kinds(server)
    assert seen.count("skip") == 1
    assert {"play", "skip", "like", "search"} <= set(seen)
    skipped = next(event for event in told(server) if event["kind"] == "skip")
    assert (skipped["title"], skipped["device"]) == (first, "desk")
    assert skipped["second"] >= 2

    page.get_by_role("button", name="Erase everything").click()
    page.locator("#erase-yes").click()
    expect(page.locator("#held")).to_contain_text("Nothing is held about you")
    page.get_by_role("tab", name="For you").click()
    expect(page.locator(".clip")).to_have_count(5)
    assert told(server) == []


def test_a_dislike_takes_the_piece_away_and_is_no_skip(
    look: Callable[..., Any], server: Server, pieces: list[Any]
) -> None:
    """The next piece follows, and the disliked one isn't in the queue any more."""
    page = look("/listen")
    without_choosing(page)
    page.locator("#queue .track-play").first.click()
    heard(page)
    title = page.locator("#bar-title").inner_text()
    page.locator("#bar-dislike").click()
    expect(page.locator("#bar-title")).not_to_have_text(title)
    expect(page.locator(f'#queue .track[data-title="{title}"]')).to_have_count(0)
    assert kinds(server)[:2] == ["play", "dislike"]


def test_the_queue_plays_on_to_the_next_piece(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """What is heard to its end is told as finished, and the next one begins by itself."""
    page = look("/listen")
    without_choosing(page)
    page.locator("#queue-play").click()
    heard(page, 6)
    title = page.locator("#bar-title").inner_text()
    expect(page.locator("#bar-title")).not_to_have_text(title, timeout=30000)
    page.wait_for_timeout(1800)
    assert kinds(server)[:2] == ["play", "finish"]


def test_nothing_is_told_while_paused(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """Not from this page, nor from the library, which knows it from the moment it is opened."""
    page = look("/listen#privacy")
    page.locator("#held-pause").check()
    expect(page.locator(".toast")).to_contain_text("Nothing is kept")
    page.goto(page.url.split("/listen")[0] + "/library")
    sent: list[str] = []
    page.on("request", lambda asked: asked.url.endswith("/events") and sent.append(asked.url))
    page.locator(".row-play").first.click()
    page.wait_for_timeout(4500)
    page.locator(".row-like").first.click()
    page.wait_for_timeout(2000)
    with server.http() as http:
        http.patch("/api/v1/listening/settings", json={"paused": False})
    assert sent == []
    assert told(server) == []


def test_the_library_tells_what_is_heard_and_liked(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """Playing, leaving a piece for another, and a like."""
    page = look("/library")
    page.locator(".row-play").nth(0).click()
    page.wait_for_timeout(4500)
    page.locator(".row-play").nth(1).click()
    page.locator(".row-like").nth(2).click()
    page.wait_for_timeout(2500)
    found = told(server)
    assert [event["kind"] for event in found][:2] == ["play", "skip"]
    assert "like" in {event["kind"] for event in found}


def test_a_shared_page_tells_and_a_broken_studio_does_not_stop_playing(
    look: Callable[..., Any], server: Server, pieces: list[Any]
) -> None:
    """Events are told from a shared piece; when they can't be, the music goes on."""
    with server.http() as http:
        token = http.put(f"/api/v1/pieces/{pieces[0]['id']}/share").json()["token"]
    page = look(f"/shared/{token}", faults=("503", "events"))
    page.route("**/api/v1/events", lambda route: route.fulfill(status=503, body="{}"))
    page.locator("#play").click()
    page.wait_for_timeout(5000)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.unroute("**/api/v1/events")
    page.evaluate("import('/static/js/telling.js').then((telling) => telling.flush())")
    page.wait_for_timeout(500)
    assert kinds(server)[0] == "play"


def test_a_playlist_is_changed_by_hand(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """Another title, another order, a piece less; a piece more from the player."""
    with server.http() as http:
        items = [f"piece:{piece['id']}" for piece in pieces[:3]]
        made = http.post("/api/v1/playlists", json={"items": items, "title": "By hand"}).json()

        def order() -> list[str]:
            found = http.get(f"/api/v1/playlists/{made['id']}").json()
            return [item["item"] for item in found["items"]]

        page = look("/listen#playlists")
        page.get_by_role("button", name="Open By hand").click()
        expect(page.locator("#playlist .track")).to_have_count(3)
        page.locator("#playlist .track").nth(2).get_by_role("button", name="earlier").click()
        expect(page.locator("#playlist .track").nth(1)).to_have_attribute("data-item", items[2])
        assert order() == [items[0], items[2], items[1]]
        page.locator("#playlist .track").nth(0).get_by_role("button", name="Take").click()
        expect(page.locator("#playlist .track")).to_have_count(2)
        page.locator("#playlist .track-play").first.click()
        page.locator("#bar-add").click()
        page.get_by_role("button", name="A new playlist").click()
        expect(page.locator(".kept-name")).to_have_count(2)
        page.get_by_role("textbox", name="Title of the playlist").fill("Renamed")
        page.keyboard.press("Enter")
        expect(page.locator(".kept-name", has_text="Renamed")).to_have_count(1)
        page.get_by_role("button", name="Delete Renamed").last.click()
        expect(page.locator(".kept-name", has_text="Renamed")).to_have_count(0)


def test_a_taste_is_set_by_hand_and_given_back(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """With the keys alone; the number is marked, and goes back to what was heard."""
    page = look("/listen#taste")
    page.locator("#taste-energy").focus()
    page.keyboard.press("Home")
    expect(page.locator(".taste-line.by-hand")).to_have_count(1)
    with server.http() as http:
        assert http.get("/api/v1/taste").json()["edited"] == {"energy": 0.0}
    page.get_by_role("button", name="Energy: back to what was heard").click()
    expect(page.locator(".taste-line.by-hand")).to_have_count(0)


def test_the_mood_pad_answers_to_keys(look: Callable[..., Any], pieces: list[Any]) -> None:
    """Arrows move, Enter sets, up to three; each may be taken away."""
    page = look("/listen", language="zh")
    thumb = page.get_by_role("slider", name="情绪板")
    thumb.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter", "ArrowUp", "Enter", "ArrowUp", "Enter", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".start-moods .chip")).to_have_count(3)
    page.locator(".start-moods button").first.click()
    expect(page.locator(".start-moods .chip")).to_have_count(2)


def test_dials_and_places_choose_anew(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """A dial is kept; the place goes along with what is asked and with what is told."""
    page = look("/listen")
    without_choosing(page)
    expect(page.locator("#queue .track")).not_to_have_count(0)
    with page.expect_response(lambda got: "/recommendations?" in got.url):
        page.locator("#dial-novelty").press("End")
    with page.expect_response(lambda got: "context=run" in got.url):
        page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#queue .track-play").first.click()
    heard(page)
    page.locator("#bar-like").click()
    page.wait_for_timeout(1000)
    with server.http() as http:
        assert http.get("/api/v1/listening").json()["dials"]["novelty"] == 1.0
    assert {event["context"] for event in told(server)} == {"run"}


def test_a_daily_mix_is_asked_for_once(look: Callable[..., Any], server: Server, pieces: list[Any]) -> None:
    """Four pieces wait to be composed, and are there again when the page is."""
    page = look("/listen")
    without_choosing(page)
    page.get_by_role("button", name="Compose today's mix").click()
    expect(page.locator(".mix-piece")).to_have_count(4)
    page.reload()
    expect(page.locator(".mix-piece")).to_have_count(4)
    with server.http() as http:
        jobs = http.get("/api/v1/jobs").json()["jobs"]
        assert len([job for job in jobs if job["kind"] == "compose"]) == 4
        for job in jobs:
            http.delete(f"/api/v1/jobs/{job['id']}")


def test_an_empty_library_says_what_to_do(look: Callable[..., Any], browser: Any, tmp_path: Path) -> None:
    """Nothing to hear: a way to compose."""
    with running(tmp_path, workers=0) as empty:
        page = browser.new_page()
        page.goto(empty.url + "/listen?lang=en")
        expect(page.locator("#queue-empty")).to_contain_text("Compose a piece")
        page.close()


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        ("en", "light", (1280, 800)), ("zh", "dark", (1280, 800)), ("zh", "light", (390, 844)),
        ("en", "dark", (360, 740)),
    ],
)  # fmt: skip
def test_every_panel_keeps_the_rules_of_accessibility(
    look: Callable[..., Any], server: Server, pieces: list[Any], language: str, theme: str, size: tuple[int, int]
) -> None:
    """The first choices, the queue with a reason open, playlists, charts, taste and what is held: ours and axe's."""
    with server.http() as http:
        http.post("/api/v1/playlists", json={"words": "", "minutes": 1, "title": "A list"})
    page = look("/listen", language=language, theme=theme, size=size)
    expect(page.locator(".clip")).to_have_count(5)
    found = {"start": faults(page) + violations(page)}
    with server.http() as http:
        events = [{"kind": kind, "item": f"piece:{pieces[0]['id']}"} for kind in ("play", "finish", "like")]
        http.post("/api/v1/events", json={"events": events})
    page.reload()
    page.locator("#queue .track-tools button").first.click()
    expect(page.locator(".why-sentence")).to_be_visible()
    page.locator("#queue .track-play").first.click()
    page.wait_for_load_state("networkidle")
    found["queue"] = faults(page) + violations(page)
    for name in ("playlists", "charts", "taste", "privacy"):
        page.click(f"#tab-{name}")
        if name == "playlists":
            page.locator(".kept-name").first.click()
            expect(page.locator("#playlist .arc")).to_be_visible()
        page.wait_for_load_state("networkidle")
        found[name] = faults(page) + violations(page)
    assert {panel: rules for panel, rules in found.items() if rules} == {}
