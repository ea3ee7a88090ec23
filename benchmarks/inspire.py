"""Ideas from real pieces, judged by measure: do hooks return, are ideas found again, do combinations hold, is surprise told.

    python benchmarks/inspire.py CORPUS --sets pop909,openewld,game_easyrpg --out docs/tables/inspire.md
    python benchmarks/inspire.py CORPUS --picture docs/images/ideas.png

CORPUS: a folder that `yuefu corpus build` made (its test pieces are read), or one of scores. Whether a hook returns is
told by intervals alone, independently of how it was found, beside stretches of the same length drawn at random.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from yuefu.analysis.lines import melody_line
from yuefu.corpus.store import iter_scores, set_names
from yuefu.inspire.combining import combined
from yuefu.inspire.features import lead_notes
from yuefu.inspire.idea import Idea, Source
from yuefu.inspire.making import idea_to_dict, quarters_of
from yuefu.score.files import read_score
from yuefu.score.model import Score
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.meter import parse_meter
from yuefu.workflows.inspire import IdeaIndex, Search, ideas_of_score
from yuefu.workflows.inspire_surprise import Surprise, fit_of, usual_of
from yuefu.workflows.phrase_map import score_files

#: Intervals that have to agree for a stretch to be another's return, and the fewest notes that say so.
AGREE, FEWEST = 0.8, 5


def pieces(folder: Path, sets: Sequence[str], each: int) -> Iterator[tuple[str, Score]]:
    """Test pieces of a built corpus, so many of each set, or the scores of a folder."""
    known = set_names(folder)
    if not known:
        for path in score_files(folder)[: each * max(len(sets), 1)]:
            yield "scores", read_score(path)
        return
    for name in sets or known:
        found = (s for s in iter_scores(folder, [name], "test") if len(s.bars) >= 16 and s.note_count >= 60)
        yield from ((name, score) for score in islice(found, each))


def returns(line: Sequence[int], start: int, size: int) -> bool:
    """Whether a stretch of a line comes back elsewhere in it, by its intervals."""
    if size < FEWEST:
        return False
    steps = np.diff(line)
    own = steps[start : start + size - 1]
    for other in range(len(steps) - size + 2):
        if abs(other - start) >= size and (steps[other : other + size - 1] == own).mean() >= AGREE:
            return True
    return False


def hook_recall(scores: Sequence[Score], ideas: Sequence[list[Idea]], rng: np.random.Generator) -> dict[str, float]:
    """How many hooks return, and how many stretches drawn at random."""
    hooks, drawn = [], []
    for score, own in zip(scores, ideas, strict=True):
        hook = next((idea for idea in own if idea.kind == "hook"), None)
        line = melody_line(score)["pitch"].tolist()
        starts = melody_line(score)["start"].tolist()
        if hook is None or len(line) < 3 * FEWEST:
            continue
        first = score.bars[hook.source.bars[0] - (0 if score.pickup else 1)].start
        at = int(np.searchsorted(starts, first - 3))
        size = len(hook.notes)
        hooks.append(returns(line, at, size))
        for _ in range(5):
            drawn.append(returns(line, int(rng.integers(0, max(len(line) - size, 1))), size))
    return {"hooks": len(hooks), "hook returns": float(np.mean(hooks)), "random stretch returns": float(np.mean(drawn))}


def _overlaps(one: Idea, other: Idea) -> bool:
    a, b = one.source, other.source
    return a.piece == b.piece and a.bars[0] <= b.bars[1] and b.bars[0] <= a.bars[1]


def retrieval(index: IdeaIndex, rng: np.random.Generator, count: int) -> dict[str, tuple[int, float, float]]:
    """Queries made from ideas in the index, changed; how often an idea of the same place is first, or among ten."""
    tunes = [i for i in index.ideas if i.kind in ("motif", "hook") and len(lead_notes(i)) >= 6]
    chords = [i for i in index.ideas if i.kind == "progression" and len(i.chords) >= 4]
    rhythms = [i for i in index.ideas if i.kind in ("rhythm", "groove") and i.meter == "4/4" and i.bars <= 2]

    def typed(idea: Idea, stretch: float = 1.0, wrong: int = 0, missing: int = 0) -> str:
        line = lead_notes(idea)[:16]
        by = int(rng.integers(-11, 12))
        pitches = [min(max(pitch + by, 24), 108) for *_, pitch in line]
        for _ in range(wrong):
            pitches[int(rng.integers(1, len(pitches)))] += int(rng.choice([-2, -1, 1, 2]))
        times = [start * stretch * 60 / idea.tempo for start, *_ in line]
        keep = [place not in set(rng.choice(len(line), missing, replace=False).tolist()) for place in range(len(line))]
        return " ".join(f"{p}@{t:.3f}" for p, t, k in zip(pitches, times, keep, strict=True) if k)

    def symbols(idea: Idea, swap: bool) -> str:
        by = int(rng.integers(1, 12))
        own = [Chord.parse(symbol).transpose(by) for *_, symbol in idea.chords][:8]
        if swap:
            place = int(rng.integers(0, len(own)))
            own[place] = Chord((own[place].root + 9) % 12, "m") if own[place].quality == "" else Chord(own[place].root)
        return " ".join(Chord(c.root, c.quality).symbol() for c in own)

    def strokes(idea: Idea, miss: bool) -> str:
        steps = ["."] * (16 * idea.bars)
        kicks = [n for n in idea.notes if n[0] != "drums" or n[3] in (35, 36)]
        for note in kicks:
            steps[min(round(note[1] * 4), len(steps) - 1)] = "x"
        hits = [place for place, step in enumerate(steps) if step == "x"]
        if miss and len(hits) > 3:
            steps[hits[int(rng.integers(1, len(hits)))]] = "."
        return ("kick: " if idea.kind == "groove" else "") + "".join(steps)

    def drawing(idea: Idea) -> list[float]:
        line = lead_notes(idea)
        places = np.linspace(line[0][0], line[-1][0], 40)
        heights = np.interp(places, [start for start, *_ in line], [pitch for *_, pitch in line])
        return (heights + rng.normal(0, 0.06 * max(float(np.ptp(heights)), 1.0), 40)).tolist()

    asks: dict[str, tuple[Sequence[Idea], Callable[[Idea], Search]]] = {
        "notes, another key": (tunes, lambda i: Search(tune=typed(i))),
        "and 1.6 times as slow": (tunes, lambda i: Search(tune=typed(i, 1.6))),
        "and a wrong note, one left out": (tunes, lambda i: Search(tune=typed(i, 1.2, 1, 1))),
        "drawn by an unsteady hand": (tunes, lambda i: Search(contour=drawing(i))),
        "chords in another key": (chords, lambda i: Search(roman=symbols(i, False))),
        "and one chord another": (chords, lambda i: Search(roman=symbols(i, True))),
        "strokes": (rhythms, lambda i: Search(rhythm=strokes(i, False), kinds=(i.kind,))),
        "and one left out": (rhythms, lambda i: Search(rhythm=strokes(i, True), kinds=(i.kind,))),
    }
    found = {}
    for name, (ideas, ask) in asks.items():
        if not ideas:
            continue
        ranks = []
        for place in rng.choice(len(ideas), min(count, len(ideas)), replace=False).tolist():
            hits = index.search(ask(ideas[place]), 10)
            ranks.append(next((k for k, hit in enumerate(hits) if _overlaps(hit.idea, ideas[place])), 99))
        found[name] = (len(ranks), float(np.mean([r == 0 for r in ranks])), float(np.mean([r < 10 for r in ranks])))
    return found


def _tones(idea: Idea, start: float) -> tuple[int, ...]:
    """The pitch classes of the chord at a place, of the first one before it begins."""
    before = [symbol for at, _, _, symbol in idea.chords if at <= start + 1e-6]
    return Chord.parse(before[-1] if before else idea.chords[0][3]).pitch_classes


def combinations(ideas: Sequence[Idea], rng: np.random.Generator, count: int) -> dict[str, float]:
    """Rhythms of one piece on the chords of another: what is kept, what fits; beside the old notes left as they are."""
    rhythms = [i for i in ideas if i.kind in ("hook", "rhythm", "motif") and len(i.notes) >= 4]
    chords = [i for i in ideas if i.kind == "progression"]
    exact, inside, strong, leaps, hard, reach, scale, old = [], [], [], [], [], [], [], []
    for _ in range(count):
        rhythm, harmony = (pool[int(rng.integers(0, len(pool)))] for pool in (rhythms, chords))
        if rhythm.meter != harmony.meter or rhythm.source.piece == harmony.source.piece:
            continue
        made = combined(rhythm=rhythm, chords=harmony, seed=int(rng.integers(0, 1000)))
        own = quarters_of(rhythm)
        told = [(round(s, 3), round(d, 3)) for s, d, _ in lead_notes(rhythm)]
        got = [(round(s % own, 3), round(d, 3)) for s, d, _ in lead_notes(made) if s < own]
        exact.append(told == got)
        key = Key.parse(made.key)
        numerator, denominator = parse_meter(made.meter)
        line = lead_notes(made)
        by = (Key.parse(made.key).shift - Key.parse(rhythm.key).shift + 5) % 12 - 5
        for start, _, pitch in line:
            tones = _tones(made, start)
            inside.append(pitch % 12 in tones)
            scale.append(pitch % 12 in key.scale or pitch % 12 in tones)
            if (start % (numerator * 4 / denominator)) % 2 < 0.05:
                strong.append(pitch % 12 in tones)
        for start, _, pitch in lead_notes(rhythm) if rhythm.kind != "rhythm" else ():
            old.append((pitch + by) % 12 in _tones(made, start))
        moves = np.abs(np.diff([pitch for *_, pitch in line]))
        leaps += (moves > 4).tolist()
        hard += (moves > 9).tolist()
        reach.append(max(p for *_, p in line) - min(p for *_, p in line))
    return {
        "combinations": len(exact), "rhythm exact": float(np.mean(exact)), "notes in the chord": float(np.mean(inside)),
        "on strong beats": float(np.mean(strong)), "old notes in the chord": float(np.mean(old)),
        "in scale or chord": float(np.mean(scale)), "leaps over a third": float(np.mean(leaps)),
        "over a sixth": float(np.mean(hard)), "reach, semitones": float(np.mean(reach)),
    }  # fmt: skip


def calibration(groups: dict[str, list[Score]], most: int) -> dict[str, float]:
    """Is what is foreign told as more surprising: ideas of held-out pieces of one's own kind, and of another kind."""
    names = [next(iter(groups)), list(groups)[-1]]  # the first set is one's own, the last is foreign
    if names[0] == names[1] or min(len(groups[name]) for name in names) < 6:
        return {}
    surprise = Surprise()
    mine, theirs = groups[names[0]], groups[names[1]]
    half = len(mine) // 2
    kinds = ("hook", "motif", "progression")
    usual = usual_of(mine[:half], surprise, kinds)

    def scores(own: Sequence[Score]) -> tuple[list[float], list[float]]:
        found, fits = [], []
        for number, score in enumerate(own):
            for idea in ideas_of_score(score, Source(f"x:{number}"), kinds):
                nats = surprise.nats(idea)
                told = usual.get(idea.kind)
                if nats is not None and told is not None:
                    found.append((nats - told.mean) / told.spread)
                    fits.append(fit_of(idea))
        return found[:most], fits[:most]

    (same, fit_same), (other, fit_other) = scores(mine[half:]), scores(theirs)
    broken = []
    rng = np.random.default_rng(5)
    for number, score in enumerate(mine[half:]):
        for idea in ideas_of_score(score, Source(f"x:{number}"), ("hook",)):
            notes = tuple((r, s, d, int(np.clip(p + rng.integers(-6, 7), 30, 100)), v) for r, s, d, p, v in idea.notes)
            nats = surprise.nats(replace(idea, notes=notes))
            if nats is not None and "hook" in usual:
                broken.append((nats - usual["hook"].mean) / usual["hook"].spread)
    auc = float(np.mean([a > b for a in other for b in same]))
    auc_broken = float(np.mean([a > b for a in broken for b in same]))
    return {
        "z of held-out pieces of one's own kind": statistics.mean(same),
        "their spread": statistics.pstdev(same),
        f"z of {names[1]} beside {names[0]}": statistics.mean(other),
        "z of hooks with notes moved at random": statistics.mean(broken),
        "foreign told from own (AUC)": auc,
        "random told from own (AUC)": auc_broken,
        "fit of own": statistics.mean(fit_same),
        "fit of foreign": statistics.mean(fit_other),
    }


