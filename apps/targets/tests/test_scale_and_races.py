from decimal import Decimal as D

import pytest
from django.db import connection, transaction

from apps.core.tests.together import decided_at_once
from apps.org.tests.factories import AssignmentFactory, PersonFactory, PositionFactory
from apps.targets import services
from apps.targets.enums import PlanStatus
from apps.targets.models import Target, TargetPlan
from apps.targets.tests.factories import AT, TODAY, make_plan, unit_of


@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_at_once_one_wins(draft, company):
    with transaction.atomic():
        services.submit_plan(plan_id=draft.pk, by_id=company.planner.pk, at=AT, on=TODAY)

    def approve():
        services.approve_plan(plan_id=draft.pk, by_id=company.chief.pk, at=AT, on=TODAY)

    assert decided_at_once(approve, approve) == ["done", "not_waiting"]
    assert TargetPlan.objects.get().status == PlanStatus.APPROVED


def test_a_thousand_seats_are_planned_and_cascaded_again(company):
    for _number in range(50):
        AssignmentFactory(person=PersonFactory(), position=PositionFactory(unit=company.east))
    _copy_seats(company.east.pk, 950)

    plan = make_plan(company)
    with transaction.atomic():
        services.cascade(plan_id=plan.pk, amount=D("9000"), by_id=company.planner.pk, at=AT, on=TODAY)

    assert Target.objects.filter(plan=plan).count() > 1_000
    assert unit_of(plan, company.east).amount == D("4500")


def _copy_seats(unit_id: int, count: int) -> None:
    """Add empty seats in bulk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO org_position (code, title) SELECT 'bulk-' || n, 'Seat ' || n"
            " FROM generate_series(1, %s) n RETURNING id)"
            " INSERT INTO org_positionunit (position_id, unit_id, is_lead, valid)"
            " SELECT id, %s, false, daterange('2020-01-01', NULL) FROM made",
            [count, unit_id],
        )
