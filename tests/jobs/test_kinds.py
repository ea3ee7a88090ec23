"""Every kind of job, with real music."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.doing import ask, done

from yuefu.jobs.worker import Worker
from yuefu.store import Store
from yuefu.workflows.documents import Document

TUNE = """X:1
T:Morning
M:4/4
L:1/4
K:C
"C"CDEF|"G"GABc|"Am"cBAG|"F"FEDC|"C"CDEF|"G"GABc|"F"AGFE|"C"C4|]
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Music knows nothing of databases: one is enough here."""
    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


def _imported(store: Store, me: str, worker: Worker, text: str = TUNE) -> str:
    job = done(store, me, worker, "import", upload=store.blobs.put(text.encode()), name="morning.abc", tags=["mine"])
    assert job.state == "done", job.error
    assert job.result is not None
    return str(job.result["piece"])


def test_a_file_becomes_a_piece_that_is_found(store: Store, me: str, worker: Worker) -> None:
    """Its title, facts, tags and tune are there; what isn't music fails with a sentence and makes nothing."""
    piece = store.pieces.get(me, _imported(store, me, worker))
    assert (piece.title, piece.tags, piece.facts["bars"]) == ("Morning", ("mine",), 8)
    assert dict(store.pieces.tunes(me))[piece.id]
    failed = done(store, me, worker, "import", upload=store.blobs.put(b"junk"), name="junk.mid")
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["type"] == "FormatError"
    missing = done(store, me, worker, "import", upload="0" * 64)
    assert (missing.state, (missing.error or {})["type"]) == ("failed", "NotFoundError")
    assert len(store.pieces.list(me)[0]) == 1


def test_what_is_locked_stays_to_the_note(store: Store, me: str, worker: Worker) -> None:
    """Two bars are written anew around a locked one; the locked bar and all others are what they were."""
    piece = _imported(store, me, worker)
    job = done(store, me, worker, "fill", piece=piece, rows=["melody"], bars="3-5", locked=[{"bars": "4"}], seed=7)
    assert job.state == "done", job.error
    assert job.result is not None
    assert job.result["changed"] == {"melody": [3, 5]}
    versions = [store.pieces.version(me, piece, number) for number in (1, 2)]
    before, after = (Document.from_bytes(store.pieces.document(version)).score for version in versions)

    def bars(score: Any) -> list[list[tuple[int, ...]]]:
        notes = [tuple(int(value) for value in note)[1:] for note in score.parts[0].notes]
        return [[note for note in notes if bar.start <= note[0] < bar.end] for bar in score.bars]

    changed = [number for number, (old, new) in enumerate(zip(bars(before), bars(after), strict=True), 1) if old != new]
    assert changed
    assert set(changed) <= {3, 5}
    assert store.pieces.get(me, piece).head == 2
    assert versions[1].note == "melody, bars 3, 5 written anew"
    everything = done(store, me, worker, "fill", piece=piece, rows=["melody"], bars="4", locked=[{"bars": "1-8"}])
    assert everything.state == "failed"
    assert "unlock" in (everything.error or {})["message"]


def test_a_fill_leaves_who_went_on_where_they_are(store: Store, me: str, worker: Worker) -> None:
    """When the piece was edited meanwhile, the new version is in the history and the head stays."""
    piece = _imported(store, me, worker)
    job = ask(store, me, "fill", piece=piece, version=1, rows=["melody"], bars="8", seed=1)
    document = store.pieces.document(store.pieces.version(me, piece, 1))
    store.pieces.add_version(me, piece, document, parent=1, kind="edit")
    worker.step()
    result = store.jobs.get(me, job).result
    assert result is not None
    assert (result["version"], result["head_moved"]) == (3, False)
    assert store.pieces.get(me, piece).head == 2
    assert store.pieces.version(me, piece, 3).parent == 1


@pytest.mark.model
def test_a_composition_is_told_while_it_is_written(store: Store, me: str, worker: Worker) -> None:
    """Brief, plan, bars, then progress that never falls, then the piece; the same job again is the same piece."""
    request = {"words": "a quiet tune for flute and piano", "options": {"bars": 4, "candidates": 1}, "tags": ["x"]}
    job = done(store, me, worker, "compose", **request)
    assert job.state == "done", job.error
    told = store.jobs.events(0, [job.id])
    kinds = list(dict.fromkeys(event.kind for event in told if event.kind not in ("state", "progress")))
    assert kinds == ["brief", "plan", "bars"]
    fractions = [event.data["fraction"] for event in told if event.kind == "progress"]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.9
    assert [event.data["state"] for event in told if event.kind == "state"] == ["queued", "running", "done"]
    assert job.result is not None
    piece = store.pieces.get(me, job.result["piece"])
    assert piece.words == "a quiet tune for flute and piano"
    assert store.pieces.version(me, piece.id, 1).kind == "compose"
    options = {"bars": 4, "candidates": 1, "seed": job.result["seed"]}
    again = done(store, me, worker, "compose", words="a quiet tune for flute and piano", options=options)
    assert again.result is not None
    scores = [
        Document.from_bytes(store.pieces.document(store.pieces.version(me, each, 1))).score
        for each in (piece.id, again.result["piece"])
    ]
    notes = [[part.notes.tolist() for part in score.parts] for score in scores]
    assert notes[0] == notes[1]
    assert sum(map(len, notes[0])) > 8


def test_files_are_made_once_and_come_together(store: Store, me: str, worker: Worker) -> None:
    """A render is kept; exports hold what they say; the library's zip has a folder for each piece."""
    piece = _imported(store, me, worker)
    first = done(store, me, worker, "render", piece=piece, format="ogg")
    assert first.state == "done", first.error
    kept = store.pieces.file(piece, 1, "ogg")
    assert kept is not None
    assert store.blobs.get(kept.digest)[:4] == b"OggS"
    done(store, me, worker, "render", piece=piece, format="ogg")
    assert store.pieces.file(piece, 1, "ogg") == kept
    pdf = done(store, me, worker, "export", piece=piece, format="pdf")
    assert pdf.state == "done", pdf.error
    page = store.pieces.file(piece, 1, "pdf")
    assert page is not None
    assert store.blobs.get(page.digest)[:5] == b"%PDF-"
    _imported(store, me, worker, TUNE.replace("Morning", "../../Evening"))
    library = done(store, me, worker, "export")
    assert library.result is not None, library.error
    with zipfile.ZipFile(io.BytesIO(store.blobs.get(library.result["file"]))) as archive:
        names = archive.namelist()
    assert not any(name.startswith(("/", ".")) or ".." in name for name in names)
    folders = {name.split("/")[0] for name in names}
    assert len(folders) == 2
    morning = next(folder for folder in folders if folder.startswith("morning-"))
    assert {f"{morning}/{name}" for name in ("song.mid", "song.musicxml", "song.ogg", "about.json")} <= set(names)
    facts = done(store, me, worker, "analyze", piece=piece)
    assert facts.result is not None
    assert facts.result["facts"]["bars"]
