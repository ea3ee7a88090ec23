"""How well styles are imitated by name and by example: the recogniser's verdict, distances, and what was copied.

    python benchmarks/imitation.py --corpus CORPUS --work FOLDER --out docs/tables/imitation.md
    python benchmarks/imitation.py --corpus CORPUS --work FOLDER --styles jig,reel:12 --examples ""

Composes some pieces a style (kept in FOLDER, so that a run goes on where it was stopped) and lays them beside the held-out
pieces (valid and test) that the corpora label so. A style whose human pieces are bare tunes is measured by the tune alone,
its chords heard in the tune as theirs were. The shipped recogniser has seen the human pieces, and none of Yuefu's: how well
it knows a style is told by the folds of docs/tables/recognition.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

#: Label of the recogniser -> style that is asked for.
NAMED = {
    "jig": "jig", "slip_jig": "slip_jig", "reel": "reel", "hornpipe": "hornpipe", "strathspey": "strathspey",
    "polka": "polka", "air": "air", "hymn": "hymn", "chorale": "chorale", "baroque": "baroque", "art_song": "art_song",
    "ragtime": "ragtime", "standard": "standard", "jazz": "jazz", "chinese_pop": "chinese_pop", "game_band": "game",
}  # fmt: skip
#: Labels of which a test piece is imitated.
EXAMPLES = ("jig", "hornpipe", "hymn", "chorale", "standard", "chinese_pop", "art_song", "baroque")
#: What is asked for besides the style, so that pieces aren't long; dances keep their own repeats.
FORM = "A:8 B:8"
REPEATED = "A:8 A:8 B:8 B:8"
MOST_HUMAN = 60
RECOGNITION = Path(__file__).parents[1] / "docs" / "tables" / "recognition.md"


def held_out(corpus: Path, seed: int = 3) -> dict[str, list[Any]]:
    """Label -> pieces that weren't learnt from, their first bars, a sample of the many."""
    from yuefu.corpus.labels import facts_of, label_of, sets_of_labels
    from yuefu.corpus.store import iter_scores, set_names
    from yuefu.evaluation.imitation import opening

    found: dict[str, list[Any]] = defaultdict(list)
    for name in sorted(set(sets_of_labels()) & set(set_names(corpus))):
        for score in iter_scores(corpus, [name]):
            label = label_of(facts_of(score))
            if score.metadata.get("split") != "train" and label in {*NAMED, *EXAMPLES}:
                found[label].append(opening(score))
    rng = np.random.default_rng(seed)
    return {
        label: [pieces[i] for i in rng.permutation(len(pieces))[:MOST_HUMAN]]
        for label, pieces in sorted(found.items())
    }  # fmt: skip


def kept(path: Path, make: Any) -> Any:
    """A score from a file, or made and kept there."""
    from yuefu.score.files import atomic_write, read_score, score_to_json

    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, score_to_json(make()))
    return read_score(path)


def named(label: str, human: list[Any], pieces: int, candidates: int, work: Path) -> list[Any]:
    """Pieces by name, for the line-up of the style that is most like its human pieces'; bare tunes for its lead alone."""
    from yuefu.evaluation.imitation import rows_of
    from yuefu.theory.instruments import INSTRUMENTS
    from yuefu.theory.styles import STYLES
    from yuefu.workflows.compose import compose

    style = STYLES[NAMED[label]]
    leads = [dict(lineup).get("melody", "flute") for lineup in style.lineups]
    lead = next((key for key in leads if not INSTRUMENTS[key].polyphonic), "flute")
    form = REPEATED if REPEATED in style.forms else FORM
    rows = set(rows_of(human))
    nearest = max(style.lineups, key=lambda lineup: _alike({row for row, _ in lineup}, rows))
    players = lead if rows <= {"melody"} else ", ".join(dict.fromkeys(key for _, key in nearest))
    return [
        kept(
            work / f"{label}-{number}.yuefu.json",
            lambda seed=100 + number: (
                compose(style=style.key, form=form, seed=seed, candidates=candidates, instruments=players).score
            ),
        )
        for number in range(pieces)
    ]


def _alike(one: set[str], other: set[str]) -> float:
    """How much two sets have in common."""
    return len(one & other) / len(one | other)


def alike(label: str, source: Any, pieces: int, candidates: int, work: Path) -> tuple[Any, list[Any]]:
    """A reference and pieces like it."""
    from yuefu.text.brief import BriefOptions, read_brief
    from yuefu.workflows.compose import compose_brief
    from yuefu.workflows.style_reference import liking, reference_of

    found = reference_of(source, source.title or label)

    def make(seed: int) -> Any:
        form = found.form if len(found.form) <= len(REPEATED) else FORM
        options = BriefOptions(style=found.style, form=form, seed=seed, candidates=candidates)
        return compose_brief(liking(read_brief("", options), found)).score

    return found, [
        kept(work / f"like-{label}-{number}.yuefu.json", lambda seed=100 + number: make(seed))
        for number in range(pieces)
    ]


def recalls() -> dict[str, str]:
    """English name of a style -> how much of it the folds' recognisers know, from the recognition table."""
    rows = [line.split("|") for line in RECOGNITION.read_text("utf-8").splitlines() if line.count("|") == 9]
    return {row[1].strip(): row[3].strip() for row in rows if row[3].strip()[:1].isdigit()}


def verdict(scores: list[Any], label: str) -> Any:
    """What the recogniser says of them."""
    from yuefu.evaluation.imitation import recognised
    from yuefu.recognition.recognizer import style_recognizer

    return recognised(scores, [label], style_recognizer())


