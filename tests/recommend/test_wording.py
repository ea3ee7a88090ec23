"""Reasons as sentences: one for every kind, in both languages, whose figures add up."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.recommend.attribute_words import SCALES_EN, SCALES_ZH, attribute_words
from yuefu.recommend.base import Explanation, Reason
from yuefu.recommend.wording import DEEDS_EN, DEEDS_ZH, clean_title, quoted, reasons_json, sentence, told

TITLES = {1: "Moon River", 2: "雨夜", 3: "Old March"}
REASONS = (
    Reason("item", 0.41, 1),
    Reason("attribute", 0.12, name="mood:arousal"),
    Reason("popular", 0.2),
    Reason("item", -0.2, 3),
)
MIXED = Explanation(9, 0.83, REASONS, 0.3)


def explained(*reasons: Reason, rest: float = 0.0) -> Explanation:
    """An explanation whose score is the sum."""
    return Explanation(9, sum(reason.amount for reason in reasons) + rest, reasons, rest)


FOR_AND_AGAINST = [
    (Reason("item", 0.4, 1), "Because you played “Moon River”.", "因为你听过《Moon River》。"),
    (Reason("item", -0.4, 1), "A try, although you played “Moon River”.", "不妨一试，虽然你听过《Moon River》。"),
    (Reason("item", 0.4, 99), "Because you played something else.", "因为你听过另一首。"),
    (Reason("again", 0.4, 9), "Because you keep coming back to it.", "因为你常回来听它。"),
    (Reason("popular", 0.4), "Because many are listening to it.", "因为最近很多人在听。"),
    (Reason("popular", -0.4), "A try, although few have heard it yet.", "不妨一试，虽然听的人还少。"),
]
ATTRIBUTES = [
    ("style:jazz", 0.4, "Because you tend to like jazz-style music.", "因为你偏爱爵士风格。"),
    ("tag:indie", 0.4, "Because you tend to like music tagged “indie”.", "因为你偏爱“indie”标签的音乐。"),
    ("tag:indie", -0.4, "A try, although music tagged “indie” is less to your taste.",
     "不妨一试，虽然“indie”标签的音乐不太合你的口味。"),
    ("words:7", 0.4, "Because what its prompt says suits you.", "因为它的描述合你的口味。"),
    ("tempo:bpm", 0.4, "Because its tempo suits you.", "因为它的速度合你的口味。"),
    ("tempo:bpm", -0.4, "A try, although its tempo suits you less.", "不妨一试，虽然它的速度不太合你的口味。"),
    ("mood:calm", -0.4, "A try, although calm pieces are less to your taste.",
     "不妨一试，虽然平静的曲子不太合你的口味。"),
    ("creator:Ann Lee", 0.4, "Because you tend to like music by Ann Lee.", "因为你偏爱Ann Lee的作品。"),
    ("mood:chosen", 0.4, "Because its mood is near those you chose.", "因为它的情绪接近你所选的。"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    FOR_AND_AGAINST + [(Reason("attribute", amount, name=name), en, zh) for name, amount, en, zh in ATTRIBUTES],
)
def test_every_kind_of_reason_has_a_sentence(reason: Reason, english: str, chinese: str):
    """Alone, for and against, in both languages."""
    assert sentence(explained(reason), TITLES, "en") == english
    assert sentence(explained(reason), TITLES, "zh") == chinese


@pytest.mark.parametrize("deed", sorted(DEEDS_EN))
def test_every_deed_is_told(deed: str):
    """What was done with the cited item is said, in both languages."""
    one = explained(Reason("item", 0.4, 1))
    assert DEEDS_EN[deed].split()[0] in sentence(one, TITLES, "en", deeds={1: deed})
    assert DEEDS_ZH[deed] in sentence(one, TITLES, "zh", deeds={1: deed})


def test_no_reason_is_a_sentence_too():
    """Nothing to say is said."""
    assert sentence(explained(), TITLES, "en") == "Something you haven't tried yet."
    assert sentence(explained(), TITLES, "zh") == "给你一首还没听过的。"


def test_several_reasons_are_one_sentence():
    """The largest first, what is against it at the end."""
    deeds = {1: "finish", 3: "dislike"}
    assert sentence(MIXED, TITLES, "en", deeds=deeds, values={"mood:arousal": -1.0}) == (
        "Because you finished “Moon River”, many are listening to it and you tend to like calm pieces, "
        "although you disliked “Old March”."
    )
    assert sentence(MIXED, TITLES, "zh", deeds=deeds, values={"mood:arousal": -1.0}) == (
        "因为你听完了《Moon River》，最近很多人在听，也因为你偏爱平静的曲子，虽然你不喜欢《Old March》。"
    )


def test_small_reasons_are_not_told():
    """A reason below a tenth of the largest isn't worth a word, nor a fourth one."""
    found, *_ = told(explained(*(Reason("item", 0.5 - 0.1 * at, at) for at in range(4)), Reason("popular", 0.01)), {})
    assert [one.item for one in found] == [0, 1, 2]


