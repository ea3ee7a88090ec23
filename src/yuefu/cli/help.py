"""Plain help with options and commands under headings.

typer's own panels need rich, whose import alone takes longer than ``yuefu --help`` may.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_OTHER = "Options"
_WIDTH = 100


def _records(params: list[Any], ctx: Any) -> dict[str, list[tuple[str, str]]]:
    """Heading -> (option, what it does), in the order in which they were declared; "Options" last."""
    panels: dict[str, list[tuple[str, str]]] = {}
    for param in params:
        record = None if getattr(param, "hidden", False) else param.get_help_record(ctx)
        if record is None:
            continue
        heading = getattr(param, "rich_help_panel", None)
        if heading is None:
            heading = "Arguments" if param.param_type_name == "argument" else _OTHER
        panels.setdefault(heading, []).append(record)
    if _OTHER in panels:
        panels[_OTHER] = panels.pop(_OTHER)
    return panels


class HelpCommand(TyperCommand):
    """A command whose options stand under the headings named by ``rich_help_panel``."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options."""
        for heading, records in _records(self.get_params(ctx), ctx).items():
            with formatter.section(heading):
                formatter.write_dl(records, col_max=34)


class HelpGroup(TyperGroup):
    """A group whose commands stand under headings, in the order in which they were added."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is None or command.hidden:
                continue
            heading = getattr(command, "rich_help_panel", None)
            heading = heading if isinstance(heading, str) else "Commands"
            panels.setdefault(heading, []).append((name, command.get_short_help_str(_WIDTH)))
        for heading, records in panels.items():
            with formatter.section(heading):
                formatter.write_dl(records)
        for heading, records in _records(self.get_params(ctx), ctx).items():
            with formatter.section(heading):
                formatter.write_dl(records, col_max=34)


def examples(*lines: str) -> str:
    """Examples for the foot of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def add(app: typer.Typer, panel: str, function: Any, *lines: str, name: str | None = None) -> None:
    """Add a command under a heading, with examples."""
    app.command(name, cls=HelpCommand, rich_help_panel=panel, epilog=examples(*lines))(function)


__all__ = ["HelpCommand", "HelpGroup", "add", "examples"]
