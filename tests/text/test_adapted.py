"""Styles of one's own: where they lie, how they are named, and how words and options ask for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.own_styles import figures, make_style

from yuefu.errors import FormatError, InputError, UnknownNameError
from yuefu.text.adapted import (
    MANIFEST,
    AdapterManifest,
    adapted_by,
    adapted_names,
    adapted_styles,
    check_name,
    find_adapted,
    home_folder,
    known_style,
    parse_manifest,
)
from yuefu.text.brief import BriefOptions, brief_from_json, read_brief
from yuefu.text.own_style import own_style_asked

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own."""
    monkeypatch.setenv("YUEFU_HOME", str(tmp_path))
    return tmp_path


def test_home_is_the_platforms_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """YUEFU_HOME counts first, then XDG_DATA_HOME, then the usual data folder."""
    assert home_folder() == tmp_path
    monkeypatch.delenv("YUEFU_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert home_folder() == Path("/data/yuefu")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert home_folder() == Path.home() / ".local/share/yuefu"


@pytest.mark.parametrize("name", ["jazz", "Bossa Nova", "bossa-nova", "../x", "a/b", "", "-x", "x" * 60, "古风", "a.b"])
def test_names_that_cannot_be(name: str) -> None:
    """Built-in names, paths and other signs are refused with what is allowed."""
    with pytest.raises(InputError):
        check_name(name)


def test_a_style_is_found_by_name_and_reference() -> None:
    """Found whatever the case, told apart by hash, and missing or changed ones are told in one sentence."""
    style = make_style("my-songs")
    assert adapted_names() == ["my-songs"]
    assert find_adapted("My-Songs") == style
    assert known_style("my-songs") == style
    assert adapted_by(style.reference) == style
    with pytest.raises(InputError, match="as it was"):
        adapted_by("my-songs@" + "0" * 16)
    with pytest.raises(InputError, match="isn't here"):
        adapted_by("others@" + "0" * 16)
    with pytest.raises(UnknownNameError, match="my-songs"):
        known_style("my-song")


def test_the_hash_is_of_what_shapes_a_piece() -> None:
    """Another note on the licence is the same style; other figures or weights are another."""
    style = make_style("one")
    path = style.folder / MANIFEST
    path.write_text(style.manifest.model_copy(update={"licence": "other"}).model_dump_json(), "utf-8")
    again = find_adapted("one")
    assert again is not None
    assert again.hash == style.hash
    faster = figures(tempo=(90.0, 100.0, 120.0))
    path.write_text(style.manifest.model_copy(update={"figures": faster}).model_dump_json(), "utf-8")
    changed = find_adapted("one")
    assert changed is not None
    assert changed.hash != style.hash


def test_damaged_styles_are_left_out_of_the_list() -> None:
    """A style whose manifest is damaged isn't listed, and asking for it tells why."""
    make_style("good")
    bad = make_style("bad")
    (bad.folder / MANIFEST).write_text("{}", "utf-8")
    assert [style.name for style in adapted_styles()] == ["good"]
    with pytest.raises(FormatError, match="manifest"):
        find_adapted("bad")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base", "no such style"), ("tempo", [100, 90, 120]), ("tempo", [1, 90, 120]), ("forms", [["A:999", 1.0]]),
        ("forms", [["<b>", 1.0]]), ("lineups", [[[["melody", "kazoo of doom"]], 1.0]]), ("lineups", []),
        ("variants", []),
    ],
)  # fmt: skip
def test_manifests_are_checked(field: str, value: object) -> None:
    """Figures that can't be planned by are refused."""
    text = json.loads(make_style("one").manifest.model_dump_json())
    assert parse_manifest(json.dumps(text)).name == "one"
    text["figures"][field] = value
    with pytest.raises(FormatError):
        parse_manifest(json.dumps(text))


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("a slow tune in the style of han-folk", "a slow tune"),
        ("a slow tune in my han-folk style, for violin", "a slow tune , for violin"),
        ("a han-folk style song", "a song"),
        ("一首han-folk风格的歌", "一首 的歌"),
        ("a tune, in the manner of Han-Folk", "a tune"),
    ],
)
def test_words_name_it_exactly(words: str, rest: str) -> None:
    """A style of one's own is read from words that name it as one, and its name is taken out of what else is read."""
    style = make_style("han-folk")
    found = own_style_asked(words, None)
    assert found is not None
    assert found[0] == style
    assert found[1] == rest


@pytest.mark.parametrize(
    "words", ["a folk tune of the Han", "music about han-folk people", "in the style of han-folks"]
)
def test_other_words_are_other_words(words: str) -> None:
    """Words that hold the name otherwise, or another name, ask for no style of one's own."""
    make_style("han-folk")
    assert own_style_asked(words, None) is None


def test_briefs_tell_style_and_hash() -> None:
    """By option or words the brief has the nearest style and the reference, as JSON too; options win over words."""
    style = make_style("han-folk")
    asked = read_brief("a slow tune", BriefOptions(style="Han-Folk"))
    assert (asked.style.value, asked.adapter.value, asked.adapter.source) == ("chinese_folk", style.reference, "user")
    said = read_brief("a slow tune in the style of han-folk")
    assert (said.adapter.value, said.adapter.source) == (style.reference, "text")
    assert said.words == "a slow tune in the style of han-folk"
    assert brief_from_json(said.model_dump_json()) == said
    assert read_brief("a tune in the style of han-folk", BriefOptions(style="jazz")).adapter.value is None
    with pytest.raises(UnknownNameError, match="han-folk"):
        read_brief("", BriefOptions(style="han-fok"))


def test_manifests_are_what_they_say() -> None:
    """A manifest comes back from JSON as it went in."""
    manifest = make_style("one").manifest
    assert AdapterManifest.model_validate_json(manifest.model_dump_json()) == manifest
