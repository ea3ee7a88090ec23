"""Compose: words in, a complete piece out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from yuefu.errors import InputError, UnknownNameError
from yuefu.generation.critic import judge
from yuefu.generation.fill import Canvas
from yuefu.generation.originality import CopyGuard
from yuefu.llm.record import LlmRecord
from yuefu.llm.settings import LlmSettings
from yuefu.performance.perform import perform
from yuefu.planning.harmony import GROUPS
from yuefu.planning.plan import Plan
from yuefu.planning.planner import make_plan
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import atomic_write, make_folder
from yuefu.score.midi import midi_bytes
from yuefu.score.model import Part, Score
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.score.performed import Performance
from yuefu.text.brief import Brief, BriefOptions
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES
from yuefu.tokens.grid import EMPTY
from yuefu.workflows.assembly import assemble
from yuefu.workflows.canvas import build_canvas
from yuefu.workflows.encoders import encoder_named
from yuefu.workflows.engines import USUAL, Team, team_of
from yuefu.workflows.leanings import Taste
from yuefu.workflows.models import LoadedModel, guarding, load_model, passage_index
from yuefu.workflows.report import Report, make_report
from yuefu.workflows.singing import SINGING_ALIASES, SINGING_FORMATS, check_words, singing_files
from yuefu.workflows.style_reference import ahead_of, brief_with_reference, guard_of, judging_table
from yuefu.workflows.sung_words import SINGING, how_it_sings
from yuefu.workflows.watching import Sketcher, Watch
from yuefu.workflows.writing import write_piece

if TYPE_CHECKING:
    from yuefu.page.engrave import Engraving

#: Format name -> file that ``save`` writes.
FORMATS = {
    "midi": "song.mid", "musicxml": "song.musicxml", "abc": "song.abc", "json": "song.yuefu.json", "wav": "song.wav",
    "flac": "song.flac", "mp3": "song.mp3", "ogg": "song.ogg", "pdf": "song.pdf", "svg": "song.svg",
    "png": "song.png", "roll": "roll.png", **SINGING_FORMATS,
}  # fmt: skip
DEFAULT_FORMATS = ("midi", "musicxml", "wav", "pdf", "roll")
AUDIO = ("wav", "flac", "mp3", "ogg")
DEFAULT_CANDIDATES = 5
SAMPLE_RATE = 44100
#: The most that slowing down at the end adds to a duration that was asked for, as a share of it.
LONGER = 0.05


@dataclass(frozen=True)
class Composition:
    """A finished piece: what was asked (brief), how it was laid out (plan), the score and how it is played.

    The report checks the finished MIDI against the brief; ``save`` writes files. engine: who wrote which rows, None
    where the model wrote all of them; guard: what kept
    the tune from copying, None when the model has no fingerprints to compare with; llm: what a language
    model gave to it, None when none was asked.
    """

    brief: Brief
    plan: Plan
    score: Score
    performance: Performance
    seed: int
    candidates: int
    model: LoadedModel
    guard: CopyGuard | None = None
    llm: LlmRecord | None = None
    engine: Team | None = None

    @cached_property
    def midi(self) -> bytes:
        """The MIDI file."""
        return midi_bytes(self.score, self.performance)

    @cached_property
    def musicxml(self) -> bytes:
        """The MusicXML file."""
        return musicxml_bytes(self.score)

    @cached_property
    def report(self) -> Report:
        """Asked and found, field by field, by an analysis of the written MIDI."""
        return make_report(
            self.brief, self.plan, self.midi, self.seed, self.candidates, self.model, self.guard, self.llm,
            None if self.engine is None else self.engine.told(),
        )  # fmt: skip

    def audio(self, progress: Listener = ignore) -> np.ndarray:
        """The sound: float32 (frames, 2) at 44,100 Hz."""
        from yuefu.audio.render import render_score

        return render_score(self.score, self.performance, SAMPLE_RATE, progress)

    def save(
        self, folder: Path | str, formats: Iterable[str] = DEFAULT_FORMATS, progress: Listener = ignore
    ) -> dict[str, Path]:
        """Write the piece in the named formats, and ``report.json``; returns format -> file.

        Each file is complete or absent. Raises UnknownNameError for a format, FormatError for karaoke
        without words, OutputError when the folder can't be written.
        """
        names = check_formats(formats)
        check_words(names, any(part.syllables for part in self.score.parts))
        folder = make_folder(folder)
        written: dict[str, Path] = {}
        engraved = None
        audio: np.ndarray | None = None
        for done, name in enumerate(names):
            progress(Progress("files", done, len(names), FORMATS[name]))
            path = folder / FORMATS[name]
            if name in AUDIO:
                from yuefu.audio.files import write_audio

                audio = self.audio(progress) if audio is None else audio
                write_audio(path, audio, SAMPLE_RATE, {"title": self.score.title or "Yuefu"})
            elif name in ("pdf", "svg", "png"):
                if engraved is None:
                    from yuefu.page.engrave import engrave

                    engraved = engrave(self.musicxml)
                written |= _write_pages(name, folder, engraved, self.score)
                continue
            elif name in SINGING_FORMATS:
                files = singing_files(name, self.score, self.performance)
                for number, (file, content) in enumerate(files.items(), start=1):
                    atomic_write(folder / file, content)
                    written[name if number == 1 else f"{name}-{number}"] = folder / file
                continue
            elif name == "roll":
                from yuefu.page.roll import roll_png

                atomic_write(path, roll_png(self.score, self.performance))
            else:
                atomic_write(path, self._bytes(name))
            written[name] = path
        report = folder / "report.json"
        atomic_write(report, (json.dumps(self.report.to_dict(), ensure_ascii=False, indent=1) + "\n").encode())
        written["report"] = report
        progress(Progress("files", len(names), len(names)))
        return written

    def _bytes(self, name: str) -> bytes:
        if name == "midi":
            return self.midi
        if name == "musicxml":
            return self.musicxml
        if name == "abc":
            from yuefu.score.abc_write import abc_text

            return abc_text(self.score).encode()
        from yuefu.score.files import score_to_json

        return score_to_json(self.score)


def _write_pages(name: str, folder: Path, engraved: Engraving, score: Score) -> dict[str, Path]:
    """PDF in one file; SVG and PNG one file a page (``song.svg``, ``song-2.svg`` ...)."""
    from yuefu.page.pdf import pdf_bytes
    from yuefu.page.png import png_bytes

    path = folder / FORMATS[name]
    if name == "pdf":
        atomic_write(path, pdf_bytes(engraved.svgs, score.title, score.composer))
        return {name: path}
    written = {}
    for number, svg in enumerate(engraved.svgs, 1):
        target = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        atomic_write(target, svg.encode() if name == "svg" else png_bytes(svg))
        written[name if number == 1 else f"{name}-{number}"] = target
    return written


def check_formats(formats: Iterable[str]) -> list[str]:
    """Format names in a fixed order, each once. Raises UnknownNameError."""
    names = list(formats)
    aliases = {"mid": "midi", "xml": "musicxml", "piano-roll": "roll", **SINGING_ALIASES}
    names = [aliases.get(name.strip().lower(), name.strip().lower()) for name in names]
    for name in names:
        if name not in FORMATS:
            raise UnknownNameError("format", name, FORMATS)
    return [name for name in FORMATS if name in names]


def compose(
    words: str = "",
    options: BriefOptions | None = None,
    *,
    model: Path | None = None,
    taste: Taste | None = None,
    encoder: str | None = None,
    llm: LlmSettings | None = None,
    engine: str = "auto",
    write_lyrics: bool = False,
    explain: bool = False,
    progress: Listener = ignore,
    **wishes: str | float | None,
) -> Composition:
    """Compose a piece from words and options.

    words: a sentence, a mood, in Chinese or English; options, or the same by keyword: ``style`` (also ``like:FILE``),
    ``key``, ``scale``, ``tempo``, ``meter``, ``rhythm``, ``drone``, ``ornaments``, ``bars``, ``duration``, ``form``,
    ``chords``, ``instruments``, ``without``, ``mood``, ``lyrics``, ``title``, ``seed``, ``candidates``.
    model: a runtime folder, None for the shipped one; taste: sampling settings and leanings, None for the usual ones;
    encoder: what understands the words instead of the encoder inside, see ``workflows.encoders``;
    llm: a language model that helps with the brief (``LlmSettings(url, model)``), with new or better words
    (write_lyrics), with a lead sheet (engine ``"llm"``); engine: who writes, see ``yuefu.engines``;
    explain: a paragraph on the piece, in its report.
    progress: is told of stages and bars, and may raise to cancel.

    Raises InputError, with one sentence, for wishes that can't be met.
    """
    if wishes:
        unknown = sorted(set(wishes) - set(BriefOptions.__dataclass_fields__))
        if unknown:
            raise UnknownNameError("option", unknown[0], BriefOptions.__dataclass_fields__)
        options = replace(options or BriefOptions(), **wishes)  # type: ignore[arg-type]
    brief = brief_with_reference(words, options, encoder_named(encoder, progress=progress))
    from yuefu.workflows.llm_compose import check_llm, compose_with_llm, explained

    check_llm(llm, engine, write_lyrics)
    if llm is None:
        piece = compose_brief(brief, model=model, engine=engine, taste=taste, progress=progress)
    else:
        piece = compose_with_llm(
            brief, llm, engine=engine, write_lyrics=write_lyrics, model=model, taste=taste, progress=progress
        )
    return explained(piece, llm, "zh" if piece.plan.language == "zh" else "en", progress) if explain else piece


def compose_brief(
    brief: Brief,
    *,
    model: Path | None = None,
    engine: str = "auto",
    taste: Taste | None = None,
    progress: Listener = ignore,
    watch: Watch | None = None,
) -> Composition:
    """Compose from a brief. The same brief (with a seed), model and version give the same piece.

    watch: is shown the plan, then bars as they are written; raising from it cancels the work. engine: see
    ``compose_plan``.
    """
    seed = brief.seed.value if brief.seed.value is not None else secrets.randbelow(2**31)
    return compose_plan(
        brief, make_plan(brief, seed), seed, model=model, engine=engine, taste=taste, progress=progress, watch=watch
    )


def compose_plan(
    brief: Brief,
    plan: Plan,
    seed: int,
    *,
    model: Path | None = None,
    engine: str = "auto",
    taste: Taste | None = None,
    progress: Listener = ignore,
    watch: Watch | None = None,
) -> Composition:
    """Compose a plan, as made or as edited. watch: see ``compose_brief``.

    engine: who writes the rows that it can; the model writes the rest. Raises UnknownNameError, and InputError for an
    engine that can't compose.
    """
    if plan.bars < 1:
        raise InputError("the plan has no bars: give it at least one section.")
    sketcher = Sketcher(plan, watch)
    sketcher.show_plan()
    loaded = load_model(model, brief.adapter.value)
    team = team_of(engine, plan, loaded)
    candidates = brief.candidates.value or DEFAULT_CANDIDATES
    taste = taste or Taste()
    canvas = build_canvas(plan, taste)
    canvas.ahead = ahead_of(plan.like, plan) if plan.like is not None else None
    closeness = judging_table(plan.like) if plan.like is not None else None
    group = GROUPS.get(STYLES[plan.style].corpus_label, "pop")

    def critic(trial: Canvas, start: int, end: int, log_probability: float) -> float:
        value = judge(_excerpt(trial, plan, start, end), group, log_probability, closeness)
        if plan.lyrics and taste.words:
            value += SINGING * taste.words * how_it_sings(trial, plan, start, end)
        return value

    passages = passage_index(model)
    guard = guarding(guard_of(passages, plan.like), brief.adapter.value)
    for event in write_piece(
        team.band, canvas, plan, seed, candidates, critic, taste, guard, sketcher, team.tune, team.drums
    ):
        progress(Progress(event.stage, event.bar, event.bars))
    score = assemble(canvas, plan)
    energy = [section.energy for section in plan.sections for _ in range(section.bars)]
    longer = LONGER if brief.duration.value is not None else None
    performance = perform(score, style=plan.style, seed=seed, energy=energy, longer=longer)
    return Composition(
        brief, plan, score, performance, seed, candidates, loaded, guard, engine=team if team.name != USUAL else None
    )


def _excerpt(canvas: Canvas, plan: Plan, start: int, end: int) -> Score:
    """The tune and chords of bars [start, end) as a score, for the critic."""
    from yuefu.score.model import KeyChange, MeterChange, TempoChange
    from yuefu.tokens.grid import decode_chords, decode_notes

    bars = canvas.bars[start:end]
    starts = np.concatenate([[0], np.cumsum([bar.sounding for bar in bars])]).tolist()
    cells = canvas.cells.get("melody", [EMPTY] * len(canvas.bars))[start:end]
    notes = np.concatenate([decode_notes(cell, s, bar.offset)[0] for cell, s, bar in zip(cells, starts, bars)])
    notes["id"] = np.arange(1, len(notes) + 1)
    mode = Key.parse(plan.key).mode
    numerator, denominator = map(int, plan.meter.split("/"))
    return Score(
        parts=(Part("P1", "melody", notes=notes),),
        chords=decode_chords(canvas.cells["chords"][start:end], bars, starts[:-1]),
        tempos=(TempoChange(0, plan.tempo),),
        keys=(KeyChange(0, Key(0, mode)),),
        meters=(MeterChange(0, numerator, denominator),),
        length=starts[-1],
    )
