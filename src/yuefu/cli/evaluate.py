"""``yuefu evaluate``: run the bench's suites, print their tables, write them into a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, print_json, progress_bar, table
from yuefu.errors import InputError

EXAMPLES = (
    "yuefu evaluate --list",
    "yuefu evaluate adherence speed --out bench --quick",
    "yuefu evaluate --corpus corpus --out bench",
    "yuefu evaluate likelihood --corpus corpus --out bench --model model --count 500",
)


def evaluate(
    suites: Annotated[
        list[str] | None, typer.Argument(metavar="[SUITES]...", help="Which suites; all when none is named.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Say what each suite measures, and end.")] = False,
    corpus: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder that `yuefu corpus build` wrote, for held-out works.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where tables, JSON and plots are written.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model folder; else the one inside.", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A few samples: does everything work?")] = False,
    count: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Samples, in place of each suite's own number.")
    ] = None,
    jobs: Annotated[int, typer.Option(metavar="N", min=0, max=256, help="Processes; 0 for all cores.")] = 1,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of every random choice.")] = 1,
    language: Annotated[str | None, typer.Option("--language", metavar="LANG", help="en or zh.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a model: named suites, each with a table beside human works and simple baselines.

    Ctrl-C stops; suites that are done stay written. Among several, one that can't be measured is told of at the
    end, with exit code 2.
    """
    from yuefu.workflows.evaluate import ABOUT, SUITES, SuiteContext, run_suites, suite_known

    spoken = language_for(language)
    chinese = spoken == "zh"
    names = [suite_known(name) for name in dict.fromkeys(suites or ())]
    if show:
        about = {name: ABOUT[name][chinese] for name in names or SUITES}
        if as_json:
            print_json(about)
        else:
            typer.echo(table(list(about.items())))
        return
    if out is None:
        raise InputError("name the folder for the tables with --out (or ask what there is with --list).")
    if model is not None:
        from yuefu.workflows.models import load_model

        load_model(model)
    from yuefu.evaluation.plots import can_plot
    from yuefu.evaluation.table import result_data, result_markdown

    results = []
    failed = {}
    with progress_bar(spoken) as listener:
        context = SuiteContext(
            out=out,
            model=model,
            corpus=corpus,
            quick=quick,
            count=count,
            jobs=jobs or os.cpu_count() or 1,
            seed=seed,
            progress=listener,
        )
        for result in run_suites(names, context):
            results.append(result_data(result))
            if result.failed:
                failed[result.suite] = result.failed
            if not as_json:
                typer.echo(result_markdown(result))
    if as_json:
        print_json(results)
    else:
        typer.echo(f"已写入：{out / 'bench.md'}" if chinese else f"Written: {out / 'bench.md'}")
    for name, why in failed.items():
        typer.echo(f"{name} 未能测量：{why}" if chinese else f"{name} wasn't measured: {why}", err=True)
    if not can_plot():
        typer.echo(
            '没有图：需要 matplotlib，请执行 pip install "yuefu[train]"。'
            if chinese
            else 'No plots: they need matplotlib; pip install "yuefu[train]".',
            err=True,
        )
    if failed:
        raise typer.Exit(2)
