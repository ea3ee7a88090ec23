"""``yuefu listen``: bring listening along, see it, take it away, have it erased, or keep none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yuefu.cli.console import language_for, print_json, progress_bar, table
from yuefu.cli.desk import Account, Data, Database
from yuefu.cli.extras import needing
from yuefu.cli.help import HelpGroup, add
from yuefu.errors import InputError

if TYPE_CHECKING:
    from yuefu.store.store import Store

app = typer.Typer(
    cls=HelpGroup, no_args_is_help=True, rich_markup_mode=None,
    help="What you listened to: bring it along, see it, take it away, have it erased.",
)  # fmt: skip
Who = Annotated[
    str | None,
    typer.Option("--listener", metavar="NAME", help="Only that one of several listeners.", show_default=False),
]
Language = Annotated[
    str | None,
    typer.Option(metavar="en|zh", help="Language of what is printed; else the system's.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def _opened(data: Path | None, database: str | None, account: str | None) -> Iterator[tuple[Store, str]]:
    """The store, and the id of the account."""
    with needing("listening", "studio"):
        from yuefu.store.store import Store
        from yuefu.web.settings import default_folder
    store = Store.open((data or default_folder()).expanduser(), database)
    try:
        yield store, (store.accounts.local() if account is None else store.accounts.named(account)).id
    finally:
        store.close()


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file, or the folder of HetRec.", show_default=False)],
    form: Annotated[
        str, typer.Option("--format", metavar="NAME", help="auto, csv, lastfm, listenbrainz or hetrec.")
    ] = "auto",
    listener: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Keep it apart under this name; else it is yours.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be kept and dropped.")] = False,
    as_json: AsJson = False,
    language: Language = None,
    account: Account = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Read a file of listening, clean it and keep what is new; say what was dropped and why.

    CSV: headers in English or Chinese, such as artist, title, time, kind, rating, plays (歌手, 歌名, 时间, 行为, 评分,
    次数), or Last.fm's tables. Last.fm: pages of user.getRecentTracks as JSON. ListenBrainz: the export's zip, JSON or
    JSON lines. The same file again adds nothing.
    """
    spoken = language_for(language)
    with _opened(data, database, account) as (store, mine):
        from yuefu.workflows.listening import import_listening

        with progress_bar(spoken, not as_json) as progress:
            done = import_listening(store, mine, file, form=form, listener=listener, dry_run=dry_run, progress=progress)
    _say(done.facts(), done.sentences(spoken), as_json)


def list_(
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="At most so many.")] = 20,
    listener: Who = None,
    as_json: AsJson = False,
    account: Account = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """List what was listened to, the newest first."""
    with _opened(data, database, account) as (store, mine):
        events, _ = store.listening.events(mine, listener=listener, limit=limit)
        known = store.items.get(list({event.item for event in events if event.item}))
    if as_json:
        from dataclasses import asdict

        print_json([
            {**asdict(event), "listener": event.listener.partition("/")[2], "moment": event.moment.isoformat()}
            for event in events
        ])  # fmt: skip
        return
    rows = [("WHEN", "", "WHAT", "")]
    for event in events:
        item = known.get(event.item)
        what = event.item if item is None else f"{item.creator} - {item.title}" if item.kind == "track" else item.title
        more = [f"{event.value:g}" if event.value is not None else "", event.context, event.text[:40],
                event.listener.partition("/")[2], "synthetic" if event.synthetic else ""]  # fmt: skip
        rows.append((f"{event.moment:%Y-%m-%d %H:%M}", event.kind, what[:60], "  ".join(filter(None, more))))
    typer.echo(table(rows))


