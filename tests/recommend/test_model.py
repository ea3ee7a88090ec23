"""Fitted recommenders: ranking, masks, and a file that comes back as it was or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from yuefu.errors import FormatError, InputError, LimitError, OutputError, UnknownNameError
from yuefu.recommend import packing
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.model import FittedModel, best_of

ITEMS = tuple(f"piece:{letter}" for letter in "abcdefgh")


def histories(count: int = 40, seed: int = 1) -> Histories:
    """Listeners who go round the items in order, from anywhere."""
    rng = np.random.default_rng(seed)
    sequences = tuple((rng.integers(8) + np.arange(rng.integers(1, 6))) % 8 for _ in range(count))
    matrix = np.zeros((count, 8), dtype=np.float32)
    for row, sequence in enumerate(sequences):
        matrix[row, sequence] = 1.0
    dislikes = np.zeros_like(matrix)
    dislikes[0, (sequences[0][-1] + 1) % 8] = 1.0
    moments = tuple(100.0 + np.arange(len(sequence)) for sequence in sequences)
    names = tuple(f"listener {row}" for row in range(count))
    return Histories(names, ITEMS, sp.csr_matrix(matrix), sequences, moments, 110.0, sp.csr_matrix(dislikes))


def catalogue() -> Catalogue:
    features = np.eye(8, 3, dtype=np.float32)
    created = np.where(np.arange(8) % 2, 90.0, np.nan)
    return Catalogue(ITEMS, features, ("style:jazz", "mood:valence", "tag:雨"), ("安",) * 8, created)


@pytest.fixture(scope="module")
def model() -> FittedModel:
    return FittedModel.fit(histories(), catalogue(), names=("markov",), seed=3)


def test_what_was_heard_or_disliked_never_comes(model: FittedModel) -> None:
    """Nobody gets what they played or don't want; with ``again`` what they played may come, what they dislike not."""
    data = histories()
    ranked = model.recommend(data, 8)
    again = model.recommend(data, 8, again=True)
    for row in range(len(data.listeners)):
        heard = set(data.sequences[row].tolist())
        unwanted = set(data.dislikes[row].indices.tolist())
        assert {item for item, _ in ranked.of(row)} == set(range(8)) - heard - unwanted
        assert {item for item, _ in again.of(row)} == set(range(8)) - unwanted


def test_the_best_come_first_and_the_rest_is_empty(model: FittedModel) -> None:
    """Scores fall along a row, and behind the last item that can come there is -1 with -inf."""
    ranked = model.recommend(histories(), 8)
    for row in range(len(ranked.items)):
        scores = [score for _, score in ranked.of(row)]
        assert scores == sorted(scores, reverse=True)
        empty = ranked.items[row] == -1
        assert np.isneginf(ranked.scores[row][empty]).all()
        assert np.isfinite(ranked.scores[row][~empty]).all()


@pytest.mark.parametrize("each", [False, True])
def test_a_mask_lets_only_its_items_through(model: FittedModel, each: bool) -> None:
    """Only what is allowed comes, for all alike or for each listener by a row of their own."""
    data = histories()
    mask = np.zeros((40, 8) if each else 8, dtype=bool)
    if each:
        mask[np.arange(40), np.arange(40) % 8] = True
    else:
        mask[[2, 5]] = True
    ranked = model.recommend(data, 8, mask, again=True)
    rows = mask if each else np.broadcast_to(mask, (40, 8))
    assert any(len(ranked.of(row)) for row in range(40))
    for row in range(40):
        assert all(rows[row, item] for item, _ in ranked.of(row))
    with pytest.raises(InputError, match="shape"):
        model.recommend(data, 8, np.ones(7, dtype=bool))


