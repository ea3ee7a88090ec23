"""What every engine must do, whoever it is: keep what isn't asked for, one seed one result, stay within the rules."""

import subprocess
import sys

import numpy as np
import pytest

from yuefu.engines import TokenEngine, engine_info, engine_names, load_engine
from yuefu.engines.info import TASKS
from yuefu.errors import InputError, UnknownNameError
from yuefu.score.model import ROWS, ChordSpan, KeyChange, MeterChange, Part, Score, make_notes
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.tokens.vocabulary import METERS
from yuefu.workflows.fill_score import fill
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.tasks import vary

WRITERS = [name for name in engine_names() if not engine_info(name).needs]
#: Who plays which row in the band below: instrument, and a bar of its notes as (place, ticks, pitch).
BAND = {
    "melody": ("flute", 73, [(0, 24, 76), (24, 12, 74), (36, 12, 72), (48, 24, 79)]),
    "counter": ("violin", 40, [(0, 48, 64), (48, 24, 67)]),
    "inner": ("viola", 41, [(0, 48, 60), (48, 24, 62)]),
    "bass": ("electric_bass", 33, [(0, 24, 36), (48, 24, 43)]),
    "keys": ("piano", 0, [(0, 24, 60), (0, 24, 64), (24, 24, 67), (48, 24, 64)]),
    "pad": ("strings", 48, [(0, 72, 60), (0, 72, 64), (0, 72, 67)]),
    "drums": ("drums", 0, [(0, 12, 36), (24, 12, 38), (48, 12, 42)]),
}


def band(meter: tuple[int, int] = (4, 4), bars: int = 8, silent: tuple[str, ...] = ()) -> Score:
    """Every row playing in G major; rows in ``silent`` have a player and no notes."""
    ticks = meter[0] * 96 // meter[1]
    parts, number = [], 1
    for row, (key, program, figure) in BAND.items():
        notes = []
        for bar in range(bars if row not in silent else 0):
            for place, length, pitch in figure:
                shift = 0 if row == "drums" else (7, 5, 0, 7)[bar % 4] - 7 * (row == "bass")
                notes.append((number, bar * ticks + place, length, pitch + shift, 80))
                number += 1
        parts.append(Part(row, row.title(), row, program, key if key in INSTRUMENTS else "", notes=make_notes(notes)))
    chords = tuple(ChordSpan(bar * ticks, ticks, Chord((7, 0, 2, 7)[bar % 4])) for bar in range(bars))
    return Score(
        parts=tuple(parts), chords=chords, keys=(KeyChange(0, Key(1)),), meters=(MeterChange(0, *meter),),
        length=bars * ticks,
    )  # fmt: skip


def rows_of(name: str, most: int = 8) -> list[str]:
    return [row for row in engine_info(name).rows if row != "chords"][:most]


def written(score: Score, source: Score) -> dict[str, list[tuple[int, ...]]]:
    """The new notes by role."""
    old = {int(n) for part in source.parts for n in part.notes["id"]}
    return {part.role: [tuple(n.tolist())[1:4] for n in part.notes if int(n["id"]) not in old] for part in score.parts}


def meters_of(name: str) -> list[tuple[int, int]]:
    allowed = engine_info(name).meters
    return [meter for meter in ((4, 4), (3, 4)) if not allowed or f"{meter[0]}/{meter[1]}" in allowed]


WRITERS_BY_METER = [(name, meter) for name in WRITERS for meter in meters_of(name)]
VARIERS = [name for name in WRITERS if "vary" in engine_info(name).tasks]
TOKEN_ENGINES = [name for name in WRITERS if isinstance(load_engine(name), TokenEngine)]


@pytest.mark.parametrize(("name", "meter"), WRITERS_BY_METER)
def test_only_what_was_named_is_written_and_all_of_it(name, meter):
    """Cells outside the mask keep every note, id and loudness; every row named has new notes, in its bars alone."""
    source = band(meter)
    rows = rows_of(name)
    ticks = meter[0] * 96 // meter[1]
    done = fill(source, FillMask(rows, "3-6"), seed=4, candidates=1, engine=name)
    for before, after in zip(source.parts, done.score.parts, strict=True):
        outside = (before.notes["start"] < 2 * ticks) | (before.notes["start"] >= 6 * ticks)
        kept = before.notes[outside] if before.role in rows else before.notes
        same = after.notes[np.isin(after.notes["id"], kept["id"])]
        assert np.array_equal(same, kept)
    new = written(done.score, source)
    for row in rows:
        assert new[row], row
        assert all(2 * ticks <= start < 6 * ticks for start, _, _ in new[row])
    assert set(done.filled) == set(rows)
    assert done.score.chords == source.chords
    assert done.facts()["engine"] == name
    assert done.model == engine_info(name).hash != ""


