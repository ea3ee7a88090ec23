"""Styles of one's own on this machine: opened for the runtime, removed, packed into a file and taken from one."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from yuefu.analysis.similarity import FingerprintIndex
from yuefu.errors import ConflictError, FormatError, InputError, LimitError, UnknownNameError
from yuefu.generation.merging import Adapter, merged_data
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write, make_folder, output_error
from yuefu.score.limits import read_limited
from yuefu.text.adapted import (
    FILES,
    MANIFEST,
    MAX_BYTES,
    MAX_MANIFEST,
    TUNES,
    WEIGHTS,
    AdaptedStyle,
    adapted_names,
    adapters_folder,
    check_name,
    find_adapted,
    home_folder,
    parse_manifest,
    read_adapted,
)
from yuefu.tokens.vocabulary import vocabulary

#: Merged models that are kept; the ones that were used least recently go first.
KEPT = 6
#: Most tensors, and numbers of one, that an adapter may hold.
MAX_TENSORS, MAX_NUMBERS = 2_000, 16_000_000
_COPIED = ("model.onnx", "genai_config.json", "vocabulary.json")


def load_adapter(style: AdaptedStyle) -> Adapter:
    """The change of the model that a style holds. Raises FormatError for a damaged one."""
    return Adapter(read_factors(style.folder / WEIGHTS), style.manifest.scale)


def read_factors(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The pairs of factors in an ``adapter.npz``: float16 matrices, nothing pickled. Raises FormatError."""
    pairs: dict[str, dict[str, np.ndarray]] = {}
    try:
        with zipfile.ZipFile(path) as pack:
            entries = pack.infolist()
            if len(entries) > MAX_TENSORS or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise ValueError("it holds too much")
        with np.load(path, allow_pickle=False) as packed:
            for name in packed.files:
                matrix, dot, which = name.rpartition(".")
                array = packed[name]
                if not dot or which not in ("A", "B") or array.dtype != np.float16 or array.ndim != 2:
                    raise ValueError(f"'{name[:60]}' isn't a factor of a change")
                if array.size > MAX_NUMBERS or not np.isfinite(array).all():
                    raise ValueError(f"'{name[:60]}' holds numbers that can't be")
                pairs.setdefault(matrix, {})[which] = array
        found = {name: (pair["A"], pair["B"]) for name, pair in pairs.items()}
        if any(a.shape[0] != b.shape[1] for a, b in found.values()):
            raise ValueError("its factors don't fit each other")
    except KeyError as error:
        raise FormatError(f"'{path.name}' isn't an adapter: a factor is missing ({error!s:.60}).") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FormatError(f"'{path.name}' isn't an adapter: {error!s:.120}.") from error
    return found


def tunes_of(style: AdaptedStyle) -> FingerprintIndex:
    """The fingerprints of a style's pieces, for the copy guard."""
    return FingerprintIndex.load(style.folder / TUNES)


def merged_folder(base: Path, base_hash: str, style: AdaptedStyle) -> Path:
    """A model folder with a style in it, made at its first use and kept below ``$YUEFU_HOME/cache/merged``.

    Raises InputError for a style that was made for another model.
    """
    if style.manifest.base_model != base_hash or style.manifest.vocabulary != vocabulary().hash:
        raise InputError(
            f"your style '{style.name}' was made for the model {style.manifest.base_model}, this one is {base_hash}: "
            f"make it anew with `yuefu adapt --from FOLDER --name {style.name}`."
        )
    for parent in (home_folder() / "cache" / "merged", Path(tempfile.gettempdir()) / f"yuefu-merged-{os.getuid()}"):
        place = parent / f"{base_hash}-{style.hash}"
        if (place / "model.onnx.data").is_file():
            with suppress(OSError):
                os.utime(place)
            return place
        try:
            parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _merge(base, style, place)
        except OSError as error:
            problem = error
            continue
        _forget_old(parent, place)
        return place
    raise output_error(place, problem)


def _merge(base: Path, style: AdaptedStyle, place: Path) -> None:
    """Write a merged folder beside where it shall lie, and move it there whole."""
    stage = place.with_name(f".{place.name}-{secrets.token_hex(4)}")
    try:
        stage.mkdir()
        (stage / "model.onnx.data").write_bytes(merged_data(base, load_adapter(style)))
        for name in _COPIED:
            shutil.copyfile(base / name, stage / name)
        try:
            os.replace(stage, place)
        except OSError:
            if not (place / "model.onnx.data").is_file():  # somebody else was quicker, or else it is a fault
                raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _forget_old(parent: Path, kept: Path) -> None:
    with suppress(OSError):
        folders = [
            path for path in parent.iterdir() if path.is_dir() and path != kept and not path.name.startswith(".")
        ]
        for path in sorted(folders, key=lambda path: -path.stat().st_mtime)[KEPT - 1 :]:
            shutil.rmtree(path, ignore_errors=True)


