"""Measured facts of real pieces, for captions: their style, mode, tempo, density, mood by measurement, instruments."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from yuefu.progress import Listener, ignore
from yuefu.text.encoder.styles import LEARNT_STYLES
from yuefu.theory.styles import STYLES
from yuefu.tokens.facts import DENSITY_BINS, mood, onsets_and_pitch
from yuefu.training.dataset import load_pieces
from yuefu.training.pieces import Piece

#: Sets whose styles stand for what people ask for.
SETS = ("pop909", "openewld", "wjazzd", "openhymnal", "openscore_lieder", "mutopia", "pd_fiddle_abc", "game_simutrans",
        "game_freedoom", "musetrainer_pd")  # fmt: skip
#: Ends of the words for tempo, quarters a minute.
TEMPI = (60, 84, 112, 144)


def facts_of(corpus: Path, count: int = 3000, seed: int = 1, progress: Listener = ignore) -> list[dict[str, Any]]:
    """Facts of up to ``count`` pieces of the train part of a corpus folder."""
    pieces = [p for p in load_pieces(corpus, list(SETS), progress) if p.split == "train" and p.style]
    rng = random.Random(seed)
    rng.shuffle(pieces)
    return [fact for piece in pieces[:count] if (fact := _fact(piece, rng)) is not None]


def _fact(piece: Piece, rng: random.Random) -> dict[str, Any] | None:
    styles = [key for key in LEARNT_STYLES if STYLES[key].corpus_label == piece.style]
    if not styles:
        return None
    style = rng.choice(styles)
    cells = [cell for row in piece.cells if row != "chords" for cell in piece.cells[row]]
    quarters = max(sum(bar.sounding for bar in piece.bars) / 24, 1.0)
    onsets, pitch = onsets_and_pitch(cells)
    valence, arousal = mood(piece.modes[0], piece.bpm, onsets / (quarters * 60 / piece.bpm), pitch)
    lineup = rng.choice(STYLES[style].lineups)
    return {
        "style": style, "mode": piece.modes[0], "tempo": sum(piece.bpm > end for end in TEMPI),
        "density": sum(onsets / quarters > end for end in DENSITY_BINS), "valence": valence, "arousal": arousal,
        "instruments": [key for _, key in lineup],
    }  # fmt: skip
