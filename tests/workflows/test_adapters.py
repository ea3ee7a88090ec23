"""Styles of one's own in the runtime: merged, kept, guarded, packed and unpacked, and pieces written in them."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.own_styles import make_style, plain_tune

from yuefu.errors import ConflictError, FormatError, InputError, UnknownNameError
from yuefu.score.abc_read import read_abc_book
from yuefu.text.adapted import FILES, MANIFEST, WEIGHTS, adapted_names, adapters_folder, find_adapted
from yuefu.workflows.adapters import KEPT, export_style, import_style, merged_folder, read_factors, remove_style
from yuefu.workflows.compose import compose
from yuefu.workflows.fill_score import fill
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.models import guarding, load_model, model_folder, originality_index, weights_hash
from yuefu.workflows.replay import replay

pytestmark = pytest.mark.model
SHORT = {"bars": 4, "candidates": 1, "seed": 5}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own."""
    monkeypatch.setenv("YUEFU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_merged_model_is_kept(home: Path) -> None:
    """The first use writes a whole folder, later ones take it as it is, and few of many stay."""
    base, told = model_folder(), weights_hash(model_folder())
    style = make_style("one")
    place = merged_folder(base, told, style)
    stamp = (place / "model.onnx.data").stat().st_mtime_ns
    assert merged_folder(base, told, style) == place
    assert (place / "model.onnx.data").stat().st_mtime_ns == stamp
    assert (place / "model.onnx.data").read_bytes() != (base / "model.onnx.data").read_bytes()
    for number in range(KEPT + 3):
        (place.parent / f"old-{number}").mkdir()
        os.utime(place.parent / f"old-{number}", (number, number))
    merged_folder(base, told, make_style("two", seed=2))
    names = {path.name for path in place.parent.iterdir()}
    assert len(names) == KEPT
    assert "old-0" not in names
    assert not any(name.startswith(".") for name in names)


def test_a_style_of_another_model_is_refused() -> None:
    """A style that was made for other weights says so, and what to do."""
    style = make_style("one", base_model="0" * 16)
    with pytest.raises(InputError, match="made for the model"):
        load_model(None, style.reference)


def test_pieces_are_written_in_it(tmp_path: Path) -> None:
    """The report names the style's hash, a replay writes the same bytes, and says so where the style is missing."""
    style = make_style("one", size=0.1)
    piece = compose(style="one", **SHORT)
    assert piece.model.adapter == style.reference
    assert piece.model.hash == load_model().hash
    told = piece.report.to_dict()
    assert told["chosen"]["adapter"] == style.reference
    assert next(each["asked"] for each in told["findings"] if each["field"] == "style") == "one"
    assert told["replay"]["brief"]["adapter"]["value"] == style.reference
    assert told["originality"]["compared_with"] == len(originality_index() or ()) + 4
    piece.save(tmp_path / "piece", ["midi"])
    again = replay(tmp_path / "piece" / "report.json")
    assert again.midi == piece.midi
    plain = compose(style="chinese_folk", **SHORT)
    assert plain.model.adapter is None
    remove_style("one")
    with pytest.raises(InputError, match="isn't here"):
        replay(tmp_path / "piece" / "report.json")
    make_style("one", size=0.1, seed=9)
    with pytest.raises(InputError, match="another"):
        replay(tmp_path / "piece" / "report.json")


def test_scores_are_filled_in_it() -> None:
    """A fill in the style names it among what was asked, and leaves all else as it is; another engine is refused."""
    style = make_style("one")
    score = read_abc_book(plain_tune(3))[0]
    done = fill(score, FillMask(["melody"], "3-4"), "in the style of one", seed=1)
    assert done.asked["adapter"] == style.reference
    kept = [note for note in score.parts[0].notes.tolist() if not 96 <= note[1] < 192]
    assert all(note in done.score.parts[0].notes.tolist() for note in kept)
    with pytest.raises(InputError, match="one of the two"):
        fill(score, FillMask(["melody"], "3-4"), "in the style of one", seed=1, engine="markov")


def test_its_own_pieces_are_guarded() -> None:
    """A tune that the style learnt from is refused as soon as the run is too long; without the style it isn't known."""
    style = make_style("one")
    notes = read_abc_book(plain_tune(2))[0].parts[0].notes
    line = [(int(note["start"]), int(note["pitch"])) for note in notes]
    guard = guarding(None, style.reference)
    assert guard is not None
    refused = [guard.refuses(line[:end], line[end]) for end in range(1, len(line))]
    assert not any(refused[:9])
    assert any(refused)
    assert guarding(None, None) is None


def test_there_and_back(tmp_path: Path) -> None:
    """A packed style comes back with the same hash, under its own name or another, and takes no name that is there."""
    style = make_style("one")
    file = export_style("ONE", tmp_path / "one.zip")
    assert export_style("one", tmp_path / "two.zip").read_bytes() == file.read_bytes()
    with pytest.raises(ConflictError, match="--replace"):
        import_style(file)
    assert import_style(file, name="other") == "other"
    assert import_style(file, replace=True) == "one"
    remove_style("one")
    assert adapted_names() == ["other"]
    assert import_style(file) == "one"
    back = find_adapted("one")
    assert back is not None
    assert back.reference == style.reference
    with pytest.raises(UnknownNameError):
        remove_style("nobody")
    with pytest.raises(UnknownNameError):
        export_style("nobody", tmp_path / "x.zip")


def packed(tmp_path: Path, **changes: bytes | None) -> Path:
    """A packed style with some of its files changed (None: left out) or others added."""
    make_style("one")
    export_style("one", tmp_path / "whole.zip")
    with zipfile.ZipFile(tmp_path / "whole.zip") as pack:
        files: dict[str, bytes | None] = {name: pack.read(name) for name in FILES}
    remove_style("one")
    files |= changes
    with zipfile.ZipFile(tmp_path / "changed.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files.items():
            if content is not None:
                pack.writestr(name, content)
    return tmp_path / "changed.zip"


def npz(**arrays: np.ndarray) -> bytes:
    """Arrays as an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


HARM = {
    "a path": {"../evil": b"x"},
    "a file more": {"extra.txt": b"x"},
    "a file less": {WEIGHTS: None},
    "no archive inside": {WEIGHTS: b"nonsense"},
    "a pickle": {WEIGHTS: npz(**{"layers.0.mlp.gate_proj.A": np.array([{"a": 1}], dtype=object)})},
    "other tensors": {WEIGHTS: npz(weights=np.zeros((2, 2), np.float16))},
    "half a pair": {WEIGHTS: npz(**{"layers.0.mlp.gate_proj.A": np.zeros((2, 2), np.float16)})},
    "no numbers": {WEIGHTS: npz(**{"x.A": np.full((2, 2), np.nan, np.float16), "x.B": np.zeros((2, 2), np.float16)})},
    "no manifest": {MANIFEST: b"{}"},
    "no tunes": {"tunes.npz": b"nonsense"},
    "too much": {MANIFEST: b" " * 5_000_000},
}


@pytest.mark.parametrize("case", HARM)
def test_harmful_files_are_refused(tmp_path: Path, case: str) -> None:
    """Paths, foreign files, pickles, damage and size are refused, and nothing is left behind or written elsewhere."""
    file = packed(tmp_path, **HARM[case])
    with pytest.raises(InputError):
        import_style(file)
    assert adapted_names() == []
    assert not [path for path in adapters_folder().iterdir() if path.name.startswith(".")]
    assert not (tmp_path / "home" / "evil").exists()


def test_imported_names_are_checked(tmp_path: Path) -> None:
    """A packed style can't call itself a built-in one or a path."""
    make_style("one")
    export_style("one", tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as pack:
        files = {name: pack.read(name) for name in FILES}
    remove_style("one")
    for name in ("jazz", "../up"):
        told = json.loads(files[MANIFEST]) | {"name": name}
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as pack:
            for file, content in {**files, MANIFEST: json.dumps(told).encode()}.items():
                pack.writestr(file, content)
        with pytest.raises(InputError):
            import_style(tmp_path / "bad.zip")
    (tmp_path / "no.zip").write_bytes(b"no zip")
    with pytest.raises(FormatError):
        import_style(tmp_path / "no.zip")


def test_factors_fit_each_other(tmp_path: Path) -> None:
    """Pairs of different ranks are no adapter."""
    (tmp_path / "x.npz").write_bytes(npz(**{"m.A": np.zeros((2, 4), np.float16), "m.B": np.zeros((4, 3), np.float16)}))
    with pytest.raises(FormatError, match="fit"):
        read_factors(tmp_path / "x.npz")
