"""The engines side by side: the same cells of held-out pieces written by each, with the chords and all else given.

    yuefu corpus build --from DATA --out corpus
    python benchmarks/engines.py --corpus corpus

Of test pieces in 4/4 windows of twelve bars are taken, four given and eight to be written, in one row; each engine that
can writes them as `yuefu fill --engine NAME` does, one candidate, with several seeds. "unlike people" is how far a
row's statistics lie from those of the bars that people wrote there (mean over `evaluation.row_measures`, in standard
deviations of theirs), with the spread over a bootstrap of windows; the row "people" is what people
wrote in as many windows of other pieces. "alike": notes that two seeds' outputs share. "distinct": different
stretches of four symbols among all. "longest copy": the longest run of notes shared with a training piece, and how many
outputs share 12 or more (tunes alone). Speed is in cells a second of processor time, everything but reading included.
Nats a token are of held-out windows of the rows that the smaller networks write, the same for all engines that give
them. What an engine measured of itself while it was trained (reconstruction, interpolation) stands below.

Writes docs/tables/engines.md and src/yuefu/engines/data/table.json, which `yuefu engines` prints.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.corpus.clean import window
from yuefu.corpus.store import iter_scores, set_names
from yuefu.engines import TokenEngine, engine_info, engine_names, load_engine
from yuefu.engines.lstm_inputs import ROWS as SMALL_ROWS
from yuefu.errors import YuefuError
from yuefu.evaluation.row_measures import distances, distinct, likeness, line_symbols, statistics
from yuefu.generation.scorer import Scorer, log_softmax
from yuefu.score.model import Notes, Score
from yuefu.training.config import DataTable
from yuefu.training.dataset import load_pieces
from yuefu.training.engine_samples import held_out
from yuefu.training.samples import labelled_ids
from yuefu.workflows.fill_score import fill
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.models import load_model, model_folder
from yuefu.workflows.report import nearest_known

ROWS = ("melody", "bass", "keys", "drums")
SETS = {
    "melody": ("pop909", "openewld", "game_simutrans", "openhymnal", "mutopia"),
    "bass": ("pop909", "game_freedoom", "openhymnal", "jsb_chorales", "mutopia", "game_easyrpg"),
    "keys": ("pop909", "game_freedoom", "mutopia", "openscore_lieder"),
    "drums": ("game_freedoom", "groove"),
}
GIVEN, WRITTEN, BAR = 4, 8, 96
NOTABLE = 12


@dataclass
class Window:
    """A stretch of a piece of which one row is written."""

    row: str
    score: Score
    work: str

    @property
    def bars(self) -> list[tuple[int, int]]:
        return [(bar * BAR, (bar + 1) * BAR) for bar in range(GIVEN, GIVEN + WRITTEN)]

    @property
    def mask(self) -> FillMask:
        return FillMask([self.row], [(GIVEN + 1, GIVEN + WRITTEN)])


@dataclass
class Outputs:
    """What one engine wrote: for each window the row's notes by seed; seconds of processor time and cells."""

    notes: dict[str, list[list[Notes]]] = field(default_factory=lambda: defaultdict(list))
    chords: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0.0
    cells: int = 0
    copies: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def windows(corpus: Path, row: str, count: int, seed: int) -> list[Window]:
    """The first windows found, set by set in turn, where the row plays in nearly all bars and chords are known."""
    rng = np.random.default_rng([seed, ROWS.index(row)])
    names = [name for name in SETS[row] if name in set_names(corpus)]
    found: list[Window] = []
    queues = [_of_set(corpus, name, row, rng, count) for name in names]
    while len(found) < count and any(queues):
        for queue in queues:
            if queue and len(found) < count:
                found.append(queue.pop(0))
    return found


def _of_set(corpus: Path, name: str, row: str, rng: np.random.Generator, most: int) -> list[Window]:
    found = []
    for score in iter_scores(corpus, [name], "test"):
        own = [part for part in score.parts if part.role == row and len(part.notes)]
        if len(own) != 1 or not (score.chords or row == "drums"):
            continue
        starts = [
            bar for bar in range(len(score.bars) - GIVEN - WRITTEN + 1)
            if all((b.numerator, b.denominator, b.duration) == (4, 4, BAR) for b in score.bars[bar : bar + GIVEN + WRITTEN])
        ]  # fmt: skip
        busy = [bar for bar in starts if _playing(own[0].notes, score, bar)]
        if busy:
            bar = busy[int(rng.integers(len(busy)))]
            first, last = score.bars[bar].start, score.bars[bar + GIVEN + WRITTEN - 1].end
            cut = window(score, first, last)
            cut = Score(**{**cut.__dict__, "pickup": 0, "length": last - first})
            found.append(Window(row, cut, f"{name}/{score.metadata.get('work')}"))
        if len(found) >= most:
            break
    return found


