"""A MusicXML file's facts, read with lxml alone (see ``written``). Partwise files, repeats not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yuefu.evaluation.written import Harmony, WrittenPiece, WrittenPlayer, pitch_class

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Kinds of harmony by the suffix of a chord symbol.
_SUFFIXES = {"major": "", "minor": "m", "dominant": "7", "major-seventh": "maj7", "minor-seventh": "m7"}


def written_musicxml(data: bytes) -> WrittenPiece:
    """The facts of a MusicXML file; what belongs to the whole piece may stand in any part."""
    from lxml import etree

    root = etree.fromstring(data)
    heads = {head.get("id"): head for head in root.iterfind("part-list/score-part")}
    parts = [_Part(part, heads[part.get("id")]) for part in root.iterfind("part")]
    first = parts[0]
    faults = [fault for part in parts for fault in part.faults]
    faults += [f"{p.id} has {len(p.starts) - 1} bars, {first.id} has {len(first.starts) - 1}"
               for p in parts if len(p.starts) != len(first.starts)]  # fmt: skip
    return WrittenPiece(
        keys=tuple(dict.fromkeys(key for part in parts for key in part.keys)),
        tempos=tuple(sorted(tempo for part in parts for tempo in part.tempos)),
        meters=tuple(dict.fromkeys(meter for part in parts for meter in part.meters)),
        bar_starts=tuple(first.starts),
        marks=tuple(mark for part in parts for mark in part.marks),
        harmonies=tuple(sorted((h for part in parts for h in part.harmonies), key=lambda h: h[0])),
        words=tuple(word for part in parts for word in part.words),
        syllables=sum(part.syllables for part in parts),
        players=tuple(part.player for part in parts),
        faults=tuple(faults),
    )


def _number(element: Element, path: str, default: float = 0.0) -> float:
    text = element.findtext(path)
    return float(text) if text else default


class _Part:
    """One part, walked from its first bar to its last."""

    def __init__(self, part: Element, head: Element) -> None:
        self.id = part.get("id") or ""
        self.keys: list[tuple[int, str]] = []
        self.tempos: list[tuple[float, float]] = []
        self.meters: list[tuple[int, int]] = []
        self.starts = [0.0]
        self.marks: list[tuple[int, str]] = []
        self.harmonies: list[tuple[float, Harmony | None]] = []
        self.words: list[str] = []
        self.syllables = 0
        self.faults: list[str] = []
        self._notes: list[tuple[float, float, int]] = []
        self._divisions = 1.0
        self._transposition = 0
        self._at = self._onset = 0.0  # quarters within the bar
        for index, measure in enumerate(part.iterfind("measure")):
            self._measure(index, measure)
        drums = head.findtext("midi-instrument/midi-channel") == "10"
        program = None if drums else int(_number(head, "midi-instrument/midi-program", 1)) - 1
        self.player = WrittenPlayer(" ".join((head.findtext("part-name") or "").split()), program, tuple(self._notes))

    def _measure(self, index: int, measure: Element) -> None:
        self._at = self._onset = longest = 0.0
        for element in measure:
            if element.tag == "attributes":
                self._attributes(element)
            elif element.tag == "note":
                self._note(element)
            elif element.tag in ("backup", "forward"):
                step = _number(element, "duration") / self._divisions
                self._at += step if element.tag == "forward" else -step
            elif element.tag == "harmony":
                place = self.starts[-1] + self._at + _number(element, "offset") / self._divisions
                self.harmonies.append((place, _harmony(element)))
            elif element.tag in ("direction", "sound"):
                self._direction(index, element)
            longest = max(longest, self._at)
        top, bottom = self.meters[-1]
        full = top * 4 / bottom
        if abs(longest - full) > 1e-6 and measure.get("implicit") != "yes":
            self.faults.append(f"bar {index + 1} of {self.id} lasts {longest:g} instead of {full:g} quarters")
        self.starts.append(self.starts[-1] + longest)

    def _attributes(self, element: Element) -> None:
        self._divisions = _number(element, "divisions", self._divisions)
        for key in element.iterfind("key"):
            mode = key.findtext("mode") or ""
            if mode != "none":  # drums have no key
                self.keys.append((int(_number(key, "fifths")), mode))
        for time in element.iterfind("time"):
            self.meters.append((int(_number(time, "beats")), int(_number(time, "beat-type"))))
        for move in element.iterfind("transpose"):
            self._transposition = int(_number(move, "chromatic") + 12 * _number(move, "octave-change"))

    def _direction(self, index: int, element: Element) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        if sound is not None and sound.get("tempo"):
            place = self.starts[-1] + self._at + _number(element, "offset") / self._divisions
            self.tempos.append((place, float(sound.get("tempo"))))
        self.marks += [(index, mark.text or "") for mark in element.iterfind("direction-type/rehearsal")]

    def _note(self, note: Element) -> None:
        duration = _number(note, "duration") / self._divisions
        if note.find("chord") is None:
            self._onset = self._at
            if note.find("grace") is None:
                self._at += duration
        place = self.starts[-1] + self._onset
        pitch = note.find("pitch")
        if pitch is not None:
            step, alter = pitch.findtext("step") or "C", round(_number(pitch, "alter"))
            # B#3 is above C4, so the letter's own octave counts.
            sounding = 12 * (int(_number(pitch, "octave")) + 1) + pitch_class(step) + alter + self._transposition
            self._notes.append((place, duration, sounding))
        elif note.find("unpitched") is not None:
            self._notes.append((place, duration, -1))
        for lyric in note.iterfind("lyric[text]"):
            if lyric.get("number", "1") != "1":
                continue
            text = lyric.findtext("text") or ""
            if lyric.findtext("syllabic") in ("middle", "end") and self.words:
                self.words[-1] += text
            else:
                self.words.append(text)
            self.syllables += 1
            if pitch is None or any(tie.get("type") == "stop" for tie in note.iterfind("tie")):
                self.faults.append(f"{self.id} has the syllable '{text}' where no note begins")


def _harmony(element: Element) -> Harmony | None:
    kind = element.find("kind")
    name = (kind.text or "").strip() if kind is not None else "major"
    if name == "none":
        return None
    suffix = _SUFFIXES.get(name, name)
    told = (kind.get("text") or "").strip() if kind is not None else ""
    if suffix in ("", "m") and told != suffix:  # an added ninth, say, is in the text alone
        suffix = told or suffix
    bass = element.find("bass")
    return (
        pitch_class(element.findtext("root/root-step") or "C", round(_number(element, "root/root-alter"))),
        suffix,
        None if bass is None else pitch_class(bass.findtext("bass-step") or "C", round(_number(bass, "bass-alter"))),
    )
