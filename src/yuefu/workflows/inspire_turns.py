"""Ideas turned and recombined with the engines' help: continued, morphed, filled out, or written afresh for words."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.inspire.combining import combined, joined_source
from yuefu.inspire.extract import ideas_of_score
from yuefu.inspire.idea import KINDS, Idea, Source
from yuefu.inspire.making import MOST_BARS, WORDS, make_idea
from yuefu.inspire.material import Material, material_of
from yuefu.inspire.rights import MADE
from yuefu.inspire.turning import PLAIN, turned
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.model import NOTE_ROWS, Score, transpose
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.theory.key import Key
from yuefu.workflows.inspire_cards import PLAYERS, score_of

#: All ways to turn an idea.
TURNS = (*PLAIN, "transpose", "continue", "morph")
#: Bars of a continuation, steps of a morph (the middle one is taken), and pieces written for words at most.
MORE_BARS, STEPS, MOST_PIECES = 4, 5, 3
#: Bars of a piece that is written so that ideas can be found in it, and tunes tried for each section.
_BARS, _CANDIDATES = 16, 2


def turn(idea: Idea, how: str, other: Idea | None = None, seed: int = 0, key: str | None = None) -> Idea:
    """An idea turned: one of ``TURNS``. other: what a morph goes to; key: where a transposition goes.

    ``continue`` is written by the model, ``morph`` is the middle between two lines in the phrase engine's space.
    Raises InputError where it makes no sense, UnknownNameError for another way.
    """
    if how not in TURNS:
        raise UnknownNameError("way to turn an idea", how, TURNS)
    if how == "continue":
        return _continued(idea, seed)
    if how == "morph":
        if other is None:
            raise InputError("a morph needs a second idea: say which one it goes to.")
        return _morphed(idea, other, seed)
    return turned(idea, how, key, seed)


def combine(
    rhythm: Idea | None = None,
    chords: Idea | None = None,
    melody: Idea | None = None,
    groove: Idea | None = None,
    bass: Idea | None = None,
    texture: Idea | None = None,
    mood: tuple[float, float] | Idea | None = None,
    seed: int = 0,
    fill: Sequence[str] = (),
) -> Idea:
    """Ideas recombined on the grid: the rhythm of one on the chords of another, in the mood of a third.

    See ``inspire.combining.combined``; mood: a point, or an idea that has it; fill: rows that the model writes around
    what is given, such as ``("bass", "drums")``.
    """
    from yuefu.inspire.features import mood_point

    point = mood_point(mood) if isinstance(mood, Idea) else mood
    if point is not None and not all(-1 <= value <= 1 for value in point):
        raise InputError("a mood is valence and arousal, each from -1 to 1.")
    made = combined(rhythm, chords, melody, groove, bass, texture, point, seed)
    rows = [row for row in fill if row not in {note[0] for note in made.notes}]
    for row in rows:
        if row not in NOTE_ROWS:
            raise UnknownNameError("row", row, NOTE_ROWS)
    return _filled(made, rows, seed) if rows else made


def _filled(idea: Idea, rows: Sequence[str], seed: int) -> Idea:
    """The idea with more rows, written by the model."""
    from yuefu.text.brief import Brief
    from yuefu.workflows.fill_score import fill_with
    from yuefu.workflows.fill_wishes import FillMask, wishes_of

    score = score_of(idea)
    wishes = wishes_of(Brief(), seed, 2, None)
    players = {row: PLAYERS[row] for row in rows}
    done = fill_with(score, FillMask(list(rows), ()), wishes, players=players)
    return _idea_of(done.score, idea, idea.bars)


def _continued(idea: Idea, seed: int) -> Idea:
    """The idea with some bars more, of whoever plays in it."""
    from yuefu.workflows.tasks import continue_score

    if idea.kind in WORDS:
        raise InputError(f"a {idea.kind} is words alone and can't be continued: ask for other sparks.")
    if idea.bars + MORE_BARS > MOST_BARS:
        raise LimitError(f"the idea would have {idea.bars + MORE_BARS} bars: at most {MOST_BARS}.")
    if idea.kind in ("rhythm", "groove"):
        raise InputError(f"a {idea.kind} has no pitches to go on from: combine it with chords first.")
    score = score_of(idea)
    done = continue_score(score, MORE_BARS, seed=seed, candidates=2)
    written = done.score
    chords = _chords(written, idea.key)
    if not idea.notes:  # a progression goes on as one
        return make_idea(idea.kind, idea.source, bars=idea.bars + MORE_BARS, meter=idea.meter, tempo=idea.tempo,
                         key=idea.key, chords=chords, style=idea.style)  # fmt: skip
    return _idea_of(written, idea, idea.bars + MORE_BARS)


def _material(score: Score, key: str) -> Material:
    return replace(material_of(score, Source("made:0")), key=Key.parse(key))


def _chords(score: Score, key: str) -> list[tuple[float, float, str, str]]:
    return _material(score, key).chords_in(0, len(score.bars)) if score.chords else []


def _idea_of(score: Score, like: Idea, bars: int) -> Idea:
    """A score as an idea of the same kind and source."""
    material = _material(score, like.key)
    end = score.bars[min(bars, len(score.bars)) - 1].end
    notes = [note for part in score.parts for note in material.told(part.role, part.notes, 0, end)
             if note[1] < end / 24]  # fmt: skip
    chords = list(like.chords) if bars == like.bars else _chords(score, like.key)
    return make_idea(like.kind, like.source, notes=notes, bars=bars, meter=like.meter, tempo=like.tempo, key=like.key,
                     chords=chords, style=like.style)  # fmt: skip


def _morphed(one: Idea, other: Idea, seed: int) -> Idea:
    """The phrase half-way between two: melodies, basses or grooves of one metre, as long as the shorter of them."""
    from yuefu.workflows.morph import morph

    rows = []
    for idea in (one, other):
        own = {row for row, *_ in idea.notes}
        rows.append("drums" if own == {"drums"} else "bass" if own == {"bass"} else "melody")
    if rows[0] != rows[1] or any(not idea.notes for idea in (one, other)):
        raise InputError("only two tunes, two basses or two grooves can be morphed into one another.")
    if one.meter != other.meter:
        raise InputError(f"ideas in {one.meter} and {other.meter} can't be morphed: choose two of one metre.")
    row, bars = rows[0], min(one.bars, other.bars, 8)
    scores = [_alone(score_of(idea), row, bars) for idea in (one, other)]
    if row != "drums":
        by = (Key.parse(one.key).shift - Key.parse(other.key).shift + 5) % 12 - 5
        scores[1] = transpose(scores[1], by) if by else scores[1]
    roles = tuple("1=" + row for _ in scores)
    found = morph(scores[0], scores[1], STEPS, row, (f"1-{bars}",) * 2, roles=roles, band=False, seed=seed)
    ticks = scores[0].meters[0].bar_ticks * bars
    start = ticks * (STEPS // 2)
    notes = found.score.parts[0].notes
    inside = notes[(notes["start"] >= start) & (notes["start"] < start + ticks)].copy()
    inside["start"] -= start
    material = _material(found.score, one.key)
    chords = [chord for chord in one.chords if chord[0] < ticks / 24]
    return make_idea(
        one.kind if one.kind == other.kind else "motif" if row == "melody" else one.kind,
        joined_source([one, other]), notes=material.told(row, inside, 0, ticks), bars=bars, meter=one.meter,
        tempo=round((one.tempo * other.tempo) ** 0.5, 1), key=one.key, chords=chords, style=one.style,
    )  # fmt: skip


def _alone(score: Score, row: str, bars: int) -> Score:
    """A row's part alone, in so many bars."""
    end = score.meters[0].bar_ticks * bars
    part = next((p for p in score.parts if p.role == row), score.parts[0])
    notes = part.notes[part.notes["start"] < end].copy()
    notes["duration"] = np.minimum(notes["duration"], end - notes["start"])
    return replace(score, parts=(replace(part, role=row).with_notes(notes),), length=end,
                   chords=tuple(span for span in score.chords if span.start < end))  # fmt: skip


