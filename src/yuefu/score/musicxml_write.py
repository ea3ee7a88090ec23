"""Writing a Score as MusicXML 4.0 (partwise), for notation programs, engravers and our own reader.

Pitches are at concert pitch. Every note carries its own id as ``n<id>`` (tied continuations
``n<id>t1``, ``n<id>t2`` ...), so that page, piano roll and sound can be tied together. What the
format has no place for (roles, instrument keys, metadata) is kept as JSON in a
``<miscellaneous-field>``. The same score gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from yuefu import __version__
from yuefu.score.model import Bar, Part, Score, renumber
from yuefu.score.musicxml_head import NO_NAME, OWN_FIELD
from yuefu.score.musicxml_measure import PartWriter
from yuefu.score.staves import drum_sound
from yuefu.score.verses import Repeat
from yuefu.score.xml_text import XmlText

#: Metadata beyond this many characters of JSON isn't kept.
_MAX_METADATA = 100_000


def musicxml_bytes(score: Score, repeats: Sequence[Repeat] = ()) -> bytes:
    """The score as a MusicXML 4.0 document, UTF-8.

    repeats: of a score whose verses were folded, written as repeat signs and endings.

    >>> from yuefu.score.model import make_notes
    >>> part = Part("P1", "Flute", notes=make_notes([(1, 0, 24, 72, 80)]))
    >>> b'<note id="n1"' in musicxml_bytes(Score(title="春", parts=(part,)))
    True
    """
    ids = [identity for part in score.parts for identity in part.notes["id"].tolist()]
    if len(set(ids)) != len(ids) or any(identity < 0 for identity in ids):
        score = renumber(score)
    score = replace(score, parts=tuple(_clean(part) for part in score.parts))
    score, bars = _bars(score)
    parts = score.parts or (Part("P1", "Chords"),)
    xml = XmlText()
    xml.lines.append('<?xml version="1.0" encoding="UTF-8" standalone="no"?>')
    xml.lines.append(
        '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
        '"http://www.musicxml.org/dtds/partwise.dtd">'
    )
    xml.open("score-partwise", version="4.0")
    _head(xml, score)
    _part_list(xml, parts)
    for index, part in enumerate(parts):
        signed = not part.is_drums or all(other.is_drums for other in parts)
        PartWriter(xml, score, part, bars, f"P{index + 1}", leads=index == 0, signed=signed, repeats=repeats).write()
    xml.close()
    return xml.to_bytes()


def _bars(score: Score) -> tuple[Score, tuple[Bar, ...]]:
    """The bars to write; the last is short when the score says that it ends before the bar is full."""
    given = score.length
    score = replace(score, length=max(given, score.last_tick))
    *most, last = score.bars
    if last.start < given == score.length:
        last = replace(last, duration=given - last.start)
    return score, (*most, last)


def _clean(part: Part) -> Part:
    """The part without notes that can't be written (no duration), sorted."""
    return part.with_notes(part.notes[part.notes["duration"] > 0])


def _head(xml: XmlText, score: Score) -> None:
    if score.title:
        xml.open("work")
        xml.leaf("work-title", _line(score.title))
        xml.close()
    xml.open("identification")
    lyricist = score.metadata.get("lyricist")
    for kind, name in (("composer", score.composer), ("lyricist", lyricist)):
        if isinstance(name, str) and name.strip():
            xml.leaf("creator", _line(name), type=kind)
    licence = score.metadata.get("licence")
    if isinstance(licence, str) and licence.strip():
        xml.leaf("rights", _line(licence))
    xml.open("encoding")
    xml.leaf("software", f"Yuefu {__version__}")
    for element in ("accidental", "beam"):
        xml.leaf("supports", element=element, type="yes")
    xml.close()
    xml.open("miscellaneous")
    xml.leaf("miscellaneous-field", _own_json(score), name=OWN_FIELD)
    xml.close()
    xml.close()


def _own_json(score: Score) -> str:
    own = {
        "parts": [
            {"id": part.id, "name": part.name, "role": part.role, "instrument": part.instrument} for part in score.parts
        ],
        "metadata": score.metadata,
    }
    text = json.dumps(own, ensure_ascii=False, sort_keys=True, default=str)
    if len(text) > _MAX_METADATA:
        text = json.dumps({**own, "metadata": {}}, ensure_ascii=False, sort_keys=True)
    return text


def _part_list(xml: XmlText, parts: tuple[Part, ...]) -> None:
    xml.open("part-list")
    channels = [channel for channel in range(1, 17) if channel != 10]
    pitched = 0
    for index, part in enumerate(parts):
        identity = f"P{index + 1}"
        name = _line(part.name)
        xml.open("score-part", id=identity)
        xml.leaf("part-name", name)
        if name:
            xml.leaf("part-abbreviation", _abbreviation(name))
        if part.is_drums:
            sounds = sorted(set(part.notes["pitch"].tolist())) or [36]
            for pitch in sounds:
                _score_instrument(xml, f"{identity}-I{pitch + 1}", drum_sound(pitch).name)
            for pitch in sounds:
                _midi_instrument(xml, part, f"{identity}-I{pitch + 1}", 10, pitch)
        else:
            _score_instrument(xml, f"{identity}-I1", name or NO_NAME)
            _midi_instrument(xml, part, f"{identity}-I1", channels[pitched % len(channels)])
            pitched += 1
        xml.close()
    xml.close()


def _score_instrument(xml: XmlText, identity: str, name: str) -> None:
    xml.open("score-instrument", id=identity)
    xml.leaf("instrument-name", name)
    xml.close()


def _midi_instrument(xml: XmlText, part: Part, identity: str, channel: int, drum: int | None = None) -> None:
    xml.open("midi-instrument", id=identity)
    xml.leaf("midi-channel", channel)
    xml.leaf("midi-program", part.program + 1)
    if drum is not None:
        xml.leaf("midi-unpitched", drum + 1)
    xml.leaf("volume", f"{part.volume / 1.27:.4f}")
    xml.leaf("pan", f"{(part.pan - 64) * 90 / 64:.4f}")
    xml.close()


def _line(text: str) -> str:
    return " ".join(text.split())


def _abbreviation(name: str) -> str:
    """A short name for the systems after the first: ``"Electric Piano"`` -> ``"E. P."``, 二胡 stays.

    >>> _abbreviation("Electric Piano"), _abbreviation("Violin"), _abbreviation("古筝"), _abbreviation("Bass")
    ('E. P.', 'Viol.', '古筝', 'Bass')
    """
    words = name.split()
    if len(name) <= 4 or any(ord(letter) > 0x2E7F for letter in name):
        return name[:4]
    if len(words) > 1:
        return " ".join(
            word if word.isdigit() or word in ("I", "II", "III", "IV") else f"{word[0]}." for word in words[:3]
        )
    return f"{name[:4]}."
