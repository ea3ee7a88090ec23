"""Random briefs with known meanings: the same wish as options and as a sentence in English and in Chinese.

A wish asks for some of key, tempo, metre, length (bars or seconds), form, instruments, instruments
left out, chords and style, or for lyrics to be sung; the drawn values agree with one another, so
every one of them can be met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES

#: Metres that are drawn, and how often.
METERS = {"4/4": 0.4, "3/4": 0.2, "6/8": 0.12, "2/4": 0.08, "2/2": 0.05, "5/4": 0.05, "12/8": 0.05, "7/8": 0.05}
#: Forms by the bars they can have.
FORMS = {
    "A A B A": (8, 16), "A B": (8, 10, 12, 14, 16), "A B A'": (9, 12, 15), "A A' B A''": (8, 12, 16),
    "A A' B B'": (8, 16), "A B A C A": (10, 15),
}  # fmt: skip
#: Who may be asked to play: one or two of every family.
PLAYERS = (
    "piano", "electric_piano", "organ", "guitar", "electric_guitar", "harp", "bass", "upright_bass", "violin", "viola",
    "cello", "strings", "voice", "trumpet", "horn", "saxophone", "oboe", "clarinet", "flute", "erhu", "guzheng", "pipa",
    "dizi", "vibraphone", "accordion", "synth_pad", "drums",
)  # fmt: skip
_DEGREES = {"major": ((0, ""), (5, ""), (7, ""), (9, "m"), (2, "m"), (4, "m"), (7, "7"), (0, "maj7"), (9, "m7")),
            "minor": ((0, "m"), (5, "m"), (7, "m"), (8, ""), (3, ""), (10, ""), (7, "7"), (0, "m7"))}  # fmt: skip
_LINES = {
    "en": (
        "The river runs below the hill", "And every window holds a star", "I hear the evening calling still",
        "I wonder where you are", "Tomorrow is a golden door", "We walk along the quiet shore",
        "The summer rain is on the sea", "Come home, come home to me", "A paper boat, a folded word",
        "The softest song I ever heard",
    ),
    "zh": (
        "春风吹过小山坡", "月亮挂在树梢上", "我在河边唱着歌", "等你回到我身旁", "一盏灯火照归路", "雨落无声湿了窗",
        "远方的人啊别忘记", "故乡的花又开放", "夏夜星光满天际", "把思念写在纸上",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """A brief whose meaning is known.

    options: keywords of ``BriefOptions``; meant: field of the brief -> its value in the brief's units (of
    all that the sentences say); words: language -> the wish as a sentence (without the lyrics);
    syllables: what is to be sung, in order (empty without lyrics).
    """

    options: dict[str, Any]
    meant: dict[str, Any]
    words: dict[str, str]
    syllables: tuple[str, ...] = ()
    lyrics_language: str = ""
    asked: tuple[str, ...] = field(default=())


def random_wish(seed: int) -> Wish:
    """A wish drawn from a seed; 8 to 16 bars, 1 to 5 instruments, one in five with lyrics.

    >>> wish = random_wish(4)
    >>> sorted(wish.words), wish.options["seed"]
    (['en', 'zh'], 4)
    """
    rng = np.random.default_rng([seed, 300])
    meant: dict[str, Any] = {}
    sung = rng.random() < 0.2
    key = _key(rng)
    if rng.random() < 0.65:
        meant["key"] = key.name
    if rng.random() < 0.75:
        meant["tempo"] = float(rng.integers(50, 181))
    if rng.random() < 0.65:
        meant["meter"] = str(rng.choice(list(METERS), p=list(METERS.values())))
    if not sung:
        meant |= _length(rng, meant)
    if rng.random() < 0.3:
        meant["chords"] = _chords(rng, key)
    if rng.random() < 0.7:
        meant["instruments"] = _players(rng, sung)
    elif rng.random() < 0.6:
        meant["without"] = [str(rng.choice(["drums", "piano", "bass", "strings", "guitar"]))]
    if rng.random() < 0.3:
        meant["style"] = str(rng.choice(("pop", "rock", "jazz", "folk", "ballad", "tango", "hymn", "guofeng", "funk")))
    if len(meant) < 2:
        meant |= {"tempo": 96.0, "key": key.name}
    options: dict[str, Any] = {name: _as_option(name, value) for name, value in meant.items()}
    options["seed"] = seed
    syllables: tuple[str, ...] = ()
    language = ""
    if sung:
        language = str(rng.choice(["en", "zh"]))
        lines = [str(line) for line in rng.choice(_LINES[language], size=int(rng.choice([2, 4])), replace=False)]
        options["lyrics"] = "\n".join(lines)
        syllables = syllables_of(options["lyrics"])
    words = {"en": english(meant, rng), "zh": chinese(meant, rng)}
    asked = (*meant, *(("lyrics",) if sung else ()))
    return Wish(options, meant, words, syllables, language, asked)


def syllables_of(lyrics: str) -> tuple[str, ...]:
    """The syllables of a lyric, in the order in which they are sung."""
    from yuefu.text.lyrics import parse_lyrics

    return tuple(s.text for section in parse_lyrics(lyrics).sections for li in section.lines for s in li.syllables)


def _key(rng: np.random.Generator) -> Key:
    return Key(int(rng.integers(-5, 7)), str(rng.choice(["major", "minor"])))


def _length(rng: np.random.Generator, meant: dict[str, Any]) -> dict[str, Any]:
    """Bars, perhaps with a form that fits them, or a duration that is a whole number of bars."""
    draw = rng.random()
    if draw < 0.4:
        return {"bars": int(rng.integers(8, 17))}
    if draw < 0.75:
        form = str(rng.choice(list(FORMS)))
        bars = int(rng.choice(FORMS[form]))
        return {"form": form, "bars": bars}
    bars = int(rng.choice([8, 12, 16]))
    top, bottom = map(int, meant.get("meter", "4/4").split("/"))
    tempo = meant.get("tempo", 100.0)
    return {"duration": float(max(10, round(bars * top * 4 / bottom * 60 / tempo)))}


def _chords(rng: np.random.Generator, key: Key) -> list[list[str]]:
    """Two to four different diatonic chords, one a bar, the first on the tonic."""
    steps = _DEGREES[key.mode]
    count = int(rng.integers(2, 5))
    chosen = [0, *rng.choice(np.arange(1, len(steps)), size=count - 1, replace=False).tolist()]
    return [[Chord((key.tonic + steps[i][0]) % 12, steps[i][1]).symbol(key.fifths)] for i in chosen]


def _players(rng: np.random.Generator, sung: bool) -> list[str]:
    """One to five different instruments, at least one that can play a tune; a voice first when there are lyrics."""
    count = int(rng.integers(1, 6))
    keys = [str(key) for key in rng.choice(PLAYERS, size=count, replace=False)]
    if sung:
        keys = ["voice", *(key for key in keys if key != "voice")][: max(count, 1)]
    if not any("melody" in INSTRUMENTS[key].roles and INSTRUMENTS[key].family != "bass" for key in keys):
        keys[0] = "piano" if "piano" not in keys else "flute"
    return keys


def _as_option(name: str, value: Any) -> Any:
    if name == "chords":
        return " ".join(symbol for bar in value for symbol in bar)
    if name in ("instruments", "without"):
        return ", ".join(value)
    return value


# --- the same as a sentence ---------------------------------------------------------------------


def _listed(names: Sequence[str], last: str, comma: str) -> str:
    return names[0] if len(names) == 1 else comma.join(names[:-1]) + last + names[-1]


#: Ways to say a field in English, a value in place of the braces.
_EN = {
    "key": ("in {}", "in the key of {}"),
    "meter": ("in {} time", "time signature {}", "metre {}", "in {}"),
    "tempo": ("at {} bpm", "tempo {}", "{} beats per minute", "with a tempo of {}", "played at {} BPM"),
    "bars": ("{} bars", "{} bars long", "{} measures", "lasting {} bars"),
    "duration": ("{} seconds", "{} seconds long", "lasting {} seconds", "about {} seconds in length"),
    "form": ("form {}", "structure: {}", "in {} form", "structured as {}"),
    "without": ("without {}", "no {}", "leave out the {}", "don't use {}"),
    "chords": ("chords {}", "chord progression: {}", "over the chords {}", "using the chords {}"),
}  # fmt: skip
_ZH = {
    "meter": ("{}拍", "拍号{}", "{}拍子"),
    "tempo": ("速度{}", "每分钟{}拍", "{} BPM", "速度约为{}", "BPM为{}"),
    "bars": ("{}小节", "共{}个小节", "长{}小节"),
    "duration": ("{}秒", "时长{}秒钟", "大约{}秒", "长度{}秒左右"),
    "form": ("曲式{}", "结构：{}", "{}曲式", "曲式为{}"),
    "without": ("不要{}", "没有{}", "不用{}", "去掉{}"),
    "chords": ("和弦{}", "和弦进行：{}", "和弦走向是{}", "用{}这几个和弦"),
}  # fmt: skip


def english(meant: dict[str, Any], rng: np.random.Generator) -> str:
    """A wish as an English sentence, phrased as people phrase it (drawn from a few ways).

    >>> english({"key": "G minor", "tempo": 92.0, "bars": 12}, np.random.default_rng(0))
    'a piece in the key of G minor, with a tempo of 92, 12 measures'
    """
    style = STYLES[meant["style"]].en.lower() if "style" in meant else ""
    first = f"a {style} piece" if style else "a piece"
    if "instruments" in meant:
        names = [INSTRUMENTS[key].en for key in meant["instruments"]]
        first += _one_of((" for {}", " with {}", " played by {}"), rng).format(_listed(names, " and ", ", "))
    said = {name: _plain(meant[name]) for name in _EN if name in meant}
    if "without" in said:
        said["without"] = INSTRUMENTS[meant["without"][0]].en
    told = [_one_of(_EN[name], rng).format(value) for name, value in said.items()]
    return f"{first} {told[0]}, {', '.join(told[1:])}" if "key" in said else ", ".join([first, *told])


def chinese(meant: dict[str, Any], rng: np.random.Generator) -> str:
    """A wish as a Chinese sentence.

    >>> chinese({"key": "Eb major", "tempo": 92.0, "bars": 12}, np.random.default_rng(0))
    '来一首曲子，降E大调，速度约为92，共12个小节'
    """
    style = STYLES[meant["style"]].zh if "style" in meant else ""
    parts = [_one_of(("写一首", "来一首"), rng) + (f"{style}风格的曲子" if style else "曲子")]
    if "key" in meant:
        name, mode = meant["key"].split()
        sign = {"#": "升", "b": "降"}.get(name[1:], "")
        parts.append(f"{sign}{name[0]}{'大调' if mode == 'major' else '小调'}")
    if "instruments" in meant:
        names = [INSTRUMENTS[key].zh for key in meant["instruments"]]
        parts.append(_one_of(("用{}演奏", "乐器有{}", "由{}演奏"), rng).format(_listed(names, "和", "、")))
    said = {name: _plain(meant[name]) for name in _ZH if name in meant}
    if "without" in said:
        said["without"] = INSTRUMENTS[meant["without"][0]].zh
    return "，".join([*parts, *(_one_of(_ZH[name], rng).format(value) for name, value in said.items())])


def _one_of(ways: Sequence[str], rng: np.random.Generator) -> str:
    return ways[int(rng.integers(len(ways)))]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(symbol for bar in value for symbol in bar)
    return f"{value:g}" if isinstance(value, float) else str(value)


def read_back(wish: Wish, language: str) -> dict[str, bool]:
    """Whether the text reader found what a wish's sentence means: field -> agreed; every meant field is judged.

    A field that the sentence can't be read for at all (InputError) counts as not found.
    """
    from yuefu.errors import InputError
    from yuefu.text.reader import read_words

    try:
        heard = {name: found.value for name, found in read_words(wish.words[language]).items()}
    except InputError:
        heard = {}
    return {name: _means(name, value, heard.get(name)) for name, value in wish.meant.items()}


def _means(name: str, meant: Any, heard: Any) -> bool:
    if heard is None:
        return False
    if name == "form":
        from yuefu.text.form import parse_form

        return [item.letter for item in parse_form(meant)] == [item.letter for item in heard]
    if name in ("instruments", "without"):
        return sorted(meant) == sorted(heard)
    return bool(meant == heard)
