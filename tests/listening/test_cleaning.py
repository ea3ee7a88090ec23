"""Cleaning: what can't have happened is dropped with its reason, what a human did stays."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yuefu.listening.cleaning import NOTES, REASONS, Cleaned, Limits, clean
from yuefu.listening.event import Event

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = datetime(2026, 5, 1, 8, tzinfo=UTC)


def play(minutes: float, item: str = "track:a - one", kind: str = "play", **more: object) -> Event:
    """Something that happened so many minutes after the start."""
    return replace(Event("me", item, kind, START + timedelta(minutes=minutes)), **more)  # type: ignore[arg-type]


def cleaned(events: Iterable[Event], **more: object) -> Cleaned:
    return clean(events, now=NOW, **more)  # type: ignore[arg-type]


def human(count: int, start: float = 0.0) -> list[Event]:
    """Plays of changing length, with a night's rest."""
    events, at = [], start
    for number in range(count):
        events.append(play(at, f"track:a - {number % 40}"))
        at += 3 + (number * 7 % 23) / 10 + (600 if number % 60 == 59 else 0)
    return events


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (play(0, kind="smell"), "kind"),
        (play(0, ""), "no item"),
        (play(0, "film:psycho"), "no item"),
        (play(0, "track:" + "x" * 300), "no item"),
        (play(0, "track:a - one", kind="search", text="rain"), "no item"),
        (play(0, "", kind="search"), "no item"),
        (play(60 * 24 * 60), "future"),
        (replace(play(0), moment=datetime(1970, 1, 1, tzinfo=UTC)), "too early"),
        (play(0, kind="skip", second=-1.0), "second"),
        (play(0, kind="skip", second=float("nan")), "second"),
        (play(0, kind="skip", second=1e9), "second"),
        (play(0, kind="skip", second=200.0), "second"),
        (play(0, kind="rate"), "value"),
        (play(0, kind="rate", value=6.0), "value"),
        (play(0, kind="rate", value=float("nan")), "value"),
        (play(0, kind="repeat", value=0.0), "value"),
        (play(0, kind="play", value=float("inf")), "value"),
    ],
)
def test_what_cannot_be_is_dropped_with_its_reason(event: Event, reason: str) -> None:
    """Each fault has its own reason, an example, and sentences in both languages; a good event beside it stays."""
    done = cleaned([event, play(1)], lengths={"track:a - one": 180.0})
    assert done.events == [play(1)]
    assert done.report.dropped == {reason: 1}
    assert done.report.examples[reason]
    for language, words in (("en", "2 events read, 1 kept, 1 dropped."), ("zh", "读到 2 条，保留 1 条，舍弃 1 条。")):
        sentences = done.report.sentences(language)
        assert sentences[0] == words
        assert len(sentences) == 2


def test_possible_extremes_stay() -> None:
    """A fast clock, a skip at the very end, the least and best rating, and a search are no faults."""
    events = [
        replace(play(0), moment=NOW + timedelta(minutes=5)),
        play(1, kind="skip", second=184.0),
        play(2, kind="rate", value=1.0),
        play(3, kind="rate", value=5.0),
        play(4, "", kind="search", text="rain"),
        play(5, "piece:01jd0000000000000000000000", kind="like"),
    ]
    done = cleaned(events, lengths={"track:a - one": 180.0})
    assert len(done.events) == len(events)
    assert done.report.dropped == {}


def test_items_that_are_not_known_are_dropped_only_where_one_knows() -> None:
    """With a container of known items, others are dropped, searches aside; without one, everything counts."""
    events = [play(0), play(5, "track:b - two"), play(6, "", kind="search", text="x")]
    assert len(cleaned(events).events) == 3
    done = cleaned(events, known={"track:a - one"})
    assert [event.item for event in done.events] == ["track:a - one", ""]
    assert done.report.dropped == {"unknown item": 1}


def test_what_was_told_twice_counts_once() -> None:
    """The same id, the same event, and the same play seconds later are repetitions; a play after its end is not, and
    two listeners may do the same."""
    events = [
        play(0, id="x"),
        play(9, "track:b - two", id="x"),
        play(20),
        play(20),
        play(20.1),
        play(24),
        replace(play(24), listener="you"),
    ]
    done = cleaned(events)
    assert done.report.dropped == {"told twice": 3}
    assert [(event.listener, event.moment) for event in done.events] == [
        ("me", START), ("me", START + timedelta(minutes=20)), ("me", START + timedelta(minutes=24)),
        ("you", START + timedelta(minutes=24)),
    ]  # fmt: skip


