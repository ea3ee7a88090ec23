"""``yuefu account``: who may come in, for whoever runs a studio with accounts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yuefu.cli.console import print_json, table
from yuefu.cli.extras import needing
from yuefu.cli.help import HelpGroup, add
from yuefu.errors import InputError

if TYPE_CHECKING:
    from yuefu.store.store import Store

app = typer.Typer(
    cls=HelpGroup, no_args_is_help=True, help="Accounts of a studio, for its administrator.", rich_markup_mode=None
)
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The studio's folder; else ~/.local/share/yuefu.", show_default=False),
]
Database = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="Its PostgreSQL database, if any.", show_default=False)
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="An account's name.")]


@contextmanager
def _store(data: Path | None, database: str | None) -> Iterator[Store]:
    with needing("the studio", "studio"):
        from yuefu.store.store import Store
        from yuefu.web.settings import default_folder
    store = Store.open((data or default_folder()).expanduser(), database)
    try:
        yield store
    finally:
        store.close()


def invite(
    days: Annotated[int, typer.Option(metavar="N", min=1, max=60, help="How long it counts.")] = 7,
    as_admin: Annotated[bool, typer.Option("--admin", help="Who joins is an administrator.")] = False,
    address: Annotated[str, typer.Option(metavar="URL", help="Where the studio is reached.")] = "http://127.0.0.1:8765",
    data: Data = None,
    database: Database = None,
) -> None:
    """Print a link by which one person can sign up."""
    with _store(data, database) as store:
        token = store.accounts.invite(None, timedelta(days=days), is_admin=as_admin)
    typer.echo(f"{address.rstrip('/')}/join/{token}")


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """List the accounts."""
    with _store(data, database) as store:
        found = store.accounts.all()
    if as_json:
        print_json([
            {"id": each.id, "name": each.name, "admin": each.is_admin, "disabled": each.disabled,
             "created": each.created.isoformat()}
            for each in found
        ])  # fmt: skip
        return
    rows = [
        (each.name, "admin" if each.is_admin else "", "disabled" if each.disabled else "", f"{each.created:%Y-%m-%d}")
        for each in found
    ]
    typer.echo(table([("NAME", "", "", "SINCE"), *rows]))


def disable(
    name: Name,
    again: Annotated[bool, typer.Option("--enable", help="Let the account in again.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Shut an account out: sessions end, keys don't count, pieces stay."""
    with _store(data, database) as store:
        store.accounts.disable(store.accounts.named(name).id, not again)
    typer.echo(f"{name}: {'may come in again' if again else 'shut out'}")


def admin(
    name: Name,
    no: Annotated[bool, typer.Option("--no", help="Take it away.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make an account an administrator, who may invite others."""
    with _store(data, database) as store:
        store.accounts.set_admin(store.accounts.named(name).id, not no)
    typer.echo(f"{name}: {'no administrator any more' if no else 'administrator'}")


def password(name: Name, data: Data = None, database: Database = None) -> None:
    """Set an account's password, asked for twice, or read from standard input; all its sessions end."""
    with _store(data, database) as store:
        account = store.accounts.named(name)
        if sys.stdin.isatty():
            given = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
        else:
            given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise InputError("no password arrived: type one, or send it as a line on standard input.")
        store.accounts.set_password(account.id, given)
    typer.echo(f"{name}: password set")


def key(
    name: Name,
    label: Annotated[str, typer.Option(metavar="TEXT", help="What the key is for.")] = "command line",
    data: Data = None,
    database: Database = None,
) -> None:
    """Print a new API key for an account; it can't be looked up later."""
    with _store(data, database) as store:
        _, secret = store.accounts.create_key(store.accounts.named(name).id, label)
    typer.echo(secret)


add(
    app,
    "Commands",
    invite,
    "yuefu account invite --admin",
    "yuefu account invite --days 2 --address https://music.example",
)
add(app, "Commands", list_, "yuefu account list", name="list")
add(app, "Commands", disable, "yuefu account disable ann", "yuefu account disable ann --enable")
add(app, "Commands", admin, "yuefu account admin ann")
add(app, "Commands", password, "yuefu account password ann")
add(app, "Commands", key, "yuefu account key ann --label backup")
