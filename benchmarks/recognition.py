"""How well styles, composers and moods are told from scores, and styles from recordings: five folds by work.

    yuefu train configs/styles.toml --data CORPUS --run RUN
    python benchmarks/recognition.py styles --run RUN --out docs/tables/recognition.md
    python benchmarks/recognition.py composers --corpus CORPUS --run RUN2 --out docs/tables/composers.md
    python benchmarks/recognition.py moods --emopia FOLDER --run RUN3 --out docs/tables/recognition_moods.md

    yuefu train configs/sounds.toml --data CORPUS --run RUN4
    python benchmarks/recognition.py sounds --run RUN4 --out docs/tables/recognition_sounds.md
    python benchmarks/recognition.py outside --nottingham FOLDER --corpus CORPUS --run RUN --out docs/tables/recognition_outside.md

`outside` judges tunes of a collection that none of the corpora holds, by the finished weights of RUN (else the package's):
Nottingham's ABC files, named by kind (GPL, used for measuring only); tunes whose titles the corpora have are left out.
`styles` and `sounds` read what a finished run of `yuefu train` left; `composers` and `moods` train networks of the same kind (a run
goes on where it was stopped). FOLDER holds EMOPIA's MIDI files, named ``Q1_...mid`` to ``Q4_...mid`` (Hung et al. 2021:
pop piano, four quadrants as people heard them; used for measuring only, no weights are kept for use). Its files are
transcriptions without a beat, read at a steady 120, so that a bar is two seconds; works are songs. The official split is
measured, too, as the paper's figure is for it (.684, LSTM with attention on MIDI-like tokens).
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

QUADRANTS = ("+ +", "- +", "- -", "+ -")  #: valence, arousal, in EMOPIA's order Q1 to Q4
#: Composers under one name in all sets.
NAMES = {
    "bach": "BachJS|Johann Sebastian Bach", "beethoven": "Beethoven", "brahms": "Brahms", "chopin": "Chopin",
    "debussy": "Debussy", "diabelli": "Diabelli", "faure": "Faur", "franz": "Robert Franz", "giuliani": "GiulianiM",
    "handel": "Handel", "haydn": "Haydn", "hensel": "Hensel", "holmes": "Holm.s", "lang": "Josephine Lang",
    "mendelssohn": "Mendelssohn(?!.*Hensel)", "mozart": "Mozart", "reichardt": "Louise Reichardt",
    "schubert": "SchubertF|Franz Schubert", "schumann r": "SchumannR|Robert Schumann", "schumann c": "Clara Schumann",
    "sor": "SorF", "telemann": "Telemann", "vivaldi": "Vivaldi", "wolf": "Hugo Wolf",
}  # fmt: skip
COMPOSER_SETS = ("mutopia", "openscore_lieder", "openscore_orchestra", "openscore_quartets")
#: Works that a composer must have to be told from others.
FEWEST = 20


def tables(judged: Any, head: str, namer: Any = str) -> list[str]:
    """Figures in all, by label, and what is taken for what."""
    told = judged.measures()
    lines = [
        f"Accuracy **{told['accuracy']:.3f}**, macro F1 **{told['macro_f1']:.3f}**, macro recall {told['macro_recall']:.3f}, "
        f"calibration error {told['calibration_error']:.3f}, {int(told['pieces'])} pieces, each judged by a network that has "
        f"seen nothing of its work. Told as sure: {told['sure']:.0%}, of these right: {told['precision_when_sure']:.3f}.",
        "",
        f"| {head} | pieces | recall | precision | F1 | sure | right when sure | taken most for |",
        "|---" * 8 + "|",
    ]
    best, truth = judged.shares.argmax(axis=1), judged.truth
    for label in np.unique(truth):
        own, found = truth == label, best == label
        recall = float((best[own] == label).mean())
        precision = float((truth[found] == label).mean()) if found.any() else 0.0
        f1 = 2 * recall * precision / max(recall + precision, 1e-9)
        counts = np.bincount(best[own & ~found], minlength=len(judged.names))
        wrong = ", ".join(
            f"{namer(judged.names[i])} {counts[i]}" for i in np.argsort(-counts, kind="stable")[:3] if counts[i]
        )
        sure = judged.sure & found
        right = f"{(truth[sure] == label).mean():.2f}" if sure.any() else "-"
        lines.append(
            f"| {namer(judged.names[label])} | {own.sum()} | {recall:.2f} | {precision:.2f} | {f1:.2f} | "
            f"{judged.sure[own].mean():.0%} | {right} | {wrong} |"
        )
    return lines


def confusion(judged: Any, namer: Any = str) -> list[str]:
    """All labels against all, in percent of the row's pieces."""
    there = np.unique(judged.truth)
    best = judged.shares.argmax(axis=1)
    lines = ["", "What is taken for what, in percent of a row's pieces (columns in the rows' order):", ""]
    lines += [f"| | {' | '.join(str(n + 1) for n in range(len(there)))} |", "|---" * (len(there) + 1) + "|"]
    for number, label in enumerate(there):
        own = judged.truth == label
        cells = [round(100 * float((best[own] == other).mean())) for other in there]
        lines.append(
            f"| {number + 1} {namer(judged.names[label])} | {' | '.join(str(c) if c else '' for c in cells)} |"
        )
    return lines


