"""The habits of fill: continue, infill, harmonise, vary, reharmonise, drums and bass line. Each is a mask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.analysis.phrases import phrases
from yuefu.errors import InputError
from yuefu.generation.engine import Engine
from yuefu.progress import Listener, ignore
from yuefu.score.model import NOTE_ROWS, ROWS, Score
from yuefu.text.brief import Brief
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.cell_judging import chord_fit
from yuefu.workflows.engines import USUAL, check_can, writer_of
from yuefu.workflows.fill_score import Filled, as_brief, candidates_of, fill, fill_with, roles_of, seed_of
from yuefu.workflows.fill_wishes import FillMask, bar_indices, check_size, wishes_of
from yuefu.workflows.score_back import extended
from yuefu.workflows.score_canvas import OpenScore, Roles, chords_of, open_score, parse_roles, voices_of

MOST_NEW_BARS = 512
MOST_READINGS = 16
#: Rows that must follow when the chords change.
FOLLOWERS = ("counter", "inner", "bass", "keys", "pad")
#: Share of half bars in which two readings must differ.
APART = 0.2


def playing(score: Score, roles: Roles = None) -> list[str]:
    """The rows that a score's parts play, as they are told or guessed."""
    rows = {voice.row for voice in voices_of(score, parse_roles(roles, score))}
    return [row for row in NOTE_ROWS if row in rows]


def _need_notes(score: Score) -> None:
    if not any(len(part.notes) and not part.is_drums for part in score.parts):
        raise InputError("the score has no pitched notes to go by: give one with a tune.")


def infill(score: Score, bars: str | Sequence[tuple[int, int]], brief: Brief | str | None = None, **how: Any) -> Filled:
    """Write some bars anew in every row that plays, chords included. ``how``: as for ``fill``."""
    return fill(score, FillMask((), bars), brief, **how)


def continue_score(
    score: Score,
    bars: int = 8,
    brief: Brief | str | None = None,
    *,
    roles: Roles = None,
    key: str | None = None,
    seed: int | None = None,
    candidates: int | None = None,
    temperature: float | None = None,
    model: Path | None = None,
    engine: Engine | str | None = None,
    progress: Listener = ignore,
) -> Filled:
    """The score with so many bars more, which come to an end. Who played in the last eight bars goes on.

    What an engine can't write the usual one does.
    """
    check_size(bars, MOST_NEW_BARS, "bars")
    _need_notes(score)
    brief = as_brief(brief)
    if score.metadata.get("key_given") is False or not score.chords:  # heard before the silence is added
        from yuefu.corpus.annotate import annotate

        known = annotate(score, score.metadata.get("key_given") is not False)
        score = replace(score, keys=known.keys) if score.metadata.get("key_given") is False else score
    longer = extended(score, bars)
    old = len(longer.bars) - bars
    recent = longer.bars[max(0, old - 8)].start
    rows = []
    for voice in voices_of(score, parse_roles(roles, score)):
        notes = score.parts[voice.part].notes
        mine = notes[np.isin(notes["id"], list(voice.ids))]
        if len(mine) and int((mine["start"] + mine["duration"]).max()) > recent:
            rows.append(voice.row)
    shift = 0 if score.pickup else 1
    span = [(old + shift, old + bars - 1 + shift)]
    wishes = wishes_of(brief, seed_of(brief, seed), candidates_of(brief, candidates), temperature, close=True)
    done: Filled | None = None
    for group, who in _turns(["chords", *(row for row in NOTE_ROWS if row in rows)], engine, model):
        more = fill_with(longer if done is None else done.score, FillMask(group, span), wishes, roles=roles,
                         key=key or brief.key.value, model=model, engine=who, progress=progress)  # fmt: skip
        done = more if done is None else joined(done, more)
    assert done is not None
    if not score.chords:  # a score without symbols goes on without
        done = replace(done, score=replace(done.score, chords=()))
    return done


