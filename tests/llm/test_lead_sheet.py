"""Lead sheets in ABC: found in the answer, mended where that takes no taste, refused where it would."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.llm.server import answers, serving

from yuefu.llm.abc_mending import find_abc, read_mended
from yuefu.llm.lead_sheet import SheetWish, compose_sheet, read_sheet
from yuefu.llm.settings import LlmSettings
from yuefu.text.lyrics import parse_lyrics
from yuefu.theory.key import Key

WISH = SheetWish("rain", "Rain", "folk", "G major", "4/4", 96, 8)
TUNE = """X:1
T:Something
M:4/4
L:1/8
K:G
"G"G2B2 d2B2|"C"c2e2 c4|"D"d2f2 a2f2|"G"g4 d4|
"Em"e2g2 e2B2|"C"c2e2 e2c2|"D"d2c2 B2A2|"G"G8|]
"""


def test_a_good_sheet_is_read_as_it_is() -> None:
    """Tune, chords, key and bars; title and tempo are those asked for."""
    sheet, mended, faults = read_sheet(f"Here you are:\n```abc\n{TUNE}```\nIt ends on the tonic.", WISH)
    assert sheet is not None
    assert (len(sheet.bars), mended, faults) == (8, 0, [])
    assert [span.chord.symbol(1) for span in sheet.chords if span.chord] == ["G", "C", "D", "G", "Em", "C", "D", "G"]
    assert (sheet.title, sheet.tempos[0].bpm) == ("Rain", 96)


def test_bars_of_another_length_are_filled_or_cut_and_counted() -> None:
    """Three beats get a rest, five lose one, and the bars after them stand where they should."""
    text = TUNE.replace("c2e2 c4|", "c2e2 c2|").replace("d2f2 a2f2|", "d2f2 a2f2 g2|")
    sheet, mended, _ = read_sheet(text, WISH)
    assert sheet is not None
    assert mended == 2
    assert [bar.duration for bar in sheet.bars] == [96] * 8
    assert int(sheet.parts[0].notes["start"][-1]) == 7 * 96


def test_a_pick_up_becomes_the_end_of_a_full_bar() -> None:
    """Its notes lead into the next bar line."""
    score, mended = read_mended("X:1\nM:4/4\nL:1/4\nK:C\nG|cdef|g4|\n")
    assert mended == 1
    assert score.parts[0].notes["start"].tolist()[:2] == [72, 96]


@pytest.mark.parametrize("lost", ["X:1\n", "T:Something\n", "M:4/4\n", "L:1/8\n", "K:G\n"])
def test_a_missing_header_is_put_back(lost: str) -> None:
    """Metre, unit and key are those asked for."""
    sheet, _, faults = read_sheet(TUNE.replace(lost, ""), WISH)
    assert sheet is not None, faults
    assert sheet.keys[0].key == Key.parse("G major")
    assert len(sheet.bars) == 8


def test_stray_signs_are_taken_out() -> None:
    """A quote that isn't closed and an accidental without a note don't cost the tune."""
    sheet, _, faults = read_sheet(TUNE.replace('"C"c2e2 c4', '"C c2e2 ^ c4'), WISH)
    assert sheet is not None, faults


def test_a_tune_too_long_is_cut_and_one_in_another_key_is_transposed() -> None:
    """To the bars and the key that were asked for; a key that wasn't is left."""
    wish = dataclasses.replace(WISH, bars=4, key="A major", firm_key=True, firm_mode=True)
    sheet, _, _ = read_sheet(TUNE, wish)
    assert sheet is not None
    assert len(sheet.bars) == 4
    assert sheet.keys[0].key.name == "A major"
    assert sheet.parts[0].notes["pitch"][0] == 69
    assert sheet.chords[0].chord is not None
    assert sheet.chords[0].chord.symbol(3) == "A"
    free, _, _ = read_sheet(TUNE, dataclasses.replace(WISH, key="A major"))
    assert free is not None
    assert free.keys[0].key.name == "G major"


@pytest.mark.parametrize(
    ("answer", "wish"),
    [
        ("I'm sorry, I can't compose.", {}),
        ("| a table | of words |\n|---|---|", {}),
        (TUNE, {"meter": "3/4", "firm_meter": True}),
        (TUNE, {"key": "G minor", "firm_mode": True}),
        (TUNE, {"bars": 32}),
        ("X:1\nM:4/4\nL:1/4\nK:G\nGGGG|" + "GGGG|" * 7, {}),
        ("X:1\nM:4/4\nL:1/4\nK:G\nGABc|" + "z4|" * 7, {}),
        ("X:1\nM:4/4\nL:1/4\nK:G\nGABc|[M:3/4]GAB|" + "GAB|" * 6, {}),
        ("X:1\nM:7/13\nK:G\nGABc|" * 8, {}),
        ("X:1\nM:4/4\nK:Q\nGABc|" * 8, {}),
    ],
    ids=["talk", "table", "metre", "mode", "short", "one pitch", "rests", "changing", "no metre", "no key"],
)
def test_what_taste_would_have_to_mend_is_a_fault(answer: str, wish: dict[str, object]) -> None:
    """No sheet, and a sentence for the model."""
    sheet, _, faults = read_sheet(answer, dataclasses.replace(WISH, **wish))  # type: ignore[arg-type]
    assert sheet is None
    assert faults
    assert all(faults)


def test_words_are_laid_on_the_bars_of_their_lines() -> None:
    """A syllable a note in order, by our own reading; a line with too few notes is a fault that names its bars."""
    lines = parse_lyrics("moon on the river\nshine for me").lines
    wish = dataclasses.replace(WISH, lines=lines, places=((1, 4), (5, 8)))
    sheet, _, faults = read_sheet(TUNE, wish)
    assert sheet is not None, faults
    assert "".join(s.text for s in sheet.parts[0].syllables) == "moonontherivershineforme"
    tight = dataclasses.replace(wish, places=((1, 4), (8, 8)))
    assert read_sheet(TUNE, tight)[2] == ["bars 8 to 8 have 1 notes: 'shine for me' needs 3"]


def test_a_bad_sheet_is_repaired_once() -> None:
    """The faults go back to the model; the second tune counts; a third is never asked for."""
    with serving(answers("no music", TUNE)) as heard:
        outcome = compose_sheet(LlmSettings(heard.url, "m", deadline=5), WISH)
    assert outcome.sheet is not None
    assert "no ABC" in heard.bodies[1]["messages"][-1]["content"]
    with serving(answers("no music")) as heard:
        outcome = compose_sheet(LlmSettings(heard.url, "m", deadline=5), WISH)
    assert outcome.sheet is None
    assert outcome.why is not None
    assert len(heard.bodies) == 2


def test_noise_never_raises() -> None:
    """Random ABC-like lines give a sheet or faults."""
    rng = np.random.default_rng(7)
    signs = list("ABCDEFGabcdefgz|:[](){}\"'^_=,<>/-23456789&!+ \n%\\") + [
        "X:1\n",
        "K:",
        "M:3/4\n",
        "w:",
        "V:2\n",
        "L:0/0\n",
    ]
    for _ in range(300):
        text = "X:1\nK:G\n" + "".join(rng.choice(signs, 120)) + "|"
        sheet, _, faults = read_sheet(text, WISH)
        assert (sheet is None) == bool(faults)
    assert find_abc("", "4/4", "C") is None
