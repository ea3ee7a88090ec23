"""What a row's rules add to the logits of a phrase's steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yuefu.generation.rules import RowRules
from yuefu.tokens.phrase_attributes import beat_steps
from yuefu.tokens.phrases import LANES, LOWEST_PITCH, SAYINGS, SILENT, STEP, STRUCK, Phrase, chord_of

_NEVER = np.float32(-1e9)
#: What a chord tone gains in a phrase's last bar, where it comes to rest.
_REST = 1.0
#: The pitch classes of C major and A minor.
HOME = frozenset((0, 2, 4, 5, 7, 9, 11))


def line_bias(
    phrase: Phrase,
    rules: Sequence[RowRules],
    offsets: Sequence[int] = (),
    shift: int = 0,
    silence: float = 0.0,
    firm: float = 1.0,
) -> NDArray[np.float32]:
    """(bars, steps, sayings) for a line.

    rules: of each bar; offsets: where a pick-up begins in its bar, in ticks; shift: semitones by which the line sounds
    higher than the network writes it; silence: added to saying nothing; firm: how many times what the rules
    give for a chord tone on the beat.
    """
    bars, length = phrase.steps.shape
    beat = beat_steps(phrase.meter)
    out = np.zeros((bars, length, SAYINGS), dtype=np.float32)
    pitches = np.arange(SAYINGS - STRUCK) + LOWEST_PITCH + shift
    classes = pitches % 12
    flat = phrase.chords.reshape(-1)
    for bar, rule in enumerate(rules):
        out[bar][:, STRUCK:][:, (pitches < rule.low) | (pitches > rule.high)] = _NEVER
        for step in range(length):
            chord = chord_of(int(phrase.chords[bar, step]))
            tones = np.isin(classes, chord.pitch_classes if chord is not None else ())
            at_home = np.isin(classes, sorted(rule.scale if rule.scale is not None else range(12)))
            gain = np.where(tones | at_home, 0.0, rule.outside)
            if step % beat == 0:
                gain = gain + firm * rule.chord_tone * tones
            if bar == bars - 1 and chord is not None:
                gain = gain + _REST * tones
            at = bar * length + step
            if chord is not None and (at == 0 or flat[at] != flat[at - 1]):
                gain = gain + rule.root * (classes == chord.root)
            out[bar, step, STRUCK:] += gain.astype(np.float32)
        out[bar][_barred(rule, length, offsets[bar] if offsets else 0), STRUCK:] = _NEVER
        out[bar][:, SILENT] += silence
    return out


def drum_bias(phrase: Phrase, rules: Sequence[RowRules], offsets: Sequence[int] = ()) -> NDArray[np.float32]:
    """(bars, steps, lanes) for drums."""
    bars, length = phrase.steps.shape[:2]
    out = np.zeros((bars, length, len(LANES)), dtype=np.float32)
    for bar, rule in enumerate(rules):
        if rule.hits is not None:
            out[bar][:, [pitch not in rule.hits for pitch in LANES]] = _NEVER
        out[bar][_barred(rule, length, offsets[bar] if offsets else 0)] = _NEVER
    return out


def _barred(rule: RowRules, length: int, offset: int) -> NDArray[np.bool_]:
    """Steps at which nothing may begin."""
    ticks = np.arange(length) * STEP
    return ~np.isin(ticks % 24, rule.places) | (ticks < offset) | (ticks > rule.latest)