def follow(events: Iterator[tuple[Any, Any]]) -> None:
    """Train, telling evaluations on the error stream."""
    for part, event in events:
        if type(event).__name__ != "Step":
            print(part, event, file=sys.stderr, flush=True)


def styles(run: Path, folds: int, precision: float) -> list[str]:
    """What a finished run of `yuefu train configs/styles.toml` left."""
    from yuefu.corpus.labels import labels
    from yuefu.training.judged import judged

    found = judged(run, folds, precision)
    known = labels()
    beside = [
        f"| {name} | {told['accuracy']:.3f} | {told['macro_f1']:.3f} | {told['macro_recall']:.3f} |"
        for name, told in [("network", found.measures()), *baselines(run, folds)]
    ]
    return [
        "| | accuracy | macro F1 | macro recall |", "|---" * 4 + "|", *beside, "",
        *tables(found, "style", lambda key: known[key].en), *confusion(found, lambda key: known[key].en),
    ]  # fmt: skip


def baselines(run: Path, folds: int) -> list[tuple[str, dict[str, float]]]:
    """The same folds by simpler means: a small classifier on means and spreads of the bars' numbers, and the commonest label."""
    from yuefu.analysis.bar_roll import STATS
    from yuefu.evaluation.classifier import Classifier, Settings
    from yuefu.training.judged import measures
    from yuefu.training.labelled import splits
    from yuefu.training.rolls import Rolls

    rolls = Rolls.load(run / "rolls.npz")
    shown = [number for number, name in enumerate(STATS) if not name.startswith("loudness")]
    rows = []
    for piece in range(len(rolls)):
        stats = rolls.stats[rolls.bars_of(piece)][:, shown].astype(np.float32)
        rows.append(np.concatenate([stats.mean(axis=0), stats.std(axis=0)]))
    features = np.array(rows)
    features = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    shares, common, truth = [], [], []
    for split in splits(rolls.groups, rolls.truth, folds, 1):
        learnt = np.concatenate([np.random.default_rng(1).permutation(split.train), split.valid])
        settings = Settings(hidden=96, epochs=40, patience=4)
        classifier = Classifier(features[learnt], rolls.truth[learnt], len(rolls.names), 1, settings)
        every = [classifier.nats(features[split.test], np.full(len(split.test), k)) for k in range(len(rolls.names))]
        shares.append(np.exp(-np.stack(every, axis=1)))
        most = np.bincount(rolls.truth[learnt]).argmax()
        common.append(np.eye(len(rolls.names))[np.full(len(split.test), most)])
        truth.append(rolls.truth[split.test])
    told = np.concatenate(truth)
    return [
        ("a layer of 96 units on means and spreads of the bars' numbers", measures(np.concatenate(shares), told)),
        ("always the commonest", measures(np.concatenate(common), told)),
    ]


#: Kinds of recordings that are measured: what is kept as, and what it is.
SOUNDS = {
    "test": "a soundfont that was learnt from", "noise20": "the same with pink noise at 20 dB",
    "noise10": "the same with pink noise at 10 dB", "unseen": "the soundfont that was kept",
}  # fmt: skip


