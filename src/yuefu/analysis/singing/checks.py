"""Rules of setting words, one function each: a line's score from 0 to 1 and what is wrong in words.

The rules are those that studies of lyric setting agree on (Zhang et al. 2022, "ReLyMe"; Nichols et al. 2009, on stress
and beats); their weights and tolerances are ours, set beside real songs (benchmarks/singing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from yuefu.analysis.singing.sung import REST, SungLine, SungSyllable


@dataclass(frozen=True, slots=True)
class Verdict:
    """score: 0 to 1, None where the rule has nothing to judge; faults: (index of a syllable in the line, English
    sentence, Chinese sentence)."""

    score: float | None
    faults: tuple[tuple[int, str, str], ...] = ()


#: Heights of the Mandarin tones at their start and end, 1 to 5 (Chao 1930); the third as it is spoken in a phrase.
TONES = {1: (5, 5), 2: (3, 5), 3: (2, 1), 4: (5, 2), 5: (3, 3)}
#: Semitones that are taken as level, and from which a move against the tones is heard as wrong.
LEVEL, AGAINST = 1, 3
LONGEST_RUN = 4
#: Syllables shorter than this can't be pronounced in time, seconds.
SHORTEST = 0.11
WIDEST = 12
LONGEST_MELISMA = 6


def tones(line: SungLine) -> Verdict:
    """Mandarin: from syllable to syllable the tune moves as the tones do, or at least not against them.

    A step between tones is up, down or free by the mean heights of both; a tune that moves three semitones the
    other way bends the word. Tones are soft: singers bend them, too.
    """
    judged, faults = 0, []
    wrong = 0.0
    for i, (one, two) in enumerate(pairwise(line.syllables)):
        if one.read.tone is None or two.read.tone is None or one.rest >= 2 * REST:
            continue
        a, b = TONES.get(one.read.tone, (3, 3)), TONES.get(two.read.tone, (3, 3))
        step = sum(b) / 2 - sum(a) / 2
        if abs(step) < 1.5:
            continue
        judged += 1
        move = two.pitches[0] - one.pitches[-1]
        if move * step < 0 and abs(move) >= AGAINST:
            wrong += 1
            en, zh = ("up", "上") if move > 0 else ("down", "下")
            faults.append((i + 1, f"the tune goes {en} {abs(move)} semitones, against the tones",
                           f"旋律{zh}行 {abs(move)} 个半音，与字调相反"))  # fmt: skip
        elif move * step < 0 and abs(move) > LEVEL:
            wrong += 0.5
    return Verdict(1 - wrong / judged if judged else None, tuple(faults))


def stress(line: SungLine) -> Verdict:
    """English: of two neighbours the stressed one has the stronger beat, or is the longer or higher one."""
    judged, good, faults = 0, 0.0, []
    for i, (one, two) in enumerate(pairwise(line.syllables)):
        a, b = _weight(one), _weight(two)
        if a is None or b is None or abs(a - b) < 1:
            continue
        strong, weak, place = (one, two, i) if a > b else (two, one, i + 1)
        judged += 1
        if strong.beat > weak.beat:
            good += 1
        elif strong.beat == weak.beat:
            good += 0.75
        elif strong.seconds > 1.3 * weak.seconds or strong.pitches[0] > weak.pitches[0] + 2:
            good += 0.6
        else:
            faults.append((place, f"stressed '{strong.read.text}' on a weaker beat than '{weak.read.text}'",
                           f"重读的“{strong.read.text}”落在比“{weak.read.text}”更弱的拍上"))  # fmt: skip
    return Verdict(good / judged if judged else None, tuple(faults))


def _weight(syllable: SungSyllable) -> float | None:
    """How much weight a syllable has in speech: 2 a stressed one, 0 an unstressed or a function word."""
    read = syllable.read
    if read.stress is None:
        return None
    return 0.0 if read.function or read.stress == 0 else 2.0 if read.stress == 1 else 1.0


def keywords(line: SungLine) -> Verdict:
    """The words that a phrase leans on begin on a beat; small words don't take the bar's first."""
    told = [(i, s) for i, s in enumerate(line.syllables) if s.read.keyword and s.read.syllabic in ("single", "begin")]
    small = [(i, s) for i, s in enumerate(line.syllables) if s.read.function]
    faults = [(i, f"'{s.read.text}', which the line leans on, falls between the beats",
               f"重点字“{s.read.text}”落在拍与拍之间") for i, s in told if s.beat == 0]  # fmt: skip
    good = sum(s.beat > 0 for _, s in told) + sum(s.beat < 3 for _, s in small) * 0.5
    most = len(told) + len(small) * 0.5
    return Verdict(good / most if most else None, tuple(faults))


def breath(line: SungLine) -> Verdict:
    """Rests stand where the words breathe: after the line, at punctuation, never inside a word."""
    faults, wrong = [], 0.0
    for i, syllable in enumerate(line.syllables[:-1]):
        after = line.syllables[i + 1].read
        inside = after.syllabic in ("middle", "end") or (after.word == syllable.read.word and after.word > 0)
        if syllable.rest >= REST and not syllable.read.break_after:
            # A score may have lost its commas, so that a rest between words can be a breath after all.
            wrong += 1.0 if inside else 0.2
            if inside:
                faults.append((i, f"a rest after '{syllable.read.text}' parts a word",
                               f"“{syllable.read.text}”后的休止把词断开了"))  # fmt: skip
        elif syllable.read.break_after == "." and syllable.rest < REST and syllable.seconds < 0.5:
            wrong += 0.5
    last = line.syllables[-1]
    if last.rest < REST and last.seconds < 0.6:
        wrong += 1.0
        faults.append((len(line.syllables) - 1, "no room to breathe after the line", "句末没有换气的余地"))
    return Verdict(max(0.0, 1 - wrong / 2), tuple(faults))


def repeats(line: SungLine) -> Verdict:
    """No more than four syllables in a row on one pitch."""
    run = longest = 1
    for one, two in pairwise(line.syllables):
        run = run + 1 if one.pitches[-1] == two.pitches[0] and len(two.pitches) == 1 else 1
        longest = max(longest, run)
    over = longest - LONGEST_RUN
    if over <= 0:
        return Verdict(1.0)
    return Verdict(max(0.0, 1 - over / 4), ((0, f"{longest} syllables on one pitch", f"连续 {longest} 个字同音高"),))


def ending(line: SungLine) -> Verdict:
    """A question rises at its end, a statement doesn't leap up."""
    if len(line.syllables) < 3:
        return Verdict(None)
    last = line.syllables[-1]
    move = last.pitches[-1] - line.syllables[-2].pitches[-1]
    asked = line.text.rstrip().endswith(("?", "？", "吗", "呢"))
    if asked:
        return Verdict(1.0 if move >= 0 else 0.5)
    if move > 7:
        return Verdict(0.4, ((len(line.syllables) - 1, f"the line ends with a leap up of {move} semitones",
                              f"句末上跳 {move} 个半音"),))  # fmt: skip
    return Verdict(1.0 if move <= 4 else 0.8)


