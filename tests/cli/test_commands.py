"""The commands beside compose: each does its job, in both languages, and prints what scripts can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Ran

from yuefu.cli.console import language_for, read_text, split_list, table, width
from yuefu.errors import UnknownNameError


def test_styles_lists_every_style_by_its_three_names(yuefu: Callable[..., Ran]) -> None:
    from yuefu.theory.styles import STYLES

    ran = yuefu("styles")
    assert len(ran.out.splitlines()) == len(STYLES) + 1
    for style in STYLES.values():
        assert f"{style.key} " in ran.out
        assert style.zh in ran.out


def test_a_style_is_found_by_its_chinese_name(yuefu: Callable[..., Ran]) -> None:
    assert json.loads(yuefu("styles", "中国风", "--json").out)["key"] == "guofeng"
    assert "guofeng" in yuefu("styles", "中国风", "--language", "zh").out


def test_lists_are_json_when_asked(yuefu: Callable[..., Ran]) -> None:
    from yuefu.theory.instruments import INSTRUMENTS
    from yuefu.theory.styles import STYLES

    assert [row["key"] for row in json.loads(yuefu("styles", "--json").out)] == list(STYLES)
    assert [row["key"] for row in json.loads(yuefu("instruments", "--json").out)] == list(INSTRUMENTS)


def test_instruments_can_be_listed_by_family(yuefu: Callable[..., Ran]) -> None:
    ran = yuefu("instruments", "--family", "chinese", "--json")
    assert {row["family"] for row in json.loads(ran.out)} == {"chinese"}


def test_analyze_speaks_both_languages_and_json(yuefu: Callable[..., Ran], tune: Path) -> None:
    assert "Key: G major" in yuefu("analyze", tune.name, "--language", "en").out
    assert "G大调" in yuefu("analyze", tune.name, "--language", "zh").out
    found = json.loads(yuefu("analyze", tune.name, "--json").out)
    assert found["key"] == "G major"
    assert found["bars"] == 4


@pytest.mark.parametrize("target", ["out.mid", "out.musicxml", "out.mxl", "out.yuefu.json"])
def test_convert_keeps_the_notes_and_the_chinese_title(yuefu: Callable[..., Ran], tune: Path, target: str) -> None:
    from yuefu.score.files import read_score

    ran = yuefu("convert", tune.name, target)
    assert ran == (0, f"{target}\n", "")
    before, after = read_score(tune), read_score(tune.parent / target)
    assert after.parts[0].notes["pitch"].tolist() == before.parts[0].notes["pitch"].tolist()
    assert "春天" in after.title


def test_convert_makes_what_singers_read(yuefu: Callable[..., Ran], tune: Path) -> None:
    """Numbered notation and lead sheets come by name or by flag, and asking for both at once is refused."""
    assert yuefu("convert", tune.name, "tune.jianpu.txt").out == "tune.jianpu.txt\n"
    text = Path("tune.jianpu.txt").read_text("utf-8")
    assert "1=G 4/4 ♩=100" in text
    assert "1 2 3 4 | 5 - 6 7 |" in " ".join(text.split())
    assert yuefu("convert", tune.name, "plain.txt", "--jianpu").code == 0
    assert Path("plain.txt").read_text("utf-8") == text
    assert yuefu("convert", tune.name, "sheet.svg", "--lead-sheet").out == "sheet.svg\n"
    refused = yuefu("convert", tune.name, "x.pdf", "--lead-sheet", "--jianpu")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert yuefu("convert", tune.name, "tune.lrc").code == 2  # nothing to sing


def test_render_writes_sound_of_the_right_length(yuefu: Callable[..., Ran], tune: Path) -> None:
    import soundfile

    ran = yuefu("render", tune.name, "-o", "tune.flac", "--as-written", "--rate", "22050")
    assert ran == (0, "tune.flac\n", "")
    told = soundfile.info(tune.parent / "tune.flac")
    assert told.samplerate == 22050
    assert 9.0 < told.duration < 16.0


def test_play_without_a_sound_device_says_so(
    yuefu: Callable[..., Ran], tune: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    ran = yuefu("play", tune.name)
    assert ran.code == 2
    assert "no sound device" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_model_info_is_tolerant_of_what_the_manifest_lacks(yuefu: Callable[..., Ran], folder: Path) -> None:
    place = folder / "weights"
    place.mkdir()
    for name in ("model.onnx", "model.onnx.data", "genai_config.json"):
        (place / name).write_bytes(name.encode())
    bare = json.loads(yuefu("model", "info", "weights", "--json").out)
    assert bare["bytes"] == 42
    assert bare["manifest"] == {}
    (place / "manifest.json").write_text('{"name": "fill", "sets": ["pop909", {"name": "groove", "licence": "CC-BY"}]}')
    told = yuefu("model", "info", "weights").out
    assert "pop909" in told
    assert "CC-BY" in told
    (place / "manifest.json").write_text("{")
    assert yuefu("model", "info", "weights").code == 2


def test_training_without_settings_or_corpus_is_refused(yuefu: Callable[..., Ran], folder: Path) -> None:
    ran = yuefu("train", "missing.toml", "--data", ".", "--run", "run")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1


def test_the_language_is_the_option_then_the_words_then_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert language_for(None) == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language_for(None) == "zh"
    assert language_for(None, "en") == "en"
    assert language_for("中文", "en") == "zh"
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert language_for(None, "mixed") == "en"
    with pytest.raises(UnknownNameError):
        language_for("fr")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_lyrics_files_are_read_in_the_encodings_that_people_have(folder: Path, encoding: str) -> None:
    (folder / "moon.txt").write_bytes("明月几时有\n把酒问青天\n".encode(encoding))
    assert read_text("moon.txt", "the lyrics").splitlines() == ["明月几时有", "把酒问青天"]


def test_columns_line_up_with_chinese_in_them() -> None:
    lines = table([("erhu", "二胡", "x"), ("piano", "钢琴 grand", "x")]).splitlines()
    assert len({width(line) for line in lines}) == 1
    assert split_list("midi，wav; pdf") == ["midi", "wav", "pdf"]


def test_scales_lists_every_mode_and_tells_all_about_one(yuefu: Callable[..., Ran]) -> None:
    from yuefu.theory.modes import MODES

    ran = yuefu("scales")
    assert ran.code == 0
    for mode in MODES.values():
        assert mode.key in ran.out
        assert mode.zh in ran.out
    one = yuefu("scales", "D dorian")
    assert "D E F G A B C" in one.out
    assert "Dm G Dm G" in one.out
    assert json.loads(yuefu("scales", "徵", "--json").out)["key"] == "zhi"
    assert yuefu("scales", "blorian").code == 2
