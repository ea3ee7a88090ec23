"""Small made-up pieces with a tune, a bass, chords and drums, of every split."""

import numpy as np

from yuefu.theory.chord import Chord
from yuefu.tokens.grid import GridBar, chord_tokens
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.pieces import Piece

SETS = ("pop909", "groove")


def piece(number: int, split: str, meter: str = "4/4", bars: int = 16) -> Piece:
    """A piece whose notes follow from its number."""
    v, rng = vocabulary(), np.random.default_rng(number)
    ticks = 96 if meter == "4/4" else 72
    cells = {"melody": [], "bass": [], "drums": [], "chords": []}
    for bar in range(bars):
        root = int(rng.choice((0, 5, 7, 9)))
        tune, bass, drums = [], [], []
        for position in range(0, ticks, 12 if bar % 2 else 24):
            pitch = v.pitch + 60 + int(rng.choice((0, 2, 4, 7, 9)))
            tune += [v.position_ids[position], pitch, v.duration_ids[12 if bar % 2 else 24]]
            drums += [v.position_ids[position], v.hit_ids[42]]
        bass += [v.position_ids[0], v.pitch + 36 + root, v.duration_ids[24]]
        bass += [v.position_ids[48], v.pitch + 36 + root, v.duration_ids[24]]
        cells["melody"].append(np.array(tune, dtype=np.int16))
        cells["bass"].append(np.array(bass, dtype=np.int16))
        cells["drums"].append(np.array(drums, dtype=np.int16))
        cells["chords"].append(np.array([v.position_ids[0], *chord_tokens(Chord(root))], dtype=np.int16))
    return Piece(
        set=SETS[number % 2], work=f"work-{number}", split=split, style=None, bpm=100.0,
        bars=[GridBar(meter, ticks)] * bars, cells=cells, lyrics=None, shifts=[0] * bars, modes=["major"] * bars,
        families={},
    )  # fmt: skip


def pieces() -> list[Piece]:
    """Ten pieces of train, four of valid, four of test, in two metres."""
    splits = ["train"] * 10 + ["valid"] * 4 + ["test"] * 4
    return [piece(n, split, "3/4" if n % 3 == 0 else "4/4") for n, split in enumerate(splits)]
