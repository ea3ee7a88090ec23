"""``yuefu compose``: words in, a folder with a finished piece out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yuefu.cli.console import (
    check_text,
    file_list,
    language_for,
    print_json,
    progress_bar,
    read_text,
    split_list,
)
from yuefu.errors import InputError

if TYPE_CHECKING:
    from yuefu.llm.settings import LlmSettings
    from yuefu.progress import Listener
    from yuefu.text.brief import Brief, BriefOptions
    from yuefu.workflows.compose import Composition

_MUSIC = "Music"
_FORM = "Length and form"
_WORDS = "Words"
_PLAYERS = "Players"
_WRITING = "Writing"
_LLM = "A language model's help (optional)"
_OUTPUT = "Output"

EXAMPLES = (
    'yuefu compose "春天的气息弥漫在空气中" -o spring',
    'yuefu compose "a melancholy waltz for a rainy night, solo piano" -o rain',
    'yuefu compose --lyrics moon.txt --style pop --tempo 92 --key "G major" \\',
    '    --form "A A B A" --instruments "voice, piano, bass, drums" --seed 7 -o moon',
    "yuefu compose --lyrics moon.txt --formats midi,mp3,leadsheet,jianpu,lrc -o moon",
    'yuefu compose "a song for my sister" --llm http://localhost:8080/v1 --llm-model qwen --write-lyrics -o sister',
    "yuefu compose --style like:tune.abc --seed 7 -o another",
    'yuefu compose --for me "for a rainy evening" -o mine',
    'yuefu compose "a Balkan dance" --scale "D hijaz" --meter "7/8 (3+2+2)" --drone -o balkan',
    'yuefu compose "江南" --instruments "二胡、古筝" --key 降E大调 --meter 四分之三拍 --duration 两分半',
)


def compose(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="What the music should be, in Chinese or English."),
    ] = None,
    lyrics: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Lyrics to set, from a file or standard input.", rich_help_panel=_WORDS),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The title.", rich_help_panel=_WORDS)] = None,
    style: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A style (see `yuefu styles`), or like:FILE, a piece to write like.",
            rich_help_panel=_MUSIC,
        ),
    ] = None,
    mood: Annotated[
        str | None,
        typer.Option(metavar="V,A", help="Valence and arousal, each -1 to 1, or a mood word.", rich_help_panel=_MUSIC),
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help='Such as "G major", "f# minor", 降E大调.', rich_help_panel=_MUSIC)
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help='A mode or scale, such as dorian, "D hijaz", 徵; see `yuefu scales`.',
            rich_help_panel=_MUSIC,
        ),
    ] = None,
    tempo: Annotated[
        str | None,
        typer.Option(metavar="BPM", help="20 to 300 quarters a minute, or a word: allegro.", rich_help_panel=_MUSIC),
    ] = None,
    meter: Annotated[
        str | None, typer.Option(metavar="N/N", help='The metre: 4/4, "7/8 (3+2+2)", 四三拍.', rich_help_panel=_MUSIC)
    ] = None,
    rhythm: Annotated[
        str | None,
        typer.Option(metavar="free|strict", help="free: without a beat, 散板.", rich_help_panel=_MUSIC),
    ] = None,
    ornaments: Annotated[
        str | None,
        typer.Option(
            metavar="none|light|rich", help="Ornaments of the tune; else the style's own.", rich_help_panel=_MUSIC
        ),
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="me|NAME",
            help="What you leave open suits your taste (an account's, by name).",
            show_default=False,
            rich_help_panel=_MUSIC,
        ),
    ] = None,
    drone: Annotated[
        bool | None,
        typer.Option(
            "--drone/--no-drone", help="A held tonic and fifth; else the style's own.", rich_help_panel=_PLAYERS
        ),
    ] = None,
    chords: Annotated[
        str | None,
        typer.Option(
            metavar="CHORDS",
            help='A chord a bar, repeated: "C G/B Am F"; or by section: "verse: C F | chorus: Am G".',
            rich_help_panel=_MUSIC,
        ),
    ] = None,
    bars: Annotated[
        str | None, typer.Option(metavar="N", help="How many bars, 1 to 512.", rich_help_panel=_FORM)
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="About how long: 90, 2:30, 两分半.", rich_help_panel=_FORM),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            metavar="FORM", help='"A A B A", "intro:4 verse:16 chorus:16", "主歌:16 副歌:16".', rich_help_panel=_FORM
        ),
    ] = None,
    instruments: Annotated[
        str | None,
        typer.Option(
            metavar="LIST", help='Who plays: "voice, piano, bass, drums", "二胡、古筝".', rich_help_panel=_PLAYERS
        ),
    ] = None,
    without: Annotated[
        str | None, typer.Option(metavar="LIST", help="Who must not play.", rich_help_panel=_PLAYERS)
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(metavar="N", help="The same seed gives the same piece.", rich_help_panel=_WRITING),
    ] = None,
    candidates: Annotated[
        str | None,
        typer.Option(metavar="N", help="Tunes to write for each section; the best is kept.", rich_help_panel=_WRITING),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Another model than the one inside.", rich_help_panel=_WRITING),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="hf:FOLDER",
            help="Another encoder of words than the one inside: a local transformers model.",
            rich_help_panel=_WRITING,
        ),
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="An OpenAI-compatible address, such as http://localhost:8080/v1, for the title and what you leave "
            "open; the key is taken from YUEFU_LLM_KEY or OPENAI_API_KEY.",
            rich_help_panel=_LLM,
        ),
    ] = None,
    llm_model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The model's name there.", rich_help_panel=_LLM)
    ] = None,
    llm_timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", help="For each thing that it is asked, all tries together.", rich_help_panel=_LLM
        ),
    ] = 120.0,
    engine: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Who writes what it can, the model inside the rest: auto, transformer, lstm, markov; llm for tune and "
            "chords by a language model. See `yuefu engines`.",
            rich_help_panel=_WRITING,
        ),
    ] = "auto",
    write_lyrics: Annotated[
        bool,
        typer.Option("--write-lyrics", help="It writes lyrics, or polishes those given.", rich_help_panel=_LLM),
    ] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="A paragraph on the piece, from the report's facts.", rich_help_panel=_LLM),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="The folder; else the title's.", rich_help_panel=_OUTPUT),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Of midi, musicxml, abc, json, wav, flac, mp3, ogg, pdf, svg, png, roll; for singers leadsheet, "
            "jianpu (also jianpu.svg, jianpu.png, jianpu.txt), lrc, words.lrc.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON and nothing else.", rich_help_panel=_OUTPUT)
    ] = False,
    play: Annotated[
        bool, typer.Option("--play", help="Play the piece when it is done.", rich_help_panel=_OUTPUT)
    ] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of what is printed.", rich_help_panel=_OUTPUT)
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="The studio's folder, for --for; else ~/.local/share/yuefu.",
            show_default=False,
            rich_help_panel=_MUSIC,
        ),
    ] = None,
) -> None:
    """Compose a piece for a sentence, a lyric, or what the options say.

    What the options don't say is read from the words; what the words don't say gets a musical
    default that varies with the seed. Writes MIDI, MusicXML, sound, a score as PDF, a piano roll
    and a report.
    """
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.compose import compose_brief
    from yuefu.workflows.encoders import encoder_named
    from yuefu.workflows.llm_compose import check_llm, compose_consulted, consult, explained
    from yuefu.workflows.singing import check_words
    from yuefu.workflows.style_reference import brief_with_reference

    settings = llm_settings(llm, llm_model, llm_timeout)
    check_llm(settings, engine, write_lyrics)
    chosen = chosen_formats(formats)
    spoken = language_for(language) if language is not None else None
    options = BriefOptions(
        title=title, style=style, mood=mood, tempo=tempo, key=key, scale=scale, meter=meter, rhythm=rhythm,
        drone=drone, ornaments=ornaments, form=form, bars=bars,
        duration=duration, instruments=instruments, without=without, chords=chords, seed=seed, candidates=candidates,
        lyrics=None if lyrics is None else read_text(lyrics, "the lyrics"),
    )  # fmt: skip
    with progress_bar(spoken or language_for(None), not as_json) as listener:
        understand = encoder_named(encoder, progress=listener)
    prompt = check_text(" ".join(words or ()), "the prompt")
    if for_ is None:
        brief = brief_with_reference(prompt, options, understand)
    else:
        brief = _for_somebody(for_, prompt, options, data, language)
    spoken = spoken or language_for(None, brief.language.value)
    asked = None
    if settings is not None:
        with progress_bar(spoken, not as_json) as asking:
            asked = consult(brief, settings, lyrics=write_lyrics, progress=asking)
        brief = asked.brief
        if write_lyrics and not brief.lyrics.value:  # promised words that didn't come fail no format
            chosen = [name for name in chosen if not name.endswith("lrc")]
    check_words(chosen, bool(brief.lyrics.value))

    def make(listener: Listener) -> Composition:
        if asked is None or settings is None:
            piece = compose_brief(brief, model=model, engine=engine, progress=listener)
        else:
            piece = compose_consulted(asked, settings, engine=engine, model=model, progress=listener)
        return explained(piece, settings, spoken, listener) if explain else piece

    write_composition(
        make,
        brief.title.value or "",
        out,
        chosen,
        as_json,
        play,
        spoken,
    )


def _for_somebody(who: str, words: str, options: BriefOptions, data: Path | None, language: str | None) -> Brief:
    """A brief whose open fields suit a listener's taste; says why. Raises NotFoundError for an unknown account."""
    import secrets

    from yuefu.cli.desk import opened
    from yuefu.workflows.for_me import brief_for
    from yuefu.workflows.taste import taste_of

    chosen = language_for(language)
    with opened(data, None, None if who.strip().lower() in ("me", "我") else who) as (desk, account):
        taste = taste_of(desk, account)
    given = str(options.seed if options.seed is not None else "")
    seed = int(given) if given.isdigit() else secrets.randbelow(2**31)
    brief, why = brief_for(taste, seed, words=words, language=chosen, options=options)
    typer.echo(why, err=True)
    return brief