def large(ideas: Sequence[Idea], size: int) -> dict[str, float]:
    """How long searches take in many ideas."""
    many = tuple(ideas[place % len(ideas)] for place in range(size))
    began = time.process_time()
    index = IdeaIndex(many)
    index.search(Search(contour=[0, 1, 0], roman="I V vi IV", rhythm="x..x..x.", tune="1 2 3 5"), 10)
    found = {"ideas": float(size), "built, s": time.process_time() - began}
    for name, search in (
        ("drawing, ms", Search(contour=[0, 1, 0.5, 1])), ("numerals, ms", Search(roman="ii V I vi")),
        ("rhythm, ms", Search(rhythm="x.xx.xx.")), ("notes, ms", Search(tune="5 6 1' 3 2 1")),
        ("words, ms", Search(words="sad")), ("like, ms", Search(like=ideas[0])),
    ):  # fmt: skip
        began = time.process_time()
        index.search(search, 24)
        found[name] = 1000 * (time.process_time() - began)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sets", default="")
    parser.add_argument("--each", type=int, default=24, help="Pieces of each set.")
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--picture", type=Path, help="Only draw ten ideas of as many pieces.")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    scores, groups, ideas, seconds = [], {}, [], []
    sets = [name for name in arguments.sets.split(",") if name]
    for name, score in pieces(arguments.corpus, sets, arguments.each):
        began = time.process_time()
        source = Source(f"file:{len(scores)}", score.title, score.composer, licence="test", free=None)
        found = ideas_of_score(score, source)
        seconds.append(time.process_time() - began)
        scores.append(score)
        groups.setdefault(name, []).append(score)
        ideas.append(found)
    if arguments.picture:
        from yuefu.workflows.inspire_sheet import sheet_png

        arguments.picture.write_bytes(sheet_png(ten_ideas(ideas, rng)))
        return
    flat = [idea for own in ideas for idea in own]
    index = IdeaIndex.of(flat)
    packed = gzip.compress(json.dumps([idea_to_dict(idea) for idea in flat]).encode(), 6)
    kinds = {kind: sum(idea.kind == kind for idea in flat) for kind in dict.fromkeys(idea.kind for idea in flat)}
    lines = [
        "| Ideas found | |", "| --- | --- |", f"| pieces | {len(scores)} |",
        f"| ideas (alike told once) | {len(flat)} ({len(index)}) |",
        "| of each kind | " + ", ".join(f"{kind} {count}" for kind, count in kinds.items()) + " |",
        f"| processor time a piece, s: median, longest | {statistics.median(seconds):.3f}, {max(seconds):.3f} |",
        f"| kept on disk, bytes a piece | {len(packed) // max(len(scores), 1)} |",
    ]  # fmt: skip
    for name, value in hook_recall(scores, ideas, rng).items():
        lines.append(f"| {name} | {value:.3g} |")
    lines += ["", "| Found again | queries | first | among ten |", "| --- | --- | --- | --- |"]
    for name, (count, first, ten) in retrieval(index, rng, arguments.queries).items():
        lines.append(f"| {name} | {count} | {first:.2f} | {ten:.2f} |")
    for title, table in (
        ("Combined", combinations(flat, rng, 4 * arguments.queries)), ("Surprise", calibration(groups, 200)),
        ("Many ideas", large(flat, 20_000)),
    ):  # fmt: skip
        lines += [
            "",
            f"| {title} | |",
            "| --- | --- |",
            *(f"| {name} | {value:.3g} |" for name, value in table.items()),
        ]
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")


