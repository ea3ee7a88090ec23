"""``yuefu adapt``: learn a style from your own scores."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yuefu.cli.console import language_for, print_json, progress_bar, table
from yuefu.errors import InputError

if TYPE_CHECKING:
    from yuefu.text.adapted import AdaptedStyle
    from yuefu.workflows.adapt import Adapting

_LEARN, _KEEP = "Learning", "Styles that are there"
EXAMPLES = (
    "yuefu adapt --from my-songs --name my-songs",
    "yuefu adapt --from music21:essen/han1 --name han-folk --limit 50",
    'yuefu compose "a tune for the evening" --style han-folk -o evening',
    "yuefu adapt --list",
    "yuefu adapt --export han-folk --to han-folk.zip",
    "yuefu adapt --import han-folk.zip",
)
#: Seconds between lines where there is no terminal to redraw one.
_QUIET = 30.0


def adapt(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FOLDER|music21:NAME",
            help="The scores (MIDI, MusicXML, ABC, .yuefu.json), or a collection of the music21 library.",
            rich_help_panel=_LEARN,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What to call the style: letters, digits, hyphens.", rich_help_panel=_LEARN),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=6, help="Use at most N pieces.", rich_help_panel=_LEARN)
    ] = None,
    near: Annotated[
        str | None,
        typer.Option(metavar="STYLE", help="The built-in style to lean on; else the nearest.", rich_help_panel=_LEARN),
    ] = None,
    licence: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="A note on the terms of the pieces, kept with the style.", rich_help_panel=_LEARN
        ),
    ] = "",
    steps: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At most N steps.", rich_help_panel=_LEARN)
    ] = None,
    rank: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Of the adapter: how much it can change.", rich_help_panel=_LEARN),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the split and the training.", rich_help_panel=_LEARN)] = 1,
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of a style of that name.", rich_help_panel=_LEARN)
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="List your styles.", rich_help_panel=_KEEP)] = False,
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", help="Remove one of them.", rich_help_panel=_KEEP)
    ] = None,
    export: Annotated[
        str | None, typer.Option("--export", metavar="NAME", help="Pack one into a file.", rich_help_panel=_KEEP)
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="That file; else NAME.zip.", rich_help_panel=_KEEP)
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Take one from such a file.", rich_help_panel=_KEEP)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")] = None,
) -> None:
    """Learn a style from your own scores, in minutes on a processor; then ask for it by --style NAME.

    20 to 50 pieces make a style. Ctrl-C keeps what did best so far; the same command goes on after a power cut.
    Learning needs the extra `train`, the music21 collections `import`: pip install "yuefu[train,import]".
    """
    zh = language_for(language) == "zh"
    asked = [each for each in (source, remove, export, import_) if each is not None]
    if len(asked) + list_ != 1:
        raise InputError("say one thing: --from FOLDER --name NAME, --list, --remove, --export or --import.")
    if list_:
        _list(as_json, zh)
    elif remove is not None:
        from yuefu.workflows.adapters import remove_style

        remove_style(remove)
        typer.echo(f"已移除：{remove}" if zh else f"Removed: {remove}")
    elif export is not None:
        from yuefu.workflows.adapters import export_style

        path = export_style(export, to if to is not None else Path(f"{export.lower()}.zip"))
        typer.echo(f"已写入：{path}" if zh else f"Written: {path}")
    elif import_ is not None:
        from yuefu.workflows.adapters import import_style

        taken = import_style(import_, name=name, replace=replace)
        typer.echo(f"已导入风格：{taken}" if zh else f"Imported as the style: {taken}")
    else:
        if name is None:
            raise InputError("the style needs a name: give --name, such as --name my-songs.")
        _learn(str(source), name, limit, near, licence, _settings(steps, rank, seed), replace, as_json, zh)


def _settings(steps: int | None, rank: int | None, seed: int) -> dict[str, int | float]:
    told: dict[str, int | float] = {"seed": seed}
    if steps is not None:
        told["steps"] = steps
    if rank is not None:
        told |= {"rank": rank, "alpha": 2 * rank}
    return told


def _list(as_json: bool, zh: bool) -> None:
    from yuefu.text.adapted import adapted_styles

    styles = adapted_styles()
    if as_json:
        print_json([_facts(style) for style in styles])
    elif not styles:
        typer.echo("还没有自己的风格：yuefu adapt --from 文件夹 --name 名字" if zh else
                   "No styles of your own yet: yuefu adapt --from FOLDER --name NAME")  # fmt: skip
    else:
        head = ("名字", "接近", "曲数", "留出损失", "日期", "哈希") if zh else (
            "NAME", "NEAR", "PIECES", "HELD-OUT NATS", "MADE", "HASH"
        )  # fmt: skip
        typer.echo(table([head, *(_row(style) for style in styles)]))


def _row(style: AdaptedStyle) -> tuple[str, ...]:
    told = style.manifest
    before, after = (told.losses.get(when, {}).get("loss") for when in ("before", "after"))
    losses = "" if before is None or after is None else f"{before:.3f} -> {after:.3f}"
    return style.name, told.figures.base, str(len(told.sources)), losses, told.made, style.hash


def _facts(style: AdaptedStyle) -> dict[str, object]:
    told = style.manifest.model_dump(mode="json")
    return {"name": style.name, "hash": style.hash, **{k: v for k, v in told.items() if k not in ("format", "name")}}


def _learn(
    source: str, name: str, limit: int | None, near: str | None, licence: str, settings: dict[str, int | float],
    replace: bool, as_json: bool, zh: bool,
) -> None:  # fmt: skip
    from yuefu.workflows.adapt import prepare_style

    with progress_bar("zh" if zh else "en") as listener:
        work = prepare_style(
            source, name, limit=limit, near=near, licence=licence, settings=settings, replace_old=replace,
            progress=listener,
        )  # fmt: skip
    _tell_pieces(work, zh)
    stopped = False
    try:
        _train(work, zh)
    except KeyboardInterrupt:
        stopped = True
        typer.echo("", err=True)
        if not work.can_finish:
            raise
        typer.echo("停止：保留目前最好的。" if zh else "Stopped: what did best so far is kept.", err=True)
    style = work.finish()
    if as_json:
        print_json(_facts(style) | {"stopped": stopped})
        return
    before, after = style.manifest.losses["before"], style.manifest.losses["after"]
    head = ("声部", "之前", "之后") if zh else ("ROW", "BEFORE", "AFTER")
    rows = [(row, f"{before[row]:.3f}", f"{after[row]:.3f}") for row in sorted(before, key=lambda r: r == "loss")]
    typer.echo("未用于选择的作品，每个记号的损失（nats）：" if zh else
               "Nats a written token on pieces that nothing was chosen by:")  # fmt: skip
    typer.echo(table([head, *rows]))
    if after["loss"] >= before["loss"]:
        typer.echo("这些曲子上没有变好：曲子太少，或模型已熟悉它们。" if zh else
                   "No gain on them: there are too few pieces, or the model knows their like already.")  # fmt: skip
    typer.echo(f"风格 {style.reference}；使用：--style {style.name}" if zh else
               f"The style is {style.reference}; ask for it by --style {style.name}")  # fmt: skip


def _tell_pieces(work: Adapting, zh: bool) -> None:
    """What was read and left out, on the error stream."""
    pieces, counts = work.pieces, work.pieces.counts
    for name, reason in pieces.skipped[:10]:
        typer.echo(f"{'略过' if zh else 'left out'} {name}: {reason}", err=True)
    if len(pieces.skipped) > 10:
        more = len(pieces.skipped) - 10
        typer.echo(f"……另有 {more} 个" if zh else f"... and {more} more", err=True)
    told = f"{counts['train']} + {counts['valid']} + {counts['test']}"
    if zh:
        typer.echo(f"{len(pieces.sources)} 首（学习 + 提前停止 + 检验：{told}），重复 {pieces.duplicates} 首；"
                   f"最接近的内置风格：{work.figures.base}", err=True)  # fmt: skip
    else:
        typer.echo(f"{len(pieces.sources)} pieces (to learn from + to stop by + to measure by: {told}), "
                   f"{pieces.duplicates} twice; nearest built-in style: {work.figures.base}", err=True)  # fmt: skip
    if len(pieces.sources) < 20:
        typer.echo(
            "曲子偏少：20 到 50 首更好。" if zh else "That is few: 20 to 50 pieces make a better style.", err=True
        )
    if work.resumed:
        typer.echo("接着上次的训练。" if zh else "Going on where it was cut off.", err=True)


def _train(work: Adapting, zh: bool) -> None:
    from yuefu.training.supervised import Evaluated, Step

    terminal = sys.stderr.isatty()
    shown = 0.0
    for event in work.train():
        if isinstance(event, Step):
            now = time.monotonic()
            if now - shown >= (0.2 if terminal else _QUIET):
                shown = now
                minutes, seconds = divmod(round(event.eta), 60)
                line = (
                    f"{event.step}/{event.steps} 步  损失 {event.losses['loss']:.3f}  至多还需 {minutes}:{seconds:02}"
                    if zh
                    else f"step {event.step}/{event.steps}  loss {event.losses['loss']:.3f}  "
                    f"at most {minutes}:{seconds:02} to go"
                )
                typer.echo(f"\r\x1b[K{line}" if terminal else line, err=True, nl=not terminal)
        elif isinstance(event, Evaluated):
            if terminal:
                typer.echo("\r\x1b[K", err=True, nl=False)
            best = ("  目前最好" if zh else "  best so far") if event.best else ""
            loss = event.measures["loss"]
            typer.echo(
                f"第 {event.step} 步  留出 {loss:.4f}（之前 {work.before:.4f}）{best}"
                if zh
                else f"step {event.step}  held out {loss:.4f} (before {work.before:.4f}){best}",
                err=True,
            )
        else:
            why = {"steps": ("all steps done", "已到步数上限"), "no gain": ("no gain any more", "不再变好")}
            typer.echo(f"{event.step}: {why[event.reason][zh]}", err=True)
