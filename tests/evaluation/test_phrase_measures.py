"""Measures of how near phrases are to what they should be."""

import numpy as np

from yuefu.evaluation.phrase_measures import drum_measures, line_measures
from yuefu.tokens.phrases import SILENT, STRUCK


def test_a_perfect_line_scores_one_and_a_semitone_off_is_near():
    """Padding doesn't count; a wrong pitch costs pitch and not onset; a missing note costs both."""
    wanted = np.full((1, 1, 16), SILENT, dtype=np.uint8)
    wanted[0, 0, [0, 4, 8]] = STRUCK + 40
    mask = np.zeros((1, 1, 16), dtype=bool)
    mask[..., :12] = True
    noise = wanted.copy()
    noise[..., 12:] = STRUCK + 1
    assert line_measures(wanted, noise, mask) == {"onset_f1": 1, "pitch": 1, "near": 1, "steps": 1, "whole": 1}
    found = wanted.copy()
    found[0, 0, 4] += 1
    found[0, 0, 8] = SILENT
    measured = line_measures(wanted, found, mask)
    assert measured["pitch"] == 1 / 3
    assert measured["near"] == 2 / 3
    assert measured["onset_f1"] == 2 * 2 / 5
    assert measured["whole"] == 0


def test_drums_count_every_sound():
    wanted = np.zeros((1, 1, 16, 27), dtype=bool)
    wanted[0, 0, 0, :2] = True
    found = wanted.copy()
    found[0, 0, 0, 1] = False
    mask = np.ones((1, 1, 16), dtype=bool)
    assert drum_measures(wanted, found, mask) == {"hit_f1": 2 / 3, "onset_f1": 1, "whole": 0}
