"""Two teams with plans of their own in the demo company, and what their pay depends on besides sales."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core.demo import DemoContext
from apps.core.names import told
from apps.incentives import services
from apps.incentives.demo.documents import OBJECTIVES
from apps.incentives.demo.process import at
from apps.org.enums import AbsenceKind
from apps.org.models import Person, Position
from apps.org.services import record_absence

# Shenzhen is paid in yuan, Munich has objectives; neither is a team of somebody who signs in.
_TEAMS = {"yuan": "S-SZX-", "objectives": "S-MUC-"}
_SELLERS = ("P-MUC-1", "P-MUC-2", "P-MUC-3")
# What the sellers reached of each objective, quarter by quarter; a milestone is reached or not.
_GRADES = (
    (("0.8", "1", "1"), ("1.1", "0.9", "1"), ("0.6", "0.8", "0")),
    (("1", "0.9", "0"), ("1", "1", "1"), ("0.75", "0.7", "1")),
    (("0.9", "1", "1"), ("1.2", "1", "0"), ("0.5", "0.9", "1")),
    (("1.1", "0.95", "1"), ("0.85", "1", "1"), ("0.7", "0.6", "0")),
)
TALKED = told(gettext_noop("Agreed with the team's manager in the quarterly review."))
NEARLY = told(gettext_noop("Two laboratories have signed, a third one follows this month."))
SABBATICAL = told(gettext_noop("Three weeks abroad, agreed in spring."))
NEWBORN = told(gettext_noop("First weeks with the child."))


def assign(context: DemoContext, plans: dict[str, int], first: dt.date) -> None:
    """Put the seats of the two teams under plans of their own."""
    with transaction.atomic():
        for plan, code in _TEAMS.items():
            for seat in Position.objects.filter(code__startswith=code).order_by("code"):
                services.assign_plan(
                    plan_id=plans[plan], position_id=seat.pk, starts_on=first, by=context.users["compadmin"]
                )


def take_leave(context: DemoContext, newest: FiscalPeriod) -> None:
    """Record three weeks without pay and two with pay in the newest quarter; both lower the quota."""
    monday = newest.starts_on + dt.timedelta(days=(7 - newest.starts_on.weekday()) % 7)
    with transaction.atomic():
        for code, kind, weeks, after, note in (
            ("P-MUC-3", AbsenceKind.UNPAID, 3, 5, SABBATICAL),
            ("P-MUC-1", AbsenceKind.PARENTAL, 2, 2, NEWBORN),
        ):
            start = monday + dt.timedelta(weeks=after)
            record_absence(
                person_id=context.people[code].pk,
                kind=kind,
                starts_on=start,
                ends_before=start + dt.timedelta(days=7 * weeks - 2),
                relieves_quota=True,
                note=note,
                at=at(newest.starts_on),
                by=context.users["hr"],
            )


def grade(context: DemoContext, plan_id: int, quarter: FiscalPeriod) -> None:
    """Grade the objectives of a quarter that is over, and have a second person confirm each grade."""
    turn = _GRADES[quarter.starts_on.month // 3 % len(_GRADES)]
    told_at, confirmed_at = at(quarter.ends_before), at(quarter.ends_before, 16)
    with transaction.atomic():
        for code, grades in zip(_SELLERS, turn, strict=True):
            for (objective, *_rest), value in zip(OBJECTIVES, grades, strict=True):
                row = services.tell_grade(
                    plan_id=plan_id,
                    objective=objective,
                    person_id=context.people[code].pk,
                    period_id=quarter.pk,
                    value=Decimal(value),
                    note=TALKED,
                    by=context.users["compadmin"],
                    at=told_at,
                )
                services.confirm_fact(fact_id=row.pk, by=context.users["executive"], at=confirmed_at)


def leave_waiting(context: DemoContext, plan_id: int) -> None:
    """Leave two grades of the running quarter to be confirmed by somebody else."""
    quarter = calendars.period_of(context.today, "quarter")
    with transaction.atomic():
        for code, value in zip(_SELLERS, ("0.7", "1"), strict=False):
            services.tell_grade(
                plan_id=plan_id,
                objective=OBJECTIVES[0][0],
                person_id=Person.objects.get(external_id=code).pk,
                period_id=quarter.pk,
                value=Decimal(value),
                note=NEARLY if value == "0.7" else TALKED,
                by=context.users["compadmin"],
                at=at(context.today - dt.timedelta(days=1), 15),
            )