def test_cleaning_again_changes_nothing() -> None:
    """What is clean stays as it is, event for event."""
    once = cleaned([*human(300), play(0, kind="smell"), play(2), play(2)])
    again = cleaned(once.events)
    assert again.events == once.events
    assert again.report.dropped == {}


def test_humans_keep_everything() -> None:
    """Months of ordinary listening, an evening of skipping through a hundred songs, and one song on repeat all night
    are human."""
    night = [play(-9000 + 4 * number, "track:a - sleep") for number in range(100)]
    skipping = [play(-4000 + 0.4 * number + number % 3 / 10, f"track:s - {number}") for number in range(100)]
    events = [*night, *skipping, *human(2000)]
    done = cleaned(events)
    assert done.report.bots == {}
    assert len(done.events) == len(events)


def test_inhuman_rates_are_dropped_and_the_rest_of_the_day_stays() -> None:
    """A thousand plays within an hour go, those of the days around stay, and so does a like amid them."""
    flood = [play(20_000 + number * 0.05, f"track:f - {number}") for number in range(1000)]
    liked = play(20_010, "track:f - 7", kind="like")
    ordinary = human(500)
    done = cleaned([*ordinary, *flood, liked])
    assert done.report.dropped == {"inhuman rate": 1000}
    assert done.report.bots == {"me": 1000}
    assert len(done.events) == len(ordinary) + 1
    assert liked in done.events


def test_play_that_never_ends_is_dropped() -> None:
    """Three days without an hour's pause are a machine's; one and a half days of a festival are human."""
    three_days = [play(number * 4.5 + number % 7 / 10, f"track:n - {number % 90}") for number in range(960)]
    assert cleaned(three_days).report.dropped == {"never ending": 960}
    festival = three_days[:480]
    assert cleaned(festival).report.dropped == {}


def test_equal_intervals_are_dropped_unless_chance_or_one_song_makes_them() -> None:
    """Forty songs at exactly three minutes each are a machine's; the same times of one song aren't, and in whole
    minutes it takes twice as many to tell."""
    second = timedelta(seconds=7)
    first = START + second
    machine = [
        replace(play(0, f"track:m - {number}"), moment=first + timedelta(minutes=3 * number)) for number in range(40)
    ]
    assert cleaned(machine).report.dropped == {"same intervals": 40}
    assert cleaned([replace(event, item="track:m - same") for event in machine]).report.dropped == {}
    minutes = [replace(event, moment=event.moment - second) for event in machine]
    assert cleaned(minutes).report.dropped == {}
    assert cleaned(machine[:20]).report.dropped == {}


def test_order_is_mended_and_told() -> None:
    """Events come out in the order of time, a finish after its play; what was out of order or late is counted; a file
    that begins with the newest is no disorder."""
    events = human(50)
    newest_first = cleaned(events[::-1])
    assert newest_first.events == events
    assert newest_first.report.noted == {}
    moved = [*events[:10], events[11], events[10], *events[12:], play(-5000, "track:late - one")]
    done = cleaned(moved)
    assert done.events == sorted(moved, key=lambda event: event.moment)
    assert done.report.noted == {"out of order": 1, "late": 1}
    both = [play(0, kind="finish"), play(0)]
    assert [event.kind for event in cleaned(both).events] == ["play", "finish"]


def test_times_that_are_made_up_prove_nothing() -> None:
    """Where a file has no times, a thousand plays at one moment aren't a machine's."""
    events = [play(0, f"track:t - {number}") for number in range(1000)]
    assert len(cleaned(events, timed=False).events) == 1000
    assert cleaned(events).report.dropped == {"inhuman rate": 1000}


def test_a_time_without_a_zone_is_utc() -> None:
    """A naive moment is read as UTC rather than failing in comparison."""
    naive = replace(play(0), moment=START.replace(tzinfo=None))
    assert cleaned([naive]).events == [play(0)]


def test_limits_can_be_set() -> None:
    """Stricter limits drop more."""
    assert cleaned([play(0, kind="skip", second=90.0)], limits=Limits(longest=60.0)).report.dropped == {"second": 1}


def test_every_reason_is_said_in_both_languages() -> None:
    """Sentences name how many; Chinese ones are Chinese."""
    for english, chinese in (*REASONS.values(), *NOTES.values()):
        assert "{n}" in english
        assert "{n}" in chinese
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese)


def test_a_hundred_thousand_events_are_cleaned_quickly() -> None:
    """Time grows with the number of events, not with its square."""
    events = human(100_000, start=-60_000_000)
    begun = time.process_time()
    done = clean([replace(event, moment=event.moment + timedelta(days=20_000)) for event in events],
                 now=datetime(2100, 1, 1, tzinfo=UTC))  # fmt: skip
    assert time.process_time() - begun < 10
    assert done.report.read == 100_000
