"""Ideas through the whole system: kept on disk, turned by the engines, measured, and begun with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.inspire.songs import SOURCE, song
from tests.store.places import cluster, me, place, store

from yuefu.errors import InputError, LimitError
from yuefu.jobs.requests import parse_request
from yuefu.planning.plan import Plan
from yuefu.score.files import write_score
from yuefu.score.midi import read_midi
from yuefu.store import Store
from yuefu.text.brief import BriefOptions
from yuefu.workflows.compose import compose_plan
from yuefu.workflows.documents import document_of_score
from yuefu.workflows.inspire import (
    TURNS,
    Idea,
    IdeaDesk,
    Search,
    card,
    combine,
    fresh,
    idea_from_dict,
    idea_to_dict,
    ideas_of_data,
    ideas_of_score,
    midi_of,
    score_of,
    sparks,
    start_piece,
    surprising,
    turn,
)
from yuefu.workflows.inspire_sheet import sheet_svg
from yuefu.workflows.inspire_surprise import Surprise

__all__ = ["cluster", "me", "place", "store"]


def ideas() -> dict[str, Idea]:
    found: dict[str, Idea] = {}
    for idea in ideas_of_score(song(), SOURCE):
        found.setdefault(idea.kind, idea)
    return found


def test_files_are_read_once_and_the_same_ideas_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder's ideas are kept by the digest of its bytes: the second desk reads no score and finds the same."""
    folder = tmp_path / "songs"
    folder.mkdir()
    write_score(song(), folder / "a.musicxml")
    write_score(song("D major"), folder / "b.mid")
    (folder / "broken.mid").write_bytes(b"MThd nonsense")
    first = IdeaDesk(tmp_path / "kept").files([folder])
    assert "broken.mid" in first.left_out
    monkeypatch.setattr("yuefu.workflows.inspire_desk.read_score", lambda path: pytest.fail("read again"))
    (folder / "broken.mid").unlink()
    again = IdeaDesk(tmp_path / "kept").files([folder])
    assert [idea.id for idea in again.ideas] == [idea.id for idea in first.ideas]
    hits = again.search(Search(tune="67 69 72 71 67 64"), 3)
    assert hits[0].score > 0.95


def test_a_damaged_cache_is_found_anew(tmp_path: Path) -> None:
    """Whatever stands in a kept file, the ideas are those of the score."""
    write_score(song(), tmp_path / "a.mid")
    wanted = IdeaDesk(tmp_path / "kept").files([tmp_path / "a.mid"])
    for file in (tmp_path / "kept").rglob("*.json.gz"):
        file.write_bytes(b"\x1f\x8bnothing")
    found = IdeaDesk(tmp_path / "kept").files([tmp_path / "a.mid"])
    assert [i.id for i in found.ideas] == [i.id for i in wanted.ideas]


def test_no_scores_is_a_sentence(tmp_path: Path) -> None:
    """A folder without scores, and one where nothing can be read, are told."""
    with pytest.raises(InputError):
        IdeaDesk(tmp_path / "kept").files([tmp_path / "nowhere"])
    (tmp_path / "x.mid").write_bytes(b"no")
    with pytest.raises(InputError, match="no ideas"):
        IdeaDesk(tmp_path / "kept").files([tmp_path / "x.mid"])


def test_a_library_says_what_is_ones_own_and_what_was_brought(store: Store, me: str, tmp_path: Path) -> None:
    """A composed piece is yours; an imported one without rights is unknown; both say their piece and bars."""
    for title, kind, key in (("Mine", "compose", "C major"), ("Brought", "import", "C major")):
        score = song(key) if kind == "compose" else _other()
        store.pieces.create(me, title=title, document=document_of_score(score).to_bytes(), kind=kind)
    desk = IdeaDesk(tmp_path / "kept", store)
    index = desk.library(me)
    rights = {idea.source.title: (idea.source.licence, idea.source.free) for idea in index.ideas}
    assert rights["Mine"] == ("yours", True)
    assert rights["Brought"] == ("unknown", None)
    assert all(idea.source.piece.startswith("piece:") and idea.source.bars[0] >= 1 for idea in index.ideas)
    assert desk.library(me) is index
    assert len(desk.own_scores(me)) == 2


def _other() -> object:
    score = song()
    parts = tuple(
        part.with_notes(part.notes[np.isin(part.notes["start"] % 96, (0, 24, 72))]) for part in score.parts[:2]
    )
    from dataclasses import replace

    return replace(score, parts=parts)


