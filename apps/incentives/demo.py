"""Incentives of the demo company: two approved plans, three paid quarters, one waiting for approval."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.models import IncentivePlan, PayLine, PayRun, Statement
from apps.incentives.rules.plan.document import SCHEMA
from apps.incentives.selectors.documents import waiting_for
from apps.incentives.services.contests import Prize
from apps.org import selectors as org
from apps.org.models import Person
from apps.roles.models import SalesRole

_ROUND_THE_CLOCK = dt.time(9)


def load(context: DemoContext) -> None:
    """Load the demo company's incentives; a second load changes nothing."""
    if IncentivePlan.objects.exists():
        return
    quarters = _last_quarters(context.today, 4)
    first = quarters[0].starts_on
    writer, approver = context.users["compadmin"], context.users["executive"]
    at = dt.datetime.combine(first, _ROUND_THE_CLOCK, tzinfo=clock.company_zone())
    reps = _plan("field-sales", "Field sales", _REPS_PURPOSE, _reps(), first, writer, approver, at)
    managers = _plan("sales-leads", "Sales leads", _LEADS_PURPOSE, _leads(), first, writer, approver, at)
    with transaction.atomic():
        for plan_id, codes in ((reps, ("rep",)), (managers, ("team_manager", "regional_director"))):
            for role in SalesRole.objects.filter(code__in=codes).order_by("code"):
                services.assign_plan(plan_id=plan_id, role_id=role.pk, starts_on=first, by=writer)
    for index, quarter in enumerate(quarters):
        _run(quarter, writer, approver, is_last=index == len(quarters) - 1)
    context.extra["pay_runs"] = PayRun.objects.count()
    _around_pay(context, writer)


def _around_pay(context: DemoContext, writer: User) -> None:
    """Let people confirm their plans and question lines, and set up a contest."""
    now = dt.datetime.combine(context.today, _ROUND_THE_CLOCK, tzinfo=clock.company_zone())
    payees = _payees_with_sign_in()
    with clock.fixed(now), transaction.atomic():
        services.set_policy(
            dispute_days=5, windfall_deal_factor=None, windfall_quota_share=None,
            windfall_line_factor=None, shows_leaderboards=True, by=writer, at=now,
        )  # fmt: skip
        for person in payees[::2]:
            for version in waiting_for(person.pk, context.today):
                services.confirm_plan(
                    version_id=version.pk, document_hash=version.document_hash, by=_user(person), at=now
                )
        _contest(context, writer, now)
    for person in payees[:1]:
        lines = PayLine.objects.posted().filter(person=person).exclude(component="base")
        newest = lines.order_by("-run__period__starts_on", "sequence")
        for line, ending in zip(newest, _QUESTIONS, strict=False):
            _dispute(person, line, ending, writer, now)


def _user(person: Person) -> User:
    return User.objects.get(person=person)


def _payees_with_sign_in() -> list[Person]:
    """Return the people with a sign-in whom the newest paid run pays, but not the one of the tour."""
    newest = PayRun.objects.posted().order_by("-period__starts_on", "-pk").first()
    paid = Statement.objects.filter(run=newest).values("person")
    people = Person.objects.filter(pk__in=paid, user__isnull=False).exclude(user__username="rep")
    return list(people.select_related("user").order_by("pk"))


_QUESTIONS = {
    "open": "The renewal that my team signed on the last day seems to be missing.",
    "refused": "The win rate looks lower than on the team page. Which deals does it count?",
    "accepted": "A deal of the last week came in after the run. Is it paid later?",
}


def _dispute(person: Person, line: PayLine, ending: str, writer: User, now: dt.datetime) -> None:
    asked = now - dt.timedelta(days=9 if ending != "open" else 2)
    with transaction.atomic():
        dispute = services.raise_dispute(line_id=line.pk, text=_QUESTIONS[ending], by=_user(person), at=asked)
        if ending == "accepted":
            services.accept_dispute(
                dispute_id=dispute.pk, amount=Decimal("240.00"), cause="missing_deal",
                text="You are right, it was booked a day late.", by=writer, at=asked + dt.timedelta(days=2),
            )  # fmt: skip
        elif ending == "refused":
            services.refuse_dispute(
                dispute_id=dispute.pk, cause="unclear", by=writer, at=asked + dt.timedelta(days=3),
                text="It counts deals decided in the quarter; the team page shows the month.",
            )  # fmt: skip


