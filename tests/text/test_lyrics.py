"""Lyrics into sections, lines and syllables."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import InputError, LimitError
from yuefu.text.lyrics import LyricLine, parse_lyrics, read_line
from yuefu.text.spoken import spoken
from yuefu.text.syllables_en import split_word
from yuefu.text.syllables_zh import tones

SONG = """[Verse 1]
Walking down the empty street,
I remember everything.

[Chorus]
Sing, my heart!
Over mountains, over seas

[Verse 2]
Morning comes

[Chorus]
"""


def _sung(line: LyricLine | None) -> list[str]:
    assert line is not None
    return [syllable.text for syllable in line.syllables]


def test_tags_part_sections_and_a_bare_tag_repeats_the_section() -> None:
    lyrics = parse_lyrics(SONG)
    assert [(s.kind, len(s.lines)) for s in lyrics.sections] == [
        ("verse", 2),
        ("chorus", 2),
        ("verse", 1),
        ("chorus", 2),
    ]
    assert lyrics.sections[1] == lyrics.sections[3]


@pytest.mark.parametrize(
    "tag", ["[副歌]", "【副歌】", "副歌：", "副歌", "Chorus:", "(chorus)", "[Chorus 2]", "CHORUS", "[Chorus x2]"]
)
def test_a_chorus_tag_is_known_in_every_spelling(tag: str) -> None:
    lyrics = parse_lyrics(f"主歌\n明月几时有\n{tag}\n但愿人长久")
    assert [s.kind for s in lyrics.sections][:2] == ["verse", "chorus"]
    assert len(lyrics.sections) == (3 if "x2" in tag else 2)


def test_a_line_that_only_begins_like_a_tag_is_sung() -> None:
    lyrics = parse_lyrics("bridge over troubled water\nthe chorus of the birds")
    assert [len(s.lines) for s in lyrics.sections] == [2]


def test_without_tags_the_block_that_returns_is_the_chorus() -> None:
    verse, chorus, other = "one\ntwo", "la la la\nhey hey", "three\nfour"
    lyrics = parse_lyrics("\n\n".join([verse, chorus, other, chorus]))
    assert [s.kind for s in lyrics.sections] == ["verse", "chorus", "verse", "chorus"]


def test_chinese_is_sung_a_syllable_a_character_with_its_tone() -> None:
    line = read_line("春江潮水连海平，海上明月共潮生。")
    assert line is not None
    assert [s.text for s in line.syllables] == list("春江潮水连海平海上明月共潮生")
    assert [s.tone for s in line.syllables] == [1, 1, 2, 3, 2, 3, 2, 3, 4, 2, 4, 4, 2, 1]
    assert [i for i, s in enumerate(line.syllables) if s.break_after] == [6, 13]
    assert line.syllables[6].break_after == ","
    assert line.syllables[13].break_after == "."


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("还钱", [2, 2]), ("还有", [2, 3]), ("跑得快", [3, 5, 4]), ("银行", [2, 2]), ("长大", [3, 4]), ("漫长", [4, 2]),
        ("重来", [2, 2]), ("重要", [4, 4]), ("音乐", [1, 4]), ("快乐", [4, 4]), ("朝阳", [1, 2]), ("我们", [3, 5]),
        ("假期", [4, 1]), ("干净", [1, 4]), ("了解", [3, 3]), ("好奇", [4, 2]),
        ("一行白鹭上青天", [1, 2, 2, 4, 4, 1, 1]),
    ],
)  # fmt: skip
def test_characters_of_several_readings_get_the_right_tone(word: str, expected: list[int]) -> None:
    assert tones(word) == expected


@pytest.mark.parametrize(
    ("word", "syllables", "stressed"),
    [
        ("remember", "re-mem-ber", 1), ("beautiful", "beau-ti-ful", 0), ("loved", "loved", 0), ("wanted", "wan-ted", 0),
        ("candles", "can-dles", 0), ("rhythm", "rhy-thm", 0), ("couldn't", "could-n't", 0), ("don't", "don't", 0),
        ("you've", "you've", None), ("the", "the", None), ("every", "ev-ery", 0), ("tomorrow", "to-mor-row", 1),
        ("hallelujah", "hal-le-lu-jah", 2), ("singing", "sing-ing", 0),
        ("running", "run-ning", 0), ("away", "a-way", 1),
        ("believing", "be-liev-ing", 1), ("imagination", None, 3),
        ("electricity", None, 2), ("midnight", "mid-night", 0),
        ("Firefly", "Fire-fly", 0), ("going", "go-ing", 0), ("quiet", "qui-et", 0), ("science", "sci-ence", 0),
        ("nation", "na-tion", 0), ("radio", "ra-di-o", 0), ("lonely", "lone-ly", 0), ("something", "some-thing", 0),
        ("played", "played", 0), ("places", None, 0), ("decided", "de-ci-ded", 1), ("moonlight", "moon-light", 0),
        ("myself", "my-self", 1), ("forever", "for-ev-er", 1), ("under", "un-der", 0), ("piano", "pi-an-o", 1),
        ("courtyard", None, 0), ("bye", "bye", 0), ("ain't", "ain't", 0),
        ("o'er", "o'er", 0), ("technique", None, 1), ("walkin'", "walk-in'", 0), ("happier", "hap-pi-er", 0),
    ],
)  # fmt: skip
def test_english_words_part_into_syllables_with_stress(word: str, syllables: str | None, stressed: int | None) -> None:
    split = split_word(word)
    if syllables is not None:
        assert "-".join(split.texts) == syllables
    assert split.stressed == stressed


@settings(deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJ'", min_size=1, max_size=24))
def test_the_syllables_of_any_word_join_to_the_word(word: str) -> None:
    split = split_word(word)
    assert "".join(split.texts) == word
    assert split.stressed is None or 0 <= split.stressed < len(split.texts)


def test_an_english_word_is_marked_begin_middle_end() -> None:
    line = read_line("beautiful day")
    assert line is not None
    assert [s.syllabic for s in line.syllables] == ["begin", "middle", "end", "single"]
    assert [s.stress for s in line.syllables] == [1, 0, 0, 1]


def test_numbers_are_read_out_in_the_language_around_them() -> None:
    assert _sung(read_line("在2024年的夏天")) == list("在二零二四年的夏天")
    assert _sung(read_line("3个愿望")) == list("三个愿望")
    assert _sung(read_line("24 hours")) == ["twen", "ty", "four", "hours"]


def test_mixed_lines_are_sung_in_both_languages() -> None:
    line = read_line("Baby 我爱你 forever")
    assert line is not None
    assert [s.text for s in line.syllables] == ["Ba", "by", "我", "爱", "你", "for", "ev", "er"]
    assert [s.tone for s in line.syllables] == [None, None, 3, 4, 3, None, None, None]


def test_time_stamps_headers_and_repeat_marks_are_not_sung() -> None:
    lyrics = parse_lyrics("[ti:Song]\n[00:12.30]la la\n[00:15.10]hey (x2)")
    assert [line.text for line in lyrics.lines] == ["la la", "hey", "hey"]


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("", InputError, "empty"), (" \n\t", InputError, "empty"), ("مرحبا بالعالم", InputError, "arabic"),
        ("สวัสดี", InputError, "thai"), ("😀🎵", InputError, "no words"), ("la\n" * 501, LimitError, "500"),
        ("a" * 301, LimitError, "300"),
        ("[Verse]\n[Chorus]", InputError, "no words"), ("... ,,, !!!", InputError, "no words"),
        ("こんにちは世界のみなさん", InputError, "hiragana"),
    ],
)  # fmt: skip
def test_lyrics_that_cant_be_set_get_one_clear_sentence(text: str, kind: type, part: str) -> None:
    with pytest.raises(kind) as caught:
        parse_lyrics(text)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("月光在水abz '\n[],.。，12[verse]副歌:：(x2)é"), max_size=120))
def test_any_lyric_is_read_or_refused_and_never_loses_a_character(text: str) -> None:
    try:
        lyrics = parse_lyrics(text)
    except InputError:
        return
    for line in lyrics.lines:
        assert line.syllables
        assert line.syllables[-1].break_after
        for syllable in line.syllables:
            assert syllable.text.strip()
        sung = "".join(s.text for s in line.syllables).replace("'", "")
        assert sung == "".join(c for c in spoken(line.text) if c.isalpha())


def test_a_syllable_tells_what_a_setting_wants_to_know() -> None:
    line = read_line("The fire of love, 月亮的光。")
    assert line is not None
    by_text = {s.text: s for s in line.syllables}
    assert (by_text["The"].function, by_text["of"].function, by_text["的"].function) == (True, True, True)
    assert (by_text["fire"].glides, by_text["love"].glides) == (True, False)
    assert (by_text["love"].keyword, by_text["fire"].keyword, by_text["光"].keyword) == (True, False, True)
    assert by_text["fire"].phones == ("F", "AY1", "R")
    assert (by_text["月"].pinyin, by_text["亮"].pinyin) == ("yue4", "liang5")
    assert by_text["月"].word == by_text["亮"].word != by_text["光"].word
    assert 0 < by_text["love"].breath < by_text["光"].breath == 1


def test_breaths_weigh_less_at_a_comma_than_at_a_full_stop() -> None:
    line = read_line("one、two, three; four... five! six")
    assert line is not None
    weights = [s.breath for s in line.syllables]
    assert weights == sorted(weights[:-1]) + [weights[-1]]
    assert weights[0] < weights[1] < weights[2] < weights[3] <= weights[4]
    assert weights[-1] < weights[4]


@pytest.mark.parametrize(
    ("text", "sung"),
    [
        ("花儿为什么这样红", ["花儿", "为", "什", "么", "这", "样", "红"]), ("女儿和儿子", list("女儿和儿子")),
        ("在哪儿", ["在", "哪儿"]), ("少年儿童", list("少年儿童")),
        ("'Cause I'm goin'", ["'Cause", "I'm", "go", "in'"]), ("'love' is all", ["love", "is", "all"]),
        ("rock 'n' roll", ["rock", "'n'", "roll"]), ("Hal-le-lu-jah", ["Hal", "le", "lu", "jah"]),
        ("oh-oh", ["oh", "oh"]), ("on my TV", ["on", "my", "T", "V"]), ("爱 & 恨", ["爱", "和", "恨"]),
    ],
)  # fmt: skip
def test_what_is_sung_of_hard_words(text: str, sung: list[str]) -> None:
    """Erhua, elisions, quotation marks, words written in syllables, initials."""
    assert _sung(read_line(text)) == sung


def test_erhua_and_sandhi_are_the_callers_choice() -> None:
    apart = read_line("花儿", erhua=False)
    assert _sung(apart) == ["花", "儿"]
    line = read_line("一个人不要", sandhi=True)
    assert line is not None
    assert [s.tone for s in line.syllables] == [2, 5, 2, 2, 4]


def test_a_record_and_to_record_differ_in_stress() -> None:
    line = read_line("I record a record")
    assert line is not None
    assert [s.stress for s in line.syllables] == [0, 0, 1, 0, 1, 0]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80))
def test_any_text_at_all_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        lyrics = parse_lyrics(text)
    except InputError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said
    if said:
        return
    assert lyrics.syllable_count == sum(len(line.syllables) for section in lyrics.sections for line in section.lines)
    for section in lyrics.sections:
        assert len(section.rhyme_scheme) == len(section.lines)
