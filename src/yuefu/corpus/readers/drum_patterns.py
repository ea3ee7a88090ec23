"""Drum machine patterns: Hydrogen pattern files and two JSON books of step grids.

A pattern becomes four bars. Where its style has breaks (one-bar fills), the fourth bar is one, as a
drummer marks the end of a phrase. The Hydrogen files hold the same book as one of the JSON files,
with velocities, so patterns found there aren't read twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.corpus.played import notes_from, stop_repeats
from yuefu.corpus.reader_types import Item
from yuefu.errors import FormatError
from yuefu.score.model import MeterChange, Part, Score, TempoChange, renumber

#: Names of both sources' instruments as General MIDI drum sounds.
SOUNDS = {
    "Kick": 36, "Hi-hat Closed": 42, "Snare": 38, "Ride Bow": 51, "Tom Low": 45, "Tom Floor": 41,
    "Hi-hat Semi-Open": 46, "Hi-hat Pedal": 44, "Tom Mid": 47, "Snare Rimshot": 37, "Cowbell": 56,
    "Ride Bell": 53, "Hand Clap": 39, "Crash": 49, "Hi-hat Open": 46, "BassDrum": 36, "ClosedHiHat": 42,
    "SnareDrum": 38, "MediumTom": 47, "LowTom": 45, "OpenHiHat": 46, "RimShot": 37, "HighTom": 50,
    "Cymbal": 49, "Clap": 39, "Tambourine": 54,
}  # fmt: skip
#: Beginning of a pattern's name (letters only) -> our style label and a usual tempo.
STYLES = {
    "afrocub": ("latin", 110), "blues": ("blues", 100), "boogie": ("blues", 140), "bossa": ("latin", 130),
    "chacha": ("latin", 120), "disco": ("disco", 120), "funk": ("funk", 100), "jazz": ("jazz", 160),
    "march": ("march", 116), "tango": ("latin", 120), "paso": ("latin", 120), "charleston": ("jazz", 180),
    "pop": ("pop", 112), "reggae": ("reggae", 78), "rock": ("rock", 120), "rnb": ("soul", 96),
    "rhythmblues": ("soul", 96), "samba": ("latin", 110), "shuffle": ("blues", 120), "ska": ("reggae", 130),
    "slow": ("pop", 66), "ballad": ("pop", 70), "swing": ("jazz", 150), "twist": ("rock", 150),
    "waltz": ("waltz", 140), "ending": ("pop", 110),
}  # fmt: skip
BARS = 4


@dataclass(frozen=True)
class Pattern:
    """One bar. hits: (tick, GM pitch, velocity); numerator and denominator of its metre."""

    name: str
    numerator: int
    denominator: int
    hits: tuple[tuple[int, int, int], ...]


def read(folder: Path) -> Iterator[Item]:
    """One item a pattern: the Hydrogen files, then what only the JSON books have."""
    done: set[str] = set()
    files = sorted(folder.rglob("*.h2pattern"))
    breaks: dict[str, list[Path]] = {}
    for path in files:
        if "break" in path.stem:
            breaks.setdefault(path.parent.name, []).append(path)
    for path in files:
        done.add(_plain(path.stem))
        if "break" in path.stem:
            continue
        endings = breaks.get(path.parent.name, [])
        number = int(re.sub(r"\D", "", path.stem) or 0)
        ending = str(endings[number % len(endings)]) if endings else ""
        yield _item(_plain(path.stem), read_hydrogen, (str(path), ending), str(path.relative_to(folder)))
    for path in sorted(folder.rglob("patterns*.json")):
        try:
            book = [_grid(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"{path.name} can't be read as a book of step grids: {error!s:.80}.") from error
        # The book of 260 is the one that the Hydrogen files hold; another book's Rock 1 is another rhythm.
        prefix = "" if "260" in path.stem else path.stem.removeprefix("patterns") + "-"
        for name, bars in _phrases(book):
            if prefix + _plain(name) not in done:
                done.add(prefix + _plain(name))
                yield _item(prefix + _plain(name), phrase, (name, tuple(bars)), f"{path.relative_to(folder)}#{name}")


def _item(work: str, load: Any, args: tuple[Any, ...], source: str) -> Item:
    return Item(
        work=work,
        load=load,
        args=args,
        source=source,
        style=style_of(work.rpartition("-")[2])[0],
        arranged=True,
        metadata={"take": "pattern"},
    )


def style_of(name: str) -> tuple[str, int]:
    """Our style label for a pattern's name, and a usual tempo in quarters a minute.

    >>> style_of("BossaNova2MeasureA"), style_of("R'n'B 4")
    (('latin', 130), ('soul', 96))
    """
    plain = _plain(name)
    return next((STYLES[key] for key in sorted(STYLES, key=len, reverse=True) if plain.startswith(key)), ("pop", 110))


def _plain(name: str) -> str:
    """A name's letters and numbers, one spelling for both sources (``rock-03``, ``Rock 3``, ``Rock3``)."""
    text = re.sub(r"r'?n'?b|r-n-b", "rnb", name.lower())
    text = re.sub(r"0+(?=\d)", "", re.sub(r"[^a-z0-9]", "", text))
    return text.replace("bossanova", "bossa").replace("afrocuban", "afrocub").replace("pasodoble", "paso")