def _playing(notes: Notes, score: Score, bar: int) -> bool:
    span = score.bars[bar : bar + GIVEN + WRITTEN]
    return (
        sum(bool(((notes["start"] >= b.start) & (notes["start"] < b.end)).any()) for b in span) >= GIVEN + WRITTEN - 1
    )


def row_notes(score: Score, row: str) -> Notes:
    notes = [part.notes for part in score.parts if part.role == row]
    return np.concatenate(notes)


def write(name: str, cases: Sequence[Window], seeds: int) -> Outputs:
    """An engine's outputs for all windows that it can write."""
    out = Outputs()
    info = engine_info(name)
    for row in {case.row for case in cases} & set(info.rows):  # weights are loaded and rows warmed up before the clock
        case = next(case for case in cases if case.row == row)
        fill(case.score, FillMask([row], [(GIVEN + 1, GIVEN + 1)]), seed=0, candidates=1, engine=name)
    for case in cases:
        if case.row not in info.rows:
            continue
        found = []
        for seed in range(seeds):
            began = time.process_time()
            try:
                done = fill(case.score, case.mask, seed=seed + 1, candidates=1, engine=name)
            except YuefuError as error:
                out.refused.append(f"{case.work}: {error}")
                break
            out.seconds += time.process_time() - began
            out.cells += WRITTEN
            found.append(row_notes(done.score, case.row))
            if case.row == "melody":
                line = window(done.score, GIVEN * BAR, (GIVEN + WRITTEN) * BAR)
                line = Score(**{**line.__dict__, "parts": tuple(p for p in line.parts if p.role == "melody")})
                known = nearest_known(line)
                out.copies.append(0 if known is None else known["longest_shared_run"])
        if found:
            out.notes[case.row].append(found)
            out.chords[case.row].append((case, done.score.chords))
    return out


def gathered(
    groups: Sequence[tuple[Sequence[Notes], Sequence[tuple[int, int]], Any]], drums: bool
) -> dict[str, list[float]]:
    """Statistics of many excerpts together."""
    all_of: dict[str, list[float]] = defaultdict(list)
    for outputs, bars, chords in groups:
        for notes in outputs:
            for name, values in statistics(notes, bars, chords, drums).items():
                all_of[name] += values
    return dict(all_of)


def unlike(
    own: list[Any], human: list[Any], drums: bool, seed: int, rounds: int = 40
) -> tuple[float, float, dict[str, float]]:
    """Mean distance of the statistics, its spread over a bootstrap of windows, and each statistic's."""
    table = distances(gathered(own, drums), gathered(human, drums))
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(rounds):
        pick = rng.integers(len(own), size=len(own))
        drawn.append(np.mean(list(distances(gathered([own[i] for i in pick], drums), gathered(human, drums)).values())))
    return round(float(np.mean(list(table.values()))), 3), round(float(np.std(drawn)), 3), table


