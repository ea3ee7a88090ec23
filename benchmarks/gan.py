"""How far the textures of the engine ``gan`` are from held-out ones, beside people's own and simpler means.

    python benchmarks/gan.py --corpus CORPUS --out docs/tables/gan.md

CORPUS: a folder that ``yuefu corpus build`` wrote; ``--phrases FILE`` keeps its phrases for the next time. Phrases of four
bars of the split ``test``, asked for again by their style, metre, density, fills and chord changes, are made by the
generator (``gan``), drawn at random from training phrases of the same style, metre and rows (``retrieval``, the honest
baseline: it copies), and compared with the test phrases; ``people`` are phrases of the split ``valid``, other works.
``--engines`` adds whole fills by other engines, over chords, for some styles.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.gan import GanEngine
from yuefu.engines.texture import CHANNELS_OF, ROWS, STEPS, Roll, read_bar
from yuefu.engines.texture_measures import coverage, describe, distances, energy_distance, row_of, told_apart
from yuefu.engines.texture_wish import BAND_GROUPS, DRUM_GROUPS, TextureWish, groups_for
from yuefu.training.textures import Phrases, corpus_phrases, densities, onsets_of

MOST = 400
#: Phrases are near a training phrase when so few cells differ, copies when none does.
NEAR = 2
STYLES = ("pop", "rock", "funk", "latin", "jazz")
ENERGIES = (0.1, 0.3, 0.5, 0.7, 0.9)
#: What is shown of a row.
SHOWN = {
    "drums": ("onsets", "empty_bars", "bars_alike", "kick_on_one", "backbeat", "quavers", "offbeat", "hats_and_ride",
              "toms", "hands_over_two"),
    "bass": ("onsets", "empty_bars", "bars_alike", "bars_repeated", "offbeat"),
    "keys": ("onsets", "empty_bars", "bars_alike", "together", "polyphony", "qualified", "steps_long", "offbeat"),
}  # fmt: skip


def split(phrases: Phrases, number: int) -> Phrases:
    """The phrases of a split: 0 train, 1 valid, 2 test."""
    return phrases.taken(np.flatnonzero(phrases.split == number))


def some(phrases: Phrases, row: str, rng: np.random.Generator) -> Phrases:
    """At most ``MOST`` phrases in 4/4 that have a row."""
    there = np.flatnonzero(phrases.rows[:, ROWS.index(row)] & (phrases.meter == 0))
    return phrases.taken(np.sort(rng.permutation(there)[:MOST]))


def group_of(phrases: Phrases, row: str) -> NDArray[np.int8]:
    """The group of each phrase as the row sees it."""
    return phrases.drums if row == "drums" else phrases.band


def made_by_gan(engine: GanEngine, asked: Phrases, density: NDArray[np.float32], row: str, seed: int) -> Roll:
    """The generator's phrases, asked like others, without a choice among draws."""
    rng = np.random.default_rng(seed)
    facts = engine.info.facts()
    rows = ("drums",) if row == "drums" else ("bass", "keys")
    wishes = [
        TextureWish(
            DRUM_GROUPS[asked.drums[n]] if asked.drums[n] >= 0 else None,
            BAND_GROUPS[asked.band[n]] if asked.band[n] >= 0 else None,
            int(asked.meter[n]),
            tuple(r for r in rows if asked.rows[n, ROWS.index(r)]),
            dict(zip(ROWS, density[n].tolist())),
            asked.fills[n].tolist(), asked.changes[n].tolist(), asked.rich[n].tolist(),
        )
        for n in range(len(asked))
    ]  # fmt: skip
    noise = rng.standard_normal((len(asked), facts["noise"])).astype(np.float32)
    bar_noise = rng.standard_normal((len(asked), 4, facts["bar_noise"])).astype(np.float32)
    return engine.rolls(wishes, noise, bar_noise)


def drawn_from(train: Phrases, asked: Phrases, row: str, seed: int) -> Roll:
    """Training phrases of the same style, metre and row, at random."""
    rng = np.random.default_rng(seed)
    column = ROWS.index(row)
    index = []
    for n in range(len(asked)):
        alike = train.rows[:, column] & (train.meter == asked.meter[n])
        same = np.flatnonzero(alike & (group_of(train, row) == group_of(asked, row)[n]))
        index.append(int(rng.choice(same if len(same) else np.flatnonzero(alike))))
    return train.rolls(np.array(index))


def copies(made: Roll, train: Roll) -> tuple[float, float, float]:
    """Mean number of cells to the nearest training phrase, the share within ``NEAR``, and the share of exact copies."""
    nearest = np.full(len(made), np.inf)
    for first in range(0, len(train), 2000):
        nearest = np.minimum(nearest, distances(made, train[first : first + 2000]).min(axis=1) ** 2)
    nearest = np.rint(nearest)
    return float(nearest.mean()), float((nearest <= NEAR).mean()), float((nearest == 0).mean())


