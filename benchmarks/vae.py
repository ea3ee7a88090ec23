"""What the engine `vae` does: phrases that come back, its space, samples, ways between phrases, attributes.

    yuefu corpus build --from DATA --out corpus
    python benchmarks/vae.py --corpus corpus --config configs/vae.toml

All of phrases of four bars of the split test, which nothing was learnt from, through the weights inside the package.
Writes docs/tables/vae.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.engines import engine_info
from yuefu.engines.phrase_rules import HOME, line_bias
from yuefu.engines.phrase_search import steered
from yuefu.engines.phrase_space import PhraseSpace
from yuefu.engines.vae import VaeEngine
from yuefu.evaluation.phrase_measures import drum_measures, line_measures
from yuefu.generation.rules import RowRules
from yuefu.tokens.phrase_attributes import attributes_of, beat_steps, measure
from yuefu.tokens.phrases import LOWEST_PITCH, PHRASE_ROWS, STRUCK, Phrase, chord_of
from yuefu.training.networks import read_network
from yuefu.training.phrase_bank import Bank
from yuefu.training.phrase_ways import phrase_at, some
from yuefu.training.vae import PARTS, VaeConfig, banks_of
from yuefu.workflows.morph import between, difference

SEED = 5
STEPS = 7
STEERED = 5
ASKED = (-2.0, -1.0, 1.0, 2.0)
#: A number of a bar's point says something where its mean varies by more than this between bars.
ACTIVE = 0.01


def chosen(bank: Bank, row: str, count: int) -> list[tuple[str, Phrase]]:
    """(set, phrase) of the split test, as many of each set as there are, up to a fair share."""
    starts = bank.starts(4, "test", apart=True)
    starts = starts[bank.row[starts] == PHRASE_ROWS.index(row)]
    sets = np.unique(bank.source[starts])
    found = []
    for number in sets.tolist():
        own = some(starts[bank.source[starts] == number], -(-count // len(sets)), SEED)
        found += [(bank.sets[number], phrase_at(bank, start, 4)) for start in own.tolist()]
    return found


def compared(pairs: Sequence[tuple[Phrase, NDArray]]) -> dict[str, float]:
    """Mean measures of phrases beside what came back, bars of different lengths apart."""
    totals: dict[str, float] = defaultdict(float)
    for phrase, steps in pairs:
        mask = np.ones((1, *phrase.steps.shape[:2]), dtype=bool)
        tell = drum_measures if phrase.row == "drums" else line_measures
        for name, value in tell(phrase.steps[None], steps[None], mask).items():
            totals[name] += value / len(pairs)
    return totals


def reconstruction(space: PhraseSpace, phrases: Sequence[tuple[str, Phrase]]) -> dict[str, dict[str, float]]:
    """Measures by set, and of all."""
    by_set: dict[str, list[tuple[Phrase, NDArray]]] = defaultdict(list)
    for name, phrase in phrases:
        by_set[name].append((phrase, space.decode(space.encode(phrase)[None], phrase).steps[0]))
    found = {name: compared(pairs) | {"phrases": len(pairs)} for name, pairs in sorted(by_set.items())}
    everything = [pair for pairs in by_set.values() for pair in pairs]
    return {"all": compared(everything) | {"phrases": len(everything)}} | found


def musical(phrases: Sequence[Phrase]) -> dict[str, float]:
    """Means and spreads of attributes over bars; of lines, the share of notes in the key, and of those on the beat in
    the chord."""
    row = phrases[0].row
    values = np.concatenate([measure(phrase) for phrase in phrases])
    values = values[np.isfinite(values).all(axis=1)]
    found = {}
    for number, name in enumerate(attributes_of(row)):
        found[name] = float(values[:, number].mean())
        found[f"{name} spread"] = float(values[:, number].std())
    if row == "drums":
        return found
    home, chordal, onsets, strong = 0, 0, 0, 0
    for phrase in phrases:
        beat = beat_steps(phrase.meter)
        for bar, step in np.argwhere(phrase.steps >= STRUCK):
            pitch = int(phrase.steps[bar, step]) - STRUCK + LOWEST_PITCH
            chord = chord_of(int(phrase.chords[bar, step]))
            onsets += 1
            home += pitch % 12 in HOME
            if step % beat == 0 and chord is not None:
                strong += 1
                chordal += pitch % 12 in chord.pitch_classes
    return found | {"in the key": home / max(onsets, 1), "on the beat in the chord": chordal / max(strong, 1)}


def samples(space: PhraseSpace, phrases: Sequence[tuple[str, Phrase]]) -> list[dict[str, float]]:
    """The corpus' phrases; as many drawn ones over the same chords, at the temperature that is usual; the same with the
    engine's leaning to chord and key."""
    from yuefu.engines.vae import DRAWN, FIRM

    drawn: tuple[list[Phrase], list[Phrase]] = ([], [])
    for number, (_, phrase) in enumerate(phrases):
        for firm in (False, True):
            rng = np.random.default_rng([SEED, number])
            bias = None
            if firm and phrase.row != "drums":
                bias = line_bias(phrase, [RowRules(scale=HOME)] * 4, firm=FIRM)
            steps = space.decode(space.drawn(phrase.row, 4, 1, rng), phrase, rng, DRAWN, bias).steps[0]
            drawn[firm].append(phrase.with_steps(steps))
    return [musical([phrase for _, phrase in phrases]), *(musical(each) for each in drawn)]


