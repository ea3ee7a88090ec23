"""Key and chords for pieces that come without: found by the project's own analysis."""

from __future__ import annotations

from dataclasses import replace

from yuefu.analysis.chords import infer_chords
from yuefu.analysis.key import estimate_key
from yuefu.corpus.clean import window
from yuefu.score.model import ChordSpan, KeyChange, Score
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

#: Confidence from which the ear is believed against a signature without sharps or flats.
SURE = 0.85
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
        chords = infer_chords(score, resolution="half" if compound else "beat")
        lone = sum(not part.is_drums for part in score.parts) == 1
        chords = tuple(span for span in chords if span.duration > 0)
        score = replace(score, chords=plain(chords, score) if lone else chords)
        score.metadata["chords"] = "inferred"
    return score


def plain(chords: tuple[ChordSpan, ...], score: Score) -> tuple[ChordSpan, ...]:
    """Chords read off a lone tune, kept to what a tune can tell: no inversions, no suspended chords.

    A suspension becomes the triad that the key has on its root.
    """
    out: list[ChordSpan] = []
    for span in chords:
        chord = span.chord
        if chord is not None:
            chord = replace(chord, bass=None)
            if "sus" in chord.quality:
                scale = score.key_at(span.start).scale
                minor = (chord.root + 3) % 12 in scale and (chord.root + 4) % 12 not in scale
                dominant = chord.quality.startswith("7")
                chord = Chord(chord.root, ("m7" if minor else "7") if dominant else ("m" if minor else ""))
        if out and out[-1].chord == chord and out[-1].start + out[-1].duration == span.start:
            out[-1] = replace(out[-1], duration=out[-1].duration + span.duration)
        else:
            out.append(replace(span, chord=chord))
    return tuple(out)


def _keys(score: Score, trust: bool) -> tuple[KeyChange, ...]:
    pitched = any(len(part.notes) and not part.is_drums for part in score.parts)
    if not pitched and not score.chords:
        return (KeyChange(0, Key()),)
    if not trust:
        return (KeyChange(0, estimate_key(score).key),)
    sure = 0.5 if score.metadata.get("mode_given", True) else 0.0
    edges = [*(change.tick for change in score.keys), score.end_tick]
    out = []
    for change, end in zip(score.keys, edges[1:]):
        if end <= change.tick:
            continue
        part = score if len(score.keys) == 1 else window(score, change.tick, end)
        heard = estimate_key(part)
        if heard.key.fifths == change.key.fifths:
            believed = heard.confidence >= sure
        else:  # an empty signature may be one that nobody wrote
            believed = change.key.fifths == 0 and heard.confidence >= SURE
        out.append(KeyChange(change.tick, heard.key) if believed else change)
    return tuple(out) or score.keys