def joined_index(one: FingerprintIndex | None, other: FingerprintIndex) -> FingerprintIndex:
    """Two indexes as one: the tunes of both are found."""
    if one is None:
        return other
    return FingerprintIndex(
        np.concatenate([one.intervals, other.intervals]),
        np.concatenate([one.rhythm, other.rhythm]),
        np.concatenate([one.offsets, other.offsets + len(one.intervals)]),
        np.concatenate([one.pieces, other.pieces + len(one.works)]),
        (*one.works, *other.works),
        (*one.sets, *other.sets),
    )


@contextmanager
def new_style(name: str) -> Iterator[Path]:
    """A hidden folder to write a style's files into; it takes the style's place when the block succeeds."""
    parent = make_folder(adapters_folder())
    stage = parent / f".{name}-{secrets.token_hex(4)}"
    old = parent / f".{name}-old-{secrets.token_hex(4)}"
    place = parent / name
    try:
        stage.mkdir()
        yield stage
        if place.exists():
            os.replace(place, old)
        os.replace(stage, place)
    except OSError as error:
        if old.exists() and not place.exists():
            os.replace(old, place)
        raise output_error(parent, error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def own_style(name: str) -> AdaptedStyle:
    """A style of one's own by name. Raises UnknownNameError."""
    found = find_adapted(name)
    if found is None:
        raise UnknownNameError("style of your own", name, adapted_names())
    return found


def remove_style(name: str) -> None:
    """Take a style of one's own away, damaged or not. Raises UnknownNameError."""
    plain = name.strip().lower()
    if plain not in adapted_names():
        raise UnknownNameError("style of your own", name, adapted_names())
    shutil.rmtree(adapters_folder() / plain, ignore_errors=True)


def export_style(name: str, path: Path) -> Path:
    """Pack a style of one's own into a zip file."""
    style = own_style(name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for file in FILES:
            entry = zipfile.ZipInfo(file, (1980, 1, 1, 0, 0, 0))  # the same style, the same bytes
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, (style.folder / file).read_bytes(), zipfile.ZIP_DEFLATED)
    atomic_write(path, buffer.getvalue())
    return path


def import_style(path: Path, *, name: str | None = None, replace: bool = False, progress: Listener = ignore) -> str:
    """Take a style from a file that ``export_style`` wrote, under its own name or another; the name.

    Everything in the file is checked before any of it is used. Raises FormatError for another kind of file,
    LimitError for too large a one, ConflictError where a style of that name is there already.
    """
    files = _unpacked(read_limited(path, "style file"))
    manifest = parse_manifest(files[MANIFEST].decode("utf-8", "replace"))
    wanted = check_name(name or manifest.name)
    manifest = manifest.model_copy(update={"name": wanted})
    if manifest.vocabulary != vocabulary().hash:
        raise InputError(f"the style in '{path.name}' is of another version of Yuefu: make it anew with `yuefu adapt`.")
    if wanted in adapted_names() and not replace:
        raise ConflictError(
            f"there is a style '{wanted}' already: give --replace, or --name with another, or remove it first."
        )
    with new_style(wanted) as stage:
        (stage / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")
        for file in (WEIGHTS, TUNES):
            (stage / file).write_bytes(files[file])
        read_factors(stage / WEIGHTS)
        FingerprintIndex.load(stage / TUNES)
    read_adapted(adapters_folder() / wanted)
    return wanted


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a packed style: those three, by their plain names, and no others."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            entries = pack.infolist()
            names = sorted(entry.filename for entry in entries)
            if names != sorted(FILES):
                raise FormatError(f"this isn't a style's file: it holds {', '.join(names)[:80] or 'nothing'}.")
            found = {}
            for entry in entries:
                most = MAX_MANIFEST if entry.filename == MANIFEST else MAX_BYTES
                with pack.open(entry) as stream:
                    content = stream.read(most + 1)
                if len(content) > most:
                    raise LimitError(f"'{entry.filename}' in the style's file is larger than any that is made here.")
                found[entry.filename] = content
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise FormatError(f"this isn't a style's file: {error!s:.100}.") from error
    return found