def pace(line: SungLine) -> Verdict:
    """Every syllable can be pronounced in its time."""
    short = [(i, s) for i, s in enumerate(line.syllables) if s.seconds < SHORTEST]
    faults = tuple(
        (i, f"'{s.read.text}' lasts {s.seconds:.2f} s", f"“{s.read.text}”只有 {s.seconds:.2f} 秒") for i, s in short
    )
    return Verdict(max(0.0, 1 - 4 * len(short) / len(line.syllables)), faults)


def leaps(line: SungLine) -> Verdict:
    """No leap beyond an octave, few beyond a sixth."""
    moves = [two.pitches[0] - one.pitches[-1] for one, two in pairwise(line.syllables)]
    wide = [(i + 1, m) for i, m in enumerate(moves) if abs(m) > WIDEST]
    big = sum(abs(m) > 9 for m in moves)
    faults = tuple((i, f"a leap of {abs(m)} semitones", f"跳进 {abs(m)} 个半音") for i, m in wide)
    return Verdict(max(0.0, 1 - 0.5 * len(wide) - 0.2 * big), faults)


def melismas(line: SungLine) -> Verdict:
    """Several notes on one syllable: not on small words, not too many."""
    long = [(i, s) for i, s in enumerate(line.syllables) if len(s.pitches) > LONGEST_MELISMA]
    small = sum(len(s.pitches) > 2 and s.read.function for s in line.syllables)
    faults = tuple(
        (i, f"{len(s.pitches)} notes on '{s.read.text}'", f"“{s.read.text}”上有 {len(s.pitches)} 个音") for i, s in long
    )
    return Verdict(max(0.0, 1 - 0.5 * len(long) - 0.25 * small), faults)


#: Rule -> function and weight in a line's score.
CHECKS: dict[str, tuple[Callable[[SungLine], Verdict], float]] = {
    "tones": (tones, 1.5), "stress": (stress, 1.5), "keywords": (keywords, 1.0), "breath": (breath, 1.5),
    "repeats": (repeats, 0.7), "ending": (ending, 0.5), "pace": (pace, 1.0), "leaps": (leaps, 0.8),
    "melismas": (melismas, 0.5),
}  # fmt: skip


def tessitura(lines: Sequence[SungLine], low: int, high: int) -> float:
    """Share of sung time within ``low`` to ``high`` (MIDI numbers)."""
    told = [(s, s.end - s.start) for line in lines for s in line.syllables]
    total = sum(ticks for _, ticks in told)
    return sum(t for s, t in told if all(low <= p <= high for p in s.pitches)) / total if total else 1.0