def nats(corpus: Path, config: Path, count: int, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Engine -> nats a written token of held-out test windows, of all and by row."""
    names = [name for name in names if isinstance(load_engine(name), TokenEngine)]
    if not names:
        return {}
    data = DataTable.model_validate(tomllib.loads(config.read_text("utf-8"))["data"])
    pieces = [piece for piece in load_pieces(corpus, sorted(data.weights)) if piece.split == "test"]
    samples = held_out(pieces, data, SMALL_ROWS, count)
    found: dict[str, dict[str, float]] = {}
    for name in names:
        sums: dict[str, list[float]] = defaultdict(list)
        for sample in samples:
            ids, rows = labelled_ids(sample)
            for row, value in zip((row for row in rows if row), _token_nats(name, ids, rows), strict=True):
                sums[row].append(value)
                sums["all"].append(value)
        found[name] = {row: round(float(np.mean(values)), 3) for row, values in sums.items()}
        found[name]["spread"] = round(float(np.std(sums["all"]) / len(sums["all"]) ** 0.5), 3)
    return found


def _token_nats(name: str, ids: list[int], rows: list[str | None]) -> Iterator[float]:
    if name == "transformer":
        values = Scorer(model_folder()).token_nats(ids) if name not in _SCORERS else _SCORERS[name].token_nats(ids)
        yield from (float(values[at]) for at, row in enumerate(rows) if row)
        return
    session = load_engine(name).tokens().session()  # type: ignore[union-attr]
    told = 0
    for at, row in enumerate(rows):
        if row:
            session.append(ids[told:at])
            told = at
            yield -float(log_softmax(session.logits())[ids[at]])


_SCORERS: dict[str, Scorer] = {}


def steps_a_second(names: Sequence[str], tokens: int = 200) -> dict[str, float]:
    """Token engine -> tokens a second of processor time, one by one after a header."""
    from yuefu.tokens.sequence import Header, header_ids
    from yuefu.tokens.vocabulary import vocabulary

    v = vocabulary()
    ids = [v.bar, v.fill["melody"]] + [
        t for n in range(tokens // 3) for t in (v.pos + n % 12, v.pitch + 60 + n % 12, v.dur + 5)
    ]
    found = {}
    for name in names:
        if not isinstance(engine := load_engine(name), TokenEngine):
            continue
        engine = load_model().engine if name == "transformer" else engine.tokens()
        session = engine.session()
        session.append(header_ids(Header(), "4/4"))
        session.logits()
        began = time.process_time()
        for token in ids:
            session.append([token])
            session.logits()
        found[name] = round(len(ids) / (time.process_time() - began))
    return found


def measured(
    corpus: Path, config: Path, count: int, seeds: int, samples: int, seed: int, names: Sequence[str]
) -> dict[str, Any]:
    """The whole table as plain data."""
    cases: list[Window] = []
    human: dict[str, list[Any]] = defaultdict(list)
    others: dict[str, list[Any]] = defaultdict(list)
    for row in ROWS:
        found = windows(corpus, row, 2 * count, seed)
        cases += found[::2]
        for number, case in enumerate(found):
            (others if number % 2 else human)[row].append(([row_notes(case.score, row)], case.bars, case.score.chords))
    table: dict[str, Any] = {"engines": {}, "people": {}}
    for row in ROWS:
        drums = row == "drums"
        mean, spread, _ = unlike(others[row], human[row], drums, seed)
        lines = [line_symbols(notes[0], bars, drums) for notes, bars, _ in human[row]]
        table["people"][row] = {
            "unlike": mean,
            "spread": spread,
            "distinct": distinct(lines),
            "windows": len(human[row]),
        }
    _SCORERS["transformer"] = Scorer(model_folder())
    likelihood, pace = nats(corpus, config, samples, names), steps_a_second(names)
    for name in names:
        info = engine_info(name)
        out = write(name, cases, seeds)
        rows: dict[str, Any] = {}
        for row, groups in out.notes.items():
            drums = row == "drums"
            own = [(notes, case.bars, chords) for notes, (case, chords) in zip(groups, out.chords[row], strict=True)]
            mean, spread, parts = unlike(own, human[row], drums, seed)
            lines = [
                line_symbols(notes, case.bars, drums)
                for g, (case, _) in zip(groups, out.chords[row])
                for notes in g[:1]
            ]
            inside = [[n[(n["start"] >= GIVEN * BAR)] for n in notes] for notes in groups]
            rows[row] = {
                "unlike": mean, "spread": spread, "alike": round(float(np.nanmean([likeness(n) for n in inside])), 3),
                "distinct": distinct(lines), "windows": len(groups), "statistics": parts,
            }  # fmt: skip
        facts = info.facts()
        table["engines"][name] = {
            "rows": rows, "nats": likelihood.get(name, {}), "tokens_a_second": pace.get(name),
            "cells_a_second": round(out.cells / out.seconds, 1) if out.seconds else None,
            "longest_copy": max(out.copies, default=None),
            "copies": round(float(np.mean([run >= NOTABLE for run in out.copies])), 3) if out.copies else None,
            "parameters": facts.get("parameters"), "bytes": facts.get("bytes"), "hash": info.hash,
            "own": facts.get("measured", {}), "refused": len(out.refused),
        }  # fmt: skip
        print(name, json.dumps({k: v for k, v in table["engines"][name].items() if k != "own"})[:600], flush=True)
    table["people"]["melody"] |= human_copies(cases)
    table["how"] = {
        "windows": count, "bars": WRITTEN, "seeds": seeds, "held_out_samples": samples, "seed": seed,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }  # fmt: skip
    return table


def human_copies(cases: Sequence[Window]) -> dict[str, Any]:
    """How long the runs are that the people's own tunes share with training pieces."""
    runs = []
    for case in cases:
        if case.row == "melody":
            line = window(case.score, GIVEN * BAR, (GIVEN + WRITTEN) * BAR)
            known = nearest_known(
                Score(**{**line.__dict__, "parts": tuple(p for p in line.parts if p.role == "melody")})
            )
            runs.append(0 if known is None else known["longest_shared_run"])
    return {"longest_copy": max(runs, default=None), "copies": round(float(np.mean([r >= NOTABLE for r in runs])), 3)}


def markdown(table: dict[str, Any]) -> str:
    """The tables for docs/tables."""
    how = table["how"]
    lines = [
        f"`python benchmarks/engines.py --corpus DIR`: {how['windows']} windows a row, {how['bars']} bars written, "
        f"{how['seeds']} seeds, one candidate; {how['machine']}.", "",
        "| engine | row | unlike people | alike over seeds | distinct | windows |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in ROWS:
        people = table["people"][row]
        lines.append(
            f"| *people* | {row} | {people['unlike']:.2f} ± {people['spread']:.2f} | | {people['distinct']:.2f} | {people['windows']} |"
        )
        for name, told in table["engines"].items():
            if row in told["rows"]:
                own = told["rows"][row]
                lines.append(
                    f"| {name} | {row} | {own['unlike']:.2f} ± {own['spread']:.2f} | {own['alike']:.2f} | "
                    f"{own['distinct']:.2f} | {own['windows']} |"
                )
    lines += [
        "",
        "| engine | nats a token | chords | melody | bass | drums | tokens/s | cells/s | longest copy | 12 or more | parameters | kB |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, told in table["engines"].items():
        found = told["nats"]
        each = [f"{found[row]:.3f}" if row in found else "" for row in ("all", "chords", "melody", "bass", "drums")]
        if found:
            each[0] += f" ± {found['spread']:.3f}"
        pace, cells = told["tokens_a_second"], told["cells_a_second"]
        copies = "" if told["copies"] is None else f"{told['copies']:.0%}"
        lines.append(
            f"| {name} | {' | '.join(each)} | {pace or ''} | {cells or ''} | {'' if told['longest_copy'] is None else told['longest_copy']} | {copies} | "
            f"{told['parameters']:,} | {told['bytes'] // 1000:,} |"
        )
    people = table["people"]["melody"]
    lines += [f"| *people* | | | | | | | | {people['longest_copy']} | {people['copies']:.0%} | | |"]
    lines += ["", "Farthest from people, by engine and row:", ""]
    for name, told in table["engines"].items():
        worst = [
            f"{row}: "
            + ", ".join(
                f"{key} {value:.1f}" for key, value in sorted(own["statistics"].items(), key=lambda i: -i[1])[:3]
            )
            for row, own in told["rows"].items()
        ]
        lines.append(f"- {name}: {'; '.join(worst)}")
    return "\n".join(lines) + "\n"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--corpus", type=Path, required=True, help="A built corpus.")
    arguments.add_argument("--windows", type=int, default=10, help="For each row.")
    arguments.add_argument("--seeds", type=int, default=2)
    arguments.add_argument("--samples", type=int, default=60, help="Held-out windows for the likelihood.")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument(
        "--config", type=Path, default=Path("configs/lstm.toml"), help="Whose sets and tasks are held out."
    )
    arguments.add_argument("--table", type=Path, default=Path("src/yuefu/engines/data/table.json"))
    arguments.add_argument("--out", type=Path, default=Path("docs/tables/engines.md"))
    arguments.add_argument("--engines", help="Some, by name; the others stay as they stand in the table.")
    told = arguments.parse_args()
    everyone = [name for name in engine_names() if not engine_info(name).needs]
    names = everyone if told.engines is None else told.engines.split(",")
    table = measured(told.corpus, told.config, told.windows, told.seeds, told.samples, told.seed, names)
    if told.engines is not None:
        before = json.loads(told.table.read_text("utf-8"))
        if before["how"] != table["how"]:
            raise SystemExit(f"the table was made otherwise ({before['how']}): measure all engines anew.")
        both = before["engines"] | table["engines"]
        table["engines"] = {name: both[name] for name in everyone if name in both}
    told.table.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")
    told.out.write_text(markdown(table), "utf-8")


if __name__ == "__main__":
    main()