def phrase(name: str, bars: tuple[Pattern, ...]) -> Score:
    """Four bars from one to four given ones: the given order, repeated; the last given bar comes last."""
    if not bars or not any(bar.hits for bar in bars):
        raise FormatError(f"pattern {name[:40]} has no hits.")
    first = bars[0]
    alike = [bar for bar in bars if (bar.numerator, bar.denominator) == (first.numerator, first.denominator)]
    order = alike if len(alike) == BARS else [alike[0]] * (BARS - 1) + [alike[-1]]
    if len(alike) == 3:  # A, B and a break
        order = [alike[0], alike[1], alike[0], alike[2]]
    meter = MeterChange(0, first.numerator, first.denominator)
    rows = [(index * meter.bar_ticks + hit[0], hit[1], hit[2]) for index, bar in enumerate(order) for hit in bar.hits]
    columns = np.array(rows, dtype=np.int64).T
    hits = stop_repeats(notes_from(columns[0], np.full(len(rows), 6), columns[1], columns[2]))
    return renumber(
        Score(
            title=name,
            parts=(Part("drums", "Drums", "drums", 0, "drums", hits),),
            tempos=(TempoChange(0, float(style_of(name)[1])),),
            meters=(meter,),
            length=BARS * meter.bar_ticks,
        )
    )


def read_hydrogen(path: str | Path, ending: str | Path = "") -> Score:
    """A Hydrogen pattern file as four bars, the last from the file ``ending`` if given."""
    bars = [_hydrogen(Path(path))] + ([_hydrogen(Path(ending))] if ending else [])
    return phrase(bars[0].name, tuple(bars))


def _hydrogen(path: Path) -> Pattern:
    from lxml import etree

    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        root = etree.fromstring(path.read_bytes(), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise FormatError(f"{path.name} isn't a Hydrogen pattern that can be read: {error!s:.80}.") from error
    pattern = root.find("{*}pattern")
    if pattern is None:
        raise FormatError(f"{path.name} holds no pattern.")
    name = pattern.findtext("{*}name") or path.stem
    size = int(pattern.findtext("{*}size") or 192)
    raw = []
    for note in pattern.iterfind("{*}noteList/{*}note"):
        sound = SOUNDS.get(note.findtext("{*}type") or "")
        if sound is not None:
            loud = float(note.findtext("{*}velocity") or 0.8)
            raw.append((int(note.findtext("{*}position") or 0), sound, round(min(1.0, max(0.1, loud)) * 120)))
    # 48 positions a quarter. Bars of 144 outside waltzes are the books' twelve-step bars: four beats
    # of triplets, written as if they were sixteenths.
    twelve = size == 144 and not _plain(name).startswith("waltz")
    scale = 8 / 12 if twelve else 0.5
    hits = tuple(sorted({(round(position * scale), pitch, loud) for position, pitch, loud in raw}))
    return Pattern(name, 3 if size == 144 and not twelve else 4, 4, hits)


def _grid(entry: dict[str, Any]) -> Pattern:
    """A JSON pattern; twelve steps in 4/4 are triplets, in 12/8 eighths, in 3/4 sixteenths."""
    signature, length = str(entry["signature"]), int(entry["length"])
    numerator, denominator = (int(part) for part in signature.split("/"))
    step = {("12/8", 12): 12, ("4/4", 12): 8}.get((signature, length), 6)
    accents = entry.get("accent") or []
    bar = MeterChange(0, numerator, denominator).bar_ticks
    hits = []
    for instrument, steps in entry["tracks"].items():
        sound = SOUNDS.get(instrument)
        for index, value in enumerate(steps):
            if sound is None or value == "Rest" or index * step >= bar:
                continue
            accent = index < len(accents) and accents[index] == "Accent"
            hits.append((index * step, sound, 112 if accent or value == "Flam" else 88))
    return Pattern(str(entry["title"]), numerator, denominator, tuple(sorted(hits)))


def _phrases(book: list[Pattern]) -> Iterator[tuple[str, list[Pattern]]]:
    """Patterns with what belongs to them: measures A and B with their break, or a style's break in turn."""
    groups: dict[str, list[Pattern]] = {}
    for pattern in book:
        stem = re.sub(r"Measure[AB]$|(?<=\d)Break$|(?<=Ska)Break$|(?<=Cha)Break$", "", pattern.name)
        groups.setdefault(stem, []).append(pattern)
    breaks: dict[str, list[Pattern]] = {}
    for pattern in book:
        if match := re.match(r"(.+?)Break\d+$", pattern.name):
            breaks.setdefault(match[1], []).append(pattern)
    for stem, patterns in groups.items():
        if re.search(r"Break\d+$", stem):
            continue
        if len(patterns) > 1 and patterns[0].name != patterns[1].name:
            yield stem, patterns[:BARS]
            continue
        style = stem.rstrip("0123456789")
        number = stem[len(style) :]
        endings = breaks.get(style, [])
        ending = [endings[int(number or 0) % len(endings)]] if endings else []
        yield stem, [patterns[0], *ending]
