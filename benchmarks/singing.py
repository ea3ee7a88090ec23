"""How well words sit on the tunes that are written for them, beside real songs, and beside tunes that ignore the words.

    python benchmarks/singing.py --corpus CORPUS --out docs/tables/singing.md

English words are the first verses of held-out hymns, lead sheets and, to fill up, art songs (their own tunes are the
human row, and what PD, DD and MD are measured against), Chinese ones held-out poems of four to eight lines. Every lyric is set twice with
one seed: as usual, and with nothing heeded but the number of syllables. PD and DD: overlap of the histograms of pitches
(moved to one key) and durations with those of the human tune, percent; MD: mean distance in semitones along the best
alignment in time of both tunes about their means (Sheng et al. 2021, "SongMASS"; our own reading of the
formulas, on other songs than theirs).
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from statistics import fmean

import numpy as np

from yuefu.analysis.singing import SingingSheet, check_singing
from yuefu.analysis.singing.sung import sung_lines, sung_part
from yuefu.score.model import Part, Score

SETS = ("openhymnal", "openewld")
#: Art songs in several languages, which fill up what the others lack.
MORE = "openscore_lieder"
#: Words that nearly every verse of English has, and none of another language.
ENGLISH = frozenset(("the", "and", "of", "with", "to"))
MOST_LINES = 8


def first_verse(score: Score) -> tuple[str, Score] | None:
    """The words of up to eight lines of a song's first verse, and the song."""
    part = sung_part(score)
    if part is None:
        return None
    lines = [line for line in sung_lines(score, part) if line.verse == 1 and 3 <= len(line.syllables) <= 16]
    text = "\n".join(line.text for line in lines[:MOST_LINES])
    ascii_share = sum(c.isascii() for c in text) / max(len(text), 1)
    return (text, score) if len(lines) >= 4 and ascii_share > 0.99 else None


def english(corpus: Path, count: int) -> list[tuple[str, Score]]:
    """Held-out songs with English words: hymns and lead sheets first, then art songs."""
    from yuefu.corpus.store import iter_scores

    found = []
    for names in (SETS, (MORE,)):
        for split in ("test", "valid"):
            for name in names:
                verses = (first_verse(score) for score in iter_scores(corpus, sets=[name], split=split))
                found += [verse for verse in verses if verse and (name != MORE or is_english(verse[0]))]
    return found[:count]


def is_english(text: str) -> bool:
    """Whether a verse in Latin letters is English.

    >>> is_english("The fly has married the humble bee"), is_english("Du bist die Ruh, der Friede mild")
    (True, False)
    """
    return not ENGLISH.isdisjoint(text.lower().split())


def chinese(corpus: Path, count: int) -> list[str]:
    """Held-out poems of four to eight lines of three to nine characters, spread over the set."""
    from yuefu.corpus.texts import iter_texts

    found = []
    for record in iter_texts(corpus, "text_chinese_poetry", "test"):
        lines = [
            line for part in record.text.splitlines() for line in part.replace("。", "，").split("，") if line.strip()
        ]
        if 4 <= len(lines) <= 8 and all(3 <= sum("一" <= c <= "鿿" for c in line) <= 9 for line in lines):
            found.append("\n".join(lines))
    return [found[i * len(found) // count] for i in range(min(count, len(found)))]


def placed(text: str, score: Score) -> bool:
    """Whether every syllable of a lyric is under a note, in order."""
    from yuefu.text.lyrics import parse_lyrics

    part = sung_part(score)
    assert part is not None
    wanted = [s.text for line in parse_lyrics(text).lines for s in line.syllables]
    return [s.text for s in part.syllables if s.verse == 1] == wanted


def melody(score: Score, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Pitches less the key's tonic, and durations in quarters, of a sung part's first line of notes."""
    key = score.key_at(0).shift
    return part.notes["pitch"].astype(int) - key, part.notes["duration"] / 24


def overlap(one: np.ndarray, two: np.ndarray) -> float:
    """Overlap of two histograms, 0 to 100."""
    a, b = (Counter(values.tolist()) for values in (one, two))
    return 100 * sum(min(a[k] / len(one), b[k] / len(two)) for k in a.keys() | b.keys())


def distance(one: Score, two: Score) -> float:
    """Mean distance in semitones of two sung tunes about their means, by dynamic time warping of sixteenths."""
    curves = []
    for score in (one, two):
        part = sung_part(score)
        assert part is not None
        curve = np.concatenate([np.full(max(1, int(n["duration"]) // 6), int(n["pitch"])) for n in part.notes])[:512]
        curves.append(curve - curve.mean())
    a, b = curves
    cost = np.abs(a[:, None] - b[None])
    total = np.full((len(a) + 1, len(b) + 1), np.inf)
    steps = np.zeros_like(total)
    total[0, 0] = 0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            choices = ((i - 1, j - 1), (i - 1, j), (i, j - 1))
            best = min(choices, key=lambda place: total[place])
            total[i, j] = total[best] + cost[i - 1, j - 1]
            steps[i, j] = steps[best] + 1
    return float(total[-1, -1] / steps[-1, -1])


def row(name: str, sheets: list[SingingSheet], names: list[str]) -> str:
    """A line of the table."""
    cells = [
        f"{fmean(values):.3f}" if (values := [s.checks[n] for s in sheets if n in s.checks]) else "-" for n in names
    ]
    kin = [s.kinship for s in sheets if s.kinship is not None]
    return (f"| {name} | {len(sheets)} | {fmean(s.score for s in sheets):.3f} | {' | '.join(cells)} "
            f"| {fmean(s.tessitura for s in sheets):.3f} | {f'{fmean(kin):.3f}' if kin else '-'} |")  # fmt: skip


def main() -> None:
    """Set all lyrics, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30, help="lyrics a language")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    from yuefu.analysis.singing.checks import CHECKS
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.compose import compose
    from yuefu.workflows.leanings import Taste

    songs = english(arguments.corpus, arguments.count)
    lyrics = {"en": [text for text, _ in songs], "zh": chinese(arguments.corpus, arguments.count)}
    names = list(CHECKS)
    lines = [
        f"| setting | lyrics | score | {' | '.join(names)} | tessitura | kinship |",
        "|---" * (len(names) + 5) + "|",
    ]
    lines.append(row("human, en", [check_singing(score) for _, score in songs], names))
    likeness: dict[str, list[tuple[float, float, float]]] = {}
    whole = total = 0
    for language, texts in lyrics.items():
        for name, taste in (("yuefu", Taste()), ("words not heeded", Taste(words=0.0))):
            sheets = []
            for seed, text in enumerate(texts, 1):
                made = compose("", BriefOptions(lyrics=text, seed=seed), taste=taste).score
                sheets.append(check_singing(made))
                if name == "yuefu":
                    whole, total = whole + placed(text, made), total + 1
                if language == "en":
                    human = songs[seed - 1][1]
                    ours, theirs = (melody(s, sung_part(s)) for s in (made, human))  # type: ignore[arg-type]
                    likeness.setdefault(name, []).append(
                        (overlap(ours[0], theirs[0]), overlap(ours[1], theirs[1]), distance(made, human))
                    )
            lines.append(row(f"{name}, {language}", sheets, names))
            print(lines[-1], flush=True)
    lines += ["", f"Every syllable under a note and in order: {whole} of {total} lyrics.", "",
              "| English, beside the human tune of the same words | PD, % | DD, % | MD, semitones |", "|---|---|---|---|"]  # fmt: skip
    for name, found in likeness.items():
        lines.append(f"| {name} | " + " | ".join(f"{fmean(column):.2f}" for column in zip(*found, strict=True)) + " |")
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
