"""The MusicXML and ABC sets: songs, quartets, orchestra, hymns, lead sheets, piano pieces, fiddle tunes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.corpus.tunes import chord_notes, line, song, tune, walk

from yuefu.corpus.build import prepare_score
from yuefu.corpus.manifest import manifest
from yuefu.corpus.readers import reader
from yuefu.score.model import ChordSpan, Part, Score, Syllable, renumber
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.theory.chord import Chord


def put(path: Path, score: Score) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(musicxml_bytes(score))


def only(name: str, folder: Path) -> Score:
    """The set's one piece, prepared as the builder does."""
    (item,) = reader(name)(folder)
    loaded = item.load(*item.args)
    assert isinstance(loaded, Score)
    return prepare_score(loaded, item, manifest(name))


def rows(score: Score) -> list[str]:
    return [part.role for part in score.parts]


def sung(score: Score) -> Score:
    voice = score.parts[0]
    words = tuple(Syllable(int(i), "la") for i in voice.notes["id"])
    return replace(score, parts=(replace(voice, syllables=words), *score.parts[1:]))


def test_a_song_is_voice_bass_and_keys_with_its_words(tmp_path: Path) -> None:
    put(tmp_path / "scores/Abbott,_Jane_Bingham/6_Songs/2_Just_for_Today/lc1.mxl", sung(song()))
    found = only("openscore_lieder", tmp_path)
    assert rows(found) == ["melody", "bass", "keys"]
    assert (found.title, found.composer) == ("2 Just for Today", "Jane Bingham Abbott")
    assert found.metadata["work"] == "Abbott,_Jane_Bingham/6_Songs/2_Just_for_Today"
    assert found.metadata["licence"] == "CC0-1.0"
    assert len(found.parts[0].syllables) == len(found.parts[0].notes)
    assert found.metadata["chords"] == "inferred"


def test_a_quartet_keeps_its_four_players_in_order(tmp_path: Path) -> None:
    lines = [line(walk(i, 32, pitch)) for i, pitch in enumerate((76, 72, 62, 50))]
    names = ("Violin 1", "Violin 2", "Viola", "Violoncello")
    score = renumber(
        Score(parts=tuple(Part(f"p{i}", n, "melody", 40, "", x) for i, (n, x) in enumerate(zip(names, lines))))
    )
    put(tmp_path / "scores/Borodin,_Alexander/String_Quartet_No.2/sq1.mxl", score)
    found = only("openscore_quartets", tmp_path)
    assert [(p.role, p.name) for p in found.parts] == list(zip(("melody", "counter", "inner", "bass"), names))
    assert found.metadata["style"] == "romantic"


def test_an_orchestras_marked_melody_is_its_melody(tmp_path: Path) -> None:
    """The tune passes from the flute to the horn; the second score says so."""
    tune_notes = walk(3, 32, 76)
    flute, horn = line(tune_notes[:16]), line([p - 12 for p in tune_notes[16:]], start=16 * 24)
    marked = line([*tune_notes[:16], *(p - 12 for p in tune_notes[16:])])
    full = renumber(
        Score(
            parts=(
                Part("f", "Flute", "melody", 73, "", flute),
                Part("h", "Horn", "melody", 60, "", horn),
                Part("s", "Strings", "pad", 48, "", chord_notes([60, 65, 67, 60] * 2)),
                Part("b", "Contrabass", "bass", 43, "", line(walk(4, 32, 40))),
            )
        )
    )
    folder = tmp_path / "data/Bach,_Johann_Sebastian/Suite"
    put(folder / "Suite_1.mxl", full)
    put(folder / "Suite_1_melody.mxl", Score(parts=(Part("m", "Melody Score", notes=marked),)))
    found = only("openscore_orchestra", tmp_path)
    melody = found.part("melody")
    assert melody is not None
    assert np.array_equal(melody.notes["pitch"], marked["pitch"])
    assert melody.name == "Flute (melody)"
    assert rows(found) == ["melody", "bass", "pad"]
    assert found.metadata["style"] == "baroque"


