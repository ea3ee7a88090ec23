"""Classical Chinese poetry (public domain): song lyrics of the Song and Yuan, Tang poems, the Book of Songs.

One line of text a verse line; poems with characters that the sources have lost (□) are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yuefu.corpus.texts import TextRecord
from yuefu.errors import FormatError

NAME = "text_chinese_poetry"
#: Folder -> genre.
GENRES = {
    "宋词": "song ci", "元曲": "yuan qu", "全唐诗": "tang poem", "诗经": "book of songs",
    "楚辞": "songs of chu", "曹操诗集": "ancient verse", "纳兰性德": "qing ci",
}  # fmt: skip
#: Sense units end with these; a comma inside one is kept as a line end for singing.
_ENDS = re.compile(r"(?<=[，。！？；、：,?!;:])")
_LOST = re.compile("[□{}<>()（）A-Za-z0-9]")


def read(folder: Path) -> Iterator[TextRecord]:
    """One record a poem; the same poem in two books comes once."""
    folder = Path(folder)
    seen: set[str] = set()
    for path in sorted(folder.rglob("*.json")):
        if path.name.startswith("author"):
            continue
        try:
            book = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FormatError(f"{path.name} can't be read as JSON: {error!s:.80}.") from error
        for index, poem in enumerate(book):
            lines = lines_of(poem)
            key = "".join(re.findall(r"[\u4e00-\u9fff]", "".join(lines)))
            if not lines or key in seen:
                continue
            seen.add(key)
            genre = GENRES.get(path.parent.name, "poem")
            tags: dict[str, tuple[str, ...]] = {"genre": (genre,)}
            if poem.get("rhythmic"):
                tags["tune"] = (str(poem["rhythmic"]),)
            if poem.get("tags"):
                tags["theme"] = tuple(str(tag) for tag in poem["tags"])
            yield TextRecord(
                set=NAME,
                id=f"{path.parent.name}/{path.stem}/{index}",
                language="zh",
                text="\n".join(lines),
                title=str(poem.get("title") or poem.get("rhythmic") or ""),
                author=str(poem.get("author") or ("曹操" if path.parent.name == "曹操诗集" else "佚名")),
                tags=tags,
            )


def lines_of(poem: dict[str, Any]) -> list[str]:
    """A poem's verse lines, one a phrase; empty when any is damaged.

    >>> lines_of({"paragraphs": ["床前明月光，疑是地上霜。"]})
    ['床前明月光', '疑是地上霜']
    """
    raw = poem.get("paragraphs") or poem.get("content") or poem.get("para") or []
    lines = []
    for paragraph in raw:
        if not isinstance(paragraph, str) or _LOST.search(paragraph):
            return []
        for phrase in _ENDS.split(paragraph.strip()):
            words = "".join(re.findall(r"[\u3400-\u9fff]", phrase))
            if words:
                lines.append(words)
    return lines
