"""Events as they can be learnt from: what can't have happened, or nobody listened to, is dropped and said.

What is looked at, in this order: each event by itself (its kind, item, time, second and value), whether it was told
before, and then each listener's plays as a whole, for what no human does. Times out of order are put in order; a file
that tells the newest first, as most exports do, is no disorder.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from yuefu.listening.event import KINDS, Event
from yuefu.listening.item import MAX_ID, kind_of

#: Before this, nobody wrote down what was listened to; clocks that were never set say 1970 or 2000.
FIRST = datetime(2002, 1, 1, tzinfo=UTC)
EXAMPLES = 3
_PLAYS = ("play", "finish")
_ORDER = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Limits:
    """Where the impossible begins.

    ahead: how far clocks may be fast; longest: seconds into what is of unknown length; slack: seconds by which a known
    length may be overrun; again: the same item played again sooner than so many seconds was told twice;
    plays_an_hour: of one listener, more than that aren't human; awake: no human plays music for so long without a
    pause of ``pause``; same_intervals: so many equal times between plays of different items are a machine's (twice as
    many where times are in whole minutes); late: an event told so long after later ones is late.
    """

    first: datetime = FIRST
    ahead: timedelta = timedelta(minutes=10)
    longest: float = 6 * 3600.0
    slack: float = 5.0
    again: float = 15.0
    plays_an_hour: int = 180
    awake: timedelta = timedelta(hours=40)
    pause: timedelta = timedelta(hours=1)
    same_intervals: int = 30
    late: timedelta = timedelta(days=1)
    most_repeats: float = 10_000_000.0


#: Reason -> what is said of so many events, in English and in Chinese.
REASONS: dict[str, tuple[str, str]] = {
    "unreadable": ("{n} couldn't be read", "{n} 条无法读取"),
    "kind": ("{n} are of no kind that is known", "{n} 条的类型未知"),
    "no item": ("{n} don't say of what", "{n} 条没有说明是哪首曲子"),
    "unknown item": ("{n} are of items that aren't known", "{n} 条的曲目不在已知之列"),
    "future": ("{n} lie in the future", "{n} 条的时间在未来"),
    "too early": ("{n} are older than any such record can be", "{n} 条的时间早于可能有记录的年代"),
    "second": ("{n} are at a second that the music doesn't have", "{n} 条的秒数超出了乐曲的长度"),
    "value": ("{n} have a value that can't be", "{n} 条的数值不可能"),
    "told twice": ("{n} were told twice", "{n} 条重复"),
    "inhuman rate": ("{n} came faster than anybody listens", "{n} 条的播放快得不像人"),
    "never ending": ("{n} are of play that went on for days without a pause", "{n} 条来自连续数日不停的播放"),
    "same intervals": ("{n} came at a machine's equal intervals", "{n} 条的间隔如机器般相等"),
}
NOTES: dict[str, tuple[str, str]] = {
    "out of order": ("{n} were out of order and were put in order", "{n} 条次序颠倒，已排好"),
    "late": ("{n} were told late, after later ones", "{n} 条迟到，晚于其后的记录"),
    "no times": ("{n} have no time in the file and are taken to be of its date", "{n} 条没有时间，按文件日期计"),
}
#: What tells of a machine.
BOTS = ("inhuman rate", "never ending", "same intervals")


@dataclass
class Report:
    """What was dropped and why.

    dropped: reason of REASONS -> how many; noted: of NOTES -> how many, which were kept; examples: reason -> a few,
    in words; bots: listeners with plays that no human made -> how many.
    """

    read: int = 0
    kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    bots: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str, example: str, count: int = 1) -> None:
        """Count what was dropped, and keep the first examples."""
        self.dropped[reason] = self.dropped.get(reason, 0) + count
        shown = self.examples.setdefault(reason, [])
        if len(shown) < EXAMPLES:
            shown.append(example[:200])

    def sentences(self, language: str = "en") -> list[str]:
        """What became of the events, a sentence each: how many were kept, what was dropped, what was noticed."""
        zh = language == "zh"
        gone = sum(self.dropped.values())
        first = (
            f"读到 {self.read:,} 条，保留 {self.kept:,} 条，舍弃 {gone:,} 条。"
            if zh
            else f"{self.read:,} events read, {self.kept:,} kept, {gone:,} dropped."
        )
        said = [first]
        ordered = sorted(self.dropped.items(), key=lambda each: (-each[1], each[0]))
        for reason, count in ordered:
            such = "; ".join(self.examples.get(reason, ()))
            text = REASONS[reason][zh].format(n=f"{count:,}")
            if such:
                text += f"（例如：{such}）" if zh else f" (such as {such})"
            said.append(text + ("。" if zh else "."))
        for note, count in sorted(self.noted.items()):
            said.append(NOTES[note][zh].format(n=f"{count:,}") + ("。" if zh else "."))
        return said

    def facts(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "read": self.read, "kept": self.kept, "dropped": dict(self.dropped), "noted": dict(self.noted),
            "examples": {reason: list(shown) for reason, shown in self.examples.items()}, "bots": dict(self.bots),
        }  # fmt: skip


@dataclass(frozen=True)
class Cleaned:
    """Events of possible, human listening, each listener's in the order of time; and what became of the others."""

    events: list[Event]
    report: Report


