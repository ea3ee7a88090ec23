"""``yuefu styles``: the styles that can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from yuefu.cli.console import language_for, print_json, table

if TYPE_CHECKING:
    from yuefu.text.adapted import AdaptedStyle

EXAMPLES = ("yuefu styles", "yuefu styles 中国风", "yuefu styles waltz --json")


def styles(
    name: Annotated[str | None, typer.Argument(help="One style, to see all about it.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")] = None,
) -> None:
    """List the styles that can be asked for, or tell all about one."""
    from yuefu.text.adapted import AdaptedStyle, adapted_styles, known_style
    from yuefu.theory.styles import STYLES, Style

    zh = language_for(language) == "zh"

    def plain(style: Style) -> dict[str, Any]:
        return {name: getattr(style, name) for name in style.__slots__}

    if name is not None:
        style = known_style(name)
        if isinstance(style, AdaptedStyle):
            _tell_own(style, as_json, zh)
            return
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
        print_json([*(plain(style) for style in STYLES.values()), *(own_facts(style) for style in adapted_styles())])
        return
    rows = [
        (style.key, style.en, style.zh, f"{style.tempo[0]:g}-{style.tempo[2]:g}", " ".join(m for m, _ in style.meters))
        for style in STYLES.values()
    ]
    for own in adapted_styles():
        figures = own.manifest.figures
        rows.append((own.name, f"own, near {figures.base}", f"自有，近{STYLES[figures.base].zh}",
                     f"{figures.tempo[0]:g}-{figures.tempo[2]:g}", " ".join(figures.meters)))  # fmt: skip
    head = ("键", "英文", "中文", "速度", "拍号") if zh else ("KEY", "ENGLISH", "CHINESE", "TEMPO", "METRES")
    typer.echo(table([head, *rows]))


def own_facts(style: AdaptedStyle) -> dict[str, Any]:
    """A style of one's own as plain values."""
    told, figures = style.manifest, style.manifest.figures
    return {
        "key": style.name, "own": True, "hash": style.hash, "near": figures.base, "made": told.made,
        "licence": told.licence, "pieces": len(told.sources), "losses": told.losses, "tempo": figures.tempo,
        "meters": figures.meters, "scales": figures.scales, "forms": [form for form, _ in figures.forms],
        "lineups": [[key for _, key in lineup] for lineup, _ in figures.lineups],
    }  # fmt: skip


def _tell_own(style: AdaptedStyle, as_json: bool, zh: bool) -> None:
    """All about a style of one's own."""
    facts = own_facts(style)
    if as_json:
        print_json(facts)
        return
    before, after = (style.manifest.losses.get(when, {}).get("loss") for when in ("before", "after"))
    titles = ("名字", "接近", "曲数", "许可", "速度", "拍号", "调式", "曲式", "乐器", "留出损失") if zh else (
        "name", "near", "pieces", "licence", "tempo", "metres", "scales", "forms", "players", "held-out nats"
    )  # fmt: skip
    low, typical, high = facts["tempo"]
    values = (
        style.reference,
        facts["near"],
        str(facts["pieces"]),
        facts["licence"],
        f"{low:g}-{high:g} ({typical:g})",
        ", ".join(f"{meter} {share:.0%}" for meter, share in facts["meters"].items()),
        ", ".join(f"{scale} {share:.0%}" for scale, share in facts["scales"].items()),
        "; ".join(facts["forms"]),
        "; ".join(", ".join(lineup) for lineup in facts["lineups"]),
        "" if before is None or after is None else f"{before:.3f} -> {after:.3f}",
    )
    typer.echo(table(list(zip(titles, values))))
