"""A document as a page needs it: all of it there, in plain words and plain numbers, at once."""

import json
import re
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from web_pieces import composed, composed_document, small, small_score

from yuefu.errors import UnknownNameError
from yuefu.score.model import Part, Score, make_notes
from yuefu.score.performed import PERFORMED_DTYPE, Performance
from yuefu.workflows.documents import Document, document_of_score
from yuefu.workflows.edits import apply_edits
from yuefu.workflows.report_sentences import finding_sentence
from yuefu.workflows.views import compare, grid_view, held, jianpu_pages_of, playback_view, report_view, score_pages


def finding(field, asked, found, met, words=(), confidence=None, source="text"):
    return {"field": field, "asked": asked, "found": found, "met": met, "words": words, "confidence": confidence,
            "source": source}  # fmt: skip


def test_the_grid_has_every_cell_and_what_is_heard():
    """Bars, sections, chords, parts, notes and syllables, with the velocities that are played."""
    document = small()
    view = grid_view(document)
    assert [bar["number"] for bar in view["bars"]] == [1, 2, 3, 4]
    assert [(s["letter"], s["first_bar"], s["bars"]) for s in view["sections"]] == [("A", 1, 2), ("B", 3, 2)]
    assert [chord["symbol"] for chord in view["chords"]] == ["C", "F", "G7", "C"]
    assert [part["row"] for part in view["parts"]] == ["melody", "bass", "drums"]
    assert view["parts"][0]["syllables"][0] == [1, "Morn", "begin", 1, False]
    played = document.performance()
    for part in view["parts"]:
        notes = np.array(part["notes"])
        assert notes[:, 4].tolist() == played.notes[part["id"]]["velocity"].tolist()
    assert json.loads(json.dumps(view, allow_nan=False))["length"] == 384


def test_a_pickup_is_bar_nought():
    """Bars are counted as musicians count them."""
    score = replace(small_score(), pickup=24, sections=(), chords=(), length=0)
    assert [bar["number"] for bar in grid_view(document_of_score(score))["bars"]][:2] == [0, 1]


def test_playback_is_the_performance_in_seconds():
    """Every note at its second; the clock goes up with the ticks to the end of the piece."""
    document = small()
    view = playback_view(document)
    played = document.performance()
    for part in view["parts"]:
        notes = played.notes[part["id"]]
        assert [note[0] for note in part["notes"]] == notes["id"].tolist()
        seconds = notes["start"] / 48  # 120 to the minute: 48 ticks a second
        before = np.array([note[1] for note in part["notes"]])
        slowed = before[:-1] >= seconds[:-1] - 1e-3
        assert slowed.all()
    ticks, seconds = zip(*view["clock"])
    assert list(ticks) == sorted(set(ticks))
    assert list(seconds) == sorted(seconds)
    assert (ticks[0], ticks[-1]) == (0, 384)
    assert view["duration"] >= seconds[-1]


def test_the_pedal_holds_notes_until_it_is_lifted_or_they_are_struck_again():
    """A note that ends under a pressed pedal sounds on; the same pitch struck anew ends it."""
    rows = [(1, 0.0, 10.0, 60, 80), (2, 20.0, 10.0, 60, 80), (3, 0.0, 10.0, 64, 80), (4, 60.0, 10.0, 67, 80)]
    notes = np.array(rows, dtype=PERFORMED_DTYPE)
    score = Score(parts=(Part("P1", "Piano", "keys", notes=make_notes([(i, 0, 1, 60, 1) for i in range(1, 5)])),))
    performance = Performance(score, {"P1": notes}, score.tempos, {"P1": ((3.0, True), (48.0, False))})
    assert held(performance, "P1").tolist() == [20.0, 48.0, 48.0, 70.0]
    bare = Performance(score, {"P1": notes}, score.tempos)
    assert held(bare, "P1").tolist() == [10.0, 30.0, 10.0, 70.0]


def test_engraved_pages_name_every_note():
    """Each note of the score is found on the page by its id."""
    document = small()
    pages = score_pages(document)
    found = {int(number) for page in pages for number in re.findall(r'id="n(\d+)(?:t\d+)?"', page)}
    assert found == {int(number) for part in document.score.parts for number in part.notes["id"]}
    assert not any("<text" in page or "<style" in page for page in pages)


def test_jianpu_pages_name_the_tune_and_empty_pieces_have_none():
    """The tune's digits name their notes; a piece without music has no page of either kind."""
    found = {int(n) for page in jianpu_pages_of(small()) for n in re.findall(r'data-note="(\d+)"', page)}
    assert found == set(range(1, 17))
    empty = document_of_score(Score(parts=(Part("P1", "Piano"),), length=384))
    assert jianpu_pages_of(empty) == []
    assert score_pages(empty) == []
    assert playback_view(empty)["parts"][0]["notes"] == []
    assert len(grid_view(empty)["bars"]) == 4


