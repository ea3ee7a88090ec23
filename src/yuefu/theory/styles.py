"""The catalogue of musical styles: what each sets when nobody says otherwise.

The rows are in ``styles.toml``. A style's ``corpus_label`` is the label that the fill model was
trained with; several styles may share one and differ in tempo, line-up and harmony.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from yuefu.errors import UnknownNameError

#: Labels of drum playing that a style may name; "" is a style without drums.
DRUM_STYLES = (
    "pop", "ballad", "rock", "folk", "jazz", "swing", "bossa_nova", "blues", "country", "lofi", "electronic",
    "disco", "funk", "soul", "reggae", "hiphop", "latin", "waltz", "march", "epic", "celtic", "afro",
)  # fmt: skip
#: How rich the chords are, from plain to rich.
CHORD_LEVELS = ("triads", "sevenths", "extended")
#: Scales that colour a melody; "" is plain major or minor.
SCALES = ("", "pentatonic", "blues", "dorian", "harmonic_minor", "whole_tone")


@dataclass(frozen=True, slots=True)
class Style:
    """One style.

    tempo: low, typical and high, in quarter notes a minute; meters: (metre, weight) pairs whose
    weights sum to 1; minor: share of pieces in minor, 0..1; swing: 0 straight .. 1; lineups: each an
    ordered tuple of (role, instrument key) with a role at most once, the first the most typical;
    forms: typical forms as ``"intro:4 verse:8 chorus:8"`` or ``"A:8 B:8 A':8"``; drum_style: one of
    ``DRUM_STYLES`` or ``""`` for no drums; energy and density: 0..1; chord_level: one of
    ``CHORD_LEVELS``; scale: one of ``SCALES``; figures: whose tunes' rhythms its tunes have (see
    ``planning.tune_figures``), "" for their own; register: MIDI numbers between which its tunes lie on an
    instrument that reaches so far, () for wherever the instrument lies; labels: what the recogniser calls it, by
    which it can be asked for, too; keys: those that its players like, () for any.
    """

    key: str
    en: str
    zh: str
    aliases: tuple[str, ...]
    tempo: tuple[float, float, float]
    meters: tuple[tuple[str, float], ...]
    minor: float
    swing: float
    lineups: tuple[tuple[tuple[str, str], ...], ...]
    forms: tuple[str, ...]
    corpus_label: str
    drum_style: str
    energy: float
    density: float
    chord_level: str
    scale: str
    figures: str = ""
    register: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it is known by: key, English, Chinese, aliases; no duplicates, in that order."""
        return tuple(dict.fromkeys((self.key, self.key.replace("_", " "), self.en.lower(), self.zh, *self.aliases)))


def _style(key: str, row: dict[str, Any]) -> Style:
    lineups = tuple(
        tuple((role, instrument) for role, instrument in (item.split(":") for item in lineup.split()))
        for lineup in row.pop("lineups")
    )
    return Style(
        key=key,
        lineups=lineups,
        aliases=tuple(row.pop("aliases")),
        tempo=tuple(row.pop("tempo")),
        meters=tuple(row.pop("meters").items()),
        forms=tuple(row.pop("forms")),
        register=tuple(row.pop("register", ())),
        labels=tuple(row.pop("labels", ())),
        keys=tuple(row.pop("keys", ())),
        **row,
    )


def _load() -> dict[str, Style]:
    text = resources.files("yuefu.theory").joinpath("styles.toml").read_text(encoding="utf-8")
    return {key: _style(key, row) for key, row in tomllib.loads(text).items()}


#: Every style by key, in the order of the catalogue.
STYLES: dict[str, Style] = _load()


@cache
def style_names() -> dict[str, str]:
    """Lower-case name in either language -> key; main names before aliases."""
    names: dict[str, str] = {}
    for style in STYLES.values():
        for name in style.names[:4]:
            if name not in style.aliases:
                names.setdefault(name.lower(), style.key)
    for style in STYLES.values():
        for name in style.aliases:
            names.setdefault(name.lower(), style.key)
    return names


@cache
def label_styles() -> dict[str, str]:
    """The recogniser's label, its key or its name in either language -> key of the style that writes like it."""
    return {label.lower(): style.key for style in STYLES.values() for label in style.labels}


def find_style(name: str) -> Style:
    """The style with a name, in English or Chinese, whatever its case.

    Raises UnknownNameError, which names the nearest.

    >>> find_style("Bossa Nova").key, find_style("中国风").key, find_style("lofi hip hop").key
    ('bossa_nova', 'guofeng', 'lofi')
    """
    names = style_names()
    wanted = re.sub(r"[\s_]+", " ", name.strip().lower())
    forms = [wanted, wanted.replace("-", " "), wanted.replace(" ", ""), wanted.replace(" ", "-")]
    forms += [re.sub(r" (music|song|style|tune)$", "", wanted), re.sub(r"(音乐|风格|曲风|风)$", "", wanted)]
    for form in forms:
        if form in names:
            return STYLES[names[form]]
    if label := label_styles().get(name.strip().lower()) or label_styles().get(wanted):
        return STYLES[label]
    error = UnknownNameError("style", name, STYLES)
    if error.nearest is None:
        near = UnknownNameError("style", name, names)
        if near.nearest is not None:
            error.nearest = names[near.nearest]
            error.args = (str(error).replace(": Known", f": did you mean '{near.nearest}'? Known", 1),)
    raise error
