"""``yuefu fill`` and its habits: continue, infill, harmonize, arrange, vary, reharmonize, drums, bassline."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from yuefu.cli.console import check_text, file_list, language_for, print_json, progress_bar
from yuefu.errors import InputError

EXAMPLES = {
    "fill": (
        "yuefu fill song.mid --rows melody,bass --bars 5-8 -o song-2.mid",
        'yuefu fill song.musicxml --rows keys "busier, only eighths" --roles "Piano=keys,Flute=melody" -o new.musicxml',
    ),
    "continue": ("yuefu continue song.mid --bars 8 -o longer.mid",),
    "infill": ("yuefu infill song.musicxml --bars 5-8 -o song-2.musicxml",),
    "harmonize": ("yuefu harmonize tune.abc --style hymn --readings 3 -o tune.musicxml",),
    "arrange": (
        'yuefu arrange song.mid --instruments "string quartet" -o quartet.musicxml',
        'yuefu arrange song.mid --instruments "lead sheet" -o sheet.pdf',
    ),
    "vary": (
        "yuefu vary song.mid --amount 0.3 -o variation.mid",
        "yuefu vary song.mid --engine vae --amount 0.4 --attribute busier=1 --attribute higher=0.5 --rows melody",
    ),
    "reharmonize": ("yuefu reharmonize song.mid --style jazz -o jazz.mid",),
    "drums": ("yuefu drums song.mid rock -o with-drums.mid", "yuefu drums song.mid --engine lstm -o with-drums.mid"),
    "bassline": ("yuefu bassline tune.musicxml 更密 -o with-bass.musicxml",),
}

Source = Annotated[Path, typer.Argument(metavar="SCORE", help="MIDI, MusicXML, MXL, ABC or .yuefu.json.")]
Words = Annotated[
    list[str] | None, typer.Argument(metavar="[WORDS]...", help="How it should be, in Chinese or English.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where to: a score, .pdf, .png, .wav ... by extension."),
]
Bars = Annotated[str | None, typer.Option(metavar="RANGE", help='Which bars: "5-8", "1-4,9-12"; else all.')]
RolesOption = Annotated[
    str | None,
    typer.Option("--roles", metavar="LIST", help='Correct the guess: "Piano=keys,2=melody+bass", by name or number.'),
]
KeyOption = Annotated[
    str | None, typer.Option("--key", metavar="KEY", help="The key of the piece, if it was misheard.")
]
StyleOption = Annotated[
    str | None, typer.Option("--style", metavar="NAME", help="A style (see `yuefu styles`), or like:FILE.")
]
Mood = Annotated[str | None, typer.Option(metavar="V,A", help="Valence and arousal, each -1 to 1, or a mood word.")]
Seed = Annotated[str | None, typer.Option(metavar="N", help="The same seed gives the same notes.")]
Candidates = Annotated[str | None, typer.Option(metavar="N", help="Tunes and chords to choose from; the best is kept.")]
Temperature = Annotated[float | None, typer.Option(metavar="T", help="0 (the likeliest) to 2 (the wildest).")]
Model = Annotated[Path | None, typer.Option(metavar="DIR", help="Another model than the one inside.")]
EngineOption = Annotated[
    str | None,
    typer.Option("--engine", metavar="NAME", help="Who writes; see `yuefu engines`. What it can't write is told of."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON and nothing else.")]
Language = Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")]
WayOption = Annotated[str, typer.Option("--style", metavar="NAME", help="plain, pop, hymn or jazz.")]

_TEXT = {
    "en": (
        "Parts taken as",
        "Written",
        "bars",
        "kept {0} notes, took out {1}, wrote {2}",
        "Key",
        "seed",
        "Correct with",
    ),
    "zh": ("各声部被当作", "写了", "小节", "保留 {0} 个音，去掉 {1} 个，新写 {2} 个", "调", "种子", "要改请用"),
}


def fill(
    source: Source, words: Words = None,
    rows: Annotated[str | None, typer.Option(
        metavar="LIST", help="Of chords, melody, counter, inner, bass, keys, pad, drums; else all that play.")] = None,
    bars: Bars = None, out: Out = None, roles: RolesOption = None, key: KeyOption = None, style: StyleOption = None,
    mood: Mood = None, seed: Seed = None, candidates: Candidates = None, temperature: Temperature = None,
    model: Model = None, engine: EngineOption = None, as_json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Write chosen cells of a score (rows by bars) anew; everything else stays, note for note."""
    from yuefu.workflows.fill_score import fill as run
    from yuefu.workflows.fill_wishes import FillMask

    if rows is not None and not rows.strip(" ,，"):
        raise InputError("an empty list of rows arrived: name some, such as --rows melody,bass.")
    mask = FillMask(rows or (), bars or ())
    _run("fill", run, source, words, out, as_json, language, (mask,), roles, key, style, mood, seed, candidates,
         temperature, model, engine)  # fmt: skip