def clean(
    events: Iterable[Event],
    *,
    known: Container[str] | None = None,
    now: datetime | None = None,
    limits: Limits | None = None,
    lengths: Mapping[str, float] | None = None,
    timed: bool = True,
    report: Report | None = None,
) -> Cleaned:
    """Clean events, of one listener or of many.

    known: the only items that count, None for any; now: None for this moment; lengths: item -> its seconds, where they
    are known; timed: False where the times are made up, so that nothing follows from them; report: one that has begun
    (with what a reader couldn't read), to go on with.
    """
    limits = limits or Limits()
    moment = datetime.now(UTC) if now is None else now
    report = report or Report()
    lengths = lengths or {}
    by_listener: dict[str, list[Event]] = {}
    for event in events:
        report.read += 1
        found = event if event.moment.tzinfo is not None else replace(event, moment=event.moment.replace(tzinfo=UTC))
        reason = _fault(found, known, moment, limits, lengths)
        if reason is not None:
            report.drop(reason, described(found))
        else:
            by_listener.setdefault(found.listener, []).append(found)
    kept: list[Event] = []
    for listener, theirs in by_listener.items():
        if timed:
            theirs = _in_order(theirs, limits, report)
        theirs = _told_once(theirs, limits, report, timed=timed)
        if timed:
            theirs = _human(listener, theirs, limits, report)
        kept += theirs
    report.kept += len(kept)
    return Cleaned(kept, report)


def described(event: Event) -> str:
    """An event in a few words.

    >>> described(Event("me", "artist:nina simone", "like", datetime(2026, 1, 31, 18, tzinfo=UTC)))
    'like artist:nina simone 2026-01-31 18:00'
    """
    what = [event.kind[:20], (event.item or event.text)[:60], f"{event.moment:%Y-%m-%d %H:%M}"]
    if event.kind in ("rate", "repeat") and event.value is not None:
        what.insert(1, f"{event.value:g}")
    if event.second is not None:
        what.append(f"at {event.second:g} s")
    return " ".join(filter(None, what))


def _fault(
    event: Event, known: Container[str] | None, now: datetime, limits: Limits, lengths: Mapping[str, float]
) -> str | None:
    """What is wrong with an event by itself, None for nothing."""
    if event.kind not in _ORDER:
        return "kind"
    if event.kind == "search":
        if event.item or not event.text:
            return "no item"
    elif not kind_of(event.item) or len(event.item) > MAX_ID:
        return "no item"
    elif known is not None and event.item not in known:
        return "unknown item"
    if event.moment > now + limits.ahead:
        return "future"
    if event.moment < limits.first:
        return "too early"
    if event.second is not None:
        most = lengths.get(event.item)
        longest = limits.longest if most is None else most + limits.slack
        if not 0 <= event.second <= longest:  # nan too
            return "second"
    return None if _possible_value(event, limits) else "value"


def _possible_value(event: Event, limits: Limits) -> bool:
    value = event.value
    if event.kind == "rate":
        return value is not None and 1 <= value <= 5
    if event.kind == "repeat" and value is not None:
        return 1 <= value <= limits.most_repeats
    return value is None or math.isfinite(value)