def stats(
    listener: Who = None,
    as_json: AsJson = False,
    language: Language = None,
    account: Account = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Say what is held about you as a listener, in numbers."""
    spoken = language_for(language)
    with _opened(data, database, account) as (store, mine):
        from yuefu.workflows.listening import summary

        held = summary(store, mine, listener=listener)
    _say(held, _told(held, spoken == "zh"), as_json)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON file to write.", show_default=False)],
    language: Language = None,
    account: Account = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Write all that is held about you as a listener to a file.

    JSON with the events, what was recommended, the settings and the playlists.
    """
    zh = language_for(language) == "zh"
    with _opened(data, database, account) as (store, mine):
        from yuefu.workflows.listening import export_listening

        held = export_listening(store, mine, file)
    names = {"events": "事件", "recommended": "推荐", "settings": "设置", "playlists": "歌单"}
    said = ", ".join(
        f"{names.get(name, name)} {count:,}" if zh else f"{count:,} {name}" for name, count in held.items()
    )
    typer.echo(f"{file}: {said}")


def erase(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="Only listening that was made up.")] = False,
    listener: Who = None,
    language: Language = None,
    account: Account = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Erase all that is held about you as a listener, for ever.

    Events, what was recommended, playlists and settings go; what was learnt from them is learnt anew without them.
    """
    if synthetic and listener is not None:
        raise InputError("--synthetic and --listener don't go together: leave one out.")
    zh = language_for(language) == "zh"
    with _opened(data, database, account) as (store, mine):
        from yuefu.workflows.listening import erase_listening

        if not yes:
            if not sys.stdin.isatty():
                raise InputError("erasing can't be undone: say --yes, or run it where it can ask.")
            typer.confirm("这无法撤销。清除吗？" if zh else "This can't be undone. Erase?", abort=True)
        gone = erase_listening(store, mine, listener=listener, synthetic=synthetic)
    typer.echo(
        f"已清除：事件 {gone.events:,}，推荐 {gone.impressions:,}，歌单 {gone.playlists:,}" if zh
        else f"erased: {gone.events:,} events, {gone.impressions:,} recommendations, {gone.playlists:,} playlists"
    )  # fmt: skip


def pause(language: Language = None, account: Account = None, data: Data = None, database: Database = None) -> None:
    """Keep nothing of what you listen to from now on; what was kept before stays."""
    _pause(True, language, account, data, database)


def resume(language: Language = None, account: Account = None, data: Data = None, database: Database = None) -> None:
    """Keep what you listen to again."""
    _pause(False, language, account, data, database)


def synthetic(
    listeners: Annotated[int, typer.Option(metavar="N", help="So many listeners.")] = 50,
    items: Annotated[int, typer.Option(metavar="N", help="So many made-up songs.")] = 200,
    events: Annotated[int, typer.Option(metavar="N", help="So many plays.")] = 5000,
    days: Annotated[float, typer.Option(metavar="N", min=1, max=3650, help="Within so many days before today.")] = 90,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Another seed, other listeners.")] = 0,
    pieces: Annotated[
        bool, typer.Option("--pieces", help="Of the library's pieces, instead of made-up songs.")
    ] = False,
    as_json: AsJson = False,
    language: Language = None,
    account: Account = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make listening up, to try things out. Each event says that it is made up; `erase --synthetic` takes it away."""
    spoken = language_for(language)
    with _opened(data, database, account) as (store, mine):
        from yuefu.workflows.listening import make_up

        with progress_bar(spoken, not as_json) as progress:
            done = make_up(
                store, mine, listeners=listeners, items=items, events=events, days=days, seed=seed, pieces=pieces,
                progress=progress,
            )  # fmt: skip
    said = done.sentences(spoken)
    said.append(
        "以上都是虚构的收听记录，每条都有标明；`yuefu listen erase --synthetic` 可清除。" if spoken == "zh"
        else "All of this is made up, and every event says so; `yuefu listen erase --synthetic` takes it away."
    )  # fmt: skip
    _say({**done.facts(), "synthetic": True}, said, as_json)


def _pause(paused: bool, language: str | None, account: str | None, data: Path | None, database: str | None) -> None:
    zh = language_for(language) == "zh"
    with _opened(data, database, account) as (store, mine):
        from yuefu.workflows.listening import pause as set_paused

        set_paused(store, mine, paused)
    if paused:
        typer.echo("已暂停：不再保存收听记录。" if zh else "paused: nothing that you listen to is kept")
    else:
        typer.echo("已恢复：保存收听记录。" if zh else "resumed: what you listen to is kept")


def _told(held: dict[str, Any], zh: bool) -> list[str]:
    """A summary in lines."""
    said = []
    if not held["events"]:
        said.append("没有收听记录。" if zh else "No events are held.")
    else:
        span = f"{held['first'][:10]} – {held['last'][:10]}"
        said.append(
            f"{held['events']:,} 条事件，{held['items']:,} 首曲目，{span}" if zh
            else f"{held['events']:,} events of {held['items']:,} items, {span}"
        )  # fmt: skip
    if held["synthetic"]:
        said.append(f"其中虚构 {held['synthetic']:,} 条" if zh else f"{held['synthetic']:,} of them made up")
    for name, label in (("kinds", "类型"), ("contexts", "情境"), ("devices", "设备"), ("sources", "来源")):
        parts = [f"{each} {count:,}" for each, count in held[name].items() if each]
        if parts:
            said.append(f"{label if zh else name}: {', '.join(parts)}")
    if held["top"]:
        said.append("听得最多：" if zh else "most heard:")
        said += [f"  {each['title']}  {each['plays']:,}" for each in held["top"]]
    others = {name: count for name, count in held["listeners"].items() if name}
    if others:
        shown = ", ".join(f"{name} {count:,}" for name, count in list(others.items())[:5])
        rest = ("……" if zh else ", ...") if len(others) > 5 else ""
        said.append(f"{'其他听众' if zh else 'other listeners'} ({len(others):,}): {shown}{rest}")
    said.append(
        f"推荐 {held['recommended']:,}，歌单 {held['playlists']:,}" if zh
        else f"{held['recommended']:,} recommendations and {held['playlists']:,} playlists"
    )  # fmt: skip
    if held["paused"]:
        said.append("已暂停：不再保存收听记录。" if zh else "paused: nothing is kept now")
    return said


def _say(facts: dict[str, Any], sentences: list[str], as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        typer.echo("\n".join(sentences))


add(
    app, "Commands", import_, "yuefu listen import scrobbles.csv", "yuefu listen import listenbrainz_me.zip --dry-run",
    "yuefu listen import hetrec2011-lastfm-2k/ --format hetrec", name="import",
)  # fmt: skip
add(app, "Commands", list_, "yuefu listen list --limit 50", name="list")
add(app, "Commands", stats, "yuefu listen stats", "yuefu listen stats --language zh")
add(app, "Commands", export, "yuefu listen export mine.json")
add(app, "Commands", erase, "yuefu listen erase", "yuefu listen erase --synthetic --yes")
add(app, "Commands", pause, "yuefu listen pause")
add(app, "Commands", resume, "yuefu listen resume")
add(app, "Commands", synthetic, "yuefu listen synthetic --data /tmp/try", "yuefu listen synthetic --pieces --seed 7")
