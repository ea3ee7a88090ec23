"""The package's own weights for recordings: drums are heard as drums, noise as nothing sure, silence is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yuefu.audio.files import write_audio
from yuefu.audio.render import render_score
from yuefu.corpus.labels import labels
from yuefu.errors import InputError
from yuefu.performance.perform import perform
from yuefu.recognition.sound import RATE, SoundStyles, explain_sound, sound_styles
from yuefu.score.model import Part, Score, make_notes

pytestmark = pytest.mark.model


def beat(bars: int = 8) -> np.ndarray:
    """A rock beat as it sounds, mono at RATE."""
    hits = [(bar * 96 + place, 12, pitch) for bar in range(bars) for pitch, places in
            ((42, range(0, 96, 12)), (36, (0, 48, 60)), (38, (24, 72))) for place in places]  # fmt: skip
    notes = make_notes([(number, *hit, 96) for number, hit in enumerate(sorted(hits), start=1)])
    score = Score(parts=(Part("P1", "Drums", "drums", notes=notes),), length=bars * 96)
    return render_score(score, perform(score, style="rock"), RATE).mean(axis=1)


def test_drums_are_heard_as_drums() -> None:
    """Whatever kind they are taken for: most of the share is with styles of drums."""
    shares = dict(sound_styles().of_signal(beat()).shares)
    assert sum(share for key, share in shares.items() if key.startswith("drums_")) > 0.8


@pytest.mark.parametrize("kind", ["noise", "tone"])
def test_what_is_no_music_is_not_told_as_sure(kind: str) -> None:
    """Noise and a single tone are called unsure."""
    seconds = np.arange(15 * RATE) / RATE
    noise = np.random.default_rng(1).normal(0, 0.1, len(seconds))
    assert not sound_styles().of_signal(noise if kind == "noise" else 0.3 * np.sin(2700 * seconds)).sure


def test_a_file_is_judged_as_its_sound(tmp_path: Path) -> None:
    """Written as FLAC and read again, a recording has the same most likely style."""
    signal = beat()
    write_audio(tmp_path / "beat.flac", np.column_stack([signal, signal]), RATE)
    assert sound_styles()(tmp_path / "beat.flac").shares[0][0] == sound_styles().of_signal(signal).shares[0][0]


def test_bands_that_speak_for_drums_are_found() -> None:
    """Hiding stretches and bands changes the odds of the style that was told."""
    signal = beat(4)
    network = sound_styles()
    found = explain_sound(network, signal, network.of_signal(signal).shares[0][0])
    assert np.abs(found.cells).max() > 0.05


def test_silence_is_refused() -> None:
    """With a sentence."""
    with pytest.raises(InputError, match="silent"):
        sound_styles().of_signal(np.zeros(5 * RATE))


def test_the_weights_know_the_labels_and_how_good_they_are() -> None:
    """Every output is a label of the table; a soundfont that wasn't learnt from costs next to nothing."""
    facts = SoundStyles().facts
    assert set(facts.labels) == set(labels())
    assert facts.measured["clean_accuracy"] > 0.45
    assert facts.measured["unseen_accuracy"] > facts.measured["clean_accuracy"] - 0.05