@pytest.mark.parametrize("name", WRITERS)
def test_one_seed_one_result_and_another_seed_other_notes(name):
    meter = meters_of(name)[0]
    rows = rows_of(name, 3)
    first, again, other = (
        written(fill(band(meter), FillMask(rows, "3-6"), seed=s, candidates=1, engine=name).score, band(meter))
        for s in (4, 4, 5)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", WRITERS)
def test_players_stay_in_their_ranges_and_single_lines_single(name):
    """Written pitches lie within the player's range, drums are sounds of a kit, a line has one note at a time."""
    meter = meters_of(name)[-1]
    rows = rows_of(name)
    source = band(meter, silent=tuple(rows))
    done = fill(source, FillMask(rows), seed=2, candidates=1, engine=name)
    for part in done.score.parts:
        if part.role not in rows or part.role == "drums" or not len(part.notes):
            continue
        player = INSTRUMENTS.get(part.instrument)
        if player is not None:
            assert player.low <= part.notes["pitch"].min(), part.role
            assert part.notes["pitch"].max() <= player.high, part.role
        if part.role in ("melody", "counter", "inner", "bass"):
            notes = np.sort(part.notes, order="start")
            assert (notes["start"][1:] >= (notes["start"] + notes["duration"])[:-1]).all(), part.role


@pytest.mark.parametrize("name", WRITERS)
def test_with_nothing_but_chords_to_go_by_something_is_written(name):
    """An empty context is one, too: chords alone, every row a new one."""
    meter = meters_of(name)[0]
    bare = Score(
        parts=(), chords=band(meter, 4).chords, keys=(KeyChange(0, Key(1)),), meters=(MeterChange(0, *meter),),
        length=band(meter, 4).length,
    )  # fmt: skip
    rows = rows_of(name)
    done = fill(bare, FillMask(rows), seed=1, candidates=1, engine=name)
    assert {part.role for part in done.score.parts if len(part.notes)} == set(rows)


@pytest.mark.parametrize("name", VARIERS)
def test_a_variation_changes_something_and_not_all_of_it(name):
    """Some notes are new, some stay."""
    source = band(meters_of(name)[0], 16)
    rows = rows_of(name, 1)
    done = vary(source, 0.4, rows=rows, seed=3, candidates=1, engine=name)
    part = next(part for part in done.score.parts if part.role == rows[0])
    before = next(part for part in source.parts if part.role == rows[0])
    old = {(int(n["start"]), int(n["pitch"])) for n in before.notes}
    new = {(int(n["start"]), int(n["pitch"])) for n in part.notes}
    assert old != new
    assert old & new


@pytest.mark.parametrize("name", WRITERS)
def test_a_listener_can_cancel(name):
    class Enough(Exception):
        pass

    def stop(_progress):
        raise Enough

    with pytest.raises(Enough):
        fill(band(meters_of(name)[0]), FillMask(rows_of(name, 2), "3-4"), seed=1, engine=name, progress=stop)


@pytest.mark.parametrize("name", WRITERS)
def test_what_an_engine_cannot_write_is_refused_in_a_sentence_that_names_one_that_can(name):
    """A foreign row or metre raises InputError with what was asked, what it can, and another engine."""
    info = engine_info(name)
    foreign = [row for row in ROWS if row not in info.rows]
    for row in foreign:
        with pytest.raises(InputError, match=f"'{name}' can't write {row}.*--engine"):
            fill(band(), FillMask([row], "3"), seed=1, engine=name)
    if info.meters:
        with pytest.raises(InputError, match=f"'{name}' can't write in .*--engine"):
            fill(band((7, 8)), FillMask(rows_of(name, 1), "3"), seed=1, engine=name)
    if not foreign and not info.meters:
        done = fill(band((7, 8)), FillMask(["melody"], "3"), seed=1, candidates=1, engine=name)
        assert done.added


@pytest.mark.parametrize("name", engine_names())
def test_an_engine_tells_of_itself_in_both_languages(name):
    info = engine_info(name)
    assert info.name == name
    assert info.en
    assert any("一" <= sign <= "鿿" for sign in info.zh)
    assert len(info.en) < 160
    assert set(info.rows) <= set(ROWS)
    assert info.rows
    assert set(info.tasks) <= set(TASKS)
    assert info.tasks
    assert set(info.meters) <= set(METERS)
    if not info.needs:
        facts = info.facts()
        assert facts["parameters"] > 0
        assert facts["bytes"] > 0
        assert facts["measured"]
        assert all(entry["licence"] for entry in facts["sets"])
        assert len(info.hash) == 16


def test_an_unknown_engine_is_told_what_there_is():
    with pytest.raises(UnknownNameError, match=r"did you mean 'transformer'.*llm"):
        engine_info("transformr")


def test_an_engine_that_needs_a_server_does_not_fill():
    with pytest.raises(InputError, match="server"):
        fill(band(), FillMask(["melody"], "3"), engine="llm")


def test_naming_engines_loads_no_runtime_and_writing_loads_no_torch():
    """``import yuefu.engines`` and the infos leave onnxruntime alone; no engine needs torch."""
    code = (
        "import sys, yuefu.engines as e\n"
        "[e.engine_info(n).facts() for n in e.engine_names()]\n"
        "assert not {'onnxruntime', 'onnxruntime_genai', 'torch'} & set(sys.modules), 'a runtime was loaded'\n"
        "for n in e.engine_names():\n"
        "    if not e.engine_info(n).needs:\n"
        "        x = e.load_engine(n)\n"
        "        hasattr(x, 'tokens') and x.tokens().session().append([1, 2])\n"
        "assert 'torch' not in sys.modules, 'torch was loaded'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", TOKEN_ENGINES)
def test_sessions_of_token_engines_go_back(name):
    """After going back and a token told anew, logits are what they were; sessions don't disturb each other."""
    engine = load_engine(name)
    assert isinstance(engine, TokenEngine)
    from yuefu.tokens.sequence import Header, header_ids
    from yuefu.tokens.vocabulary import vocabulary

    v = vocabulary()
    start = [*header_ids(Header(), "4/4"), v.bar, v.fill["melody"]]
    one, two = engine.tokens().session(), engine.tokens().session()
    one.append(start)
    before = one.logits().copy()
    assert before.shape == (len(v),)
    one.append([v.pos, v.pitch + 60, v.dur + 5])
    two.append(start)
    assert one.length == len(start) + 3
    assert not np.allclose(one.logits(), before, atol=1e-3)
    one.rewind(len(start) - 1)
    one.append(start[-1:])
    assert one.length == len(start)
    assert np.allclose(one.logits(), before, atol=0.05)
    assert np.allclose(two.logits(), before, atol=0.05)