def rows_table(engine: GanEngine, phrases: Phrases, out: list[str]) -> None:
    """The tables of the three rows."""
    train, valid, test = (split(phrases, number) for number in range(3))
    for row in ROWS:
        rng = np.random.default_rng(3)
        asked, others = some(test, row, rng), some(valid, row, rng)
        density = densities(asked, train)
        real = row_of(asked.rolls(slice(None)), row)
        known = row_of(train.rolls(np.flatnonzero(train.rows[:, ROWS.index(row)] & (train.meter == 0))), row)
        columns = {
            "test": asked.rolls(slice(None)), "people": others.rolls(slice(None)),
            "retrieval": drawn_from(train, asked, row, 5), "gan": made_by_gan(engine, asked, density, row, 7),
        }  # fmt: skip
        told = {name: describe(rolls, row) for name, rolls in columns.items()}
        out += ["", f"### {row}: {len(asked)} test phrases in 4/4", "", "| | " + " | ".join(columns) + " |"]
        out.append("|---|" + "---|" * len(columns))
        for measure in SHOWN[row]:
            out.append(
                f"| {measure.replace('_', ' ')} | " + " | ".join(f"{told[n][measure]:.2f}" for n in columns) + " |"
            )
        rest: dict[str, list[str]] = {}
        for name, rolls in columns.items():
            own = row_of(rolls, row)
            nearest, near, same = copies(own, known)
            apart = float(distances(own, own).sum() / max(len(own) * (len(own) - 1), 1))
            found = ["", "", "", ""]
            if name != "test":
                precision, recall = coverage(own, real)
                found = [
                    f"{energy_distance(own, real):.4f}",
                    f"{precision:.2f}",
                    f"{recall:.2f}",
                    f"{told_apart(own, real):.2f}",
                ]
            rest[name] = [*found, f"{apart:.2f}", f"{nearest:.1f}", f"{near:.2f}", f"{same:.2f}"]
        names = (
            "energy distance to test (0: alike)", "precision", "recall", "told from test by its nearest neighbour (.50: not)",
            "distance within (diversity)", "cells to the nearest training phrase", f"within {NEAR} cells of one", "copies of one",
        )  # fmt: skip
        for number, label in enumerate(names):
            out.append(f"| {label} | " + " | ".join(rest[n][number] for n in columns) + " |")


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Rank correlation."""
    ranks = [np.argsort(np.argsort(each, kind="stable"), kind="stable").astype(float) for each in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])


def obedience(engine: GanEngine, phrases: Phrases, out: list[str]) -> None:
    """Whether energy and style are obeyed."""
    rng = np.random.default_rng(11)
    facts = engine.info.facts()
    out += ["", "### Energy asked for, notes in four bars", ""]
    out.append("| | " + " | ".join(f"{e:g}" for e in ENERGIES) + " | rank correlation |")
    out.append("|---|" + "---|" * (len(ENERGIES) + 1))
    for row in ROWS:
        counts: list[list[float]] = []
        groups = DRUM_GROUPS if row == "drums" else tuple(g for g in BAND_GROUPS if (row, g) != ("keys", "jazz"))
        for energy in ENERGIES:
            wishes = [
                TextureWish(
                    group if row == "drums" else None, None if row == "drums" else group, 0, (row,), {row: energy}
                )
                for group in groups
                for _ in range(16)
            ]
            noise = rng.standard_normal((len(wishes), facts["noise"])).astype(np.float32)
            bars = rng.standard_normal((len(wishes), 4, facts["bar_noise"])).astype(np.float32)
            counts.append(onsets_of(engine.rolls(wishes, noise, bars))[:, ROWS.index(row)].astype(float).tolist())
        ranks = spearman([e for e, own in zip(ENERGIES, counts) for _ in own], [c for own in counts for c in own])
        out.append(f"| {row} | " + " | ".join(f"{np.mean(own):.1f}" for own in counts) + f" | {ranks:.2f} |")
    out += [
        "",
        "### Style asked for, told by a linear classifier that learnt from training phrases (mean over styles)",
        "",
    ]
    out.append("| | styles | test phrases | gan | chance |\n|---|---|---|---|---|")
    train, test = split(phrases, 0), split(phrases, 2)
    for row in ("drums", "keys"):
        asked = some(test, row, rng)
        classifier = linear(train, row, rng)
        made = made_by_gan(engine, asked, densities(asked, train), row, 13)
        truth = group_of(asked, row)
        styles = np.unique(truth)
        real_right, made_right = (
            float(np.mean([(classifier(rolls)[truth == style] == style).mean() for style in styles]))
            for rolls in (asked.rolls(slice(None)), made)
        )
        out.append(f"| {row} | {len(styles)} | {real_right:.2f} | {made_right:.2f} | {1 / len(styles):.2f} |")


def linear(train: Phrases, row: str, rng: np.random.Generator) -> Callable[[Roll], NDArray[np.int64]]:
    """A ridge classifier of groups on mean bars, each group learnt from as many phrases."""
    own = np.flatnonzero(train.rows[:, ROWS.index(row)] & (train.meter == 0))
    groups = group_of(train, row)[own]
    index = np.concatenate([rng.choice(own[groups == g], 300) for g in np.unique(groups)])
    names = np.unique(groups)

    def features(rolls: Roll) -> NDArray[np.float64]:
        mean = rolls[:, :, CHANNELS_OF[row]].mean(axis=1).reshape(len(rolls), -1)
        return np.concatenate([mean, np.ones((len(rolls), 1))], axis=1)

    x, y = features(train.rolls(index)), group_of(train, row)[index][:, None] == names
    weights = np.linalg.solve(x.T @ x + 20.0 * np.eye(x.shape[1]), x.T @ (2.0 * y - 1.0))
    return lambda rolls: names[(features(rolls) @ weights).argmax(axis=1)]


def engines_table(names: Sequence[str], phrases: Phrases, each: int, out: list[str]) -> None:
    """Whole fills of four bars, chords given, by several engines, beside test phrases of the same styles."""
    from yuefu.workflows.fill_score import fill_with
    from yuefu.workflows.fill_wishes import FillMask, Wishes
    from yuefu.workflows.texture import bare_score, players_of

    test = split(phrases, 2)
    out += ["", f"### Fills over chords: {', '.join(STYLES)}, {each} each, drums", ""]
    out.append(
        "| | energy distance to test | precision | recall | backbeat | bars alike | hits in four bars | seconds each |"
    )
    out.append("|---|" + "---|" * 7)
    groups = [DRUM_GROUPS.index(groups_for(style)[0]) for style in STYLES]
    real = row_of(
        test.rolls(np.flatnonzero(np.isin(test.drums, groups) & test.rows[:, 0] & (test.meter == 0))), "drums"
    )
    for name in names:
        rolls, began = [], time.perf_counter()
        for style in STYLES:
            for seed in range(each):
                bare = replace(bare_score(style, 4, meter="4/4"))
                wishes = Wishes(style=style, seed=seed, candidates=1)
                done = fill_with(bare, FillMask(["drums"]), wishes, players=players_of(style), engine=name)
                rolls.append(drums_of(done.score))
        seconds = (time.perf_counter() - began) / len(rolls)
        made = np.stack(rolls)
        told = describe(made, "drums")
        precision, recall = coverage(row_of(made, "drums"), real)
        out.append(
            f"| {name} | {energy_distance(row_of(made, 'drums'), real):.4f} | {precision:.2f} | {recall:.2f} | "
            f"{told['backbeat']:.2f} | {told['bars_alike']:.2f} | {told['onsets'] * 4:.0f} | {seconds:.2f} |"
        )


def drums_of(score: object) -> Roll:
    """The drums of a score's first four bars as a phrase."""
    from yuefu.score.model import Score
    from yuefu.theory.chord import Chord
    from yuefu.tokens.grid import EMPTY, encode_score

    assert isinstance(score, Score)
    cells = encode_score(score).cells.get("drums", [EMPTY] * 4)
    return np.stack([read_bar({"drums": cell}, [Chord(0)] * STEPS, 96) for cell in cells[:4]])


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--phrases", type=Path, default=Path("phrases.npz"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--engines", default="", help="such as gan,markov,transformer")
    parser.add_argument("--each", type=int, default=8)
    options = parser.parse_args()
    engine = GanEngine()
    phrases = corpus_phrases(options.corpus, options.phrases)
    facts = engine.info.facts()
    out = [
        "# Textures: the engine gan", "",
        f"{facts['parameters']:,} parameters, {facts['bytes']:,} bytes; {facts['phrases']:,} training phrases. Onsets and "
        "hits are a bar's, where not said otherwise.",
    ]  # fmt: skip
    rows_table(engine, phrases, out)
    obedience(engine, phrases, out)
    if options.engines:
        engines_table(options.engines.split(","), phrases, options.each, out)
    options.out.write_text("\n".join(out) + "\n", encoding="utf-8")
    print("\n".join(out))


if __name__ == "__main__":
    main()
