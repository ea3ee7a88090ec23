"""Naming an engine: who writes which rows, what a report says of it, and that replay asks for the same weights."""

import json
from dataclasses import replace

import pytest

import yuefu
from yuefu.engines import engine_info
from yuefu.errors import InputError, UnknownNameError
from yuefu.generation.engine import NoiseEngine
from yuefu.planning.planner import make_plan
from yuefu.score.model import Score
from yuefu.text.brief import read_brief
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.engines import check_composer, team_of, writer_of
from yuefu.workflows.models import load_model
from yuefu.workflows.tasks import continue_score


@pytest.fixture(scope="module")
def piece():
    return yuefu.compose("a song for flute, piano and bass", bars="8", seed=3, candidates="1", engine="markov")


def test_no_name_or_auto_means_the_model_inside():
    assert writer_of(None).tokens is writer_of("auto").tokens is writer_of("transformer").tokens is load_model().engine
    noise = NoiseEngine(len(vocabulary()))
    assert writer_of(noise).tokens is noise


def test_a_report_names_the_engine_and_its_rows_and_replay_makes_the_same_piece(piece, tmp_path):
    """The engine's name and the hash of its weights stand in the report; other weights are refused."""
    told = piece.report.to_dict()["replay"]["engine"]
    assert told == {"name": "markov", "hash": engine_info("markov").hash, "rows": ["melody", "bass", "keys"]}
    path = tmp_path / "report.json"
    report = piece.report.to_dict()
    path.write_text(json.dumps(report), "utf-8")
    assert yuefu.replay(path).midi == piece.midi
    report["replay"]["engine"]["hash"] = "0" * 16
    path.write_text(json.dumps(report), "utf-8")
    with pytest.raises(InputError, match="'markov' with weights 0000"):
        yuefu.replay(path)


def test_the_model_writes_the_band_that_an_engine_cannot():
    """lstm knows no keys: it has the tune, and the model has the band, all of which is written together."""
    plan = make_plan(read_brief("a song for flute, piano and bass"), 1)
    loaded = load_model()
    team = team_of("lstm", plan, loaded)
    assert team.rows == ("melody",)
    assert team.tune is not loaded.engine
    assert team.band is loaded.engine


def test_who_cannot_compose_is_refused_with_those_who_can():
    with pytest.raises(UnknownNameError, match="did you mean 'markov'"):
        check_composer("markof")
    for name in ("vae", "gan"):
        try:
            info = engine_info(name)
        except UnknownNameError:
            continue
        if "compose" not in info.tasks:
            with pytest.raises(InputError, match="doesn't compose whole pieces: use one of transformer"):
                check_composer(name)


def test_a_continuation_is_shared_out_where_an_engine_knows_some_rows(piece):
    """Every part that plays goes on, and the result names the engine that was asked for."""
    score: Score = replace(piece.score, metadata={**piece.score.metadata})
    done = continue_score(score, 4, seed=2, candidates=1, engine="lstm")
    assert done.engine == "lstm"
    assert {"chords", "melody", "bass", "keys"} <= set(done.filled)
    last = len(score.bars) * 96
    assert all((part.notes["start"] >= last).any() for part in done.score.parts)


def test_another_models_folder_and_another_engine_exclude_each_other(tmp_path):
    with pytest.raises(InputError, match="has its own"):
        writer_of("markov", tmp_path)
