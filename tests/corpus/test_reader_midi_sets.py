"""Mutopia, the game sets and the Irish tunes: listed with their facts, loaded with their bar lines right."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.corpus.tunes import line, song, tune, walk

from yuefu.corpus.clean import Refused
from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers import reader
from yuefu.errors import FormatError
from yuefu.score.midi import midi_bytes
from yuefu.score.model import Part, Score, TempoChange

COLUMNS = ("file", "source", "title", "composer", "style", "instrument", "licence", "notes", "tracks")


def mutopia(folder: Path, *rows: tuple[str, str, str, str, str, str, str], score: Score | None = None) -> list[Item]:
    (folder / "midi").mkdir(parents=True, exist_ok=True)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)
        for row in rows:
            table.writerow([*row, "100", "2"])
            (folder / "midi" / row[0]).write_bytes(midi_bytes(score or song()))
    return list(reader("mutopia")(folder))


def test_mutopia_keeps_each_pieces_licence_style_and_scoring(tmp_path: Path) -> None:
    items = mutopia(
        tmp_path,
        ("a.mid", "JoplinS/maple/maple.ly", "Maple Leaf Rag", "JoplinS", "Jazz", "Piano", "PD"),
        ("b.mid", "AbtF/song/song.ly", "Vocalise", "AbtF", "Unknown", "Voice, Piano", "CC-BY-SA"),
    )
    assert [(i.style, i.licence, i.work) for i in items] == [
        ("ragtime", "public domain", "JoplinS/maple"),
        ("art_song", "CC BY-SA", "AbtF/song"),
    ]
    score = items[0].load(*items[0].args)
    assert (score.title, score.composer, score.metadata["instrument"]) == ("Maple Leaf Rag", "JoplinS", "Piano")


@pytest.mark.parametrize(
    ("title", "instrument", "kept"),
    [
        ("Chorale: Ach Gott", "Organ", False),
        ("Jesu meine Freude, BWV 358", "Voice (SATB)", False),
        ("Chorale Prelude BWV 639", "Organ", True),
        ("Prelude and Fugue BWV 846", "Harpsichord, Piano", True),
    ],
)
def test_bachs_chorales_are_left_to_the_benchmark(tmp_path: Path, title: str, instrument: str, kept: bool) -> None:
    row = ("a.mid", "BachJS/x/x.ly", title, "BachJS", "Baroque", instrument, "PD")
    assert bool(mutopia(tmp_path, row)) is kept


def test_one_players_part_of_a_quartet_is_refused(tmp_path: Path) -> None:
    row = (
        "a.mid",
        "MozartWA/q/q.ly",
        "Quartet",
        "MozartWA",
        "Classical",
        "String Quartet: Two Violins, Viola, 'Cello",
        "PD",
    )
    item = mutopia(tmp_path, row, score=tune(1, 16))[0]
    with pytest.raises(Refused, match="one player's part"):
        item.load(*item.args)
    alone = mutopia(tmp_path, (*row[:5], "Violin", "PD"), score=tune(1, 16))[0]
    assert alone.load(*alone.args).note_count == 64


def test_a_tempo_that_nobody_wrote_is_not_learnt(tmp_path: Path) -> None:
    row = ("a.mid", "X/x/x.ly", "X", "X", "Folk", "Piano", "PD")
    item = mutopia(tmp_path, row, score=replace(song(), tempos=(TempoChange(0, 60.0),)))[0]
    score = item.load(*item.args)
    assert score.tempos[0].bpm == 100.0
    assert score.metadata["tempo_given"] is False


def test_mutopia_without_its_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"metadata\.csv"):
        list(reader("mutopia")(tmp_path))


@pytest.mark.parametrize("name", ["game_freedoom", "game_simutrans", "game_easyrpg"])
def test_a_game_set_is_its_midi_files(tmp_path: Path, name: str) -> None:
    for stem in ("d_one", "Two Trains"):
        (tmp_path / "music").mkdir(exist_ok=True)
        (tmp_path / "music" / f"{stem}.mid").write_bytes(midi_bytes(song()))
    (tmp_path / "music" / "readme.txt").write_text("x")
    items = list(reader(name)(tmp_path))
    assert [i.work for i in items] == ["Two Trains", "d_one"]
    assert items[1].load(*items[1].args).title == "d one"


def test_freedooms_placeholder_and_duplicate_are_skipped(tmp_path: Path) -> None:
    for name in ("dummy.mid", "d_introa.mid", "d_intro.mid"):
        (tmp_path / name).write_bytes(midi_bytes(song()))
    assert [i.source for i in reader("game_freedoom")(tmp_path)] == ["d_intro.mid"]


def test_irish_tunes_know_their_dance_and_versions_share_a_work(tmp_path: Path) -> None:
    for stem in ("AghavasReel1The", "AghavasReel2The", "SpikeIslandLassesreelThe", "TrueDaughterofSligoreelA"):
        (tmp_path / f"{stem}.mid").write_bytes(midi_bytes(tune(1, 8)))
    items = {i.source: i for i in reader("cre_irish")(tmp_path)}
    assert items["AghavasReel1The.mid"].work == items["AghavasReel2The.mid"].work
    spike = items["SpikeIslandLassesreelThe.mid"]
    assert spike.metadata["rhythm"] == "reel"
    assert spike.load(*spike.args).title == "The Spike Island Lasses"


def test_an_irish_tune_in_two_tracks_is_read_once(tmp_path: Path) -> None:
    score = tune(1, 8)
    notes = line(walk(1, 32))
    notes["id"] += 500
    both = replace(score, parts=(*score.parts, Part("p2", "again", "melody", 0, "", notes)))
    (tmp_path / "Onereel.mid").write_bytes(midi_bytes(both))
    item = next(iter(reader("cre_irish")(tmp_path)))
    found = item.load(*item.args)
    assert len(found.parts) == 1
    assert np.array_equal(found.parts[0].notes["pitch"], score.parts[0].notes["pitch"])
