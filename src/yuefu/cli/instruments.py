"""``yuefu instruments``: the instruments that can be asked for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from yuefu.cli.console import language_for, print_json, table
from yuefu.errors import UnknownNameError

EXAMPLES = ("yuefu instruments", "yuefu instruments --family chinese", "yuefu instruments 二胡")


def instruments(
    name: Annotated[str | None, typer.Argument(help="One instrument.", show_default=False)] = None,
    family: Annotated[str | None, typer.Option(metavar="NAME", help="Only a family, such as strings.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")] = None,
) -> None:
    """List the instruments that can be asked for: names, ranges, what they can play."""
    from yuefu.theory.instruments import INSTRUMENTS, Instrument, find_instrument
    from yuefu.theory.pitch import name_of

    zh = language_for(language) == "zh"
    found: list[Instrument] = [find_instrument(name)] if name is not None else list(INSTRUMENTS.values())
    if family is not None:
        families = sorted({instrument.family for instrument in INSTRUMENTS.values()})
        if family.lower() not in families:
            raise UnknownNameError("family", family, families)
        found = [instrument for instrument in found if instrument.family == family.lower()]
    if as_json:
        plain: list[dict[str, Any]] = [{key: getattr(each, key) for key in each.__slots__} for each in found]
        print_json(plain[0] if name is not None and plain else plain)
        return

    def pitch(number: int) -> str:
        return f"{name_of(number % 12, 0)}{number // 12 - 1}"

    rows = [
        (
            each.key,
            each.en,
            each.zh,
            "-" if each.is_drums else f"{pitch(each.low)}-{pitch(each.high)}",
            each.family,
            " ".join(each.roles),
        )
        for each in found
    ]
    head = ("KEY", "ENGLISH", "CHINESE", "RANGE", "FAMILY", "PLAYS")
    typer.echo(table([("键", "英文", "中文", "音域", "类别", "声部") if zh else head, *rows]))
