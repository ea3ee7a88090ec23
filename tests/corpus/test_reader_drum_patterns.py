"""Drum machine patterns as four bars."""

import json
from pathlib import Path

import pytest

from yuefu.corpus.readers import drum_patterns
from yuefu.errors import FormatError


def write_hydrogen(path: Path, name: str, notes: list[tuple[int, str, float]], size: int = 192) -> None:
    body = "".join(
        f"<note><position>{position}</position><velocity>{loud}</velocity><type>{kind}</type></note>"
        for position, kind, loud in notes
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '<drumkit_pattern xmlns="http://www.hydrogen-music.org/drumkit_pattern"><pattern>'
        f"<name>{name}</name><size>{size}</size><noteList>{body}</noteList></pattern></drumkit_pattern>"
    )


def grid(title: str, steps: dict[str, str], signature: str = "4/4") -> dict:
    """steps: instrument -> a string with x for a hit."""
    tracks = {name: ["Note" if step == "x" else "Rest" for step in row] for name, row in steps.items()}
    return {"title": title, "signature": signature, "length": len(next(iter(steps.values()))), "tracks": tracks}


def test_the_last_of_four_bars_is_the_styles_break(tmp_path: Path) -> None:
    write_hydrogen(tmp_path / "rock" / "rock-01.h2pattern", "Rock 1", [(0, "Kick", 0.8), (48, "Snare", 0.9)])
    write_hydrogen(tmp_path / "rock" / "rock-break-01.h2pattern", "Rock Break 1", [(0, "Tom Low", 0.8)])
    (item,) = drum_patterns.read(tmp_path)
    score = item.load(*item.args)
    assert (item.work, item.style, len(score.bars)) == ("rock1", "rock", 4)
    hits = [(int(n["start"]), int(n["pitch"])) for n in score.part("drums").notes]
    assert hits == [(0, 36), (24, 38), (96, 36), (120, 38), (192, 36), (216, 38), (288, 45)]


def test_bars_of_twelve_steps_are_triplets_but_a_waltz_is_in_three(tmp_path: Path) -> None:
    notes = [(position, "Ride Bow", 0.8) for position in (0, 36, 60, 72)]
    write_hydrogen(tmp_path / "swing" / "swing-1.h2pattern", "Swing 1", notes, size=144)
    write_hydrogen(tmp_path / "waltz" / "waltz-1.h2pattern", "Waltz 1", notes, size=144)
    swing, waltz = (item.load(*item.args) for item in drum_patterns.read(tmp_path))
    assert swing.part("drums").notes["start"][:4].tolist() == [0, 24, 40, 48]
    assert swing.meters[0].numerator == 4
    assert waltz.part("drums").notes["start"][:4].tolist() == [0, 18, 30, 36]
    assert waltz.meters[0].numerator == 3


def test_measures_a_and_b_and_their_break_make_one_phrase(tmp_path: Path) -> None:
    book = [
        grid("Funk1MeasureA", {"BassDrum": "x" + "-" * 15}),
        grid("Funk1MeasureB", {"SnareDrum": "x" + "-" * 15}),
        grid("Funk1Break", {"LowTom": "x" + "-" * 15}),
    ]
    (tmp_path / "patterns200.json").write_text(json.dumps(book))
    (item,) = drum_patterns.read(tmp_path)
    assert item.work == "200-funk1"
    assert item.style == "funk"
    assert item.load(*item.args).part("drums").notes["pitch"].tolist() == [36, 38, 36, 45]


def test_a_pattern_that_hydrogen_has_is_not_read_again_from_the_same_book(tmp_path: Path) -> None:
    write_hydrogen(tmp_path / "pop" / "pop-09.h2pattern", "Pop 9", [(0, "Kick", 0.8)])
    book = [grid("Pop9", {"BassDrum": "x" + "-" * 15}), grid("Pop10", {"BassDrum": "x" + "-" * 15})]
    (tmp_path / "patterns260.json").write_text(json.dumps(book))
    (tmp_path / "patterns200.json").write_text(json.dumps(book[:1]))
    assert [item.work for item in drum_patterns.read(tmp_path)] == ["pop9", "200-pop9", "pop10"]


def test_twelve_eight_steps_are_eighths(tmp_path: Path) -> None:
    (tmp_path / "patterns260.json").write_text(json.dumps([grid("Slow1", {"ClosedHiHat": "x" * 12}, "12/8")]))
    (item,) = drum_patterns.read(tmp_path)
    score = item.load(*item.args)
    assert score.meters[0].bar_ticks == 144
    assert len(score.part("drums").notes) == 48
    assert score.end_tick == 4 * 144


def test_an_empty_pattern_and_broken_xml_are_refused(tmp_path: Path) -> None:
    write_hydrogen(tmp_path / "e.h2pattern", "Empty", [])
    with pytest.raises(FormatError, match="no hits"):
        drum_patterns.read_hydrogen(tmp_path / "e.h2pattern")
    (tmp_path / "b.h2pattern").write_text("<a>")
    with pytest.raises(FormatError, match=r"b\.h2pattern"):
        drum_patterns.read_hydrogen(tmp_path / "b.h2pattern")
