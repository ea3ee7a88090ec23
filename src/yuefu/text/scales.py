"""Modes and scales, groupings of bars, free rhythm, drones and ornaments as a text speaks of them.

A mode's name counts where something marks it as one: a tonic or "in" before it, "scale", "mode", 调式 or 音阶 after it;
names that mean nothing else ("pentatonic", "freygish", 五声音阶) count alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from yuefu.theory.key import Key
from yuefu.theory.meter import METERS, check_grouping
from yuefu.theory.modes import MODES, Mode, mode_names, split_tonic
from yuefu.theory.pitch import parse_pitch_class

#: Names that are kept to ``--scale``: in a prompt they are plain keys, or everyday words.
_NOT_READ = frozenset(
    ("major scale", "minor scale", "natural major", "natural minor", "natural minor scale", "diatonic major")
    + ("blues", "yu", "yo", "zhi", "shang", "gong", "jiao", "jue", "major blues")
    + ("five note", "five-note", "in scale", "pipe scale")
    + ("自然大调", "自然小调", "旋律小调", "全音", "五声")
)
#: Names that are read wherever they stand.
_ALONE = frozenset(
    ("pentatonic", "freygish", "phrygian dominant", "lydian dominant", "mixolydian", "phrygian", "lydian", "hijaz")
    + ("double harmonic", "hungarian minor", "hirajoshi", "in-sen", "whole-tone scale", "whole tone scale", "octatonic")
    + ("blues scale", "minor blues scale", "gypsy scale", "flamenco scale", "arabic scale", "byzantine scale", "pelog")
    + ("slendro", "acoustic scale", "overtone scale", "koto scale", "okinawan scale", "bagpipe scale", "miyako-bushi")
    + ("minor pentatonic", "major pentatonic", "irish mixolydian", "scottish mixolydian", "aeolian", "ionian")
    + ("spanish phrygian", "ukrainian dorian", "hijazkar", "malkauns", "jewish scale", "misheberakh", "locrian")
    + ("diminished scale", "harmonic minor", "melodic minor", "dorian minor", "sakura scale", "yo scale", "hijaz scale")
)
_CUES = r"(?:mode|modal|scale|raga|raag|maqam|makam|tonality|key)"
_SIGN = r"(?:#|♯|♭|b(?![a-z])|[\s-]?(?:sharp|flat)\b)"
#: "The hijaz scale on D".
_ON = re.compile(rf"\s+(?:on|from|starting\s+on)\s+(?P<tonic>[A-G](?i:{_SIGN})?)(?![A-Za-z])")
#: Single signs of Chinese modes: only with a tonic before them or 调 after.
_ZH_SHORT = frozenset("宫商角徵征羽")


@dataclass(frozen=True, slots=True)
class SaidScale:
    """A mode in a text: where it stands, its key in the catalogue, its tonic's name or None."""

    start: int
    end: int
    mode: str
    tonic: str | None


def key_of(mode: Mode, tonic: str) -> str:
    """The name of the plain key on a mode's tonic with the third that it leans to.

    >>> key_of(MODES["dorian"], "D"), key_of(MODES["hijaz"], "Ab")
    ('D minor', 'Ab major')
    """
    return Key.of_tonic(parse_pitch_class(tonic), mode.leans).name


def find_scales(text: str, original: str = "") -> list[SaidScale]:
    """The modes that a text speaks of, in order. original: the text before characters were simplified.

    >>> [(said.mode, said.tonic) for said in find_scales("a tune in D dorian, then hijaz; 羽调式")]
    [('dorian', 'D'), ('hijaz', None), ('yu', None)]
    """
    if len(original) == len(text):  # 徵 is simplified to 征, which means something else
        text = "".join(o if o == "徵" else t for t, o in zip(text, original))
    found: list[SaidScale] = []
    for match in _english().finditer(text):
        name = " ".join(match["name"].lower().split())
        tonic = match["tonic"]
        led = bool(match["lead"])
        if tonic == "a" or (tonic == "A" and not led):
            tonic = None  # "A Dorian tune"
        if tonic is not None and tonic[0].islower() and not led:
            tonic = None
        if tonic is None and not led and not match["cue"] and not match["before"] and name not in _ALONE:
            continue
        start, end = match.start("tonic") if tonic is not None else match.start("name"), match.end()
        if tonic is None and (after := _ON.match(text, end)):
            tonic, end = after["tonic"], after.end()
        found.append(SaidScale(start, end, mode_names()[_known(name)], _plain(tonic)))
    for match in _chinese().finditer(text):
        name, tonic = match["name"], match["tonic"]
        if tonic is None and name in _ZH_SHORT:
            continue
        end = match.end()
        if name in _ZH_SHORT or name in _wants_cue():
            cue = re.match(r"(?:调式|调性|调|音阶|木卡姆|拉格)", text[end:])
            if cue is None and (tonic is None or name not in _ZH_SHORT):
                continue
            end += len(cue[0]) if cue else 0
        found.append(SaidScale(match.start(), end, mode_names()[name.lower()], _plain(tonic)))
    found.sort(key=lambda said: (said.start, -said.end))
    kept: list[SaidScale] = []
    for said in found:
        if not kept or said.start >= kept[-1].end:
            kept.append(said)
    return kept


def _plain(tonic: str | None) -> str | None:
    return None if tonic is None else split_tonic(f"{tonic} x")[0]


def _known(name: str) -> str:
    return name if name in mode_names() else name.replace("-", " ")


