"""How freely each style is played: the few numbers that the shaping of a performance turns on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yuefu.theory.styles import STYLES


@dataclass(frozen=True, slots=True)
class Manner:
    """A style's manner of playing.

    expression: how far phrase arcs and contour move the loudness, 1 being a singer of pop;
    looseness: standard deviation of timing in milliseconds; behind: milliseconds that the melody
    lies after the beat (negative: it leads, as a pianist's melody does); pedal: whether a piano is
    pedalled; ritardando: the fastest tempo (quarters a minute) at which a piece slows at its end, 0 for never;
    detached: whether bass and chords are played short of their full length; drums: the key of the drum feel.
    """

    expression: float = 1.0
    looseness: float = 5.0
    behind: float = 0.0
    pedal: bool = True
    ritardando: float = 92.0
    detached: bool = True
    drums: str = "all"


_PLAIN = Manner()
_CLASSICAL = Manner(expression=1.3, looseness=6.0, behind=-5.0, ritardando=400.0, detached=False)
_EARLY = replace(_CLASSICAL, expression=1.0, behind=0.0, pedal=False)
_MACHINE = Manner(expression=0.7, looseness=1.2, ritardando=0.0, drums="electronic")
_SWUNG = Manner(expression=1.1, looseness=7.0, behind=9.0, ritardando=100.0, drums="jazz", pedal=False)

#: Corpus labels and a few catalogue styles that differ from theirs.
_MANNERS: dict[str, Manner] = {
    "pop": replace(_PLAIN, drums="pop"),
    "ballad": Manner(expression=1.15, looseness=6.0, behind=4.0, ritardando=120.0, detached=False, drums="ballad"),
    "rock": replace(_PLAIN, expression=0.8, looseness=5.0, drums="rock", ritardando=84.0, pedal=False),
    "metal": replace(_PLAIN, expression=0.7, looseness=3.0, drums="rock", ritardando=0.0, pedal=False),
    "jazz": _SWUNG, "standard": _SWUNG, "swing": replace(_SWUNG, ritardando=80.0),
    "bossa_nova": replace(_SWUNG, behind=4.0, drums="bossa_nova"),
    "blues": replace(_SWUNG, behind=7.0, drums="blues", ritardando=110.0),
    "country": replace(_PLAIN, drums="country", ritardando=96.0),
    "folk": replace(_PLAIN, drums="folk", ritardando=110.0),
    "celtic": replace(_PLAIN, looseness=4.0, drums="folk", ritardando=0.0, pedal=False),
    "strathspey": replace(_PLAIN, looseness=4.0, drums="folk", ritardando=0.0, pedal=False),
    "country_dance": replace(_PLAIN, looseness=4.0, drums="folk", ritardando=0.0, pedal=False),
    "air": replace(_PLAIN, expression=1.4, looseness=8.0, drums="folk", ritardando=110.0, detached=False),
    "hymn": replace(_EARLY, drums="all"), "chorale": _EARLY, "renaissance": _EARLY, "baroque": _EARLY,
    "classical": _CLASSICAL, "romantic": replace(_CLASSICAL, expression=1.6, looseness=8.0),
    "modern": _CLASSICAL, "art_song": replace(_CLASSICAL, expression=1.5, behind=2.0),
    "ragtime": replace(_PLAIN, looseness=4.0, pedal=False, ritardando=0.0),
    "march": replace(_PLAIN, looseness=3.0, pedal=False, ritardando=0.0, drums="march"),
    "waltz": replace(_CLASSICAL, expression=1.2, detached=True, ritardando=400.0, drums="waltz"),
    "game": replace(_PLAIN, looseness=3.0, ritardando=80.0),
    "funk": replace(_PLAIN, drums="funk", ritardando=0.0, pedal=False),
    "soul": replace(_PLAIN, looseness=6.0, behind=6.0, drums="soul", ritardando=84.0),
    "latin": replace(_PLAIN, drums="latin", ritardando=0.0, pedal=False),
    "reggae": replace(_PLAIN, behind=5.0, drums="reggae", ritardando=0.0, pedal=False),
    "hiphop": replace(_PLAIN, looseness=4.0, behind=5.0, drums="hiphop", ritardando=0.0),
    "lofi": replace(_PLAIN, looseness=7.0, behind=7.0, drums="lofi", ritardando=0.0),
    "disco": replace(_MACHINE, looseness=2.5, drums="disco"), "electronic": _MACHINE,
    "afro": replace(_PLAIN, drums="afro", ritardando=0.0, pedal=False),
    "gospel": replace(_PLAIN, expression=1.2, looseness=6.0, behind=3.0, drums="gospel", ritardando=110.0),
    "children": replace(_PLAIN, looseness=4.0, ritardando=110.0),
}  # fmt: skip


def manner_of(style: str) -> Manner:
    """The manner of a style of the catalogue or a corpus label; a plain one for names unknown.

    >>> manner_of("funk").ritardando, manner_of("romantic").pedal, manner_of("").drums
    (0.0, True, 'all')
    """
    style = style.strip().lower().replace(" ", "_").replace("-", "_")
    if style in _MANNERS:
        return _MANNERS[style]
    known = STYLES.get(style)
    if known is None:
        return _PLAIN
    manner = _MANNERS.get(known.corpus_label, _PLAIN)
    if style.endswith("ballad") or known.drum_style == "ballad":
        return replace(_MANNERS["ballad"], drums="ballad")
    return replace(manner, drums=known.drum_style or manner.drums)
