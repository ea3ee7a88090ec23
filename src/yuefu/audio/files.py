"""Sound files: WAV, FLAC, MP3 and OGG Vorbis, in and out.

Audio is float32 (n, 2), -1..1. A file is written whole or not at all, and the same audio gives the
same bytes (Vorbis files get a fixed stream number for that).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError, InputError, LimitError, OutputError, UnknownNameError
from yuefu.score.files import atomic_write

#: Extension -> (libsndfile's format, its subtype, highest rate in frames a second).
AUDIO_FORMATS: dict[str, tuple[str, str, int]] = {
    ".wav": ("WAV", "PCM_16", 192_000),
    ".flac": ("FLAC", "PCM_24", 192_000),
    ".mp3": ("MP3", "MPEG_LAYER_III", 48_000),
    ".ogg": ("OGG", "VORBIS", 192_000),
}
#: Variable bit rates near 190 kbit/s, where few hear a difference.
_QUALITY: dict[str, dict[str, Any]] = {
    "MP3": {"bitrate_mode": "VARIABLE", "compression_level": 0.2},
    "OGG": {"compression_level": 0.4},
}
#: What can be written into a file; MP3 drops the copyright, others keep all.
TAGS = ("title", "artist", "album", "genre", "date", "comment", "copyright", "license")
#: Writing Vorbis in one call overflows libsndfile's stack; this many frames at a time don't.
_CHUNK = 65_536
_LONGEST_READ = 4 * 3600
_STREAM_NUMBER = 0x59554546
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def audio_format_of(path: Path | str) -> str:
    """The extension of a sound file, lower-case, ``".wav"`` for one. Raises UnknownNameError for another kind.

    >>> audio_format_of("song.WAV")
    '.wav'
    """
    extension = Path(path).suffix.lower()
    if extension not in AUDIO_FORMATS:
        raise UnknownNameError("sound format", extension or Path(path).name, AUDIO_FORMATS)
    return extension


def write_audio(path: Path | str, audio: NDArray[np.float32], sr: int, tags: Mapping[str, str] | None = None) -> None:
    """Write audio in the format of the file's extension.

    tags: any of ``TAGS``. Raises UnknownNameError for an unknown extension, InputError for a rate
    that the format can't hold, OutputError when the file can't be written; nothing is left behind then.
    """
    atomic_write(path, audio_bytes(audio, sr, audio_format_of(path), tags))


def audio_bytes(audio: NDArray[np.float32], sr: int, extension: str, tags: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a sound file. extension: a key of ``AUDIO_FORMATS``; tags: any of ``TAGS``."""
    import soundfile

    kind, subtype, highest = AUDIO_FORMATS[audio_format_of("x" + extension)]
    if sr > highest:
        raise InputError(f"{extension[1:].upper()} holds at most {highest} frames a second, not {sr}: use 44100.")
    audio = np.ascontiguousarray(np.clip(np.nan_to_num(audio), -1.0, 1.0), dtype=np.float32)
    out = io.BytesIO()
    try:
        with soundfile.SoundFile(out, "w", sr, 2, subtype, format=kind, **_QUALITY.get(kind, {})) as file:
            for name in TAGS:
                if tags and tags.get(name):
                    setattr(file, name, str(tags[name]).replace("\0", "")[:2000])
            for start in range(0, len(audio), _CHUNK):
                file.write(audio[start : start + _CHUNK])
    except (soundfile.SoundFileError, RuntimeError, AssertionError) as error:
        raise OutputError(f"this sound can't be written as {extension[1:].upper()}: {error!s:.120}.") from error
    data = out.getvalue()
    return renumbered(data) if kind == "OGG" else data


def renumbered(data: bytes, number: int = _STREAM_NUMBER) -> bytes:
    """An Ogg stream with a fixed stream number in place of a random one, its checksums renewed (RFC 3533)."""
    out = bytearray(data)
    at = 0
    while data[at : at + 4] == b"OggS":
        count = data[at + 26]
        size = 27 + count + sum(data[at + 27 : at + 27 + count])
        struct.pack_into("<I", out, at + 14, number)
        struct.pack_into("<I", out, at + 22, 0)
        struct.pack_into("<I", out, at + 22, _ogg_checksum(bytes(out[at : at + size])))
        at += size
    return bytes(out)


def _ogg_checksum(page: bytes) -> int:
    """Ogg's CRC-32: zlib's polynomial with the bits the other way round and no inversion."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def read_audio(path: Path | str, longest: float = _LONGEST_READ) -> tuple[NDArray[np.float32], int]:
    """Audio float32 (n, 2) and its rate; one channel is doubled, of several the first two are taken.

    longest: seconds. Raises InputError when the file isn't there, FormatError when it isn't a sound file or is
    damaged, LimitError when it is too long.
    """
    with opened(path, longest) as file:
        audio: NDArray[Any] = file.read(dtype="float32", always_2d=True)
        sr = int(file.samplerate)
    np.nan_to_num(audio, copy=False, posinf=0.0, neginf=0.0)  # floating-point files may hold anything
    return (np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else np.ascontiguousarray(audio[:, :2])), sr


def read_tags(path: Path | str) -> dict[str, str]:
    """The tags of a sound file, those of ``TAGS`` that it has. Raises what ``read_audio`` raises."""
    with opened(path) as file:
        found = {name: getattr(file, name) for name in TAGS}
    return {name: text for name, text in found.items() if text}


@contextmanager
def opened(path: Path | str, longest: float = _LONGEST_READ) -> Iterator[Any]:
    """A ``soundfile.SoundFile`` to read from. Raises what ``read_audio`` raises, inside of the block, too."""
    import soundfile

    path = Path(path)
    if not path.is_file():
        raise InputError(f"'{path}' isn't a file: give the path of a sound file.")
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > longest * file.samplerate:
                raise LimitError(f"'{path.name}' is longer than {_spoken(longest)}: give a shorter file.")
            yield file
    except (soundfile.SoundFileError, RuntimeError, OSError) as error:
        raise FormatError(f"'{path.name}' can't be read as sound: {error!s:.120}.") from error


def _spoken(seconds: float) -> str:
    return f"{seconds / 3600:g} hours" if seconds >= 7200 else f"{seconds / 60:g} minutes"