def test_batches_change_nothing(model: FittedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many listeners answered a few at a time get what they get at once."""
    whole = model.recommend(histories(), 4)
    monkeypatch.setattr("yuefu.recommend.model.BATCH_SCORES", 24)
    parts = model.recommend(histories(), 4)
    assert (whole.items == parts.items).all()
    assert (whole.scores == parts.scores).all()


def test_ties_go_by_column_and_nothing_is_invented() -> None:
    """The first of equals comes first, also where the last place cuts through equals; -inf never comes."""
    scores = np.array([2, 5, 5, 2, -np.inf, 2, 5], dtype=np.float32)
    assert best_of(scores, 5).tolist() == [1, 2, 6, 0, 3]
    assert best_of(scores, 99).tolist() == [1, 2, 6, 0, 3, 5]
    assert best_of(scores, 0).tolist() == []


def test_a_file_gives_back_the_same_answers(model: FittedModel, tmp_path: Path) -> None:
    """What is loaded ranks, explains and is called as what was saved; the same model gives the same bytes."""
    path = tmp_path / "fit.npz"
    version = model.save(path)
    loaded = FittedModel.load(path)
    data = histories()
    assert loaded.version == version == model.version
    assert (loaded.items, loaded.listeners, loaded.names) == (model.items, model.listeners, ("markov",))
    assert loaded.facts == model.facts
    assert loaded.facts["plays"] == sum(map(len, data.sequences))
    assert (loaded.scores(data) == model.scores(data)).all()
    assert loaded.explain(data, "piece:c") == model.explain(data, "piece:c")
    assert loaded.catalogue is not None
    assert model.catalogue is not None
    assert loaded.catalogue.names == model.catalogue.names
    assert loaded.catalogue.creators == model.catalogue.creators
    assert np.array_equal(loaded.catalogue.created, model.catalogue.created, equal_nan=True)
    model.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_questions_that_do_not_fit_are_refused(model: FittedModel) -> None:
    """Other columns, unknown items and unknown recommenders are told apart in a sentence."""
    data = histories()
    other = Histories(data.listeners, ITEMS[::-1], data.matrix, data.sequences, data.moments)
    with pytest.raises(InputError, match="other ones"):
        model.recommend(other)
    with pytest.raises(InputError, match="wasn't there"):
        model.explain(data, "piece:new")
    with pytest.raises(UnknownNameError):
        model.recommend(data, name="ease")
    with pytest.raises(UnknownNameError):
        FittedModel.fit(data, names=("nothing",))
    with pytest.raises(InputError, match="catalogue"):
        FittedModel.fit(other, catalogue(), names=("markov",))


@pytest.mark.parametrize("at", [0.05, 0.3, 0.6, 0.95])
def test_a_damaged_file_is_refused(model: FittedModel, tmp_path: Path, at: float) -> None:
    """A file that was cut short or changed in any place raises FormatError: it never answers wrongly."""
    path = tmp_path / "fit.npz"
    model.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * at)])
    with pytest.raises(FormatError):
        FittedModel.load(path)


def test_no_changed_bit_goes_unseen(model: FittedModel, tmp_path: Path) -> None:
    """With any bit turned, a file is refused by FormatError or LimitError, or gives back just what was saved (a zip's
    dates mean nothing): nothing else is ever raised."""
    path = tmp_path / "fit.npz"
    model.save(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    refused = 0
    for place in [*rng.integers(0, len(whole), 250), *range(len(whole) - 60, len(whole))]:
        changed = bytearray(whole)
        changed[int(place)] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            loaded = FittedModel.load(path)
        except (FormatError, LimitError):
            refused += 1
        else:
            assert loaded.version == model.version
    assert refused > 150


def test_no_pickle_is_ever_run(tmp_path: Path) -> None:
    """An array of objects in the file is refused before it is read, however it is called."""
    path = tmp_path / "bad.npz"
    for name in ("head", "a0", "other"):
        arrays = {"head": np.zeros(2, np.uint8), "digest": np.zeros(2, np.uint8), "a0": np.zeros(2)}
        np.savez(path, allow_pickle=True, **{**arrays, name: np.array([print, 1], dtype=object)})
        with pytest.raises(FormatError):
            FittedModel.load(path)


def test_a_file_that_claims_too_much_is_refused(
    model: FittedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sizes are held against the limits, and a header against its entry, before memory is taken for them."""
    path = tmp_path / "fit.npz"
    model.save(path)
    monkeypatch.setattr(packing, "MAX_BYTES", 100)
    with pytest.raises(LimitError):
        FittedModel.load(path)
    monkeypatch.undo()
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    huge = np.zeros(3)
    np.save(tmp_path / "huge.npy", huge)
    claimed = (tmp_path / "huge.npy").read_bytes().replace(b"(3,), }       ", b"(999999999,), }")
    assert len(claimed) > 24
    assert b"999999999" in claimed
    entries["a0.npy"] = claimed
    with zipfile.ZipFile(path, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data)
    with pytest.raises(FormatError, match="as large as it says"):
        FittedModel.load(path)


def test_writing_is_whole_or_not_at_all(model: FittedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails half-way, what was there before is still there and no crumb lies about."""
    path = tmp_path / "fit.npz"
    version = model.save(path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(packing.np, "savez", full)
    with pytest.raises(OutputError):
        model.save(path)
    assert FittedModel.load(path).version == version
    assert [one.name for one in tmp_path.iterdir()] == ["fit.npz"]


def test_a_tree_of_everything_comes_back(tmp_path: Path) -> None:
    """Nested values of every kind that a state may hold come back equal and of the same kind."""
    tree = {
        "plain": [None, True, 3, 2.5, "雨", float("inf")],
        "tuple": (1, (2, "x")),
        "keys": {1: "one", "=": "mark"},
        "words": np.array(["甲", "bc"]),
        "reversed": np.arange(6.0)[::-2],
        "turned": np.arange(6, dtype=np.int32).reshape(2, 3).T,
        "empty": np.zeros((0, 4), np.float32),
        "scalar": np.float32(0.5),
        "sparse": sp.csc_matrix(np.eye(3, 5, dtype=np.float32)),
    }
    digest = packing.pack(tmp_path / "tree.npz", tree)
    found, again = packing.unpack(tmp_path / "tree.npz")
    assert again == digest
    assert found["plain"] == tree["plain"]
    assert found["tuple"] == tree["tuple"]
    assert found["keys"] == tree["keys"]
    for name in ("words", "reversed", "turned", "empty"):
        assert found[name].dtype == tree[name].dtype, name
        assert np.array_equal(found[name], tree[name]), name
    assert found["scalar"] == 0.5
    assert found["sparse"].format == "csc"
    assert (found["sparse"] != tree["sparse"]).nnz == 0
    with pytest.raises(TypeError, match="can't be kept"):
        packing.pack(tmp_path / "tree.npz", {"set": {1}})


def test_a_matrix_that_points_outside_is_refused(tmp_path: Path) -> None:
    """A sparse matrix whose places lie outside of it is refused: its arithmetic would write there."""
    bad = sp.csr_matrix(np.eye(3, dtype=np.float32))
    bad.indices[1] = 7
    packing.pack(tmp_path / "tree.npz", {"bad": bad})
    with pytest.raises(FormatError, match="outside"):
        packing.unpack(tmp_path / "tree.npz")


def test_large_matrices_that_are_mostly_empty_take_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large matrix with few numbers comes back dense and equal from a small file; one that claims more is refused."""
    wide = np.zeros((1200, 1000), dtype=np.float32)
    wide[::50, ::7] = np.arange(143, dtype=np.float32) - 70.0
    full = np.ones((1200, 1000), dtype=np.float32)
    packing.pack(tmp_path / "tree.npz", {"wide": wide})
    assert (tmp_path / "tree.npz").stat().st_size < 100_000
    found, _ = packing.unpack(tmp_path / "tree.npz")
    assert np.array_equal(found["wide"], wide)
    assert found["wide"].dtype == np.float32
    monkeypatch.setattr(packing, "MAX_BYTES", 1_000_000)
    with pytest.raises(LimitError):
        packing.unpack(tmp_path / "tree.npz")
    monkeypatch.undo()
    packing.pack(tmp_path / "tree.npz", {"full": full})
    assert np.array_equal(packing.unpack(tmp_path / "tree.npz")[0]["full"], full)
