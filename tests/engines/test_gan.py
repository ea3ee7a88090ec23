"""The engine of textures: held over a stretch, with a fill at its end, by chords, rules, energy and style."""

import numpy as np
import pytest

from yuefu.engines.gan import GanEngine, phrase_wishes, stretches
from yuefu.engines.holding import held
from yuefu.engines.info import CellWishes
from yuefu.engines.texture import CHANNELS, CHANNELS_OF, DRUM_NAMES, ONSETS_OF, Roll
from yuefu.engines.texture_measures import coverage, describe, energy_distance, told_apart
from yuefu.engines.texture_wish import BAND_GROUPS, BAR_SIZE, DRUM_GROUPS, PHRASE_SIZE, TextureWish, groups_for
from yuefu.generation.fill import Canvas
from yuefu.generation.rules import RowRules
from yuefu.score.model import ROWS
from yuefu.theory.chord import Chord
from yuefu.theory.styles import STYLES
from yuefu.tokens.grid import EMPTY, GridBar, chord_tokens, decode_notes
from yuefu.tokens.sequence import Cover, Header, Mask
from yuefu.tokens.vocabulary import vocabulary

PROGRESSION = (Chord(9, "m"), Chord(5), Chord(0), Chord(7, "7"))


@pytest.fixture(scope="module")
def engine() -> GanEngine:
    return GanEngine()


def canvas(bars: int = 8, meter: str = "4/4") -> Canvas:
    """Four chords by turns and nothing else."""
    v = vocabulary()
    ticks = {"4/4": 96, "3/4": 72, "2/4": 48, "6/8": 72}[meter]
    chords = [np.array([v.position_ids[0], *chord_tokens(PROGRESSION[b % 4])], dtype=np.int16) for b in range(bars)]
    return Canvas([GridBar(meter, ticks)] * bars, {"chords": chords}, [Header(mode="minor")] * bars)


def mask_of(own: Canvas, rows: list[str], first: int = 0, last: int | None = None) -> Mask:
    mask = np.full((len(own.bars), len(ROWS)), Cover.ABSENT, dtype=np.int8)
    mask[:, 0] = Cover.GIVEN
    for row in rows:
        mask[first:last, ROWS.index(row)] = Cover.FILL
    return mask


def written(engine: GanEngine, own: Canvas, rows: list[str], seed: int = 1, **wishes: object) -> Canvas:
    list(engine.write(own, mask_of(own, rows), np.random.default_rng(seed), CellWishes(**wishes)))  # type: ignore[arg-type]
    return own


def onsets(own: Canvas, row: str) -> int:
    return sum(len(decode_notes(cell, 0)[0]) for cell in own.cells[row])


@pytest.mark.parametrize("style", ["funk", "ballad", "jazz", "classical"])
def test_pitches_are_the_chords(engine: GanEngine, style: str) -> None:
    """Keys play chord tones only, and most bars of the bass begin with the chord's root or stay within its scale."""
    own = written(engine, canvas(), ["bass", "keys"], style=style)
    for bar in range(8):
        tones = set(PROGRESSION[bar % 4].pitch_classes)
        assert {int(p) % 12 for p in decode_notes(own.cells["keys"][bar], 0)[0]["pitch"]} <= tones
    roots = [
        int(notes["pitch"][0]) % 12 == PROGRESSION[bar % 4].root
        for bar in range(8)
        if len(notes := decode_notes(own.cells["bass"][bar], 0)[0])
    ]
    assert np.mean(roots) >= 0.5


def test_more_energy_has_more_notes(engine: GanEngine) -> None:
    """Over some seeds each row has clearly more notes at .9 than at .1, and "busier" has more than its opposite."""
    for row in ("drums", "bass", "keys"):
        calm, busy = (
            sum(onsets(written(engine, canvas(4), [row], seed, style="pop", energy=e), row) for seed in range(6))
            for e in (0.1, 0.9)
        )
        assert busy > 1.2 * calm, row
    sparse, busier = (
        sum(
            onsets(written(engine, canvas(4), ["drums"], seed, attributes={"busier": by}), "drums") for seed in range(6)
        )
        for by in (-1.5, 1.5)
    )
    assert busier > sparse


