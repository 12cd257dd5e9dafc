"""When a person may be e-mailed. Pure."""

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str, fallback: ZoneInfo) -> ZoneInfo:
    """Return the time zone of that name, or the fallback when it is empty or unknown."""
    try:
        return ZoneInfo(name) if name else fallback
    except (ZoneInfoNotFoundError, ValueError):
        return fallback


def wait_for_quiet_hours(
    now: dt.datetime, starts_at: dt.time, ends_at: dt.time, zone: ZoneInfo
) -> dt.timedelta:
    """Return how long to wait until quiet hours are over; zero outside them. They may span midnight."""
    local = now.astimezone(zone)
    time = local.time()
    over_midnight = starts_at > ends_at
    quiet = (time >= starts_at or time < ends_at) if over_midnight else starts_at <= time < ends_at
    if not quiet:
        return dt.timedelta()
    day = local.date() + dt.timedelta(days=1 if over_midnight and time >= starts_at else 0)
    return dt.datetime.combine(day, ends_at, tzinfo=zone).astimezone(dt.UTC) - now.astimezone(dt.UTC)
