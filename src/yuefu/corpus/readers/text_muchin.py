"""MuChin: Chinese songs described in colloquial words by amateurs and professionals, with lyric skeletons.

A skeleton says how many characters each line has and whether it rhymes; the lyrics themselves are
not here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yuefu.corpus.split import split_of
from yuefu.corpus.texts import TextRecord
from yuefu.errors import FormatError

NAME = "text_muchin"
#: Who described -> the file.
VIEWS = {"amateur": "amat_desc_json", "professional": "prof_desc_json"}
#: Words in a question's name -> aspect.
ASPECTS = (
    ("歌词和主题", "theme"), ("情绪", "mood"), ("特色感受", "mood"), ("表现力", "expression"), ("快慢", "tempo"),
    ("速度", "tempo"), ("风格", "style"), ("配器", "instruments"), ("人声", "voice"), ("语言", "language"),
    ("用途", "use"), ("文化", "culture"), ("人群", "audience"), ("音质", "sound"), ("Lo-Fi", "sound"),
    ("现场", "sound"),
)  # fmt: skip


def read(folder: Path) -> Iterator[TextRecord]:
    """Up to two records a song: how amateurs and how professionals describe it."""
    folder = Path(folder)
    questions: dict[str, str] = {}
    for path in sorted(folder.rglob("*qidmap.json")):
        if path.name != "opidmap.json":
            questions.update(_json(path))
    for song in sorted(path.parent for path in folder.rglob("meta_info")):
        yield from _song(song, questions)


def _song(song: Path, questions: dict[str, str]) -> Iterator[TextRecord]:
    meta = dict(re.findall(r"^(\w+)\s*:\s*(.*)$", (song / "meta_info").read_text(encoding="utf-8"), re.MULTILINE))
    skeleton = song / "str_rhyme"
    sections = _sections(skeleton.read_text(encoding="utf-8")) if skeleton.is_file() else ()
    for view, file in VIEWS.items():
        path = song / file
        if not path.is_file():
            continue
        texts: list[str] = []
        tags: dict[str, list[str]] = {"genre": [meta["genre"]]} if meta.get("genre") else {}
        for answer in _json(path).get("ans", []):
            _answer(answer, questions, texts, tags)
        if not texts and not tags:
            continue
        yield TextRecord(
            set=NAME,
            id=f"{song.name}-{view}",
            language="zh",
            text="\n".join(dict.fromkeys(texts)),
            title=meta.get("name", "").strip(),
            author=meta.get("singer", "").strip(),
            # Both views of a song stay together.
            split=split_of(NAME, song.name),
            tags={aspect: tuple(dict.fromkeys(words)) for aspect, words in sorted(tags.items())} | {"view": (view,)},
            sections=sections,
        )


def _answer(answer: dict[str, Any], questions: dict[str, str], texts: list[str], tags: dict[str, list[str]]) -> None:
    for entry in [answer, *(answer.get("tags") or [])]:
        words = str(entry.get("desc") or "").strip()
        if words:
            texts.append(words)
        values = entry.get("value") or []
        if values and "tid" in entry:
            name = questions.get(entry["tid"], "")
            aspect = next((label for word, label in ASPECTS if word in name), "other")
            listed = values if isinstance(values, list) else [values]
            tags.setdefault(aspect, []).extend(str(value).strip() for value in listed if str(value).strip())


def _sections(text: str) -> tuple[tuple[str, tuple[int, ...], tuple[bool, ...]], ...]:
    """Sections from lines of ``c`` (a character) and ``R`` (a rhyming one) under names in brackets."""
    found: list[tuple[str, list[int], list[bool]]] = []
    for line in text.split():
        if match := re.match(r"^\(([^)]+)\)$", line):
            found.append((match[1].rstrip("0123456789"), [], []))
        elif found and set(line) <= {"c", "R"}:
            found[-1][1].append(len(line))
            found[-1][2].append(line.endswith("R"))
    return tuple((name, tuple(lengths), tuple(rhymes)) for name, lengths, rhymes in found if lengths)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FormatError(f"{path.name} of {path.parent.name} can't be read as JSON: {error!s:.80}.") from error