def _in_order(events: list[Event], limits: Limits, report: Report) -> list[Event]:
    """By time; at the same moment a play before what came of it. What lay out of order is counted."""
    down = sum(one.moment > other.moment for one, other in pairwise(events))
    up = sum(one.moment < other.moment for one, other in pairwise(events))
    told = events[::-1] if down > up else events
    latest: datetime | None = None
    wrong = late = 0
    for event in told:
        if latest is not None and event.moment < latest:
            if latest - event.moment >= limits.late:
                late += 1
            else:
                wrong += 1
        else:
            latest = event.moment
    for note, count in (("out of order", wrong), ("late", late)):
        if count:
            report.noted[note] = report.noted.get(note, 0) + count
    return sorted(told, key=lambda event: (event.moment, _ORDER[event.kind]))


def _told_once(events: list[Event], limits: Limits, report: Report, *, timed: bool) -> list[Event]:
    ids: set[str] = set()
    seen: set[tuple[object, ...]] = set()
    last_play: dict[tuple[str, str], datetime] = {}
    kept = []
    for event in events:
        told = (event.item, event.kind, event.moment, event.second, event.value, event.text)
        again = bool(event.id and event.id in ids) or told in seen
        if timed and not again and event.kind in _PLAYS:
            before = last_play.get((event.item, event.kind))
            again = before is not None and (event.moment - before).total_seconds() < limits.again
        if again:
            report.drop("told twice", described(event))
            continue
        seen.add(told)
        if event.id:
            ids.add(event.id)
        if event.kind in _PLAYS:
            last_play[event.item, event.kind] = event.moment
        kept.append(event)
    return kept


def _human(listener: str, events: list[Event], limits: Limits, report: Report) -> list[Event]:
    """Without what only machines do. A finish is the end of a play, so plays are counted where there are both."""
    heard = [place for place, event in enumerate(events) if event.kind == "play"]
    finished = [place for place, event in enumerate(events) if event.kind == "finish"]
    if len(finished) > len(heard):
        heard = finished
    times = [events[place].moment for place in heard]
    machine: dict[int, str] = {}
    for reason, spans in (
        ("inhuman rate", _too_fast(times, limits)),
        ("never ending", _never_ending(times, limits)),
        ("same intervals", _like_clockwork([events[place] for place in heard], limits)),
    ):
        for start, end in spans:
            for place in range(heard[start], heard[end - 1] + 1):
                machine.setdefault(place, reason)
    # An opinion, told in the middle of what a machine plays, is a human's all the same.
    machine = {place: reason for place, reason in machine.items() if events[place].kind in (*_PLAYS, "skip", "repeat")}
    if not machine:
        return events
    for place, reason in machine.items():
        report.drop(reason, described(events[place]))
    report.bots[listener] = report.bots.get(listener, 0) + len(machine)
    return [event for place, event in enumerate(events) if place not in machine]


def _too_fast(times: Sequence[datetime], limits: Limits) -> list[tuple[int, int]]:
    """Spans of plays within which any hour has too many."""
    spans: list[tuple[int, int]] = []
    start = 0
    hour = timedelta(hours=1)
    for end, moment in enumerate(times, 1):
        while moment - times[start] >= hour:
            start += 1
        if end - start > limits.plays_an_hour:
            _join(spans, start, end)
    return spans


def _never_ending(times: Sequence[datetime], limits: Limits) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for place in range(1, len(times) + 1):
        if place == len(times) or times[place] - times[place - 1] >= limits.pause:
            if times[place - 1] - times[start] > limits.awake:
                spans.append((start, place))
            start = place
    return spans


def _like_clockwork(plays: Sequence[Event], limits: Limits) -> list[tuple[int, int]]:
    """Spans of plays at equal intervals. One item over and over does take the same time each: that is no sign."""
    spans: list[tuple[int, int]] = []
    start = 0
    usual: float | None = None
    for place in range(1, len(plays) + 1):
        gap = None
        if place < len(plays) and plays[place].item != plays[place - 1].item:
            gap = (plays[place].moment - plays[place - 1].moment).total_seconds()
        if gap is not None and gap > 0 and usual is not None and abs(gap - usual) <= 0.5:
            continue
        if usual is not None and place - 1 - start >= _enough(plays[start:place], limits):
            spans.append((start, place))
        start, usual = (place - 1, gap) if gap else (place, None)
    return spans


def _enough(plays: Sequence[Event], limits: Limits) -> int:
    """How many equal intervals are too many: in whole minutes, chance alone makes more of them."""
    whole = all(not play.moment.second and not play.moment.microsecond for play in plays)
    return limits.same_intervals * (2 if whole else 1)


def _join(spans: list[tuple[int, int]], start: int, end: int) -> None:
    if spans and start <= spans[-1][1]:
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))
