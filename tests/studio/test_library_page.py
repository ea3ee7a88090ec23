"""The library in a real browser against a real studio: found, played, changed, brought in, thrown away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import expect
from tests.api.live import TUNE, Server, make_piece


@pytest.fixture
def own(server: Server) -> Any:
    """Makes a piece under a title of its own."""

    def make(title: str) -> dict[str, Any]:
        with server.http() as http:
            return make_piece(http, title)

    return make


def test_found_by_words(look: Callable[..., Any], own: Any) -> None:
    """A word of the title finds a piece, in Chinese too; another word finds nothing and says so."""
    own("巴山夜雨涨秋池")
    page = look("/library", language="zh")
    page.fill("#search-words", "秋池")
    expect(page.locator(".row-title")).to_have_text(["巴山夜雨涨秋池"])
    page.fill("#search-words", "没有这样的曲子")
    expect(page.locator("#shelf-empty")).to_contain_text("没有找到")
    page.get_by_role("button", name="全部显示").click()
    expect(page.locator(".row").first).to_be_visible()


def test_found_by_a_tune(look: Callable[..., Any], own: Any) -> None:
    """Jianpu digits, note names or ups and downs find a piece by its tune, in any key."""
    own("Found by its tune")
    page = look("/library")
    page.click("#tune-toggle")
    for tune in ("1 2 3 4 5 5 6 7", "C4 D4 E4 F4 G4 G4 A4 B4"):
        page.fill("#tune-text", tune)
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.locator(".row-facts", has_text="alike").first).to_be_visible()
        assert "Found by its tune" in page.locator(".row-title").all_inner_texts()
    page.click("#tune-clear")
    for name in ("Up", "Up", "Up", "Up", "Same"):
        page.get_by_role("button", name=name, exact=True).click()
    assert page.input_value("#tune-text") == "u u u u r"


def test_liked_renamed_tagged(look: Callable[..., Any], own: Any, server: Server) -> None:
    """A piece is liked, renamed and tagged where it stands, and the studio keeps it."""
    piece = own("Before")
    page = look("/library")
    row = page.locator(f'.row[data-id="{piece["id"]}"]')
    row.get_by_role("button", name="Like Before").click()
    expect(row.locator(".row-like")).to_have_attribute("aria-pressed", "true")
    row.get_by_role("button", name="More for Before").click()
    row.get_by_role("button", name="Rename").click()
    page.keyboard.type("After")
    page.keyboard.press("Enter")
    expect(row.locator(".row-title")).to_have_text("After")
    row.locator(".menu").nth(1).locator("button").first.click()
    row.get_by_role("button", name="Tags").click()
    page.fill("#tags-field", "night, demo")
    page.get_by_role("button", name="Save").click()
    expect(row.locator(".row-tag")).to_have_count(2)
    assert sorted(row.locator(".row-tag").all_inner_texts()) == ["demo", "night"]
    with server.http() as http:
        kept = http.get(f"/api/v1/pieces/{piece['id']}").json()
    assert (kept["title"], kept["liked"], sorted(kept["tags"])) == ("After", True, ["demo", "night"])


def test_trash_and_back(look: Callable[..., Any], own: Any) -> None:
    """Into the trash, back by undo; again, and erased for ever only when asked twice."""
    piece = own("Thrown away")
    page = look("/library")
    row = page.locator(f'.row[data-id="{piece["id"]}"]')

    def throw() -> None:
        row.get_by_role("button", name="More for Thrown away").click()
        row.get_by_role("button", name="To the trash").click()
        expect(row).to_have_count(0)

    throw()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)
    throw()
    page.goto(page.url.replace("/library", "/trash"))
    page.get_by_role("button", name="Erase Thrown away for ever").click()
    page.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(1)
    page.get_by_role("button", name="Erase Thrown away for ever").click()
    page.locator("#sure-yes").click()
    expect(row).to_have_count(0)


def test_plays_in_place(look: Callable[..., Any], own: Any) -> None:
    """A piece plays where it stands, with a line running over its picture; another hushes it."""
    one, other = own("First to play"), own("Second to play")
    page = look("/library")
    page.get_by_role("button", name="Play First to play").click()
    page.get_by_role("button", name="Pause First to play").wait_for()
    expect(page.locator(f'.row[data-id="{one["id"]}"] .row-cursor')).to_be_visible()
    page.get_by_role("button", name="Play Second to play").click()
    page.get_by_role("button", name="Pause Second to play").wait_for()
    expect(page.locator(f'.row[data-id="{one["id"]}"].playing')).to_have_count(0)
    assert other["id"] != one["id"]


def test_several_at_once(look: Callable[..., Any], own: Any) -> None:
    """Several are chosen and thrown away together, and come back together."""
    pieces = [own(f"Of several {n}") for n in range(3)]
    page = look("/library")
    for piece in pieces:
        box = page.locator(f'.row[data-id="{piece["id"]}"] .row-choose input')
        box.check()
    expect(page.locator("#selection-count")).to_have_text("3 chosen")
    page.locator('#selection [data-do="trash"]').click()
    expect(page.locator(".row-title", has_text="Of several")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".row-title", has_text="Of several")).to_have_count(3)


def test_export_menu_saves_a_file(look: Callable[..., Any], own: Any) -> None:
    """The export menu names every format; MIDI comes at once."""
    piece = own("To be saved")
    page = look("/library")
    row = page.locator(f'.row[data-id="{piece["id"]}"]')
    row.get_by_role("button", name="Export To be saved").click()
    with page.expect_download() as download:
        row.get_by_role("button", name="MIDI").click()
    assert download.value.suggested_filename.endswith(".mid")
    assert download.value.path().read_bytes()[:4] == b"MThd"


@pytest.mark.slow
def test_import(look: Callable[..., Any]) -> None:
    """A file that can be read becomes a piece; one that can't is told why."""
    page = look("/library")
    page.set_input_files(
        "#import-files",
        [
            {"name": "brought in.abc", "mimeType": "text/plain", "buffer": TUNE.replace(b"T:Spring", b"T:Brought in")},
            {"name": "broken.mid", "mimeType": "audio/midi", "buffer": b"MThd and nothing else"},
        ],
    )
    expect(page.locator(".row-title").filter(has_text="Brought in").first).to_be_visible(timeout=60_000)
    expect(page.locator(".import .fault")).to_be_visible(timeout=60_000)