def test_a_texture_is_held(engine: GanEngine) -> None:
    """Bars of one texture are more alike than bars of textures of other seeds."""

    def picture(cell: np.ndarray) -> set[tuple[int, int]]:
        return {(int(n["start"]), int(n["pitch"])) for n in decode_notes(cell, 0)[0]}

    def alike(one: np.ndarray, other: np.ndarray) -> float:
        a, b = picture(one), picture(other)
        return len(a & b) / max(len(a | b), 1)

    textures = [written(engine, canvas(4), ["drums"], seed, style="rock").cells["drums"] for seed in range(8)]
    within = np.mean([alike(own[0], own[2]) for own in textures])
    between = np.mean([alike(textures[n][0], textures[n - 1][2]) for n in range(8)])
    assert within > between + 0.1


def test_rules_are_kept(engine: GanEngine) -> None:
    """Ranges, notes at once, places, sounds of the kit, and two hands at most."""
    own = canvas()
    own.rules = {
        "keys": RowRules(low=55, high=74, polyphony=3, places=(0, 12)),
        "bass": RowRules(low=28, high=43),
        "drums": RowRules(hits=frozenset({36, 38, 42, 49})),
    }
    written(engine, own, ["drums", "bass", "keys"], style="rock", energy=0.9, temperature=1.5)
    for bar in range(8):
        keys, _ = decode_notes(own.cells["keys"][bar], 0)
        assert all(55 <= p <= 74 for p in keys["pitch"])
        assert all(start % 12 == 0 for start in keys["start"])
        assert all((keys["start"] == start).sum() <= 3 for start in keys["start"])
        bass, _ = decode_notes(own.cells["bass"][bar], 0)
        assert all(28 <= p <= 43 for p in bass["pitch"])
        assert len(set(bass["start"].tolist())) == len(bass)
        drums, _ = decode_notes(own.cells["drums"][bar], 0)
        assert set(drums["pitch"].tolist()) <= {36, 38, 42, 49}
        assert all(((drums["start"] == s) & (drums["pitch"] != 36)).sum() <= 2 for s in drums["start"])


@pytest.mark.parametrize("meter", ["4/4", "3/4", "6/8", "2/4"])
def test_bars_of_every_metre_that_it_names_are_filled_to_their_end(engine: GanEngine, meter: str) -> None:
    own = written(engine, canvas(8, meter), ["drums", "keys", "bass"], style="pop", energy=0.8)
    ticks = own.bars[0].ticks
    for row in ("drums", "keys", "bass"):
        starts = np.concatenate([decode_notes(cell, 0)[0]["start"] for cell in own.cells[row]])
        assert len(starts)
        assert starts.max() < ticks
        assert meter == "2/4" or row == "bass" or starts.max() >= ticks // 2


def test_stretches_are_cut_at_sections_and_gaps_and_fills_end_them() -> None:
    own = canvas(16)
    mask = mask_of(own, ["drums"])
    mask[6, ROWS.index("drums")] = Cover.ABSENT
    cut = [(s.start, s.end) for s in stretches(own, mask, breaks=(0, 12))]
    assert cut == [(0, 6), (7, 12), (12, 16)]
    stretch = next(stretches(own, mask_of(own, ["drums"])))
    fills = [bar for wish in phrase_wishes(own, stretch, ["drums"], "rock", 0.5) for bar in wish.fills]
    assert np.flatnonzero(fills).tolist() == [7, 15]


