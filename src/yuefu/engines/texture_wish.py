"""What is asked of a texture, as the numbers that the network gets.

A phrase of four bars is asked for by the drummer's style and the band's, its metre, the rows that play, how dense each
is beside others of its style (0 to 1), and for each bar: whether it is a fill, whether the chord changes in it, and
whether its chord has four tones or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.texture import BARS, ROWS
from yuefu.theory.styles import STYLES

Floats = NDArray[np.float32]
#: Styles that drummers, and bands, learnt from. Bands of the corpora: pop songs at the piano, game music's bands, songs
#: with piano, classical and romantic music, and jazz basses.
DRUM_GROUPS = (
    "rock", "pop", "funk", "soul", "hiphop", "jazz", "blues", "latin", "afro", "reggae", "disco", "game",
)  # fmt: skip
BAND_GROUPS = ("pop", "game", "song", "classical", "romantic", "jazz")
#: The metres that are told apart, by their first metre's name: four quarters, three, six quavers.
METER_KINDS = {"4/4": 0, "2/2": 0, "2/4": 0, "3/4": 1, "6/8": 2}
_METERS = 3
#: Numbers of a phrase and of a bar.
PHRASE_SIZE = len(DRUM_GROUPS) + len(BAND_GROUPS) + _METERS + 2 * len(ROWS)
BAR_SIZE = 3

#: Style of the corpora -> group of drums, where they differ.
_DRUMS_OF_LABEL = {
    "country": "rock",
    "gospel": "soul",
    "electronic": "disco",
    "folk": "pop",
    "celtic": "pop",
    "march": "rock",
}
#: Style -> the drummer and the band that come nearest.
_NEAREST = {
    "pop": ("pop", "pop"), "ballad": ("pop", "pop"), "rock": ("rock", "game"), "folk": ("pop", "pop"),
    "jazz": ("jazz", "jazz"), "swing": ("jazz", "jazz"), "bossa_nova": ("latin", "pop"), "blues": ("blues", "game"),
    "country": ("rock", "pop"), "lofi": ("hiphop", "pop"), "electronic": ("disco", "game"), "disco": ("disco", "game"),
    "funk": ("funk", "game"), "soul": ("soul", "pop"), "reggae": ("reggae", "game"), "hiphop": ("hiphop", "pop"),
    "latin": ("latin", "game"), "tango": ("latin", "song"), "waltz": ("pop", "romantic"), "march": ("rock", "game"),
    "ragtime": ("pop", "romantic"), "baroque": ("pop", "classical"), "classical": ("pop", "classical"),
    "romantic": ("pop", "romantic"), "impressionist": ("pop", "romantic"), "film": ("rock", "romantic"),
    "piano_solo": ("pop", "romantic"), "string_quartet": ("pop", "classical"), "game": ("game", "game"),
    "afro": ("afro", "game"), "standard": ("jazz", "jazz"), "art_song": ("pop", "song"), "hymn": ("pop", "classical"),
    "chorale": ("pop", "classical"), "renaissance": ("pop", "classical"), "medieval": ("pop", "classical"),
}  # fmt: skip


def drum_group(label: str | None) -> str | None:
    """The group of a corpus's style of drums, None for none."""
    group = _DRUMS_OF_LABEL.get(label or "", label)
    return group if group in DRUM_GROUPS else None


def groups_for(style: str | None) -> tuple[str, str]:
    """The drummer and the band for a style; a pop drummer and pianist for one that nobody plays here.

    >>> groups_for("funk"), groups_for("hymn"), groups_for(None)
    (('funk', 'game'), ('pop', 'classical'), ('pop', 'pop'))
    """
    return _NEAREST.get(style or "pop", ("pop", "pop"))


def usual_energy(style: str | None) -> float:
    """How lively a style usually is, 0 to 1."""
    return STYLES[style].energy if style in STYLES else 0.6


@dataclass(frozen=True)
class TextureWish:
    """A phrase that is asked for. rows: of ``texture.ROWS``; density: row -> 0 to 1; fills, changes, rich: by bar."""

    drums: str | None = None
    band: str | None = None
    meter: int = 0
    rows: tuple[str, ...] = ROWS
    density: Mapping[str, float] = field(default_factory=dict)
    fills: Sequence[bool] = (False,) * BARS
    changes: Sequence[bool] = (False,) * BARS
    rich: Sequence[bool] = (False,) * BARS

    def arrays(self) -> tuple[Floats, Floats]:
        """The numbers of the phrase (PHRASE_SIZE) and of its bars (BARS, BAR_SIZE)."""
        phrase, bars = wish_arrays(
            np.array([DRUM_GROUPS.index(self.drums) if self.drums else -1]),
            np.array([BAND_GROUPS.index(self.band) if self.band else -1]),
            np.array([self.meter]),
            np.array([[row in self.rows for row in ROWS]]),
            np.array([[self.density.get(row, 0.5) for row in ROWS]]),
            np.array([self.fills]), np.array([self.changes]), np.array([self.rich]),
        )  # fmt: skip
        return phrase[0], bars[0]


def wish_arrays(
    drums: NDArray[np.integer], band: NDArray[np.integer], meter: NDArray[np.integer], rows: NDArray[np.bool_],
    density: NDArray[np.floating], fills: NDArray[np.bool_], changes: NDArray[np.bool_], rich: NDArray[np.bool_],
) -> tuple[Floats, Floats]:  # fmt: skip
    """What is asked of n phrases, as (n, PHRASE_SIZE) and (n, BARS, BAR_SIZE).

    drums, band, meter: (n,), -1 for none; rows, density: (n, 3); fills, changes, rich: (n, BARS). What is asked of rows
    that don't play is left out.
    """
    pitched = rows[:, 1:].sum(axis=1) > 0
    parts = (
        np.equal(drums[:, None], np.arange(len(DRUM_GROUPS))) & rows[:, :1],
        np.equal(band[:, None], np.arange(len(BAND_GROUPS))) & pitched[:, None],
        np.equal(meter[:, None], np.arange(_METERS)),
        rows,
        np.where(rows, 2.0 * density - 1.0, 0.0),
    )
    bars = np.stack([fills & rows[:, :1], changes & pitched[:, None], rich & pitched[:, None]], axis=2)
    return np.concatenate([part.astype(np.float32) for part in parts], axis=1), bars.astype(np.float32)
