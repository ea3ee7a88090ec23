"""Find a soundfont: the instruments that a synthesiser plays. None is shipped with Yuefu."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from yuefu.errors import FormatError, InputError, MissingSystemError

#: Where Linux distributions put General MIDI soundfonts, the best first.
SYSTEM_SOUNDFONTS = (
    "/usr/share/sounds/sf3/MuseScore_General_Full.sf3",
    "/usr/share/sounds/sf2/MuseScore_General.sf2",
    "/usr/share/sounds/sf3/MuseScore_General.sf3",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
)
#: The environment variable that names a soundfont.
VARIABLE = "YUEFU_SOUNDFONT"


def find_soundfont(path: str | Path | None = None) -> Path:
    """The soundfont to play with: ``path``, else ``$YUEFU_SOUNDFONT``, else the system's, else pretty_midi's.

    Raises InputError when a named file isn't there, FormatError when it isn't a soundfont, and
    MissingSystemError when the machine has none.
    """
    named = path or os.environ.get(VARIABLE)
    if named:
        origin = "" if path else f" (from {VARIABLE})"
        return _checked(Path(named).expanduser(), origin)
    for place in SYSTEM_SOUNDFONTS:
        if Path(place).is_file():
            return Path(place)
    bundled = _in_pretty_midi()
    if bundled is not None:
        return bundled
    raise MissingSystemError(
        "no soundfont was found: pip install pretty_midi (it carries one), install Debian's fluid-soundfont-gm, "
        f"or name an .sf2 file with --soundfont or {VARIABLE}."
    )


def _checked(path: Path, origin: str) -> Path:
    if not path.is_file():
        raise InputError(f"the soundfont '{path}'{origin} isn't a file: give the path of an .sf2 or .sf3 file.")
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise InputError(f"the soundfont '{path}'{origin} can't be read: {error.strerror or error}.") from error
    if head[:4] != b"RIFF" or head[8:12] != b"sfbk":
        raise FormatError(f"'{path}'{origin} isn't a soundfont: give an .sf2 or .sf3 file.")
    return path


def _in_pretty_midi() -> Path | None:
    # Only looked up, not imported: the import costs half a second and isn't needed.
    spec = importlib.util.find_spec("pretty_midi")
    if spec is None or not spec.origin:
        return None
    place = Path(spec.origin).parent / "TimGM6mb.sf2"
    return place if place.is_file() else None
