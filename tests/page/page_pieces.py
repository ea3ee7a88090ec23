"""Small pieces to engrave and draw: a Chinese lead sheet, an English song, a band, a quartet."""

from __future__ import annotations

from yuefu.score.model import (
    ChordSpan,
    Direction,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
)
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

BAR = 96
POEM = "床前明月光疑是地上霜举头望明月低头思故乡"
VERSE = [
    ("The", "single"), ("riv", "begin"), ("er", "end"), ("bends", "single"), ("be", "begin"), ("yond", "end"),
    ("the", "single"), ("eve", "begin"), ("ning", "end"), ("light", "single"),
]  # fmt: skip
_TUNE = (67, 69, 71, 74, 72, 71, 69, 67, 64, 67, 69, 71, 69, 67, 66, 67)
_CHORDS = ("G", "Em7", "C", "D7", "Bm", "F#m7b5", "Bbmaj7", "D7/F#")


def _numbered(parts: list[Part]) -> tuple[Part, ...]:
    """Parts with note ids that are unique in the score."""
    out = []
    following = 1
    for part in parts:
        notes = part.notes.copy()
        shift = following - 1
        notes["id"] += shift
        following += len(notes)
        syllables = tuple(Syllable(s.note_id + shift, s.text, s.syllabic, s.verse, s.line_end) for s in part.syllables)
        out.append(
            Part(part.id, part.name, part.role, part.program, part.instrument, notes, syllables, part.directions)
        )
    return tuple(out)


def _melody(bars: int, step: int = 24) -> list[tuple[int, int, int, int, int]]:
    """A sung line of quarters with a half note at the end of every other bar."""
    rows: list[tuple[int, int, int, int, int]] = []
    tick = 0
    while tick < bars * BAR:
        duration = 2 * step if tick % (2 * BAR) == BAR + 48 else step
        rows.append((len(rows) + 1, tick, duration, _TUNE[len(rows) % len(_TUNE)], 70 + len(rows) % 40))
        tick += duration
    return rows


def _chords(bars: int) -> tuple[ChordSpan, ...]:
    return tuple(ChordSpan(i * BAR, BAR, Chord.parse(_CHORDS[i % len(_CHORDS)])) for i in range(bars))


def _sections(bars: int) -> tuple[Section, ...]:
    kinds = (("A", "verse"), ("B", "chorus"), ("A'", "verse"), ("C", "bridge"))
    return tuple(Section(i * BAR, min(8, bars - i) * BAR, *kinds[i // 8 % len(kinds)]) for i in range(0, bars, 8))


def chinese_song(bars: int = 8) -> Score:
    """A lead sheet with Chinese words, title and names."""
    rows = _melody(bars)
    syllables = tuple(
        Syllable(row[0], POEM[i % len(POEM)] + ("，" if i % 5 == 4 else ""), line_end=i % 5 == 4)
        for i, row in enumerate(rows)
    )
    directions = (Direction(0, "dynamic", "mp"), Direction(0, "words", "中速，温柔地"))
    voice = Part("P1", "人声", "melody", 52, "voice", make_notes(rows), syllables, directions)
    return _score("静夜思", "乐府", (voice,), bars, lyricist="李白")


def english_song(bars: int = 8) -> Score:
    """A voice with English words over a piano on two staves."""
    rows = _melody(bars)
    syllables = tuple(Syllable(row[0], *VERSE[i % len(VERSE)]) for i, row in enumerate(rows))
    directions = (Direction(0, "dynamic", "p"), Direction(4 * BAR, "dynamic", "mf"))
    voice = Part("P1", "Voice", "melody", 52, "voice", make_notes(rows), syllables, directions)
    parts = [voice, Part("P2", "Piano", "keys", 0, "piano", make_notes(_keys(bars)))]
    return _score("The River Bends", "Yuefu", _numbered(parts), bars, lyricist="Anon.")


def _keys(bars: int) -> list[tuple[int, int, int, int, int]]:
    rows: list[tuple[int, int, int, int, int]] = []
    for bar in range(bars):
        chord = Chord.parse(_CHORDS[bar % len(_CHORDS)])
        rows.append((len(rows) + 1, bar * BAR, BAR, 36 + chord.bass_class, 70))
        for beat in range(1, 4):
            for tone in chord.pitch_classes:
                rows.append((len(rows) + 1, bar * BAR + beat * 24, 24, 60 + tone, 60))
    return rows


def _bass(bars: int) -> list[tuple[int, int, int, int, int]]:
    rows: list[tuple[int, int, int, int, int]] = []
    for bar in range(bars):
        chord = Chord.parse(_CHORDS[bar % len(_CHORDS)])
        for beat, duration in ((0, 36), (36, 12), (48, 24), (72, 24)):
            rows.append((len(rows) + 1, bar * BAR + beat, duration, 36 + chord.bass_class, 80 + beat % 30))
    return rows


def _drums(bars: int) -> list[tuple[int, int, int, int, int]]:
    rows: list[tuple[int, int, int, int, int]] = []
    for bar in range(bars):
        for eighth in range(8):
            sounds = [42] + ([36] if eighth in (0, 4, 5) else []) + ([38] if eighth in (2, 6) else [])
            if bar % 8 == 0 and eighth == 0:
                sounds = [49, 36]
            for sound in sounds:
                rows.append((len(rows) + 1, bar * BAR + eighth * 12, 12, sound, 60 + (eighth % 2 == 0) * 40))
    return rows


def band(bars: int = 32) -> Score:
    """Five parts: voice with words, guitar, piano, bass, drums."""
    voice = english_song(bars).parts[0]
    guitar = [(i + 1, t, 24, p - 12, 66) for i, (_, t, _, p, _) in enumerate(_melody(bars))]
    parts = [
        voice,
        Part("P2", "Electric Guitar", "counter", 27, "electric_guitar", make_notes(guitar)),
        Part("P3", "Piano", "keys", 0, "piano", make_notes(_keys(bars))),
        Part("P4", "Bass", "bass", 33, "electric_bass", make_notes(_bass(bars))),
        Part("P5", "Drums", "drums", 0, "drum_kit", make_notes(_drums(bars))),
    ]
    return _score("Five on the Road", "Yuefu", _numbered(parts), bars)


def quartet(bars: int = 24) -> Score:
    """Two violins, viola and cello."""
    rows = _melody(bars)
    moves = (("Violin I", "melody", 40, 12), ("Violin II", "counter", 40, 3), ("Viola", "inner", 41, -4))
    parts = [
        Part(f"P{i + 1}", name, role, program, name.split()[0].lower(), make_notes([
            (n, t, d, p + move, v) for n, t, d, p, v in rows]))
        for i, (name, role, program, move) in enumerate(moves)
    ]  # fmt: skip
    parts.append(Part("P4", "Cello", "bass", 42, "cello", make_notes(_bass(bars))))
    return _score("Quartet", "Yuefu", _numbered(parts), bars)


def _score(title: str, composer: str, parts: tuple[Part, ...], bars: int, **metadata: str) -> Score:
    return Score(
        title=title,
        composer=composer,
        parts=parts,
        chords=_chords(bars),
        sections=_sections(bars),
        tempos=(TempoChange(0, 92.0),),
        keys=(KeyChange(0, Key(1)),),
        meters=(MeterChange(0, 4, 4),),
        length=bars * BAR,
        metadata=dict(metadata),
    )
