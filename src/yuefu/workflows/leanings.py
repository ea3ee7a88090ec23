"""Taste in one table: how much each row leans where, beside what the model says by itself.

All weights are added to logits (see ``RowRules``), so 0 leaves a choice to the model. The better the
model, the less it needs them; ``scaled`` weakens a row's leanings and ``benchmarks/sampling_settings.py``
measures the effect beside the corpus.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from yuefu.generation.fill import SamplingSettings

#: Row or group of styles -> RowRules field -> weight.
Leanings = Mapping[str, Mapping[str, float]]

#: How each row leans. The tune steps and is free between the beats; whoever accompanies it
#: keeps to the chord, to the figure, out of the tune's way and below it.
LEANINGS: dict[str, dict[str, float]] = {
    "melody": {"chord_tone": 1.2, "smooth": 0.15, "off_beat": 0.3, "harmonic": -0.2, "again": -0.8, "pull": 0.015},
    "counter": {"chord_tone": 1.5, "smooth": 0.4, "off_beat": -1.5, "harmonic": -1.5, "clash": -4.0, "under": -1.0,
                "rhythm": 2.0, "legato": 2.0, "again": -1.5},
    "inner": {"chord_tone": 2.0, "smooth": 0.5, "off_beat": -1.5, "harmonic": -3.0, "clash": -4.0, "under": -3.0,
              "rhythm": 2.5, "legato": 2.5, "again": -0.8},
    "bass": {"chord_tone": 2.0, "smooth": 0.12, "off_beat": -2.0, "harmonic": -1.2, "clash": -1.5, "anchor": 4.0,
             "root": 7.0, "rhythm": 4.0, "legato": 2.0},
    "keys": {"chord_tone": 1.0, "smooth": 0.25, "off_beat": -2.0, "harmonic": -4.5, "clash": -4.0, "under": -2.5,
             "rhythm": 4.0, "legato": 1.5},
    "pad": {"chord_tone": 1.0, "smooth": 0.5, "off_beat": -3.0, "harmonic": -7.0, "clash": -3.0, "under": -1.5,
            "anchor": 4.0, "rhythm": 4.0, "legato": 6.0},
}  # fmt: skip
#: What the tune of a style or a group of styles (see figuration.group_of) leans to besides: where its style has
#: offbeats, how far it leaps, and how free its notes are of the chord.
TUNE_BY_GROUP: dict[str, dict[str, float]] = {
    "hymn": {"pull": 0.05, "smooth": 0.3, "off_beat": -0.8, "again": -1.0},
    "pop": {"again": -0.5},
    "rock": {"again": -0.4},
    "ballad": {"again": -0.5, "pull": 0.02},
    "funk": {"again": -0.4},
    "strathspey": {"smooth": -0.1, "chord_tone": 1.9, "pull": 0.006, "leap": -0.6},
    "chorale": {"again": -1.8, "smooth": 0.3, "pull": 0.03},
    "ragtime": {"outside": 0.0, "harmonic": 0.5, "chord_tone": 0.5, "off_beat": 1.6, "rhythm": -0.5},
}
#: Onsets a quarter of a tune whose notes nobody counted, by style label or group (see planning.harmony.GROUPS), at a
#: tempo of 105; tunes of others run as freely as the model likes.
PACE: dict[str, float] = {"pop": 1.3, "standard": 1.5, "waltz": 1.1, "march": 1.4, "hymn": 0.95}
#: A tune may surprise; whoever accompanies it had better not.
TUNE_SAMPLING = SamplingSettings(temperature=1.0, top_p=0.97)
BAND_SAMPLING = SamplingSettings(temperature=0.95, top_p=0.95)
#: How often a bar of a tune anticipates a beat, by group of styles (see figuration.group_of).
SYNCOPATED: dict[str, float] = {
    "pop": 0.6, "rock": 0.55, "ballad": 0.4, "swing": 0.55, "latin": 0.65, "reggae": 0.5, "funk": 0.65,
}  # fmt: skip


@dataclass(frozen=True)
class Taste:
    """How a piece is written: sampling of tunes and of the band, leanings, and habits of form.

    echo: probability (0..1) that a section's later phrases take up the first one's opening bars; pace: see ``PACE``;
    words: how far tunes heed stresses and tones of the words they sing (1 as usual, 0 not at all).
    """

    sampling: SamplingSettings = TUNE_SAMPLING
    band: SamplingSettings = BAND_SAMPLING
    rows: Leanings = field(default_factory=lambda: LEANINGS)
    tunes: Leanings = field(default_factory=lambda: TUNE_BY_GROUP)
    echo: float = 0.75
    pace: Mapping[str, float] = field(default_factory=lambda: PACE)
    words: float = 1.0

    def of(self, row: str, group: str) -> dict[str, float]:
        """A row's leanings in a group of styles."""
        own = dict(self.rows.get(row, {}))
        if row == "melody":
            own |= self.tunes.get(group, {})
        return own


def scaled(taste: Taste, factor: float, rows: Collection[str] = ("melody",)) -> Taste:
    """A taste whose leanings in some rows are weaker or stronger.

    >>> scaled(Taste(), 0.5).of("melody", "")["smooth"]
    0.075
    """
    changed = {row: {k: w * factor if row in rows else w for k, w in own.items()} for row, own in taste.rows.items()}
    tunes = {g: {k: w * factor if "melody" in rows else w for k, w in own.items()} for g, own in taste.tunes.items()}
    return replace(taste, rows=changed, tunes=tunes)
