"""Whether pieces sound as they were asked to: four quadrants of mood, judged by a classifier that never saw our music.

    python benchmarks/moods.py --emopia FOLDER --out docs/tables/moods.md
    python benchmarks/moods.py --emopia FOLDER --facts --out docs/tables/moods_facts.md

The classifier is a logistic regression on hand-made features of notes (tempo-free: in seconds), learnt from the train
part of EMOPIA (Hung et al. 2021: pop piano, four quadrants as people heard them; used for measuring only) and first
measured on its test part. Then pieces for piano are composed from scenes of words_en.toml and words_zh.toml whose
quadrant is clear, and classified. `--facts` measures instead how well `tokens.facts.mood`, by which pieces of the
training corpora are told apart in the model's header, agrees with EMOPIA's labels. FOLDER holds EMOPIA's MIDI files,
named ``Q1_...mid`` to ``Q4_...mid``.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

QUADRANTS = ("+ +", "- +", "- -", "+ -")  #: valence, arousal, in EMOPIA's order Q1 to Q4
SIGNS = {("+", "+"): 0, ("-", "+"): 1, ("-", "-"): 2, ("+", "-"): 3}
#: Krumhansl and Kessler 1982: how well each degree fits a major and a minor key.
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
SLOWEST = 55.0  #: estimated tempi are halved until they are less than twice this
NAMES = ("onsets a second", "notes an onset", "mean pitch", "spread of pitch", "lowest", "loudness", "spread of loudness",
         "mean seconds", "overlap", "major less minor", "entropy", "semitones", "longest gap")  # fmt: skip


def features(path: Path) -> np.ndarray:
    """(len(NAMES),) numbers of a MIDI file's notes, drums left out."""
    import pretty_midi

    midi = pretty_midi.PrettyMIDI(str(path))
    for instrument in midi.instruments:
        sustain(instrument)
    notes = sorted((n for i in midi.instruments if not i.is_drum for n in i.notes), key=lambda n: n.start)
    start = np.array([n.start for n in notes])
    seconds = np.array([n.end - n.start for n in notes])
    pitch = np.array([n.pitch for n in notes], dtype=float)
    loud = np.array([n.velocity for n in notes], dtype=float)
    onsets = start[np.concatenate([[True], np.diff(start) > 0.03])]
    length = max(start[-1] + seconds[-1] - start[0], 1.0)
    classes = np.bincount(pitch.astype(int) % 12, weights=seconds, minlength=12)
    share = classes / classes.sum()
    fit = [max(np.corrcoef(np.roll(profile, k), classes)[0, 1] for k in range(12)) for profile in (MAJOR, MINOR)]
    together = [
        abs(a - b) % 12
        for i, a in enumerate(pitch)
        for j, b in enumerate(pitch[i + 1 : i + 5])
        if start[i + 1 + j] - start[i] < 0.05
    ]
    return np.array(
        [
            len(onsets) / length,
            len(notes) / len(onsets),
            pitch.mean(),
            pitch.std(),
            np.percentile(pitch, 5),
            loud.mean(),
            loud.std(),
            np.log(seconds.mean()),
            seconds.sum() / length,
            fit[0] - fit[1],
            -(share * np.log2(share + 1e-9)).sum(),
            np.mean([t in (1, 11) for t in together]) if together else 0.0,
            np.diff(onsets).max() if len(onsets) > 1 else 0.0,
        ]
    )


def sustain(instrument: Any) -> None:
    """Let notes last as long as the pedal holds them: EMOPIA's, transcribed from sound, already do."""
    pedal = sorted((c.time, c.value >= 64) for c in instrument.control_changes if c.number == 64)
    for note in instrument.notes:
        before = [down for time, down in pedal if time <= note.end]
        if before and before[-1]:
            note.end = next((time for time, down in pedal if time > note.end and not down), note.end)