def ten_ideas(ideas: Sequence[list[Idea]], rng: np.random.Generator) -> list[Idea]:
    """Ten ideas of different kinds and pieces, and combinations of them."""
    chosen: list[Idea] = []
    wanted = ("hook", "hook", "motif", "progression", "groove", "bass", "texture", "rhythm")
    order = rng.permutation(len(ideas)).tolist()
    for kind in wanted:
        for place in order:
            best = next((idea for idea in ideas[place] if idea.kind == kind), None)
            if best is not None and best.source.piece not in {idea.source.piece for idea in chosen}:
                chosen.append(best)
                break
    flat = [idea for own in ideas for idea in own]
    rhythm = next((idea for idea in chosen if idea.kind == "rhythm"), chosen[0])
    chords = [i for i in flat if i.kind == "progression" and i.meter == rhythm.meter and len(i.chords) > 3]
    grooves = [i for i in flat if i.kind == "groove" and i.meter == rhythm.meter]
    if chords:
        chosen.append(combined(rhythm=rhythm, chords=chords[0], seed=1))
        chosen.append(combined(rhythm=rhythm, chords=chords[-1], groove=grooves[0] if grooves else None,
                               mood=(-0.5, -0.6), seed=2))  # fmt: skip
    return chosen


if __name__ == "__main__":
    main()
