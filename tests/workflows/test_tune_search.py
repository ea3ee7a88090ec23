"""A tune is found in whatever way it is given, and although it is hummed badly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import FormatError, InputError, LimitError, YuefuError
from yuefu.score.model import Part, Score, make_notes
from yuefu.workflows.tune_query import Query, parse_tune
from yuefu.workflows.tune_search import rank
from yuefu.workflows.tune_text import tune_text

SCALE = (0, 2, 4, 5, 7, 9, 11)


def a_tune(rng, bars=16):
    """A tune as tunes go: mostly steps, some leaps, a rhythm that returns."""
    rhythm = [rng.choice([12, 24, 24, 48, 12, 36], size=4) for _ in range(3)]
    degree, tick, notes = int(rng.integers(7, 12)), 0, []
    for bar in range(bars):
        for step in rhythm[bar % 3]:
            degree = int(np.clip(degree + rng.choice([-2, -1, -1, 0, 1, 1, 2, 4, -4, 3]), 3, 18))
            notes.append((len(notes) + 1, tick, int(step), 48 + 12 * (degree // 7) + SCALE[degree % 7], 80))
            tick += int(step)
    return Score(parts=(Part("P1", "Tune", notes=make_notes(notes)),))


@pytest.fixture(scope="module")
def library():
    """Two hundred tunes."""
    rng = np.random.default_rng(11)
    return [(f"piece {i}", a_tune(rng)) for i in range(200)]


def hummed(score, rng, first, count):
    """A pitch track of 25 ms frames, as a person hums: another key, drifting, gliding, with faults; as text."""
    notes = score.parts[0].notes[first : first + count]
    shift, tempo = rng.uniform(-9, 9), rng.uniform(0.012, 0.024)
    frames, clock, before = [], 0.0, None
    for index, (duration, pitch) in enumerate(zip(notes["duration"], notes["pitch"])):
        luck = rng.random()
        if luck < 0.05 and index:
            continue  # forgotten
        sung = pitch + shift + 0.02 * index + rng.normal(0, 0.2)
        if luck > 0.92:
            sung += rng.choice([-2, -1, 1, 2])  # wrong
        elif luck > 0.87:
            sung += rng.choice([-12, 12])  # in another octave
        length = max(0.13, duration * tempo * rng.uniform(0.8, 1.2))
        for frame in range(int(length / 0.025)):
            glide = 0.0 if before is None or frame >= 3 else (before - sung) * (1 - frame / 3)
            frames.append((clock + frame * 0.025, sung + glide + rng.normal(0, 0.08)))
        clock += length + (0.05 if rng.random() < 0.7 else 0.0)
        before = sung
    return " ".join(f"{max(pitch, 0):.2f}@{second:.3f}" for second, pitch in frames)


def test_a_badly_hummed_tune_is_found_among_two_hundred(library):
    """Another key and tempo, drift, glides, wrong and forgotten notes: most are found at once."""
    rng = np.random.default_rng(5)
    tunes = [(name, tune_text(score)) for name, score in library]
    found = 0
    for name, score in library[:40]:
        query = parse_tune(hummed(score, rng, int(rng.integers(0, 40)), 14))
        found += rank(query, tunes, 1)[0][0] == name
    assert found >= 34


@pytest.mark.parametrize("shift", [-7, 0, 5])
def test_a_tune_is_found_in_any_key_with_its_bar(library, shift):
    """Eight notes of a tune in another key: it is first, with the bar where they stand."""
    name, score = library[17]
    notes = score.parts[0].notes[20:28]
    query = parse_tune(" ".join(str(int(pitch) + shift) for pitch in notes["pitch"]))
    hits = rank(query, [(name, tune_text(score)) for name, score in library], 3)
    assert hits[0][0] == name
    assert hits[0][1] == 1.0
    assert hits[0][2] == next(bar.index for bar in score.bars if bar.end > notes["start"][0]) + 1


def test_the_more_alike_the_higher(library):
    """A wrong note costs a little, a tune that isn't there much."""
    name, score = library[3]
    pitches = score.parts[0].notes["pitch"][8:20].astype(int).tolist()
    tunes = [(name, tune_text(score))]

    def value(notes):
        return rank(parse_tune(" ".join(map(str, notes))), tunes)[0][1]

    wrong = [*pitches[:5], pitches[5] + 3, *pitches[6:]]
    assert 1.0 == value(pitches) > value(wrong) > 0.6
    assert value([*pitches[:6], *pitches[7:]]) > 0.7
    assert value([60, 71, 60, 71, 60, 71, 60, 71, 60, 71, 60, 71]) < value(wrong) - 0.2


def test_an_octave_slip_is_forgiven(library):
    """Digits without their dots find the tune that has them."""
    name, score = library[40]
    pitches = score.parts[0].notes["pitch"][:12].astype(int)
    folded = pitches.copy()
    folded[5:] += 12
    assert rank(parse_tune(" ".join(map(str, folded))), [(n, tune_text(s)) for n, s in library], 1)[0][0] == name