def test_a_texture_like_the_bars_that_stay_is_chosen(engine: GanEngine) -> None:
    """New bars between a drummer's own are nearer to these than bars written without them."""
    given = written(engine, canvas(4), ["drums"], 3, style="funk").cells["drums"]

    def places(cells: list[np.ndarray]) -> Roll:
        out = np.zeros((len(cells), 16), dtype=bool)
        for bar, cell in enumerate(cells):
            out[bar, np.unique(decode_notes(cell, 0)[0]["start"]) // 6] = True
        return out

    likeness = []
    for heard in (True, False):
        scores = []
        for seed in range(8):
            own = canvas(12)
            own.cells["drums"] = [*given, *[EMPTY] * 4, *given]
            mask = mask_of(own, ["drums"], 4, 8)
            mask[[*range(4), *range(8, 12)], ROWS.index("drums")] = Cover.GIVEN if heard else Cover.ABSENT
            list(engine.write(own, mask, np.random.default_rng(seed), CellWishes(style="funk")))
            new, old = places(own.cells["drums"][4:8]), places(given)
            scores.append((new & old).sum() / (new | old).sum())
        likeness.append(np.mean(scores))
    assert likeness[0] > likeness[1]


def test_every_style_has_a_drummer_and_a_band() -> None:
    """Each style that can be asked for goes to groups that were learnt from, and its numbers have one size."""
    for style in [*STYLES, None]:
        drums, band = groups_for(style)
        phrase, bars = TextureWish(drums, band).arrays()
        assert drums in DRUM_GROUPS
        assert band in BAND_GROUPS
        assert phrase.shape == (PHRASE_SIZE,)
        assert bars.shape == (4, BAR_SIZE)


def test_a_groove_crashes_after_a_fill_only_and_ghosts_are_few() -> None:
    """A crash on every bar becomes a hat but at the head and after a fill; a snare on every step keeps five."""
    crash, hat, snare = (DRUM_NAMES.index(name) for name in ("crash", "closed hat", "snare"))
    logits = np.full((1, 8, CHANNELS, 16), -5.0, dtype=np.float32)
    logits[:, :, crash, 0] = 5.0
    logits[:, :, snare] = np.arange(1.0, 17.0)
    fills = np.arange(8) == 3
    rolls = held(logits, fills, np.zeros(8, dtype=bool), 96)[0]
    assert np.flatnonzero(rolls[:, crash, 0]).tolist() == [0, 4]
    assert np.flatnonzero(rolls[:, hat, 0]).tolist() == [1, 2, 3, 5, 6, 7]
    assert (rolls[~fills][:, snare].sum(axis=1) == 5).all()
    assert rolls[3, snare, 8:].all()


def test_rows_that_are_not_asked_for_stay_empty(engine: GanEngine) -> None:
    facts = engine.info.facts()
    noise = np.random.default_rng(1).standard_normal((1, facts["noise"])).astype(np.float32)
    bars = np.zeros((1, 4, facts["bar_noise"]), dtype=np.float32)
    roll = engine.rolls([TextureWish("funk", "game", rows=("drums", "keys"))], noise, bars)[0]
    assert roll[:, CHANNELS_OF["drums"]].any()
    assert not roll[:, CHANNELS_OF["bass"]].any()


def test_measures_tell_sets_apart() -> None:
    """Of one distribution: no distance, near a half by neighbours. Of two: a distance, and always told apart."""
    rng = np.random.default_rng(2)

    pictures = rng.random((2, 4, 48, 16)) < 0.1

    def draw(number: int) -> Roll:
        return pictures[number] ^ (rng.random((60, 4, 48, 16)) < 0.05)

    one, again, other = draw(0), draw(0), draw(1)
    assert abs(energy_distance(one, again)) < 0.01 < energy_distance(one, other)
    assert told_apart(one, other) > 0.9
    assert 0.3 < told_apart(one, again) < 0.7
    assert coverage(other, one)[0] < coverage(again, one)[0]
    beats = np.zeros((3, 4, 48, 16), dtype=bool)
    beats[:, :, ONSETS_OF["drums"].start, 0] = True
    beats[:, :, ONSETS_OF["drums"].start + 1, [4, 12]] = True
    told = describe(beats, "drums")
    assert (told["kick_on_one"], told["backbeat"], told["bars_repeated"], told["onsets"]) == (1.0, 1.0, 1.0, 3.0)