def sounds(run: Path, folds: int, precision: float) -> list[str]:
    """Recordings: all kinds in one table, then the clean ones and those of the kept soundfont by style."""
    from yuefu.corpus.labels import labels
    from yuefu.training.judged import judged

    known = labels()
    lines = [
        "12 seconds each; every piece judged by a network that has seen nothing of its work.",
        "",
        "| played with | accuracy | macro F1 | calibration error | sure | right when sure |",
        "|---" * 6 + "|",
    ]
    for part, name in SOUNDS.items():
        told = judged(run, folds, precision, part).measures()
        lines.append(
            f"| {name} | {told['accuracy']:.3f} | {told['macro_f1']:.3f} | {told['calibration_error']:.3f} | "
            f"{told['sure']:.0%} | {told['precision_when_sure']:.3f} |"
        )
    for part in ("test", "unseen"):
        found = judged(run, folds, precision, part)
        lines += ["", f"### {SOUNDS[part]}", "", *tables(found, "style", lambda key: known[key].en)]
        lines += confusion(found, lambda key: known[key].en)
    return lines


def composer_of(text: str) -> str | None:
    """The name of a composer who is told from others, or None.

    >>> composer_of("BeethovenLv"), composer_of("Fanny Hensel"), composer_of("Anonymous")
    ('beethoven', 'hensel', None)
    """
    return next((name for name, pattern in NAMES.items() if re.search(pattern, text)), None)


def composer_rolls(corpus: Path, cache: Path) -> Any:
    """Pieces of composers with enough works."""
    from yuefu.analysis.bar_roll import bar_roll
    from yuefu.corpus.labels import Piece
    from yuefu.corpus.store import iter_scores
    from yuefu.training.rolls import Rolls, rolls_of

    if cache.is_file():
        return Rolls.load(cache)
    pieces = []
    for score in iter_scores(corpus, COMPOSER_SETS):
        name = composer_of(score.composer)
        if name is not None:
            work = str(score.metadata["work"])
            pieces.append((bar_roll(score), name, Piece(score.metadata).names, f"{score.metadata['set']}/{work}"))
    works = {name: len({keys[0] for _, own, keys, _ in pieces if own == name}) for name in NAMES}
    kept = sorted(name for name, count in works.items() if count >= FEWEST)
    rolls = rolls_of((piece for piece in pieces if piece[1] in kept), kept)
    cache.parent.mkdir(parents=True, exist_ok=True)
    rolls.save(cache)
    return rolls


def mood_rolls(folder: Path, cache: Path) -> Any:
    """EMOPIA's clips, grouped by song; ``about`` is the file's name."""
    from yuefu.analysis.bar_roll import bar_roll
    from yuefu.score.files import read_score
    from yuefu.training.rolls import Rolls, rolls_of

    if cache.is_file():
        return Rolls.load(cache)
    files = sorted(folder.rglob("Q[1-4]_*.mid"))
    pieces = (
        (
            bar_roll(read_score(path)),
            QUADRANTS[int(path.name[1]) - 1],
            ["_".join(path.name.split("_")[1:-1])],
            path.name,
        )
        for path in files
    )
    rolls = rolls_of(pieces, list(QUADRANTS))
    cache.parent.mkdir(parents=True, exist_ok=True)
    rolls.save(cache)
    return rolls


def official(rolls: Any, folder: Path, table: Any, loop: Any, run: Path) -> str:
    """The official split of clips: learn from train, stop by val, measure with test."""
    from yuefu.training.judged import measures, read_predictions
    from yuefu.training.labelled import Split, save_predictions
    from yuefu.training.recognizer import RollTask
    from yuefu.training.supervised import fit

    parts = []
    for name in ("train", "val", "test"):
        text = next(folder.rglob(f"{name}_clip.csv")).read_text("utf-8")
        chosen = set(re.findall(r"Q\d_\S+?\.mid", text))
        parts.append(np.array([i for i, about in enumerate(rolls.about) if about in chosen]))
    task = RollTask(rolls, Split(*parts), table, loop.seed)
    if not (run / "predictions.npz").exists():
        follow(("official", event) for event in fit(task, loop, run))
        save_predictions(task, run)
    test = read_predictions(run, "test")
    told = measures(test.shares(), test.truth)
    return f"Official split of clips ({'/'.join(str(len(p)) for p in parts)}): accuracy {told['accuracy']:.3f}, macro F1 {told['macro_f1']:.3f}."


#: Nottingham's files by kind, and the labels that are right for them.
KINDS = {
    "jigs": ("jig",), "slip": ("slip_jig",), "reels": ("reel",), "hpps": ("hornpipe",),
}  # fmt: skip
DANCES = {"country_dance", "jig", "slip_jig", "slide", "reel", "hornpipe", "strathspey", "polka", "march", "air"}