def test_rhythm_parts_tunes_of_the_same_notes():
    """Of two tunes with the same notes the one that moves as the hummed one comes first."""
    pitches = (60, 62, 64, 65, 67, 65)
    even = "1:" + ",".join(f"{24 * i}.{p}" for i, p in enumerate(pitches))
    uneven = "1:" + ",".join(f"{t}.{p}" for t, p in zip((0, 36, 48, 84, 96, 132), pitches))
    query = parse_tune(" ".join(f"{p}@{t / 48:.2f}" for t, p in zip((0, 36, 48, 84, 96, 132), pitches)))
    assert rank(query, [("even", even), ("uneven", uneven)], 1)[0][0] == "uneven"


@pytest.mark.parametrize(
    ("text", "pitches"),
    [
        ("5 6 1' 3", [67, 69, 72, 64]), ("5, 6, 1, 3", [67, 69, 60, 64]), ("5. 6. 1 2 3", [55, 57, 60, 62, 64]),
        ("1 #4 b7 0 - 1", [60, 66, 70, 60]), ("561'3", [67, 69, 72, 64]), ("５ ６ １", [67, 69, 60]),
        ("1 2 3 | 3 - 2 1", [60, 62, 64, 64, 62, 60]),
        ("C4 E4 G4 C5", [60, 64, 67, 72]), ("c e g c", [60, 64, 67, 72]), ("F#5 Bb3 Cb4", [78, 58, 59]),
        ("C4,E4,G4", [60, 64, 67]), ("60 64 67.5", [60, 64, 67.5]), ("60@0 64@0.5 67@1", [60, 64, 67]),
        ("60, 62, 64", [60, 62, 64]),
    ],
)  # fmt: skip
def test_ways_of_writing_a_tune(text, pitches):
    """Digits with their dots, names with and without octaves, numbers with and without times."""
    assert parse_tune(text).pitches.tolist() == pitches


def test_lengths_become_times():
    """``60:0.5`` lasts half a second, so the next note begins then."""
    assert parse_tune("60:0.5 62:0.25 64:1").times.tolist() == [0.0, 0.5, 0.75]


def test_ups_and_downs_find_a_tune(library):
    """Parsons' code, in either language, finds the tune whose steps go so."""
    name, score = library[9]
    steps = np.sign(np.diff(score.parts[0].notes["pitch"].astype(int)))[10:40]
    code = "".join({1: "u", -1: "d", 0: "r"}[step] for step in steps.tolist())
    tunes = [(n, tune_text(s)) for n, s in library]
    assert rank(parse_tune("*" + code), tunes, 1)[0][0] == name
    assert rank(parse_tune(code.replace("u", "上").replace("d", "下").replace("r", "平")), tunes, 1)[0][0] == name


@pytest.mark.parametrize(
    "text", ["", "   ", "hello world", "5", "60", "C4 D4", "1 2 x", "9 10 11 300", "- - -", "@@@", "ud"]
)
def test_what_is_no_tune_is_refused(text):
    """One sentence says what a tune may look like."""
    with pytest.raises(InputError):
        parse_tune(text)


def test_an_endless_tune_is_refused_and_a_long_one_is_cut():
    """Texts have a limit; of a long tune the beginning counts."""
    with pytest.raises(LimitError):
        parse_tune("60 " * 20_000)
    assert len(parse_tune("60 62 " * 500)) == 200


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from("1234567'., udrCDEFG#b@:-|60"), max_size=30).map("".join))
def test_any_text_is_read_or_refused(text):
    """Whatever is typed, it is a tune or an InputError, and searching for it works."""
    try:
        query = parse_tune(text)
    except YuefuError:
        return
    assert all(0 <= hit[1] <= 1 for hit in rank(query, [("a", "1:0.60,24.62;2:96.64"), ("b", ""), ("c", "junk:::;")]))


def test_no_tunes_no_hits():
    """An empty library, or pieces without a tune, give an empty list."""
    assert rank(Query(np.array([60.0, 62.0, 64.0])), []) == []
    assert rank(Query(np.array([60.0, 62.0, 64.0])), [("a", ""), ("b", "1:0.60")]) == []


def test_damaged_queries_are_a_format_error():
    """Words that are no notes are named."""
    with pytest.raises(FormatError, match="isn't a tune"):
        parse_tune("la la la")


def test_a_thousand_pieces_are_searched_within_a_blink(library):
    """A hummed query over a thousand tunes takes less than a second."""
    from time import perf_counter

    tunes = [(f"{name} {turn}", tune_text(score)) for name, score in library for turn in range(5)]
    query = parse_tune(hummed(library[0][1], np.random.default_rng(1), 0, 14))
    begun = perf_counter()
    rank(query, tunes)
    assert perf_counter() - begun < 1.0
