"""Plans for tests: built by the service, since a plan that does not add up cannot be stored."""

import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from apps.access.tests.factories import UserFactory
from apps.calendars import selectors as calendars
from apps.org.tests.factories import OrgUnitFactory, PersonFactory
from apps.targets import services
from apps.targets.enums import Method, Season
from apps.targets.models import (
    AlertRule,
    ApprovalStep,
    BottomUpRound,
    OwnFigure,
    OwnFigureNote,
    PlanApproval,
    PlanChange,
    PlanLevel,
    PlanMonth,
    QuotaRelief,
    RoundDue,
    ShareRequest,
    Target,
    TargetAlert,
    TargetPlan,
    TargetSlice,
    TargetWaiver,
)
from apps.targets.rules.levels import Level

AT = dt.datetime(2026, 2, 16, 9, tzinfo=dt.UTC)
TODAY = dt.date(2026, 2, 16)


def make_plan(company: Any, **options: Any) -> TargetPlan:
    """Return a draft on 2026 revenue, +20 %, by last year's share, evenly over the months."""
    settings: dict[str, Any] = {
        "measure": "revenue",
        "year": "2026",
        "root_unit_id": company.top.pk,
        "by_id": company.planner.pk,
        "at": AT,
        "on": TODAY,
        "growth": Decimal("0.20"),
        "levels": {0: Level(Method.HISTORY)},
        "season": Season.EVEN,
    }
    with transaction.atomic():
        return services.create_plan(**{**settings, **options})


def seat_of(plan: TargetPlan, person: Any) -> Target:
    """Return the target of the seat a person holds."""
    return plan.targets.get(position__assignments__person=person)


def unit_of(plan: TargetPlan, unit: Any) -> Target:
    """Return the target of a unit."""
    return plan.targets.get(unit=unit)


class TargetPlanFactory(DjangoModelFactory):
    """A draft without nodes, for the top unit given."""

    class Meta:
        model = TargetPlan

    name = "Revenue 2026"
    measure = "revenue"
    period = factory.LazyFunction(lambda: calendars.period("2026", "year"))
    root_unit = factory.SubFactory(OrgUnitFactory)
    structure_on = TODAY
    created_by = factory.SubFactory(UserFactory)
    created_at = AT


class PlanLevelFactory(DjangoModelFactory):
    class Meta:
        model = PlanLevel

    plan = factory.SubFactory(TargetPlanFactory)
    depth = 0


class PlanMonthFactory(DjangoModelFactory):
    class Meta:
        model = PlanMonth

    plan = factory.SubFactory(TargetPlanFactory)
    month = factory.LazyFunction(lambda: calendars.period("2026-M01", "month"))
    position = 0
    weight = Decimal(1)
    working_days = 21


class TargetFactory(DjangoModelFactory):
    """The top node of a plan with nothing to reach, which adds up by itself."""

    class Meta:
        model = Target

    months = factory.LazyFunction(lambda: [Decimal(0)] * 12)

    plan = factory.SubFactory(TargetPlanFactory)
    unit = factory.SelfAttribute("plan.root_unit")


class TargetSliceFactory(DjangoModelFactory):
    class Meta:
        model = TargetSlice

    target = factory.SubFactory(TargetFactory)
    dimension = "segment"
    member = "retail"
    label = "retail"
    weight = Decimal(0)
    amount = Decimal(0)


class PlanChangeFactory(DjangoModelFactory):
    class Meta:
        model = PlanChange

    plan = factory.SubFactory(TargetPlanFactory)
    number = 1
    revision = 2
    kind = "cascade"
    made_by = factory.SubFactory(UserFactory)
    made_at = AT


class QuotaReliefFactory(DjangoModelFactory):
    class Meta:
        model = QuotaRelief

    measure = "revenue"
    person = factory.SubFactory(PersonFactory)
    month = factory.LazyFunction(lambda: calendars.period("2026-M01", "month"))
    share = Decimal("0.5")
    reason = "Parental leave"
    granted_by = factory.SubFactory(UserFactory)
    granted_at = AT


class TargetWaiverFactory(DjangoModelFactory):
    class Meta:
        model = TargetWaiver

    target = factory.SubFactory(TargetFactory)
    letters = "A"
    reason = "Decided by the board"
    waived_by = factory.SubFactory(UserFactory)
    waived_at = AT


class BottomUpRoundFactory(DjangoModelFactory):
    class Meta:
        model = BottomUpRound

    plan = factory.SubFactory(TargetPlanFactory)
    opened_by = factory.SubFactory(UserFactory)
    opened_at = AT


class RoundDueFactory(DjangoModelFactory):
    class Meta:
        model = RoundDue

    round = factory.SubFactory(BottomUpRoundFactory)
    depth = 0
    due_on = TODAY


class OwnFigureFactory(DjangoModelFactory):
    class Meta:
        model = OwnFigure

    target = factory.SubFactory(TargetFactory)
    round = factory.SubFactory(BottomUpRoundFactory, plan=factory.SelfAttribute("..target.plan"))


class OwnFigureNoteFactory(DjangoModelFactory):
    class Meta:
        model = OwnFigureNote

    figure = factory.SubFactory(OwnFigureFactory)
    kind = "entered"
    written_by = factory.SubFactory(UserFactory)
    written_at = AT


class ApprovalStepFactory(DjangoModelFactory):
    class Meta:
        model = ApprovalStep

    order = 1
    who = "role"
    role = "executive"
    set_by = factory.SubFactory(UserFactory)
    set_at = AT


class PlanApprovalFactory(DjangoModelFactory):
    class Meta:
        model = PlanApproval

    plan = factory.SubFactory(TargetPlanFactory)
    attempt = 1
    order = 1
    who = "role"
    role = "executive"


class ShareRequestFactory(DjangoModelFactory):
    class Meta:
        model = ShareRequest

    target = factory.SubFactory(TargetFactory)
    before = Decimal(100)
    after = Decimal(120)
    reason = "A key account moved here"
    due_on = TODAY
    asked_by = factory.SubFactory(UserFactory)
    asked_at = AT


class AlertRuleFactory(DjangoModelFactory):
    class Meta:
        model = AlertRule

    kind = "pace"
    below = Decimal("0.9")
    after = Decimal("0.2")
    set_by = factory.SubFactory(UserFactory)
    set_at = AT


class TargetAlertFactory(DjangoModelFactory):
    class Meta:
        model = TargetAlert

    target = factory.SubFactory(TargetFactory)
    kind = "pace"
    opened_on = TODAY
    seen_on = TODAY