def outside(folder: Path, corpus: Path, run: Path | None) -> list[str]:
    """Tunes of another collection, by the finished weights."""
    from collections import Counter

    from yuefu.corpus.labels import Piece
    from yuefu.corpus.store import iter_scores
    from yuefu.errors import YuefuError
    from yuefu.recognition.recognizer import StyleRecognizer
    from yuefu.score.abc_read import read_abc

    def title(text: str) -> set[str]:
        return set(Piece({"set": "cre_irish", "work": "", "title": text}).names[1:])

    known: set[str] = set()
    for score in iter_scores(corpus, ["cre_irish", "pd_fiddle_abc"]):
        known |= title(score.title)
    recognizer = StyleRecognizer(run)
    lines = [
        "| kind | tunes | right | right kind or another dance | sure | right when sure | taken for |",
        "|---" * 7 + "|",
    ]
    left_out = 0
    for kind, wanted in KINDS.items():
        verdicts = []
        for path in sorted(folder.glob(f"{kind}*.abc")):
            for text in re.split(r"(?m)^(?=X:)", path.read_text("utf-8", errors="replace"))[1:]:
                try:
                    score = read_abc(text)
                    if title(score.title) & known:
                        left_out += 1
                        continue
                    verdicts.append(recognizer(score))
                except YuefuError:
                    continue
        found = Counter(verdict.label.key for verdict in verdicts)
        count = max(len(verdicts), 1)
        sure = [verdict for verdict in verdicts if verdict.sure]
        right = sum(verdict.label.key in wanted for verdict in sure)
        lines.append(
            f"| {kind} | {len(verdicts)} | {sum(found[label] for label in wanted) / count:.2f} | "
            f"{sum(found[label] for label in DANCES) / count:.2f} | {len(sure) / count:.0%} | {right / max(len(sure), 1):.2f} | "
            f"{', '.join(f'{label} {number}' for label, number in found.most_common(4))} |"
        )
    return [*lines, "", f"{left_out} tunes whose titles the corpora have were left out."]


def axes(judged: Any) -> str:
    """How often valence and arousal are right by themselves."""
    best, truth = judged.shares.argmax(axis=1), judged.truth
    happy = np.isin(best, (0, 3)) == np.isin(truth, (0, 3))
    excited = np.isin(best, (0, 1)) == np.isin(truth, (0, 1))
    return f"Valence right {happy.mean():.3f}, arousal {excited.mean():.3f}."


def main() -> None:
    """Read or train, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("styles", "sounds", "composers", "moods", "outside"))
    parser.add_argument("--run", type=Path)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--emopia", type=Path)
    parser.add_argument("--nottingham", type=Path)
    parser.add_argument(
        "--settings", type=Path, help="a TOML file like configs/styles.toml; else one beside this script"
    )
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    import torch

    torch.set_num_threads(arguments.threads)
    from yuefu.training.judged import judged
    from yuefu.training.labelled import cross_validate, splits
    from yuefu.training.recognizer import RollTask
    from yuefu.training.styles import StylesConfig

    default = (
        Path(__file__).parent / "recognition_moods.toml" if arguments.what == "moods" else Path("configs/styles.toml")
    )
    config = StylesConfig(**tomllib.loads((arguments.settings or default).read_text("utf-8")))
    if arguments.what == "styles":
        lines = styles(arguments.run, config.folds, config.precision)
    elif arguments.what == "sounds":
        lines = sounds(arguments.run, config.folds, config.precision)
    elif arguments.what == "outside":
        lines = outside(arguments.nottingham, arguments.corpus, arguments.run)
    else:
        cache = arguments.run / "rolls.npz"
        rolls = (
            composer_rolls(arguments.corpus, cache)
            if arguments.what == "composers"
            else mood_rolls(arguments.emopia, cache)
        )
        parts = splits(rolls.groups, rolls.truth, config.folds, config.loop.seed)

        def task_of(split: Any) -> Any:
            return RollTask(rolls, split, config.network, config.loop.seed)

        follow(cross_validate(task_of, parts, config.loop, arguments.run))
        found = judged(arguments.run, config.folds, config.precision)
        lines = [*tables(found, arguments.what[:-1]), *confusion(found)]
        if arguments.what == "moods":
            lines += [
                "",
                axes(found),
                "",
                official(rolls, arguments.emopia, config.network, config.loop, arguments.run / "official"),
            ]
    text = "\n".join(lines) + "\n"
    if arguments.out:
        arguments.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
