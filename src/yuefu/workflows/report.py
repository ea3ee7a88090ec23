"""The report: for each wish, what an independent reading of the written MIDI found, and whether it was met.

The findings come from the MIDI file's bytes, read anew and analysed by ``yuefu.analysis``; nothing
is taken from the generator's own state but what was asked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yuefu import __version__
from yuefu.analysis.facts import Facts, analyze
from yuefu.analysis.singing import check_singing
from yuefu.generation.originality import CopyGuard
from yuefu.llm.record import LlmRecord
from yuefu.planning.plan import Plan
from yuefu.score.midi import read_midi
from yuefu.score.model import Score
from yuefu.text.brief import Brief
from yuefu.text.style_reference import PREFIX
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.pitch import name_of
from yuefu.tokens.facts import mood
from yuefu.workflows.models import LoadedModel, model_folder, originality_index
from yuefu.workflows.report_colour import colour_findings
from yuefu.workflows.report_ideas import ideas_found
from yuefu.workflows.report_text import report_text
from yuefu.workflows.style_reference import nearness

__all__ = ["REPORT_FORMAT", "Finding", "Report", "find", "heard_mood", "make_report", "report_text"]

REPORT_FORMAT = "yuefu-report-1"
#: From this many notes in common in a row (same intervals and rhythm) the report points at a piece.
NOTABLE_RUN = 12


@dataclass(frozen=True)
class Finding:
    """One wish, where it came from (source, words), what was found.

    met: None when that can't be told; confidence: 0..1 where the wish was inferred rather than said.
    """

    field: str
    asked: Any
    source: str
    words: tuple[str, ...]
    found: Any
    met: bool | None
    confidence: float | None = None


@dataclass(frozen=True)
class Report:
    """Findings, originality, what a language model gave, the ideas that were given and whether the written file holds
    them, and what it takes to make the same piece again."""

    findings: tuple[Finding, ...]
    chosen: dict[str, Any]
    measures: dict[str, float | None]
    originality: dict[str, Any] | None
    replay: dict[str, Any]
    licences: dict[str, Any]
    singing: dict[str, Any] | None = None
    llm: LlmRecord | None = None
    ideas: tuple[dict[str, Any], ...] = ()

    @property
    def unmet(self) -> list[Finding]:
        """The wishes that weren't met."""
        return [finding for finding in self.findings if finding.met is False]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "format": REPORT_FORMAT,
            "findings": [asdict(finding) for finding in self.findings],
            "all_met": not self.unmet,
            "chosen": self.chosen,
            "measures": self.measures,
            "originality": self.originality,
            "singing": self.singing,
            "llm": None if self.llm is None else self.llm.model_dump(mode="json"),
            "ideas": list(self.ideas),
            "replay": self.replay,
            "licences": self.licences,
        }


def make_report(
    brief: Brief, plan: Plan, midi: bytes, seed: int, candidates: int, model: LoadedModel,
    guard: CopyGuard | None = None, llm: LlmRecord | None = None, engine: dict[str, Any] | None = None,
) -> Report:  # fmt: skip
    """The report on a written MIDI file. guard: the one that watched while the piece was written; llm: what a
    language model gave to it; engine: who wrote, where it wasn't the model alone."""
    score = read_midi(midi)
    facts = analyze(score)
    measured = {name: None if value != value else round(value, 4) for name, value in facts.measures.items()}
    data = brief.model_dump(mode="json")
    data["seed"] = {"value": seed, "source": "user" if brief.seed.source == "user" else "default", "words": []}
    data["candidates"] = {"value": candidates, "source": brief.candidates.source, "words": []}
    return Report(
        findings=tuple(find(brief, score, facts)),
        chosen={
            "title": plan.title, "style": plan.style, "key": plan.key, "meter": plan.meter, "tempo": plan.tempo,
            "bars": plan.bars, "form": [f"{s.kind or s.letter}:{s.bars}" for s in plan.sections],
            "instruments": [part.instrument for part in plan.parts], "duration": round(score.duration, 1),
            **({"scale": f"{name_of(plan.tonic, Key.parse(plan.key).fifths)} {plan.scale}"} if plan.scale else {}),
            **({} if model.adapter is None else {"adapter": model.adapter}),
        },
        measures=measured,
        originality=_originality(score, model, guard),
        replay={
            "version": __version__, "model": model.hash, "seed": seed, "candidates": candidates, "brief": data,
            "plan": plan.model_dump(mode="json"),
            "engine": engine or {"name": "transformer", "hash": model.hash, "rows": []},
        },
        licences={"model": model.manifest.get("licence", ""), "training_sets": model.manifest.get("sets", [])},
        singing=check_singing(score).to_dict() if any(part.syllables for part in score.parts) else None,
        llm=llm,
        ideas=ideas_found(plan, score),
    )  # fmt: skip


