"""``yuefu playlist``: a list that flows for a sentence and some minutes; the daily mix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yuefu.cli.console import check_text, file_list, language_for, print_json, progress_bar, split_list, table
from yuefu.cli.desk import Account, AsJson, Data, Database, Language, clock, empty_words, key_words, opened

if TYPE_CHECKING:
    from yuefu.workflows.playlists import PlaylistMade
    from yuefu.workflows.recommending import Desk

EXAMPLES = (
    'yuefu playlist "雨天读书" --minutes 40',
    'yuefu playlist "a long run by the river" --minutes 60 --compose',
    'yuefu playlist "evening jazz" --more-like "Moon River" --less-of "Fast Train"',
    'yuefu playlist "雨天读书" -o rain --formats midi,flac',
    "yuefu playlist --daily-mix",
    "yuefu playlist --daily-mix --pieces 3 --language zh",
)
_OUTPUT = "Output"
_ARCS_ZH = {
    "arch": "起落",
    "steady": "平稳",
    "settle": "渐静",
    "rise": "渐强",
    "training": "热身到放松",
    "waves": "起伏",
}
_FIGURES = "Smoothness {} (in random order {}); course of energy: {}, kept to {}."


def playlist(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="What it is for: a mood, a style, an occasion; in either language."),
    ] = None,
    minutes: Annotated[float, typer.Option(metavar="N", help="How long, 1 to 600.")] = 40.0,
    context: Annotated[
        str, typer.Option(metavar="NAME", help="Where: morning, commute, work, study, run, party, evening, sleep.")
    ] = "",
    more_like: Annotated[
        list[str] | None,
        typer.Option("--more-like", metavar="TITLE", help="Near to this piece; again for more.", show_default=False),
    ] = None,
    less_of: Annotated[
        list[str] | None,
        typer.Option("--less-of", metavar="TITLE", help="Far from this piece; again for more.", show_default=False),
    ] = None,
    compose: Annotated[
        bool, typer.Option("--compose", help="Compose what the library lacks, and keep it there.")
    ] = False,
    daily_mix: Annotated[
        bool, typer.Option("--daily-mix", help="Fresh pieces composed for you today, each with a reason.")
    ] = False,
    pieces: Annotated[int, typer.Option(metavar="N", help="Pieces of the daily mix, 1 to 8.", min=1, max=8)] = 4,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed composes other pieces.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", show_default=False, rich_help_panel=_OUTPUT,
                     help="Write the pieces in order, playlist.m3u8 and playlist.json."),
    ] = None,
    formats: Annotated[
        str, typer.Option(metavar="LIST", help="Of the pieces: midi, wav, flac, ogg, mp3.", rich_help_panel=_OUTPUT)
    ] = "midi",
    save: Annotated[
        bool, typer.Option("--save/--no-save", help="Keep the list in the studio.", rich_help_panel=_OUTPUT)
    ] = True,
    as_json: AsJson = False,
    language: Language = None,
    data: Data = None,
    database: Database = None,
    account: Account = None,
) -> None:  # fmt: skip
    """Make a playlist for a sentence, from the library: what fits, in an order that flows.

    Tempo, key (on the circle of fifths) and energy change smoothly from piece to piece, along a course that suits the
    words. When the library has too little it says how many minutes are missing; --compose writes them.
    """
    from yuefu.workflows.playlists import make
    from yuefu.workflows.playlists import save as save_playlist

    wanted = check_text(" ".join(words or ()), "what the playlist is for")
    chosen = language_for(language, _spoken(wanted))
    with opened(data, database, account) as (desk, me):
        if daily_mix:
            _mix(desk, me, pieces, chosen, as_json)
            return

        def made_now() -> PlaylistMade:
            return make(desk, me, wanted, minutes, context=context, like=more_like or (), unlike=less_of or (),
                        language=chosen, seed=seed)  # fmt: skip

        made = made_now()
        if compose and made.missing_minutes >= 0.5:
            _compose_missing(desk, me, wanted, made.missing_minutes, chosen, seed, as_json)
            made = made_now()
        facts: dict[str, Any] = made.to_dict()
        if made.items and save:
            facts["id"] = save_playlist(desk, me, made).id
        files: list[Path] = []
        if out is not None and made.items:
            files = _write(desk, me, made, out, formats, chosen, as_json)
            facts["files"] = [str(path) for path in files]
        if as_json:
            print_json(facts)
            return
        _show(made, chosen, compose)
        if files:
            typer.echo(("写好了：" if chosen == "zh" else "Written:") + "\n" + file_list(files))


def _spoken(words: str) -> str | None:
    if not words:
        return None
    return "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in words) else None


def _show(made: PlaylistMade, language: str, composed: bool) -> None:
    zh = language == "zh"
    if not made.items:
        typer.echo(made.notes[0] if made.words and made.notes else empty_words(language))
        return
    length = clock(made.minutes * 60)
    typer.echo(f"{made.title}（{length}）" if zh else f"{made.title}  ({length})")
    head = ("", "曲目", "开始", "速度", "调", "能量") if zh else ("", "piece", "from", "tempo", "key", "energy")
    rows = [
        (str(place), item.title, clock(item.start), f"{item.tempo:.0f}" if item.tempo else "",
         key_words(item.key, language),
         "" if item.energy is None else f"{item.energy:.2f}")
        for place, item in enumerate(made.items, 1)
    ]  # fmt: skip
    typer.echo(table([head, *rows]))
    arc = _ARCS_ZH.get(made.arc, made.arc) if zh else made.arc
    figures = f"{made.smoothness:.2f}", f"{made.random_smoothness:.2f}", arc, f"{made.on_arc:.2f}"
    smooth = "衔接 {}（随机顺序 {}）；能量走向 {}，贴合 {}。" if zh else _FIGURES
    typer.echo(smooth.format(*figures))
    for note in made.notes:
        more = "" if composed else ("（加上 --compose）" if zh else " (add --compose)")
        typer.echo(note + more)


def _compose_missing(desk: Desk, me: str, words: str, minutes: float, language: str, seed: int, as_json: bool) -> None:
    from yuefu.workflows.for_me import compose_and_keep, missing_pieces

    wanted = missing_pieces(desk, me, words, minutes, language=language, seed=seed)
    for place, one in enumerate(wanted, 1):
        if not as_json:
            typer.echo(f"{place}/{len(wanted)}  {one.brief.title.value or ''}  {one.why(language)}", err=True)
        with progress_bar(language, not as_json) as listener:
            compose_and_keep(desk.store, me, one, progress=listener)


def _mix(desk: Desk, me: str, pieces: int, language: str, as_json: bool) -> None:
    from yuefu.workflows.for_me import MIX_TAG, compose_and_keep, daily_mix

    wanted = daily_mix(desk, me, pieces, language=language)
    today = wanted[0].tags[-1]
    there = {piece.words: piece for piece in desk.store.pieces.list(me, tag=today, limit=200)[0]}
    by_title = {piece.title: piece for piece in there.values()}
    listed = []
    for one in wanted:
        piece = by_title.get(one.brief.title.value or "")
        if piece is None:
            with progress_bar(language, not as_json) as listener:
                piece = compose_and_keep(desk.store, me, one, progress=listener)
        listed.append({"item": f"piece:{piece.id}", "piece": piece.id, "title": piece.title, "why": one.why(language),
                       "seconds": piece.facts.get("seconds")})  # fmt: skip
        if not as_json:
            typer.echo(f"{len(listed)}  {piece.title}  {clock(piece.facts.get('seconds'))}\n   {one.why(language)}")
    kept = next((one for one in desk.store.playlists.list(me) if one.facts.get("mix") == today), None)
    items = [str(one["item"]) for one in listed]
    title = f"每日新曲 {today[len(MIX_TAG) + 1 :]}" if language == "zh" else f"Daily mix {today[len(MIX_TAG) + 1 :]}"
    if kept is None:
        desk.store.playlists.create(me, title, "", items, {"mix": today})
    else:
        desk.store.playlists.change(me, kept.id, items=items)
    if as_json:
        print_json({"title": title, "items": listed})


def _write(
    desk: Desk, me: str, made: PlaylistMade, out: Path, formats: str, language: str, as_json: bool
) -> list[Path]:
    from yuefu.workflows.playlists import write_files

    with progress_bar(language, not as_json) as listener:
        return write_files(desk, me, made, out, split_list(formats) or ["midi"], listener)