def llm_settings(url: str | None, name: str | None, seconds: float = 120.0) -> LlmSettings | None:
    """The language model that two options name, None for neither. Raises InputError for half of it."""
    from yuefu.llm.settings import LlmSettings

    if url is None and name is None:
        return None
    if url is None or name is None:
        raise InputError("a language model is named by --llm URL and --llm-model NAME together: give both.")
    return LlmSettings(url, name, deadline=seconds)


def chosen_formats(listed: str | None) -> list[str]:
    """The formats that an option lists, or the usual ones. Raises InputError for none, UnknownNameError."""
    from yuefu.workflows.compose import DEFAULT_FORMATS, FORMATS, check_formats

    if listed is None:
        return list(DEFAULT_FORMATS)
    names = split_list(listed)
    if not names:
        raise InputError(f"an empty list of formats arrived: give some of {', '.join(FORMATS)}.")
    return check_formats(names)


def write_composition(
    make: Any, title: str, out: Path | None, formats: Sequence[str], as_json: bool, play: bool, language: str
) -> None:
    """Make a composition, write its files into a folder, and report."""
    from yuefu.workflows.folders import staged_folder, unused_folder

    folder = out if out is not None else unused_folder(Path(), title)
    with staged_folder(folder) as stage, progress_bar(language, not as_json) as listener:
        composition = make(listener)
        files = {name: folder / path.name for name, path in composition.save(stage, formats, listener).items()}
    report = composition.report
    if as_json:
        print_json({**report.to_dict(), "files": {name: str(path) for name, path in files.items()}})
    else:
        from yuefu.workflows.report import report_text

        for notice in report.llm.lines(language) if report.llm is not None else ():
            typer.echo(notice, err=True)
        typer.echo(report_text(report, language))
        typer.echo(("写好了：" if language == "zh" else "Written:") + "\n" + file_list(files.values()))
    if play:
        _play(composition, files, language, not as_json)


def _play(composition: Any, files: dict[str, Path], language: str, bar: bool) -> None:
    from yuefu.audio.play import play_audio, play_file

    with progress_bar(language, bar) as listener:
        sound = next((files[name] for name in ("wav", "flac", "ogg", "mp3") if name in files), None)
        if sound is not None:
            play_file(sound, listener)
        else:
            play_audio(composition.audio(listener), 44100, listener)
