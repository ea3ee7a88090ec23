"""What is asked of harmony that is written: tunes alone get chords first, basses walk, ends are held."""

from dataclasses import replace

import numpy as np
from test_fill_music import WAYS, song

from yuefu.score.model import ChordSpan, MeterChange, Part, Score, make_notes
from yuefu.theory.chord import Chord
from yuefu.workflows.arrange import arrange
from yuefu.workflows.cell_chords import closes_of
from yuefu.workflows.cell_inversions import Event, line_under
from yuefu.workflows.chord_manner import CLOSE, WITHIN
from yuefu.workflows.fill_wishes import style_for
from yuefu.workflows.tasks import bassline, harmonize, vary


def tune_alone():
    """The song's tune and nothing else."""
    return replace(song(), parts=song().parts[:1], chords=())


def test_a_tune_alone_is_harmonised_before_it_gets_a_bass():
    """Chords are found first; a bass line's score keeps none of them, an arrangement shows them."""
    bass = bassline(tune_alone(), **WAYS)
    assert bass.chords == "new"
    assert bass.score.chords == ()
    band = arrange(tune_alone(), "violin, piano", **WAYS)
    assert band.chords == "new"
    assert len({span.chord.root for span in band.score.chords}) > 1


def test_chords_that_are_written_are_gone_by():
    bass = bassline(replace(song(), parts=song().parts[:1]), **WAYS)
    assert bass.chords == "given"
    assert bass.score.chords == song().chords


def test_a_bass_steps_and_closes_on_roots():
    """Under C, G, Am and a close on C by way of F and G the bass walks where it can, and stands at both ends."""
    roots = (0, 7, 9, 5, 7, 0)
    chords = [Chord(root, "m" if root == 9 else "") for root in roots]
    tunes = (67, 67, 72, 69, 67, 72)
    stands = (*[WITHIN] * 5, CLOSE)
    events = [Event(0, 24 * i, c, t, s) for i, (c, t, s) in enumerate(zip(chords, tunes, stands, strict=True))]
    line = line_under(events, "major")
    assert (line[0], line[-2], line[-1]) == (0, 7, 0)
    assert line[1] == 11
    assert all(bass in chord.pitch_classes for bass, chord in zip(line, chords, strict=True))


def test_a_bass_does_not_follow_the_tune_in_octaves():
    """C, F and G in root position under c, f and g would be three octaves in a row."""
    events = [Event(0, 24 * i, Chord(root), 72 + root, WITHIN) for i, root in enumerate((0, 5, 7))]
    line = line_under(events, "major")
    octaves = [bass == event.tune % 12 for bass, event in zip(line, events, strict=True)]
    assert not all(octaves)


def test_of_two_notes_near_each_other_the_longer_is_the_close():
    """A crotchet among quavers a bar before a minim doesn't take the close from it."""
    quavers = [(i * 12, 12, 60 + i % 5) for i in range(24)]
    notes = [*quavers, (288, 24, 67), *[(312 + i * 12, 12, 64) for i in range(6)], (384, 48, 60)]
    notes += [(432 + i * 12, 12, 62 + i % 3) for i in range(24)] + [(720, 48, 60)]
    rows = [(i, start, length, pitch, 80) for i, (start, length, pitch) in enumerate(notes, 1)]
    closes = [close.start for close in closes_of(Score(parts=(Part("P1", "T", "melody", notes=make_notes(rows)),)))]
    assert 384 in closes
    assert 288 not in closes


def test_nothing_changes_after_the_last_note():
    """The chord of the tune's last note is held to the end, however late that is, in every way of harmonising."""
    for style in ("plain", "pop", "hymn", "jazz"):
        done = harmonize(replace(tune_alone(), length=96 * 18), style, **{**WAYS, "candidates": 4})[0]
        assert max(span.start for span in done.score.chords) <= 672


def test_a_variation_has_no_fewer_notes_than_its_theme():
    """Bar by bar the tune has as many notes as before or more, and the piano strikes as often as it struck."""
    theme = song()
    varied = vary(theme, 1.0, **WAYS).score
    starts, own = (np.array([n["start"] for n in s.parts[0].notes]) // 96 for s in (theme, varied))
    assert all((own == bar).sum() >= (starts == bar).sum() for bar in range(8))
    struck = [np.unique(s.parts[1].notes["start"]) // 96 for s in (theme, varied)]
    assert np.array_equal(*(np.bincount(bars, minlength=8) for bars in struck))


def test_sevenths_over_a_lone_tune_ask_for_swing_and_a_busy_tune_for_no_chorale():
    tune = tune_alone()
    rich = tuple(ChordSpan(i * 48, 48, Chord(root, "7")) for i, root in enumerate((0, 5, 7, 0) * 4))
    assert style_for(None, replace(tune, chords=rich), ["melody", "bass"])[0] == "swing"
    four = ["melody", "counter", "inner", "bass"]
    assert style_for(None, tune, four)[0] == "chorale"
    busy = make_notes([(i, i * 6, 6, 60 + i % 7, 80) for i in range(1, 120)])
    assert style_for(None, replace(tune, parts=(tune.parts[0].with_notes(busy),)), four)[0] == "classical"


def test_a_jig_comes_home_though_its_last_note_stands_in_the_middle_of_a_bar():
    """In bars of six quavers one chord holds to the end, and it is the tonic: noise for a model knows that too."""
    bars = [(0, 12, 24, 12, 0, 12), (5, 9, 5, 9, 5, 9), (7, 11, 14, 11, 7, 5), (2, 0, None, 0, None, None)]
    notes = [
        (bar * 72 + i * 12, 60 + p) for bar, own in enumerate(bars * 2) for i, p in enumerate(own) if p is not None
    ]
    rows = [(i, tick, 12, pitch, 80) for i, (tick, pitch) in enumerate(notes, 1)]
    jig = Score(
        parts=(Part("P1", "Fiddle", "melody", 40, notes=make_notes(rows)),), meters=(MeterChange(0, 6, 8),), length=576
    )  # fmt: skip
    done = harmonize(jig, "plain", **{**WAYS, "candidates": 4})[0]
    assert done.score.chords[-1].chord.root == 0
