"""Random edits: valid ones keep a score sound, junk is refused, and nothing else ever happens."""

from contextlib import suppress

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_pieces import small

from yuefu.errors import YuefuError
from yuefu.score.check import check_score
from yuefu.score.midi import midi_bytes
from yuefu.score.musicxml_read import read_musicxml
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.workflows.comparing import compare
from yuefu.workflows.documents import Document
from yuefu.workflows.edits import apply_edits, describe
from yuefu.workflows.views import grid_view, playback_view

PARTS = ("P1", "P2", "P3")
BARS = st.sampled_from(["1", "2", "4", "1-2", "2-4", "1, 3"])
START = st.integers(0, 380)


def op(name, **fields):
    """An edit of one kind."""
    return st.fixed_dictionaries({"op": st.just(name), **fields})


NOTES = op(
    "add_note",
    part=st.sampled_from(PARTS),
    start=START,
    duration=st.integers(1, 4),
    pitch=st.integers(35, 81),
    velocity=st.integers(1, 127),
)
VALID = st.one_of(
    NOTES,
    op("change_note", id=st.integers(1, 16), start=START, duration=st.integers(1, 4), pitch=st.integers(0, 127)),
    op("change_note", id=st.integers(100, 103), velocity=st.integers(1, 127)),
    op("delete_notes", ids=st.lists(st.sampled_from([205, 206, 207]), min_size=1, max_size=2)),
    op("clear", rows=st.lists(st.sampled_from(["chords", "lyrics"]), min_size=1, max_size=2), bars=BARS),
    op("set_chords", bars=BARS, text=st.sampled_from(["C", "Am F", "", "N.C.", "C Dm Em", "F#m7b5/C"])),
    op("set_syllable", note=st.integers(1, 16), text=st.sampled_from(["la", "", "风", "wa-", "-ter", "-e-"])),
    op("part", id=st.sampled_from(PARTS[:2]), instrument=st.sampled_from(["violin", "cello", "二胡", "tuba"])),
    op("part", id=st.sampled_from(PARTS), volume=st.integers(0, 127), pan=st.integers(0, 127)),
    op("add_part", row=st.sampled_from(["keys", "pad", "counter"]), instrument=st.sampled_from(["piano", "strings"])),
    op("tempo", bpm=st.floats(20, 300)),
    op("key", key=st.sampled_from(["C major", "F# major", "Db major", "A major"])),
    op("title", title=st.text(max_size=20)),
    op("section", index=st.integers(0, 1), letter=st.sampled_from(["A", "b''", "C'"])),
)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def edited(document, edits):
    """After those of the edits that can be done: all of them, or one after the other."""
    try:
        return apply_edits(document, edits)
    except YuefuError:
        for one in edits:
            with suppress(YuefuError):
                document = apply_edits(document, [one])
        return document


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(st.lists(VALID, min_size=1, max_size=12))
def test_valid_edits_keep_a_score_sound(edits):
    """After any edits the score makes sense, comes back from bytes, plays, and can be written and read."""
    document = small()
    data = document.to_bytes()
    done = edited(document, edits)
    assert document.to_bytes() == data
    check_score(done.score)
    assert Document.from_bytes(done.to_bytes()).to_bytes() == done.to_bytes()
    played = done.performance()
    for part in done.score.parts:
        assert played.notes[part.id]["id"].tolist() == part.notes["id"].tolist()
        if len(part.notes):
            assert played.notes[part.id]["duration"].min() > 0
            assert played.notes[part.id]["velocity"].min() >= 1
    view = playback_view(done)
    assert all(seconds >= 0 and length > 0 for part in view["parts"] for _, seconds, length, *_ in part["notes"])
    grid_view(done)
    midi_bytes(done.score, played)
    assert read_musicxml(musicxml_bytes(done.score)).title == done.score.title
    assert len(describe(edits, "zh")) <= 120


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(NOTES, st.integers(1, 16))
def test_an_edit_changes_its_own_cell_only(add, number):
    """A note drawn and one deleted: every other part, and every other bar of these, is as it was."""
    document = small()
    done = apply_edits(document, [add, {"op": "delete_notes", "ids": [number]}])
    bars = {add["part"]: {add["start"] // 96 + 1}, "P1": {(number - 1) // 4 + 1}}
    if add["part"] == "P1":
        bars["P1"] = bars["P1"] | {add["start"] // 96 + 1}
    difference = compare(document, done)
    for part in difference["parts"]:
        assert set(part["bars_changed"]) <= bars[part["id"]]
    assert not difference["chords_changed"]
    before, after = document.performance(), done.performance()
    for name, old in before.notes.items():
        new = after.notes[name]
        left = old[np.isin(old["id"], new["id"])]
        assert np.array_equal(left["velocity"], new[np.isin(new["id"], old["id"])]["velocity"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ("part", "start", "duration", "pitch", "velocity", "id", "ids", "rows", "parts", "bars", "text", "verse",
          "note", "instrument", "name", "volume", "pan", "row", "bpm", "key", "title", "index", "kind",
          "letter")  # fmt: skip
NAMES = ("add_note", "change_note", "delete_notes", "clear", "set_chords", "set_lyrics", "set_syllable", "part",
         "add_part", "remove_part", "tempo", "key", "title", "section")  # fmt: skip
LIKELY = st.sampled_from([
    "P1", "P3", 1, 16, 0, 384, [1, 2], ["melody"], "1-2", "5", "C | F", "la la la", "钢琴", "keys", 96.0, "D major",
    "x", "[主歌]", "春 风\n吹", "a" * 130, "\ud800", "\x00", -1, 2**40, "-", "--", "|", "1=C",
])  # fmt: skip
JUNK = JSON | st.fixed_dictionaries({"op": st.sampled_from(NAMES)}).flatmap(
    lambda head: st.dictionaries(st.sampled_from(FIELDS), LIKELY | JSON, max_size=6).map(lambda rest: {**rest, **head})
)


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(st.lists(JUNK, min_size=1, max_size=3))
def test_junk_is_refused_and_breaks_nothing(edits):
    """Whatever arrives, either it is done and the score is sound, or a YuefuError says in one line why not."""
    said = ""
    try:
        done = apply_edits(small(), edits)
    except YuefuError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 2500
    if not said:
        check_score(done.score)
        done.to_bytes()
        done.performance()
    describe(edits, "en")
