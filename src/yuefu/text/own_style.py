"""Styles of one's own in what is asked: by option, or in words that name one exactly."""

from __future__ import annotations

import re

from yuefu.text.adapted import AdaptedStyle, adapted_names, find_adapted


def own_style_asked(words: str, option: str | None) -> tuple[AdaptedStyle, str, str] | None:
    """The style of one's own that is asked for: it, the words without its name, and what was said; None for none.

    option: a style option, which counts for more than words. In words a name counts after "in the style of", and
    before "style" or 风格. Raises FormatError for a style that is damaged.
    """
    if option is not None:
        found = find_adapted(option)
        return None if found is None else (found, words, option.strip())
    for name in sorted(adapted_names(), key=len, reverse=True):
        match = _pattern(name).search(words)
        if match is not None:
            found = find_adapted(name)
            if found is not None:
                rest = f"{words[: match.start()]} {words[match.end() :]}"
                return found, " ".join(rest.split()), match[0].strip()
    return None


def _pattern(name: str) -> re.Pattern[str]:
    own = rf"(?<![a-z0-9-]){re.escape(name)}(?![a-z0-9-])"
    return re.compile(
        rf"(?:,\s*)?\b(?:in|after)\s+(?:the\s+(?:style|manner)\s+of\s+(?:my\s+)?|my\s+|the\s+)?['\"“]?{own}['\"”]?"
        rf"(?:\s+style)?|(?:,\s*)?{own}\s+style\b|[，,]?\s*(?:用|以|按)?\s*[“「]?{own}[”」]?\s*的?(?:风格|曲风|风)",
        re.I,
    )
