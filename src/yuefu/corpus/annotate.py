"""Key and chords for pieces that come without: found by the project's own analysis."""

from __future__ import annotations

from dataclasses import replace

from yuefu.analysis.chords import infer_chords
from yuefu.analysis.key import estimate_key
from yuefu.score.model import KeyChange, Score
from yuefu.theory.key import Key

#: Confidence from which the ear is believed against a signature that was written.
SURE = 0.8
#: Least share of the piece that chord symbols must cover to count as given.
MIN_COVER = 0.3


def annotate(score: Score, trust_key: bool) -> Score:
    """The score with a key map and chord symbols.

    trust_key: the source's signatures were set by someone (MIDI files often carry a C major that
    nobody meant). Even then the mode is checked: sources rarely tell A minor from C major.
    metadata gets ``chords``: ``"given"`` or ``"inferred"``.
    """
    score = replace(score, metadata=dict(score.metadata))
    score = replace(score, keys=_keys(score, trust_key))
    if sum(c.duration for c in score.chords) >= MIN_COVER * score.end_tick:
        score.metadata["chords"] = "given"
        return score
    if any(len(part.notes) and not part.is_drums for part in score.parts):
        compound = score.meters[0].numerator in (4, 6, 8, 12)
        score = replace(score, chords=infer_chords(score, resolution="half" if compound else "beat"))
        score.metadata["chords"] = "inferred"
    return score


def _keys(score: Score, trust: bool) -> tuple[KeyChange, ...]:
    pitched = any(len(part.notes) and not part.is_drums for part in score.parts)
    if not pitched and not score.chords:
        return (KeyChange(0, Key()),)
    if not trust:
        return (KeyChange(0, estimate_key(score).key),)
    if len(score.keys) == 1:
        written = score.keys[0].key
        heard = estimate_key(score)
        relative = heard.key.fifths == written.fifths and heard.key.mode != written.mode
        if relative and heard.confidence >= 0.5:
            return (KeyChange(0, heard.key),)
    return score.keys