def test_a_hymn_on_two_staves_is_four_voices(tmp_path: Path) -> None:
    def staff(high: list[int], low: list[int], first: int) -> np.ndarray:
        notes = np.concatenate([line(high), line(low)])
        notes["id"] = first + np.arange(len(notes))
        return notes

    upper = Part("u", "", "melody", 52)
    upper = upper.with_notes(staff(walk(1, 16, 76), [64 + i % 3 for i in range(16)], 1))
    lower = Part("l", "", "keys", 52).with_notes(staff([55 + i % 4 for i in range(16)], walk(2, 16, 43), 100))
    put(
        tmp_path / "musicxml/Abide_With_Me-Eventide.xml",
        replace(Score(parts=(upper, lower)), composer="Words: X. " * 20),
    )
    found = only("openhymnal", tmp_path)
    assert rows(found) == ["melody", "counter", "inner", "bass"]
    assert found.parts[0].notes["pitch"].tolist() == walk(1, 16, 76)
    assert found.parts[3].notes["pitch"].tolist() == walk(2, 16, 43)
    assert (found.title, found.composer, found.metadata["work"]) == ("Abide With Me", "", "Eventide")


def test_a_lead_sheet_keeps_its_chords_and_takes_its_style_from_the_table(tmp_path: Path) -> None:
    sheet = replace(tune(1, 8), chords=tuple(ChordSpan(i * 96, 96, Chord((0, 9, 2, 7)[i % 4], "7")) for i in range(8)))
    path = tmp_path / "dataset/Some_Writer/A_Rag/A_Rag.mxl"
    put(path, sheet)
    with sqlite3.connect(tmp_path / "OpenEWLD.db") as database:
        database.execute("create table works (id, title, language, path_leadsheet)")
        database.execute("create table work_genres (id, genre)")
        database.execute("create table work_style (id, style)")
        database.execute("insert into works values (1, 'A Rag', 'English', 'dataset/Some_Writer/A_Rag/A_Rag.mxl')")
        database.execute("insert into work_genres values (1, 'Jazz')")
        database.execute("insert into work_style values (1, 'Ragtime')")
    found = only("openewld", tmp_path)
    assert found.chords == sheet.chords
    assert (found.metadata["chords"], found.metadata["style"], found.metadata["language"]) == (
        "given",
        "ragtime",
        "English",
    )
    (tmp_path / "OpenEWLD.db").unlink()
    assert only("openewld", tmp_path).metadata["style"] == "standard"


def test_a_piano_piece_is_split_into_rows_and_labelled_by_its_name(tmp_path: Path) -> None:
    melody, chords = line(walk(1, 32, 79)), chord_notes([48, 53, 55, 48] * 2)
    piano = Part("p", "Piano", "keys", 0, "piano").with_notes(np.concatenate([melody, chords]))
    put(tmp_path / "scores/Minuet_in_G_-_Bach.mxl", Score(parts=(piano,)))
    found = only("musetrainer_pd", tmp_path)
    assert rows(found) == ["melody", "bass", "keys"]
    assert found.metadata["style"] == "baroque"


def test_a_tune_book_gives_its_tunes_each_a_work_of_its_own(tmp_path: Path) -> None:
    book = tmp_path / "oneills1850/book.abc"
    book.parent.mkdir()
    book.write_text(
        "X:1\nT:The First.\nR:reel\nM:4/4\nL:1/8\nK:G\n|:G2BG dGBG|c2ec BGAB:|\n\n"
        "X:2\nT:The Broken\nM:4/4\nL:1/8\nK:Qx\nG2\n\n"
        "X:3\nT:The Café Waltz\nR:waltz\nM:3/4\nL:1/4\nK:D\nD F A|d2 A|F E D|D3|\n",
        encoding="utf-8",
    )
    (item,) = reader("pd_fiddle_abc")(tmp_path)
    scores = item.load(*item.args)
    assert isinstance(scores, list)
    assert [s.title for s in scores] == ["The First", "The Café Waltz"]
    assert [s.metadata["work"] for s in scores] == ["oneills1850/the first", "oneills1850/the café waltz"]
    found = prepare_score(scores[1], item, manifest("pd_fiddle_abc"))
    assert (found.metadata["style"], found.keys[0].key.name) == ("waltz", "D major")
    assert scores[0].end_tick == 4 * 96, "the repeat is played"
