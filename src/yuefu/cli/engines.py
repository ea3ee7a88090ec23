"""``yuefu engines``: who can write, what each is good for, and how they compare."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from yuefu.cli.console import language_for, print_json, table

EXAMPLES = ("yuefu engines", "yuefu engines lstm", "yuefu engines --json")
_ROWS = ("melody", "bass", "keys", "drums")
_HEAD = {
    "en": ("ENGINE", "NATS A TOKEN", *(f"{row.upper()}" for row in _ROWS), "CELLS/S", "COPY", "SIZE"),
    "zh": ("引擎", "每记号奈特", "旋律", "低音", "键盘", "鼓", "格/秒", "相同音数", "大小"),
}
_BELOW = {
    "en": "MELODY to DRUMS: how far written bars lie from what people wrote there (0: not at all), all else given;\n"
    "(people): how far others' bars do. COPY: longest run of notes shared with a training piece. See docs/engines.md.",
    "zh": "旋律至鼓：其余已定时，所写小节与人写的相差多少（0 为没有差别）；（人）：别人写的相差多少。\n"
    "相同音数：与训练曲目连续相同的最长音数。见 docs/engines.md。",
}
_TITLES = {
    "en": ("engine", "what for", "rows", "tasks", "metres", "needs", "parameters", "size", "weights", "learnt from"),
    "zh": ("引擎", "用途", "声部", "任务", "拍号", "需要", "参数", "大小", "权重", "学自"),
}


def engines(
    name: Annotated[str | None, typer.Argument(help="One engine, to see all about it.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")] = None,
) -> None:
    """List the engines that write music here and how they compare, or tell all about one."""
    from yuefu.engines.table import all_facts, engine_facts, measured_table

    spoken = language_for(language)
    if name is not None:
        facts = engine_facts(name)
        print_json(facts) if as_json else typer.echo(_about(facts, spoken))
        return
    found = all_facts()
    if as_json:
        print_json(found)
        return
    width = max(len(facts["name"]) for facts in found)
    for facts in found:
        typer.echo(f"{facts['name']:<{width}}  {facts[spoken]}")
    typer.echo()
    lines = [_line(facts) for facts in found if not facts["needs"]]
    typer.echo(table([_HEAD[spoken], *lines, _people(measured_table().get("people", {}), spoken)]))
    typer.echo("\n" + _BELOW[spoken])


def _line(facts: dict[str, Any]) -> tuple[str, ...]:
    told = facts["beside_others"]
    nats = told.get("nats", {}).get("all")
    rows = told.get("rows", {})
    return (
        facts["name"],
        "-" if nats is None else f"{nats:.2f}",
        *(f"{rows[row]['unlike']:.2f}" if row in rows else "-" for row in _ROWS),
        _or_dash(told.get("cells_a_second")),
        _or_dash(told.get("longest_copy")),
        _size(facts["bytes"]),
    )


def _people(told: dict[str, Any], spoken: str) -> tuple[str, ...]:
    """Other people's bars beside those that people wrote there."""
    rows = (f"{told[row]['unlike']:.2f}" if row in told else "-" for row in _ROWS)
    copy = _or_dash(told.get("melody", {}).get("longest_copy"))
    return ("（人）" if spoken == "zh" else "(people)", "-", *rows, "-", copy, "-")


def _or_dash(value: Any) -> str:
    return "-" if value is None else f"{value:g}"


def _size(count: int | None) -> str:
    return "-" if count is None else f"{count / 1e6:.1f} MB"


def _about(facts: dict[str, Any], spoken: str) -> str:
    values = (
        facts["name"], facts[spoken], ", ".join(facts["rows"]), ", ".join(facts["tasks"]),
        ", ".join(facts["meters"]) or ("任意" if spoken == "zh" else "any"), facts["needs"] or "-",
        "-" if facts["parameters"] is None else f"{facts['parameters']:,}", _size(facts["bytes"]), facts["hash"] or "-",
        ", ".join(entry["name"] for entry in facts["sets"]) or "-",
    )  # fmt: skip
    lines = list(zip(_TITLES[spoken], values, strict=True))
    lines += [(key.replace("_", " "), _plain(value)) for key, value in _flat("", facts["measured"])]
    told = facts["beside_others"]
    for row, own in told.get("rows", {}).items():
        text = f"{own['unlike']:.2f} ± {own['spread']:.2f}"
        alike = f"{own['alike']:.0%}"
        lines.append((row, f"与人相差 {text}，种子间相同 {alike}" if spoken == "zh" else
                      f"{text} from people, {alike} alike over seeds"))  # fmt: skip
    return table(lines)


def _flat(name: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [item for key, inner in value.items() for item in _flat(f"{name} {key}".strip(), inner)]
    return [(name, value)]


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
