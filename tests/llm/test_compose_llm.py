"""Whole pieces with a language model's help: made, reported, replayed without it, and made when it fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Ran, folder, yuefu  # noqa: F401
from tests.llm.server import Handler, by_task, serving
from tests.llm.test_lead_sheet import TUNE
from tests.llm.test_lyrics_writer import ENGLISH

from yuefu import LlmSettings, compose, replay
from yuefu.errors import InputError, UnknownNameError
from yuefu.workflows.compose import Composition
from yuefu.workflows.llm_compose import explained

pytestmark = [pytest.mark.model, pytest.mark.slow]
BRIEF = json.dumps({"title": "Quiet Rain", "style": "jazz", "key": "D minor", "meter": "4/4", "tempo": 88,
                    "form": "A:4 B:4", "instruments": ["flute", "piano"]})  # fmt: skip
FORMATS = ("midi", "musicxml", "abc", "json")


def fail(handler: Handler, number: int, body: object) -> None:
    handler.send(b"oops", 500)


def same_again(piece: Composition, place: Path) -> None:
    """The piece's report makes the same files, its own included, with no server there."""
    piece.save(place / "one", FORMATS)
    replay(place / "one" / "report.json").save(place / "two", FORMATS)
    for path in sorted((place / "one").iterdir()):
        assert path.read_bytes() == (place / "two" / path.name).read_bytes(), path.name


def test_the_models_choices_are_composed_reported_and_replayed(tmp_path: Path) -> None:
    """Key, tempo, form and players of the model's are met like anybody's, and named as its own."""
    with serving(by_task(brief=BRIEF)) as heard:
        piece = compose("rain", seed=3, candidates=1, tempo=100, llm=LlmSettings(heard.url, "tiny"))
    found = {finding.field: finding for finding in piece.report.findings}
    for name in ("key", "meter", "form", "instruments"):
        assert (found[name].source, found[name].met) == ("llm", True), found[name]
    assert found["tempo"].source == "user"
    assert piece.score.title == "Quiet Rain"
    data = piece.report.to_dict()
    assert data["llm"]["model"] == "tiny"
    assert {"key", "style", "title"} <= set(data["llm"]["fields"])
    assert heard.url not in json.dumps(data)
    same_again(piece, tmp_path)


def test_the_models_words_are_sung_syllable_for_syllable(tmp_path: Path) -> None:
    """Written lyrics end up under the notes, and in the replay."""
    with serving(by_task(brief=BRIEF, lyrics=json.dumps({"lines": ENGLISH}))) as heard:
        piece = compose("rain", form="verse chorus", seed=3, candidates=1, llm=LlmSettings(heard.url, "tiny"),
                        write_lyrics=True)  # fmt: skip
    lyrics = next(finding for finding in piece.report.findings if finding.field == "lyrics")
    assert (lyrics.source, lyrics.met) == ("llm", True)
    same_again(piece, tmp_path)


def test_a_lead_sheet_is_kept_note_for_note_and_completed_for_all_who_play(tmp_path: Path) -> None:
    """Engine llm: its tune in its key, with a bass and chords by the model inside; replayed from the report."""
    brief = '{"style": "folk", "key": "D minor", "instruments": ["flute", "piano", "bass"]}'
    with serving(by_task(brief=brief, sheet=TUNE)) as heard:
        piece = compose("rain", bars=8, seed=3, candidates=1, llm=LlmSettings(heard.url, "tiny"), engine="llm")
    assert piece.llm is not None
    assert piece.llm.notices == ()
    melody = piece.score.part("melody")
    assert melody is not None
    wanted = "GBdBcecdfafgdegeBceecdcBAG".upper()
    chords = ["G", "C", "D", "G", "Em", "C", "D", "G"]
    names = "CCDDEFFGGAAB"
    assert "".join(names[pitch % 12] for pitch in melody.notes["pitch"].tolist()) == wanted
    assert [span.chord.symbol(1) for span in piece.score.chords if span.chord] == chords
    assert {part.instrument for part in piece.score.parts} == {"flute", "piano", "bass"}
    assert piece.plan.key == "G major"
    found = {finding.field: finding for finding in piece.report.findings}
    assert found["bars"].met
    assert found["instruments"].met
    assert (found["key"].asked, found["key"].source, found["key"].met) == ("G major", "llm", True)
    same_again(piece, tmp_path)


def test_a_sheet_that_is_short_is_gone_on_with(tmp_path: Path) -> None:
    """Eight bars of twelve: the fill model writes the other four, and a notice says so."""
    with serving(by_task(brief='{"instruments": ["flute", "piano"]}', sheet=TUNE)) as heard:
        piece = compose("rain", bars=12, seed=3, candidates=1, llm=LlmSettings(heard.url, "tiny"), engine="llm")
    assert len(piece.score.bars) == 12
    melody = piece.score.part("melody")
    assert melody is not None
    assert int(melody.notes["start"].max()) >= 8 * 96
    assert piece.llm is not None
    assert any("4 bars short" in line for line in piece.llm.lines("en"))
    same_again(piece, tmp_path)