@given(
    st.lists(st.floats(-3, 3, allow_subnormal=False), min_size=1, max_size=8),
    st.floats(-2, 2),
    st.sampled_from(["en", "zh"]),
)
@settings(max_examples=120, deadline=None)
def test_printed_figures_add_up(amounts: list[float], rest: float, language: str):
    """In a precise sentence the signed amounts and the rest sum to the printed score, to the last digit."""
    one = explained(*(Reason("item", amount, at) for at, amount in enumerate(amounts)), rest=rest)
    text = sentence(one, {}, language, precise=True).replace("−", "-")
    listed, score = re.split("score |总分 ", text)
    parts = [float(number) for number in re.findall(r"[+-]\d+\.\d+", listed)]
    if parts:
        assert sum(parts) == pytest.approx(float(score.rstrip(".。")), abs=1e-9)
    assert float(score.rstrip(".。")) == pytest.approx(one.score, abs=0.0051)


def test_small_scores_keep_figures_that_count():
    """A score of thousandths isn't told as +0.00."""
    assert "(+0.0041)" in sentence(explained(Reason("item", 0.0041, 1)), TITLES, "en", precise=True)


def test_what_goes_by_one_word_is_told_once():
    """The key's sine and cosine are one reason, their amounts added."""
    found, *_ = told(explained(Reason("attribute", 0.2, name="key:sin"), Reason("attribute", 0.1, name="key:cos")), {})
    assert [(one.words, one.amount) for one in found] == [("its key suits you", 0.3)]


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_titles_cannot_turn_or_break_a_sentence(title: str):
    """No control, direction or unassigned sign is left, no line break, and no mark that ends the quotation early."""
    for language, end in (("en", "”"), ("zh", "》")):
        told_title = quoted(title, language)
        assert told_title.count(end) == 1
        assert told_title.endswith(end)
        assert not [sign for sign in told_title if unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")]
        assert not set(told_title) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")


def test_scripts_and_emoji_keep_their_joiners():
    """Persian and joined emoji stay as they are; long titles are cut."""
    assert clean_title("می‌خواهم") == "می‌خواهم"
    assert clean_title("👩‍🎤") == "👩‍🎤"
    assert len(clean_title("la " * 100)) <= 80


def test_scales_are_told_by_the_items_own_value():
    """Which way a feature goes is said where it is clear, in both languages, for all scales alike."""
    assert SCALES_EN.keys() == SCALES_ZH.keys()
    assert attribute_words("tempo:bpm", "en", 1.0) == "fast tempos"
    assert attribute_words("tempo:bpm", "en", -1.0) == "slow tempos"
    assert attribute_words("tempo:bpm", "en", 0.1) == attribute_words("tempo:bpm", "en") == "its tempo"
    assert attribute_words("key:minor", "zh", 1.0) == "小调"


def test_ids_are_not_read_out():
    """An account's id is no name; with a title at hand that is told."""
    name = "creator:0f8b2c7d9e1a4b6c"
    assert attribute_words(name, "en") == "its creator"
    assert attribute_words(name, "en", names={name: "Bo"}) == "music by Bo"
    assert attribute_words("parent:x1", "zh", names={"parent:x1": "雨夜"}) == "出自《雨夜》的曲子"


def test_pages_get_the_same_numbers():
    """The JSON's reasons and rest add up to its score."""
    found = reasons_json(MIXED, TITLES, "zh")
    assert sum(one["amount"] for one in found["reasons"]) + found["rest"] == pytest.approx(found["score"])
    assert found["reasons"][0]["words"] == "你听过《Moon River》"
