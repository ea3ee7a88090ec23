"""Ideas as they are shown and heard: a score of an idea, its MIDI file, and the card with its words and sound."""

from __future__ import annotations

from typing import Any

from yuefu.errors import InputError
from yuefu.inspire.idea import Idea
from yuefu.inspire.making import WORDS, idea_to_dict, quarters_of
from yuefu.inspire.rights import free_sentence, source_sentence
from yuefu.score.midi import midi_bytes
from yuefu.score.model import (
    TICKS_PER_QUARTER,
    ChordSpan,
    KeyChange,
    MeterChange,
    Part,
    Score,
    TempoChange,
    make_notes,
    transpose,
)
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.meter import parse_meter
from yuefu.workflows.documents import document_of_score
from yuefu.workflows.views import playback_view

#: Who plays a row of an idea.
PLAYERS = {
    "melody": "piano", "counter": "flute", "inner": "viola", "bass": "bass", "keys": "electric_piano",
    "pad": "strings", "drums": "drums",
}  # fmt: skip
KIND_NAMES = {
    "motif": ("Motif", "动机"), "hook": ("Hook", "钩子旋律"), "progression": ("Chords", "和弦进行"),
    "rhythm": ("Rhythm", "节奏"), "bass": ("Bass line", "低音线"), "groove": ("Groove", "鼓点律动"),
    "texture": ("Texture", "伴奏织体"), "lyric": ("Lyric", "歌词"), "title": ("Title", "歌名"),
}  # fmt: skip
#: Where the chords of a progression are played.
_MIDDLE, _BASS = 62, 43
_LOUD = 72


def score_of(idea: Idea, key: str | None = None, tempo: float | None = None) -> Score:
    """The idea as a score, in its own key and tempo or in others; a progression is played as chords that move little.

    Raises InputError for words alone, which have no notes.
    """
    if idea.kind in WORDS:
        raise InputError(f"a {idea.kind} is words alone and has no notes: choose another kind of idea.")
    numerator, denominator = parse_meter(idea.meter)
    home = Key.parse(idea.key)
    rows: dict[str, list[tuple[int, int, int, int]]] = {}
    for row, start, length, pitch, loud in idea.notes:
        rows.setdefault(row, []).append((_ticks(start), max(_ticks(length), 1), pitch, loud))
    spans = tuple(_span(chord) for chord in idea.chords)
    if not rows:
        rows = {"keys": [], "bass": []}
        for span, voices in zip(spans, voicings([span.chord for span in spans if span.chord])):
            assert span.chord is not None
            rows["keys"] += [(span.start, span.duration, pitch, _LOUD) for pitch in voices]
            rows["bass"].append((span.start, span.duration, _near(span.chord.bass_class, _BASS), _LOUD))
    parts: list[Part] = []
    number = 1
    for row in sorted(rows, key=list(PLAYERS).index):
        player = INSTRUMENTS[PLAYERS[row]]
        notes = make_notes([(number + i, *note) for i, note in enumerate(sorted(rows[row]))])
        number += len(notes)
        parts.append(Part(f"P{len(parts) + 1}", player.en, row, player.program, player.key, notes))
    score = Score(
        title=idea.source.title, composer=idea.source.composer, parts=tuple(parts), chords=spans,
        tempos=(TempoChange(0, tempo or idea.tempo),), keys=(KeyChange(0, home),),
        meters=(MeterChange(0, numerator, denominator),), length=_ticks(quarters_of(idea)),
        metadata={"style": idea.style} if idea.style else {},
    )  # fmt: skip
    if key is None:
        return score
    by = (Key.parse(key).shift - home.shift + 5) % 12 - 5
    return transpose(score, by) if by else score


def _ticks(quarters: float) -> int:
    return round(quarters * TICKS_PER_QUARTER)


def _span(chord: tuple[float, float, str, str]) -> ChordSpan:
    start, length, _, symbol = chord
    return ChordSpan(_ticks(start), max(_ticks(length), 1), Chord.parse(symbol))


