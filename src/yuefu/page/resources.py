"""What verovio needs to know to leave enough room for Chinese.

verovio measures text with tables of Times' widths. They know no Chinese, so that syllables would
run into each other. Here a folder of resources is laid beside verovio's own: links to its fonts,
and its tables with an entry for every further character that a piece uses, measured on the glyphs
that are drawn in the end.
"""

from __future__ import annotations

import atexit
import logging
import re
import shutil
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from yuefu.page.fonts import glyph, is_wide, verovio_data

log = logging.getLogger(__name__)

_TABLES = {
    "Times.xml": (False, False),
    "Times-bold.xml": (True, False),
    "Times-italic.xml": (False, True),
    "Times-bold-italic.xml": (True, True),
}
_FONTS = ("Leipzig", "Bravura")  # the music font and the one that verovio falls back on
_UNITS = 2048


class Resources:
    """The folder, made when it is first needed and removed when the program ends."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._folder: Path | None = None
        self._known: set[str] = set()
        self._tables: dict[str, str] = {}

    def path_for(self, characters: Iterable[str]) -> str:
        """The folder to give to verovio for a text with these characters.

        Call it, and make the toolkit, while holding ``lock``. When the folder can't be made (a
        full disk, no right to link) it is verovio's own, and Chinese is set a little too tight.
        """
        source = verovio_data()
        try:
            if self._folder is None:
                self._folder = self._make(source)
            wanted = {char for char in characters if ord(char) > 32} - self._known
            if wanted:
                self._known |= wanted
                self._write()
        except OSError as error:
            log.warning("verovio's text widths couldn't be extended (%s): Chinese may be set too tight", error)
            return str(source)
        return str(self._folder)

    def _make(self, source: Path) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="yuefu-page-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        (folder / "text").mkdir()
        for entry in sorted(source.iterdir()):
            if entry.name.split(".")[0] in _FONTS:
                try:
                    (folder / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
                except OSError:  # Windows without the right to link
                    shutil.copytree(entry, folder / entry.name) if entry.is_dir() else shutil.copy(entry, folder)
        for name in _TABLES:
            self._tables[name] = (source / "text" / name).read_text("utf-8")
            (folder / "text" / name).write_text(self._tables[name], "utf-8")
        codes = re.findall(r'<g c="([0-9A-Fa-f]+)"', self._tables["Times.xml"])
        self._known = {chr(int(code, 16)) for code in codes}
        return folder

    def _write(self) -> None:
        assert self._folder is not None
        for name, (bold, italic) in _TABLES.items():
            table = self._tables[name]
            have = {int(code, 16) for code in re.findall(r'<g c="([0-9A-Fa-f]+)"', table)}
            rows = [_row(char, bold, italic) for char in sorted(self._known) if ord(char) not in have]
            (self._folder / "text" / name).write_text(
                table.replace("</bounding-boxes>", "".join(rows) + "</bounding-boxes>"), "utf-8"
            )


def _row(char: str, bold: bool, italic: bool) -> str:
    """A character's entry: a Chinese square is known without looking, others are measured."""
    advance = 1.0 if is_wide(char) else glyph(char, bold, italic).advance
    low, high = (-0.12, 0.88) if is_wide(char) else (-0.2, 0.75)
    width = advance * _UNITS
    return (
        f'<g c="{ord(char):X}" x="0" y="{low * _UNITS:.0f}" w="{width:.0f}" h="{(high - low) * _UNITS:.0f}" '
        f'h-a-x="{width:.0f}" />\n'
    )


#: The one folder of this process.
RESOURCES = Resources()
