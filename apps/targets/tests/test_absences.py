"""Recorded absences lower the effective quota by working days, once, wherever it is shown."""

import datetime as dt
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.effective import span
from apps.org.enums import AbsenceKind
from apps.org.tests.factories import AbsenceFactory, RoleGrantFactory
from apps.targets import selectors
from apps.targets.rules.effective import AwayDays, Relief, relieved, share_away
from apps.targets.selectors.node import node_page
from apps.targets.selectors.quotas import quotas
from apps.targets.tests.factories import TODAY, QuotaReliefFactory, seat_of

JUNE = (dt.date(2026, 6, 1), dt.date(2026, 7, 1))
YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))


class Weekdays:
    """Monday to Friday."""

    def between(self, start: dt.date, end: dt.date) -> int:
        days = (start + dt.timedelta(days=n) for n in range((end - start).days))
        return sum(day.weekday() < 5 for day in days)


def away(person, first, last, **told):
    options = {"kind": AbsenceKind.UNPAID, "is_paid": False, "relieves_quota": True, **told}
    return AbsenceFactory(person=person, valid=span(first, last), **options)


def quota(person, start=YEAR[0], end=YEAR[1]):
    return selectors.quota(measure="revenue", start=start, end=end, person_id=person.pk)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([(8, 12, 1)], F(4, 22), id="monday-to-thursday"),
        pytest.param([(6, 8, 1)], F(0), id="a-weekend"),
        pytest.param([(8, 13, "0.5")], F(5, 44), id="half-time"),
        pytest.param([(8, 9, 1), (15, 16, "0.5")], F(3, 44), id="two"),
        pytest.param([(1, 31, 1)], F(1), id="all-of-it"),
    ],
)
def test_the_share_away_goes_by_working_days(days, expected):
    """June 2026 has 22 working days and begins on a Monday."""
    rows = [
        AwayDays(
            dt.date(2026, 6, 1) + dt.timedelta(days=a - 1), dt.date(2026, 6, 1) + dt.timedelta(b - 1), D(s)
        )
        for a, b, s in days
    ]

    assert share_away(*JUNE, rows, Weekdays()) == expected


@pytest.mark.parametrize(
    ("reliefs", "absent", "left"),
    [
        pytest.param([], F(20), 100, id="absence-alone"),
        pytest.param([Relief(share=D("0.5"))], F(20), 60, id="the-larger-is-the-relief"),
        pytest.param([Relief(amount=D(10))], F(20), 100, id="the-larger-is-the-absence"),
        pytest.param([Relief(amount=D(10), on_top=True)], F(20), 90, id="on-top"),
        pytest.param([Relief(share=D("0.5")), Relief(amount=D(10), on_top=True)], F(20), 50, id="both"),
        pytest.param([Relief(amount=D(900))], F(120), 0, id="never-below-nothing"),
    ],
)
def test_the_same_days_are_not_counted_twice(reliefs, absent, left):
    assert relieved(F(120), F(1), reliefs, absent) == left


@given(cut=st.integers(1, 29), first=st.integers(1, 29), length=st.integers(1, 29), share=st.integers(1, 100))
def test_parts_of_a_month_add_up_to_the_month(cut, first, length, share):
    middle = dt.date(2026, 6, 1) + dt.timedelta(days=cut)
    start = dt.date(2026, 6, first)
    rows = [AwayDays(start, start + dt.timedelta(days=length), D(share) / 100)]
    days = Weekdays()

    parts = [(JUNE[0], middle), (middle, JUNE[1])]
    missed = sum(share_away(*part, rows, days) * days.between(*part) for part in parts)

    assert missed == share_away(*JUNE, rows, days) * days.between(*JUNE)


def test_an_absence_lowers_the_quota_of_its_month_and_leaves_the_seat(in_force, company, calendar_days):
    """June carries 120 of 1,440; four of its working days are missed."""
    away(company.ann, dt.date(2026, 6, 8), dt.date(2026, 6, 12))

    found = quotas("revenue", *YEAR, person_ids=[company.ann.pk], unit_ids=[company.east.pk])

    june = found.pieces(person_id=company.ann.pk)[5]
    assert (june.away, june.active) == (F(4, calendar_days), F(calendar_days - 4, calendar_days))
    assert june.amount == 120 * F(calendar_days - 4, calendar_days)
    assert june.relief == 0
    assert found.planned(person_id=company.ann.pk) == D("1440.00")
    assert found.total(unit_id=company.east.pk) == D("4320.00")
    assert seat_of(in_force, company.ann).amount == D("1440")


@pytest.fixture
def calendar_days(in_force):
    """The working days of June in the company's calendar."""
    return quotas("revenue", *JUNE).workdays.between(*JUNE)


def test_paid_holidays_and_cancelled_absences_change_nothing(in_force, company):
    away(company.ann, *JUNE, kind=AbsenceKind.ANNUAL, is_paid=True, relieves_quota=False)
    away(
        company.ann, dt.date(2026, 6, 8), dt.date(2026, 6, 12),
        cancelled_by=company.chief, cancelled_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
        recorded_at=dt.datetime(2026, 4, 1, tzinfo=dt.UTC),
    )  # fmt: skip

    assert quota(company.ann) == D("1440.00")


def test_a_relief_for_the_same_month_is_not_added_unless_it_says_so(in_force, company):
    away(company.ann, *JUNE, time_percent=50)
    [month] = [row.month for row in in_force.months.select_related("month") if row.month.starts_on == JUNE[0]]
    given_ = {"person": company.ann, "month": month, "granted_by": company.chief, "amount": None}

    relief = QuotaReliefFactory(share=D("0.25"), **given_)
    assert quota(company.ann, *JUNE) == D("60.00")
    relief.share = D("0.75")
    relief.save(update_fields=["share"])
    assert quota(company.ann, *JUNE) == D("30.00")
    relief.share, relief.on_top = D("0.25"), True
    relief.save(update_fields=["share", "on_top"])
    assert quota(company.ann, *JUNE) == D("30.00")


def test_a_whole_month_away_leaves_nothing_of_it_and_attainment_says_so(in_force, company):
    away(company.ann, JUNE[0], None)

    found = selectors.attainment(measure="revenue", start=YEAR[0], end=YEAR[1], person_id=company.ann.pk)

    assert found.quota == D("600.00")
    assert quota(company.ann, *JUNE) == D("0.00")


def test_the_page_of_a_target_names_the_absence_to_those_who_may_know(in_force, company):
    away(company.ann, *JUNE)
    planner = RoleGrantFactory(unit=company.top, role="sales_ops").user
    blind = RoleGrantFactory(unit=company.top, role="sysadmin").user
    target = seat_of(in_force, company.ann)

    shown = node_page(planner, target, TODAY)

    assert [one.valid.lower for one in shown.absences] == [JUNE[0]]
    assert (shown.effective, shown.is_relieved) == (D("1320.00"), True)
    assert node_page(blind, target, TODAY).absences == []
