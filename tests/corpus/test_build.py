"""A folder of sets becomes a corpus: resumable, split by work, without duplicates, never stopped by one file."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from tests.corpus.tunes import song, tune

from yuefu.corpus.build import SetResult, build, prepare_score
from yuefu.corpus.manifest import manifest
from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers import READERS
from yuefu.corpus.split import split_of
from yuefu.corpus.stats import write_stats
from yuefu.corpus.store import iter_scores
from yuefu.errors import InputError, UnknownNameError
from yuefu.progress import Progress
from yuefu.score.midi import midi_bytes
from yuefu.score.model import Score, transpose

GAMES, TUNES = "game_freedoom", "cre_irish"


def put(path: Path, score: Score) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(midi_bytes(score))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Two sets: one of plain files, one packed; with a duplicate, a broken file and an empty one."""
    root = tmp_path / "in"
    for i in range(3):
        put(root / GAMES / f"musics/d_{i}.mid", song(i))
    put(root / GAMES / "musics/dummy.mid", song(9))
    (root / GAMES / "musics/broken.mid").write_bytes(b"MThd\0\0\0\6 nonsense")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as pack:
        for name, score in {
            "Onereel": tune(11, 16), "OneAgainreel": transpose(tune(11, 16), 2), "TwojigA": tune(12, 16),
            "TwojigB": tune(12, 16), "Shortreel": replace(tune(13, 1), title="x"),
        }.items():  # fmt: skip
            data = midi_bytes(score)
            info = tarfile.TarInfo(f"cre/MIDI/{name}.mid")
            info.size = len(data)
            pack.addfile(info, io.BytesIO(data))
    (root / TUNES).mkdir()
    (root / TUNES / "cre_irish.tar.zst").write_bytes(zstandard.compress(buffer.getvalue()))
    return root


