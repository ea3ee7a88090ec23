"""A random brief says the same as options and as sentences."""

from __future__ import annotations

from yuefu.evaluation.briefs import random_wish, read_back
from yuefu.planning.planner import make_plan
from yuefu.text.brief import BriefOptions, read_brief


def test_every_random_brief_can_be_planned_and_is_small() -> None:
    for seed in range(60):
        wish = random_wish(seed)
        plan = make_plan(read_brief("", BriefOptions(**wish.options)), seed)
        assert plan.bars == wish.meant.get("bars", plan.bars)
        assert plan.bars <= 40
        assert sum(len(bar) for bar in plan.lyrics.values()) == len(wish.syllables)


def test_the_sentences_of_random_briefs_are_read_as_they_were_meant() -> None:
    for seed in range(1, 101):
        wish = random_wish(seed)
        for language in ("en", "zh"):
            assert all(read_back(wish, language).values()), wish.words[language]


def test_a_sentence_that_says_something_else_is_not_taken_for_agreement() -> None:
    wish = next(w for seed in range(60) if "tempo" in (w := random_wish(seed)).meant and "key" in w.meant)
    assert read_back(wish, "en")["tempo"]
    wish.words["en"] = "a piece in H minor"
    assert not any(read_back(wish, "en")[name] for name in ("tempo", "key"))


def test_the_same_seed_gives_the_same_brief() -> None:
    assert random_wish(7) == random_wish(7)
    assert random_wish(7) != random_wish(8)
