"""Words under notes, edited as text: read into syllables and laid on the notes of some bars."""

from __future__ import annotations

from dataclasses import replace

from yuefu.errors import InputError
from yuefu.score.model import Syllable
from yuefu.text.lyrics import check_lyrics, read_line
from yuefu.workflows.edit_desk import Desk, PartDesk, Stretch, mended
from yuefu.workflows.edit_models import SetLyrics, SetSyllable

_HYPHENS = "-‐‑–"
#: Ticks between two notes up to which the second may hold the first one's syllable.
_JOINED = 3


def set_lyrics(desk: Desk, edit: SetLyrics) -> None:
    """Lay a text on the notes of some bars, a syllable a note; notes left over hold the syllable before.

    Raises InputError when there are more syllables than notes, with both counts.
    """
    bars = desk.bar_list(edit.bars)
    holder = desk.find_part(edit.part) if edit.part is not None else sung_part(desk)
    if holder.part.is_drums:
        raise InputError("drums can't sing: name a part with pitches.")
    notes = _line(holder, Stretch(bars), edit.verse)
    inside = set(notes)
    stretch = Stretch(bars)
    everything = {number for number, row in holder.notes.items() if row[0] in stretch}
    old = [s for s in holder.syllables if s.verse == edit.verse and s.note_id in everything]
    rest = [s for s in holder.syllables if s.verse != edit.verse or s.note_id not in everything]
    new = read_syllables(edit.text, edit.verse)
    if len(new) > len(notes):
        names = f"bar{'s' * (len(bars) > 1)} {edit.bars}"
        raise InputError(
            f"the words have {len(new)} syllables, but the tune has {len(notes)} note{'s' * (len(notes) != 1)} "
            f"in {names}: "
            "take syllables out, or draw more notes."
        )
    if new and old and "\n" not in edit.text.strip() and not old[-1].line_end:
        new[-1] = replace(new[-1], line_end=False)  # the line goes on in the next bar
    before = [s.note_id for s in sorted(old, key=lambda s: holder.notes[s.note_id][0]) if s.note_id in inside]
    chosen = before if len(before) == len(new) else _places(desk, holder, notes, len(new))
    laid = [replace(syllable, note_id=number) for syllable, number in zip(new, chosen)]
    sung = rest + laid
    bare = edit.text.strip()
    if laid and bare[:1] in _HYPHENS:
        sung = _joined(holder, sung, laid[0].note_id, edit.verse, True, False)
    if laid and bare[-1:] in _HYPHENS:
        sung = _joined(holder, sung, laid[-1].note_id, edit.verse, False, True)
    holder.syllables = mended(holder, sung)


def set_syllable(desk: Desk, edit: SetSyllable) -> None:
    """Another syllable for a note. A hyphen at its end or beginning says that the word goes on there."""
    holder = desk.find_note(edit.note)
    if holder.part.is_drums:
        raise InputError("drums can't sing: choose a note with a pitch.")
    old = next((s for s in holder.syllables if (s.note_id, s.verse) == (edit.note, edit.verse)), None)
    rest = [s for s in holder.syllables if s is not old]
    text = clean(edit.text).strip(_HYPHENS).strip()
    if text:
        begins, goes_on = edit.text[:1] in _HYPHENS, edit.text[-1:] in _HYPHENS
        if begins or goes_on:
            kind = "middle" if begins and goes_on else "end" if begins else "begin"
        else:
            kind = old.syllabic if old else "single"
        rest.append(Syllable(edit.note, text, kind, edit.verse, old.line_end if old else False))
        if begins or goes_on:
            rest = _joined(holder, rest, edit.note, edit.verse, begins, goes_on)
    holder.syllables = mended(holder, rest)


