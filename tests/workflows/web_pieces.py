"""Pieces that the tests of documents, edits and views share: composed once, or made by hand."""

from functools import cache

from yuefu.score.model import ChordSpan, Part, Score, Section, Syllable, make_notes
from yuefu.theory.chord import Chord
from yuefu.workflows.compose import Composition, compose
from yuefu.workflows.documents import Document, document_of, document_of_score


@cache
def composed() -> Composition:
    """A short song in Chinese with a band, by the shipped model."""
    return compose(
        lyrics="床前明月光\n疑是地上霜\n举头望明月\n低头思故乡", style="pop", tempo=92, key="G major", form="verse:8",
        instruments="voice, piano, bass, drums", seed=7, candidates=2,
    )  # fmt: skip


@cache
def composed_document() -> Document:
    """Its document."""
    return document_of(composed())


def small_score() -> Score:
    """Four bars of 4/4: a tune with English words, a bass, drums, chords, two sections."""
    tune = [(i + 1, i * 24, 24, 60 + (0, 2, 4, 5, 7, 5, 4, 2)[i % 8], 80) for i in range(16)]
    bass = [(100 + i, i * 96, 96, 36 + (0, 5, 7, 0)[i], 80) for i in range(4)]
    drums = [(200 + i, i * 48, 6, 36 if i % 2 == 0 else 38, 80) for i in range(8)]
    words = ["Morn", "ing", "rain", "is", "fall", "ing", "on", "me"]
    kinds = ["begin", "end", "single", "single", "begin", "end", "single", "single"]
    return Score(
        title="Rain",
        parts=(
            Part("P1", "Voice", "melody", 53, "voice", make_notes(tune),
                 tuple(Syllable(i + 1, w, k, 1, i == 7) for i, (w, k) in enumerate(zip(words, kinds)))),
            Part("P2", "Bass", "bass", 33, "electric_bass", make_notes(bass)),
            Part("P3", "Drums", "drums", 0, "drums", make_notes(drums)),
        ),
        chords=tuple(ChordSpan(i * 96, 96, Chord.parse(name)) for i, name in enumerate(("C", "F", "G7", "C"))),
        sections=(Section(0, 192, "A", "verse"), Section(192, 192, "B", "chorus")),
        length=384,
    )  # fmt: skip


def small() -> Document:
    """The same as a document."""
    return document_of_score(small_score(), style="pop", seed=3)
