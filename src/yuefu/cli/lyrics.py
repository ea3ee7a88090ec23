"""``yuefu lyrics``: words for music, as they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, print_json, read_text
from yuefu.cli.help import HelpGroup, add

app = typer.Typer(cls=HelpGroup, no_args_is_help=True, help="Look at lyrics.", rich_markup_mode=None)


def read(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text file with lyrics; - for standard input.")],
    sandhi: Annotated[
        bool, typer.Option("--sandhi", help="Chinese tones of 一, 不 and third tones as spoken together.")
    ] = False,
    erhua: Annotated[bool, typer.Option("--erhua/--no-erhua", help="Whether 花儿 is one syllable or two.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of what is printed; else the lyrics' own.", show_default=False)
    ] = None,
) -> None:
    """Show how lyrics are read: sections, syllables, rhymes, stresses and tones."""
    from yuefu.score.section_names import SECTIONS_ZH
    from yuefu.text.language import language_of
    from yuefu.text.lyrics import parse_lyrics
    from yuefu.text.lyrics_text import lyrics_dict, lyrics_text

    text = read_text(file, "lyrics")
    lyrics = parse_lyrics(text, sandhi=sandhi, erhua=erhua)
    if as_json:
        print_json(lyrics_dict(lyrics))
        return
    chosen = language_for(language, language_of(text))
    names = SECTIONS_ZH if chosen == "zh" else {}
    typer.echo(lyrics_text(lyrics, chosen, lambda kind: names.get(kind, kind.capitalize())))


def check(
    file: Annotated[Path, typer.Argument(metavar="SCORE", help="A score with lyrics: MusicXML, MIDI, ABC.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of what is printed; else the lyrics' own.", show_default=False)
    ] = None,
) -> None:
    """Show how well the words of a score sit on its tune, line by line, by stress, tones, breaths and more."""
    from yuefu.analysis.singing import check_singing
    from yuefu.analysis.singing.sheet_text import sheet_text
    from yuefu.score.files import read_score
    from yuefu.text.language import language_of

    sheet = check_singing(read_score(file))
    if as_json:
        print_json(sheet.to_dict())
        return
    spoken = " ".join(line.line.text for line in sheet.lines)
    typer.echo(sheet_text(sheet, language_for(language, language_of(spoken))))


add(
    app,
    "Commands",
    read,
    "yuefu lyrics read song.txt",
    "yuefu lyrics read 月亮.txt --sandhi",
    "yuefu lyrics read - --json",
)
add(app, "Commands", check, "yuefu lyrics check song.musicxml", "yuefu lyrics check song.musicxml --json")