def _turns(
    rows: list[str], engine: Engine | str | None, model: Path | None
) -> Iterator[tuple[list[str], Engine | str | None]]:
    """Rows and who writes them, in order: the engine what it can, the usual one the rest, the chords before the others.

    Raises InputError where the engine can write none of them.
    """
    use = writer_of(engine, model)
    own = rows if use.info is None else [row for row in rows if row in use.info.rows]
    check_can(use.info, own or rows)
    rest = [row for row in rows if row not in own]
    if "chords" in rest:
        yield ["chords"], None
        rest.remove("chords")
    yield own, engine
    if rest:
        yield rest, None


def joined(one: Filled, more: Filled) -> Filled:
    """Two fills, one after the other, as one."""
    named = one if one.engine and one.engine != USUAL else more
    return replace(
        more, source=one.source, filled={**one.filled, **more.filled}, kept=one.kept,
        removed=one.removed + more.removed, added=one.added + more.added, windows=one.windows + more.windows,
        engine=named.engine, model=named.model,
    )  # fmt: skip


def harmonize(
    score: Score,
    style: str = "pop",
    readings: int = 1,
    brief: Brief | str | None = None,
    *,
    bars: str | Sequence[tuple[int, int]] = (),
    roles: Roles = None,
    key: str | None = None,
    seed: int | None = None,
    candidates: int | None = None,
    temperature: float | None = None,
    model: Path | None = None,
    engine: Engine | str | None = None,
    progress: Listener = ignore,
) -> list[Filled]:
    """Chords for a score's notes: as many readings as asked, the best first, no two alike.

    style: ``"plain"`` (triads), ``"pop"``, ``"hymn"`` (a chord on every beat) or ``"jazz"`` (sevenths and
    more). Two readings differ in a fifth of their half bars at least; where that can't be had, there are fewer.
    """
    check_size(readings, MOST_READINGS, "readings")
    _need_notes(score)
    brief = as_brief(brief)
    base = seed_of(brief, seed)
    bare = replace(score, chords=())
    found: list[tuple[float, Filled]] = []
    for attempt in range(readings * 2):
        # Later readings get away from the chords of those before, not from sense.
        wishes = wishes_of(brief, base if attempt == 0 else (base + 7919 * attempt) % 2**32,
                           max(4, candidates_of(brief, candidates)), temperature, harmony=style,
                           avoid=tuple(done.score.chords for _, done in found))  # fmt: skip
        done = fill_with(bare if not bars else score, FillMask(["chords"], bars), wishes, roles=roles,
                         key=key or brief.key.value, model=model, engine=engine, progress=progress)  # fmt: skip
        signature = _signature(done.score)
        if all(_difference(signature, _signature(other.score)) >= APART for _, other in found):
            value = _value(done, roles)
            found.append((value, replace(done, value=value)))
        if len(found) == readings:
            break
    found.sort(key=lambda each: -each[0])
    return [done for _, done in found]