def test_a_sheet_with_given_words_and_chords_sings_them_over_those_chords() -> None:
    """What the user gave stays as it was given."""
    with serving(by_task(brief="{}", sheet=TUNE)) as heard:
        piece = compose(
            lyrics="moon on the river\nshine for me now", bars=8, form="A", chords="G D Em C", key="G major", seed=3,
            candidates=1, instruments="voice, piano", llm=LlmSettings(heard.url, "tiny"), engine="llm",
        )  # fmt: skip
    assert piece.llm is not None
    assert piece.llm.lead_sheet is not None
    found = {finding.field: finding for finding in piece.report.findings}
    assert found["lyrics"].met
    assert found["chords"].met


def test_every_task_failing_gives_the_embedded_piece_and_a_notice_each(tmp_path: Path) -> None:
    """Brief, words, lead sheet and explanation: four notices, and the piece that the seed gives without a model."""
    with serving(fail) as heard:
        piece = compose("a small waltz for piano", bars=4, seed=5, candidates=1, llm=LlmSettings(heard.url, "tiny"),
                        engine="llm", write_lyrics=True, explain=True)  # fmt: skip
    assert piece.llm is not None
    assert piece.llm.lead_sheet is None
    assert piece.llm.explained_by == "report"
    assert len(piece.llm.lines("zh")) == len(piece.llm.lines("en")) == 4
    assert piece.midi == compose("a small waltz for piano", bars=4, seed=5, candidates=1).midi
    same_again(piece, tmp_path)


def test_an_endpoint_that_never_answers_is_waited_for_once() -> None:
    """After one deadline nothing more is asked: four notices, but one question."""
    with serving(lambda handler, number, body: time.sleep(8)) as heard:
        settings = LlmSettings(heard.url, "tiny", deadline=1)
        piece = compose("a small waltz for piano", bars=4, seed=5, candidates=1, llm=settings,
                        engine="llm", write_lyrics=True, explain=True)  # fmt: skip
        assert len(heard.bodies) == 1
    assert piece.llm is not None
    assert len(piece.llm.lines("en")) == 4
    assert all("within 1 s" in line for line in piece.llm.lines("en"))


def test_an_explanation_holds_the_reports_numbers_only() -> None:
    """One that invents a number, twice, is replaced by the report's own words; one that doesn't is kept."""
    piece = compose("a small waltz for piano", bars=4, seed=5, candidates=1)
    true = json.dumps({"text": f"A little waltz in {piece.plan.key}, all of {piece.plan.bars} bars long."})
    false = json.dumps({"text": "A little waltz of 977 bars, loved by 31415 listeners."})
    for answer, by in ((true, "llm"), (false, "report")):
        with serving(by_task(explain=answer)) as heard:
            told = explained(piece, LlmSettings(heard.url, "tiny"), "en")
        assert told.llm is not None
        assert told.llm.explained_by == by
        assert "977" not in (told.llm.explanation or "")
    for language, sign in (("en", "4 bars"), ("zh", "4 小节")):
        plain = explained(piece, None, language)
        assert plain.llm is not None
        assert sign in (plain.llm.explanation or "")
        assert plain.llm.notices == ()


def test_what_needs_a_model_and_has_none_is_refused() -> None:
    """Engine, words: one sentence each, before any work."""
    with pytest.raises(InputError, match="--llm"):
        compose("x", engine="llm")
    with pytest.raises(InputError, match="--llm"):
        compose("x", write_lyrics=True)
    with pytest.raises(UnknownNameError):
        compose("x", engine="magic")


SHORT = ("--bars", "4", "--candidates", "1", "--seed", "5", "--instruments", "piano", "--formats", "midi")


def test_the_command_prints_notices_and_ends_well(yuefu: Callable[..., Ran], folder: Path) -> None:  # noqa: F811
    """A failing endpoint: exit code 0, the piece, and the notice on standard error in the language of the words."""
    with serving(fail) as heard:
        model = ("--llm", heard.url, "--llm-model", "tiny")
        english = yuefu("compose", "a waltz", *SHORT, *model, "--explain", "-o", "one")
        chinese = yuefu("compose", "春天的气息", *SHORT, *model, "-o", "two", "--formats", "midi,lrc", "--write-lyrics")
    assert (english.code, chinese.code) == (0, 0)
    assert "embedded reader was used" in english.err
    assert "About it:" in english.out
    assert "语言模型没有写出要求" in chinese.err
    assert (folder / "two" / "song.mid").is_file()


def test_the_command_refuses_half_a_model_and_other_addresses(yuefu: Callable[..., Ran]) -> None:  # noqa: F811
    """One sentence, exit code 2."""
    for arguments in (
        ("--llm", "http://localhost:1/v1"), ("--llm-model", "tiny"), ("--llm", "file:///x", "--llm-model", "tiny"),
        ("--engine", "llm"), ("--write-lyrics",), ("--llm", "http://localhost:1/v1", "--llm-model", ""),
        ("--llm", "http://localhost:1/v1", "--llm-model", "m", "--llm-timeout", "0"),
        ("--engine", "magic", "--llm", "http://localhost:1/v1", "--llm-model", "m"),
    ):  # fmt: skip
        ran = yuefu("compose", "a waltz", *SHORT, *arguments)
        assert ran.code == 2, arguments
        assert len(ran.err.strip().splitlines()) == 1, ran.err
