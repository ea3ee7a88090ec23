"""Pages as PNG pictures."""

from __future__ import annotations

from collections.abc import Sequence

from yuefu.errors import FormatError, InputError
from yuefu.page.outline import is_outlined, outline_svg

PAPER = "#FFFFFF"


def png_bytes(svg: str, dpi: float = 150.0, background: str = PAPER) -> bytes:
    """One page as a PNG.

    svg: a page of an Engraving (text or outlines) or any SVG with its size in millimetres;
    dpi: 30 to 600 dots an inch (A4 at 150 is 1240 x 1754 pixels); background: a CSS colour.
    Raises FormatError when the SVG can't be drawn.
    """
    import resvg_py

    if not 30 <= dpi <= 600:
        raise InputError(f"{dpi:g} dots an inch can't be drawn: give 30 to 600.")
    outlined = svg if is_outlined(svg) else outline_svg(svg)
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=outlined, background=background, skip_system_fonts=True, dpi=96, zoom=dpi / 96
        )
    except ValueError as error:
        raise FormatError(f"this page can't be drawn as PNG: {error!s:.120}.") from error
    return bytes(drawn)


def png_pages(svgs: Sequence[str], dpi: float = 150.0) -> list[bytes]:
    """Every page as a PNG, in order."""
    return [png_bytes(svg, dpi) for svg in svgs]
