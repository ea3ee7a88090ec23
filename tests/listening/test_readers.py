"""Readers: what each format tells, what is refused, and that no file makes them fail otherwise."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuefu.errors import FormatError, InputError, LimitError, UnknownNameError
from yuefu.listening.event import KINDS
from yuefu.listening.readers import FORMATS, Found, read_listening
from yuefu.listening.readers.archive import members_of
from yuefu.listening.readers.files import read_bytes
from yuefu.listening.readers.found import moment_of
from yuefu.listening.readers.hetrec import read_contents

AT = datetime(2018, 4, 6, 10, 3, tzinfo=UTC)
UTS = "1523008980"
SONG = "track:nina simone - feeling good"


def packed(**files: str | bytes) -> bytes:
    """A zip; "__" in a name stands for "/", "_dot_" for "."."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def attempt(call: Callable[[], Any]) -> tuple[Any, str]:
    """What a reader gives, or None and the sentence with which it refuses."""
    try:
        return call(), ""
    except InputError as error:
        said = str(error)
    assert said.endswith(".")
    return None, said


def told(found: Found) -> list[tuple[Any, ...]]:
    return [(event.item, event.kind, event.moment) for event in found.events]


TABLES = {
    "english": "Artist,Track,Time\nNina Simone,Feeling Good,2018-04-06 10:03\n",
    "chinese": "歌手,歌名,播放时间\nNina Simone,Feeling Good,2018年04月06日 10:03\n",
    "semicolons": "artist name;song name;played at\nNina Simone;Feeling Good;2018-04-06T10:03:00Z\n",
    "tabs": "artist\ttitle\tts\nNina Simone\tFeeling Good\t1523008980000\n",
    "zone": "artist,title,time\nNina Simone,Feeling Good,2018-04-06T18:03:00+08:00\n",
    "lastfm without headers": "Nina Simone,I Put a Spell on You,Feeling Good,06 Apr 2018 10:03\n",
    "lastfm with headers": (
        '"uts","utc_time","artist","artist_mbid","album","album_mbid","track","track_mbid"\n'
        f'"{UTS}","06 Apr 2018, 10:03","Nina Simone","","I Put a Spell on You","","Feeling Good",""\n'
    ),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_table_is_read_whatever_its_headers_and_encoding(name: str, encoding: str) -> None:
    """English and Chinese headers, several delimiters, forms of time and encodings all tell the same play."""
    found = read_bytes(TABLES[name].encode(encoding))
    assert told(found) == [(SONG, "play", AT)]
    assert found.format == found.events[0].source == ("lastfm" if "lastfm" in name else "csv")
    assert found.timed
    assert found.music[SONG].title == "Feeling Good"
    assert found.music[SONG].creator == "Nina Simone"


def test_every_kind_can_be_told_in_a_table_in_both_languages() -> None:
    """Kinds by their names and by Chinese ones, with second, value, device, context, text, id and user."""
    rows = ["user,artist,title,time,kind,second,rating,plays,device,context,text,id"]
    rows += [f"ann,A,B,2020-01-0{1 + at % 9},{kind},30,4,7,phone,study,hello,e{at}" for at, kind in enumerate(KINDS)]
    found = read_bytes("\n".join(rows).encode())
    assert [event.kind for event in found.events] == list(KINDS)
    event = found.events[KINDS.index("rate")]
    assert (event.listener, event.second, event.value, event.device, event.context, event.text, event.id) == (
        "ann", 30, 4, "phone", "study", "hello", f"e{KINDS.index('rate')}",
    )  # fmt: skip
    assert found.events[KINDS.index("repeat")].value == 7
    assert found.events[KINDS.index("search")].item == ""
    chinese = (
        "歌手,歌名,时间,行为\nA,B,2020-01-01,听完\nA,B,2020-01-02,跳过\nA,B,2020-01-03,喜欢\nA,B,2020-01-04,收藏\n"
    )
    assert [event.kind for event in read_bytes(chinese.encode()).events] == ["finish", "skip", "like", "save"]


def test_ratings_and_counts_need_no_kind_and_no_time() -> None:
    """A column of ratings or of plays says what happened; a table without times is of its file's day, and says so."""
    undated = datetime(2020, 2, 2, tzinfo=UTC)
    found = read_bytes(b"artist,rating\nA,4\nB,1\n", undated=undated)
    assert [(event.kind, event.value, event.moment) for event in found.events] == [
        ("rate", 4, undated), ("rate", 1, undated),
    ]  # fmt: skip
    assert not found.timed
    assert [(event.kind, event.value) for event in read_bytes(b"artist,plays\nA,12\n").events] == [("repeat", 12)]


def test_rows_that_cannot_be_read_are_counted_with_examples() -> None:
    """A broken time, an unknown kind and a row without music are told, and the others stay."""
    data = b"artist,title,time,kind\nA,B,yesterday,play\nA,B,soon,play\nA,B,2020-01-01,smell\n,,2020-01-01,play\n\n"
    found = read_bytes(data + b"A,B,2020-01-01,play\n")
    assert len(found.events) == 1
    assert sum(found.unreadable.values()) == 4
    assert found.unreadable["isn't a moment"] == 2
    assert any("yesterday" in row for row in found.examples["isn't a moment"])


PAGE = {
    "recenttracks": {
        "track": [
            {"artist": {"#text": "Now"}, "name": "Playing", "@attr": {"nowplaying": "true"}},
            {"artist": {"#text": "Nina Simone"}, "name": "Feeling Good", "loved": "1", "date": {"uts": UTS}},
            {"artist": {"name": "Nina Simone"}, "name": "Feeling Good", "loved": "1", "date": {"uts": "1522008980"}},
            {"artist": {"#text": "X"}, "name": "Undated", "date": {}},
        ],
        "@attr": {"user": "me", "page": "1"},
    }
}


@pytest.mark.parametrize(
    "text",
    [json.dumps(PAGE), json.dumps([PAGE]), json.dumps(PAGE) + "\n", json.dumps(PAGE["recenttracks"]["track"]),
     json.dumps(PAGE, indent=2)],
)  # fmt: skip
def test_pages_of_lastfm_are_read(text: str) -> None:
    """Pages, lists of them and tracks alone: plays with one like for what is loved; what plays now isn't counted."""
    found = read_bytes(text.encode())
    assert found.format == "lastfm"
    assert [event.kind for event in found.events] == ["play", "like", "play"]
    assert told(found)[0] == (SONG, "play", AT)
    assert sum(found.unreadable.values()) == 1


def test_pages_one_after_another_and_single_tracks_are_read() -> None:
    """JSON lines of pages, and a page whose only track stands without a list, as Last.fm writes it."""
    single = {"recenttracks": {"track": PAGE["recenttracks"]["track"][1]}}
    assert len(read_bytes("\n".join([json.dumps(single)] * 3).encode()).events) == 4  # three plays, one like
    loved = {"lovedtracks": {"track": [{"artist": {"name": "A"}, "name": "B", "date": {"uts": UTS}}]}}
    assert [event.kind for event in read_bytes(json.dumps(loved).encode()).events] == ["like"]


LISTEN = {
    "listened_at": int(UTS),
    "recording_msid": "m-1",
    "track_metadata": {
        "artist_name": "Nina Simone", "track_name": "Feeling Good",
        "additional_info": {"duration_ms": 174_000, "media_player": "Rhythmbox"},
    },
}  # fmt: skip
FEEDBACK = [{"recording_msid": "m-1", "score": 1, "created": int(UTS) + 9},
            {"recording_msid": "unheard", "score": 1, "created": int(UTS)}]  # fmt: skip


def test_an_export_of_listenbrainz_is_read() -> None:
    """The zip's listens of all months, and feedback on recordings that a listen names, wherever they stand."""
    data = packed(
        feedback_dot_jsonl="\n".join(map(json.dumps, FEEDBACK)), user_dot_json='{"user_id": 1}',
        listens__2018__4_dot_jsonl=json.dumps(LISTEN) + "\n" + json.dumps({**LISTEN, "listened_at": "never"}) + "\n",
    )  # fmt: skip
    found = read_bytes(data, listener="me")
    assert [(event.listener, event.item, event.kind) for event in found.events] == [
        ("me", SONG, "play"), ("me", SONG, "like"),
    ]  # fmt: skip
    assert found.events[0].device == "Rhythmbox"
    assert found.music[SONG].seconds == 174
    assert sum(found.unreadable.values()) == 2


@pytest.mark.parametrize(
    "text", [json.dumps([LISTEN]), json.dumps({"payload": {"listens": [LISTEN]}}), json.dumps(LISTEN)]
)
def test_listens_as_json_are_read(text: str) -> None:
    """A list, an answer of the API, a single listen."""
    assert told(read_bytes(text.encode())) == [(SONG, "play", AT)]


def test_a_broken_line_costs_no_other_line() -> None:
    """JSON lines with rubbish amid them: the rubbish is counted, the rest is read."""
    lines = [json.dumps(LISTEN), '{"listened_at": ', "rubbish", json.dumps({**LISTEN, "listened_at": 1523009980})]
    found = read_bytes("\n".join(lines).encode())
    assert len(found.events) == 2
    assert found.unreadable["broken JSON"] >= 1


HETREC = {
    "artists.dat": "id\tname\turl\tpictureURL\n1\tMALICE MIZER\tu\tp\n2\tBj\u00f6rk\tu\tp\n".encode("latin-1"),
    "user_artists.dat": b"userID\tartistID\tweight\n7\t1\t13883\n7\t2\t5\n8\t2\t1\n8\t99\t1\n8\n",
    "tags.dat": b"tagID\ttagValue\n13\tchillout\n",
    "user_taggedartists.dat": b"userID\tartistID\ttagID\tday\tmonth\tyear\n"
    b"7\t2\t13\t1\t4\t2009\n7\t2\t13\t1\t44\t2009\n",
}


def test_hetrec_is_read_from_its_folder_and_its_zip(tmp_path: Path) -> None:
    """Counts are repeats of artists, tags are comments on their day and tags of the music; broken rows are counted."""
    for name, content in HETREC.items():
        (tmp_path / name).write_bytes(content)
    found = read_listening(tmp_path)
    assert [(event.listener, event.item, event.kind, event.value) for event in found.events] == [
        ("7", "artist:malice mizer", "repeat", 13883), ("7", "artist:björk", "repeat", 5),
        ("8", "artist:björk", "repeat", 1), ("7", "artist:björk", "comment", None),
    ]  # fmt: skip
    assert found.events[-1].moment == datetime(2009, 4, 1, tzinfo=UTC)
    assert found.music["artist:björk"].tags == ("chillout",)
    assert not found.timed
    assert sum(found.unreadable.values()) == 3
    zipped = read_bytes(packed(**{f"set__{name.replace('.', '_dot_')}": content for name, content in HETREC.items()}))
    assert told(zipped) == told(found)


def test_hetrec_without_its_tables_is_refused(tmp_path: Path) -> None:
    """An empty folder isn't the data set, nor is a folder of another format."""
    with pytest.raises(FormatError, match=r"artists\.dat"):
        read_listening(tmp_path)
    with pytest.raises(InputError, match="folder"):
        read_listening(tmp_path, "csv")


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"", "auto"), (b" \n", "auto"), (b"\x00\x01\x02\xff", "auto"), (b"a,b\n1,2\n", "auto"),
        (b"artist,title,time\n", "auto"), (b"{}", "auto"), (b"[]", "auto"), (b"[1, 2]", "lastfm"),
        (b"{}", "csv"), (b"PK\x03\x04" + b"\0" * 60, "auto"), (packed(a_dot_txt="x"), "auto"),
        (packed(a_dot_csv="artist,title"), "csv"), (b"artist,time\nA,2020-01-01\n", "hetrec"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "auto"), (b'"' * 200_000, "csv"), (b"not json", "listenbrainz"),
    ],
)  # fmt: skip
def test_what_is_no_listening_is_refused_in_a_sentence(tmp_path: Path, data: bytes, form: str) -> None:
    """Empty, binary, foreign and broken files: an input error that says what to give, or rows that are counted."""
    path = tmp_path / "it.csv"
    path.write_bytes(data)
    found, said = attempt(lambda: read_listening(path, form))
    if found is None:
        assert ":" in said
    else:
        assert found.events == []
        assert found.unreadable


