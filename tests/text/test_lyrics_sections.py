"""A lyric's sections: tags of many shapes, repeat marks, and what is inferred without tags."""

from __future__ import annotations

import pytest

from yuefu.text.lyrics import parse_lyrics
from yuefu.text.lyrics_sections import read_blocks


def _kinds(text: str) -> list[str]:
    return [section.kind for section in parse_lyrics(text).sections]


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("[Verse 1]", "verse"), ("(Chorus)", "chorus"), ("Chorus:", "chorus"), ("CHORUS", "chorus"), ("# Chorus",
        "chorus"),
        ("**Bridge**", "bridge"), ("--- Outro ---", "outro"), ("<Chorus>", "chorus"), ("[Verse 1: Ann]", "verse"),
        ("[Pre-Chorus]", "prechorus"), ("[Final Chorus]", "chorus"), ("V2", "verse"), ("Verse Two", "verse"),
        ("Verse II", "verse"), ("【副歌】", "chorus"), ("主歌一", "verse"), ("主歌A：", "verse"), ("（副歌）",
        "chorus"),
        ("导歌", "prechorus"), ("[桥段]", "bridge"), ("最后副歌", "chorus"), ("第二段", "verse"), ("说唱：", "verse"),
        ("［副歌］", "chorus"), ("尾声", "outro"), ("副歌部分", "chorus"), ("[Hook]", "chorus"),
    ],
)  # fmt: skip
def test_tags_of_many_shapes_are_known(tag: str, kind: str) -> None:
    assert [(block.kind, block.lines) for block in read_blocks(f"{tag}\nla la")] == [(kind, ["la la"])]


@pytest.mark.parametrize(
    "line",
    [
        "bridge over troubled water", "hook line and sinker", "music is my life", "verse by verse I wrote",
        "break my heart", "副歌唱完了你还没来", "solo", "again and again", "I repeat it twice", "第一次见到你",
    ],
)  # fmt: skip
def test_a_line_that_only_begins_like_a_tag_is_sung(line: str) -> None:
    assert [text.text for text in parse_lyrics(f"one more\n{line}").lines] == ["one more", line]


@pytest.mark.parametrize(
    ("written", "times"),
    [
        ("hey (x2)", 2), ("hey x3", 3), ("hey ×2", 2), ("hey (2x)", 2), ("hey (repeat)", 2), ("hey (twice)", 2),
        ("你好（重复）", 2), ("你好（重复三遍）", 3), ("你好 x2", 2), ("你好(两遍)", 2), ("hey (x9)", 4),
        ("x marks", 1),
    ],
)  # fmt: skip
def test_a_line_is_sung_as_often_as_its_mark_says(written: str, times: int) -> None:
    assert len(parse_lyrics(written).lines) == times


def test_sections_repeat_by_mark_by_bare_tag_and_by_name() -> None:
    assert _kinds("[Chorus] x2\nla\n[Verse]\nlo\n[Repeat Chorus]\n重复副歌") == [
        "chorus",
        "chorus",
        "verse",
        "chorus",
        "chorus",
    ]
    assert _kinds("la la\nlo lo\n(x3)") == ["chorus"] * 3


def test_words_after_a_tag_on_its_line_are_sung() -> None:
    assert [line.text for line in parse_lyrics("Chorus: hello darling\n[Verse] bye").lines] == ["hello darling", "bye"]


def test_a_section_without_words_is_remembered_as_played() -> None:
    lyrics = parse_lyrics("[Intro]\n[Verse]\nla\n间奏\n[Chorus]\nlo")
    assert [s.kind for s in lyrics.sections] == ["verse", "chorus"]
    assert lyrics.interludes == ((0, "intro"), (1, "interlude"))


def test_chords_credits_singers_and_stamps_are_not_sung() -> None:
    text = "词：李白\n[ti:Song]\n[00:01.00]<00:01.00>la [Am]lo\n男：你好\n（女）再见\nKey: G"
    assert [line.text for line in parse_lyrics(text).lines] == ["la lo", "你好", "再见"]


def test_without_tags_repetition_and_shape_tell_the_sections() -> None:
    chorus = "we will go\nback again"
    pre = "wait for it\nwait for me"
    song = ["one two\nthree four", pre, chorus, "five six\nseven eight", pre, chorus]
    assert _kinds("\n\n".join(song)) == ["verse", "prechorus", "chorus"] * 2
    odd = "something longer than all the others was sung here\nodd\nvery odd indeed"
    assert _kinds("\n\n".join([*song, odd, chorus, "bye now"]))[6:] == ["bridge", "chorus", "outro"]


def test_a_returning_run_of_lines_is_found_without_blank_lines() -> None:
    lines = [
        "walk in light",
        "walk in day",
        "come to me",
        "my sweet bay",
        "late at night",
        "far away",
        "come to me",
        "my sweet bay",
    ]
    assert _kinds("\n".join(lines)) == ["verse", "chorus", "verse", "chorus"]


def test_a_long_lyric_without_any_structure_is_parted_by_fours() -> None:
    lines = "\n".join(
        f"line {word} is here"
        for word in ["alpha", "beta", "gamma", "delta", "one", "two", "three", "four", "north", "south", "east", "west"]
    )
    assert [len(section.lines) for section in parse_lyrics(lines).sections] == [4, 4, 4]
