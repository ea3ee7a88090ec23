"""Roman-numeral analyses."""

from pathlib import Path

import pytest

from yuefu.corpus.readers import when_in_rome
from yuefu.corpus.roman import roman_chord
from yuefu.errors import FormatError, InputError
from yuefu.theory.key import Key

TEXT = """Composer: Nobody
Title: Song
Time Signature: 3/4
Form: Verse 1
m0 b3 C: V
m1 I b2.5 V65/V
m2 V ||
m3var1 IV
m3 ii6 b3 Cad64
Form: Verse 2
m4-5 = m1-2
m6 a: i b2 nonsense b3 V7
Time Signature: 6/8
m7 i b2 viio7
"""


def spans(text: str) -> list[tuple[int, str]]:
    return [(c.start, c.chord.symbol()) for c in when_in_rome.analysis(text).chords]


def test_bars_beats_pick_up_and_repeats_fall_into_place() -> None:
    score = when_in_rome.analysis(TEXT)
    assert score.pickup == 24
    assert spans(TEXT) == [
        (0, "G"), (24, "C"), (60, "D7/F#"), (96, "G"), (168, "Dm/F"), (216, "C/G"), (240, "C"), (276, "D7/F#"),
        (312, "G"), (384, "Am"), (432, "E7"), (456, "Am"), (492, "G#dim7"),
    ]  # fmt: skip
    assert [(m.tick, m.numerator, m.denominator) for m in score.meters] == [(0, 3, 4), (456, 6, 8)]


def test_sections_with_one_name_share_a_letter() -> None:
    assert [(s.start, s.letter, s.kind) for s in when_in_rome.analysis(TEXT).sections] == [
        (0, "A", "verse"),
        (240, "A", "verse"),
    ]


def test_a_passing_key_does_not_change_the_key_map_and_a_lasting_one_does() -> None:
    assert [k.key.name for k in when_in_rome.analysis(TEXT).keys] == ["C major"]
    long = "m1 C: I\n" + "\n".join(f"m{n} G: I" for n in range(9, 20))
    assert [(k.tick, k.key.name) for k in when_in_rome.analysis(long).keys] == [(0, "C major"), (768, "G major")]


def test_chorales_stay_out_and_styles_follow_the_path(tmp_path: Path) -> None:
    for place in ("Early_Choral/Bach/Chorales/001", "Piano_Sonatas/Mozart/K1/1", "OpenScore-LiederCorpus/X/Y/Z"):
        folder = tmp_path / "Corpus" / place
        folder.mkdir(parents=True)
        (folder / "analysis.txt").write_text("m1 C: I\n")
    items = list(when_in_rome.read(tmp_path))
    assert sorted(item.style for item in items) == ["art_song", "classical"]
    assert len({item.work for item in items}) == 2


def test_text_without_chords_is_refused() -> None:
    with pytest.raises(FormatError, match="no chords"):
        when_in_rome.analysis("Title: nothing\nm1 = m9\n")


@pytest.mark.parametrize(
    ("figure", "key", "symbol"),
    [
        ("V7/V/ii", "C major", "E7"), ("viiø7", "C major", "Bm7b5"), ("VI", "A minor", "F"), ("vi", "C major", "Am"),
        ("V9", "G major", "D9"), ("iiø65", "A minor", "Bm7b5/D"), ("It6", "C major", "G#7"),
        ("III+6", "A minor", "Caug/E"), ("bVI", "C major", "G#"),
        ("IV7[no5]", "C major", "Fmaj7"), ("VII", "A minor", "G"),
        ("viio6", "A minor", "G#dim/B"),
    ],
)  # fmt: skip
def test_roman_numerals_name_the_chords_that_musicians_hear(figure: str, key: str, symbol: str) -> None:
    assert roman_chord(figure, Key.parse(key)).symbol() == symbol


def test_what_is_no_roman_numeral_is_refused() -> None:
    with pytest.raises(InputError, match="Roman"):
        roman_chord("hello", Key())