def test_a_folder_of_sets_becomes_a_corpus(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    heard: list[Progress] = []
    results = {r.name: r for r in build(sources, out, jobs=2, progress=heard.append)}
    assert set(results) == {GAMES, TUNES}
    games = results[GAMES]
    assert (games.pieces, games.refused, games.error) == (3, {"FormatError": 1}, "")
    assert "broken.mid" in games.examples["FormatError"][0]
    tunes = results[TUNES]
    assert tunes.duplicates == 1, "a transposed tune is a duplicate, a version of the same work isn't"
    assert tunes.refused == {"almost empty": 1}
    assert {p.stage for p in heard} == {GAMES, TUNES}
    assert heard[-1].done == heard[-1].total
    pieces = list(iter_scores(out))
    assert len(pieces) == 6
    for piece in pieces:
        roles = [part.role for part in piece.parts]
        assert len(roles) == len(set(roles))
        assert piece.chords
        assert set(piece.metadata) >= {"set", "work", "style", "licence", "source", "split", "chords"}
        assert piece.metadata["split"] == split_of(piece.metadata["set"], piece.metadata["work"])
    assert len({p.metadata["split"] for p in pieces if p.metadata["work"] == "twojig"}) == 1


def test_a_finished_set_is_not_built_again_unless_its_files_change(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(sources, out, jobs=1)
    before = {p.name: p.stat().st_mtime_ns for p in out.glob("*.gz")}
    assert not any(r.fresh for r in build(sources, out, jobs=1))
    assert {p.name: p.stat().st_mtime_ns for p in out.glob("*.gz")} == before
    put(sources / GAMES / "musics/d_new.mid", song(5))
    again = {r.name: r for r in build(sources, out, jobs=1)}
    assert again[GAMES].fresh
    assert again[GAMES].pieces == 4
    assert not again[TUNES].fresh
    (out / f"{TUNES}.jsonl.gz").unlink()
    assert {r.name: r.fresh for r in build(sources, out, [TUNES], jobs=1)} == {TUNES: True}


def test_an_interrupted_build_goes_on_with_the_sets_that_are_missing(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def stop(event: Progress) -> None:
        if event.stage == TUNES:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(sources, out, jobs=1, progress=stop)
    assert [p.name for p in out.glob("*.gz")] == [f"{GAMES}.jsonl.gz"]
    assert {r.name: r.fresh for r in build(sources, out, jobs=1)} == {GAMES: False, TUNES: True}


def test_the_corpus_does_not_depend_on_the_number_of_processes(sources: Path, tmp_path: Path) -> None:
    for jobs in (1, 3):
        build(sources, tmp_path / str(jobs), jobs=jobs)
    for name in (GAMES, TUNES):
        one, three = (tmp_path / str(jobs) / f"{name}.jsonl.gz" for jobs in (1, 3))
        assert one.read_bytes() == three.read_bytes()


def test_a_tune_of_an_earlier_set_is_not_taken_twice(sources: Path, tmp_path: Path) -> None:
    """Even when the earlier set was built in another run."""
    put(sources / "game_easyrpg/Music/copy.mid", song(1))
    put(sources / "game_easyrpg/Music/own.mid", song(77))
    build(sources, tmp_path / "out", [GAMES], jobs=1)
    found = build(sources, tmp_path / "out", ["game_easyrpg"], jobs=1)[0]
    assert (found.pieces, found.duplicates) == (1, 1)


def test_a_benchmark_keeps_its_own_split_whole_and_comes_before_the_others(tmp_path: Path) -> None:
    """Chorales that share a tune stay; a copy of one in another set goes, whichever split it is in."""
    from yuefu.corpus.build import _Piece, _without_duplicates
    from yuefu.corpus.dedup import Index, signature

    found = signature(tune(1, 16))
    pieces = [_Piece(str(i), 64, f"w{i}", "test", found, (1, 64)) for i in range(2)]
    index = Index()
    chorales, others = SetResult("jsb_chorales"), SetResult("mutopia")
    assert len(_without_duplicates(manifest("jsb_chorales"), pieces, index, chorales)) == 2
    assert _without_duplicates(manifest("mutopia"), pieces, index, others) == []
    assert (chorales.duplicates, others.duplicates) == (0, 2)
    order = list(READERS)
    assert order.index("jsb_chorales") < order.index("mutopia")


def test_wrong_folders_and_names_are_one_sentence(sources: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="isn't a folder"):
        build(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(InputError, match="none of the known sets"):
        build(tmp_path / "in" / GAMES, tmp_path / "out")
    with pytest.raises(UnknownNameError, match="did you mean 'cre_irish'"):
        build(sources, tmp_path / "out", ["cre_iris"])
    with pytest.raises(InputError, match="has no folder 'groove'"):
        build(sources, tmp_path / "out", ["groove"])


def test_one_sets_damage_does_not_cost_the_others(sources: Path, tmp_path: Path) -> None:
    (sources / TUNES / "cre_irish.tar.zst").write_bytes(b"junk")
    results = {r.name: r for r in build(sources, tmp_path / "out", jobs=1)}
    assert results[GAMES].pieces == 3
    assert "is damaged" in results[TUNES].error


def test_a_scores_own_facts_win_over_its_items_and_its_sets() -> None:
    item = Item(work="book", load=song, args=(), source="book.abc", style="folk", metadata={"rhythm": "reel"})
    about = manifest("pd_fiddle_abc")
    plain = prepare_score(song(), item, about)
    assert (plain.metadata["work"], plain.metadata["style"], plain.metadata["licence"]) == (
        "book",
        "folk",
        about.licence,
    )
    own = replace(song(), metadata={"work": "book/3", "style": "waltz", "source": "book.abc#3"})
    found = prepare_score(own, item, about).metadata
    assert (found["work"], found["style"], found["source"], found["rhythm"]) == (
        "book/3",
        "waltz",
        "book.abc#3",
        "reel",
    )
    assert found["split"] == split_of("pd_fiddle_abc", "book/3")


def test_the_statistics_add_up(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(sources, out, jobs=1)
    stats = write_stats(out)
    pieces = list(iter_scores(out))
    assert stats["total"]["pieces"] == len(pieces)
    assert stats["total"]["notes"] == sum(p.note_count for p in pieces)
    assert sum(v for k, v in stats["total"]["rows"].items() if k != "chords") == stats["total"]["notes"]
    assert stats["sets"][TUNES]["duplicates"] == 1
    assert sum(c["pieces"] for c in stats["licences"].values()) == len(pieces)
    page = (out / "stats.html").read_text("utf-8")
    assert "BSD-3-Clause" in page
    assert "broken.mid" in page
    assert "| cre_irish |" in (out / "stats.md").read_text("utf-8")
    with pytest.raises(InputError, match="holds no built corpus"):
        write_stats(tmp_path / "in")
