"""What colours a piece beside its notes: a drone, ornaments, free rhythm; what was asked, else a style's own."""

from __future__ import annotations

from collections.abc import Sequence

from yuefu.planning.plan import PlannedPart
from yuefu.score.model import NOTE_ROWS
from yuefu.text.brief import Brief
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.modes import MODES
from yuefu.theory.styles import Style

#: Styles, by key or corpus label, whose tunes are ornamented when nobody says otherwise.
ORNAMENTED = frozenset(("celtic", "chinese_folk", "guofeng", "baroque"))
#: Styles, by key, that have a drone when nobody says otherwise.
DRONING = frozenset(("indian", "hindustani", "raga", "mongolian", "bagpipe", "tuvan"))
#: Who plays with a drone of their own.
DRONERS = frozenset(("bagpipes",))
#: Who plays in a mode of a tradition when neither style nor players are asked for: family of modes -> line-ups.
TRADITIONS: dict[str, tuple[tuple[tuple[str, str], ...], ...]] = {
    "raga": (
        (("melody", "sitar"), ("drums", "percussion")), (("melody", "flute"), ("drums", "percussion")),
        (("melody", "violin"), ("drums", "percussion")),
    ),
    "maqam": (
        (("melody", "violin"), ("keys", "lute"), ("bass", "cello"), ("drums", "percussion")),
        (("melody", "clarinet"), ("keys", "lute"), ("bass", "cello"), ("drums", "percussion")),
    ),
    "eastern": ((("melody", "clarinet"), ("keys", "accordion"), ("bass", "upright_bass"), ("drums", "percussion")),),
    "japanese": (
        (("melody", "xiao"), ("keys", "guzheng")), (("melody", "guzheng"), ("counter", "xiao"), ("bass", "cello")),
    ),
    "gamelan": ((("melody", "vibraphone"), ("keys", "marimba"), ("counter", "kalimba"), ("bass", "tubular_bells")),),
}  # fmt: skip
#: The style whose habits such music is written with.
TRADITION_STYLES = {"chinese": "chinese_folk", **dict.fromkeys(TRADITIONS, "folk")}
#: Rows that a drone may take, the best first.
_FREE_ROWS = ("pad", "inner", "counter")


def ornaments_for(brief: Brief, style: Style, scale: str, instruments: Sequence[str]) -> str:
    """``"none"``, ``"light"`` or ``"rich"``: as asked, else light where the style, a raga or a piper has them."""
    if brief.ornaments.value is not None:
        return brief.ornaments.value
    if brief.like.value is not None:  # a piece's own figures are what is taken over
        return "none"
    theirs = bool(instruments) and instruments[0] in DRONERS
    theirs = theirs or (bool(scale) and MODES[scale].family == "raga")
    return "light" if theirs or {style.key, style.corpus_label} & ORNAMENTED else "none"


def wants_drone(brief: Brief, style: Style, scale: str, instruments: Sequence[str]) -> bool:
    """Whether a drone sounds through: as asked, else where the style, the mode or a player brings one."""
    if brief.drone.value is not None:
        return brief.drone.value
    return style.key in DRONING or bool(scale and MODES[scale].drone) or bool(DRONERS & set(instruments))


def drone_player(style: Style, scale: str, instruments: Sequence[str]) -> str:
    """Who holds a drone: a piper's own pipes, a sitar as tanpura, a Chinese mouth organ, else strings."""
    families = {INSTRUMENTS[key].family for key in instruments}
    if "bagpipes" in instruments or style.corpus_label == "celtic":
        return "bagpipes"
    if (
        (scale and MODES[scale].family == "raga")
        or style.key in ("indian", "hindustani", "raga")
        or "sitar" in instruments
    ):
        return "sitar"
    if style.key in ("mongolian", "tuvan") or "morin_khuur" in instruments:
        return "morin_khuur"
    if "chinese" in families or style.key in ("chinese_folk", "guofeng"):
        return "sheng"
    if style.key in ("medieval", "renaissance"):
        return "viola"
    return "strings"


def with_drone(parts: list[PlannedPart], player: str, alone: bool) -> tuple[list[PlannedPart], str]:
    """The parts with somebody who holds a drone, and the row that it takes.

    alone: nobody else may play than the parts: then a player who can, or the first, holds it beside their own.
    """
    owned = {row for part in parts if not part.doubling for row in part.rows}
    row = next((row for row in _FREE_ROWS if row not in owned), None)
    if row is None:  # everything is taken: the pad becomes the drone
        return parts, "pad"
    if alone:
        order = [i for i, part in enumerate(parts) if not part.doubling and part.rows != ("drums",)]
        able = [i for i in order if parts[i].instrument == player or INSTRUMENTS[parts[i].instrument].polyphonic]
        place = (able or order)[-1]
        rows = tuple(r for r in NOTE_ROWS if r in (*parts[place].rows, row))
        return [part.model_copy(update={"rows": rows}) if i == place else part for i, part in enumerate(parts)], row
    drone = PlannedPart(instrument=player, rows=(row,))
    place = next((i for i, part in enumerate(parts) if part.rows[0] == "drums"), len(parts))
    return [*parts[:place], drone, *parts[place:]], row