def test_a_card_holds_what_a_page_needs() -> None:
    """Every kind has a card in both languages that is JSON, plays unless it is words, and gives its idea back."""
    for idea in [*ideas().values(), *sparks("rain", "en", n=2), *sparks("雨", "zh", n=2)]:
        for language in ("en", "zh"):
            told = json.loads(json.dumps(card(idea, language)))
            assert idea_from_dict(told["idea"]) == idea
            assert told["title"]
            assert told["source"]["sentence"]
            assert told["free_sentence"]
            words = idea.kind in ("lyric", "title")
            assert (told["playback"] is None) == words
            if not words:
                assert sum(len(part["notes"]) for part in told["playback"]["parts"]) > 0
                assert told["playback"]["duration"] > 0
    assert sheet_svg(list(ideas().values())).count("<g ") == len(ideas())


def test_a_midi_file_holds_the_idea_to_the_note() -> None:
    """What a card is dragged out as has its notes, where they were."""
    hook = ideas()["hook"]
    notes = read_midi(midi_of(hook)).parts[0].notes
    assert list(zip((notes["start"] / 24).tolist(), notes["pitch"].tolist(), strict=True)) == [
        (start, pitch) for _, start, _, pitch, _ in hook.notes
    ]
    assert score_of(hook, key="D major", tempo=140).tempos[0].bpm == 140
    with pytest.raises(InputError):
        score_of(sparks("rain", kinds=("title",))[0])


def test_an_upload_gives_its_ideas(tmp_path: Path) -> None:
    """The bytes of a MusicXML file with rights are as good as the score, and say them."""
    from dataclasses import replace

    write_score(replace(song(), metadata={"licence": "CC BY 4.0"}), tmp_path / "a.musicxml")
    found = ideas_of_data((tmp_path / "a.musicxml").read_bytes(), "a.musicxml")
    assert {"hook", "progression", "groove"} <= {idea.kind for idea in found}
    assert found[0].source.licence == "CC BY"


def test_a_request_to_compose_takes_cards_and_checks_them() -> None:
    """Ideas travel in a job's request as their cards' objects or JSON; damaged ones and too many are refused."""
    data = idea_to_dict(ideas()["hook"])
    request = parse_request("compose", {"ideas": [data, json.dumps(data)]})
    assert parse_request("compose", request.model_dump(mode="json")) == request
    for bad in ([{"kind": "hook"}], [data] * 13, ["{"], [{**data, "bars": 10**9}]):
        with pytest.raises(InputError):
            parse_request("compose", {"ideas": bad})


@pytest.mark.model
def test_ideas_are_given_cells_of_a_new_piece() -> None:
    """A hook, chords, a bass, a rhythm and a groove stand in the written file note for note; a replay is the same."""
    own = ideas()
    given = [own[kind] for kind in ("hook", "bass", "groove", "rhythm")]
    piece = start_piece(given, "a bright pop song, 16 bars", BriefOptions(candidates=1), seed=11)
    told = {idea["kind"]: idea for idea in piece.report.ideas}
    for kind in ("hook", "bass", "groove", "rhythm"):
        assert told[kind]["kept"] == 1.0, kind
        assert told[kind]["notes"] > 0
    hook = own["hook"]
    first = (told["hook"]["bars"][0] - 1) * 96
    by = {p - q for p, q in _beside(read_midi(piece.midi), hook, first)}
    assert len(by) == 1, "the hook moved as a whole"
    plan = Plan.from_json(piece.plan.model_dump_json())
    assert compose_plan(piece.brief, plan, 11).midi == piece.midi
    assert any("ideas" in line for line in _text(piece).splitlines())


def _text(piece: object) -> str:
    from yuefu.workflows.report_text import report_text

    return report_text(piece.report)  # type: ignore[attr-defined]


def _beside(score: object, hook: Idea, first: int) -> list[tuple[int, int]]:
    """The pitches that sound where a hook's notes are, beside them."""
    tune = next(part for part in score.parts if part.role in ("melody", "keys"))  # type: ignore[attr-defined]
    found = []
    for _, start, _, pitch, _ in hook.notes:
        at = tune.notes[np.abs(tune.notes["start"] - (first + start * 24)) <= 1]
        found.append((int(at["pitch"].max()), pitch))
    return found


@pytest.mark.model
def test_what_words_leave_open_the_ideas_decide() -> None:
    """Key, tempo and metre are the ideas', a title and a lyric are taken; what the words say comes first."""
    own = ideas()
    title, lyric = sparks("rain", "en", seed=2, n=2, kinds=("title", "lyric"))
    piece = start_piece([own["progression"], title, lyric], "", BriefOptions(candidates=1, bars=16), seed=3)
    assert piece.plan.key == "C major"
    assert piece.plan.tempo == 100
    assert piece.score.title == title.text
    assert any(part.syllables for part in piece.score.parts)
    said = start_piece([own["groove"]], "tempo 72 in D major", seed=3)
    assert (said.plan.tempo, said.plan.key) == (72, "D major")


