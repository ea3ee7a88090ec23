"""The command ``yuefu``: its commands, and the one place that turns errors into a line and an exit code.

Exit codes: 0 done; 2 what was given can't be used, or the machine lacks something; 1 a fault of
the program; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Annotated

import typer

from yuefu.cli import (
    account,
    adapt,
    analyze,
    augment,
    charts,
    clean,
    compare_audio,
    compose,
    convert,
    corpus,
    engines,
    evaluate,
    features,
    inspire,
    instruments,
    listen,
    lyrics,
    mcp,
    model,
    morph,
    play,
    playlist,
    recommend,
    render,
    replay,
    scales,
    serve,
    style,
    styles,
    taste,
    texture,
    train,
    words,
)
from yuefu.cli import fill as cells
from yuefu.cli.console import stopping
from yuefu.cli.help import HelpGroup, add
from yuefu.errors import YuefuError

app = typer.Typer(
    name="yuefu",
    cls=HelpGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
_COMPOSE, _LISTEN, _STUDIO, _FILL, _FILES, _ASK, _MODELS = (
    "Compose",
    "Listen",
    "The studio",
    "Change a score",
    "Scores and sound",
    "What can be asked for",
    "Models and data",
)
add(app, _COMPOSE, compose.compose, *compose.EXAMPLES)
add(app, _COMPOSE, inspire.inspire, *inspire.EXAMPLES)
add(app, _COMPOSE, replay.replay, *replay.EXAMPLES)
add(app, _COMPOSE, texture.texture, *texture.EXAMPLES)
add(app, _STUDIO, serve.serve, *serve.EXAMPLES)
add(app, _STUDIO, mcp.mcp, *mcp.EXAMPLES)
for _verb, _function in (
    ("fill", cells.fill), ("continue", cells.continue_), ("infill", cells.infill), ("harmonize", cells.harmonize),
    ("arrange", cells.arrange), ("vary", cells.vary), ("reharmonize", cells.reharmonize), ("drums", cells.drums),
    ("bassline", cells.bassline),
):  # fmt: skip
    add(app, _FILL, _function, *cells.EXAMPLES[_verb], name=_verb)
add(app, _FILL, morph.morph, *morph.MORPH_EXAMPLES)
add(app, _ASK, styles.styles, *styles.EXAMPLES)
add(app, _ASK, scales.scales, *scales.EXAMPLES)
add(app, _ASK, engines.engines, *engines.EXAMPLES)
add(app, _ASK, instruments.instruments, *instruments.EXAMPLES)
add(app, _FILES, analyze.analyze, *analyze.EXAMPLES)
add(app, _FILES, style.style, *style.EXAMPLES)
add(app, _FILES, morph.map_, *morph.MAP_EXAMPLES, name="map")
add(app, _FILES, features.features, *features.EXAMPLES)
add(app, _FILES, compare_audio.compare_audio, *compare_audio.EXAMPLES, name="compare-audio")
add(app, _FILES, clean.clean, *clean.EXAMPLES)
add(app, _FILES, augment.augment, *augment.EXAMPLES)
add(app, _FILES, convert.convert, *convert.EXAMPLES)
add(app, _FILES, render.render, *render.EXAMPLES)
add(app, _FILES, play.play, *play.EXAMPLES)
add(app, _MODELS, train.train, *train.EXAMPLES)
add(app, _MODELS, adapt.adapt, *adapt.EXAMPLES)
add(app, _MODELS, evaluate.evaluate, *evaluate.EXAMPLES)
add(app, _LISTEN, recommend.recommend, *recommend.EXAMPLES)
add(app, _LISTEN, playlist.playlist, *playlist.EXAMPLES)
add(app, _LISTEN, charts.charts, *charts.EXAMPLES)
app.add_typer(taste.app, name="taste", cls=HelpGroup, rich_help_panel=_LISTEN)
app.add_typer(listen.app, name="listen", cls=HelpGroup, rich_help_panel=_LISTEN)
app.add_typer(account.app, name="account", cls=HelpGroup, rich_help_panel=_STUDIO)
app.add_typer(words.app, name="words", cls=HelpGroup, rich_help_panel=_ASK)
app.add_typer(lyrics.app, name="lyrics", cls=HelpGroup, rich_help_panel=_ASK)
app.add_typer(corpus.app, name="corpus", cls=HelpGroup, rich_help_panel=_MODELS)
app.add_typer(model.app, name="model", cls=HelpGroup, rich_help_panel=_MODELS)

#: The class of all usage errors, wherever this version of typer keeps it.
_UsageError: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


def _version(wanted: bool) -> None:
    if wanted:
        from yuefu import __version__

        typer.echo(f"yuefu {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show logs, and tracebacks of errors; anywhere in the line.")
    ] = False,
) -> None:
    """乐府 Yuefu: words in, a complete piece of music out."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line (without the program's name); returns the exit code."""
    arguments, debug = _take_debug(arguments)
    _prepare(debug)
    try:
        command = typer.main.get_command(app)
        code = command.main(args=arguments, prog_name="yuefu", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except YuefuError as error:
        return _complain(error, str(error), 2, debug)
    except _UsageError as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except BrokenPipeError:
        _forget_output()
        return 1
    except OSError as error:
        if error.errno in _FULL:
            where = f"'{error.filename}'" if error.filename else "the output"
            return _complain(error, f"{where} can't be written: {error.strerror}; make room and try again.", 2, debug)
        return _fault(error, debug)
    except Exception as error:
        return _fault(error, debug)


def main() -> None:
    """The entry point of the command."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        _forget_output()
    sys.exit(code)


def _take_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """The arguments without ``--debug``, which may stand anywhere before ``--``, and whether it was there."""
    rest = list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    kept = [word for word in rest[:end] if word != "--debug"]
    return kept + rest[end:], len(kept) < end


def _prepare(debug: bool) -> None:
    """Logs and warnings are for --debug alone: a user gets one sentence."""
    if debug:
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
        logging.getLogger("yuefu").setLevel(logging.DEBUG)
    else:
        logging.disable(logging.CRITICAL)
        warnings.simplefilter("ignore")


def _usage(error: Exception) -> int:
    """A wrong command line: what click says, in one line, and where help is."""
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message())  # type: ignore[attr-defined]
        return 0
    context = getattr(error, "ctx", None)
    place = context.command_path if context is not None else "yuefu"
    message = error.format_message().rstrip(".? ")  # type: ignore[attr-defined]
    return _complain(error, f"{message}; see `{place} --help`.", 2, False)


def _fault(error: BaseException, debug: bool) -> int:
    said = f": {error}" if str(error) else ""
    message = f"unexpected {type(error).__name__}{said}"[:300]
    return _complain(error, f"{message}; run it again with --debug to see where, and please report it.", 1, debug)


def _complain(error: BaseException, message: str, code: int, debug: bool) -> int:
    """One line on the error stream, and with --debug the traceback before it."""
    if debug:
        import traceback

        traceback.print_exception(error)
    with suppress(OSError):
        print("yuefu:", " ".join(message.split()), file=sys.stderr)
    return code


def _forget_output() -> None:
    """Whoever read our output is gone: keep Python's own flush at exit from complaining."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop(number: int, frame: FrameType | None) -> None:
    """A polite request to end: unwinds the stack, so that nothing half-written stays."""
    stopping.append(128 + number)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
