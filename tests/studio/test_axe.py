"""Every page keeps axe-core's rules of accessibility (WCAG 2.1 A and AA, and good practice)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright isn't installed")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RUN = "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}}).then(found => found.violations)"


def violations(page: Any) -> list[str]:
    """Each broken rule with the elements that break it."""
    page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    return [
        f"{rule['id']} ({rule['impact']}): {'; '.join(node['html'][:120] for node in rule['nodes'][:4])}"
        for rule in page.evaluate(RUN, RULES)
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desk", "phone"])
def test_pages_keep_the_rules_of_axe(
    look: Callable[..., Any], pieces: list[dict[str, Any]], language: str, theme: str, size: tuple[int, int]
) -> None:
    """Compose with a brief that is read, library, trash, help, and every tab of a piece."""
    page = look("/", language=language, theme=theme, size=size)
    page.fill("#words-box", "a melancholy waltz" if language == "en" else "忧伤的圆舞曲")
    page.wait_for_selector(".asked-style .asked-value:not(.unset)")
    found = {"/": violations(page)}
    origin = page.url.rstrip("/")
    for path in ("/library", "/listen", "/trash", "/help", "/ideas"):
        page.goto(origin + path)
        page.wait_for_load_state("networkidle")
        found[path] = violations(page)
    page.goto(f"{origin}/pieces/{pieces[0]['id']}")
    page.wait_for_selector("#piece:not(.is-loading)")
    for tab in ("grid", "score", "jianpu", "mix", "report", "history"):
        page.click(f"#tab-{tab}")
        page.wait_for_load_state("networkidle")
        found[tab] = violations(page)
    assert {place: rules for place, rules in found.items() if rules} == {}
