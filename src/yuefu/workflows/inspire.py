"""Ideas from music: found, searched, turned, recombined, and made the beginning of a piece.

desk = IdeaDesk(Path("ideas"))
index = desk.files([Path("songs")])
hits = index.search(Search(roman="I V vi IV", words="sad"))
idea = combine(rhythm=hits[0].idea, chords=hits[1].idea, seed=7)
piece = start_piece([idea], "a quiet evening")
"""

from __future__ import annotations

from yuefu.inspire.extract import ideas_of_score
from yuefu.inspire.idea import KINDS, Idea, Source
from yuefu.inspire.index import Hit, Search
from yuefu.inspire.making import idea_from_dict, idea_to_dict
from yuefu.inspire.sparks import sparks
from yuefu.workflows.inspire_cards import card, midi_of, score_of
from yuefu.workflows.inspire_desk import IdeaDesk, IdeaIndex, ideas_of_data
from yuefu.workflows.inspire_start import MOST_IDEAS, start_piece
from yuefu.workflows.inspire_surprise import surprising
from yuefu.workflows.inspire_turns import TURNS, combine, fresh, turn

__all__ = [
    "KINDS", "MOST_IDEAS", "TURNS", "Hit", "Idea", "IdeaDesk", "IdeaIndex", "Search", "Source", "card", "combine",
    "fresh", "idea_from_dict", "idea_to_dict", "ideas_of_data", "ideas_of_score", "midi_of", "score_of", "sparks",
    "start_piece", "surprising", "turn",
]  # fmt: skip
