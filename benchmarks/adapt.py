"""Styles learnt from collections of music21: what the adapter and the plans change, measured on pieces of the same
collections that nothing was learnt from.

    YUEFU_HOME=runs/adapted python benchmarks/adapt.py

makes the styles that aren't there yet (minutes each), writes pieces in each, and docs/tables/adapt.md. Three ways are
compared: the nearest built-in style, the same model with plans like the pieces, and with the adapter besides.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yuefu.analysis.similarity import FingerprintIndex
from yuefu.evaluation.imitation import (
    Distance,
    Statistics,
    comparable,
    copied,
    distance,
    recognised,
    statistics,
    within,
)
from yuefu.planning.planner import make_plan
from yuefu.recognition.recognizer import style_recognizer
from yuefu.score.files import atomic_write
from yuefu.score.midi import read_midi
from yuefu.score.model import Score
from yuefu.text.adapted import TUNES, AdaptedStyle, find_adapted
from yuefu.text.brief import Asked, BriefOptions, read_brief
from yuefu.training.own_pieces import gather
from yuefu.workflows.adapt import prepare_style
from yuefu.workflows.compose import compose_plan
from yuefu.workflows.models import originality_index
from yuefu.workflows.music21_scores import collection_items

#: Pieces that the styles are compared with, besides those that they learnt from.
HUMAN = 60


@dataclass(frozen=True)
class Case:
    """A style to learn. labels: of the recogniser, that count as right."""

    name: str
    source: str
    limit: int
    labels: tuple[str, ...]


CASES = (
    Case("han-folk", "music21:essen/han1", 50, ("folk",)),
    Case("mass", "music21:palestrina", 30, ("renaissance",)),
    Case("irish-songs", "music21:essen/irl", 40, ("air", "folk", "country_dance", "jig", "reel")),
    Case("oneills", "music21:oneills1850", 50, ("jig", "slip_jig", "slide", "reel", "hornpipe", "polka", "air")),
)
WAYS = ("nearest built-in style", "plans like the pieces", "and the adapter")


def learnt(case: Case, steps: int) -> AdaptedStyle:
    """The style, made now if it isn't there."""
    found = find_adapted(case.name)
    if found is not None:
        return found
    work = prepare_style(case.source, case.name, limit=case.limit, settings={"steps": steps})
    for event in work.train():
        print(case.name, event, file=sys.stderr)
    return work.finish()


def others(case: Case, style: AdaptedStyle, count: int) -> list[Score]:
    """Pieces of the collection that the style hasn't learnt from, and those that it was measured by."""
    used = {source.sha256 for source in style.manifest.sources if source.split != "test"}
    items = collection_items(case.source)
    step = max(1, len(items) // (count + case.limit))
    found = gather(items[step // 2 :: step][: count + case.limit])  # of a small collection, all
    tunes = FingerprintIndex.load(style.folder / TUNES)
    fresh = [each.score for each in found.sources if each.sha256 not in used]
    return [score for score in fresh if tunes.nearest(score).share < 0.5][:count]


def written(style: AdaptedStyle, way: str, seeds: Sequence[int], folder: Path) -> list[Score]:
    """Pieces in one of three ways, by the same seeds, as their MIDI files tell them; kept in a folder."""
    place = folder / style.name / f"{style.hash}-{WAYS.index(way)}"
    place.mkdir(parents=True, exist_ok=True)
    out = []
    for seed in seeds:
        path = place / f"{seed}.mid"
        if not path.exists():
            name = style.manifest.figures.base if way == WAYS[0] else style.name
            brief = read_brief("", BriefOptions(style=name, candidates=3))
            plan = make_plan(brief, seed)
            if way == WAYS[1]:
                brief = brief.model_copy(update={"adapter": Asked()})
            atomic_write(path, compose_plan(brief, plan, seed).midi)
        out.append(read_midi(path.read_bytes()))
    return out


def row(name: str, far: Distance, more: str) -> str:
    """A line of the table of distances."""
    worst = ", ".join(f"{measure} {value:.2f}" for measure, value in far.furthest[:3])
    return f"| {name} | {far.means:.2f} | {far.profiles:.3f} | {more} | {worst} |"


def section(case: Case, style: AdaptedStyle, human: list[Score], count: int, folder: Path) -> list[str]:
    """The tables of one style."""
    told = style.manifest
    before, after = told.losses["before"], told.losses["after"]
    busy = float(told.settings.get("cpu_seconds") or 0) / 60
    lasted = f"{busy:.1f} minutes of one core" if busy else "time not kept"
    lines = [
        f"## {case.name}", "",
        f"{case.source}, {told.settings['pieces']['train']} pieces to learn from, {told.settings['pieces']['valid']} to "
        f"stop by, {told.settings['pieces']['test']} to measure by; nearest built-in style {told.figures.base}; "
        f"{lasted}.", "",
        "| nats a written token, held out | before | after |", "|---|---|---|",
        *(f"| {name} | {before[name]:.3f} | {after[name]:.3f} |" for name in sorted(before, key=lambda n: n == "loss")),
        "",
    ]  # fmt: skip
    if not count:
        return lines
    known: list[Statistics] = [statistics(score) for score in human]
    lines += [
        f"{count} pieces each, beside {len(human)} of the collection that nothing was learnt from:", "",
        "| written by | means apart | distributions apart | recognised (share) | longest run of its own pieces: median, "
        "most | of the corpus | furthest |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    network, corpus = style_recognizer(), originality_index()
    tunes = FingerprintIndex.load(style.folder / TUNES)
    for way in WAYS:
        pieces = [comparable(score, human) for score in written(style, way, range(1, count + 1), folder)]
        far = distance([statistics(piece) for piece in pieces], known)
        heard = recognised(pieces, case.labels, network)
        own = copied(pieces, tunes)
        most = copied(pieces, corpus).most if corpus is not None else 0
        lines.append(row(way, far, f"{heard.right:.2f} ({heard.share:.2f}) | {own.median:g}, {own.most} | {most}"))
        print(lines[-1], file=sys.stderr, flush=True)
    heard = recognised(human, case.labels, network)
    lines.append(row("people (among themselves)", within(known, count), f"{heard.right:.2f} ({heard.share:.2f}) | |"))
    return [*lines, ""]


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, write, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=16, help="to write in each way, 0 for losses alone")
    parser.add_argument("--human", type=int, default=HUMAN, help="to compare with")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--only", default="", help="names, comma-separated")
    parser.add_argument("--work", type=Path, default=Path("runs/adapted-pieces"))
    parser.add_argument("--out", type=Path, default=Path("docs/tables/adapt.md"))
    told = parser.parse_args(arguments)
    began = time.monotonic()
    done = {}
    for case in CASES:
        kept = told.work / f"{case.name}.json"
        if not told.only or case.name in told.only.split(","):
            style = learnt(case, told.steps)
            human = others(case, style, told.human) if told.pieces else []
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(section(case, style, human, told.pieces, told.work)), "utf-8")
        if kept.exists():
            done[case.name] = json.loads(kept.read_text("utf-8"))
    head = ["# Styles learnt from one's own scores", "",
            "`python benchmarks/adapt.py`. Distances are those of `evaluation/imitation.py`: means of 17 measures in "
            "spreads of the collection's pieces, and Jensen-Shannon distances of six distributions.", ""]  # fmt: skip
    atomic_write(
        told.out, "\n".join([*head, *(line for each in done.values() for line in each)]).rstrip().encode() + b"\n"
    )
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
