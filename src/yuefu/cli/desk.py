"""What the commands about listening share: the store, the account, the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yuefu.cli.extras import needing

if TYPE_CHECKING:
    from yuefu.workflows.recommending import Desk

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="The studio's folder; else ~/.local/share/yuefu.", show_default=False,
        rich_help_panel="Whose",
    ),
]  # fmt: skip
Database = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="Its PostgreSQL database, if any.", show_default=False,
        rich_help_panel="Whose",
    ),
]  # fmt: skip
Account = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="NAME", help="In a studio with accounts.", show_default=False, rich_help_panel="Whose"
    ),
]
Language = Annotated[
    str | None, typer.Option(metavar="en|zh", help="Of what is printed; else your locale's.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def opened(data: Path | None, database: str | None, account: str | None) -> Iterator[tuple[Desk, str]]:
    """The desk of a studio's folder, and the id of an account: the named one, else that of a studio without log-in."""
    with needing("listening", "studio"):
        from yuefu.store.store import Store
        from yuefu.web.settings import default_folder
        from yuefu.workflows.recommending import Desk
    store = Store.open((data or default_folder()).expanduser(), database)
    try:
        yield (
            Desk(store, patience=None),
            (store.accounts.local() if account is None else store.accounts.named(account)).id,
        )
    finally:
        store.close()


def clock(seconds: Any) -> str:
    """Seconds as minutes and seconds.

    >>> clock(185.4), clock(None)
    ('3:05', '')
    """
    if seconds is None:
        return ""
    whole = round(float(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def key_words(key: str | None, language: str) -> str:
    """A key as people read it.

    >>> key_words("Eb minor", "zh"), key_words("E major", "en"), key_words(None, "zh")
    ('降E小调', 'E major', '')
    """
    if key is None or language != "zh":
        return key or ""
    tonic, _, mode = key.partition(" ")
    sign = {"b": "降", "#": "升"}.get(tonic[1:], "")
    return f"{sign}{tonic[:1]}{'大调' if mode == 'major' else '小调'}"


def empty_words(language: str) -> str:
    """What is said of a library without pieces."""
    if language == "zh":
        return "资料库里还没有曲子：在工作室里写几首，或运行 `yuefu playlist --daily-mix`。"
    return "The library has no pieces yet: compose some in the studio, or run `yuefu playlist --daily-mix`."