def interpolation(engine: VaeEngine, phrases: Sequence[tuple[str, Phrase]], count: int) -> dict[str, float]:
    """Pairs of one metre and mode, in seven steps. away, towards: share of steps that are no nearer to the beginning
    and no farther from the end than the one before; step: mean change; largest: of a pair's steps; middle: change of
    the middle phrase from both ends; key, chord: as in ``musical``, of the phrases between."""
    rng = np.random.default_rng(SEED)
    row = phrases[0][1].row
    asked = np.zeros(len(attributes_of(row)))
    found: dict[str, list[float]] = defaultdict(list)
    inner: list[Phrase] = []
    order = rng.permutation(len(phrases)).tolist()
    pairs = 0
    for first in order:
        partners = [
            k for k in order
            if k != first and phrases[k][1].meter == phrases[first][1].meter
            and phrases[k][1].minor == phrases[first][1].minor
        ]  # fmt: skip
        if not partners or pairs == count:
            continue
        pairs += 1
        a, b = phrases[first][1], phrases[partners[int(rng.integers(len(partners)))]][1]
        shares = np.linspace(0, 1, STEPS)[1:-1]
        line = [a, *(between(engine, a, b, float(share), asked, 0.0, rng) for share in shares), b]
        inner += line[1:-1]
        far, near = [difference(a, each) for each in line], [difference(each, b) for each in line]
        found["away"].append(float(np.mean([y >= x - 0.02 for x, y in pairwise(far)])))
        found["towards"].append(float(np.mean([y <= x + 0.02 for x, y in pairwise(near)])))
        steps = [difference(x, y) for x, y in pairwise(line)]
        found["step"].append(float(np.mean(steps)))
        found["largest"].append(max(steps))
        found["both ends apart"].append(difference(a, b))
        between_ends = np.array(far) - np.array(near)
        if between_ends.std() > 0:
            found["order"].append(float(np.corrcoef(np.arange(STEPS), between_ends)[0, 1]))
    told = {name: float(np.mean(values)) for name, values in found.items()}
    music = musical(inner)
    return told | {name: music[name] for name in ("in the key", "on the beat in the chord") if name in music}


