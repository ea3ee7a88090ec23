"""The catalogue of instruments."""

from __future__ import annotations

import pytest

from yuefu.errors import UnknownNameError
from yuefu.score.model import NOTE_ROWS
from yuefu.theory.instruments import INSTRUMENTS, find_instrument, instrument_for_program, instrument_names


def test_every_instrument_is_playable_and_named_in_both_languages() -> None:
    assert len(INSTRUMENTS) >= 75
    for instrument in INSTRUMENTS.values():
        assert 0 <= instrument.program <= 127
        assert 0 <= instrument.low <= instrument.comfortable_low < instrument.comfortable_high <= instrument.high <= 127
        assert instrument.comfortable_high - instrument.comfortable_low >= 9, instrument.key
        assert set(instrument.roles) <= set(NOTE_ROWS)
        assert instrument.default_role == instrument.roles[0]
        assert instrument.clef in ("treble", "bass", "alto", "grand", "percussion")
        assert any("\u4e00" <= c <= "\u9fff" for c in instrument.zh)
        assert instrument.is_drums == (instrument.clef == "percussion")


def test_no_two_instruments_share_a_main_name() -> None:
    mains = [name for i in INSTRUMENTS.values() for name in {i.key, i.zh, i.en.lower()}]
    assert len(mains) == len(set(mains))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("piano", "piano"), ("Drums", "drums"), ("VIOLINS", "violin"), ("electric  guitar", "electric_guitar"),
        ("electric_guitar", "electric_guitar"), ("French horns", "horn"), ("古筝", "guzheng"), ("笛子", "dizi"),
        ("唢呐", "suona"), ("马头琴", "morin_khuur"), ("double basses", "double_bass"), ("bass", "bass"),
        ("string section", "strings"), ("chinese flute", "dizi"), ("Hammond organ", "organ"),
    ],
)  # fmt: skip
def test_names_in_either_language_find_the_instrument(name: str, key: str) -> None:
    assert find_instrument(name).key == key


def test_each_listed_name_finds_an_instrument_that_claims_it() -> None:
    for name in instrument_names():
        assert name in [n.lower() for n in find_instrument(name).names]


@pytest.mark.parametrize(("name", "nearest"), [("pianno", "piano"), ("gitar", "guitar"), ("大提", "cello")])
def test_an_unknown_name_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        find_instrument(name)
    assert caught.value.nearest == nearest
    assert "did you mean" in str(caught.value)


def test_every_program_has_an_instrument() -> None:
    for program in range(128):
        assert not instrument_for_program(program).is_drums
    for instrument in INSTRUMENTS.values():
        if not instrument.is_drums:
            assert instrument_for_program(instrument.program).program == instrument.program
    assert instrument_for_program(0).key == "piano"
    assert instrument_for_program(40).key == "violin"
