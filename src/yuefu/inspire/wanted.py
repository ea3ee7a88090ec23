"""What the words of a search say: a mood, kinds of ideas, styles, and the rest as words to look for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from yuefu.text.function_words import PARTICLES
from yuefu.text.language import is_han
from yuefu.text.reader import read_words

#: Words for kinds of ideas.
KIND_WORDS = {
    "motif": ("motif", "motifs", "motive", "动机"), "hook": ("hook", "hooks", "tune", "melody", "钩子", "旋律", "金句"),
    "progression": ("progression", "progressions", "chords", "harmony", "和弦", "和声", "和弦进行"),
    "rhythm": ("rhythm", "rhythms", "节奏"), "bass": ("bass", "bassline", "basslines", "贝斯", "低音"),
    "groove": ("groove", "grooves", "beat", "beats", "drums", "鼓点", "律动", "鼓"),
    "texture": ("texture", "textures", "accompaniment", "织体", "伴奏"),
    "lyric": ("lyric", "lyrics", "歌词"), "title": ("title", "titles", "歌名", "标题"),
}  # fmt: skip
_SMALL = frozenset(
    ("a", "an", "the", "of", "for", "in", "on", "with", "and", "or", "to", "some", "something", "like", "me", "my", "i",
     "want", "give", "ideas", "idea", "inspire", "inspiration")
)  # fmt: skip
_WORD = re.compile(r"[a-z0-9']{2,}|[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Wanted:
    """What words say. mood: valence and arousal or None; kinds; styles: catalogue keys; words: to be found as such."""

    mood: tuple[float, float] | None
    kinds: tuple[str, ...]
    styles: tuple[str, ...]
    words: tuple[str, ...]


@lru_cache(maxsize=256)
def wanted_of(text: str) -> Wanted:
    """Read the words of a search.

    >>> wanted = wanted_of("sad bass lines")
    >>> wanted.kinds, wanted.mood[0] < 0
    (('bass',), True)
    >>> wanted_of("忧伤的动机").kinds, wanted_of("").mood is None
    (('motif',), True)
    """
    plain = " ".join(text.lower().split())
    if not plain:
        return Wanted(None, (), (), ())
    heard = read_words(plain)
    told = heard["valence"].value if "valence" in heard else None
    moved = heard["arousal"].value if "arousal" in heard else None
    mood = None if told is None and moved is None else (float(told or 0.0), float(moved or 0.0))
    kinds = tuple(kind for kind, words in KIND_WORDS.items() if any(_says(plain, word) for word in words))
    style = heard["style"].value if "style" in heard else None
    styles = (str(style),) if isinstance(style, str) else ()
    known = {word for words in KIND_WORDS.values() for word in words}
    for understood in heard.values():  # what was understood isn't looked for as it stands
        for said in understood.words:
            known |= {said.lower(), *_WORD.findall(said.lower())}
    words = tuple(
        word for word in dict.fromkeys(_WORD.findall(plain))
        if word not in known and word not in _SMALL and word not in PARTICLES
    )  # fmt: skip
    return Wanted(mood, kinds, styles, words)


def _says(text: str, word: str) -> bool:
    """Whether a text has a word; single characters among others count for Chinese, whole words for English."""
    return word in text if is_han(word[0]) else re.search(rf"\b{word}\b", text) is not None
