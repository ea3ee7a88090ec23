"""The catalogue of styles."""

from __future__ import annotations

import pytest

from yuefu.errors import InputError, UnknownNameError
from yuefu.score.model import NOTE_ROWS
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.meter import METERS, parse_meter
from yuefu.theory.styles import CHORD_LEVELS, DRUM_STYLES, SCALES, STYLES, Style, find_style, style_names

LABELS = {
    "pop", "rock", "jazz", "standard", "blues", "country", "folk", "celtic", "hymn", "chorale", "renaissance",
    "baroque", "classical", "romantic", "modern", "ragtime", "march", "waltz", "art_song", "game", "funk", "soul",
    "latin", "reggae", "hiphop", "disco", "electronic", "afro", "gospel", "children",
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda s: s.key)
def test_every_style_is_complete_and_consistent(style: Style) -> None:
    low, typical, high = style.tempo
    assert 20 <= low < typical < high <= 300
    assert sum(weight for _, weight in style.meters) == pytest.approx(1)
    assert all(meter in METERS for meter, _ in style.meters)
    assert style.corpus_label in LABELS
    assert style.drum_style in ("", *DRUM_STYLES)
    assert style.chord_level in CHORD_LEVELS
    assert style.scale in SCALES
    for share in (style.minor, style.swing, style.energy, style.density):
        assert 0 <= share <= 1
    assert style.lineups
    assert style.forms


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda s: s.key)
def test_every_lineup_names_instruments_that_can_play_their_rows(style: Style) -> None:
    for lineup in style.lineups:
        roles = [role for role, _ in lineup]
        assert len(roles) == len(set(roles))
        for role, key in lineup:
            assert role in NOTE_ROWS
            assert role in INSTRUMENTS[key].roles, (style.key, role, key)
        if any(role == "drums" for role in roles) and lineup is style.lineups[0]:
            assert style.drum_style


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Bossa Nova", "bossa_nova"), ("bossa-nova", "bossa_nova"), ("古风", "guofeng"), ("爵士乐", "jazz"),
        ("爵士风格", "jazz"), ("R&B", "soul"), ("lo-fi", "lofi"), ("film music", "film"), ("K-Pop", "pop"),
        ("string_quartet", "string_quartet"), ("Hip-Hop", "hiphop"), ("华尔兹", "waltz"),
    ],
)  # fmt: skip
def test_names_in_either_language_find_the_style(name: str, key: str) -> None:
    assert find_style(name).key == key


def test_each_listed_name_finds_a_style() -> None:
    for name, key in style_names().items():
        assert find_style(name).key == key


@pytest.mark.parametrize(("name", "nearest"), [("pob", "pop"), ("walz", "waltz"), ("baroqe", "baroque")])
def test_an_unknown_style_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        find_style(name)
    assert caught.value.nearest == nearest


def test_metres_read_in_both_languages_and_impossible_ones_are_refused() -> None:
    assert parse_meter("四三拍") == (3, 4)
    assert parse_meter("八六拍") == (6, 8)
    assert parse_meter("四分之四拍") == (4, 4)
    for text in METERS:
        assert "/".join(map(str, parse_meter(text))) == text
    for text in ("0/4", "4/3", "3", "99/4", "", "x"):
        with pytest.raises(InputError, match="metre"):
            parse_meter(text)


def test_every_label_of_the_recogniser_can_be_asked_for() -> None:
    """By key and by name in both languages, and each leads to one and the same style."""
    from yuefu.corpus.labels import labels

    for label in labels().values():
        found = {find_style(name).key for name in (label.key, label.en, label.zh)}
        assert len(found) == 1, label.key


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda s: s.key)
def test_keys_and_registers_can_be_played(style: Style) -> None:
    """Keys that players like are keys, and a register has room for a tune."""
    from yuefu.theory.key import Key

    assert all(Key.parse(name).name == name for name in style.keys)
    assert not style.register or style.register[1] - style.register[0] >= 12


def test_the_catalogue_may_grow_without_the_encoder() -> None:
    """The encoder's columns are the styles that it was trained with, all of them still in the catalogue."""
    from yuefu.text.encoder.network import shipped_weights
    from yuefu.text.encoder.styles import LEARNT_STYLES

    start, end = shipped_weights().heads["style"]
    assert end - start == len(LEARNT_STYLES)
    assert set(LEARNT_STYLES) <= set(STYLES)
