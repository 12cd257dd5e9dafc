"""What somebody has earned without a statement yet: periods that are over go on into the running one."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse

from apps.core import clock
from apps.incentives import services
from apps.incentives.models import PlanAssignment
from apps.incentives.selectors import pages
from apps.incentives.services.plans import AlreadyPaid
from apps.incentives.tests.factories import AT, commission
from apps.org.models import Assignment

DAY = dt.date(2026, 7, 10)
DRAW = {"kind": "recoverable", "amount": "100", "periods": 8, "at_end": "carry", "recovery_share": "1"}


def told(company):
    """Return the estimates of the representative: period, total, whether it is over, what is missing."""
    found = pages.estimates(company.rep.pk, DAY, company.rep.user)
    return [(one.period.code, one.total, one.is_over, one.missing) for one in found]


@pytest.fixture
def selling(company):
    """A plan to date, 900 sold in the second quarter and 200 in the third: 27.00, then 3.00 + 5.00."""
    company.plan(commission(basis="year_to_date"))
    company.sell(company.rep, "900", month=5)
    company.sell(company.rep, "200", month=7, day=2)
    return company


def test_a_calculated_quarter_is_shown_and_the_running_one_goes_on_from_it(selling):
    run = selling.calculated("2026-Q2")

    assert told(selling) == [("2026-Q2", D("27.00"), True, ""), ("2026-Q3", D("8.00"), False, "")]
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=selling.admin, at=AT)
        services.approve_run(run_id=run.pk, by=selling.checker, at=AT)
    assert told(selling) == [("2026-Q3", D("8.00"), False, "")]


def test_a_draw_goes_on_from_what_a_calculated_run_left(company):
    company.plan(commission(), draw=DRAW)
    company.sell(company.rep, "1000", month=5)
    company.sell(company.rep, "3000", month=7, day=2)
    company.calculated("2026-Q2")

    assert told(company) == [("2026-Q2", D("100.00"), True, ""), ("2026-Q3", D("100.00"), False, "")]


def test_a_quarter_nobody_has_calculated_is_estimated_and_named_as_missing(selling):
    selling.locked("2026-Q1")

    assert told(selling) == [("2026-Q2", D("27.00"), True, ""), ("2026-Q3", D("6.00"), False, "2026-Q2")]


def test_a_running_quarter_that_is_paid_already_is_not_estimated_again(selling, client):
    selling.locked("2026-Q2")
    selling.locked("2026-Q3")
    client.force_login(selling.users["rep"])

    with clock.fixed(dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC)):
        page = client.get(reverse("incentives:my_pay")).content.decode()

    assert told(selling) == []
    assert "2026-Q3" in page
    assert "You are not under an incentive plan" not in page


def test_days_that_a_locked_run_has_paid_are_not_given_to_another_plan(selling):
    seat = Assignment.objects.get(person=selling.rep).position
    other = selling.plan(commission(), code="other", people=[selling.lead])
    with transaction.atomic():
        PlanAssignment.objects.filter(plan__code="reps", person=selling.rep).update(
            person=None, position=seat
        )
    selling.locked("2026-Q2")
    given = {"plan_id": other.pk, "person_id": selling.rep.pk, "by": selling.admin}

    with pytest.raises(AlreadyPaid, match="2026-07-01"), transaction.atomic():
        services.assign_plan(starts_on=dt.date(2026, 5, 1), **given)
    assert not PlanAssignment.objects.filter(plan=other, person=selling.rep).exists()
    with transaction.atomic():
        services.assign_plan(starts_on=dt.date(2026, 7, 1), **given)
