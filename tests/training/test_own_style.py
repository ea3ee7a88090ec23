"""What pieces of one's own are like: their modes, metres, rhythms, and the built-in style that is nearest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.own_styles import folder_of_tunes

from yuefu.score.abc_read import read_abc_book
from yuefu.score.model import Score
from yuefu.training.own_modes import church_mode, five_notes, in_modes
from yuefu.training.own_pieces import folder_items, gather, prepare
from yuefu.training.own_style import _singers, figures_of, tune_kept


def read(notes: str, key: str = "C", meter: str = "4/4") -> Score:
    """A prepared score of an ABC line."""
    return prepare(read_abc_book(f"X:1\nT:t\nM:{meter}\nL:1/8\nK:{key}\n{notes}\n")[0], "t.abc")


def test_five_note_tunes_are_named_by_their_last_note() -> None:
    """The same five notes are gong, zhi or yu as they end on C, G or A; more notes are none of them."""
    body = "CDEG A2G2|E2D2 C2D2|E2G2 A2c2|"
    assert five_notes(read(body + "C8|]")) == ("gong", 0)
    assert five_notes(read(body + "G8|]")) == ("zhi", 7)
    assert five_notes(read(body + "A8|]")) == ("yu", 9)
    assert five_notes(read("CDEF GABc|dcBA GFED|CDEF GABc|C8|]")) is None


def test_church_modes_are_told_from_major_and_minor() -> None:
    """A dorian tune is dorian on its tonic; a major one is left alone."""
    dorian = "D2A2 A2B2|c2B2 A4|D2E2 F2G2|A2D2 D4|A2B2 c2d2|B2A2 G2F2|E2D2 C2E2|D8|]"
    assert church_mode(read(dorian, "Ddor")) == ("dorian", 2)
    assert church_mode(read("C2E2 G2E2|F2A2 G4|E2D2 C2B,2|C2G2 E4|F2E2 D2C2|B,2D2 G4|C2E2 G2B2|c8|]")) is None


def test_modes_lie_where_plans_lay_them() -> None:
    """A collection of zhi tunes is moved so that its gong is C, and each tune tells its mode."""
    scores = [read(f"FGA{end} c2A2|G2F2 F2G2|A2c2 d2f2|c8|]", "F") for end in "cdcdcd"]
    found = in_modes(scores)
    assert {score.metadata["scale"] for score in found} == {"zhi"}
    assert {score.key_at(0).shift % 12 for score in found} == {5}
    pitches = [(int(p) - 5) % 12 for score in found for p in score.parts[0].notes["pitch"]]
    assert set(pitches) <= {0, 2, 4, 7, 9}


def test_figures_are_the_pieces(tmp_path: Path) -> None:
    """Metre, scale, rhythm, range and rows come from the pieces, players that no file tells from the nearest style."""
    scores = gather(folder_items(folder_of_tunes(tmp_path / "tunes", 10))).scores()
    found = figures_of(scores)
    assert found.meters == {"2/4": 1.0}
    assert found.scales["gong"] > 0.9
    assert found.base == "chinese_folk"
    assert {row for lineup, _ in found.lineups for row, _ in lineup} == {"melody"}
    assert found.variants[0].opening[0][0].startswith("0 12 24 36/")
    low, high = found.variants[0].tune_range
    assert 58 <= low < high <= 78
    assert figures_of(scores, near="celtic").base == "celtic"


def test_singers_stand_once_each() -> None:
    """Two altos and a part called bass are planned as alto, tenor and a bass who sings; a fifth voice isn't planned."""
    rows = {"melody": "soprano", "counter": "alto", "inner": "alto", "bass": "bass", "pad": "tenor"}
    assert _singers(rows) == (
        ("melody", "soprano"), ("counter", "alto"), ("inner", "tenor"), ("bass", "bass_voice"),
    )  # fmt: skip


def test_tempi_count_only_where_files_tell_them(tmp_path: Path) -> None:
    """ABC without Q: leaves the tempo to the nearest style; tempi that are written are the style's."""
    scores = gather(folder_items(folder_of_tunes(tmp_path / "tunes", 8))).scores()
    silent = figures_of(scores, near="celtic")
    told = [
        replace(
            score,
            tempos=(replace(score.tempos[0], bpm=60.0 + 2 * i),),
            metadata={**score.metadata, "tempo_given": True},
        )
        for i, score in enumerate(scores)
    ]
    found = figures_of(told, near="celtic")
    assert silent.tempo[1] != found.tempo[1]
    assert 60 <= found.tempo[0] <= found.tempo[1] <= 74


def test_shares_of_a_scale_are_of_time(tmp_path: Path) -> None:
    """Half of the time outside the scale is half."""
    score = read("C4 F4|C4 F4|C4 F4|C4 F4|]")
    assert np.isclose(tune_kept([score], (0, 2, 4, 7, 9)), 0.5)
