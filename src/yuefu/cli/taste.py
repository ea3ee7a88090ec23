"""``yuefu taste``: what is known of your taste, in words and numbers, and how to change it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from yuefu.cli.console import language_for, print_json, table
from yuefu.cli.desk import Account, AsJson, Data, Database, Language, opened
from yuefu.cli.help import HelpGroup, add
from yuefu.errors import InputError

if TYPE_CHECKING:
    from yuefu.workflows.taste import Taste

app = typer.Typer(
    cls=HelpGroup, no_args_is_help=True, rich_markup_mode=None,
    help="Your taste: what is known of it, and what you say it is.",
)  # fmt: skip
EXAMPLES = {
    "show": ("yuefu taste show", "yuefu taste show --language zh --json"),
    "set": ("yuefu taste set tempo=80 style:jazz=0.9", "yuefu taste set valence=0.4 minor=", "yuefu taste set --reset"),
    "start": (
        'yuefu taste start --moods "calm; 欢快; 0.2,-0.6"',
        "yuefu taste start --clips",
        'yuefu taste start --moods calm --like "Moon River" --dislike "Fast Train"',
    ),
}


def show(
    as_json: AsJson = False,
    language: Language = None,
    data: Data = None,
    database: Database = None,
    account: Account = None,
) -> None:
    """Show your taste in a sentence and in numbers; what you set yourself is marked."""
    from yuefu.workflows.taste import taste_of

    with opened(data, database, account) as (desk, me):
        _print(taste_of(desk, me), language_for(language), as_json)


def set_(
    edits: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...",
            help="valence, arousal (-1 to 1), energy, minor (0 to 1), tempo, style:NAME (0 to 1); NAME= takes it back.",
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Take back everything that you set.")] = False,
    as_json: AsJson = False,
    language: Language = None,
    data: Data = None,
    database: Database = None,
    account: Account = None,
) -> None:
    """Say what your taste is: what you set wins over what was learnt, until you take it back."""
    from yuefu.workflows.taste import set_taste, taste_of

    given: dict[str, float | None] = {}
    for edit in edits or ():
        name, sign, value = edit.partition("=")
        if not sign:
            raise InputError(f"'{edit[:60]}' sets nothing: write NAME=VALUE, such as tempo=80.")
        try:
            given[_name(name.strip())] = float(value) if value.strip() else None
        except ValueError as error:
            raise InputError(f"'{value[:40]}' isn't a number: write {name}=0.5, or {name}= to take it back.") from error
    if not given and not reset:
        raise InputError("nothing was set: write NAME=VALUE, such as tempo=80, or --reset.")
    with opened(data, database, account) as (desk, me):
        if reset:
            given = dict.fromkeys(taste_of(desk, me).edited) | given
        _print(set_taste(desk, me, given), language_for(language), as_json)


def start(
    moods: Annotated[
        str | None,
        typer.Option(metavar="LIST", help='Up to three moods, by words or as V,A, parted by ";".', show_default=False),
    ] = None,
    clips: Annotated[bool, typer.Option("--clips", help="Only list five pieces whose answers tell much.")] = False,
    like: Annotated[
        list[str] | None,
        typer.Option(metavar="TITLE", help="A piece that you like; again for more.", show_default=False),
    ] = None,
    dislike: Annotated[
        list[str] | None, typer.Option(metavar="TITLE", help="A piece that you don't.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    language: Language = None,
    data: Data = None,
    database: Database = None,
    account: Account = None,
) -> None:
    """Begin: choose up to three moods, and say of some pieces whether you like them.

    Recommendations suit you from then on; what you really listen to takes over bit by bit.
    """
    from yuefu.text.options import parse_mood
    from yuefu.workflows.playlists import find
    from yuefu.workflows.taste import start as start_taste
    from yuefu.workflows.taste import start_clips

    chosen = language_for(language)
    points = [parse_mood(word.strip()) for word in (moods or "").replace("；", ";").split(";") if word.strip()]
    with opened(data, database, account) as (desk, me):
        if clips:
            found = start_clips(desk, me, moods=points)
            if as_json:
                print_json([asdict(clip) for clip in found])
            else:
                typer.echo("\n".join(f"{clip.title}  ({clip.facts.get('style', '')})" for clip in found))
            return
        if not points and not like and not dislike:
            raise InputError('nothing was chosen: give --moods "calm; happy", --like TITLE or --dislike TITLE.')
        scoring = desk.scoring(me, disliked=True)
        answers = [(find(scoring, title), True) for title in like or ()]
        answers += [(find(scoring, title), False) for title in dislike or ()]
        _print(start_taste(desk, me, points, answers), chosen, as_json)


def _name(name: str) -> str:
    """A number's name; a style may be called as elsewhere."""
    if not name.startswith("style:"):
        return name
    from yuefu.errors import UnknownNameError
    from yuefu.theory.styles import find_style

    try:
        return f"style:{find_style(name[6:]).key}"
    except UnknownNameError:
        return name


def _print(taste: Taste, language: str, as_json: bool) -> None:
    if as_json:
        print_json(asdict(taste))
        return
    typer.echo(taste.words(language))
    mark = "（你设的）" if language == "zh" else "(set by you)"
    rows = [(name, f"{value:g}", mark if name in taste.edited else "") for name, value in taste.numbers.items()]
    if rows:
        typer.echo(table(rows))


add(app, "Commands", show, *EXAMPLES["show"])
add(app, "Commands", set_, *EXAMPLES["set"], name="set")
add(app, "Commands", start, *EXAMPLES["start"])
