"""``yuefu charts``: what is heard most now, and what rose and fell."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from yuefu.cli.console import language_for, print_json, table
from yuefu.cli.desk import Account, AsJson, Data, Database, Language, opened

EXAMPLES = (
    "yuefu charts",
    "yuefu charts --period day -n 10",
    "yuefu charts --kind artist --language zh",
)
_TRENDS = {"up": "▲", "down": "▼", "same": "=", "new": "new", "back": "back"}
_TRENDS_ZH = {**_TRENDS, "new": "新", "back": "重回"}


def charts(
    period: Annotated[str, typer.Option(metavar="day|week", help="Of the last day, or week.")] = "week",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="piece; or of music listened to elsewhere: track, artist.")
    ] = "piece",
    number: Annotated[int, typer.Option("--number", "-n", metavar="N", help="How many.", min=1, max=500)] = 20,
    as_json: AsJson = False,
    language: Language = None,
    data: Data = None,
    database: Database = None,
    account: Account = None,
) -> None:
    """Show the chart of the day or week: your own pieces and those that are shared here.

    A listener counts once however often they play a piece, what was long ago fades, and few listeners don't make a hit:
    one person can't make a chart.
    """
    from yuefu.workflows.charts import charts as charts_of

    chosen = language_for(language)
    zh = chosen == "zh"
    with opened(data, database, account) as (desk, me):
        rows = charts_of(desk.store, me, period, kind=kind, n=number)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    if not rows:
        typer.echo("这段时间还没有人听过什么。" if zh else "Nobody has listened to anything in that time.")
        return
    words = _TRENDS_ZH if zh else _TRENDS
    head = ("", "", "曲目", "作者", "听众", "得分") if zh else ("", "", "piece", "by", "listeners", "score")
    lines = [
        (str(row.rank), words[row.trend] + (str(abs(row.change)) if row.change else ""),
         row.title + (("（合成数据）" if zh else " (synthetic)") if row.synthetic else ""), row.creator,
         str(row.listeners), f"{row.score:.2f}")
        for row in rows
    ]  # fmt: skip
    typer.echo(table([head, *lines]))