def _contest(context: DemoContext, writer: User, now: dt.datetime) -> None:
    root = org.root_unit_id(context.today)
    quarter = calendars.period_of(context.today, "quarter")
    if root is None:
        return
    services.create_contest(
        name=gettext_noop("Sprint to the end of the quarter"),
        purpose=gettext_noop("The most revenue by the last day; equal figures share a place."),
        measure="revenue",
        starts_on=quarter.starts_on,
        last_day=quarter.ends_before - dt.timedelta(days=1),
        unit_id=root,
        person_ids=[],
        prizes=[
            Prize(1, gettext_noop("Dinner with the board"), Decimal(1000)),
            Prize(2, gettext_noop("A day off")),
            Prize(3, gettext_noop("A good book")),
        ],
        minimum=None,
        by=writer,
        at=now,
    )


def _last_quarters(today: dt.date, count: int) -> list[Any]:
    start = today - dt.timedelta(days=92 * (count + 1))
    ended = [q for q in calendars.periods_between(start, today, "quarter") if q.ends_before <= today]
    return ended[-count:]


_REPS_PURPOSE = (
    "Base salary, commission on revenue with an accelerator, and a bonus on deals and new customers."
)
_LEADS_PURPOSE = "Base salary, an override on the revenue of everybody below, and a bonus on wins."


def _most(amount: str) -> dict[str, Any]:
    return {"limit": {"kind": "amount", "amount": amount}, "excess": {"kind": "forfeit"}}


def _reps() -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "cap": _most("60000"),
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "54000"},
            {
                "kind": "commission",
                "code": "commission",
                "name": "Commission",
                "measure": "revenue",
                "basis": "year_to_date",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": "250000", "rate": "0.03"},
                        {"from": "250000", "to": "750000", "rate": "0.05"},
                        {"from": "750000", "rate": "0.065"},
                    ],
                },
            },
            {
                "kind": "kpi_bonus",
                "code": "growth_bonus",
                "name": "Growth bonus",
                "annual": "8000",
                "measures": [
                    {"measure": "deals_won", "weight": "60", "goal": "8"},
                    {"measure": "new_customers", "weight": "40", "goal": "3"},
                ],
                "curve": {
                    "kind": "curve",
                    "pays": "share",
                    "points": [
                        {"at": "0.5", "pays": "0.25"},
                        {"at": "1", "pays": "1"},
                        {"at": "1.5", "pays": "2"},
                    ],
                    "below": "zero",
                    "above": "hold",
                },
            },
        ],
    }


def _leads() -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "84000"},
            {
                "kind": "override",
                "code": "team_override",
                "name": "Team override",
                "measure": "revenue",
                "basis": "period",
                "table": {
                    "kind": "retroactive",
                    "tiers": [
                        {"from": "0", "to": "400000", "rate": "0.005"},
                        {"from": "400000", "rate": "0.008"},
                    ],
                },
                "cap": _most("40000"),
            },
            {
                "kind": "kpi_bonus",
                "code": "win_bonus",
                "name": "Win rate bonus",
                "annual": "12000",
                "measures": [{"measure": "win_rate", "weight": "100", "goal": "0.45"}],
                "curve": {
                    "kind": "curve",
                    "pays": "share",
                    "points": [
                        {"at": "0.8", "pays": "0.5"},
                        {"at": "1", "pays": "1"},
                        {"at": "1.25", "pays": "1.5"},
                    ],
                    "below": "zero",
                    "above": "hold",
                },
            },
        ],
    }


def _plan(
    code: str,
    name: str,
    purpose: str,
    document: dict[str, Any],
    starts_on: dt.date,
    writer: Any,
    approver: Any,
    at: dt.datetime,
) -> int:
    with transaction.atomic():
        version = services.create_plan(
            code=code, name=name, purpose=purpose, document=document, starts_on=starts_on, by=writer, at=at
        )
        services.submit_version(version_id=version.pk, by=writer, at=at)
        services.approve_version(version_id=version.pk, by=approver, at=at + dt.timedelta(days=1))
    return version.plan_id


def _run(quarter: Any, writer: Any, approver: Any, *, is_last: bool) -> None:
    at = dt.datetime.combine(quarter.ends_before, _ROUND_THE_CLOCK, tzinfo=clock.company_zone())
    after = [at + dt.timedelta(days=days) for days in range(2, 7)]
    try:
        with transaction.atomic():
            run = services.create_run(period=quarter, by=writer, at=at)
    except DomainError:
        return
    services.calculate_now(run_id=run.pk, by=writer, at=after[0])
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=writer, at=after[1])
        if is_last:
            return
        services.approve_run(run_id=run.pk, by=approver, at=after[2])
        services.lock_run(run_id=run.pk, by=approver, at=after[3])
        services.export_payroll(run_id=run.pk, by=writer, at=after[4])
        services.mark_paid(run_id=run.pk, by=writer, at=after[4])