def voicings(chords: list[Chord]) -> list[list[int]]:
    """Chords in close position, each as near to the one before as it can be.

    >>> voicings([Chord.parse("C"), Chord.parse("G")])
    [[60, 64, 67], [59, 62, 67]]
    """
    found: list[list[int]] = []
    centre = float(_MIDDLE + 1)
    for chord in chords:
        classes = list(dict.fromkeys(chord.pitch_classes))[:4]
        best: tuple[float, list[int]] | None = None
        for turn in range(len(classes)):
            low = classes[turn] + 48
            voices = [low]
            for pitch_class in classes[turn + 1 :] + classes[:turn]:
                voices.append(voices[-1] + (pitch_class - voices[-1]) % 12)
            for octave in (0, 12):
                moved = [voice + octave for voice in voices]
                before = found[-1] if found else None
                cost = abs(sum(moved) / len(moved) - centre)
                if before is not None:
                    cost = 0.3 * abs(sum(moved) / len(moved) - _MIDDLE) + sum(
                        min(abs(voice - old) for old in before) for voice in moved
                    )
                if best is None or cost < best[0]:
                    best = (cost, moved)
        assert best is not None
        found.append(best[1])
    return found


def _near(pitch_class: int, centre: int) -> int:
    """The pitch of a class that is nearest to another pitch."""
    return centre + (pitch_class - centre + 6) % 12 - 6


def midi_of(idea: Idea) -> bytes:
    """The idea as a MIDI file, exactly as it stands."""
    return midi_bytes(score_of(idea))


def title_of(idea: Idea, language: str = "en") -> str:
    """What a card is called: its words, its numerals, or its kind and where it is from."""
    chinese = language == "zh"
    if idea.kind in WORDS:
        return idea.text.partition("\n")[0][:60]
    if idea.kind == "progression":
        numerals = [roman for *_, roman, _ in idea.chords]
        return " ".join(numerals[:8]) + (" …" if len(numerals) > 8 else "")
    kind = KIND_NAMES[idea.kind][chinese]
    origin, _, name = idea.source.piece.partition(":")
    source = idea.source.title or (("无题" if chinese else "untitled") if origin == "piece" else name)
    if idea.source.piece.startswith("made:"):
        return kind
    return f"{kind} · {source[:40]}" if source else kind


def card(idea: Idea, language: str = "en", playback: bool = True) -> dict[str, Any]:
    """A card as plain data: what it holds, where it came from and whether that is free, a roll to draw, its sound.

    playback: with the form that a player takes (see ``views.playback_view``); None for words alone.
    """
    chinese = language == "zh"
    pitched = [pitch for row, _, _, pitch, _ in idea.notes if row != "drums"]
    sound = None
    roll_notes: list[list[Any]] = [list(note[:4]) for note in idea.notes]
    if idea.kind not in WORDS:
        score = score_of(idea)
        if not idea.notes:
            roll_notes = [
                [part.role, start / 24, length / 24, pitch]
                for part in score.parts
                for _, start, length, pitch, _ in part.notes.tolist()
            ]
            pitched = [note[3] for note in roll_notes]
        if playback:
            sound = playback_view(document_of_score(score, played_as_written=True))
    return {
        "id": idea.id,
        "kind": idea.kind,
        "kind_name": KIND_NAMES[idea.kind][chinese],
        "title": title_of(idea, language),
        "bars": idea.bars,
        "meter": idea.meter,
        "tempo": idea.tempo,
        "key": idea.key,
        "style": idea.style,
        "text": idea.text,
        "notes": [list(note) for note in idea.notes],
        "chords": [
            {"start": start, "duration": length, "roman": roman, "symbol": symbol}
            for start, length, roman, symbol in idea.chords
        ],
        "facts": dict(idea.facts),
        "source": {
            "piece": idea.source.piece, "title": idea.source.title, "composer": idea.source.composer,
            "bars": list(idea.source.bars), "licence": idea.source.licence, "free": idea.source.free,
            "sentence": source_sentence(idea.source, language),
        },
        "free_sentence": free_sentence(idea.source, language),
        "roll": {
            "low": min(pitched, default=48), "high": max(pitched, default=72), "quarters": quarters_of(idea),
            "notes": roll_notes,
        },
        "playback": sound,
        "idea": idea_to_dict(idea),
    }  # fmt: skip
