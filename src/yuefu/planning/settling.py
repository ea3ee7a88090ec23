"""The brief's open questions, answered: style, mood, mode, key, metre and tempo, drawn where nothing was said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yuefu.planning.colour import TRADITION_STYLES
from yuefu.planning.harmony import key_of_chords
from yuefu.planning.like import style_like
from yuefu.planning.modal import tonic_for
from yuefu.text.brief import Asked, Brief
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.meter import group_starts
from yuefu.theory.modes import MODES
from yuefu.theory.styles import STYLES, Style

#: Keys that people like to play and sing in, as tonic pitch classes.
COMMON_TONICS = {"major": (0, 2, 3, 5, 7, 9, 10, 4), "minor": (9, 4, 2, 7, 0, 11, 6, 5)}

#: How much further a calm mood slows a style's typical tempo than a lively one of the same strength hastens it.
SLOWING, HASTENING = 1.1, 0.9
#: The quickest tempo that free rhythm has unless another was asked for, in quarters a minute.
FREE_TEMPO = 60.0
#: A mood that was read with less confidence than this is taken as a hint: see ``_widened``.
SURE, WIDENING = 0.75, 1.6


@dataclass(frozen=True)
class Settled:
    """The brief's open questions, answered. All values are concrete."""

    style: Style
    valence: float | None
    arousal: float | None
    mode: str
    key: Key
    meter: str
    tempo: float
    swing: float
    scale: str = ""


def settle(brief: Brief, rng: np.random.Generator) -> Settled:
    """Style, mood, mode, key, metre and tempo; what the brief leaves open is drawn."""
    # The draws come in a fixed order and number, so that saying one thing doesn't change another.
    draws = rng.random(8)
    valence = _widened(brief.valence, draws[7])
    arousal = _widened(brief.arousal, draws[7] * 7919 % 1)
    if brief.like.value is not None:
        style = style_like(brief.like.value)
    elif brief.style.value:
        style = STYLES[brief.style.value]
    else:
        style = _style_for(brief, valence, arousal, draws[0])
    mode: str | None = brief.mode.value
    if mode is None:
        minor = style.minor
        if valence is not None:
            minor = float(np.clip(0.5 - valence * 1.8, 0.0, 1.0))
        mode = "minor" if draws[1] < minor else "major"
    if brief.key.value is not None:
        key = Key.parse(brief.key.value)
        mode = key.mode
    elif brief.chords.value is not None:
        key = key_of_chords(brief.chords.value, brief.mode.value)
        mode = key.mode
    else:
        usual = [Key.parse(name) for name in style.keys]
        tonics = tuple(key.tonic for key in usual if key.mode == mode) or COMMON_TONICS[mode]
        key = Key.of_tonic(tonics[int(draws[2] * len(tonics))], mode)
    scale = ""
    if brief.scale.value is not None:
        scale, key = _mode_and_key(brief, mode, key)
        mode = key.mode
    meter = brief.meter.value or _weighted(style.meters, draws[3])
    low, typical, high = style.tempo
    tempo = brief.tempo.value
    if tempo is None:
        push = (
            (draws[4] + draws[5] - 1.0) * 0.5
            if arousal is None
            else float(np.clip(arousal * (HASTENING if arousal > 0 else SLOWING), -1, 1))
        )
        tempo = typical + (push * (high - typical) if push > 0 else push * (typical - low))
        tempo = float(round(tempo + (draws[6] - 0.5) * 6))
        if is_free(brief):
            tempo = float(round(min(tempo, FREE_TEMPO)))
    swing = 0.0 if is_free(brief) or group_starts(meter, brief.grouping.value or ()) else style.swing
    return Settled(style, valence, arousal, mode, key, meter, float(np.clip(tempo, 20, 300)), swing, scale)


def is_free(brief: Brief) -> bool:
    """Whether free rhythm is asked for."""
    return brief.rhythm.value == "free"


def _mode_and_key(brief: Brief, drawn: str, key: Key) -> tuple[str, Key]:
    """The mode that was asked for and the key that it is written in.

    drawn: ``"major"`` or ``"minor"``, for a name that leaves it open; key: the one it would have been, for its tonic.
    """
    mode = MODES[brief.scale.value or ""]
    if mode.either:
        mode = MODES[mode.either[drawn == "minor"]]
    tonic = key.tonic
    if brief.key.value is None and brief.chords.value is not None:
        given = brief.chords.value
        bars = given if isinstance(given, list) else [bar for section in given.values() for bar in section]
        chords = [Chord.parse(symbol) for bar in bars for symbol in bar if not symbol.upper().startswith("N")]
        tonic = tonic_for(mode, chords) if chords else tonic
    elif brief.key.value is None:  # the nearest tonic whose signature players like to read
        tonic = next(t % 12 for t in (tonic, tonic - 1, tonic + 1, tonic - 2) if abs(mode.key_on(t % 12).fifths) <= 3)
    return mode.key, mode.key_on(tonic)


def _widened(asked: Asked[float], draw: float) -> float | None:
    """A mood as it was read; where the reading isn't sure of itself, one drawn from around it."""
    if asked.value is None or asked.confidence is None or asked.confidence >= SURE:
        return asked.value
    width = (SURE - asked.confidence) * WIDENING
    return float(np.clip(asked.value + (2 * draw - 1) * width, -1, 1))


def _style_for(brief: Brief, valence: float | None, arousal: float | None, draw: float) -> Style:
    """A style that suits the mood and the instruments when none was named."""
    if brief.scale.value is not None and (named := TRADITION_STYLES.get(MODES[brief.scale.value].family)):
        return STYLES[named]
    options: list[tuple[str, float]] = [("pop", 2.0), ("ballad", 1.0), ("folk", 0.8), ("film", 0.6)]
    instruments = brief.instruments.value or []
    families = {INSTRUMENTS[key].family for key in instruments}
    if "chinese" in families:
        options = [("guofeng", 2.0), ("chinese_folk", 1.0)]
    elif instruments and families <= {"keyboard"}:
        options = [("romantic", 1.2), ("ballad", 1.0), ("classical", 0.8)]
        if arousal is not None and arousal < -0.3:
            options[-1] = ("classical", 0.3)
    elif instruments and families <= {"strings"}:
        options = [("string_quartet", 1.5), ("classical", 1.0)]
    elif arousal is not None and arousal < -0.3:
        options = [("ballad", 1.5), ("folk", 0.8), ("lullaby", 0.4), ("ambient", 0.4)]
    elif arousal is not None and arousal > 0.5:
        options = [("pop", 1.2), ("rock", 1.2), ("disco", 0.5), ("film", 0.6)]
    if brief.lyrics.value is not None and "chinese" not in families:
        options = [(key, weight) for key, weight in options if key not in ("film", "ambient")] or [("pop", 1.0)]
    known = [(key, weight) for key, weight in options if key in STYLES]
    total = sum(weight for _, weight in known)
    return STYLES[_weighted([(key, weight / total) for key, weight in known], draw)]


def _weighted(options: list[tuple[str, float]] | tuple[tuple[str, float], ...], draw: float) -> str:
    for name, weight in options:
        if draw < weight:
            return name
        draw -= weight
    return options[-1][0]
