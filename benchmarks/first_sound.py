"""How long after the click the first bars stand on the grid, and the first sound is heard, in a real browser.

    python benchmarks/first_sound.py --out docs/tables/first_sound.md

Needs Chromium (--chromium) and playwright. Starts a studio with a data folder of its own; the first click finds the
worker's model loaded, but no sample of the soundfont made yet; later ones find some. Sound is what the page's own meter
measures at its output.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from yuefu.server.background import serving
from yuefu.web.settings import Settings

PROMPTS = (
    "a hopeful folk song for a rainy morning", "春雨江南，古筝与笛子", "upbeat bossa nova in F, flute on top",
    "巷口的灯还亮着\n雨把旧信打湿了\n你说的远方很远\n我把门虚掩着", "driving at night, synthwave",
)  # fmt: skip
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
#: Milliseconds after the click of the first drawn bar and the first sound, watched in the page at every frame.
WATCH = """() => new Promise((done) => {
  const clicked = performance.now(), found = {};
  document.querySelector('#go').click();
  const data = new Float32Array(2048);
  const drawn = (cell) => cell.width && cell.getContext('2d').getImageData(0, 0, cell.width, cell.height).data.some(Boolean);
  const look = () => {
    const now = performance.now() - clicked;
    if (!found.plan && document.querySelector('.strip-sections')) found.plan = now;
    if (!found.bars && [...document.querySelectorAll('.strip-cell')].some(drawn)) found.bars = now;
    const meter = window.yuefu.meter();
    meter.getFloatTimeDomainData(data);
    if (!found.sound && Math.sqrt(data.reduce((sum, each) => sum + each * each, 0) / data.length) > 0.001) found.sound = now;
    const state = document.querySelector('.take')?.dataset.state;
    if (!found.piece && state === 'done') found.piece = now;
    if ((found.bars && found.sound && found.piece) || now > 120000) done(found); else setTimeout(look, 15);
  };
  look();
})"""


def once(browser: Any, url: str, words: str) -> dict[str, float]:
    """One page, one click; seconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    page.goto(url)
    page.fill("#words-box", words)
    page.wait_for_selector(".asked-language, .asked-mood", state="attached")
    page.wait_for_timeout(1500)  # the brief has been read, as when somebody looks at it
    found = page.evaluate(WATCH)
    context.close()
    return {name: value / 1000 for name, value in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="of each prompt")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    rows: list[dict[str, float]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        serving(Settings(data=Path(folder) / "data", port=0, workers=1)) as url,
    ):
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=list(ARGUMENTS))
        for run in range(arguments.runs):
            for words in PROMPTS:
                rows.append(once(browser, url, words))
                print(run, words.split("\n")[0], rows[-1], flush=True)
        browser.close()
    lines = [f"{len(rows)} clicks, {len(PROMPTS)} prompts; seconds.", "", "| after the click | first click | median | slowest |",
             "|---|---|---|---|"]  # fmt: skip
    for name, told in (
        ("plan", "the plan"), ("bars", "first bars drawn"), ("sound", "first sound"), ("piece", "the finished piece"),
    ):  # fmt: skip
        values = [row.get(name, float("inf")) for row in rows]
        lines.append(f"| {told} | {values[0]:.2f} | {statistics.median(values):.2f} | {max(values):.2f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