def find(brief: Brief, score: Score, facts: Facts) -> list[Finding]:
    """Asked and found for every field of the brief that was asked."""
    found: list[Finding] = []

    def add(name: str, value: Any, met: bool | None, asked: Any = None) -> None:
        wish = getattr(brief, name)
        if wish.value is not None:
            value_asked = wish.value if asked is None else asked
            found.append(Finding(name, value_asked, wish.source, wish.words[:8], value, met, wish.confidence))

    written_key = score.keys[0].key
    if brief.like.value is not None:
        add("style", nearness(score, brief.like.value), None, f"{PREFIX}{brief.like.value.name}")
    else:  # a style of one's own by its name, another by its key
        add("style", None, None, (brief.adapter.value or "").partition("@")[0] or None)
    if brief.tempo.value is not None:
        add("tempo", round(score.tempos[0].bpm, 2), abs(score.tempos[0].bpm - brief.tempo.value) < 0.05)
    if brief.scale.value is not None:
        pass  # the tonic is told with the scale
    elif brief.key.value is not None:
        heard = facts.key.name
        add("key", {"written": written_key.name, "heard": heard}, written_key == Key.parse(brief.key.value))
    elif brief.mode.value is not None:
        add("mode", {"written": written_key.mode, "heard": facts.key.mode}, written_key.mode == brief.mode.value)
    if brief.meter.value is not None:
        meters = {f"{m.numerator}/{m.denominator}" for m in score.meters}
        add("meter", sorted(meters), meters == {brief.meter.value})
    if brief.bars.value is not None:
        add("bars", len(score.bars), len(score.bars) == brief.bars.value)
    if brief.duration.value is not None:
        seconds = score.duration
        bar = score.bars[0].duration / 24 * 60 / score.tempos[0].bpm
        add("duration", round(seconds, 1), abs(seconds - brief.duration.value) <= max(bar, 0.12 * brief.duration.value))
    if brief.form.value:
        asked = [(item.letter, item.kind) for item in brief.form.value]
        got = [(section.letter, section.kind) for section in score.sections]
        add("form", [kind or letter for letter, kind in got], asked == got, [kind or letter for letter, kind in asked])
    if brief.instruments.value:
        add("instruments", [part.name for part in score.parts], _players_agree(brief, score))
    if brief.without.value:
        names = {INSTRUMENTS[key].program for key in brief.excluded() if not INSTRUMENTS[key].is_drums}
        drums_unwanted = any(INSTRUMENTS[key].is_drums for key in brief.excluded())
        heard_drums = any(part.is_drums for part in score.parts)
        playing = {part.program for part in score.parts if not part.is_drums}
        add(
            "without",
            [part.name for part in score.parts],
            not (playing & names) and not (drums_unwanted and heard_drums),
        )
    if brief.chords.value is not None:
        add("chords", _chords_found(score), _chords_agree(brief, score))
    if brief.lyrics.value is not None:
        from yuefu.text.lyrics import parse_lyrics

        wanted = [
            s.text
            for section in parse_lyrics(brief.lyrics.value).sections
            for li in section.lines
            for s in li.syllables
        ]
        got_words = [s.text for part in score.parts for s in part.syllables]
        add("lyrics", f"{len(got_words)} of {len(wanted)} syllables", got_words == wanted, f"{len(wanted)} syllables")
    if brief.valence.value is not None or brief.arousal.value is not None:
        valence, arousal = heard_mood(score, facts)
        for name, value in (("valence", valence), ("arousal", arousal)):
            wish = getattr(brief, name).value
            if wish is not None:
                add(name, round(value, 2), True if abs(wish) < 0.2 else (value > 0) == (wish > 0) or abs(value) < 0.15)
    if brief.density.value is not None:
        add("density", round(sum(facts.measures.get(f"density_{r}", 0.0) for r in ("melody", "keys", "bass")), 1), None)
    for name, value, met, asked_for in colour_findings(brief, score):
        add(name, value, met, asked_for)
    return found


