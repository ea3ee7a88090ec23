"""Tables: CSV with headers in English or Chinese, and those of Last.fm's exporters without any."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

from yuefu.errors import FormatError, InputError
from yuefu.listening.event import KINDS, Event
from yuefu.listening.item import MAX_ID, Music, music_of
from yuefu.listening.readers.found import Found, moment_of, number_of

#: Column -> how headers call it, folded and without what isn't a letter.
HEADERS = {
    "listener": ("listener", "user", "username", "userid", "用户", "听众", "用户名"),
    "item": ("item", "itemid", "piece", "pieceid", "作品", "作品编号"),
    "artist": ("artist", "artistname", "albumartist", "performer", "creator", "歌手", "艺人", "艺术家", "演唱者"),
    "title": ("title", "track", "trackname", "song", "songname", "name", "歌曲", "歌名", "曲名", "标题", "曲目"),
    "moment": ("time", "moment", "timestamp", "date", "datetime", "uts", "utctime", "playedat", "listenedat", "endtime",
               "ts", "时间", "日期", "播放时间"),
    "kind": ("kind", "event", "eventtype", "action", "type", "行为", "事件", "动作"),
    "rating": ("rating", "rate", "stars", "score", "评分", "打分", "星级"),
    "plays": ("plays", "count", "playcount", "times", "weight", "播放次数", "次数"),
    "second": ("second", "seconds", "position", "secondsplayed", "秒", "位置"),
    "value": ("value", "数值"),
    "device": ("device", "platform", "设备"),
    "context": ("context", "occasion", "场景", "情境"),
    "text": ("text", "comment", "query", "words", "评论", "搜索"),
    "id": ("id", "eventid"),
    "tags": ("tags", "genre", "genres", "标签", "风格"),
}  # fmt: skip
#: Chinese names of what happens, and others.
KIND_NAMES = {
    "播放": "play", "听": "play", "收听": "play", "听完": "finish", "完成": "finish", "跳过": "skip", "切歌": "skip",
    "重复": "repeat", "单曲循环": "repeat",
    "喜欢": "like", "赞": "like", "红心": "like", "不喜欢": "dislike", "踩": "dislike", "收藏": "save", "评分": "rate",
    "加入歌单": "playlist", "分享": "share", "评论": "comment", "搜索": "search", "listen": "play", "scrobble": "play",
    "love": "like", "loved": "like", "unlove": "dislike", "ban": "dislike", "skipped": "skip", "complete": "finish",
    "completed": "finish", "rating": "rate", "favorite": "save", "favourite": "save", "bookmark": "save",
    "add_to_playlist": "playlist",
}  # fmt: skip
_DELIMITERS = (",", "\t", ";")
_MAX_FIELD = 10_000


def read_table(data: bytes, *, listener: str = "", name: str = "the file", undated: datetime | None = None) -> Found:
    """The events of a table. Rows that can't be read are counted. Raises FormatError for what is no such table.

    undated: the moment of everything in a table without times; None: now.
    """
    undated = undated or datetime.now(UTC)
    text = _decoded(data, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = _rows(text, delimiter, name)
    header = next(rows, [])
    columns = _columns(header)
    found = Found("lastfm" if any(cell.strip().casefold() == "uts" for cell in header) else "csv")
    if not ({"artist", "title", "item"} & columns.keys()) and columns.get("kind") is None:
        columns = _headless(header, name)
        found.format = "lastfm"
        _read(header, columns, found, listener, undated)
    found.timed = "moment" in columns
    for row in rows:
        if any(cell.strip() for cell in row):
            _read(row, columns, found, listener, undated)
    if not found.events and not found.unreadable:
        raise FormatError(f"{name} has headers and no rows: give a table with at least one event.")
    return found


def _rows(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter)
    except csv.Error as error:
        raise FormatError(f"{name} isn't a table that can be read ({error}): save it as CSV again.") from error


def _decoded(data: bytes, name: str) -> str:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise FormatError(f"{name} isn't text: give CSV, JSON, or the zip of ListenBrainz.")


def _columns(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(header[:100]):
        plain = "".join(char for char in cell.casefold() if char.isalpha())
        for column, names in HEADERS.items():
            if plain in names:
                found.setdefault(column, at)
    return found


def _headless(row: list[str], name: str) -> dict[str, int]:
    """Artist, album, title, date: as the oldest of Last.fm's exporters write it."""
    if len(row) >= 3:
        try:
            moment_of(row[-1])
        except InputError:
            pass
        else:
            return {"artist": 0, "title": min(2, len(row) - 2), "moment": len(row) - 1}
    raise FormatError(
        f"{name} has no column that names music: give headers such as artist, title, time (歌手, 歌名, 时间)."
    )


def _read(row: list[str], columns: dict[str, int], found: Found, listener: str, undated: datetime) -> None:
    """One row; one that can't be read is counted."""
    cells = {column: row[at].strip()[:_MAX_FIELD] for column, at in columns.items() if at < len(row)}
    try:
        kind = _kind(cells)
        moment = moment_of(cells["moment"]) if cells.get("moment") else None
        music = _music(cells) if kind != "search" else None
    except InputError as error:
        found.skip(str(error).partition(":")[0], ", ".join(row))
        return
    if moment is None:
        if "moment" in columns:
            found.skip("no time", ", ".join(row))
            return
        moment = undated
    item = cells.get("item", "") if music is None else music.id
    value = _value(cells, kind)
    found.add(
        Event(
            cells.get("listener") or listener, "" if kind == "search" else item[:MAX_ID], kind, moment,
            number_of(cells.get("second", "")), value, cells.get("device", ""), cells.get("context", ""),
            cells.get("text", ""), cells.get("id", ""), found.format,
        ),
        music,
    )  # fmt: skip


def _kind(cells: dict[str, str]) -> str:
    told = cells.get("kind", "").casefold()
    if not told:
        return "rate" if cells.get("rating") else "repeat" if cells.get("plays") else "play"
    kind = KIND_NAMES.get(told, told)
    if kind not in KINDS:
        raise InputError(f"'{told[:30]}' isn't a kind of event: use {', '.join(KINDS)}.")
    return kind


def _music(cells: dict[str, str]) -> Music | None:
    if cells.get("item", "").startswith(("piece:", "track:", "artist:")):
        return None
    title = cells.get("title", "") or cells.get("item", "")
    tags = tuple(filter(None, (tag.strip().casefold()[:50] for tag in cells.get("tags", "").split("|"))))
    return music_of(cells.get("artist", ""), title, tags)


def _value(cells: dict[str, str], kind: str) -> float | None:
    column = {"rate": "rating", "repeat": "plays"}.get(kind, "value")
    return number_of(cells.get(column) or cells.get("value", ""))
