"""Chinese characters into sung syllables: one a character, with its pinyin and tone.

Tones are 1-4 and 5 for the neutral tone, as spoken in isolation (no sandhi unless asked for): what a
melody is asked to respect. pypinyin reads phrases; a table of our own corrects what it misreads, and
a few rules read the particles in any company.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from yuefu.text.hanzi import simplify
from yuefu.text.language import is_han

_NUMERALS = frozenset("一二三四五六七八九十百千万两几半")
_PARTICLES = frozenset("的地得了着过吗呢吧啊呀啦嘛里上")
_PRONOUNS = frozenset("我你他她它们咱您")
#: What may follow 只 after 这, 那 or 几 when it means "only".
_ONLY = frozenset("是有要能会想剩怕为因愿不好求盼")
#: 儿 with a sound of its own.
_OWN_ER = frozenset(
    "女男孤婴幼少胎健宠弃孩妻幸运育托小生我吾娇痴乞混血童侄养爱骄"  # 女儿, 男儿, 幸运儿 ...
)
_RHOTIC_WORDS = """
花 鸟 风 云 月 星 马 船 鱼 人 歌 曲 调 雀 燕 羊 牛 狗 猫 虫 蝶 叶 草 枝 果 瓜 桃 杏 枣 豆 芽 根 苗 浪 水 雨 雪 雾 泪
心 魂 梦 影 眼 脸 手 嘴
哪 这 那 点 会 块 片 朵 颗 根 串 圈 边 面 头 事 活 话 词 字 画 本 玩 今 明 昨 后 前 早 晚 天 年 味 劲 气 伴 哥们 姐们
爷们 娘们 妞 小孩 老头
胡同 门 窗 街 道 路 墙 灯 铃 琴 笛 鼓 球 绳 线 针 包 碗 盘 杯 瓶 酒 饭 菜 糖 汤 法 样 份 招 趟 阵 下 空 缝 尖 角 弯
坎 坡 沟 村 院 屋
"""
#: Characters that 儿 only colours (花儿 is huar, one syllable).
_RHOTIC = frozenset(word[-1] for word in _RHOTIC_WORDS.split())


def _lines(name: str) -> list[str]:
    text = resources.files("yuefu.text").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _corrections() -> dict[str, dict[int, str]]:
    """Words with a character of several readings -> the readings of those characters, by their place."""
    table: dict[str, dict[int, str]] = {}
    for line in _lines("readings_zh.txt"):
        char, reading, *words = line.split()
        if char == "=":
            table[reading] = dict(enumerate(words))
            continue
        for word in words:
            places = [place for place, own in enumerate(word) if own == char]
            for place in places[-1:] if reading.endswith("5") else places:
                table.setdefault(word, {}).setdefault(place, reading)
    return table


@cache
def _words() -> frozenset[str]:
    """Words of several characters that are known as words."""
    phrases: Any = _pinyin().phrases_dict.phrases_dict
    listed = {word for line in _lines("words_zh.txt") for word in line.split() if word != "#"}
    whole = (word for word in (*_corrections(), *phrases) if word[-1] not in _PARTICLES and word[0] not in _PRONOUNS)
    return frozenset(word for word in (*listed, *whole) if 1 < len(word) <= 4)


@cache
def _sizes() -> dict[str, tuple[int, ...]]:
    """First character -> the lengths of the listed words that begin with it, longest first."""
    found: dict[str, set[int]] = {}
    for word in _corrections():
        found.setdefault(word[0], set()).add(len(word))
    return {char: tuple(sorted(sizes, reverse=True)) for char, sizes in found.items()}


@cache
def _pinyin() -> Any:
    import pypinyin  # takes a quarter of a second, and English lyrics don't need it
    import pypinyin.phrases_dict

    return pypinyin


def readings(text: str) -> list[str | None]:
    """Pinyin with its tone for each Chinese character of a text; None for one that isn't known.

    Characters that aren't Chinese get no entry; ü is written v.

    >>> readings("还钱, 绿色")
    ['huan2', 'qian2', 'lv4', 'se4']
    """
    found: list[str | None] = []
    run = ""
    for char in text + " ":  # runs between punctuation are read whole, so that phrases are seen
        if is_han(char):
            run += char
        elif run:
            found += _read_run(run)
            run = ""
    return found


def tones(text: str) -> list[int | None]:
    """A tone for each Chinese character of a text, 1-4 or 5 (neutral); None for one that isn't known.

    >>> tones("还钱"), tones("银行"), tones("跑得快"), tones("长大")
    ([2, 2], [2, 2], [3, 5, 4], [3, 4])
    """
    return [tone_of(reading) for reading in readings(text)]


def tone_of(reading: str | None) -> int | None:
    """The tone that a pinyin reading ends with."""
    return int(reading[-1]) if reading and reading[-1].isdigit() else None


def _read_run(written: str) -> list[str | None]:
    library: Any = _pinyin()
    run = simplify(written)
    read = library.lazy_pinyin(
        run, style=library.Style.TONE3, neutral_tone_with_five=True, errors=lambda s: ["?"] * len(s)
    )
    result: list[str | None] = [reading if reading[-1:].isdigit() else None for reading in read]
    if len(result) != len(run):
        result = [None] * len(run)
    for place, char in enumerate(run):  # some phrases of the library have the sandhi of 一 and 不 in them
        if char in "一不":
            result[place] = "yi1" if char == "一" else "bu4"
    place = 0
    while place < len(run):
        for size in _sizes().get(run[place], ()):
            known = _corrections().get(run[place : place + size])
            if known:
                for offset, own in known.items():
                    result[place + offset] = own
                place += size
                break
        else:
            if (reading := _particle(run, place)) is not None:
                result[place] = reading
            place += 1
    return result


def _particle(run: str, place: int) -> str | None:
    """A reading by its neighbours for a character that no listed word holds."""
    char = run[place]
    before, after = run[place - 1 : place], run[place + 1 : place + 2]
    if char == "地":
        return "de5" if place >= 2 and after and run[place - 2 : place] not in ("这片", "那片", "一片") else "di4"
    if char == "得":
        if not before or before in "不未可所":
            return "de2"
        return "dei3" if before in _PRONOUNS and after else "de5"
    if char == "了":
        return "liao3" if before == "不" and place >= 2 and run[place - 2] not in _PRONOUNS else "le5"
    if char == "只":
        counted = before in _NUMERALS or before in ("这", "那", "每", "哪")
        return "zhi1" if counted and before and after not in _ONLY else "zhi3"
    if char == "重" and before and before in _NUMERALS:
        return "chong2"
    if char == "为" and after and after in _PRONOUNS:
        return "wei4"
    return None


def with_sandhi(text: str, given: list[str | None]) -> list[str | None]:
    """Readings with the tones of 一, 不 and runs of third tones as they are spoken together.

    text: the Chinese characters alone, one for each reading.

    >>> with_sandhi("一生一世不变", readings("一生一世不变"))
    ['yi4', 'sheng1', 'yi2', 'shi4', 'bu2', 'bian4']
    >>> with_sandhi("你好", readings("你好")), with_sandhi("第一", readings("第一"))
    (['ni2', 'hao3'], ['di4', 'yi1'])
    """
    spoken = list(given)
    for place, (char, reading) in enumerate(zip(text, given)):
        following = tone_of(given[place + 1]) if place + 1 < len(given) else None
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if char == "一" and following and before not in ("第", "初") and after not in _NUMERALS:
            doubled = before and before == after
            rising = following == 4 or after == "个"
            spoken[place] = "yi5" if doubled else "yi2" if rising else "yi4"
        elif char == "不" and following == 4:
            spoken[place] = "bu2"
        elif reading and tone_of(reading) == 3 and following == 3:
            spoken[place] = reading[:-1] + "2"
    return spoken


def words(run: str) -> list[int]:
    """For each character of a run of Chinese the index of the word that it belongs to, from 0.

    >>> words("月亮代表我的心")
    [0, 0, 1, 2, 3, 4, 5]
    """
    plain = simplify(run)
    indices: list[int] = []
    place = word = 0
    while place < len(plain):
        for size in range(min(4, len(plain) - place), 0, -1):
            if size == 1 or plain[place : place + size] in _words():
                break
        indices += [word] * size
        place += size
        word += 1
    return indices


def is_rhotic(run: str, place: int) -> bool:
    """Whether the 儿 at a place of a run only colours the character before it.

    >>> is_rhotic("花儿红", 1), is_rhotic("女儿红", 1), is_rhotic("儿时", 0)
    (True, False, False)
    """
    if run[place] not in "儿兒" or place == 0:
        return False
    before, after = simplify(run[place - 1]), run[place + 1 : place + 2]
    if before in _OWN_ER or (after and after in "子女时童歌孙郎"):
        return False
    return before in _RHOTIC