def named_table(human: dict[str, list[Any]], made: dict[str, list[Any]]) -> list[str]:
    """A row a style."""
    from yuefu.corpus.labels import labels
    from yuefu.evaluation.imitation import comparable, copied, distance, statistics, within
    from yuefu.workflows.models import originality_index

    index = originality_index()
    numbers = {label: [statistics(score) for score in pieces] for label, pieces in human.items()}
    known = recalls()
    lines = [
        "| style | pieces | taken for it | share | its human pieces | in folds | taken for | measures | own half | "
        "other styles | profiles | own half | other styles | furthest | copied: median, most |",
        "|---" * 15 + "|",
    ]
    for label, pieces in made.items():
        seen = [comparable(score, human[label]) for score in pieces]
        own = [statistics(score) for score in seen]
        told, theirs = verdict(seen, label), verdict(human[label], label)
        apart, inside = distance(own, numbers[label]), within(numbers[label], len(own))
        others = [distance(numbers[other], numbers[label]) for other in numbers if other != label]
        run = copied(pieces, index)
        taken = ", ".join(f"{labels()[key].en} {count}" for key, count in told.taken)
        furthest = ", ".join(f"{name} {value:.2g}" for name, value in apart.furthest[:3])
        lines.append(
            f"| {labels()[label].en} | {len(pieces)} | **{told.right:.2f}** | {told.share:.2f} | {theirs.right:.2f} "
            f"({theirs.pieces}) | {known.get(labels()[label].en, '')} | {taken} | {apart.means:.2f} | {inside.means:.2f} | "
            f"{np.median([o.means for o in others]):.2f} | {apart.profiles:.2f} | {inside.profiles:.2f} | "
            f"{np.median([o.profiles for o in others]):.2f} | {furthest} | {run.median:g}, {run.most} |"
        )
    return lines


def alike_table(
    human: dict[str, list[Any]], references: dict[str, Any], liked: dict[str, list[Any]], made: dict[str, list[Any]]
) -> list[str]:
    """A row an example."""
    from yuefu.corpus.labels import labels
    from yuefu.evaluation.imitation import comparable, copied_from, distance, statistics

    lines = [
        "| like | recognised | pieces | taken for its style | measures from it | named style's | other human pieces' | "
        "profiles from it | named style's | other human pieces' | notes in a row as in it: median, most |",
        "|---" * 11 + "|",
    ]
    for label, pieces in liked.items():
        source = human[label][0]
        target = statistics(source)

        def apart(scores: list[Any], target: Any = target, label: str = label) -> tuple[float, float]:
            # In the spreads of the style: one piece has none of its own.
            found = [
                (
                    float(np.nanmean([spread(label, name, human, one, target) for name in one.measures])),
                    distance([one], [target]).profiles,
                )
                for one in map(statistics, scores)
            ]
            return float(np.mean([m for m, _ in found])), float(np.mean([p for _, p in found]))

        seen = [comparable(score, [source]) for score in pieces]
        named_ones = [comparable(score, [source]) for score in made.get(label, [])]
        mine, usual, theirs = (
            apart(seen),
            apart(named_ones) if named_ones else (np.nan, np.nan),
            apart(human[label][1:21]),
        )
        run = copied_from(pieces, [source])
        found = references[label]
        lines.append(
            f"| {source.title} ({labels()[label].en}) | {labels()[found.label].en} {found.share:.2f} | {len(pieces)} | "
            f"{verdict(seen, label).right:.2f} | **{mine[0]:.2f}** | {usual[0]:.2f} | {theirs[0]:.2f} | **{mine[1]:.2f}** | "
            f"{usual[1]:.2f} | {theirs[1]:.2f} | {run.median:g}, {run.most} |"
        )
    return lines


def spread(label: str, name: str, human: dict[str, list[Any]], one: Any, target: Any) -> float:
    """How far a measure lies from a piece's, in spreads of the style's human pieces."""
    from yuefu.evaluation.imitation import LEAST, LEAST_SHARE

    if (label, name) not in _SPREADS:
        from yuefu.evaluation.imitation import statistics

        table = [statistics(piece).measures for piece in human[label]]
        for each in one.measures:
            column = np.array([row[each] for row in table], dtype=np.float64)
            _SPREADS[label, each] = max(float(np.nanstd(column)), LEAST.get(each, LEAST_SHARE))
    return abs(one.measures[name] - target.measures[name]) / _SPREADS[label, name]


_SPREADS: dict[tuple[str, str], float] = {}


def main() -> int:
    """Compose, measure, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--styles", default=",".join(NAMED))
    parser.add_argument("--examples", default=",".join(EXAMPLES))
    parser.add_argument("--pieces", type=int, default=8)
    parser.add_argument("--likes", type=int, default=4)
    parser.add_argument("--candidates", type=int, default=2)
    told = parser.parse_args()
    human = held_out(told.corpus)
    styles = {
        name: int(count or told.pieces) for name, _, count in (x.partition(":") for x in told.styles.split(",")) if name
    }
    examples = [name for name in told.examples.split(",") if name]
    made, liked, references = {}, {}, {}
    for label, pieces in styles.items():
        start = time.monotonic()
        made[label] = named(label, human[label], pieces, told.candidates, told.work)
        print(f"{label}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    for label in examples:
        start = time.monotonic()
        references[label], liked[label] = alike(label, human[label][0], told.likes, told.candidates, told.work)
        print(f"like {label}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    lines = ["# Imitation", "", *__doc__.split("\n\n")[-1].strip().split("\n"), ""]
    lines += ["## By name", "", *named_table(human, made), ""]
    if liked:
        lines += ["## By example", "", *alike_table(human, references, liked, made), ""]
    text = "\n".join(lines)
    if told.out:
        told.out.write_text(text + "\n", "utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
