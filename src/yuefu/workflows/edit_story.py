"""A list of edits told in one line, for a history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from yuefu.errors import InputError
from yuefu.theory.instruments import find_instrument
from yuefu.theory.key import Key

#: Most different things that are told.
_MOST = 4
_LONGEST = 120
#: What happened to notes, in English (one, several) and Chinese.
_NOTES = {
    "add_note": ("1 note added", "{} notes added", "添加 {} 个音"),
    "moved": ("1 note moved", "{} notes moved", "移动 {} 个音"),
    "stretched": ("1 note stretched", "{} notes stretched", "改动 {} 个音的时值"),
    "loudness": ("loudness of 1 note", "loudness of {} notes", "{} 个音的力度"),
    "delete_notes": ("1 note deleted", "{} notes deleted", "删去 {} 个音"),
    "set_syllable": ("1 syllable changed", "{} syllables changed", "改动 {} 个字"),
}  # fmt: skip


def describe(edits: Iterable[Any], language: str = "en") -> str:
    """What a list of edits did, in one line. language: ``"zh"`` for Chinese, else English.

    >>> describe([{"op": "change_note", "id": 3, "pitch": 62}, {"op": "tempo", "bpm": 96}])
    '1 note moved, tempo 96'
    >>> describe([{"op": "tempo", "bpm": 96}], "zh")
    '速度 96'
    """
    zh = language == "zh"
    counts: Counter[str] = Counter()
    told: list[str] = []
    for edit in edits:
        if not isinstance(edit, Mapping):
            continue
        name = str(edit.get("op"))
        if name == "change_note":
            moved, long = edit.get("pitch", edit.get("start")), edit.get("duration")
            counts["moved" if moved is not None else "stretched" if long is not None else "loudness"] += 1
        elif name == "delete_notes":
            ids = edit.get("ids")
            counts[name] += len(ids) if isinstance(ids, (list, tuple)) else 1
        elif name in _NOTES:
            counts[name] += 1
        elif text := _told(name, edit, zh):
            told.append(text)
    notes = [
        _NOTES[name][2].format(count) if zh else _NOTES[name][count > 1].format(count) for name, count in counts.items()
    ]
    everything = list(dict.fromkeys([*notes, *told]))
    shown, more = everything[:_MOST], len(everything) - _MOST
    if more > 0:
        shown.append(f"另 {more} 处" if zh else f"{more} more")
    line = ("，" if zh else ", ").join(shown) or ("未作改动" if zh else "nothing changed")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _told(name: str, edit: Mapping[str, Any], zh: bool) -> str:
    def said(field: str) -> str:
        value = edit.get(field)
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return " ".join(text.split())[:40]

    bars = f"第 {said('bars')} 小节" if zh else f"bars {said('bars')}"
    if edit.get("bars") is None:
        bars = "全曲" if zh else "the whole piece"
    if name == "set_chords":
        return f"{bars}的和弦" if zh else f"chords of {bars}"
    if name == "set_lyrics":
        return f"{bars}的歌词" if zh else f"words of {bars}"
    if name == "clear":
        return f"清空{bars}" if zh else f"{bars} cleared"
    if name == "part":
        return _part(edit, said, zh)
    if name == "add_part":
        return f"添加{_instrument(said('instrument'), zh)}" if zh else f"{_instrument(said('instrument'), zh)} added"
    if name == "remove_part":
        return "移除一个声部" if zh else "a part removed"
    if name == "tempo":
        return f"速度 {said('bpm')}" if zh else f"tempo {said('bpm')}"
    if name == "key":
        return f"移到{_key(said('key'), zh)}" if zh else f"moved to {_key(said('key'), zh)}"
    if name == "title":
        return f"题为《{said('title')}》" if zh else f"titled “{said('title')}”"
    if name == "section":
        return "段落名" if zh else "a section's name"
    return ""


def _part(edit: Mapping[str, Any], said: Any, zh: bool) -> str:
    if edit.get("instrument") is not None:
        name = _instrument(said("instrument"), zh)
        return f"换成{name}" if zh else f"played by {name}"
    if edit.get("name") is not None:
        return f"声部名“{said('name')}”" if zh else f"part named “{said('name')}”"
    return "混音" if zh else "mix"


def _instrument(name: str, zh: bool) -> str:
    try:
        found = find_instrument(name)
    except InputError:
        return name
    return found.zh if zh else found.en


def _key(name: str, zh: bool) -> str:
    from yuefu.analysis.facts_text import key_name

    try:
        return key_name(Key.parse(name), "zh" if zh else "en")
    except InputError:
        return name
