"""Rhymes and rhyme schemes of both languages."""

from __future__ import annotations

import pytest

from yuefu.text.lyrics import read_line
from yuefu.text.lyrics_model import LyricSection
from yuefu.text.rhymes import Rhyme, closeness, final_of


def _rhyme(text: str) -> Rhyme:
    line = read_line(text)
    assert line is not None
    return line.rhyme


def _scheme(text: str) -> str:
    lines = (read_line(written) for written in text.splitlines())
    return LyricSection("verse", tuple(line for line in lines if line is not None)).rhyme_scheme


@pytest.mark.parametrize(
    ("first", "second", "close"),
    [
        ("night", "light", 2), ("morning", "dawning", 1), ("time", "mine", 1), ("tonight", "delight", 2),
        ("love", "moon", 0), ("fire", "desire", 2), ("home", "alone", 1), ("singing", "bringing", 2), ("day",
        "away", 2),
        ("stars", "cars", 2), ("night", "nine", 0), ("walkin'", "talkin'", 2), ("tears", "years", 2),
        ("月光", "远方", 2), ("春天", "眼前", 2), ("心", "梦", 1), ("花", "水", 0), ("家", "画", 2), ("走", "秋", 2),
        ("月光", "night", 0), ("来了", "爱了", 2), ("时", "衣", 2), ("鱼", "衣", 2),
    ],
)  # fmt: skip
def test_how_closely_two_lines_rhyme(first: str, second: str, close: int) -> None:
    """2 a perfect rhyme, 1 a near one, 0 none."""
    assert closeness(_rhyme(first), _rhyme(second)) == close
    assert closeness(_rhyme(second), _rhyme(first)) == close


@pytest.mark.parametrize(
    ("lines", "letters"),
    [
        (
            "Twinkle twinkle little star\nHow I wonder what you are\n"
            "Up above the world so high\nLike a diamond in the sky",
            "AABB",
        ),
        ("Roses are red\nViolets are blue\nSugar is sweet\nAnd so are you", "xAxA"),
        ("床前明月光\n疑是地上霜\n举头望明月\n低头思故乡", "AAxA"),
        ("月落乌啼霜满天\n江枫渔火对愁眠\n姑苏城外寒山寺\n夜半钟声到客船", "AAxA"),
        ("春眠不觉晓\n处处闻啼鸟\n夜来风雨声\n花落知多少", "AAxA"),
        ("I walk alone in the light\n月光照我的心房\nunder stars so bright\n照着回家的方向", "ABAB"),
    ],
)
def test_the_scheme_of_known_verses(lines: str, letters: str) -> None:
    assert _scheme(lines) == letters


@pytest.mark.parametrize(
    ("pinyin", "final"),
    [
        ("xue3", "ve"),
        ("lv4", "v"),
        ("yu3", "v"),
        ("wu3", "u"),
        ("wang2", "ang"),
        ("ying1", "ing"),
        ("er2", "er"),
        ("a5", "a"),
    ],
)
def test_finals_are_found_behind_every_spelling(pinyin: str, final: str) -> None:
    assert final_of(pinyin) == final
