"""What a reader finds: events, the music that they are about, and rows that couldn't be read."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from yuefu.errors import InputError, LimitError
from yuefu.listening.event import Event
from yuefu.listening.item import Music

#: Most events of one file.
MAX_EVENTS = 3_000_000
_EXAMPLES = 3
_MOST_REASONS = 20
_QUOTED = re.compile(r"^'.*' ", re.DOTALL)
_DATES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d %b %Y %H:%M", "%d %b %Y, %H:%M",
    "%d %B %Y %H:%M", "%Y-%m-%d", "%Y/%m/%d", "%d %b %Y", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日", "%Y.%m.%d %H:%M",
)  # fmt: skip
_NUMBER = re.compile(r"\d{9,19}(\.\d+)?")


@dataclass
class Found:
    """events: in the order of the file; music: what they are about, by item; unreadable: why -> how many rows;
    examples: a few of each; format: of the file; timed: False where the file doesn't say when, and the moments are made
    up."""

    format: str
    events: list[Event] = field(default_factory=list)
    music: dict[str, Music] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    timed: bool = True

    def add(self, event: Event, music: Music | None = None) -> None:
        """An event. Raises LimitError for one too many."""
        if len(self.events) >= MAX_EVENTS:
            raise LimitError(f"the file tells of more than the {MAX_EVENTS:,} events that are accepted: split it.")
        self.events.append(event)
        if music is not None:
            known = self.music.get(music.id)
            if known is None or music.tags:
                self.music[music.id] = music

    def skip(self, reason: str, row: object) -> None:
        """A row that can't be read. reason: what is quoted at its beginning is left to the examples."""
        reason = _QUOTED.sub("", reason)
        if reason not in self.unreadable and len(self.unreadable) >= _MOST_REASONS:
            reason = "otherwise broken"
        self.unreadable[reason] += 1
        if len(self.examples[reason]) < _EXAMPLES:
            self.examples[reason].append(" ".join(str(row).split())[:100])


def moment_of(text: object) -> datetime:
    """A moment as files write it: seconds or milliseconds since 1970, ISO 8601, or a date in words; without a time zone
    it is UTC. Raises InputError.

    >>> moment_of("1262304000").isoformat(), moment_of("31 Jan 2026, 18:05").isoformat()
    ('2010-01-01T00:00:00+00:00', '2026-01-31T18:05:00+00:00')
    """
    plain = " ".join(str(text).split())[:60]
    try:
        if _NUMBER.fullmatch(plain):
            seconds = float(plain)
            while seconds > 1e11:  # milli-, micro- or nanoseconds
                seconds /= 1000
            return datetime.fromtimestamp(seconds, UTC)
        found = _written(plain)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InputError(
            f"'{plain[:40]}' isn't a moment: write it like 2026-01-31 18:05, or as seconds since 1970."
        ) from error


def _written(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.replace(" UTC", "+00:00").replace("Z", "+00:00"))
    except ValueError:
        pass
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(text)


def number_of(text: object) -> float | None:
    """A number, None for nothing or what is none.

    >>> number_of("1,234"), number_of("12.5"), number_of("nan"), number_of("")
    (1234.0, 12.5, None, None)
    """
    try:
        found = float(str(text).strip().replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None
