"""Single notes for a browser's sampler: trimmed, equally loud, the same whatever came before."""

import io

import numpy as np
import pytest
import soundfile

from yuefu.audio.loudness import block_powers
from yuefu.audio.samples import CEILING, KIT_TARGET, SAMPLE_RATE, TARGET, flac_bytes, sample, sample_flac
from yuefu.errors import InputError


def loudness(audio):
    """LUFS of the loudest 400 ms on both channels."""
    return -0.691 + 10 * np.log10(block_powers(np.column_stack([audio, audio]), SAMPLE_RATE).max())


@pytest.mark.parametrize("program", [0, 24, 33, 48, 53, 73])
def test_programs_are_equally_loud(program):
    """A note of the middle register is as loud on every instrument, give or take what its registers differ."""
    assert abs(loudness(sample(program, 60)) - TARGET) < 5


def test_the_kit_keeps_its_balance():
    """Drums are judged as one kit: the hi-hat stays softer than the snare."""
    snare, hat = sample(None, 38), sample(None, 42)
    assert abs(loudness(snare) - KIT_TARGET) < 8
    assert np.abs(hat).max() < np.abs(snare).max()


@pytest.mark.parametrize(("program", "pitch"), [(0, 60), (12, 72), (None, 36), (None, 49)])
def test_silence_is_cut_off_at_both_ends(program, pitch):
    """A sample begins within two milliseconds, ends at zero, and is no longer than it was asked to be."""
    audio = sample(program, pitch, seconds=2.0)
    level = np.abs(audio)
    assert np.argmax(level > level.max() * 10 ** (-50 / 20)) <= SAMPLE_RATE // 500
    assert audio[-1] == 0.0
    assert len(audio) <= 2 * SAMPLE_RATE
    assert level.max() <= CEILING + 1e-6


def test_the_pitch_is_the_one_asked_for():
    """An organ's note at A4 has its strongest partial on a multiple of 440 Hz."""
    audio = sample(19, 69)
    spectrum = np.abs(np.fft.rfft(audio[SAMPLE_RATE // 2 : SAMPLE_RATE * 3 // 2]))
    strongest = float(np.argmax(spectrum))
    octaves = np.log2(strongest / 440)
    assert abs(octaves - round(octaves)) < 0.02


def test_what_was_played_before_leaves_no_trace():
    """The same note has the same samples, whatever was played meanwhile."""
    first = sample(0, 60)
    sample(None, 49)
    sample(48, 72)
    assert np.array_equal(sample(0, 60), first)


def test_flac_holds_what_was_played():
    """Mono, 44.1 kHz, 16 bits, the samples themselves."""
    audio = sample(0, 64, seconds=1.0)
    read, sr = soundfile.read(io.BytesIO(flac_bytes(audio)), dtype="float32")
    info = soundfile.info(io.BytesIO(flac_bytes(audio)))
    assert (sr, info.channels, info.subtype) == (SAMPLE_RATE, 1, "PCM_16")
    assert np.abs(read - audio).max() < 1e-4


def test_made_ones_are_kept_in_the_folder(tmp_path):
    """The second time the file is read; a folder that was emptied is filled again."""
    data = sample_flac(0, 64, tmp_path, seconds=0.5)
    (path,) = tmp_path.rglob("*.flac")
    assert path.read_bytes() == data
    path.write_bytes(b"kept")
    assert sample_flac(0, 64, tmp_path, seconds=0.5) == b"kept"
    path.unlink()
    assert sample_flac(0, 64, tmp_path, seconds=0.5) == data


def test_a_pitch_without_a_sound_is_silence():
    """The kit has no drum at pitch 0: a moment of silence comes, no fault."""
    assert np.abs(sample(None, 0)).max() == 0.0


@pytest.mark.parametrize(
    "wrong", [(128, 60), (-1, 60), (0, 128), (0, -1), (0, 60, 0.0), (0, 60, 99.0), (0, 60, 1.0, 0)]
)
def test_what_cannot_be_played_is_refused(wrong):
    """Programs, pitches, lengths and velocities have limits."""
    with pytest.raises(InputError):
        sample(*wrong)
