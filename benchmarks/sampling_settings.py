"""Sampling settings beside the corpus: how far pieces lie from human ones, setting by setting.

    python benchmarks/sampling_settings.py --corpus CORPUS --out docs/tables/sampling_settings.md

For every setting the same small pieces (a style of each group, the same seeds) are composed and
measured; the distance to the corpus is the mean over measures and groups of |mean of ours - mean of held-out
pieces| in spreads of the latter (of all groups together, so that a group of like pieces doesn't decide alone).
Settings are given as --setting "temperature=0.9 top_p=0.95 min_p=0.05 leaning=0.5 chord_tone=1 pop.off_beat=0"
(leaning multiplies the tune's leanings, see workflows/leanings.py; a field of RowRules sets one of them, and with
a group of styles before it that group's), or a small grid is run. A setting takes up to a minute on one core.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import Counter, defaultdict
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from yuefu.score.model import KeyChange, Score

MEASURED = (
    "chord_tone_ratio", "pitch_class_entropy", "melody_range", "mean_interval", "steps", "leaps", "repeats",
    "rhythm_entropy", "syncopation", "density_melody", "self_similarity_1", "self_similarity_4", "groove_consistency",
    "phrase_ending", "dissonance",
)  # fmt: skip
#: Group of styles -> brief for a piece of it.
PIECES = {
    "pop": {"style": "pop", "form": "verse:8 chorus:8", "meter": "4/4"},
    "standard": {"style": "jazz", "form": "A:8 B:8", "meter": "4/4"},
    "hymn": {"style": "hymn", "bars": 16},
    "folk": {"style": "folk", "form": "A:8 B:8", "meter": "4/4"},
    "classical": {"style": "classical", "form": "A:8 B:8"},
}
GRID = [
    {"temperature": temperature, "top_p": top_p, "leaning": leaning}
    for temperature, top_p, leaning in itertools.product((0.9, 1.0), (0.92, 0.98), (1.0, 0.5))
]


def excerpt(score: Score, bars: int = 16) -> Score:
    """The bars from a quarter of a score on: as long as the pieces that it is compared with."""
    columns = score.bars
    first = min(len(columns) // 4, max(0, len(columns) - bars))
    start, end = columns[first].start, columns[min(first + bars, len(columns)) - 1].end
    parts = []
    for part in score.parts:
        notes = part.notes[(part.notes["start"] >= start) & (part.notes["start"] < end)].copy()
        notes["start"] -= start
        parts.append(replace(part, notes=notes, syllables=(), directions=()))
    chords = tuple(
        replace(c, start=max(c.start - start, 0), duration=min(c.start + c.duration, end) - max(c.start, start))
        for c in score.chords
        if c.start < end and c.start + c.duration > start
    )
    meter, key = score.meter_at(start), score.key_at(start)
    return Score(
        parts=tuple(parts),
        chords=chords,
        tempos=score.tempos[:1],
        meters=(replace(meter, tick=0),),
        keys=(KeyChange(0, key),),
        length=end - start,
        metadata=score.metadata,
    )


def reference(corpus: Path, cache: Path, most: int = 25) -> dict[str, dict[str, tuple[float, float]]]:
    """Group -> measure -> mean and spread over sixteen bars from each of ``most`` held-out pieces a set and group."""
    from yuefu.analysis.measures import measure
    from yuefu.corpus.store import iter_scores, set_names
    from yuefu.planning.harmony import GROUPS

    if cache.exists():
        return json.loads(cache.read_text("utf-8"))
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for name in set_names(corpus):
        taken: Counter[str] = Counter()
        for score in iter_scores(corpus, sets=[name], split="valid"):
            group = GROUPS.get(str(score.metadata.get("style", "")))
            if not group or taken[group] >= most:
                continue
            found = excerpt(score)
            line = found.part("melody")
            if line is not None and len(line.notes) >= 24:
                taken[group] += 1
                rows[group].append(measure(found))
    table = {
        group: {
            n: (float(np.nanmean([r[n] for r in found])), float(np.nanstd([r[n] for r in found]))) for n in MEASURED
        }
        for group, found in rows.items()
    }
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps(table, indent=1), "utf-8")
    return table


def compose_all(setting: dict[str, float], seeds: int) -> dict[str, list[dict[str, float]]]:
    """Group -> measures of the pieces composed with a setting."""
    from yuefu.analysis.measures import measure
    from yuefu.generation.fill import SamplingSettings
    from yuefu.generation.rules import RowRules
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.compose import compose
    from yuefu.workflows.leanings import TUNE_SAMPLING, Taste, scaled

    names = {f.name for f in fields(SamplingSettings)}
    sampling = replace(TUNE_SAMPLING, **{k: v for k, v in setting.items() if k in names})
    taste = scaled(Taste(sampling=sampling), setting.get("leaning", 1.0))
    if "echo" in setting:
        taste = replace(taste, echo=setting["echo"])
    leanings = {f.name for f in fields(RowRules)}
    tune = {k: v for k, v in setting.items() if k in leanings}
    tunes = {group: dict(own) for group, own in taste.tunes.items()}
    for key, value in setting.items():
        group, _, name = key.partition(".")
        if name:
            tunes.setdefault(group, {})[name] = value
    taste = replace(taste, rows={**taste.rows, "melody": {**taste.rows["melody"], **tune}}, tunes=tunes)
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for group, wishes in PIECES.items():
        for seed in range(1, seeds + 1):
            options = BriefOptions(seed=seed, **wishes)
            found[group].append(measure(compose("", options, taste=taste).score))
    return found


def main() -> None:
    """Run the settings and print a table, nearest to the corpus first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("runs/sampling/reference.json"))
    parser.add_argument("--seeds", type=int, default=3, help="pieces a group")
    parser.add_argument("--groups", action="store_true", help="print how far each group is off, in spreads")
    parser.add_argument("--setting", action="append", help='such as "temperature=0.9 top_p=0.95 leaning=0.5"')
    arguments = parser.parse_args()
    human = reference(arguments.corpus, arguments.cache)
    settings = [
        {name: float(value) for name, value in (pair.split("=") for pair in text.split())}
        for text in arguments.setting or ()
    ] or GRID
    spread = {name: float(np.mean([table[name][1] for table in human.values()])) for name in MEASURED}
    rows = []
    text = ""
    for setting in settings:
        started = time.monotonic()
        found = compose_all(setting, arguments.seeds)
        distance: dict[str, list[float]] = defaultdict(list)
        means: dict[str, list[float]] = defaultdict(list)
        offs: dict[str, dict[str, float]] = defaultdict(dict)
        for group, pieces in found.items():
            for name in MEASURED:
                values = [piece[name] for piece in pieces if not np.isnan(piece[name])]
                if values and group in human:
                    off = (float(np.mean(values)) - human[group][name][0]) / max(spread[name], 1e-6)
                    distance[name].append(abs(off))
                    offs[group][name] = off
                    means[name].append(float(np.mean(values)))
        total = float(np.mean([value for values in distance.values() for value in values]))
        told = " ".join(f"{k}={v:g}" for k, v in setting.items())
        rows.append((total, told, {n: float(np.mean(means[n])) for n in MEASURED if means[n]}))
        print(f"{told}: {total:.3f} ({time.monotonic() - started:.0f} s)", flush=True)
        for group, own in offs.items() if arguments.groups else ():
            print(f"  {group}: " + ", ".join(f"{name} {off:+.1f}" for name, off in own.items()))
        text = table(human, rows)
        if arguments.out:  # after every setting, so that a run that is stopped leaves what it measured
            arguments.out.parent.mkdir(parents=True, exist_ok=True)
            arguments.out.write_text(text, "utf-8")
    print(text)


def table(human: dict[str, dict[str, tuple[float, float]]], rows: list[tuple[float, str, dict[str, float]]]) -> str:
    """The settings measured so far as Markdown, nearest to the corpus first."""
    corpus = {n: float(np.mean([human[g][n][0] for g in PIECES if g in human])) for n in MEASURED}
    lines = [f"| setting | distance | {' | '.join(MEASURED)} |", "|---" * (len(MEASURED) + 2) + "|"]
    lines.append("| human | 0 | " + " | ".join(f"{corpus[n]:.2f}" for n in MEASURED) + " |")
    for total, told, values in sorted(rows, key=lambda row: row[0]):
        lines.append(
            f"| {told} | {total:.3f} | " + " | ".join(f"{values.get(n, float('nan')):.2f}" for n in MEASURED) + " |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
