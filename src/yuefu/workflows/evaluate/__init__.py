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

from yuefu.errors import InputError, MissingExtraError, UnknownNameError
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

#: What each suite measures, in English and Chinese.
ABOUT = {
    "likelihood": (
        "Nats a note and a token on held-out works, and whether each row listens to the others.",
        "留出作品上每音符、每词元的奈特数，以及每个声部是否听从其他声部。",
    ),
    "chorales": (
        "JSB chorales, a model trained on their train part alone: nats a frame and a voice token.",
        "JSB 众赞歌（模型只学其训练部分）：每帧与每声部音的奈特数。",
    ),
    "harmonisation": (
        "Chords for held-out songs: chord and melody measures as distance to the human row.",
        "为留出歌曲配和弦：和弦与旋律指标距人类作品多远。",
    ),
    "infilling": (
        "Held-out bars filled and continued: overlap with the original, agreement with the context, seams.",
        "填补与续写留出的小节：与原作的重合、与上下文的一致、接缝。",
    ),
    "arrangement": (
        "Bass and keys for held-out melodies with chords: agreement, collisions, playability, texture.",
        "为留出的旋律与和弦写低音与键盘：吻合、碰撞、可演奏性、织体。",
    ),
    "songs": (
        "Whole pieces, from nothing and from prompts: the musical measures beside the corpus.",
        "整首作品（无提示与有提示）：音乐指标与语料对照。",
    ),
    "structure": (
        "Sections asked for and found, hooks that return, the last minute against the first.",
        "所求曲式与所得曲式、主题再现、末一分钟与首一分钟之比。",
    ),
    "memorisation": (
        "How often pieces share long passages with the training set, beside unrelated works.",
        "作品与训练集共有长段的比率，与互不相干的作品对照。",
    ),
    "adherence": (
        "Every explicit wish over random briefs, read back from the finished score.",
        "随机需求中的每项明确要求，从成谱中读回核对。",
    ),
    "speed": (
        "Tokens and notes a second, the first bar's delay, memory.",
        "每秒词元与音符数、首小节延迟、内存。",
    ),
}


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


def suite_known(name: str) -> str:
    """The name, which must be a suite's. Raises UnknownNameError."""
    if name not in SUITES:
        raise UnknownNameError("suite", name, SUITES)
    return name


def suite(name: str) -> Suite:
    """The function of a suite. Raises UnknownNameError."""
    module, _, function = SUITES[suite_known(name)].partition(":")
    found: Suite = getattr(importlib.import_module(module), function)
    return found


def run_suites(names: Sequence[str], context: SuiteContext) -> Iterator[SuiteResult]:
    """Run suites (all of them for an empty list) and write their files into ``context.out``; yields each result.

    Among several, a suite that can't be measured (no corpus, a missing extra) doesn't stop the others: its
    result says why in ``failed``. One alone raises.
    """
    functions = [(name, suite(name)) for name in names or SUITES]
    out = make_folder(context.out)
    for name, function in functions:
        started = time.monotonic()
        try:
            result = function(context)
        except (InputError, MissingExtraError) as error:
            if len(functions) == 1:
                raise
            result = SuiteResult(name, (), failed=str(error))
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
