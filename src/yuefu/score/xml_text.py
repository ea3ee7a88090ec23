"""Writing XML as text: escaped, indented, the same bytes for the same content."""

from __future__ import annotations

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Text as XML content or attribute value; characters that XML can't hold are left out.

    >>> escape('Rock & "Roll" <1>')
    'Rock &amp; &quot;Roll&quot; &lt;1&gt;'
    """
    text = _ILLEGAL.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class XmlText:
    """Collects lines of XML."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._open: list[str] = []

    def open(self, tag: str, /, **attributes: object) -> None:
        """A start tag; ``_`` in attribute names becomes ``-``."""
        self.lines.append(f"{' ' * len(self._open)}<{tag}{_attributes(attributes)}>")
        self._open.append(tag)

    def close(self) -> None:
        """The end tag of the innermost open element."""
        tag = self._open.pop()
        self.lines.append(f"{' ' * len(self._open)}</{tag}>")

    def leaf(self, tag: str, content: object = None, /, **attributes: object) -> None:
        """An element with text, or empty."""
        end = "/>" if content is None else f">{escape(str(content))}</{tag}>"
        self.lines.append(f"{' ' * len(self._open)}<{tag}{_attributes(attributes)}{end}")

    def to_bytes(self) -> bytes:
        """Everything written, as UTF-8."""
        return ("\n".join(self.lines) + "\n").encode()


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