class Regression:
    """Multinomial logistic regression with an L2 penalty on standardised features."""

    def __init__(self, x: np.ndarray, y: np.ndarray, penalty: float = 1e-2) -> None:
        self.mean, self.spread = x.mean(axis=0), x.std(axis=0) + 1e-9
        z, n = self._ready(x), len(QUADRANTS)
        wanted = np.eye(n)[y]

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            w = flat.reshape(z.shape[1], n)
            scores = z @ w
            scores -= scores.max(axis=1, keepdims=True)
            p = np.exp(scores)
            p /= p.sum(axis=1, keepdims=True)
            value = -np.log((p * wanted).sum(axis=1) + 1e-12).mean() + penalty * (w**2).sum()
            return value, (z.T @ (p - wanted) / len(z) + 2 * penalty * w).ravel()

        self.weights = minimize(loss, np.zeros(z.shape[1] * n), jac=True).x.reshape(z.shape[1], n)

    def _ready(self, x: np.ndarray) -> np.ndarray:
        return np.column_stack([(x - self.mean) / self.spread, np.ones(len(x))])

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The likeliest quadrant of each row."""
        return (self._ready(x) @ self.weights).argmax(axis=1)


def facts_of(path: Path) -> tuple[str, float, float, float]:
    """What `tokens.facts.mood` is told of a clip: mode, tempo, onsets a second, mean pitch.

    EMOPIA's files are transcriptions without a beat, so the tempo is pretty_midi's estimate, halved until it is below
    110: a guess, so that a steady tempo of 100 stands beside it in the table.
    """
    import pretty_midi

    from yuefu.analysis.key import estimate_key
    from yuefu.score.files import read_score

    midi = pretty_midi.PrettyMIDI(str(path))
    tempo = midi.estimate_tempo()
    while tempo > SLOWEST * 2:
        tempo /= 2
    own = features(path)
    return estimate_key(read_score(path)).key.mode, tempo, own[0], own[2]


def facts_table(files: list[Path], quadrants: np.ndarray) -> list[str]:
    """How the hand-set moods of clips agree with what people heard in them, beside single facts."""
    from yuefu.tokens.facts import mood

    facts = [facts_of(path) for path in files]
    whole = np.array([mood(*told) for told in facts])
    steady = np.array([mood(mode, 100.0, onsets, pitch) for mode, _, onsets, pitch in facts])
    readings = [("mood()", whole), ("mood() at a tempo of 100", steady)]
    for name, values in (
        ("mode alone", [1.0 if told[0] == "major" else -1.0 for told in facts]),
        ("tempo (estimated) alone", [told[1] for told in facts]),
        ("onsets a second alone", [told[2] for told in facts]),
        ("mean pitch alone", [told[3] for told in facts]),
    ):
        readings.append((name, np.column_stack([values, values])))
    lines = [
        f"`tokens.facts.mood` beside the labels of EMOPIA's {len(files)} clips. r: correlation with the label's sign; sign: share "
        "whose sign is the label's; halves: the same with the median as zero; area under the ROC curve.",
        "",
        "| told by | valence r | sign | halves | area | arousal r | sign | halves | area |",
        "|---" * 9 + "|",
    ]
    wanted = (np.isin(quadrants, (0, 3)), np.isin(quadrants, (0, 1)))
    for name, values in readings:
        cells = []
        for axis, high in enumerate(wanted):
            column = values[:, axis]
            sign = f"{np.mean((column > 0) == high):.3f}" if name.startswith(("mood", "mode")) else "-"
            cells += [f"{np.corrcoef(column, high)[0, 1]:.3f}", sign]
            cells += [f"{np.mean((column > np.median(column)) == high):.3f}" if "mode" not in name else "-"]
            cells += [f"{area(column, high):.3f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def area(values: np.ndarray, high: np.ndarray) -> float:
    """Area under the ROC curve: how often a high clip's value is above a low clip's.

    >>> area(np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
    1.0
    """
    above = values[high][:, None] - values[~high][None]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def confusion(wanted: np.ndarray, found: np.ndarray) -> list[str]:
    """A table with the asked quadrants as rows, and what is right in all and by axis."""
    lines = [f"| asked | {' | '.join(QUADRANTS)} |", "|---" * 5 + "|"]
    for q, name in enumerate(QUADRANTS):
        lines.append(
            f"| {name} | " + " | ".join(str(int(((wanted == q) & (found == f)).sum())) for f in range(4)) + " |"
        )
    happy, excited = (
        np.isin(wanted, (0, 3)) == np.isin(found, (0, 3)),
        np.isin(wanted, (0, 1)) == np.isin(found, (0, 1)),
    )
    lines += [
        "",
        f"Quadrant {np.mean(wanted == found):.3f}, valence {happy.mean():.3f}, arousal {excited.mean():.3f} "
        f"of {len(wanted)}.",
    ]
    return lines


def prompts(each: int) -> list[tuple[str, int]]:
    """``each`` scenes a quadrant, half of them Chinese."""
    found = []
    for language in ("en", "zh"):
        taken = [0] * 4
        for case in tomllib.loads(Path(__file__).with_name(f"words_{language}.toml").read_text("utf-8"))["case"]:
            expect = case["expect"]
            quadrant = SIGNS.get((expect.get("valence"), expect.get("arousal")))
            if case["kind"] == ["mood"] and quadrant is not None and taken[quadrant] < each // 2:
                taken[quadrant] += 1
                found.append((case["words"], quadrant))
    return found


def main() -> None:
    """Learn, measure, compose, classify."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--emopia", type=Path, required=True)
    parser.add_argument("--pieces", type=Path, default=Path("runs/moods"), help="where the composed MIDI files go")
    parser.add_argument("--each", type=int, default=10, help="pieces a quadrant")
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[0, 1000], help="added to every piece's seed, a table each"
    )
    parser.add_argument("--facts", action="store_true", help="measure tokens.facts.mood, compose nothing")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    from yuefu import compose

    files = sorted(arguments.emopia.rglob("Q[1-4]_*.mid"))
    songs = ["_".join(path.name.split("_")[1:-1]) for path in files]  # clips of one song stay on one side
    chosen = np.random.default_rng(1).permutation(sorted(set(songs)))
    tested = set(chosen[: len(chosen) // 5])
    x = np.array([features(path) for path in files])
    y = np.array([int(path.name[1]) - 1 for path in files])
    held = np.array([song in tested for song in songs])
    if arguments.facts:
        write(facts_table(files, y), arguments.out)
        return
    classifier = Regression(x[~held], y[~held])
    lines = [
        f"EMOPIA, {held.sum()} held-out clips of {len(tested)} songs, by a classifier that learnt from the other {(~held).sum()}.",
        "",
    ]
    lines += confusion(y[held], classifier(x[held]))
    arguments.pieces.mkdir(parents=True, exist_ok=True)
    for base in arguments.seed:
        rows, wanted = [], []
        for number, (words, quadrant) in enumerate(prompts(arguments.each), start=base + 1):
            path = arguments.pieces / f"{number}.mid"
            path.write_bytes(compose(words, instruments="piano", bars=16, seed=number).midi)
            rows.append(features(path))
            wanted.append(quadrant)
            heard = QUADRANTS[classifier(rows[-1][None])[0]]
            print(f"{number}: {words[:40]} asked {QUADRANTS[quadrant]} heard {heard}", flush=True)
        lines += ["", f"Ours: piano pieces of 16 bars from scenes, half of them Chinese; seeds from {base + 1} on.", ""]
        lines += confusion(np.array(wanted), classifier(np.array(rows)))
    write(lines, arguments.out)


def write(lines: list[str], path: Path | None) -> None:
    """Print a table, and write it where it was asked for."""
    text = "\n".join(lines) + "\n"
    print(text)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
