"""A lyric's text into sections: by tags in either language, else by blank lines, repetition and line shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from yuefu.text.form import KINDS
from yuefu.text.language import is_han

CHORUS, VERSE = "chorus", "verse"
#: Most times that a repeat mark sings a line or section.
MOST_TIMES = 4
#: Longest run of lines that is looked for again in a lyric without blank lines.
_LONGEST_RUN = 16
_MORE_KINDS = {
    "post-chorus": "chorus", "postchorus": "chorus", "post chorus": "chorus", "lift": "prechorus", "climb": "prechorus",
    "rap": "verse", "stanza": "verse", "strophe": "verse", "vamp": "outro", "instrumental break": "interlude",
    "music": "interlude", "guitar solo": "solo", "piano solo": "solo", "middle": "bridge", "v": "verse",
    "预副": "prechorus", "预备副歌": "prechorus", "导歌段": "prechorus", "桥": "bridge",
    "桥接": "bridge", "过渡段": "bridge",
    "说唱": "verse", "念白": "verse", "独白": "verse", "合唱": "chorus", "高潮": "chorus",
    "过门": "interlude", "音乐": "interlude",
    "纯音乐": "interlude", "吉他独奏": "solo", "钢琴独奏": "solo", "序": "intro", "开场": "intro", "终曲": "outro",
    "尾段": "outro", "a段": "verse", "b段": "chorus", "c段": "bridge",
}  # fmt: skip
ALL_KINDS = KINDS | _MORE_KINDS
_KIND = "|".join(sorted(map(re.escape, ALL_KINDS), key=len, reverse=True))
_OPEN, _CLOSE = r"[\[【(（〔<「〖《{#*=~_—–-]", r"[\]】)）〕>」〗》}*=~_—–-]"
_NUMBER = r"(?:\d{1,2}|one|two|three|four|five|six|iv|i{1,3}|vi?|[一二三四五六七八ab](?![a-z]))"
_TIMES_TEXT = (
    r"(?:[x×*]\s*[1-9]|[1-9]\s*[x×]|twice|bis|(?:重复|反复|唱)?[一两二三四]\s*[遍次]"
    r"|重复|反复|repeat(?:\s*[x×]?\s*[1-9](?:\s*times)?)?)"
)
_BRACKETED = rf"[(（\[【]\s*(?P<{{}}>{_TIMES_TEXT})\s*[)）\]】]|(?P<{{}}2>{_TIMES_TEXT})"
_AGAIN = r"(?:repeat|final|last|first|second|third|重复|反复|再唱|最后一段|最后|结尾|第[一二三四五六]段)"
_TAG = re.compile(
    rf"^\s*(?P<open>{_OPEN}{{0,4}})\s*(?P<again>{_AGAIN})?\s*(?P<kind>{_KIND})(?:部分|段)?\s*(?P<number>{_NUMBER})?\s*"
    rf"(?P<label>[:：,，|@–-]\s*[^\]】)）]{{1,40}}(?=[\]】)）]))?\s*(?:{_BRACKETED.format('times', 'times')})?\s*"
    rf"(?P<close>{_CLOSE}{{0,4}})\s*(?P<colon>[:：]?)\s*(?:{_BRACKETED.format('more', 'more')})?\s*[:：.。]?\s*$",
    re.IGNORECASE,
)  # fmt: skip
_STROPHE = re.compile(
    r"^\s*[\[【(（]?\s*(?:第\s*[一二三四五六七八九\d]{1,2}\s*[段节]|[(（]?\d{1,2}[)）.、]?)\s*[\]】)）]?\s*[:：]?\s*$"
)
_OTHER_TAG = re.compile(r"^\s*[\[【〔〖［][^\]】〕〗］]{0,40}[\]】〕〗］]\s*$")
_INLINE = re.compile(
    rf"^\s*(?:[\[【]\s*(?P<kind>{_KIND})\s*{_NUMBER}?\s*[\]】]|(?P<kind2>{_KIND})\s*{_NUMBER}?\s*[:：])"
    r"\s*(?P<rest>\S.*)$",
    re.IGNORECASE,
)  # fmt: skip
_ONLY_TIMES = re.compile(rf"^\s*(?:{_BRACKETED.format('times', 'times')})\s*$", re.IGNORECASE)
_LINE_TIMES = re.compile(
    rf"\s*(?:[(（\[【]\s*(?P<times>{_TIMES_TEXT})\s*[)）\]】]|(?:(?<=[\s/])|(?<=[\u4e00-\u9fff，。！？,.!?]))(?P<bare>[x×]\s*[2-4]))\s*[.。]?\s*$",
    re.IGNORECASE,
)
_STAMP = re.compile(r"^(?:\s*\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\])+")
_WORD_STAMP = re.compile(r"<\d{1,3}:\d{2}(?:[.:]\d{1,3})?>")
_META = re.compile(
    r"^\s*(?:\[(?:ti|ar|al|by|offset|au|length|re|ve|la|tool)\s*:[^\]]*\]|(?:作?词|作?曲|编曲|演唱|原唱|制作人|"
    r"lyrics by|music by|written by|title|artist|capo|key)\s*[:：].*)\s*$",
    re.IGNORECASE,
)  # fmt: skip
_SINGER = re.compile(
    r"^\s*[(（\[【]?\s*(?:男|女|合|齐|独|领|众|童|男女|合唱|齐唱|both|all|him|her|male|female)\s*[)）\]】]?\s*[:：]\s*(?=\S)",
    re.I,
)
_SINGER_BARE = re.compile(r"^\s*[(（\[【]\s*(?:男|女|合|齐|独|领|众|童|男女|合唱|齐唱)\s*[)）\]】]\s*(?=\S)")
_CHORD = re.compile(r"\[[A-G][#b♯♭]?(?:maj|min|dim|aug|sus|add|m|M)?\d{0,2}(?:/[A-G][#b]?)?\]")
_NARROW = str.maketrans("［］＜＞＊＃＝｛｝０１２３４５６７８９", "[]<>*#={}0123456789")
_COUNTS = {"一": 2, "两": 2, "二": 2, "三": 3, "四": 4}


@dataclass
class Block:
    """A section before its lines are read: kind ("" when no tag said it), tag as written, times sung, raw lines."""

    kind: str
    tag: str = ""
    times: int = 1
    lines: list[str] = field(default_factory=list)


def read_blocks(text: str) -> list[Block]:
    """The sections of a lyric in order, all with a kind; one without lines repeats an earlier one or is played.

    >>> [(block.kind, block.times, block.lines) for block in read_blocks("主歌一\\n你好\\n【副歌】x2\\n再见")]
    [('verse', 1, ['你好']), ('chorus', 2, ['再见'])]
    """
    blocks: list[Block] = []
    current = Block("")
    tagged = False  # a blank line ends an untagged block, and a tagged one before other untagged lines

    def close() -> None:
        nonlocal current
        if current.lines or current.tag:
            blocks.append(current)
        current = Block("")

    for written in text.splitlines():
        if _META.match(written):
            continue
        line = _WORD_STAMP.sub("", _STAMP.sub("", written)).strip().strip("\ufeff\u200b♪♫")
        line = _CHORD.sub("", line) if _CHORD.search(line) else line
        if tag := _tag(line.translate(_NARROW)):
            close()
            current, tagged = tag, True
        elif inline := _INLINE.match(line):
            close()
            kind = inline["kind"] or inline["kind2"]
            current, tagged = Block(ALL_KINDS[kind.lower()], kind, 1, [inline["rest"]]), True
        elif (only := _ONLY_TIMES.match(line)) and (current.lines or blocks):
            (current if current.lines else blocks[-1]).times = _times(only["times"] or only["times2"])
        elif _OTHER_TAG.match(line):
            close()
        elif line:
            _add(current, line)
        elif current.lines:
            close()
    close()
    return _named(blocks, tagged)


def _tag(line: str) -> Block | None:
    """The section that a line announces, if it is a tag and not a line to be sung."""
    if _STROPHE.match(line) and line:
        return Block(VERSE, line)
    found = _TAG.match(line)
    if not found or not line:
        return None
    kind = found["kind"]
    times = next((found[name] for name in ("times", "times2", "more", "more2") if found[name]), "")
    marked = found["open"] or found["close"] or found["colon"] or found["number"] or times
    if len(kind) == 1 and kind.isascii() and not (found["open"] or found["number"]):
        return None
    if not marked and not found["again"] and not is_han(kind[0]) and not line[0].isupper():
        return None
    if found["label"] and not found["open"]:
        return None
    return Block(ALL_KINDS[kind.lower()], line, _times(times))


def _times(text: str) -> int:
    """How often a repeat mark says: "x3", "重复两遍", "twice"; a bare "repeat" is twice."""
    if not text:
        return 1
    figure = re.search(r"\d", text)
    count = int(figure[0]) if figure else next((_COUNTS[c] for c in text if c in _COUNTS), 2)
    return max(1, min(count, MOST_TIMES))


def _add(block: Block, line: str) -> None:
    """A line to be sung, as often as its repeat mark says."""
    line = _SINGER_BARE.sub("", _SINGER.sub("", line))
    times = 1
    if (repeats := _LINE_TIMES.search(line)) and repeats.start() > 0:
        times = _times(repeats["times"] or repeats["bare"])
        line = line[: repeats.start()].rstrip(" /")
    block.lines += [line] * times


def _shape(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple("".join(c for c in line.lower() if c.isalnum()) for line in lines)


def _named(blocks: list[Block], tagged: bool) -> list[Block]:
    """Give blocks without a tag their kind."""
    if not tagged:
        if len(blocks) == 1:
            blocks = _parted(blocks[0])
        _infer(blocks)
        return blocks
    shapes = [_shape(block.lines) for block in blocks]
    previous = ""
    for block, shape in zip(blocks, shapes):
        if not block.kind:
            returns = len(shape) > 1 and shapes.count(shape) > 1
            block.kind = CHORUS if returns else previous if previous == VERSE else VERSE
        previous = block.kind
    return blocks


def _parted(block: Block) -> list[Block]:
    """A lyric without blank lines, parted where a run of at least two lines returns, or by fours."""
    shape = _shape(block.lines)
    count = len(shape)
    for size in range(min(count // 2, _LONGEST_RUN), 1, -1):
        for start in range(count - 2 * size + 1):
            run = shape[start : start + size]
            if shape[start] not in shape[start + size :] or not all(run) or len(set(run)) == 1:
                continue
            places = [start]
            for place in range(start + size, count - size + 1):
                if place >= places[-1] + size and shape[place : place + size] == run:
                    places.append(place)
            if len(places) > 1:
                edges = sorted({0, count, *places, *(place + size for place in places)})
                return [Block("", "", 1, block.lines[a:b]) for a, b in pairwise(edges)]
    if count > 8 and count % 4 == 0:
        return [Block("", "", 1, block.lines[a : a + 4]) for a in range(0, count, 4)]
    return [block]


def _infer(blocks: list[Block]) -> None:
    """Kinds by repetition, then by shape: what returns is the chorus, what leads to it each time the pre-chorus."""
    shapes = [_shape(block.lines) for block in blocks]
    same = [[_alike(a, b) for b in shapes] for a in shapes]
    sung = [sum(other.times for other, alike in zip(blocks, row) if alike) for row in same]
    returning = [times > 1 and len(shape) > 1 for times, shape in zip(sung, shapes)]
    for index, block in enumerate(blocks):
        block.kind = CHORUS if returning[index] else VERSE
    for index in range(len(blocks) - 1):
        if returning[index] and returning[index + 1] and not same[index][index + 1]:
            followers = [j + 1 for j in range(len(blocks)) if same[index][j]]
            if all(j < len(blocks) and same[index + 1][j] for j in followers) and index:
                blocks[index].kind = "prechorus"
    if not any(returning):
        _infer_by_shape(blocks)
        return
    choruses = [index for index, block in enumerate(blocks) if block.kind == CHORUS]
    for index, block in enumerate(blocks):
        if block.kind != VERSE or len(choruses) < 2:
            continue
        if index > choruses[1] and index < choruses[-1] and not _like_a_verse(blocks, index):
            block.kind = "bridge"
        elif index > choruses[-1] and index == len(blocks) - 1 and len(block.lines) <= 2:
            block.kind = "outro"


def _alike(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """The same words in at least three lines of four."""
    longest = max(len(first), len(second))
    shared = len(set(first) & set(second))
    return bool(longest) and (first == second or (longest > 2 and shared >= 0.74 * longest))


def _weights(block: Block) -> list[int]:
    """A rough length of each line: characters in Chinese, vowels in English."""
    return [sum(map(is_han, line)) + len(re.findall(r"[aeiouyAEIOUY]+", line)) for line in block.lines]


def _like(first: Block, second: Block) -> bool:
    a, b = _weights(first), _weights(second)
    return len(a) == len(b) and sum(abs(x - y) for x, y in zip(a, b)) <= 0.15 * sum(a)


def _like_a_verse(blocks: Sequence[Block], index: int) -> bool:
    return any(other.kind == VERSE and _like(other, blocks[index]) for other in blocks[:index])


def _infer_by_shape(blocks: list[Block]) -> None:
    """No words return: in a lyric of two alternating shapes the second is the chorus, if a line of it returns."""
    lines = [shape for block in blocks for shape in _shape(block.lines)]
    if len(blocks) < 4 or len(blocks) % 2:
        return
    odd, even = blocks[0::2], blocks[1::2]
    strophic = all(_like(odd[0], block) for block in odd) and all(_like(even[0], block) for block in even)
    hook = any(lines.count(shape) > 1 for block in even for shape in _shape(block.lines))
    if strophic and hook and not _like(odd[0], even[0]):
        for block in even:
            block.kind = CHORUS
