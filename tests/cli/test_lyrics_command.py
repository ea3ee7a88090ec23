"""``yuefu lyrics read``: how lyrics are read, in both languages and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ran


def test_an_english_lyric_is_shown_with_its_stresses(yuefu: Callable[..., Ran], folder: Path) -> None:
    (folder / "song.txt").write_text("[Verse]\nTwinkle, little star\nHow I wonder what you are", "utf-8")
    out = yuefu("lyrics", "read", "song.txt").out
    assert "1 section, 2 lines, 12 syllables" in out
    assert "Verse (rhymes AA)" in out
    assert "Twin-kle ˇ lit-tle star" in out
    rows = out.splitlines()
    above = next(row for row in rows if "Twin-kle" in row)
    below = rows[rows.index(above) + 1]
    assert below[above.index("Twin")] == "/"
    assert below[above.index("kle")] == "."


def test_a_chinese_lyric_is_shown_with_its_pinyin_in_chinese(yuefu: Callable[..., Ran], folder: Path) -> None:
    (folder / "歌.txt").write_text("副歌\n月亮代表我的心。\n间奏", "utf-8")
    out = yuefu("lyrics", "read", "歌.txt").out
    assert "副歌（韵脚 x）" in out
    assert "yuè liang" in out
    assert "(间奏)" in out
    assert "Chorus" in yuefu("lyrics", "read", "歌.txt", "--language", "en").out


def test_json_holds_everything_and_standard_input_is_read(yuefu: Callable[..., Ran]) -> None:
    found = json.loads(yuefu("lyrics", "read", "-", "--json", stdin="花儿红\nred fire".encode()).out)
    assert found["syllables"] == 4
    zh, en = (line["syllables"] for line in found["sections"][0]["lines"])
    assert zh[0] | {"text": "花儿", "pinyin": "huar1", "tone": 1} == zh[0]
    assert en[1] | {"text": "fire", "stress": 1, "phones": "F AY1 R", "glides": True} == en[1]
    apart = yuefu("lyrics", "read", "-", "--json", "--no-erhua", stdin="花儿红".encode())
    assert json.loads(apart.out)["syllables"] == 3


def test_what_cant_be_read_is_refused_in_one_line(yuefu: Callable[..., Ran]) -> None:
    for given in (b"", b"...", "مرحبا بالعالم".encode(), b"la\n" * 600):
        ran = yuefu("lyrics", "read", "-", stdin=given)
        assert ran.code == 2
        assert len(ran.err.splitlines()) == 1
    assert yuefu("lyrics", "read", "none.txt").code == 2
