"""``yuefu styles``: the styles that can be asked for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from yuefu.cli.console import language_for, print_json, table

EXAMPLES = ("yuefu styles", "yuefu styles 中国风", "yuefu styles waltz --json")


def styles(
    name: Annotated[str | None, typer.Argument(help="One style, to see all about it.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")] = None,
) -> None:
    """List the styles that can be asked for, or tell all about one."""
    from yuefu.theory.styles import STYLES, Style, find_style

    zh = language_for(language) == "zh"

    def plain(style: Style) -> dict[str, Any]:
        return {name: getattr(style, name) for name in style.__slots__}

    if name is not None:
        style = find_style(name)
        if as_json:
            print_json(plain(style))
            return
        low, typical, high = style.tempo
        titles = ("名字", "速度", "拍号", "小调", "曲式", "乐器", "也叫") if zh else (
            "name", "tempo", "metres", "in minor", "forms", "players", "also called"
        )  # fmt: skip
        values = (
            f"{style.key}  {style.en}  {style.zh}",
            f"{low:g}-{high:g} ({typical:g})",
            ", ".join(f"{meter} {share:.0%}" for meter, share in style.meters),
            f"{style.minor:.0%}",
            "; ".join(style.forms),
            "; ".join(", ".join(instrument for _, instrument in lineup) for lineup in style.lineups),
            ", ".join(style.aliases),
        )
        typer.echo(table(list(zip(titles, values))))
        return
    if as_json:
        print_json([plain(style) for style in STYLES.values()])
        return
    rows = [
        (style.key, style.en, style.zh, f"{style.tempo[0]:g}-{style.tempo[2]:g}", " ".join(m for m, _ in style.meters))
        for style in STYLES.values()
    ]
    head = ("键", "英文", "中文", "速度", "拍号") if zh else ("KEY", "ENGLISH", "CHINESE", "TEMPO", "METRES")
    typer.echo(table([head, *rows]))
