"""Findings on scale, grouping, rhythm, drone and ornaments: what was asked, and what the written MIDI holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yuefu.analysis.colour import (
    drone_share,
    final_class,
    grouping_heard,
    scale_share,
    small_notes,
    tempo_spread,
)
from yuefu.score.model import Score
from yuefu.text.brief import Brief
from yuefu.theory.key import Key
from yuefu.theory.modes import MODES, Mode
from yuefu.theory.pitch import name_of

#: The least share of a tune's time that lies in the scale that was asked for.
IN_SCALE = 0.99
#: The least share of the time in which a drone sounds.
HELD = 0.85
#: How much the tempo moves (``tempo_spread``) where rhythm is free.
FREE = 0.12

#: Field, what was found, whether it was met, what was asked (None: the brief's own value).
Finding = tuple[str, Any, bool | None, Any]


def colour_findings(brief: Brief, score: Score) -> Iterator[Finding]:
    """The findings for those of the fields that were asked for."""
    key = score.keys[0].key
    if brief.scale.value is not None:
        mode, tonic = _heard_mode(brief, score, key)
        share, final = scale_share(score, mode.scale_on(tonic)), final_class(score)
        asked = name_of(tonic, key.fifths) + " " if brief.key.value is not None else ""
        found = {
            "share": round(share, 3), "final": "" if final is None else name_of(final, key.fifths),
            "tonic": name_of(tonic, key.fifths), "note_en": mode.note_en, "note_zh": mode.note_zh,
        }  # fmt: skip
        yield "scale", found, share >= IN_SCALE and final in (None, tonic), f"{asked}{brief.scale.value}"
    if brief.grouping.value is not None:
        heard, share = grouping_heard(score, brief.grouping.value)
        yield "grouping", {"heard": list(heard), "share": round(share, 3)}, heard == brief.grouping.value, None
    if brief.rhythm.value is not None:
        spread = tempo_spread(score)
        yield "rhythm", round(spread, 3), (spread >= FREE) == (brief.rhythm.value == "free"), None
    if brief.drone.value is not None:
        tonic = MODES[brief.scale.value].tonic_in(key) if brief.scale.value else key.tonic
        share = drone_share(score, tonic)
        yield "drone", round(share, 3), (share >= HELD) if brief.drone.value else None, None
    if brief.ornaments.value is not None:
        count = small_notes(score)
        sung = any(part.syllables for part in score.parts)
        met = (count == 0) if brief.ornaments.value == "none" else (count > 0 or (None if sung else False))
        yield "ornaments", count, met, None


def _heard_mode(brief: Brief, score: Score, key: Key) -> tuple[Mode, int]:
    """The mode that was asked for and its tonic; of two that a name may mean, the one that the tune lies in."""
    mode = MODES[brief.scale.value or ""]

    def tonic_of(one: Mode) -> int:
        return Key.parse(brief.key.value).tonic if brief.key.value is not None else one.tonic_in(key)

    options = [MODES[name] for name in mode.either] or [mode]
    best = max(options, key=lambda one: scale_share(score, one.scale_on(tonic_of(one))))
    return best, tonic_of(best)
