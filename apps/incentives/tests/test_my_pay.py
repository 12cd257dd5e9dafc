"""What somebody has earned without a statement yet: periods that are over go on into the running one."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse

from apps.core import clock
from apps.core.effective import span
from apps.incentives import services
from apps.incentives.models import PayRun, PlanAssignment, PlanVersion, RunPlan
from apps.incentives.rules.meaning import by_meaning
from apps.incentives.selectors import pages
from apps.incentives.selectors.run_page import run_page
from apps.incentives.selectors.runs import first_day, first_day_under
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


@pytest.fixture
def moved(company):
    """Rep moves in the middle of a quarter; the new plan is approved when the old one is calculated."""
    base = {"kind": "base_salary", "name": "Base salary"}
    company.plan({**base, "code": "base", "annual": "36500"}, commission())
    company.made = company.calculated("2026-Q2")
    company.other = company.plan(
        {**base, "code": "salary", "annual": "73000"}, code="other", people=[company.lead]
    )
    change, given = dt.date(2026, 5, 16), {"plan_id": company.other.pk, "person_id": company.rep.pk}
    with transaction.atomic():
        old = PlanAssignment.objects.get(plan__code="reps", person=company.rep)
        services.end_assignment(assignment_id=old.pk, ends_before=change, by=company.admin)
        services.assign_plan(starts_on=change, by=company.admin, **given)
    company.sell(company.rep, "1000", month=4)
    return company


def test_after_a_move_both_plans_are_told_though_the_new_one_has_no_run(moved, client):
    client.force_login(moved.users["rep"])
    with clock.fixed(dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC)):
        page = client.get(reverse("incentives:my_pay")).content.decode()

    over = pages.estimates(moved.rep.pk, DAY, moved.rep.user)[0]

    assert (over.period.code, over.is_over) == ("2026-Q2", True)
    days = [(name, first.isoformat(), last.isoformat()) for name, first, last in over.spans]
    assert days == [("Reps", "2026-04-01", "2026-05-15"), ("Other", "2026-05-16", "2026-06-30")]
    # A quarter of a yearly salary, by 45 and 46 of 91 days; 1,000 at 3 %.
    found = {(line.plan, line.label): line.amount for line in over.lines}
    assert found == {
        ("Reps", "Base salary"): D("4512.36"), ("Reps", "Commission"): D("30.00"),
        ("Other", "Base salary"): D("9225.27"),
    }  # fmt: skip
    assert "Other: 16 May 2026 to 30 Jun 2026" in page


def test_what_the_old_plan_paid_stands_beside_what_the_new_one_still_owes(moved):
    again = services.calculate_now(run_id=moved.made.pk, by=moved.admin, at=AT)
    with transaction.atomic():
        services.review_run(run_id=again.pk, by=moved.admin, at=AT)
        services.approve_run(run_id=again.pk, by=moved.checker, at=AT)

    assert told(moved)[0] == ("2026-Q2", D("9225.27"), True, "")


def test_a_plan_in_force_later_or_paid_from_a_later_quarter_owes_nothing_before(moved):
    with transaction.atomic():
        PlanVersion.objects.filter(plan=moved.other).update(valid=span(dt.date(2026, 7, 1)))

    assert [line.plan for line in pages.estimates(moved.rep.pk, DAY, moved.rep.user)[0].lines] == [""] * 2


def test_components_of_one_name_are_one_whatever_their_codes(moved):
    services.calculate_now(run_id=moved.made.pk, by=moved.admin, at=AT)
    moved.calculated("2026-Q2")
    first, second = PayRun.objects.order_by("pk")
    with transaction.atomic():
        RunPlan.objects.filter(run=second).update(run=first)
        PayRun.objects.filter(pk=first.pk).update(rests_on={})
    both = services.calculate_now(run_id=first.pk, by=moved.admin, at=AT)

    rows = run_page(both, moved.admin).by_component
    assert [row[0] for row in rows] == ["Base salary", "Commission"]
    assert by_meaning([("a", "x", "Bonus"), ("a", "y", "Bonus"), ("b", "z", "Bonus")]) == {
        ("x", "Bonus"): ("x", "Bonus"), ("y", "Bonus"): ("y", "Bonus"), ("z", "Bonus"): ("z", "Bonus"),
    }  # fmt: skip


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


def test_a_run_of_a_new_plan_names_only_the_held_deals_of_its_own_payees(moved, client):
    for who in (moved.peer, moved.lead):
        sold = moved.sell(who, "500", month=6)
        with transaction.atomic():
            services.place_hold(
                source_type=sold.source_type, source_id=sold.source_id, reason="x", by=moved.admin, at=AT
            )
    run = moved.calculated("2026-Q2")
    client.force_login(moved.admin)

    with clock.fixed(AT):
        page = client.get(reverse("incentives:run", args=[run.pk])).content.decode()

    assert [hold.label for hold in run_page(run, moved.admin).holds] == [f"#{sold.source_id}"]
    assert "the first pay run of this plan" in page


def test_what_is_new_begins_with_a_period_that_no_run_has_begun(moved):
    reps, other = moved.made.plans.get(), moved.other
    june, july = dt.date(2026, 6, 20), dt.date(2026, 7, 10)

    begins = [
        first_day("quarter", june), first_day("quarter", june, reps.pk), first_day("month", june),
        first_day_under(reps, june), first_day_under(reps, july), first_day_under(other, june),
    ]  # fmt: skip

    assert begins == [dt.date(2026, *day) for day in ((4, 1), (7, 1), (6, 1), (7, 1), (7, 1), (4, 1))]
