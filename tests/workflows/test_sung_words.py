"""Words on the tune that sings them: heeded while it is written, phrased as a singer would, and never lost."""

from __future__ import annotations

import pytest

from yuefu.analysis.singing import check_singing
from yuefu.planning.plan import PlannedSyllable
from yuefu.planning.planner import make_plan
from yuefu.score.model import make_notes
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.text.lyrics import parse_lyrics
from yuefu.workflows.compose import compose
from yuefu.workflows.leanings import Taste
from yuefu.workflows.sung_words import BREATH, bar_wordings, phrased

ENGLISH = "[verse]\nUnder the stars I wander home alone\nThe river sings a song I used to know\n"
CHINESE = "[verse]\n明月几时有，把酒问青天\n不知天上宫阙，今夕是何年\n"


def test_every_sung_syllable_of_the_plan_has_its_wording() -> None:
    plan = make_plan(read_brief("", BriefOptions(lyrics=ENGLISH, seed=1)), 1)
    found = bar_wordings(plan)
    assert {bar: len(w.weights) for bar, w in found.items()} == {bar: len(own) for bar, own in plan.lyrics.items()}
    told = {s.text: w for bar in plan.lyrics for s, w in zip(plan.lyrics[bar], found[bar].weights, strict=True)}
    assert told["stars"] == 1
    assert told["the"] == -1
    assert told["Un"] > told["der"]


def test_notes_of_a_phrase_are_tied_on_and_cut_where_the_words_breathe() -> None:
    notes = make_notes([(1, 0, 12, 60, 80), (2, 24, 24, 62, 80), (3, 48, 24, 64, 80)])
    words = [PlannedSyllable(text="a"), PlannedSyllable(text="b", breath=True), PlannedSyllable(text="c")]
    out = phrased(notes, [False, False, False], words)
    assert out["duration"].tolist() == [24, 24 - BREATH, 24]


def test_a_held_note_is_tied_to_the_one_it_holds() -> None:
    notes = make_notes([(1, 0, 12, 60, 80), (2, 24, 24, 62, 80)])
    words = [PlannedSyllable(text="a", breath=True)]
    assert phrased(notes, [False, True], words)["duration"].tolist() == [24, 24]


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize(("lyrics", "rule"), [(ENGLISH, "stress"), (CHINESE, "tones")])
def test_every_syllable_is_sung_in_order_and_heeded_words_sit_better(lyrics: str, rule: str) -> None:
    wanted = [s.text for line in parse_lyrics(lyrics).lines for s in line.syllables]
    scores = {}
    for heed in (1.0, 0.0):
        total = 0.0
        for seed in (1, 2):
            song = compose("", BriefOptions(lyrics=lyrics, style="pop", seed=seed), taste=Taste(words=heed))
            (part,) = [part for part in song.score.parts if part.syllables]
            assert [s.text for s in part.syllables] == wanted
            total += check_singing(song.score).checks[rule]
        scores[heed] = total
    assert scores[1.0] > scores[0.0]
