"""What the pages say: the same things in both languages, all of it used, nothing missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import yuefu.studio
from yuefu.studio.words import say, words_of

FOLDER = Path(yuefu.studio.__file__).parent
SOURCES = sorted([*FOLDER.glob("templates/*.html"), *FOLDER.glob("static/js/**/*.js"), *FOLDER.glob("*.py")])
TEXT = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)
#: Whole keys in calls of t and tn, and in tables of keys.
LITERAL = re.compile(r"""\b(tn?)\(\s*["']([a-z_]+(?:\.[a-z0-9_]+)+)["']\s*[,)]""")
#: The beginnings of keys that are put together: `common.row.${name}`, "compose.group." ~ name.
STEM = re.compile(r"""["'`]([a-z_]+(?:\.[a-z0-9_]+)*\.[a-z_]*)(?:\$\{|["']\s*[~+]|\{)""")
#: Keys that stand in the source as texts, to be looked up later.
NAMED = re.compile(r"""["'`]([a-z_]+(?:\.[a-z0-9_]+)+)["'`]""")


def test_both_languages_say_the_same_things() -> None:
    """A key that one language has, the other has too."""
    assert set(words_of("en")) == set(words_of("zh"))


@pytest.mark.parametrize("key", sorted(words_of("en")))
def test_values_stand_in_both_languages(key: str) -> None:
    """A saying's {values} are the same in both languages, and neither is empty."""
    english, chinese = words_of("en")[key], words_of("zh")[key]
    assert english.strip()
    assert chinese.strip()
    assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese))


def test_no_key_is_missing() -> None:
    """Every key that a page or a script asks for is there."""
    known = set(words_of("en"))
    missing = []
    for call, key in LITERAL.findall(TEXT):
        asked = {f"{key}.one", f"{key}.other"} if call == "tn" else {key}
        missing += sorted(asked - known)
    assert missing == []


def test_no_key_is_left_over() -> None:
    """Every saying is used somewhere."""
    named = set(NAMED.findall(TEXT))
    stems = {stem for stem in STEM.findall(TEXT) if "." in stem}
    unused = [
        key
        for key in words_of("en")
        if key not in named
        and re.sub(r"\.(one|other)$", "", key) not in named
        and not any(key.startswith(stem) for stem in stems)
    ]
    assert unused == []


def test_chinese_uses_chinese_punctuation() -> None:
    """Chinese sayings carry no Latin commas, colons, question marks or quotes between Chinese characters."""
    wrong = [
        key
        for key, text in words_of("zh").items()
        if re.search(r"[\u4e00-\u9fff][,;:?!\"'](?=[\u4e00-\u9fff]|$)", text)
    ]
    assert wrong == []


def test_values_are_filled_in() -> None:
    """A saying takes its values."""
    assert say("en", "common.bars.other", n=8) == "8 bars"
    assert say("zh", "common.bars.other", n=8) == "8 小节"


def test_night_is_the_same_by_choice_and_by_the_machine_s_wish() -> None:
    """The style sheet has to write the dark colours twice; both times they are the same."""
    sheet = (FOLDER / "static/css/base.css").read_text(encoding="utf-8")
    chosen, wished = (
        re.findall(rf':root\[data-theme="{name}"\] \{{([^}}]*)\}}', sheet)[-1] for name in ("dark", "auto")
    )
    assert "--paper" in chosen
    assert chosen.split() == wished.split()
