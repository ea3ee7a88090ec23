"""Lyrics by a model: counted by our own reading, repaired once, and set only when they can be sung."""

from __future__ import annotations

import json

from tests.llm.server import Behaviour, by_task, serving

from yuefu.llm.lyrics_writer import LyricDraft, form_faults, lyric_form, polish_faults
from yuefu.llm.settings import LlmSettings
from yuefu.text.brief import Brief, BriefOptions, read_brief
from yuefu.text.lyrics import parse_lyrics
from yuefu.workflows.llm_brief import Consulted, consult

ENGLISH = ["[verse]", "The rain is on the window", "the street is cold and grey", "I hear the night trains passing",
           "and taking you away", "[chorus]", "So sing to me, my river", "and carry me along", "the morning will be",
           "another summer song"]  # fmt: skip
CHINESE = ["[主歌]", "雨落在窗台上", "街灯照着远方", "我听见夜车走过", "带走你的模样"]
LONG = ["[verse]", *["word " * 30] * 4, "[chorus]", *["word " * 30] * 4]


def written(*answers: list[str], words: str = "rain", form: str = "verse chorus", **options: str) -> Consulted:
    """The consultation when a model answers with these lyrics, one after the other."""
    texts = [json.dumps({"lines": lines}, ensure_ascii=False) for lines in answers]
    behaviour: Behaviour = by_task(brief='{"valence": 0.1}', lyrics=texts, polish=texts)
    with serving(behaviour) as heard:
        asked = consult(
            read_brief(words, BriefOptions(form=form, seed=1, **options)),
            LlmSettings(heard.url, "m", deadline=10),
            lyrics=True,
        )
    return asked


def test_lyrics_that_keep_to_the_form_are_set_as_the_models() -> None:
    """Sections, lines and syllables agree: the words are in the brief with their source, and in the plan."""
    asked = written(ENGLISH)
    assert asked.brief.lyrics.source == "llm"
    assert asked.brief.lyrics.value == "\n".join(ENGLISH)
    assert asked.record.notices == ()
    sung = sum(len(syllables) for syllables in asked.plan.lyrics.values())
    assert sung == parse_lyrics("\n".join(ENGLISH)).syllable_count


def test_faults_are_told_once_and_the_repaired_words_are_set() -> None:
    """Lines far too long are named to the model; the second lyric is taken."""
    assert written(LONG, ENGLISH).brief.lyrics.value == "\n".join(ENGLISH)


def test_words_that_stay_wrong_leave_a_piece_without_words_and_a_notice() -> None:
    """No words rather than words that can't be sung; the language is told in both languages."""
    for answer in (LONG, ["[verse]"], ["สวัสดี"], CHINESE):
        asked = written(answer)
        assert asked.brief.lyrics.value is None, answer
        assert any("no lyrics" in line for line in asked.record.lines("en"))
        assert any("歌词" in line for line in asked.record.lines("zh"))


def test_chinese_words_for_a_chinese_wish() -> None:
    """The language of the prompt is that of the words."""
    asked = written(CHINESE, words="雨夜的歌", form="主歌")
    assert asked.brief.lyrics.value == "\n".join(CHINESE)
    assert asked.brief.language.value == "zh"


def test_polished_words_are_built_like_those_given_or_not_taken() -> None:
    """A line more, or lines twice as long, and the words stay as they were."""
    given = "the rain is on the window\nthe street is cold and grey"
    better = ["the rain runs down the window", "the street lies cold and grey"]
    assert written(better, lyrics=given).brief.lyrics.value == "\n".join(better)
    for worse in ([*better, "and one line more"], ["rain", "grey"], ["雨落在窗台上啊", "街灯照着远方"]):
        asked = written(worse, lyrics=given)
        assert asked.brief.lyrics.value == given
        assert asked.brief.lyrics.source == "user"
        assert any("weren't polished" in line for line in asked.record.lines("en"))


def test_faults_name_the_line_and_the_count() -> None:
    """What the model is told is what our reading counts."""
    form = lyric_form(read_brief("", BriefOptions(form="verse")))
    faults = form_faults(LyricDraft(lines=["[verse]", "oh", *ENGLISH[2:5]]), form)
    assert faults == ["line 1 'oh' has 1 syllables: 4 to 14"]
    assert polish_faults(LyricDraft(lines=["moon"]), parse_lyrics("床前明月光"))


def test_the_form_gives_sections_and_lines_two_bars_each() -> None:
    """Intro and interlude aren't sung; sixteen bars have eight lines, eight have four."""
    form = lyric_form(read_brief("", BriefOptions(form="intro:4 verse:16 interlude:4 chorus:8")))
    assert form.sections == (("verse", 8), ("chorus", 4))
    assert lyric_form(Brief()).language == "en"
