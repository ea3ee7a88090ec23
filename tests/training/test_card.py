"""The model card and the attributions beside published weights."""

import pytest

from yuefu.corpus.manifest import manifest, manifests
from yuefu.score.model import Score
from yuefu.training.card import attributions, model_card

pytestmark = pytest.mark.train


def told(sets):
    return {
        "name": "fill", "made": "2026-01-01", "architecture": "LlamaForCausalLM", "parameters": 3_300_000,
        "precision": "int4", "steps": 10, "tokens_seen": 5_000_000, "training_seconds": 7200,
        "begun_from": "the weights of another day", "held_out_nats_per_token": 1.25, "held_out_rows": {"bass": 1.5},
        "vocabulary": "abc",
        "settings": {
            "model": {"width": 256, "layers": 4, "heads": 4, "inner": 704, "context": 2048},
            "optim": {"name": "muon", "rate": 0.0025},
        },
        "sets": [
            {"name": n, "title": m.title, "licence": m.licence, "licence_note": m.licence_note, "origin": m.origin,
             "citation": m.citation, "weight": 1.0}
            for n, m in sets.items()
        ],
    }  # fmt: skip


def test_the_card_credits_every_set_and_states_budget_and_measures():
    """Each set's title, licence, origin and citation stand in the card, beside tokens, hours and losses."""
    sets = {name: m for name, m in manifests().items() if m.kind == "music"}
    card = model_card(told(sets))
    for each in sets.values():
        for fact in (each.title, each.licence, each.origin, each.citation):
            assert fact in card
    for fact in (
        "5.0 M tokens",
        "2.0 hours",
        "1.250 nats",
        "| bass | 1.500 |",
        "the weights of another day",
        "中文摘要",
    ):
        assert fact in card


def test_attributions_name_the_works_that_ask_for_credit_and_no_others():
    """CC BY, CC BY-SA and ODbL works are listed once, with what the corpus recorded; free ones aren't."""
    licences = {
        "a": "CC-BY-4.0",
        "b": "CC0-1.0",
        "c": "CC BY-SA 3.0",
        "d": "public domain",
        "e": manifest("wjazzd").licence,
    }
    scores = [
        Score(title=f"tune\t{work}", composer="N. N.", metadata={"set": "toy", "work": work, "licence": licence})
        for work, licence in licences.items()
    ]
    lines = attributions([*scores, scores[0]]).splitlines()
    assert lines[0].split("\t") == ["set", "work", "title", "composer", "licence", "source"]
    assert [line.split("\t")[1] for line in lines[1:]] == ["a", "c", "e"]
    assert all(line.count("\t") == 5 for line in lines)
