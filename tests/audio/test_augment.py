"""Changed copies of recordings: as much changed as was asked, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.audio import augment
from yuefu.audio.features import frames, rhythm
from yuefu.audio.features.example import example_signal
from yuefu.errors import InputError, UnknownNameError

SR = 22050


def tone(hz: float, seconds: float = 1.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(SR * seconds)) / SR)


def loudest(signal: np.ndarray) -> float:
    """The loudest frequency of the middle, in Hz."""
    middle = signal[len(signal) // 4 : -len(signal) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * SR / len(middle))


@pytest.mark.parametrize("colour", augment.NOISES)
@pytest.mark.parametrize("snr", [0.0, 10.0, 20.0])
def test_noise_lies_as_far_below_as_was_asked(colour: str, snr: float):
    """The power of what was added is that of the signal less snr dB, whatever the colour."""
    clean = tone(440)
    added = augment.add_noise(clean, snr, np.random.default_rng(3), colour) - clean
    found = 10 * np.log10(augment.power_of(clean) / augment.power_of(added))
    assert found == pytest.approx(snr, abs=0.05)


def test_pink_noise_falls_by_three_decibels_an_octave():
    """An octave up, pink noise holds half the power a hertz, white the same, brown a quarter."""
    for colour, slope in augment.NOISES.items():
        spectrum = np.abs(np.fft.rfft(augment.noise(2**17, np.random.default_rng(1), colour))) ** 2
        low, high = spectrum[1000:2000].mean(), spectrum[2000:4000].mean()
        assert high / low == pytest.approx(2**-slope, rel=0.08)


@pytest.mark.parametrize("semitones", [-12, -3, 2, 7])
def test_a_shifted_tone_has_the_new_pitch_and_the_old_length(semitones: int):
    """Pitch moves by the semitones, the number of samples stays."""
    moved = augment.pitch_shift(tone(440, 2), semitones)
    assert len(moved) == 2 * SR
    assert loudest(moved) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.01)


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.25, 2.0])
def test_a_stretched_tone_has_the_new_length_and_the_old_pitch(rate: float):
    """Length is divided by the rate, pitch and level stay."""
    moved = augment.time_stretch(tone(440, 2), rate)
    assert len(moved) == round(2 * SR / rate)
    assert loudest(moved) == pytest.approx(440, rel=0.01)
    middle = moved[len(moved) // 4 : -len(moved) // 4]
    assert augment.power_of(middle) == pytest.approx(0.125, rel=0.15)


def test_stretching_moves_the_tempo():
    """Music at 120 stretched to 1.25 times the speed is heard at 150."""
    faster = augment.time_stretch(example_signal(SR, 8.0), 1.25)
    bpm = rhythm.estimate_tempo(rhythm.onset_strength(faster, SR), SR)
    assert min(bpm / 150, 150 / bpm, key=lambda r: -r) == pytest.approx(1, abs=0.05)


def test_a_band_rises_by_its_decibels_and_others_stay():
    """6 dB at 1 kHz doubles a tone there and nearly leaves one at 8 kHz; bands beyond half the rate do nothing."""
    for hz, expected in ((1000, 6.0), (8000, 0.0)):
        changed = augment.equalize(tone(hz), SR, {1000.0: 6.0, 20000.0: 12.0})
        rise = 10 * np.log10(augment.power_of(changed[2000:]) / augment.power_of(tone(hz)[2000:]))
        assert rise == pytest.approx(expected, abs=0.4)


def test_a_room_goes_on_after_the_sound():
    """After a click a room sounds for about its time, falling; a dry room changes nothing."""
    click = np.zeros(SR)
    click[0] = 1
    wet = augment.room(click, SR, 0.5, 1.0, np.random.default_rng(2))
    level = frames.decibels(np.array([np.mean(wet[a : a + 500] ** 2) for a in (0, 4000, 8000, 10500)]), range_db=None)
    assert (np.diff(level) < -10).all()
    assert np.array_equal(augment.room(click, SR, 0.5, 0.0, np.random.default_rng(2)), click.astype(np.float32))


def test_gain_bends_what_is_too_loud():
    """Quiet sound is scaled exactly; loud sound never passes 1."""
    assert np.allclose(augment.gain(tone(440) * 0.1, 6.0), tone(440) * 0.1 * 10 ** (6 / 20), atol=1e-6)
    assert np.abs(augment.gain(tone(440), 24.0)).max() <= 1.0


def test_the_same_seed_gives_the_same_copy():
    """Copies depend on the seed alone, and differ from seed to seed."""
    clean = example_signal(SR, 1.0)
    assert np.array_equal(augment.augmented(clean, SR, 5), augment.augmented(clean, SR, 5))
    assert any(
        len(a) != len(b) or not np.allclose(a, b)
        for a, b in zip([augment.augmented(clean, SR, 5)] * 3, [augment.augmented(clean, SR, s) for s in (6, 7, 8)])
    )


@pytest.mark.parametrize("kind", augment.KINDS)
def test_only_the_kinds_that_are_asked_for_are_drawn(kind: str):
    """With one kind all changes are of it, and it comes about."""
    drawn = [list(augment.draw(np.random.default_rng(seed), 1.0, [kind])) for seed in range(12)]
    assert {change.kind for changes in drawn for change in changes} == {kind}


def test_changes_can_be_made_again():
    """A change that was drawn changes a sound the same way each time, and without strength nothing moves."""
    clean = example_signal(SR, 1.0)
    for seed in range(6):
        for change in augment.draw(np.random.default_rng(seed)):
            once, again = (augment.changed(clean, SR, change, np.random.default_rng(7)) for _ in range(2))
            assert np.array_equal(once, again)
    quiet = augment.augmented(clean, SR, 1, 0.0, ["pitch", "speed", "colour", "room", "gain"])
    assert np.allclose(quiet, augment.gain(clean, 0.0), atol=1e-6)


def test_what_cannot_be_done_is_refused():
    """Unknown colours, absurd rates, shifts and rooms are refused with a sentence."""
    with pytest.raises(InputError, match="colour"):
        augment.noise(10, np.random.default_rng(1), "green")
    with pytest.raises(InputError, match="rate"):
        augment.time_stretch(tone(440), 9)
    with pytest.raises(InputError, match="semitones"):
        augment.pitch_shift(tone(440), 40)
    with pytest.raises(InputError, match="room"):
        augment.room(tone(440), SR, 0, 0.5, np.random.default_rng(1))
    with pytest.raises(UnknownNameError):
        augment.augmented(tone(440), SR, 1, 1.0, ["echo"])
    with pytest.raises(UnknownNameError):
        augment.changed(tone(440), SR, augment.SoundChange("echo", {}), np.random.default_rng(1))
    with pytest.raises(InputError, match="strength"):
        augment.augmented(tone(440), SR, 1, 3.0)