def test_versions_are_compared_by_bars():
    """What changed is told by part and bar; the same is the same."""
    document = small()
    assert compare(document, small())["same"]
    edited = apply_edits(document, [
        {"op": "change_note", "id": 5, "pitch": 66}, {"op": "set_chords", "bars": "3", "text": "Dm"},
        {"op": "set_syllable", "note": 1, "text": "Eve"}, {"op": "tempo", "bpm": 100},
        {"op": "add_part", "row": "pad", "instrument": "strings"}, {"op": "remove_part", "id": "P3"},
    ])  # fmt: skip
    found = compare(document, edited)
    assert not found["same"]
    assert found["chords_changed"] == [3]
    assert found["words_changed"] == [1]
    assert found["facts"] == {"tempo": [120.0, 100.0]}
    parts = {part["id"]: part for part in found["parts"]}
    assert (parts["P1"]["bars_changed"], parts["P1"]["notes_added"], parts["P1"]["notes_removed"]) == ([2], 1, 1)
    assert (parts["P3"]["how"], parts["N1"]["how"]) == ("removed", "added")


@pytest.mark.parametrize(
    ("told", "en", "zh"),
    [
        (finding("tempo", 96.0, 96.0, True, ("96 bpm",)),
         "You asked for 96 BPM (from “96 bpm”); it is 96.", "你要每分钟 96 拍（来自“96 bpm”），实际是 96。"),
        (finding("tempo", 96.0, 92.5, False, source="user"),
         "You asked for 96 BPM; it is 92.5, which isn't what was asked.", "你要每分钟 96 拍，实际是 92.5，没有做到。"),
        (finding("key", "G major", {"written": "G major", "heard": "E minor"}, True, source="user"),
         "You asked for G major; it is in G major, heard as E minor.", "你要G大调，实际是G大调，听来像E小调。"),
        (finding("valence", 0.6, 0.3, True, ("happy",), 0.6),
         "Your words sound bright (from “happy”, read without much confidence); the music measures rather bright.",
         "你的话听来明亮（来自“happy”，把握不大），音乐测得略为明亮。"),
        (finding("style", "folk", None, None, ("folk song",)),
         "You asked for folk (from “folk song”); nothing measures that reliably.",
         "你要民谣风格（来自“folk song”）；这一点没有可靠的量法。"),
        (finding("duration", 90, 88.2, True, source="llm"),
         "You asked for 1:30 (chosen by the language model); it lasts 1:28.",
         "你要 1 分 30 秒（语言模型所定），实际长 1 分 28 秒。"),
    ],
    ids=range(6),
)  # fmt: skip
def test_findings_are_plain_sentences(told, en, zh):
    """Each wish is a sentence: what was asked, where that came from, what came of it."""
    assert finding_sentence(told, False) == en
    assert finding_sentence(told, True) == zh


@pytest.mark.model
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_says_everything_in_words(language):
    """Findings with the unmet first, the words line by line, the nearest piece, licences, the seed."""
    document = composed_document()
    view = report_view(document, language)
    met = [found["met"] for found in view["findings"]]
    assert met == sorted(met, key=lambda value: (value is not False, value is None))
    assert len(view["findings"]) == len(composed().report.findings)
    assert [line["text"] for line in view["lyrics"]["lines"]] == [
        "床前明月光",
        "疑是地上霜",
        "举头望明月",
        "低头思故乡",
    ]
    assert view["originality"]["compared_with"] > 10_000
    assert len(view["licences"]["sets"]) > 10
    assert all(one["licence"] for one in view["licences"]["sets"])
    assert str(composed().seed) in view["replay"]["sentence"]
    assert not view["edited"]
    ends = "。" if language == "zh" else "."
    for text in [found["sentence"] for found in view["findings"]] + [view["summary"], view["originality"]["sentence"]]:
        assert text.endswith(ends)
        assert "None" not in text
        assert "{" not in text
    json.dumps(view, allow_nan=False)


@pytest.mark.model
def test_an_edited_piece_is_measured_anew():
    """After an edit the report tells of the piece as it is: a wish that was met may not be any more."""
    edited = apply_edits(composed_document(), [{"op": "tempo", "bpm": 140}])
    view = report_view(edited, "en")
    assert view["edited"]
    assert view["findings"][0]["field"] == "tempo"
    assert view["findings"][0]["met"] is False
    assert "it is 140" in view["findings"][0]["sentence"]
    assert "edited" in view["summary"]


@pytest.mark.model
def test_a_piece_from_elsewhere_has_what_can_be_measured():
    """Nothing was asked of an import; its words and its nearest known piece are told all the same."""
    view = report_view(small(), "en")
    assert view["findings"] == []
    assert view["lyrics"]["lines"][0]["text"]
    assert view["originality"]["compared_with"] > 10_000
    assert view["replay"] is None


def test_another_language_is_refused():
    """The report speaks English and Chinese."""
    with pytest.raises(UnknownNameError):
        report_view(small(), "fr")


@pytest.mark.model
def test_views_are_quick():
    """From the bytes of a song, grid and playback take less than a tenth of a second, on a busy machine too."""
    data = composed_document().to_bytes()
    times = []
    for _ in range(3):
        begun = perf_counter()
        document = Document.from_bytes(data)
        grid_view(document)
        playback_view(document)
        times.append(perf_counter() - begun)
    assert min(times) < 0.1