def test_names_that_are_not_there_are_refused(tmp_path: Path) -> None:
    """A missing file and an unknown format."""
    with pytest.raises(InputError, match="missing"):
        read_listening(tmp_path / "missing.csv")
    with pytest.raises(UnknownNameError, match="lastfm"):
        read_listening(tmp_path, "last-fm")
    assert "auto" in FORMATS


def test_a_zip_that_expands_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a zip says of its sizes isn't believed: reading stops at the limit. Too many members are refused too."""
    monkeypatch.setattr("yuefu.listening.readers.archive.MAX_UNPACKED", 100_000)
    with pytest.raises(LimitError, match="expands to more"):
        read_bytes(packed(listens_dot_json=" " * 2_000_000))
    monkeypatch.setattr("yuefu.listening.readers.archive.MAX_MEMBERS", 1)
    with pytest.raises(LimitError, match="files"):
        members_of(packed(a_dot_json="1", b_dot_json="2"), (".json",))


def test_too_many_events_and_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits on events and bytes are said."""
    monkeypatch.setattr("yuefu.listening.readers.found.MAX_EVENTS", 3)
    with pytest.raises(LimitError, match="split it"):
        read_bytes(b"artist,time\n" + b"A,2020-01-01\n" * 4)
    monkeypatch.setattr("yuefu.listening.readers.files.MAX_BYTES", 10)
    (tmp_path / "big.csv").write_text("artist,time\nA,2020-01-01\n")
    with pytest.raises(LimitError, match="split it"):
        read_listening(tmp_path / "big.csv")


def test_json_nested_without_end_is_no_fault() -> None:
    """Depth is limited: a hundred thousand brackets are broken JSON, or hold no track."""
    for data in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 900 + b"]" * 900, b'{"listened_at": ' + b"9" * 5000 + b"}"):
        try:
            found = read_bytes(data)
        except InputError:
            continue
        assert found.events == []


def test_reasons_stay_few_however_many_rows_are_broken() -> None:
    """Ten thousand different broken times are one reason."""
    rows = "".join(f"A,when{number}\n" for number in range(10_000))
    found = read_bytes(("artist,time\n" + rows).encode())
    assert dict(found.unreadable) == {"isn't a moment": 10_000}


def no_traceback(data: bytes, form: str) -> None:
    found, _ = attempt(lambda: read_bytes(data, form))
    for event in found.events if found is not None else ():
        assert event.kind in KINDS
        assert event.moment.tzinfo is not None
        assert len(event.item) <= 300


fuzz = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@fuzz
@given(st.binary(max_size=400), st.sampled_from(FORMATS))
def test_any_bytes_are_read_or_refused(data: bytes, form: str) -> None:
    """Whatever bytes, each reader reads or refuses them in a sentence."""
    no_traceback(data, form)
    no_traceback(b"PK\x03\x04" + data, form)


@fuzz
@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=6), max_size=6))
def test_any_table_is_read_or_refused(rows: list[list[str]]) -> None:
    """Whatever cells under real headers."""
    out = io.StringIO()
    csv.writer(out).writerows([["artist", "title", "time", "kind", "second", "rating"], *rows])
    no_traceback(out.getvalue().encode("utf-8", "replace"), "csv")


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
names = st.sampled_from(
    ["recenttracks", "track", "artist", "name", "#text", "date", "uts", "@attr", "loved", "listened_at", "payload",
     "track_metadata", "artist_name", "track_name", "additional_info", "duration_ms", "score", "created",
     "recording_msid"]
)  # fmt: skip
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5))


@fuzz
@given(trees, st.sampled_from(["auto", "lastfm", "listenbrainz"]), st.integers(0, 30))
def test_any_json_is_read_or_refused(tree: Any, form: str, cut: int) -> None:
    """Whatever values under the names that the readers look for, whole or cut off."""
    data = json.dumps(tree).encode()
    no_traceback(data, form)
    no_traceback(data[: max(0, len(data) - cut)], form)


@fuzz
@given(st.dictionaries(st.sampled_from(list(HETREC)), st.binary(max_size=200) | st.text(max_size=200).map(str.encode)))
def test_any_tables_of_hetrec_are_read_or_refused(contents: dict[str, bytes]) -> None:
    """Whatever stands in the set's files, beside good ones and alone."""
    for files in (contents, {**HETREC, **contents}):
        found, _ = attempt(lambda given=files: read_contents(given))
        assert found is None or found.events


@fuzz
@given(st.text(max_size=30) | st.integers() | st.floats() | st.datetimes().map(str))
def test_any_moment_is_read_in_utc_or_refused(value: Any) -> None:
    """A moment is in UTC, or an input error."""
    moment, said = attempt(lambda: moment_of(value))
    assert said if moment is None else moment.utcoffset() == timedelta(0)
