"""The bench: named suites that measure a model and write a table each.

A suite is a function of a ``SuiteContext``; ``SUITES`` names them as lazy ``module:function``
strings. ``run_suites`` runs them and writes ``<suite>.md``, ``<suite>.json``, the plots, and ``bench.md``.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from yuefu.errors import InputError, UnknownNameError
from yuefu.evaluation.table import SuiteResult, result_data, result_markdown
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write, make_folder

#: Suite -> module:function, in the order in which they run.
SUITES = {
    name: f"yuefu.workflows.evaluate.{name}:run"
    for name in (
        "likelihood", "chorales", "harmonisation", "infilling", "arrangement", "songs", "structure",
        "memorisation", "adherence", "speed",
    )
}  # fmt: skip


@dataclass(frozen=True)
class SuiteContext:
    """What a suite runs with.

    model: a runtime folder, None for the shipped one; corpus: a folder that ``corpus build`` wrote,
    None where the user has none (suites that need one raise InputError with a sentence); out: the folder
    that results and cached pieces go to; quick: a few samples, to see that everything works; count:
    samples in place of the suite's own number; jobs: processes; seed: of every random choice.
    """

    out: Path
    model: Path | None = None
    corpus: Path | None = None
    quick: bool = False
    count: int | None = None
    jobs: int = 1
    seed: int = 1
    progress: Listener = ignore

    def size(self, full: int, quick: int) -> int:
        """How many samples: ``count`` if given, else by ``quick``."""
        return self.count if self.count is not None else quick if self.quick else full

    def built_corpus(self) -> Path:
        """The corpus folder. Raises InputError when none was given."""
        if self.corpus is None:
            raise InputError(
                "this suite measures held-out pieces: give --corpus, a folder that `yuefu corpus build` wrote."
            )
        if not self.corpus.is_dir():
            raise InputError(f"there is no corpus folder '{self.corpus}': run `yuefu corpus build` first.")
        return self.corpus


Suite = Callable[[SuiteContext], SuiteResult]


def suite(name: str) -> Suite:
    """The function of a suite. Raises UnknownNameError."""
    if name not in SUITES:
        raise UnknownNameError("suite", name, SUITES)
    module, _, function = SUITES[name].partition(":")
    found: Suite = getattr(importlib.import_module(module), function)
    return found


def run_suites(names: Sequence[str], context: SuiteContext) -> Iterator[SuiteResult]:
    """Run suites (all of them for an empty list) and write their files into ``context.out``; yields each result."""
    functions = [(name, suite(name)) for name in names or SUITES]
    out = make_folder(context.out)
    for name, function in functions:
        started = time.monotonic()
        result = function(context)
        result = replace(result, suite=name, seconds=time.monotonic() - started)
        _write(out, result)
        yield result


def _write(out: Path, result: SuiteResult) -> None:
    for plot in result.plots:
        atomic_write(out / f"{result.suite}-{plot.name}.png", plot.png)
    atomic_write(out / f"{result.suite}.md", result_markdown(result).encode())
    data = json.dumps(result_data(result), ensure_ascii=False, indent=1, allow_nan=False)
    atomic_write(out / f"{result.suite}.json", (data + "\n").encode())
    written = [path for name in SUITES if (path := out / f"{name}.md").is_file()]
    atomic_write(out / "bench.md", "\n".join(path.read_text("utf-8") for path in written).encode())