PITCH = """async () => {
  const { pitchOf, midiOf, notesOf } = await import("/static/js/library/pitch.js");
  const rate = 44100, tune = [60, 62, 64, 64, 67], each = 0.4, sung = new Float32Array(rate * each * tune.length);
  let phase = 0;
  for (let at = 0; at < sung.length; at += 1) {
    const note = Math.floor(at / rate / each), within = (at / rate) % each;
    const hertz = 440 * 2 ** ((tune[note] + 0.3 - 69 + 0.2 * Math.sin(35 * at / rate)) / 12);
    phase += (2 * Math.PI * hertz) / rate;
    const loud = within < 0.33 ? 0.3 : 0;
    const voice = Math.sin(phase) + 0.6 * Math.sin(2 * phase) + 0.4 * Math.sin(3 * phase);
    sung[at] = loud * voice + 0.002 * Math.sin(at * at);
  }
  const track = [];
  for (let at = 0; at + 2048 < sung.length; at += 1102) {
    const hertz = pitchOf(sung.subarray(at, at + 2048), rate);
    track.push({ second: at / rate, midi: hertz === null ? null : midiOf(hertz) });
  }
  return notesOf(track).map((note) => note.pitch);
}"""


def test_hummed_notes_are_heard(look: Callable[..., Any]) -> None:
    """A voice with overtones, vibrato, and a tuning between the keys gives its notes, repeated ones too."""
    page = look("/library")
    assert page.evaluate(PITCH) == [60, 62, 64, 64, 67]


def test_silence_and_noise_have_no_pitch(look: Callable[..., Any]) -> None:
    """Neither silence nor noise is taken for a tune."""
    page = look("/library")
    heard = page.evaluate(
        """async () => {
          const { pitchOf } = await import("/static/js/library/pitch.js");
          let seed = 1;
          const draw = () => (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;
          const noise = Float32Array.from({ length: 2048 }, draw);
          return [pitchOf(new Float32Array(2048), 44100), pitchOf(noise, 44100)];
        }"""
    )
    assert heard == [None, None]


@pytest.mark.slow
def test_everything_as_a_zip(look: Callable[..., Any], own: Any) -> None:
    """The whole library is packed by a job and comes as one zip."""
    own("In the zip")
    page = look("/library")
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("button", name="Export everything").click()
    assert download.value.path().read_bytes()[:4] == b"PK\x03\x04"
