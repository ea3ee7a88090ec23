"""``yuefu recommend``: what to hear next, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from yuefu.cli.console import check_text, language_for, print_json, progress_bar, table
from yuefu.cli.desk import Account, AsJson, Data, Database, Language, clock, empty_words, key_words, opened

EXAMPLES = (
    "yuefu recommend",
    'yuefu recommend "something calm for reading" -n 5',
    "yuefu recommend 来点欢快的 --context run --language zh",
    'yuefu recommend --why "Moon River"',
    'yuefu recommend --more-like "Moon River"',
    "yuefu recommend --diversity 0.6 --small-creators 0.5 --explore 0",
    'yuefu recommend --say "what is this, and why?"',
)
_DIALS = "Dials"


def recommend(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="What you want to hear, in Chinese or English.")
    ] = None,
    number: Annotated[int, typer.Option("--number", "-n", metavar="N", help="How many.", min=1, max=200)] = 10,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="piece; or of music listened to elsewhere: track, artist.")
    ] = "piece",
    context: Annotated[
        str, typer.Option(metavar="NAME", help="Where: morning, commute, work, study, run, party, evening, sleep.")
    ] = "",
    more_like: Annotated[
        str | None, typer.Option("--more-like", metavar="TITLE", help="What is most like a piece.", show_default=False)
    ] = None,
    less_of: Annotated[
        str | None,
        typer.Option("--less-of", metavar="TITLE", help="From now on less of what is like it.", show_default=False),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option("--why", metavar="TITLE", help="Exactly why a piece has its score.", show_default=False),
    ] = None,
    say: Annotated[
        str | None,
        typer.Option("--say", metavar="TEXT", help="Ask as you would a voice assistant.", show_default=False),
    ] = None,
    diversity: Annotated[
        float | None,
        typer.Option(metavar="0..1", help="How different from each other.", show_default=False, rich_help_panel=_DIALS),
    ] = None,
    novelty: Annotated[
        float | None,
        typer.Option(metavar="0..1", help="How little known.", show_default=False, rich_help_panel=_DIALS),
    ] = None,
    small_creators: Annotated[
        float | None,
        typer.Option(
            "--small-creators", metavar="0..1", help="How fair to those with few listeners.", show_default=False,
            rich_help_panel=_DIALS,
        ),
    ] = None,
    explore: Annotated[
        float, typer.Option(metavar="0..1", help="How much is tried out.", rich_help_panel=_DIALS)
    ] = 0.1,
    keep: Annotated[
        bool, typer.Option("--keep-dials", help="Keep these dials from now on.", rich_help_panel=_DIALS)
    ] = False,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="The same seed tries out the same.", show_default=False)
    ] = None,
    refit: Annotated[bool, typer.Option("--refit", help="Learn anew from all that was listened to, first.")] = False,
    as_json: AsJson = False,
    language: Language = None,
    data: Data = None,
    database: Database = None,
    account: Account = None,
) -> None:  # fmt: skip
    """Recommend what to hear next from the library, and say exactly why.

    It learns from what you play, finish, skip, like and save in the studio, and from what `yuefu listen import`
    brings along. What is shown is logged with its chances, so that choosing can be judged; `yuefu listen` shows and
    erases all of it.
    """
    from yuefu.workflows.playlists import find
    from yuefu.workflows.recommending import dials_of

    chosen = language_for(language)
    wanted = check_text(" ".join(words or ()), "what you want to hear")
    with opened(data, database, account) as (desk, me):
        if refit:
            with progress_bar(chosen, not as_json) as listener:
                facts = desk.refit(listener)
            _fitted(facts, chosen, as_json)
            if not wanted and not any((why, more_like, less_of, say)):
                return
        if say is not None:
            _said(desk, me, check_text(say, "what you say"), language, as_json)
            return
        given = {"diversity": diversity, "novelty": novelty, "small_creators": small_creators}
        turned = {name: value for name, value in given.items() if value is not None}
        dials = None
        if turned:
            now = desk.dials(me)
            dials = dials_of({"diversity": now.diversity, "novelty": now.novelty,
                              "small_creators": now.small_creators, **turned})  # fmt: skip
            if keep:
                desk.set_dials(me, **turned)
        if why is not None:
            told = desk.why(me, find(desk.scoring(me, disliked=True), why), chosen, context=context, words=wanted)
            if as_json:
                print_json(told)
            else:
                typer.echo(f"{told['title']}\n{told['precise']}")
            return
        if less_of is not None:
            item = find(desk.scoring(me, disliked=True), less_of)
            desk.steer(me, item, False, context=context, source="cli")
        if more_like is not None:
            found = desk.more_like(me, find(desk.scoring(me, disliked=True), more_like), number, chosen)
        else:
            found = desk.recommend(
                me, n=number, kind=kind, context=context, words=wanted, dials=dials, explore=explore, language=chosen,
                seed=seed,
            )  # fmt: skip
        if as_json:
            print_json([asdict(one) for one in found])
            return
        if not found:
            typer.echo(empty_words(chosen))
            return
        for place, one in enumerate(found, 1):
            facts = one.facts
            about = "  ".join(
                filter(None, (clock(facts.get("seconds")), key_words(facts.get("key"), chosen), one.creator))
            )
            tried = ("  · 试试看" if chosen == "zh" else "  · a try") if one.explored else ""
            typer.echo(f"{place:2d}  {one.title}  {about}{tried}".rstrip())
            typer.echo(f"    {one.why}")


def _fitted(facts: dict[str, object], language: str, as_json: bool) -> None:
    if as_json:
        print_json({name: value for name, value in facts.items() if name != "known"})
        return
    if not facts:
        typer.echo(empty_words(language))
        return
    names = ("items", "listeners", "plays", "pairs")
    zh = dict(zip(names, ("曲目", "听众", "播放", "喜好对")))
    rows = [(zh[name] if language == "zh" else name, f"{facts.get(name, 0):,}") for name in names]
    learnt = ", ".join(map(str, facts.get("recommenders", ())))  # type: ignore[call-overload]
    typer.echo(table([("推荐器" if language == "zh" else "recommender", learnt), *rows]))


def _said(desk: object, me: str, text: str, language: str | None, as_json: bool) -> None:
    from yuefu.workflows.spoken import answer

    chosen = language_for(language) if language is not None else None
    spoken = answer(desk, me, text, chosen)  # type: ignore[arg-type]
    if as_json:
        print_json(asdict(spoken))
        return
    typer.echo(spoken.speech)
    for place, one in enumerate(spoken.queue, 1):
        typer.echo(f"{place:2d}  {one.title}")
