"""``yuefu scales``: the modes and scales that can be asked for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from yuefu.cli.console import language_for, print_json, table

EXAMPLES = ("yuefu scales", "yuefu scales 徵", 'yuefu scales "D dorian"', "yuefu scales hijaz --json")


def scales(
    name: Annotated[
        str | None, typer.Argument(help="One mode or scale, with a tonic if you like.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")] = None,
) -> None:
    """List the modes and scales that can be asked for, or tell all about one."""
    from yuefu.theory.modes import MODES, Mode, parse_scale
    from yuefu.theory.pitch import name_of

    zh = language_for(language) == "zh"

    def notes(mode: Mode, tonic: int) -> str:
        fifths = mode.key_on(tonic).fifths
        return " ".join(name_of((tonic + step) % 12, fifths) for step in mode.steps)

    def plain(mode: Mode, tonic: int) -> dict[str, Any]:
        return {
            "key": mode.key, "en": mode.en, "zh": mode.zh, "aliases": mode.aliases, "family": mode.family,
            "steps": mode.steps, "notes": notes(mode, tonic).split(), "leans": mode.leans, "marks": mode.marks,
            "rests": mode.rests, "drone": mode.drone, "note": mode.note_zh if zh else mode.note_en,
        }  # fmt: skip

    if name is not None:
        mode, tonic = parse_scale(name)
        tonic = tonic or 0
        if as_json:
            print_json(plain(mode, tonic))
            return
        fifths = mode.key_on(tonic).fifths

        def degrees(steps: tuple[int, ...]) -> str:
            return " ".join(name_of((tonic + step) % 12, fifths) for step in steps)

        def chords(symbols: tuple[str, ...]) -> str:
            return " ".join(mode.chord(symbol, tonic).symbol(fifths) for symbol in symbols)

        titles = ("名字", "音", "近于", "特征音", "落音", "和声", "收束", "也叫", "说明") if zh else (
            "name", "notes", "leans to", "telling notes", "phrases rest on", "harmony", "closes", "also called", "note"
        )  # fmt: skip
        values = (
            f"{mode.key}  {mode.en}  {mode.zh}",
            notes(mode, tonic),
            ({"major": "大调", "minor": "小调"}[mode.leans] if zh else mode.leans),
            degrees(mode.marks),
            degrees((0, *mode.rests)),
            "; ".join(chords(phrase) for phrase in mode.phrases),
            chords(mode.close),
            ", ".join(mode.aliases),
            mode.note_zh if zh else mode.note_en,
        )
        typer.echo(table([row for row in zip(titles, values) if row[1]]))
        return
    if as_json:
        print_json([plain(mode, 0) for mode in MODES.values()])
        return
    rows = [(mode.key, mode.en, mode.zh, notes(mode, 0), mode.leans) for mode in MODES.values()]
    head = ("键", "英文", "中文", "在 C 上", "近于") if zh else ("KEY", "ENGLISH", "CHINESE", "ON C", "LEANS TO")
    typer.echo(table([head, *rows]))
