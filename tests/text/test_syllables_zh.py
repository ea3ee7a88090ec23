"""Chinese characters: their readings in context, tones, sandhi, erhua and words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from yuefu.text.language import is_han
from yuefu.text.syllables_zh import _corrections, is_rhotic, readings, tones, with_sandhi, words


def test_every_listed_reading_is_pinyin_at_a_place_of_its_word() -> None:
    assert len(_corrections()) > 3000
    for word, own in _corrections().items():
        assert all(is_han(char) for char in word)
        for place, reading in own.items():
            assert 0 <= place < len(word)
            assert reading[-1] in "12345"
            assert reading[:-1].isalpha()


def test_every_listed_word_is_read_as_listed() -> None:
    wrong = []
    for word, own in _corrections().items():
        found = readings(word)
        if any(found[place] != reading for place, reading in own.items()):
            wrong.append(word)
    assert wrong == []


def test_the_table_corrects_what_the_library_alone_would_misread() -> None:
    differing = 0
    for word, own in _corrections().items():
        alone = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
        differing += any(alone[place] != reading for place, reading in own.items())
    assert differing >= 250


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("我得走了还得回来", "wo3 dei3 zou3 le5 hai2 dei3 hui2 lai2"),
        ("也得到了爱", "ye3 de2 dao4 le5 ai4"), ("想得到你", "xiang3 de2 dao4 ni3"),
        ("轻轻地我走了", "qing1 qing1 de5 wo3 zou3 le5"), ("大地在沉睡", "da4 di4 zai4 chen2 shui4"),
        ("忘不了你", "wang4 bu4 liao3 ni3"), ("我不了解你", "wo3 bu4 liao3 jie3 ni3"),
        ("这只是梦", "zhe4 zhi3 shi4 meng4"), ("这只小鸟", "zhe4 zhi1 xiao3 niao3"),
        ("长长的路慢慢地走", "chang2 chang2 de5 lu4 man4 man4 de5 zou3"),
        ("长大后我就成了你", "zhang3 da4 hou4 wo3 jiu4 cheng2 le5 ni3"),
        ("為你還錢", "wei4 ni3 huan2 qian2"), ("音樂響起", "yin1 yue4 xiang3 qi3"),
        ("快乐的时光", "kuai4 le4 de5 shi2 guang1"), ("一行白鹭", "yi1 hang2 bai2 lu4"),
        ("行走江湖", "xing2 zou3 jiang1 hu2"), ("朝朝暮暮面朝大海", "zhao1 zhao1 mu4 mu4 mian4 chao2 da4 hai3"),
        ("薄情的人", "bo2 qing2 de5 ren2"), ("在空中", "zai4 kong1 zhong1"), ("一片空白", "yi1 pian4 kong4 bai2"),
        ("弹琴", "tan2 qin2"), ("子弹", "zi3 dan4"), ("都市的夜都会过去", "du1 shi4 de5 ye4 dou1 hui4 guo4 qu4"),
        ("藏在心里的宝藏", "cang2 zai4 xin1 li5 de5 bao3 zang4"), ("曲终人散", "qu3 zhong1 ren2 san4"),
        ("曲折的路", "qu1 zhe2 de5 lu4"), ("数星星数不清", "shu3 xing1 xing5 shu3 bu4 qing1"),
        ("情不自禁", "qing2 bu4 zi4 jin1"), ("千重山", "qian1 chong2 shan1"), ("呜咽的风", "wu1 ye4 de5 feng1"),
        ("妈妈的月亮", "ma1 ma5 de5 yue4 liang5"), ("淹没在人海里", "yan1 mo4 zai4 ren2 hai3 li5"),
    ],
)  # fmt: skip
def test_characters_of_several_readings_in_the_company_they_keep(line: str, expected: str) -> None:
    assert " ".join(map(str, readings(line))) == expected


def test_sandhi_follows_the_next_tone() -> None:
    for text, expected in (("一定", "yi2"), ("一天", "yi4"), ("第一", "di4"), ("不是", "bu2"), ("不来", "bu4")):
        assert with_sandhi(text, readings(text))[0] == expected
    assert tones("一定") == [1, 4]


@pytest.mark.parametrize(
    ("run", "coloured"),
    [("花儿", True), ("哪儿", True), ("一会儿", True), ("女儿", False), ("男儿", False), ("孤儿", False)],
)
def test_er_colours_the_character_before_it_or_stands_alone(run: str, coloured: bool) -> None:
    assert is_rhotic(run, len(run) - 1) is coloured


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="月光的地得了着还长一不儿花女为什么我们在abc ，。", max_size=30))
def test_each_character_gets_a_reading_and_a_word(text: str) -> None:
    han = "".join(filter(is_han, text))
    found = readings(text)
    assert len(found) == len(han)
    assert all(reading and reading[-1] in "12345" for reading in found)
    indices = words(han)
    assert len(indices) == len(han)
    assert all(b - a in (0, 1) for a, b in pairwise(indices))