def _signature(score: Score) -> list[object]:
    """The chord on each half bar."""
    found: list[object] = []
    for bar in score.bars:
        for tick in (bar.start, bar.start + bar.duration // 2):
            chord = next((s.chord for s in score.chords if s.start <= tick < s.start + s.duration), None)
            found.append(None if chord is None else (chord.root, chord.quality))
    return found


def _difference(one: list[object], other: list[object]) -> float:
    return sum(a != b for a, b in zip(one, other, strict=True)) / max(len(one), 1)


def _value(done: Filled, roles: Roles) -> float:
    """How good a harmonisation is: the notes that lie in its chords, its likelihood, a close on the tonic."""
    piece = open_score(done.score, roles, done.key if done.key_source != "given" else None)
    final = next((span.chord for span in reversed(done.score.chords) if span.chord is not None), None)
    home = final is not None and final.root == piece.keys[-1].tonic
    return 3.0 * chord_fit(piece.canvas, 0, len(piece.bars)) + 0.4 * done.likelihood + 0.5 * home


def reharmonize(
    score: Score,
    style: str = "jazz",
    brief: Brief | str | None = None,
    *,
    bars: str | Sequence[tuple[int, int]] = (),
    chords_only: bool = False,
    roles: Roles = None,
    key: str | None = None,
    seed: int | None = None,
    candidates: int | None = None,
    temperature: float | None = None,
    model: Path | None = None,
    engine: Engine | str | None = None,
    progress: Listener = ignore,
) -> Filled:
    """Other chords under the same tune; what accompanies it is written anew to fit, unless chords_only."""
    _need_notes(score)
    brief = as_brief(brief)
    rows = playing(score, roles)
    if "melody" not in rows:
        raise InputError(
            "no part plays the melody, which the new chords should fit: name it, such as --roles 1=melody."
        )
    followers = [] if chords_only else [row for row in rows if row in FOLLOWERS]
    base = seed_of(brief, seed)
    piece = open_score(score, roles, key or brief.key.value)
    told = bool(score.chords) or set(rows) - {"drums"} != {"melody"}  # a tune alone doesn't tell its harmony
    wishes = wishes_of(brief, base, max(4, candidates_of(brief, candidates)), temperature, harmony=style,
                       stand_in=chords_of(piece) if told else ())  # fmt: skip
    hidden, named = _without(score, piece, () if chords_only else FOLLOWERS)
    hidden = replace(hidden, chords=chords_of(piece) if bars else (), keys=piece.key_changes,
                     metadata={k: v for k, v in score.metadata.items() if k != "key_given"})  # fmt: skip
    first = fill_with(hidden, FillMask(["chords"], bars), wishes, roles=named, model=model, engine=engine,
                      progress=progress)  # fmt: skip
    chosen = replace(score, chords=first.score.chords)
    if followers:
        mask = np.full((len(score.bars), len(ROWS)), Cover.GIVEN, dtype=np.int8)
        for bar in bar_indices(FillMask((), bars).bars, score):  # type: ignore[arg-type]
            for row in followers:  # who rests goes on resting
                if 0 <= bar - piece.first < len(piece.bars) and len(piece.canvas.cells[row][bar - piece.first]):
                    mask[bar, ROWS.index(row)] = Cover.FILL
        done = fill_with(chosen, mask, replace(wishes, keep_figures=True), roles=roles, key=key or brief.key.value,
                         model=model, engine=engine, progress=progress)  # fmt: skip
        done = replace(done, filled={**first.filled, **done.filled}, chords="new")
    else:
        done = replace(first, score=chosen, roles=roles_of(piece), kept=score.note_count)
    if bars and not score.chords:  # elsewhere a score without symbols stays without
        starts = {score.bars[i].start: score.bars[i].end for i in bar_indices(FillMask((), bars).bars, score)}  # type: ignore[arg-type]
        kept = tuple(c for c in done.score.chords if any(a <= c.start < b for a, b in starts.items()))
        done = replace(done, score=replace(done.score, chords=kept))
    return replace(done, source=score)


def _without(score: Score, piece: OpenScore, rows: Sequence[str]) -> tuple[Score, dict[str | int, str | Sequence[str]]]:
    """The score without the notes that play some rows, and the rows of the parts that are left."""
    gone = {number for voice in piece.voices if voice.row in rows for number in voice.ids}
    told: dict[str | int, str | Sequence[str]] = {}
    for voice in piece.voices:
        if voice.row not in rows:
            told[voice.part + 1] = (*told.get(voice.part + 1, ()), voice.row)
    parts = tuple(part.with_notes(part.notes[~np.isin(part.notes["id"], list(gone))]) for part in score.parts)
    return replace(score, parts=parts), told


def vary(
    score: Score,
    amount: float = 0.3,
    brief: Brief | str | None = None,
    *,
    rows: Sequence[str] = (),
    roles: Roles = None,
    key: str | None = None,
    seed: int | None = None,
    candidates: int | None = None,
    temperature: float | None = None,
    attributes: Mapping[str, float] | None = None,
    **how: Any,
) -> Filled:
    """A variation: the chords and the first and last bar of every phrase stay, of the other cells a share is new.
    A tune has no fewer notes than before, who accompanies keeps the rhythm.

    amount: that share, above 0 up to 1; rows: those that may change, none for all that the engine can write;
    attributes: for engines that know some, such as ``{"busier": 1.0}``.
    """
    if not 0 < amount <= 1:
        raise InputError(f"amount {amount:g} isn't possible: give a share above 0, up to 1, such as 0.3.")
    _need_notes(score)
    brief = as_brief(brief)
    seed = seed_of(brief, seed)
    use = writer_of(how.get("engine"), how.get("model"))
    chosen = FillMask(rows).rows
    if use.info is not None and not chosen:
        chosen = tuple(row for row in playing(score, roles) if row in use.info.rows)
    wishes = wishes_of(brief, seed, candidates_of(brief, candidates), temperature)
    wishes = replace(wishes, keep_figures=True, ornament=True, attributes=dict(attributes or {}))
    if attributes and use.cells is None:
        raise InputError(
            f"attributes such as {next(iter(attributes))} are for an engine that knows some: add --engine vae, or say "
            "it in words."
        )
    if use.cells is not None:  # it goes so far from each cell, where others write so many cells anew
        wishes = replace(wishes, amount=amount)
    mask = variation_mask(score, 1.0 if use.cells is not None else amount, chosen, roles, seed)
    return fill_with(score, mask, wishes, roles=roles, key=key or brief.key.value, **how)


def variation_mask(score: Score, amount: float, rows: Sequence[str], roles: Roles, seed: int) -> Mask:
    """A random share of the cells that sound, away from the edges of phrases. Raises InputError where none is left."""
    piece = open_score(score, roles)
    kept = phrase_edges(score)
    cells = [
        (bar + piece.first, row)
        for row in NOTE_ROWS
        if row in piece.canvas.cells and row in piece.rows and (not rows or row in rows)
        for bar in range(len(piece.bars))
        if bar + piece.first not in kept and len(piece.canvas.cells[row][bar])
    ]
    missing = [row for row in rows if row not in piece.rows]
    if missing and len(missing) == len(rows):
        raise InputError(
            f"nobody plays {' or '.join(missing)} in this score, so it can't vary: it has {', '.join(piece.rows)}."
        )
    if not cells:
        raise InputError("no bar lies inside a phrase, so nothing can vary: give a longer piece, or use fill.")
    rng = np.random.default_rng([seed, 21])
    count = max(1, round(amount * len(cells)))
    # The tune first: a variation is heard there.
    order = sorted(range(len(cells)), key=lambda i: rng.random() - (0.35 if cells[i][1] == "melody" else 0.0))
    mask = np.full((len(score.bars), len(ROWS)), Cover.GIVEN, dtype=np.int8)
    for i in order[:count]:
        bar, row = cells[i]
        mask[bar, ROWS.index(row)] = Cover.FILL
    return mask


def phrase_edges(score: Score) -> set[int]:
    """Bars that begin or end a phrase of the tune; phrases of more than eight bars are taken four by four."""
    starts = np.array([bar.start for bar in score.bars])
    found: set[int] = {0, len(score.bars) - 1}
    for phrase in phrases(score):
        first = int(np.searchsorted(starts, phrase.start, side="right")) - 1
        last = int(np.searchsorted(starts, max(phrase.end - 1, phrase.start), side="right")) - 1
        if last - first < 2 or last - first >= 8:
            continue
        found |= {first, last}
    gaps = sorted(found)
    for a, b in pairwise(gaps):
        if b - a > 8:
            found |= {bar for bar in range(a + 1, b) if (bar - a) % 4 in (0, 3)}
    return found


def drums(
    score: Score, brief: Brief | str | None = None, bars: str | Sequence[tuple[int, int]] = (), **how: Any
) -> Filled:
    """A drum part for a score; one that is there is written anew. ``how``: as for ``fill``."""
    return fill(score, FillMask(["drums"], bars), brief, **how)


def bassline(
    score: Score, brief: Brief | str | None = None, bars: str | Sequence[tuple[int, int]] = (), **how: Any
) -> Filled:
    """A bass line for a score; one that is there is written anew. ``how``: as for ``fill``."""
    _need_notes(score)
    return fill(score, FillMask(["bass"], bars), brief, **how)