def _players_agree(brief: Brief, score: Score) -> bool:
    """Whether all who were asked for play, and nobody else where they were to be alone."""
    asked = [INSTRUMENTS[key] for key in brief.instruments.value or ()]
    wanted = Counter("drums" if instrument.is_drums else instrument.program for instrument in asked)
    playing = Counter("drums" if part.is_drums else part.program for part in score.parts if len(part.notes))
    # Several drummers share one staff; a singer may be added to a lyric that nobody asked could sing.
    wanted["drums"], playing["drums"] = min(wanted["drums"], 1), min(playing["drums"], 1)
    if wanted - playing:
        return False
    extra = playing - wanted
    extra[INSTRUMENTS["voice"].program] -= int(brief.lyrics.value is not None)
    if brief.drone.value:  # somebody has to hold it
        extra -= Counter([next(iter(+extra))]) if +extra else Counter()
    return not brief.instruments_only.value or not +extra


def heard_mood(score: Score, facts: Facts) -> tuple[float, float]:
    """Valence and arousal that mode, tempo, density and register suggest, -1..1."""
    notes = [part.notes for part in score.parts if not part.is_drums and len(part.notes)]
    if not notes:
        return 0.0, 0.0
    pitches = [float(n["pitch"].mean()) for n in notes]
    onsets = sum(len(set(n["start"].tolist())) for n in notes)
    return mood(
        score.keys[0].key.mode, score.tempos[0].bpm, onsets / max(score.duration, 1e-6), sum(pitches) / len(pitches)
    )


def _chords_found(score: Score) -> list[str]:
    return [span.chord.symbol(score.keys[0].key.fifths) if span.chord else "N.C." for span in score.chords[:64]]


def _chords_agree(brief: Brief, score: Score) -> bool:
    """Whether the written chords, bar by bar, are those asked for."""
    given = brief.chords.value
    assert given is not None
    bars = score.bars

    def heard(start: int, end: int) -> list[Chord | None]:
        inside = [s for s in score.chords if s.start < end and s.start + s.duration > start]
        return [s.chord for s in inside]

    def wanted(symbols: list[str]) -> list[Chord | None]:
        chords = [None if symbol.upper().startswith("N") else Chord.parse(symbol) for symbol in symbols]
        return [c for i, c in enumerate(chords) if i == 0 or c != chords[i - 1]]

    if isinstance(given, list):
        return all(heard(b.start, b.end) == wanted(given[b.index % len(given)]) for b in bars)
    for section in score.sections:
        names = [n for n in (section.letter, section.letter[:1], section.kind) if n in given]
        if not names:
            continue
        pattern = given[names[0]]
        inside = [b for b in bars if section.start <= b.start < section.start + section.duration]
        if any(heard(b.start, b.end) != wanted(pattern[i % len(pattern)]) for i, b in enumerate(inside)):
            return False
    return True


def nearest_known(score: Score, folder: Path | None = None, adapter: str | None = None) -> dict[str, Any] | None:
    """The nearest training piece of a model (None: the shipped one) by its notes, None without its index.

    adapter: a style of one's own, whose pieces are looked at, too.
    """
    index = originality_index(folder, adapter)
    if index is None:
        return None
    match = index.nearest(score)
    return {
        "nearest_work": match.work,
        "nearest_set": match.set,
        "longest_shared_run": match.longest_shared_run,
        "interval_run": match.interval_run,
        "share": round(match.share, 4),
        "bars": list(match.bars) if match.bars else None,
        "notable": match.longest_shared_run >= NOTABLE_RUN,
        "compared_with": len(index),
    }


def _originality(score: Score, model: LoadedModel, guard: CopyGuard | None) -> dict[str, Any] | None:
    """The nearest training piece by an analysis of the finished notes, and what the guard did meanwhile."""
    found = nearest_known(score, None if model.folder == model_folder() else model.folder, model.adapter)
    if found is None:
        return None
    watched = None
    if guard is not None:
        watched = {"longest_run": guard.longest, "turned_away": guard.turned_away, "let_through": guard.let_through}
    return {**found, "guard": watched}
