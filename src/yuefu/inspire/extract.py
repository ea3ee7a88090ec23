"""All ideas of a piece, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from yuefu.errors import UnknownNameError
from yuefu.inspire.idea import KINDS, Idea, Source
from yuefu.inspire.material import Material, material_of
from yuefu.inspire.melodies import hooks_of, motifs_of, rhythms_of
from yuefu.inspire.patterns import basses_of, grooves_of, progressions_of, textures_of
from yuefu.score.model import Score

#: Kind -> what finds it.
FINDERS: dict[str, Callable[[Material], list[Idea]]] = {
    "motif": motifs_of, "hook": hooks_of, "progression": progressions_of, "rhythm": rhythms_of, "bass": basses_of,
    "groove": grooves_of, "texture": textures_of,
}  # fmt: skip


def ideas_of_score(score: Score, source: Source, kinds: Iterable[str] = KINDS) -> list[Idea]:
    """The ideas of a piece: by kind in the order of ``KINDS``, the most salient first. Raises UnknownNameError.

    A piece of words alone, or an empty one, has none; lyrics and titles aren't taken from pieces, see ``sparks``.
    """
    wanted = list(kinds)
    for kind in wanted:
        if kind not in KINDS:
            raise UnknownNameError("kind of idea", kind, KINDS)
    if not score.note_count and not score.chords:
        return []
    material = material_of(score, source)
    found: list[Idea] = []
    for kind, finder in FINDERS.items():
        if kind in wanted:
            found += finder(material)
    return distinct(found)


def distinct(ideas: Sequence[Idea]) -> list[Idea]:
    """Ideas without those that say the same as an earlier one, whatever their key and tempo."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for idea in ideas:
        print_ = fingerprint(idea)
        if print_ not in seen:
            seen.add(print_)
            kept.append(idea)
    return kept


def fingerprint(idea: Idea) -> tuple[object, ...]:
    """What an idea says, apart from key, octave, tempo, loudness and source."""
    pitched = [note[3] for note in idea.notes if note[0] != "drums"]
    lowest = min(pitched, default=0)
    notes = tuple((row, start, pitch if row == "drums" else pitch - lowest) for row, start, _, pitch, _ in idea.notes)
    chords = tuple((start, roman) for start, _, roman, _ in idea.chords) if idea.kind == "progression" else ()
    return idea.kind, idea.meter, idea.bars, notes, chords, idea.text