def fresh(words: str, n: int = 8, seed: int = 0, kinds: Sequence[str] = (), progress: Listener = ignore) -> list[Idea]:
    """Ideas written afresh for words, where there is nothing to find any in: pieces are composed and taken apart.

    The same words and seed give the same ideas; their source says that they were made, and by which seed.
    """
    from yuefu.inspire.sparks import sparks
    from yuefu.text.language import language_of
    from yuefu.workflows.compose import compose_brief

    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError("kind of idea", kind, KINDS)
    wanted = [kind for kind in (kinds or KINDS) if kind not in WORDS]
    spoken = [kind for kind in kinds if kind in WORDS]
    found: list[Idea] = []
    if spoken:
        found += sparks(words, "zh" if language_of(words) == "zh" else "en", seed=seed, n=n, kinds=spoken)
    mixed = zlib.crc32(words.encode())
    for number in range(MOST_PIECES):
        if len(found) >= n or not wanted:
            break
        own = (seed + number * 7919 + mixed) % 2**31
        progress(Progress("ideas", number, MOST_PIECES))
        asked = words.strip() or "a song"
        try:
            brief = read_brief(asked, BriefOptions(bars=_BARS, candidates=_CANDIDATES))
        except InputError:  # words that ask for what sixteen bars can't be
            brief = read_brief(asked, BriefOptions(candidates=_CANDIDATES))
        piece = compose_brief(brief.model_copy(update={"seed": brief.seed.model_copy(update={"value": own})}),
                              progress=progress)  # fmt: skip
        source = Source(f"made:{own}", piece.score.title, "", (0, 0), MADE, True)
        found += _in_turn(ideas_of_score(piece.score, source, wanted))
    return found[:n]


def _in_turn(ideas: Sequence[Idea]) -> list[Idea]:
    """Ideas with the kinds taking turns, the best of each first."""
    groups: dict[str, list[Idea]] = {}
    for idea in ideas:
        groups.setdefault(idea.kind, []).append(idea)
    most = max((len(group) for group in groups.values()), default=0)
    order = ("hook", "progression", "groove", "bass", "motif", "texture", "rhythm")
    return [groups[kind][place] for place in range(most) for kind in order if place < len(groups.get(kind, ()))]