def test_ideas_that_do_not_fit_are_refused() -> None:
    """None, too many, two metres, and a metre that isn't the piece's have their sentences."""
    hook = ideas()["hook"]
    waltz = idea_from_dict(
        {**idea_to_dict(hook), "meter": "3/4", "notes": [["melody", 0.0, 1.0, 60, 80]], "chords": []}
    )
    with pytest.raises(InputError):
        start_piece([])
    with pytest.raises(LimitError):
        start_piece([hook] * 13)
    with pytest.raises(InputError, match="metre"):
        start_piece([hook, waltz])
    with pytest.raises(InputError, match="3/4"):
        start_piece([hook], "a waltz in 3/4", seed=1)


@pytest.mark.model
def test_the_engines_turn_ideas() -> None:
    """Continued, an idea begins as it was; morphed, it lies between; all other ways work from the same door."""
    own = ideas()
    longer = turn(own["hook"], "continue", seed=1)
    assert longer.bars == own["hook"].bars + 4
    begin = [n for n in longer.notes if n[0] == "melody" and n[1] < own["hook"].bars * 4]
    assert [n[:4] for n in begin] == [n[:4] for n in own["hook"].notes]
    assert any(n[1] >= own["hook"].bars * 4 for n in longer.notes)
    assert turn(own["hook"], "continue", seed=1) == longer
    hooks = [idea for idea in ideas_of_score(song(), SOURCE) if idea.kind == "hook"]
    middle = turn(hooks[0], "morph", other=turn(hooks[0], "invert"), seed=1)
    assert middle.notes
    assert middle.meter == hooks[0].meter
    with pytest.raises(InputError):
        turn(hooks[0], "morph")
    for how in set(TURNS) - {"continue", "morph"}:
        assert turn(own["hook"], how).notes


@pytest.mark.model
def test_the_model_fills_out_a_combination() -> None:
    """Bass and drums are written around a combination, whose tune stays as it is."""
    own = ideas()
    bare = combine(rhythm=own["rhythm"], chords=own["progression"], mood=own["hook"], seed=2)
    full = combine(rhythm=own["rhythm"], chords=own["progression"], mood=own["hook"], seed=2, fill=("bass", "drums"))
    assert {row for row, *_ in full.notes} == {"melody", "bass", "drums"}
    assert [n[1:4] for n in full.notes if n[0] == "melody"] == [n[1:4] for n in bare.notes if n[0] == "melody"]


@pytest.mark.model
def test_surprise_tells_a_broken_tune_from_a_whole_one() -> None:
    """The same rhythm with its pitches thrown about needs more nats a note, and is no suggestion: it doesn't fit."""
    surprise = Surprise()
    hook = ideas()["hook"]
    rng = np.random.default_rng(1)
    data = idea_to_dict(hook)
    data["notes"] = [[row, s, d, int(48 + rng.integers(0, 36)), v] for row, s, d, _, v in data["notes"]]
    broken = idea_from_dict(data)
    one, other = surprise.nats(hook), surprise.nats(broken)
    assert one is not None
    assert other is not None
    assert other > one + 0.5
    assert surprise.nats(sparks("rain", kinds=("title",))[0]) is None
    index_ideas = [*ideas_of_score(song(), SOURCE), broken]
    from yuefu.workflows.inspire import IdeaIndex

    hits = surprising(IdeaIndex.of(index_ideas), [], 20)
    assert broken.id not in {hit.idea.id for hit in hits}
    for hit in hits:
        facts = dict(hit.idea.facts)
        assert facts["z"] == pytest.approx((facts["surprise"] - facts["own_mean"]) / facts["own_spread"], abs=0.01)
        assert f"{facts['fit']:.2f}" in hit.why_en
        assert f"{facts['fit']:.2f}" in hit.why_zh


@pytest.mark.model
def test_with_nothing_to_look_in_ideas_are_written() -> None:
    """They say that they were made and by which seed, are free, and come again with the same seed."""
    made = fresh("a sad song", 4, seed=5, kinds=("hook", "progression"))
    assert made
    assert all(idea.source.piece.startswith("made:") and idea.source.free is True for idea in made)
    assert {idea.kind for idea in made} <= {"hook", "progression"}
    assert made == fresh("a sad song", 4, seed=5, kinds=("hook", "progression"))


def test_a_piece_in_two_forms_counts_once_and_its_report_tells_whose_it_is(tmp_path: Path) -> None:
    """MIDI and MusicXML of one piece are one piece; beside the report of a composition it was written here."""
    (tmp_path / "song.mid").write_bytes(b"not read at all")
    write_score(song(), tmp_path / "song.musicxml")
    desk = IdeaDesk(tmp_path / "kept")
    unknown = desk.files([tmp_path])
    assert unknown.left_out == {}
    assert {idea.source.free for idea in unknown.ideas} == {None}
    (tmp_path / "report.json").write_text('{"format": "yuefu-report-1"}', encoding="utf-8")
    assert {idea.source.free for idea in desk.files([tmp_path]).ideas} == {True}