def control(
    space: PhraseSpace, phrases: Sequence[tuple[str, Phrase]], spreads: dict[str, float], searching: bool
) -> dict[str, dict[str, float]]:
    """For each attribute: r, the correlation of asked and measured; gain, what one asked gives; others, the largest
    gain of another attribute; kept, notes of lines in the key at the largest that was asked."""
    row = phrases[0][1].row
    names = list(attributes_of(row))
    ways = space.ways(row)
    table: dict[str, dict[str, float]] = {}
    for number, name in enumerate(names):
        asked, got, furthest = [], [], []
        for _, phrase in phrases:
            own = space.encode(phrase)
            base = _mean(measure(phrase.with_steps(space.decode(own[None], phrase).steps[0])))
            if not np.isfinite(base).all():
                continue
            for by in ASKED:
                want = np.zeros(len(names))
                want[number] = by
                if searching:
                    steps = steered(space, phrase, own, want, np.random.default_rng(SEED))[1]
                else:
                    steps = space.decode((own + by * ways[number])[None].astype(np.float32), phrase).steps[0]
                value = _mean(measure(phrase.with_steps(steps)))
                if np.isfinite(value).all():
                    asked.append(by)
                    got.append((value - base) / [spreads[each] for each in names])
                if by == ASKED[-1]:
                    furthest.append(phrase.with_steps(steps))
        measured = np.array(got)
        slopes = [float(np.polyfit(asked, measured[:, k], 1)[0]) for k in range(len(names))]
        others = max((abs(s) for k, s in enumerate(slopes) if k != number), default=0.0)
        table[name] = {
            "r": float(np.corrcoef(asked, measured[:, number])[0, 1]), "gain": slopes[number], "others": others,
        }  # fmt: skip
        if row != "drums":
            table[name]["in the key"] = musical(furthest)["in the key"]
    return table


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    good = np.isfinite(values).all(axis=1)
    return values[good].mean(axis=0) if good.any() else np.full(values.shape[1], np.nan)


def space_facts(space: PhraseSpace, phrases: Sequence[tuple[str, Phrase]]) -> dict[str, float]:
    """Nats of a bar's point, and how many of its numbers say something."""
    told = [space.told(phrase) for _, phrase in phrases]
    means, spreads = (np.concatenate([pair[k] for pair in told]).astype(float) for k in (0, 1))
    cost = 0.5 * (means**2 + np.exp(spreads) - 1 - spreads)
    return {
        "nats a bar": float(cost.sum(axis=1).mean()),
        "active": float((means.var(axis=0) > ACTIVE).sum()), "numbers": float(means.shape[1]),
    }  # fmt: skip


def lines_of(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *rest = rows
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *(f"| {' | '.join(row)} |" for row in rest), ""]


