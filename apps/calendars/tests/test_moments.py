"""To which day, period and quarter a moment belongs, wherever the company is."""

import datetime as dt
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from apps.calendars.enums import PeriodKind, Scheme
from apps.calendars.rules import Layout, periods_of_year
from apps.core import clock

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles"]
TICK = dt.timedelta(microseconds=1)
DAYS = [dt.date(2023, 1, 1) + dt.timedelta(days=number) for number in range(3653)]
SPECS = [spec for year in range(2023, 2033) for spec in periods_of_year(Layout(Scheme.MONTHS, 1, 0), year)]


@pytest.mark.parametrize("zone", ZONES)
def test_midnight_parts_two_days_and_each_lies_in_one_period_of_each_kind(settings, zone):
    settings.COMPANY_TIME_ZONE = zone
    claimed = Counter(
        (spec.kind, spec.starts_on + dt.timedelta(days=number))
        for spec in SPECS
        for number in range((spec.ends_before - spec.starts_on).days)
    )

    assert len(DAYS) * len(ZONES) > 10_000
    for before, day in pairwise(DAYS):
        midnight = dt.datetime.combine(day, dt.time(0), tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
        assert (clock.date_of(midnight - TICK), clock.date_of(midnight)) == (before, day)
        assert all(claimed[kind, day] == 1 for kind in PeriodKind)


@pytest.mark.parametrize(
    ("local", "fold", "instant"),
    [
        pytest.param("2026-03-29T02:30", 0, "2026-03-29T01:30", id="absent hour, as before the change"),
        pytest.param("2026-10-25T02:30", 0, "2026-10-25T00:30", id="twice, the first"),
        pytest.param("2026-10-25T02:30", 1, "2026-10-25T01:30", id="twice, the second"),
    ],
)
def test_the_hours_of_a_clock_change_are_moments_of_their_day(settings, local, fold, instant):
    settings.COMPANY_TIME_ZONE = "Europe/Berlin"
    told = dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)

    assert told.astimezone(dt.UTC) == dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert clock.date_of(told) == dt.date.fromisoformat(local[:10])
