"""A title from the words of a prompt or the first line of a lyric."""

from __future__ import annotations

import re
from functools import cache

from yuefu.text.language import is_han
from yuefu.text.lyrics_sections import read_blocks
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.styles import STYLES

_QUOTED = (
    re.compile(r"《([^》]{1,60})》"),
    re.compile(r"\b(?:titled|entitled|called|named)\s*[\"'“‘]([^\"'”’]{1,60})[\"'”’]", re.I),
    re.compile(r"\b(?:titled|entitled)\s*:?\s*((?:[A-Z][\w']*\s?){1,8})"),
    re.compile(r"(?:名为|名叫|题为|标题[是为:：]?|歌名[是叫为:：]?|叫做?)\s*[“\"'「『]([^”\"'」』]{1,40})[”\"'」』]"),
)  # fmt: skip
_ASKING = re.compile(
    r"^(?:please|can you|could you|would you|will you|help me|let's|i\s*(?:'d|would)\s+(?:like|love)|"
    r"i\s+(?:want|need|am looking for)|we\s+(?:want|need)|give (?:me|us)|"
    r"(?:write|compose|create|make|generate|produce|play)(?:\s+(?:me|us))?|"
    r"to (?:hear|have|compose|write|create|make)|something(?: that is| like)?|you to)\b[\s,:]*", re.I,
)  # fmt: skip
_ASKING_ZH = re.compile(
    r"^(?:请你?|帮我?|给我|为我|我?想要?|我要|能不能|可以|可否|希望|来|写|创作|作|谱|做|生成|编|弹|演奏|听"
    r"|一下|听听|[一几]?[首段支曲个](?!人))+"
)
_ARTICLE = re.compile(r"^(?:an?|some)\s+", re.I)
#: Where a prompt turns from its subject to instructions.
_TECHNICAL = re.compile(
    r"\s*(?:[;(]|[.!?:]\s|\.$|\bat \d|\b\d+\s*-?\s*(?:bpm|bars?|minutes?|seconds?|measures?)"
    r"|\bin (?:the key of )?[A-G][#b]?\b(?![a-z])|\bin \d+/\d+|\bin [A-G][ -](?:flat|sharp|major|minor)"
    r"|\bwithout\b|\bwith (?!you|me|love|a view)|\busing\b|\bno (?=drums|vocals|bass|piano))",
    re.I,
)
_TECHNICAL_ZH = re.compile(
    r"[，。；！？：,.;!?:\n]|\d+\s*(?:bpm|拍|小节)|[升降]?[A-G]\s*[大小]?调|[二三四五六七八九十]+小节", re.I
)
_SMALL = frozenset(
    ("a", "an", "the", "and", "or", "of", "for", "in", "on", "at", "to", "with", "by", "from", "but", "as", "into")
)  # fmt: skip
_NOT_A_NAME = re.compile(r"(?:no|not|without|in|at|and|but)\b", re.I)
_NOT_A_NAME_ZH = re.compile(r"不要|没有|无|[大小]调$|[慢快中行]板$|适合|.{0,3}拍子?$")
_LONGEST, _LONGEST_ZH = 48, 14


def title_from_prompt(text: str) -> str:
    """A title: the quoted name if there is one, else the subject of the first clause; "" if none.

    >>> title_from_prompt("a melancholy waltz for a rainy night, solo piano")
    'Melancholy Waltz for a Rainy Night'
    >>> title_from_prompt("请写一首悲伤的钢琴曲，G小调"), title_from_prompt("春天的气息弥漫在空气中")
    ('悲伤的钢琴曲', '春天的气息弥漫在空气中')
    >>> title_from_prompt("中国风，古筝与二胡，月照江面，慢一些")
    '月照江面'
    """
    for pattern in _QUOTED:
        if match := pattern.search(text):
            return match[1].strip()
    text = " ".join(text.split())
    if sum(map(is_han, text)) >= 2:
        clauses = [_ASKING_ZH.sub("", clause.strip()).strip(" 的") for clause in _TECHNICAL_ZH.split(text)]
        names = [c for c in clauses if sum(map(is_han, c)) >= 2 and not _NOT_A_NAME_ZH.match(c)]
        return _short_zh(next(filter(_is_a_subject, names), names[0])) if names else ""
    while (asked := _ASKING.sub("", text)) != text:
        text = asked
    for sentence in _TECHNICAL.split(re.sub(r"^\d+/\d+\s+", "", _ARTICLE.sub("", text))):
        if _NOT_A_NAME.match(sentence.strip()):
            continue
        clause = _ARTICLE.sub("", _join_clauses(sentence).strip(" .,;:!?-\"'"))
        if re.search(r"[A-Za-z]{3}", clause) and not _NOT_A_NAME.match(clause):
            return _capitals(_short(clause, _LONGEST))
    return _capitals(_short(text.strip(" .,;:!?-"), _LONGEST)) if re.search(r"[A-Za-z]{3}", text) else ""


@cache
def _said_plainly() -> re.Pattern[str]:
    """Chinese names of styles and instruments, and what joins them or tells how they play."""
    names = {n for table in (STYLES, INSTRUMENTS) for each in table.values() for n in each.names if is_han(n[0])}
    joined = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(f"(?:{joined}|[和与跟加、的曲乐风]|音乐|风格|独奏|合奏|伴奏|慢[一点些]*|快[一点些]*)")


def _is_a_subject(clause: str) -> bool:
    """Whether a Chinese clause says more than who plays what."""
    return sum(map(is_han, _said_plainly().sub("", clause))) >= 2


def _join_clauses(sentence: str) -> str:
    """The first comma clause, with what follows while it is still an adjective or a list."""
    clauses = [clause.strip() for clause in sentence.split(",")]
    taken = clauses[0]
    for clause in clauses[1:]:
        is_list = re.match(r"(?:and )?[\w-]+(?: and [\w-]+)?", clause) and re.search(r"\bfor [\w-]+$", taken)
        if len(taken.split()) > 1 and not is_list:
            break
        taken += ", " + clause
    return taken


def title_from_lyrics(text: str) -> str:
    """The first sung line, cut short, tags and punctuation at its end left out.

    >>> title_from_lyrics("[verse]\\nThe moon is on the water,\\nand ...")
    'The moon is on the water'
    """
    for written in (line for block in read_blocks(text) for line in block.lines):
        line = re.sub(r"^\s*(?:\([^)]*\)|（[^）]*）)\s*", "", written).strip()
        if any(c.isalpha() for c in line):
            if sum(map(is_han, line)) >= 2:
                first = re.split(r"[，。！？；、,.!?;\s]", line)[0]
                return _short_zh(first if len(first) >= 2 else line)
            return _short(line.rstrip(" .,;:!?—-"), 40)
    return ""


def _short(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    words = text[: longest + 1].rsplit(" ", 1)[0].split()
    while len(words) > 2 and words[-1].lower() in _SMALL:
        words.pop()
    return " ".join(words)


def _short_zh(text: str) -> str:
    if len(text) <= _LONGEST_ZH:
        return text
    for mark in ("，", " ", "在", "的"):
        head = text[:_LONGEST_ZH].rsplit(mark, 1)[0]
        if 4 <= len(head) < _LONGEST_ZH:
            return head
    return text[:_LONGEST_ZH]


def _capitals(text: str) -> str:
    words = text.split()
    small = [0 < i < len(words) - 1 and word.lower() in _SMALL for i, word in enumerate(words)]
    return " ".join(word.lower() if low else word[:1].upper() + word[1:] for word, low in zip(words, small))
