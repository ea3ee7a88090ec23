"""What stands before the music in a MusicXML file: titles, people, the list of parts, our own fields."""

from __future__ import annotations

import json
from typing import Any

from yuefu.score.musicxml_tree import Element, child_text, number_or_none
from yuefu.score.musicxml_written import PartHead

#: The name under which our writer keeps what MusicXML has no place for.
OWN_FIELD = "yuefu"
#: What stands for an instrument without a name.
NO_NAME = "Instrument"
_NO_NAMES = frozenset({NO_NAME, "dummy", "Default"})


def heads(root: Element) -> list[PartHead]:
    heads = []
    for entry in root.iterfind("part-list/score-part"):
        program, channel, volume, pan = 0, 0, 100, 64
        drum_pitches = {}
        for order, instrument in enumerate(entry.findall("midi-instrument")):
            unpitched = number_or_none(instrument.findtext("midi-unpitched"))
            if unpitched is not None and 1 <= unpitched <= 128:
                drum_pitches[instrument.get("id") or ""] = int(unpitched) - 1
            if order == 0:
                program = _clip((number_or_none(instrument.findtext("midi-program")) or 1) - 1, 0, 127)
                channel = _clip(number_or_none(instrument.findtext("midi-channel")) or 0, 0, 16)
                loudness = number_or_none(instrument.findtext("volume"))
                volume = 100 if loudness is None else _clip(loudness * 1.27, 0, 127)
                place = child_text(instrument, "pan")
                degrees = (number_or_none(place) or 0.0) * (-1 if place.startswith("-") else 1)
                pan = _clip(64 + degrees * 64 / 90, 0, 127)
        name = child_text(entry, "part-name")
        if not name:
            name = child_text(entry, "score-instrument/instrument-name")
            name = "" if name in _NO_NAMES else name
        heads.append(
            PartHead(
                entry.get("id") or "", " ".join(name.split())[:100], program, channel == 10, volume, pan, drum_pitches
            )
        )
    return heads


def _clip(value: float, low: int, high: int) -> int:
    return min(max(round(value), low), high)


def title(root: Element) -> str:
    work, movement = child_text(root, "work/work-title"), child_text(root, "movement-title")
    if work and movement and movement.lower() not in work.lower():
        title = f"{work}: {movement}"
    else:
        title = work or movement
    if not title:
        for credit in root.iterfind("credit"):
            if child_text(credit, "credit-type") == "title":
                title = child_text(credit, "credit-words")
    return " ".join(title.split())[:300]


def creator(root: Element, kind: str) -> str:
    for creator in root.iterfind("identification/creator"):
        if (creator.get("type") or "composer") == kind:
            return " ".join((creator.text or "").split())[:300]
    return ""


def own_fields(root: Element) -> dict[str, Any]:
    """What our own writer kept in the file's miscellaneous fields; nothing for other programs' files."""
    for entry in root.iterfind("identification/miscellaneous/miscellaneous-field"):
        if entry.get("name") == OWN_FIELD:
            try:
                value = json.loads(entry.text or "")
            except (ValueError, RecursionError):
                return {}
            return value if isinstance(value, dict) else {}
    return {}


def file_metadata(root: Element, own: dict[str, Any]) -> dict[str, Any]:
    kept = own.get("metadata")
    metadata = dict(kept) if isinstance(kept, dict) else {}
    lyricist = creator(root, "lyricist") or creator(root, "poet")
    if lyricist:
        metadata["lyricist"] = lyricist
    rights = child_text(root, "identification/rights")
    if rights:
        metadata.setdefault("licence", " ".join(rights.split())[:300])
    return metadata
