"""The brief: options over words, every field with its source, one clear sentence for what can't be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import FormatError, InputError, LimitError, UnknownNameError
from yuefu.text.brief import Brief, BriefOptions, brief_from_json, read_brief
from yuefu.theory.instruments import INSTRUMENTS


def test_options_win_over_words_and_words_over_nothing() -> None:
    brief = read_brief("a slow waltz in G minor", BriefOptions(tempo="140", key="降E大调"))
    assert (brief.tempo.value, brief.tempo.source) == (140, "user")
    assert (brief.key.value, brief.mode.value, brief.mode.source) == ("Eb major", "major", "user")
    assert (brief.style.value, brief.style.source, brief.style.words) == ("waltz", "text", ("waltz",))
    assert (brief.seed.value, brief.seed.source) == (None, "default")


def test_every_option_is_read() -> None:
    brief = read_brief(
        "",
        BriefOptions(
            style="中国风", mood="-0.5,0.25", tempo=92, key="f# minor", meter="四三拍",
            form="A A B A'", duration="2:30", instruments="voice, 二胡、古筝 and drums", without=["piano"],
            chords="verse: C G | chorus: F C", lyrics="明月几时有", seed="7", candidates=3, title="  Moon   song ",
        ),
    )  # fmt: skip
    values = {name: getattr(brief, name).value for name in Brief.model_fields if name not in ("words", "form")}
    assert values == {
        "style": "guofeng", "valence": -0.5, "arousal": 0.25, "tempo": 92.0, "key": "F# minor", "mode": "minor",
        "meter": "3/4", "duration": 150.0, "bars": None, "instruments": ["voice", "erhu", "guzheng", "drums"],
        "instruments_only": True, "without": ["piano"], "chords": {"verse": [["C"], ["G"]], "chorus": [["F"], ["C"]]},
        "lyrics": "明月几时有", "language": "zh", "seed": 7, "candidates": 3, "title": "Moon song", "density": None,
        "energy": None, "occasion": None, "scale": None, "grouping": None, "rhythm": None, "drone": None,
        "ornaments": None, "like": None, "adapter": None,
    }  # fmt: skip
    assert brief.form.value is not None
    assert [item.letter for item in brief.form.value] == ["A", "A", "B", "A'"]


@pytest.mark.parametrize(
    ("words", "options", "kind", "part"),
    [
        ("", {}, InputError, "empty prompt"),
        ("   ", {"seed": 3}, InputError, "empty prompt"),
        ("", {"lyrics": " \n "}, InputError, "lyrics are empty"),
        ("!!! 🎵", {}, InputError, "no words"),
        ("สวัสดีชาวโลก", {}, InputError, "thai"),
        ("مرحبا بالعالم", {}, InputError, "arabic"),
        ("x" * 5000, {}, LimitError, "4000"),
        ("song", {"style": "pob"}, UnknownNameError, "did you mean 'pop'"),
        ("song", {"key": "H major"}, InputError, "isn't a key"),
        ("song", {"key": "G# major"}, InputError, "isn't a key"),
        ("song", {"meter": "5/7"}, InputError, "metre"),
        ("song", {"tempo": "301"}, InputError, "20 to 300"),
        ("song", {"tempo": 19.9}, InputError, "20 to 300"),
        ("song", {"tempo": "nan"}, InputError, "tempo"),
        ("song", {"tempo": "inf"}, InputError, "tempo"),
        ("song", {"tempo": "quickish"}, InputError, "tempo"),
        ("song", {"bars": 0}, LimitError, "1 to 512"),
        ("song", {"bars": "513"}, LimitError, "1 to 512"),
        ("song", {"bars": "many"}, InputError, "whole number"),
        ("song", {"bars": "2.5"}, InputError, "whole bars"),
        ("song", {"duration": "1"}, LimitError, "30 minutes"),
        ("song", {"duration": "99:99"}, InputError, "length"),
        ("song", {"instruments": "piano, kazooo"}, UnknownNameError, "instrument"),
        ("song", {"instruments": " , "}, InputError, "empty list"),
        ("song", {"instruments": "piano, drums", "without": "drums"}, InputError, "both"),
        ("song", {"chords": "C H7 G"}, InputError, "chord symbol"),
        ("song", {"chords": "  "}, InputError, "empty chord"),
        ("song", {"form": "verse blorus"}, UnknownNameError, "chorus"),
        ("song", {"form": "verse:600"}, LimitError, "512"),
        ("song", {"form": "A B " * 40}, LimitError, "64"),
        ("song", {"mood": "2,0"}, InputError, "-1 to 1"),
        ("song", {"mood": "zzz"}, InputError, "-1 to 1"),
        ("song", {"seed": "-1"}, InputError, "seed"),
        ("song", {"candidates": "0"}, InputError, "candidates"),
        ("song", {"lyrics": "la\n" * 10_000}, LimitError, "500"),
        ("song", {"lyrics": "la " * 200}, LimitError, "300"),
    ],
)  # fmt: skip
def test_what_cant_be_gets_one_clear_sentence(words: str, options: dict[str, Any], kind: type, part: str) -> None:
    with pytest.raises(kind) as caught:
        read_brief(words, BriefOptions(**options))
    message = str(caught.value)
    assert part in message
    assert "\n" not in message
    assert "Traceback" not in message


def test_a_brief_survives_json() -> None:
    brief = read_brief("不要鼓的爵士，AABA曲式", BriefOptions(chords="C | Dm7 G7", seed=2**32 - 1))
    assert brief_from_json(brief.model_dump_json()) == brief
    assert json.loads(brief.model_dump_json())["without"]["words"] == ["不要鼓"]


@pytest.mark.parametrize(
    "change",
    [
        {"tempo": {"value": 900}}, {"style": {"value": "pob"}}, {"key": {"value": "H"}}, {"nonsense": 1},
        {"valence": {"value": 2}}, {"instruments": {"value": ["kazoo"]}}, {"bars": {"value": "many"}},
        {"form": {"value": [{"letter": "AA"}]}}, {"tempo": {"value": 90, "extra": 1}}, {"meter": {"value": "5/7"}},
    ],
)  # fmt: skip
def test_a_wrong_brief_in_json_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError) as caught:
        brief_from_json(json.dumps(change))
    assert "\n" not in str(caught.value)
    with pytest.raises(FormatError):
        brief_from_json("{")


def test_leaving_out_drums_or_the_voice_leaves_out_all_of_them() -> None:
    brief = read_brief("a song without drums and voice")
    assert {"drums", "percussion", "taiko", "luogu", "voice", "soprano", "choir"} <= brief.excluded()
    assert "piano" not in brief.excluded()


def test_an_instrument_asked_for_by_option_is_not_excluded_by_a_word() -> None:
    brief = read_brief("no drums please", BriefOptions(instruments="piano, drums"))
    assert brief.instruments.value == ["piano", "drums"]
    assert not brief.without.value
    brief = read_brief("piano and drums", BriefOptions(without="drums"))
    assert brief.instruments.value == ["piano"]


def test_length_options_replace_the_lengths_of_the_words() -> None:
    assert read_brief("32 bars of jazz", BriefOptions(duration="90")).bars.value is None
    assert read_brief("two minutes of jazz", BriefOptions(bars=16)).duration.value is None
    assert read_brief("intro:4 verse:8 chorus:8", BriefOptions(bars=12)).form.value is None
    assert read_brief("AABA jazz", BriefOptions(bars=12)).form.value is not None


def test_another_style_takes_the_waltz_metre_with_it() -> None:
    assert read_brief("a waltz", BriefOptions(style="rock")).meter.value is None
    assert read_brief("a waltz in 3/4", BriefOptions(style="rock")).meter.value == "3/4"


@pytest.mark.parametrize(
    ("words", "lyrics", "title"),
    [
        ("a melancholy waltz for a rainy night, solo piano", None, "Melancholy Waltz for a Rainy Night"),
        ("春天的气息弥漫在空气中", None, "春天的气息弥漫在空气中"),
        ("请帮我写一首关于母亲的歌，温暖", None, "关于母亲的歌"),
        ('a pop song called "Paper Boats", 90 bpm', None, "Paper Boats"),
        ("pop", "[verse]\nThe moon is on the water,\nI am home", "The moon is on the water"),
        ("", "【主歌】\n床前明月光，疑是地上霜", "床前明月光"),
    ],
)
def test_the_title_is_what_a_person_would_call_it(words: str, lyrics: str | None, title: str) -> None:
    assert read_brief(words, BriefOptions(lyrics=lyrics)).title.value == title


def test_the_mood_of_a_lyric_counts_when_the_prompt_has_none() -> None:
    sad = read_brief("pop", BriefOptions(lyrics="Tears are falling, I am so lonely\nmy heart is broken and I cry"))
    assert sad.valence.value is not None
    assert sad.valence.value < 0
    assert sad.valence.source == "text"
    told = read_brief("a happy song", BriefOptions(lyrics="Tears are falling"))
    assert told.valence.value is not None
    assert told.valence.value > 0


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_no_input_escapes_as_anything_but_an_input_error(words: str, option: str, other: str) -> None:
    for options in (
        BriefOptions(style=option, key=other), BriefOptions(tempo=option, meter=other), BriefOptions(form=option),
        BriefOptions(chords=option, bars=other), BriefOptions(duration=option, mood=other),
        BriefOptions(instruments=option, lyrics=other), BriefOptions(seed=option, without=other),
    ):  # fmt: skip
        try:
            brief = read_brief(words, options)
        except InputError:
            continue
        assert brief_from_json(brief.model_dump_json()) == brief


def test_every_instrument_can_be_asked_for_by_its_chinese_and_english_names() -> None:
    for instrument in INSTRUMENTS.values():
        for name in (instrument.key, instrument.en, instrument.zh):
            assert read_brief("x music", BriefOptions(instruments=name)).instruments.value == [instrument.key]
