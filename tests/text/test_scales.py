"""Scales, groupings, free rhythm, drones and ornaments in prompts and options, in both languages."""

import pytest

from yuefu.errors import InputError, UnknownNameError
from yuefu.text.brief import BriefOptions, brief_from_json, read_brief


def said(words="", **options):
    brief = read_brief(words, BriefOptions(**options))
    fields = ("scale", "key", "mode", "meter", "grouping", "rhythm", "drone", "ornaments")
    return {name: value for name in fields if (value := getattr(brief, name).value) is not None}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("a slow tune in D dorian", {"scale": "dorian", "key": "D minor", "mode": "minor"}),
        ("an Irish air in A mixolydian", {"scale": "mixolydian", "key": "A major", "mode": "major"}),
        ("something in Lydian for a morning", {"scale": "lydian", "mode": "major"}),
        ("a melody on the hijaz scale on D", {"scale": "hijaz", "key": "D major", "mode": "major"}),
        ("羽调式的二胡曲", {"scale": "yu", "mode": "minor"}),
        ("徵调的笛子曲", {"scale": "zhi", "mode": "major"}),
        ("一首G宫调的古筝曲", {"scale": "gong", "key": "G major", "mode": "major"}),
        ("用五声音阶写一首夜曲", {"scale": "pentatonic"}),
        ("raga bhairav at dawn", {"scale": "bhairav", "mode": "major"}),
        ("a dance in 7/8 (3+2+2)", {"meter": "7/8", "grouping": (3, 2, 2)}),
        ("9/8 counted 2+2+2+3 for clarinet", {"meter": "9/8", "grouping": (2, 2, 2, 3)}),
        ("散板的古琴曲", {"rhythm": "free"}),
        ("an unmeasured prelude for lute", {"rhythm": "free"}),
        ("fiddle over a drone", {"drone": True}),
        ("带持续低音的风笛曲", {"drone": True}),
        ("a richly ornamented air", {"ornaments": "rich"}),
        ("不要装饰音的小曲", {"ornaments": "none"}),
        ("flute with grace notes", {"ornaments": "light"}),
    ],
)
def test_what_words_ask_for_is_read(words, expected):
    assert said(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "Dorian walked home in the rain",
        "宫殿里的商人",
        "征调物资的船",
        "the gong rang at noon",
        "a yo-yo",
        "2+2 is four",
    ],
)
def test_everyday_words_are_no_scales(words):
    """A name, a palace, a gong: nothing marks them as modes."""
    assert "scale" not in said(words)
    assert "grouping" not in said(words)


def test_options_name_scale_and_key_together():
    """Either option may hold both; a scale decides which third the key has."""
    assert said(key="D dorian") == {"scale": "dorian", "key": "D minor", "mode": "minor"}
    assert said(key="G 徵") == {"scale": "zhi", "key": "G major", "mode": "major"}
    assert said("in C major", scale="phrygian")["key"] == "C minor"
    assert said(key="A minor", scale="lydian")["key"] == "A major"
    assert said("a tune in D dorian", key="E major") == {"key": "E major", "mode": "major"}


def test_a_free_option_wins_over_words():
    assert said("散板", rhythm="strict")["rhythm"] == "strict"
    assert said("over a drone", drone=False)["drone"] is False
    assert said("in 7/8 (3+2+2)", meter="4/4") == {"meter": "4/4"}


def test_what_cant_be_is_refused_in_a_sentence():
    with pytest.raises(UnknownNameError, match="unknown scale"):
        said(scale="blorian")
    with pytest.raises(InputError, match="isn't a key"):
        said(key="H dorian")
    with pytest.raises(UnknownNameError, match="unknown ornaments"):
        said(ornaments="lots")
    with pytest.raises(UnknownNameError, match="unknown rhythm"):
        said(rhythm="loose")


def test_a_brief_keeps_them():
    """A brief with all of them is the same after JSON, and one whose groups don't fill the bar is refused."""
    brief = read_brief(
        "", BriefOptions(scale="D hijaz", meter="7/8 (3+2+2)", drone=True, ornaments="rich", rhythm="free")
    )
    assert brief_from_json(brief.model_dump_json()) == brief
    broken = brief.model_dump_json().replace("[3,2,2]", "[3,3,2]")
    with pytest.raises(InputError, match="doesn't fill"):
        brief_from_json(broken)


def test_a_guess_at_the_style_gives_way_to_a_traditions_mode() -> None:
    """Words that only seem to mean a style don't choose who plays in a mode that has players of its own."""
    assert read_brief("晚风").style.confidence is not None
    assert read_brief("晚风", BriefOptions(scale="羽调式")).style.value is None
    assert read_brief("一首爵士", BriefOptions(scale="羽调式")).style.value == "jazz"


def test_a_guess_at_the_style_gives_way_to_players_whom_it_hasnt() -> None:
    """A solo for the erhu isn't guessed to be a piano's; a style that was said stays."""
    assert read_brief("傍晚的散板，二胡独奏").style.value in (None, "chinese_folk", "guofeng")
    assert read_brief("jazz for the erhu").style.value == "jazz"
