"""What is said where the machine lacks a soundfont, FluidSynth or a sound device."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sound_pieces import tone

from yuefu.audio import fluidsynth, play, soundfont
from yuefu.errors import FormatError, InputError, MissingSystemError

FONT_HEAD = b"RIFF\x10\0\0\0sfbk" + b"\0" * 40


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(soundfont.VARIABLE, raising=False)


def test_a_named_soundfont_wins_over_the_variable_and_that_over_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order in which soundfonts are looked for."""
    mine, other = tmp_path / "mine.sf2", tmp_path / "other.sf2"
    for path in (mine, other):
        path.write_bytes(FONT_HEAD)
    monkeypatch.setenv(soundfont.VARIABLE, str(other))
    assert soundfont.find_soundfont(mine) == mine
    assert soundfont.find_soundfont() == other
    monkeypatch.delenv(soundfont.VARIABLE)
    monkeypatch.setattr(soundfont, "SYSTEM_SOUNDFONTS", (str(mine),))
    assert soundfont.find_soundfont() == mine


def test_pip_alone_brings_a_soundfont_without_importing_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """pretty_midi's own is found by place."""
    monkeypatch.setattr(soundfont, "SYSTEM_SOUNDFONTS", ())
    sys.modules.pop("pretty_midi", None)
    assert soundfont.find_soundfont().name == "TimGM6mb.sf2"
    assert "pretty_midi" not in sys.modules


def test_a_missing_or_wrong_soundfont_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file, a folder, a text: one sentence each, with the file."""
    text = tmp_path / "notes.sf2"
    text.write_text("not a soundfont")
    with pytest.raises(InputError, match=r"gone\.sf2"):
        soundfont.find_soundfont(tmp_path / "gone.sf2")
    with pytest.raises(InputError, match="isn't a file"):
        soundfont.find_soundfont(tmp_path)
    with pytest.raises(FormatError, match="isn't a soundfont"):
        soundfont.find_soundfont(text)
    monkeypatch.setenv(soundfont.VARIABLE, str(tmp_path / "gone.sf2"))
    with pytest.raises(InputError, match=soundfont.VARIABLE):
        soundfont.find_soundfont()


def test_a_machine_without_any_soundfont_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the package."""
    monkeypatch.setattr(soundfont, "SYSTEM_SOUNDFONTS", ())
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingSystemError, match="pretty_midi"):
        soundfont.find_soundfont()


@pytest.mark.parametrize(("platform", "hint"), [("linux", "pygame-ce"), ("darwin", "brew"), ("win32", "PATH")])
def test_without_fluidsynth_each_system_gets_its_own_advice(
    platform: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with what to install."""
    monkeypatch.setattr(fluidsynth, "_candidates", lambda: iter(["/nowhere/libfluidsynth.so"]))
    monkeypatch.setattr(fluidsynth.sys, "platform", platform)
    fluidsynth.library.cache_clear()
    try:
        with pytest.raises(MissingSystemError, match=hint):
            fluidsynth.library()
    finally:
        fluidsynth.library.cache_clear()


@pytest.mark.skipif(sys.platform == "win32", reason="the wheels for Windows carry no FluidSynth")
def test_pip_alone_brings_fluidsynth(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy in pygame-ce's wheel is found when the system has none, and pygame isn't imported for it."""
    monkeypatch.setattr(fluidsynth.ctypes.util, "find_library", lambda name: None)
    places = list(fluidsynth._candidates())
    assert places
    assert all("pygame" in place for place in places)


@pytest.mark.parametrize("driver", ["dummy", "disk", "nonsense"])
def test_a_silent_or_missing_sound_device_never_passes_as_sound(
    driver: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SDL's dummy driver swallows sound: that is said, not played."""
    monkeypatch.setenv("SDL_AUDIODRIVER", driver)
    monkeypatch.chdir(tmp_path)  # the disk driver writes where it stands
    with pytest.raises(MissingSystemError, match="sound device"):
        play.play_audio(tone(440, 0.1), 44100)


def test_without_a_device_nothing_but_the_sentence_is_printed() -> None:
    """ALSA's own dozen lines stay out of sight."""
    code = (
        "import numpy as np\nfrom yuefu.audio.play import play_audio\nfrom yuefu.errors import MissingSystemError\n"
        "try: play_audio(np.zeros((441, 2), np.float32), 44100)\nexcept MissingSystemError as error: print(error)"
    )
    environment = {**os.environ, "SDL_AUDIODRIVER": "alsa"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stderr == ""
    assert done.stdout.count("\n") <= 1


class _Clock:
    """Stands in for pygame where it would need a loudspeaker: it is busy for three looks."""

    def __init__(self, interrupt: bool) -> None:
        self.interrupt, self.looks, self.stopped = interrupt, 0, False
        self.mixer = self.time = self

    def Sound(self, buffer: bytes) -> _Clock:
        self.frames = np.frombuffer(buffer, "<i2").reshape(-1, 2)
        return self

    def play(self) -> _Clock:
        return self

    def get_busy(self) -> bool:
        self.looks += 1
        return self.looks <= 3

    def get_ticks(self) -> int:
        return self.looks * 40

    def wait(self, _: int) -> None:
        if self.interrupt and self.looks == 2:
            raise KeyboardInterrupt

    def stop(self) -> None:
        self.stopped = True


@pytest.mark.parametrize("interrupt", [False, True])
def test_playing_goes_on_to_the_end_or_until_ctrl_c(interrupt: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sound goes out as 16-bit frames; Ctrl-C stops it quietly."""
    from contextlib import contextmanager

    clock = _Clock(interrupt)

    @contextmanager
    def mixer(_: int):  # type: ignore[no-untyped-def]
        yield clock

    monkeypatch.setattr(play, "_mixer", mixer)
    seen = []
    assert play.play_audio(tone(440, 0.1), 44100, seen.append) is not interrupt
    assert clock.stopped is interrupt
    assert clock.frames.shape == (4410, 2)
    assert seen
