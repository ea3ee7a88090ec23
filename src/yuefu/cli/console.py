"""What the commands share: the progress bar, tables, JSON, the language of texts, typed input."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from yuefu.errors import FormatError, InputError, LimitError, UnknownNameError
from yuefu.progress import Listener, Progress

LANGUAGES = ("en", "zh")
_LANGUAGE_NAMES = {"english": "en", "chinese": "zh", "中文": "zh", "英文": "en", "zh-cn": "zh", "zh_cn": "zh"}
#: Largest text taken from a file or standard input, in bytes.
MAX_TEXT = 4_000_000
_STAGES = {
    "ideas": ("finding ideas", "寻找灵感"),
    "llm": ("asking the language model", "询问语言模型"),
    "melody": ("writing the tune", "写旋律"),
    "chords": ("finding chords", "配和弦"),
    "band": ("writing the band", "写伴奏"),
    "drums": ("writing the drums", "写鼓点"),
    "textures": ("writing textures", "写织体"),
    "files": ("writing files", "写文件"),
    "sound": ("playing the sound", "合成声音"),
    "pages": ("engraving", "排谱"),
    "play": ("playing", "播放"),
    "features": ("measuring", "测量"),
    "denoise": ("taking out noise", "去噪"),
    "dereverb": ("taking out the room", "去混响"),
    "copies": ("making copies", "制作副本"),
    "encoder": ("teaching the encoder", "教编码器读情绪"),
    "pack": ("reading the corpus", "读语料"),
    "likelihood": ("likelihood", "似然"),
    "chorales": ("chorales", "众赞歌"),
    "harmonisation": ("harmonisation", "配和弦"),
    "infilling": ("infilling", "填补与续写"),
    "arrangement": ("arrangement", "编配"),
    "songs": ("whole songs", "整首作品"),
    "structure": ("structure", "曲式"),
    "memorisation": ("memorisation", "记忆率"),
    "adherence": ("adherence", "按需程度"),
    "speed": ("speed", "速度"),
}


#: Exit codes of requests to end. The exception that a signal raises can be lost inside a library's
#: callback; the next progress event then raises it again.
stopping: list[int] = []


def _check(event: Progress) -> None:
    if stopping:
        raise SystemExit(stopping[0])


@contextmanager
def progress_bar(language: str = "en", enabled: bool = True) -> Iterator[Listener]:
    """A listener that draws bars on a terminal's error stream; silent elsewhere or when not enabled."""
    if not enabled or not sys.stderr.isatty():
        yield _check
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Bars(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def show(event: Progress) -> None:
            _check(event)
            words = _STAGES.get(event.stage, (event.stage, event.stage))[language == "zh"]
            if event.message:
                words += f"  {event.message}"
            if event.stage not in tasks:
                tasks[event.stage] = bars.add_task(words, total=event.total)
            bars.update(tasks[event.stage], completed=event.done, total=event.total, description=words)

        yield show


def print_json(value: Any) -> None:
    """A value as JSON on standard output, and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


def width(text: str) -> int:
    """Columns that a text takes on a terminal: two for a Chinese character.

    >>> width("二胡 erhu")
    9
    """
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in aligned columns, two spaces apart.

    >>> print(table([("piano", "钢琴", "A0-C8"), ("erhu", "二胡", "D4-A6")]))
    piano  钢琴  A0-C8
    erhu   二胡  D4-A6
    """
    columns = range(len(rows[0])) if rows else range(0)
    widths = [max(width(row[column]) for row in rows) for column in columns]
    lines = ("  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def language_for(option: str | None, spoken: str | None = None) -> str:
    """ "en" or "zh": what the option says, else what was spoken, else the locale. Raises UnknownNameError."""
    if option is not None:
        name = _LANGUAGE_NAMES.get(option.strip().lower(), option.strip().lower())
        if name not in LANGUAGES:
            raise UnknownNameError("language", option, LANGUAGES)
        return name
    if spoken in LANGUAGES:
        return spoken
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def check_text(text: str, what: str) -> str:
    """The text, which must be whole characters. Raises FormatError for bytes in an unknown encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FormatError(f"{what} isn't readable text: write it in UTF-8.") from None
    return text


def read_text(source: str, what: str) -> str:
    """A text from a file, or from standard input for "-": UTF-8, UTF-16 with its mark, or GB 18030.

    Raises InputError when it isn't there, LimitError over 4 MB, FormatError when it isn't text.
    """
    if source == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise InputError(f"{what} should come from standard input, but there is none: name a file.")
        data = sys.stdin.buffer.read(MAX_TEXT + 1)
    else:
        from yuefu.score.limits import read_limited

        data = read_limited(Path(source), f"{what} file")
    if len(data) > MAX_TEXT:
        raise LimitError(f"{what} has more than {MAX_TEXT // 10**6} MB: give a shorter text.")
    encodings = ["utf-8-sig", "gb18030"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings.insert(0, "utf-16")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(unicodedata.category(char) == "Cc" and char not in "\t\n\r\f\v\x85" for char in text):
            return text
    raise FormatError(f"{what} in '{source}' isn't a text file: save it as UTF-8.")


def split_list(text: str) -> list[str]:
    """Names parted by commas (Western or Chinese), semicolons or spaces.

    >>> split_list("midi, wav、pdf")
    ['midi', 'wav', 'pdf']
    """
    for mark in ",，、;；":
        text = text.replace(mark, " ")
    return text.split()


def file_list(paths: Iterable[Path]) -> str:
    """Paths in one line each, indented."""
    return "\n".join(f"  {path}" for path in paths)
