"""Archives are unpacked once, within limits, and never outside their folder."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from yuefu.corpus import source
from yuefu.corpus.source import fingerprint, open_set, unpack
from yuefu.errors import FormatError, InputError, LimitError


def tar_bytes(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as pack:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            pack.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            pack.addfile(info)
    return buffer.getvalue()


def write_zst(path: Path, files: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.compress(tar_bytes(files, links)))
    return path


def test_an_archive_and_the_files_beside_it_lie_in_one_folder(tmp_path: Path) -> None:
    write_zst(tmp_path / "in/demo/demo.tar.zst", {"midi/a.mid": b"A", "midi/b.mid": b"B"})
    (tmp_path / "in/demo/metadata.csv").write_text("file")
    (tmp_path / "in/demo/SOURCE.md").write_text("notes")
    folder = open_set(tmp_path / "in", "demo", tmp_path / "out")
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*")) == [
        "metadata.csv", "midi/a.mid", "midi/b.mid",
    ]  # fmt: skip


def test_plain_files_are_used_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "in/demo").mkdir(parents=True)
    (tmp_path / "in/demo/a.mid").write_bytes(b"A")
    assert open_set(tmp_path / "in", "demo", tmp_path / "out") == tmp_path / "in/demo"
    assert not (tmp_path / "out").exists()


def test_an_archive_is_unpacked_again_only_when_it_changed(tmp_path: Path) -> None:
    archive = write_zst(tmp_path / "in/demo/demo.tar.zst", {"a": b"1"})
    folder = open_set(tmp_path / "in", "demo", tmp_path / "out")
    (folder / "mark").write_text("kept")
    assert (open_set(tmp_path / "in", "demo", tmp_path / "out") / "mark").exists()
    write_zst(archive, {"a": b"2"})
    folder = open_set(tmp_path / "in", "demo", tmp_path / "out")
    assert not (folder / "mark").exists()
    assert (folder / "a").read_bytes() == b"2"


def test_an_unpacking_that_was_interrupted_starts_over(tmp_path: Path) -> None:
    write_zst(tmp_path / "in/demo/demo.tar.zst", {"a": b"1", "b": b"2"})
    half = tmp_path / "out/.unpacked/demo"
    half.mkdir(parents=True)
    (half / "a").write_bytes(b"hal")
    assert (open_set(tmp_path / "in", "demo", tmp_path / "out") / "a").read_bytes() == b"1"


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:/evil"])
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    archive = write_zst(tmp_path / "x.tar.zst", {name: b"x"})
    with pytest.raises(FormatError, match="outside its folder"):
        unpack(archive, tmp_path / "into" / "deep")
    assert not list(tmp_path.rglob("evil"))


def test_links_are_left_out(tmp_path: Path) -> None:
    """A link followed by a file written through it can't leave the folder."""
    archive = write_zst(tmp_path / "x.tar.zst", {"ok": b"x"}, {"out": "/etc"})
    assert unpack(archive, tmp_path / "into") == 1
    assert not (tmp_path / "into/out").is_symlink()


def test_archives_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_TOTAL_BYTES", 100)
    archive = write_zst(tmp_path / "x.tar.zst", {"a": b"x" * 60, "b": b"x" * 60})
    with pytest.raises(LimitError, match="can't be the set"):
        unpack(archive, tmp_path / "into")


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_damaged_archive_is_one_sentence(tmp_path: Path, cut: float) -> None:
    archive = write_zst(tmp_path / "x.tar.zst", {f"f{i}": bytes(range(256)) * i for i in range(20)})
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(FormatError, match="is damaged"):
        unpack(archive, tmp_path / "into")


def test_zip_and_gzip_are_read_too(tmp_path: Path) -> None:
    import gzip

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as pack:
        pack.writestr("x/y.txt", "zip")
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(tar_bytes({"x/z.txt": b"gz"})))
    assert unpack(tmp_path / "a.zip", tmp_path / "into") == 1
    assert unpack(tmp_path / "b.tar.gz", tmp_path / "into") == 1
    assert sorted(p.name for p in (tmp_path / "into/x").iterdir()) == ["y.txt", "z.txt"]


def test_a_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no folder 'pop909'"):
        open_set(tmp_path, "pop909", tmp_path / "out")


def test_the_fingerprint_tells_when_files_change(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"A")
    before = fingerprint(tmp_path)
    (tmp_path / "b.mid").write_bytes(b"B")
    assert fingerprint(tmp_path) != before