def measured_row(space: PhraseSpace, engine: VaeEngine, bank: Bank, row: str, count: int) -> dict[str, list[list[str]]]:
    """The lines of a row in every table."""
    phrases = chosen(bank, row, count)
    recon = []
    for name, values in reconstruction(space, phrases).items():
        pitch, near = (f"{values[each]:.3f}" if each in values else "" for each in ("pitch", "near"))
        f1 = values.get("hit_f1", values["onset_f1"])
        recon.append([row, name, f"{values['phrases']:.0f}", pitch, near, f"{f1:.3f}", f"{values['whole']:.3f}"])
    lie = space_facts(space, phrases)
    human, drawn, leaning = samples(space, phrases)
    morph = interpolation(engine, phrases, 60)
    spreads = dict(zip(attributes_of(row), space.scale(row)[1].tolist(), strict=True))
    some_of = phrases[:: max(len(phrases) // STEERED, 1)][:STEERED]
    plain, searched = (control(space, some_of, spreads, searching) for searching in (False, True))
    attributes = []
    for name, values in searched.items():
        kept = f"{values['in the key']:.3f}" if "in the key" in values else ""
        told = [f"{values[each]:.2f}" for each in ("r", "gain", "others")]
        attributes.append([row, name, f"{plain[name]['r']:.2f}", f"{plain[name]['gain']:.2f}", *told, kept])
    began = time.process_time()
    for _, phrase in phrases[:20]:
        space.decode(space.encode(phrase)[None], phrase)
    pace = 20 / (time.process_time() - began)
    return {
        "back": recon,
        "space": [[row, f"{lie['nats a bar']:.1f}", f"{lie['active']:.0f} of {lie['numbers']:.0f}"]],
        "drawn": [
            [row, name, f"{human[name]:.3f}", f"{drawn[name]:.3f}", f"{leaning[name]:.3f}" if row != "drums" else ""]
            for name in human
        ],
        "morph": [[row, *(f"{morph[name]:.3f}" if name in morph else "" for name in _MORPH)]],
        "attributes": attributes,
        "pace": [[row, f"{pace:.0f}"]],
    }


def report(rows: dict[str, dict[str, list[list[str]]]]) -> str:
    """The tables as Markdown."""
    facts = engine_info("vae").facts()

    def of(table: str) -> list[list[str]]:
        return [line for row in PHRASE_ROWS if row in rows for line in rows[row][table]]

    out = [
        "# Phrases: what the engine `vae` does", "",
        f"`python benchmarks/vae.py --corpus corpus`; {facts['parameters']:,} parameters in two networks, "
        f"{facts['bytes'] / 1e6:.2f} MB. Phrases of four bars of test works, nothing of which was learnt from; the "
        "likeliest step is said, nothing is told of the original but its point, chords, metre and mode.", "",
        "## Coming back from a point", "",
        "pitch: of all notes, those struck at their place and pitch; near: at most a whole tone off; F1: of onsets "
        "(drums: of single sounds); whole: bars without any difference. Means over phrases.", "",
        *lines_of([["row", "set", "phrases", "pitch", "near", "F1", "whole bars"], *of("back")]),
        "## The space", "", "Nats of a bar's point beside N(0, 1), and how many of its numbers vary.", "",
        *lines_of([["row", "nats a bar", "active numbers"], *of("space")]),
        "## Drawn phrases beside the corpus", "",
        "Drawn by the mean and covariance of the corpus' points, over the chords of the test phrases.", "",
        *lines_of([["row", "measure", "corpus", "drawn", "drawn, with the engine's leanings"], *of("drawn")]),
        "## From one phrase to another", "",
        f"Sixty pairs of one metre and mode, {STEPS} steps. Changes are shares of the struck places that differ. away: "
        "share of steps no nearer to the beginning than the one before, towards: no farther from the end; order: "
        "correlation of a step's number with how much farther it is from the beginning than from the end; step, "
        "largest: change from one to the next.", "",
        *lines_of([["row", *_MORPH], *of("morph")]),
        "## Attributes", "",
        f"Asked: -2 to 2 standard deviations of the corpus, over {STEERED} phrases of each row. r: correlation of asked "
        "and measured change, by the way alone and with the search; gain: standard deviations for one asked; others: the "
        "largest gain of another attribute; in the key: notes at +2.", "",
        *lines_of(
            [["row", "attribute", "r, way alone", "gain", "r, with search", "gain", "others", "in the key"],
             *of("attributes")]
        ),
        f"Encoded and decoded in a second of processor time: {', '.join(f'{row} {pace}' for row, pace in of('pace'))} "
        "phrases of four bars.", "",
    ]  # fmt: skip
    return "\n".join(out)


_MORPH = (
    "both ends apart", "step", "largest", "away", "towards", "order", "in the key", "on the beat in the chord",
)  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corpus", type=Path, required=True)
    arguments.add_argument("--config", type=Path, default=Path("configs/vae.toml"))
    arguments.add_argument("--run", type=Path, default=Path("runs/vae"), help="where the bars are kept")
    arguments.add_argument("--phrases", type=int, default=180, help="of each row, spread over the sets")
    arguments.add_argument("--rows", nargs="+", default=list(PHRASE_ROWS), help="measured anew; others as they were")
    arguments.add_argument("--out", type=Path, default=Path("docs/tables/vae.md"))
    told = arguments.parse_args()
    config = read_network(told.config)
    assert isinstance(config, VaeConfig)
    engine, banks = VaeEngine(), banks_of(config, told.corpus, told.run)
    for part, part_rows in PARTS.items():
        for row in part_rows:
            if row in told.rows:
                lines = measured_row(engine.space, engine, banks[part], row, told.phrases)
                (told.run / f"table-{row}.json").write_text(json.dumps(lines), "utf-8")
    kept = {row: told.run / f"table-{row}.json" for row in PHRASE_ROWS}
    rows = {row: json.loads(path.read_text("utf-8")) for row, path in kept.items() if path.exists()}
    told.out.write_text(report(rows), "utf-8")
    print(told.out.read_text("utf-8"))


if __name__ == "__main__":
    main()
