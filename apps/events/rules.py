"""When periodic jobs are due, and how long to wait after a failure. Pure."""

import datetime as dt
from zoneinfo import ZoneInfo

MAX_KEYS = 400


def daily_keys(after: dt.date, until: dt.date) -> list[tuple[str, dt.date]]:
    """Return key and due date of each day from ``after`` to ``until``, oldest first, at most ``MAX_KEYS``."""
    first = max(after, until - dt.timedelta(days=MAX_KEYS - 1))
    days = [first + dt.timedelta(days=offset) for offset in range((until - first).days + 1)]
    return [(day.isoformat(), day) for day in days]


def weekly_keys(after: dt.date, until: dt.date) -> list[tuple[str, dt.date]]:
    """Return each ISO week that ended: its key (``2026-W47``) and the Monday after it."""
    mondays = [(key, day) for key, day in daily_keys(after, until) if day.weekday() == 0]
    return [(_week(day - dt.timedelta(days=7)), day) for _key, day in mondays]


def interval_key(now: dt.datetime, interval: dt.timedelta) -> tuple[str, dt.datetime]:
    """Return the key and start of the interval that holds an instant."""
    seconds = int(interval.total_seconds())
    start = dt.datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, dt.UTC)
    return start.isoformat(timespec="seconds"), start


def instant(day: dt.date, at: dt.time, zone: ZoneInfo) -> dt.datetime:
    """Return the instant of a wall-clock time; one that clocks skip counts as if they had not."""
    return dt.datetime.combine(day, at, tzinfo=zone).astimezone(dt.UTC)


def back_off(attempt: int, *, first: int, longest: int, luck: float) -> dt.timedelta:
    """Return the wait after a failure: doubling, capped, spread by ``luck`` (0 to 1) over ±25 %."""
    seconds = min(longest, first * 2 ** min(attempt - 1, 30))
    return dt.timedelta(seconds=seconds * (0.75 + luck / 2))


def _week(day: dt.date) -> str:
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"
