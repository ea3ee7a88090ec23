"""Modes, unequal beats, drones and free rhythm as the finished MIDI has them.

    python benchmarks/scales.py --pieces 2 --out docs/tables/scales.md

Each mode is asked for on D, ``--pieces`` times, 8 bars, three candidates; beside it the same brief in plain major or minor,
once. Told are the share of the tune's time in the scale, how often it ends on the tonic, the share of its telling
degrees, and what a key finder hears. For bars of unequal beats: whether the accents of tune, bass and drums tell the
grouping, and which share of them falls where groups begin, beside what evenly spread accents would give.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from yuefu.analysis.colour import drone_share, final_class, grouping_heard, scale_share, small_notes, tempo_spread
from yuefu.analysis.key import estimate_key
from yuefu.analysis.lines import melody_line
from yuefu.score.files import atomic_write
from yuefu.score.midi import read_midi
from yuefu.score.model import Score
from yuefu.theory.meter import parse_grouped_meter
from yuefu.theory.modes import MODES, Mode
from yuefu.workflows.compose import Composition, compose

ASKED = (
    "dorian", "phrygian", "lydian", "mixolydian", "harmonic_minor", "gong", "shang", "jiao", "zhi", "yu", "zhi_yanyue",
    "blues", "whole_tone", "hijaz", "double_harmonic", "hirajoshi", "pelog", "bhairav",
)  # fmt: skip
METERS = ("5/4", "7/8", "7/8 (3+2+2)", "9/8 (2+2+2+3)", "11/8", "4/4 (3+3+2)")
TONIC, TONIC_NAME = 2, "D"


def piece(seed: int, **wishes: object) -> tuple[Composition, Score]:
    """A short piece and what its MIDI reads back as."""
    made = compose(seed=seed, candidates=3, bars=8, **wishes)  # type: ignore[arg-type]
    return made, read_midi(made.midi)


def telling(score: Score, mode: Mode) -> float:
    """Share of the tune's time on the mode's telling degrees."""
    line = melody_line(score)
    marks = [(TONIC + step) % 12 for step in mode.marks]
    return float(line["duration"][np.isin(line["pitch"] % 12, marks)].sum() / max(line["duration"].sum(), 1))


def mode_rows(pieces: int) -> list[str]:
    """A table row for each mode."""
    rows = []
    for key in ASKED:
        mode = MODES[key]
        scale = mode.scale_on(TONIC)
        heard = [piece(100 + seed, scale=f"{TONIC_NAME} {key}", style="folk")[1] for seed in range(pieces)]
        plain = piece(100, key=f"{TONIC_NAME} {mode.leans}", style="folk")[1]
        shares = [scale_share(score, scale) for score in heard]
        ends = sum(final_class(score) == TONIC for score in heard)
        marks = np.mean([telling(score, mode) for score in heard])
        found = ", ".join(sorted({estimate_key(score).key.name for score in heard}))
        rows.append(
            f"| {mode.en} ({mode.zh}) | {np.mean(shares):.3f} | {scale_share(plain, scale):.3f} | {ends} of {pieces} "
            f"| {marks:.2f} | {telling(plain, mode):.2f} | {found} |"
        )
        print(rows[-1], flush=True)
    return rows


def meter_rows(pieces: int) -> list[str]:
    """A table row for each metre."""
    rows = []
    for meter in METERS:
        told, right = [], 0
        for seed in range(pieces):
            made, score = piece(200 + seed, meter=meter, style="rock")
            starts = made.plan.groups
            ticks = score.meters[0].bar_ticks
            unit = 24 if all(start % 24 == 0 for start in (*starts, ticks)) else 12
            groups = tuple((b - a) // unit for a, b in zip(starts, (*starts[1:], ticks)))
            order, share = grouping_heard(score, groups)
            right += order == groups
            told.append(share)
        name = parse_grouped_meter(meter)[0] + " as " + "+".join(map(str, groups))
        rows.append(f"| {name} | {right} of {pieces} | {np.mean(told):.2f} | {len(groups) / sum(groups):.2f} |")
        print(rows[-1], flush=True)
    return rows


def colour_rows() -> list[str]:
    """Single pieces with and without a drone, free rhythm, ornaments."""
    rows = []
    for name, asked, without, measure in (
        ("drone: time that the tonic is held", {"drone": True}, {"drone": False}, lambda s: f"{drone_share(s, TONIC):.2f}"),
        ("free rhythm: how much the tempo moves", {"rhythm": "free"}, {}, lambda s: f"{tempo_spread(s):.2f}"),
        ("ornaments, rich: small notes in 8 bars", {"ornaments": "rich"}, {"ornaments": "none"}, lambda s: str(small_notes(s))),
    ):  # fmt: skip
        values = [measure(piece(300, style="celtic", key="D major", **wishes)[1]) for wishes in (asked, without)]
        rows.append(f"| {name} | {values[0]} | {values[1]} |")
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Compose, measure, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("docs/tables/scales.md"))
    arguments = parser.parse_args()
    lines = [
        "# Modes, unequal beats, drones",
        "",
        f"    python benchmarks/scales.py --pieces {arguments.pieces}",
        "",
        "Each mode on D, 8 bars of folk; *plain* is the same brief in plain major or minor.",
        "",
        "| mode | tune in scale | plain | ends on D | telling degrees | plain | key heard |",
        "|---|---|---|---|---|---|---|",
        *mode_rows(arguments.pieces),
        "",
        "| metre | grouping heard | accents on groups | if spread evenly |",
        "|---|---|---|---|",
        *meter_rows(arguments.pieces),
        "",
        "| one Celtic piece | asked | not asked |",
        "|---|---|---|",
        *colour_rows(),
        "",
    ]
    atomic_write(arguments.out, "\n".join(lines).encode())


if __name__ == "__main__":
    main()