def _joined(
    holder: PartDesk, syllables: list[Syllable], note: int, verse: int, begins: bool, goes_on: bool
) -> list[Syllable]:
    """The syllables beside a note drawn into its word."""
    place = {number: index for index, number in enumerate(holder.order())}
    row = sorted((s for s in syllables if s.verse == verse), key=lambda s: place[s.note_id])
    at = next(index for index, s in enumerate(row) if s.note_id == note)
    changed: dict[int, str] = {}
    if begins and at:
        changed[row[at - 1].note_id] = {"single": "begin", "end": "middle"}.get(row[at - 1].syllabic, "middle")
    if goes_on and at + 1 < len(row):
        changed[row[at + 1].note_id] = {"single": "end", "begin": "middle"}.get(row[at + 1].syllabic, "middle")
    return [
        replace(s, syllabic=changed[s.note_id]) if s.verse == verse and s.note_id in changed else s for s in syllables
    ]


def sung_part(desk: Desk) -> PartDesk:
    """The part with words, else the one with the tune. Raises InputError when none has pitches."""
    pitched = [holder for holder in desk.parts if not holder.part.is_drums]
    for wanted in (
        [holder for holder in pitched if holder.syllables],
        [holder for holder in pitched if holder.part.role == "melody"],
        pitched,
    ):
        if wanted:
            return wanted[0]
    raise InputError("the piece has no part that could sing: add one with pitches.")


def read_syllables(text: str, verse: int) -> list[Syllable]:
    """A text as syllables of no notes yet, line by line. Raises InputError for what can't be sung.

    >>> [(s.text, s.syllabic) for s in read_syllables("Morn-", 1)], len(read_syllables("床前 明月光", 1))
    ([('Morn', 'begin')], 5)
    """
    text = "\n".join(clean(line) for line in text.splitlines())
    if not text.strip():
        return []
    check_lyrics(text)
    found: list[Syllable] = []
    for line in text.splitlines():
        bare = line.strip()
        read = read_line(bare.strip(_HYPHENS))
        if read is None:
            continue
        row = [Syllable(0, s.text, s.syllabic, verse) for s in read.syllables]
        row[-1] = replace(row[-1], line_end=True)
        if bare[:1] in _HYPHENS:
            row[0] = replace(row[0], syllabic="middle" if row[0].syllabic == "begin" else "end")
        if bare[-1:] in _HYPHENS:
            kind = "middle" if row[-1].syllabic == "end" or (len(row) == 1 and bare[:1] in _HYPHENS) else "begin"
            row[-1] = replace(row[-1], syllabic=kind, line_end=False)
        found += row
    if not found:
        raise InputError(f"'{text.strip()[:40]}' holds nothing to sing: write words in Chinese or English.")
    return found


def clean(text: str) -> str:
    """A text without characters that don't print (and that files can't hold)."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _line(holder: PartDesk, bars: Stretch, verse: int) -> list[int]:
    """The notes that sing: one an onset, that with words or the highest."""
    sung = {s.note_id for s in holder.syllables if s.verse == verse}
    best: dict[int, int] = {}
    for number in holder.order():
        start = holder.notes[number][0]
        if start in bars and not (start in best and best[start] in sung):
            best[start] = number
    return [best[start] for start in sorted(best)]


def _places(desk: Desk, holder: PartDesk, notes: list[int], count: int) -> list[int]:
    """Which of the notes get the syllables; the others hold: those that follow at once, off the beat, by a step."""
    spare = len(notes) - count

    def holds(index: int) -> float:
        start, duration, pitch, _ = holder.notes[notes[index]]
        before = holder.notes[notes[index - 1]]
        if start - (before[0] + before[1]) > _JOINED:
            return -1.0
        inside = start - desk.bar_at(start).start
        off = 1.0 if inside % 24 else 0.0
        return off + 0.5 * (abs(pitch - before[2]) <= 2) + 0.5 * (duration < 24) + 0.001 * index

    held = set(sorted(range(1, len(notes)), key=holds, reverse=True)[:spare])
    return [number for index, number in enumerate(notes) if index not in held][:count]
