"""The script of a window: given cells come a bar ahead, filled cells in order, nothing is said twice."""

import numpy as np

from yuefu.score.model import ROWS
from yuefu.tokens.grid import EMPTY, GridBar
from yuefu.tokens.sequence import Cover, Fill, Forced, Header, Window, cell_count, script, training_ids
from yuefu.tokens.vocabulary import vocabulary

V = vocabulary()


def ids(*names):
    return np.array([V.id(n) for n in names], dtype=np.int16)


def window():
    chord = ids("POS_0", "ROOT_0", "QUALITY_maj")
    tune = ids("POS_0", "PITCH_64", "DUR_48", "POS_48", "PITCH_67", "DUR_48")
    return Window([GridBar("4/4", 96)] * 3, {"chords": [chord] * 3, "melody": [tune] * 3}, Header(style="pop"))


def mask(**rows):
    out = np.zeros((3, len(ROWS)), dtype=np.int8)
    for row, cover in rows.items():
        out[:, ROWS.index(row)] = cover
    return out


def names_of(steps):
    return [V.names[t] for s in steps if isinstance(s, Forced) for t in s.ids]


def test_given_cells_come_one_bar_ahead():
    """When the melody of bar n is written, the chords of bar n + 1 have been heard."""
    order = []
    for step in script(window(), mask(chords=Cover.GIVEN, melody=Cover.FILL)):
        if isinstance(step, Fill):
            order.append(("fill", step.bar))
        elif V.given["chords"] in step.ids:
            order.append(("given", None))
    assert [kind for kind, _ in order] == ["given", "given", "fill", "given", "fill", "fill"]


def test_harmonising_tells_the_pitch_classes_of_the_tune():
    """Before chords are written the sounding pitch classes of each half bar are named, longest first."""
    names = names_of(script(window(), mask(chords=Cover.FILL, melody=Cover.GIVEN)))
    place = names.index("HELP_0")
    assert names[place : place + 4] == ["HELP_0", "PC_4", "HELP_1", "PC_7"]


def test_absent_rows_are_never_mentioned():
    """A row that the mask calls absent leaves no trace."""
    names = names_of(script(window(), mask(melody=Cover.FILL)))
    assert not any("chords" in name for name in names)


def test_training_weights_cover_exactly_the_filled_cells():
    """Weight 1 lies on the filled cells with their END, and on nothing else."""
    tokens, weights = training_ids(window(), mask(chords=Cover.GIVEN, melody=Cover.FILL), given_weight=0.0)
    learnt = [V.names[t] for t, w in zip(tokens, weights) if w == 1.0]
    assert learnt == ["POS_0", "PITCH_64", "DUR_48", "POS_48", "PITCH_67", "DUR_48", "END"] * 3
    assert tokens[-1] == V.eos


def test_counts_leave_out_held_notes():
    """A note that holds a syllable is no onset to be sung."""
    assert cell_count(ids("POS_0", "PITCH_60", "DUR_24", "POS_24", "HOLD", "PITCH_62", "DUR_24")) == 1
    assert cell_count(EMPTY) == 0