def continue_(
    source: Source, words: Words = None,
    bars: Annotated[int, typer.Option(metavar="N", help="How many bars more, 1 to 512.")] = 8,
    out: Out = None, roles: RolesOption = None, key: KeyOption = None, style: StyleOption = None, mood: Mood = None,
    seed: Seed = None, candidates: Candidates = None, temperature: Temperature = None, model: Model = None,
    engine: EngineOption = None, as_json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Continue a score for some bars, to an end."""
    from yuefu.workflows.tasks import continue_score as run

    _run("continue", run, source, words, out, as_json, language, (bars,), roles, key, style, mood, seed, candidates,
         temperature, model, engine)  # fmt: skip


def infill(
    source: Source, words: Words = None,
    bars: Annotated[str, typer.Option(metavar="RANGE", help='Which bars: "5-8".')] = "",
    out: Out = None, roles: RolesOption = None, key: KeyOption = None, style: StyleOption = None, mood: Mood = None,
    seed: Seed = None, candidates: Candidates = None, temperature: Temperature = None, model: Model = None,
    engine: EngineOption = None, as_json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Write some bars anew in every part, to fit what is before and after."""
    from yuefu.workflows.tasks import infill as run

    if not bars.strip():
        raise InputError("no bars were named: say which, such as --bars 5-8.")
    _run("infill", run, source, words, out, as_json, language, (bars,), roles, key, style, mood, seed, candidates,
         temperature, model, engine)  # fmt: skip


def harmonize(
    source: Source, words: Words = None, way: WayOption = "pop",
    readings: Annotated[int, typer.Option(metavar="N", help="How many different ones, the best first.")] = 1,
    out: Out = None, bars: Bars = None, roles: RolesOption = None, key: KeyOption = None, seed: Seed = None,
    candidates: Candidates = None, temperature: Temperature = None, model: Model = None, as_json: Json = False,
    language: Language = None,
) -> None:  # fmt: skip
    """Find chords for a tune: plain triads, pop, hymn (a chord a beat) or jazz; several readings if asked."""
    from yuefu.workflows.tasks import harmonize as run

    _run("harmonize", run, source, words, out, as_json, language, (way, readings), roles, key, None, None, seed,
         candidates, temperature, model, None, bars=bars or ())  # fmt: skip


def arrange(
    source: Source, words: Words = None,
    instruments: Annotated[str, typer.Option(
        metavar="LIST", help='Names, or "band", "string quartet", "piano solo", "lead sheet".')] = "band",
    out: Out = None, roles: RolesOption = None, key: KeyOption = None, style: StyleOption = None, mood: Mood = None,
    seed: Seed = None, candidates: Candidates = None, temperature: Temperature = None, model: Model = None,
    as_json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Arrange a score for other players: the tune stays, what they need besides is kept or written."""
    from yuefu.workflows.arrange import arrange as run

    spoken = language_for(language)
    do = partial(run, language=spoken)
    _run("arrange", do, source, words, out, as_json, language, (instruments,), roles, key, style, mood, seed,
         candidates, temperature, model, None)  # fmt: skip


def vary(
    source: Source, words: Words = None,
    amount: Annotated[float, typer.Option(metavar="SHARE", help="How much is new, above 0 up to 1.")] = 0.3,
    rows: Annotated[str | None, typer.Option(metavar="LIST", help="Rows that may change; else all.")] = None,
    attributes: Annotated[list[str] | None, typer.Option(
        "--attribute", metavar="NAME=N",
        help="With --engine vae: busier, higher, syncopated, longer, leaps, or sparser, lower, straight, shorter, "
        "smoother (drums: brighter, darker); -3 to 3. May be given again.")] = None,
    out: Out = None, roles: RolesOption = None, key: KeyOption = None, style: StyleOption = None, mood: Mood = None,
    seed: Seed = None, candidates: Candidates = None, temperature: Temperature = None, model: Model = None,
    engine: EngineOption = None, as_json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Vary a score: chords and the edges of phrases stay, some of the rest is written anew."""
    from yuefu.tokens.phrase_attributes import parse_attributes
    from yuefu.workflows.tasks import vary as run

    _run("vary", run, source, words, out, as_json, language, (amount,), roles, key, style, mood, seed, candidates,
         temperature, model, engine, rows=rows or (), attributes=parse_attributes(attributes or []))  # fmt: skip


def reharmonize(
    source: Source, words: Words = None, way: WayOption = "jazz",
    chords_only: Annotated[bool, typer.Option("--chords-only", help="Leave the accompaniment as it is.")] = False,
    out: Out = None, bars: Bars = None, roles: RolesOption = None, key: KeyOption = None, seed: Seed = None,
    candidates: Candidates = None, temperature: Temperature = None, model: Model = None, as_json: Json = False,
    language: Language = None,
) -> None:  # fmt: skip
    """Put other chords under the same tune, and let the accompaniment follow."""
    from yuefu.workflows.tasks import reharmonize as run

    _run("reharmonize", run, source, words, out, as_json, language, (way,), roles, key, None, None, seed, candidates,
         temperature, model, None, bars=bars or (), chords_only=chords_only)  # fmt: skip


def drums(
    source: Source, words: Words = None, bars: Bars = None, out: Out = None, roles: RolesOption = None,
    key: KeyOption = None, style: StyleOption = None, mood: Mood = None, seed: Seed = None,
    candidates: Candidates = None, temperature: Temperature = None, model: Model = None, engine: EngineOption = None,
    as_json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Write drums for a score."""
    from yuefu.workflows.tasks import drums as run

    _run("drums", run, source, words, out, as_json, language, (), roles, key, style, mood, seed, candidates,
         temperature, model, engine, bars=bars or ())  # fmt: skip


def bassline(
    source: Source, words: Words = None, bars: Bars = None, out: Out = None, roles: RolesOption = None,
    key: KeyOption = None, style: StyleOption = None, mood: Mood = None, seed: Seed = None,
    candidates: Candidates = None, temperature: Temperature = None, model: Model = None, engine: EngineOption = None,
    as_json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Write a bass line for a score."""
    from yuefu.workflows.tasks import bassline as run

    _run("bassline", run, source, words, out, as_json, language, (), roles, key, style, mood, seed, candidates,
         temperature, model, engine, bars=bars or ())  # fmt: skip


def _run(
    verb: str, run: Callable[..., Any], source: Path, words: list[str] | None, out: Path | None, as_json: bool,
    language: str | None, what: tuple[Any, ...], roles: str | None, key: str | None, style: str | None,
    mood: str | None, seed: str | None, candidates: str | None, temperature: float | None, model: Path | None,
    engine: str | None, **more: Any,
) -> None:  # fmt: skip
    """Read, write, save and tell."""
    from yuefu.score.files import read_score
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.convert import target_kind
    from yuefu.workflows.fill_score import as_brief
    from yuefu.workflows.render import check_place
    from yuefu.workflows.style_reference import brief_with_reference, like_source

    text = check_text(" ".join(words or ()), "the words")
    spoken = language_for(language) if language is not None else None
    options = BriefOptions(style=style, mood=mood, seed=seed, candidates=candidates)
    liked = like_source(style) is not None
    brief = brief_with_reference(text, options) if liked else as_brief(text, options)
    spoken = spoken or language_for(None, brief.language.value)
    target = out or Path(f"{_stem(source)}-{verb}{_suffix(source)}")
    target_kind(target)
    check_place(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(f"'{source}' can't be written onto itself: name another output file.")
    score = read_score(source)
    with progress_bar(spoken, not as_json) as listener:
        made = run(score, *what, brief=brief, roles=roles, key=key, temperature=temperature, model=model,
                   engine=engine, progress=listener, **more)  # fmt: skip
        readings = made if isinstance(made, list) else [made]
        files: list[Path] = []
        for number, reading in enumerate(readings, 1):
            place = target if number == 1 else target.with_name(f"{_stem(target)}-{number}{_suffix(target)}")
            files += reading.save(place, listener)
    if as_json:
        facts = [reading.facts() for reading in readings]
        print_json({"verb": verb, **facts[0], "readings": facts if len(facts) > 1 else [],
                    "files": [str(file) for file in files]})  # fmt: skip
        return
    typer.echo(summary(readings[0], spoken))
    for number, reading in enumerate(readings if verb in ("harmonize", "reharmonize") else (), 1):
        shown = [
            span.chord.symbol(reading.score.key_at(span.start).fifths) for span in reading.score.chords if span.chord
        ]
        typer.echo(f"{number}: {' '.join(shown[:32])}{' ...' if len(shown) > 32 else ''}")
    typer.echo(("写好了：" if spoken == "zh" else "Written:") + "\n" + file_list(files))


def _suffix(path: Path) -> str:
    return ".yuefu.json" if path.name.lower().endswith(".yuefu.json") else path.suffix


def _stem(path: Path) -> str:
    return path.name[: len(path.name) - len(_suffix(path))]


def summary(filled: Any, language: str) -> str:
    """What was done, in a few lines."""
    guessed, wrote, bars, counts, key, seed, correct = _TEXT[language]
    colon = "：" if language == "zh" else ": "
    lines = [guessed + colon + ", ".join(f"{part} = {'+'.join(rows)}" for part, rows in filled.roles.items())]
    lines[0] += f"  ({correct} --roles)"
    for row, numbers in filled.filled.items():
        lines.append(f"{wrote}{colon}{row}, {bars} {_ranges(numbers)}")
    lines.append(counts.format(filled.kept, filled.removed, filled.added))
    lines.append(f"{key}{colon}{filled.key}; {seed}{colon}{filled.seed}")
    return "\n".join(lines)


def _ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{a}-{b}" if b > a else str(a) for a, b in runs)