@cache
def _english() -> re.Pattern[str]:
    names = {name for name in mode_names() if name.isascii() and name not in _NOT_READ}
    names |= {name.replace("-", " ") for name in names} & set(mode_names())
    options = "|".join(
        re.escape(name).replace(r"\ ", r"[\s-]+") for name in sorted(names, key=lambda name: (-len(name), name))
    )
    return re.compile(
        rf"(?<![A-Za-z])(?P<lead>(?:in|of|on)\s+(?:the\s+)?)?(?:(?P<tonic>[A-Ga-g]{_SIGN}?)[\s-]+)?"
        rf"(?:(?P<before>raga|raag|maqam|makam|mode\s+of|scale\s+of)\s+)?(?P<name>{options})(?![a-z])(?P<cue>[\s-]+{_CUES}\b)?",
        re.I,
    )


@cache
def _chinese() -> re.Pattern[str]:
    names = {name for name in mode_names() if not name.isascii() and name not in _NOT_READ}
    options = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    return re.compile(rf"(?:(?<![A-Za-z])(?P<tonic>[升降#♯♭]?[A-G][#b♯♭]?)\s*)?(?P<name>{options})")


@cache
def _wants_cue() -> frozenset[str]:
    """Names of maqamat and ragas that are everyday words too, such as 库尔德."""
    return frozenset(mode.zh for mode in MODES.values() if mode.family == "maqam" and mode.zh.isalpha())


_GROUPS = re.compile(r"(?<![\d+/])(?P<sum>[1-4](?:\s?[+＋]\s?[1-4]){1,6})(?![\d+])(?P<unit>\s?/\s?(?:4|8|16))?")


def find_grouping(text: str, meter: str | None) -> tuple[int, int, str, tuple[int, ...]] | None:
    """How a text groups the bar, as (start, end, metre, groups); None where it doesn't say.

    meter: the metre that the text tells; without one the groups are of quavers.

    >>> find_grouping("7/8 as 3+2+2", "7/8")
    (7, 12, '7/8', (3, 2, 2))
    """
    for match in _GROUPS.finditer(text):
        groups = tuple(int(part) for part in re.split(r"[+＋]", match["sum"]))
        told = meter or f"{sum(groups)}{(match['unit'] or '/8').replace(' ', '')}"
        if told not in METERS or (meter is None and len(groups) < 3 and not match["unit"]):
            continue
        try:
            check_grouping(told, groups)
        except ValueError:
            continue
        return match.start(), match.end(), told, groups
    return None


_FREE = re.compile(
    r"(?P<free>\bfree(?:ly)?[\s-]+(?:rhythm(?:s|ic|ically)?|time|metre|meter)\b|\brhythmically\s+free\b|\bin\s+free\s+rhythm\b"
    r"|\bsenza\s+misura\b|\bunmeasured\b|\bnon[\s-]?mensurée?\b|\brecitativ(?:e|o)\b|\balap\b|\bsanban\b|\bad\s+libitum\b"
    r"|散板|散拍|自由节奏|自由节拍|节奏自由|自由的节奏|无拍子|宣叙调|引子散起)", re.I,
)  # fmt: skip
_DRONE = re.compile(
    r"(?P<no>\b(?:no|without(?:\s+(?:a|any))?)\s+drones?\b|(?:不要|没有|去掉|无)持续(?:低)?音)"
    r"|(?P<drone>\b(?:over|with|on|above|under)\s+(?:a|the|its)\s+(?:\w+\s+)?drone\b|\bdrones?\s+(?:note|notes|string|strings|bass|fifths?)\b"
    r"|\b(?:bagpipe|tanpura|tambura|hurdy[\s-]?gurdy|pipe|open|sustained|tonic)\s+drones?\b|\btanpura\b|\btambura\b"
    r"|\bhurdy[\s-]?gurdy\b|\bpedal\s+(?:point|tone|note)\b|\bbordun\b|\bbourdon\b"
    r"|持续低音|持续音|长音铺底|嗡鸣低音|坦布拉|手摇琴|保持音)", re.I,
)  # fmt: skip
_ORNAMENTS = re.compile(
    r"(?P<none>\b(?:no|without(?:\s+any)?)\s+(?:ornaments?|ornamentation|grace\s+notes?|trills?)\b|\bunornamented\b"
    r"|(?:不要|没有|不加|无)(?:装饰音|倚音|花音))"
    r"|(?P<rich>\b(?:rich(?:ly)?|heav(?:y|ily)|lavish(?:ly)?|much|many|full\s+of)[\s-]+(?:ornament(?:ed|s|ation)?|grace\s+notes|trills)\b"
    r"|(?:大量|丰富的?|很多|许多|繁复的?)(?:装饰音|花音|加花)|加花)"
    r"|(?P<light>\b(?:light(?:ly)?|some|few|a\s+few|with)?[\s-]*(?:ornament(?:ed|s|ation)|grace\s+notes|mordents|trills)\b"
    r"|(?:少量|一些|带)?(?:装饰音|倚音|波音|滑音))", re.I,
)  # fmt: skip


def find_manners(text: str) -> dict[str, tuple[object, int, int]]:
    """What a text says of free rhythm, a drone and ornaments: field -> (value, start, end).

    >>> find_manners("an alap over a tanpura drone, richly ornamented")["drone"][0]
    True
    """
    found: dict[str, tuple[object, int, int]] = {}
    match = _FREE.search(text)
    if match and not re.search(r"(?:\bnot?|\bnever|不|别|非)\s*(?:in\s+)?$", text[: match.start()]):
        found["rhythm"] = ("free", match.start(), match.end())
    if match := _DRONE.search(text):
        found["drone"] = (match["no"] is None, match.start(), match.end())
    if match := _ORNAMENTS.search(text):
        value = "none" if match["none"] else "rich" if match["rich"] else "light"
        found["ornaments"] = (value, match.start(), match.end())
    return found
