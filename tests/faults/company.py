"""The company that the faults befall. The stage's console writes it, each part when its tests begin."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.test import Client

from apps.access.models import User
from apps.access.services.tokens import create_token
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.effective import span
from apps.incentives import services as pay
from apps.incentives.models import IncentivePlan, PayRun, PlanAssignment
from apps.incentives.tests.factories import AT, Company, commission, override
from apps.measures.services import Entry, post
from apps.org.models import Assignment, OrgUnit, Person, Position, PositionUnit
from apps.org.tests.factories import START
from apps.pipeline.services import create_opportunity
from apps.pipeline.tests.factories import ProcessFactory, StageFactory
from apps.roles.tests.factories import PositionRoleFactory, role_with_kpis
from apps.strategy import services as strategy
from apps.strategy.enums import Rhythm

PLANS, PAYEES_A_PLAN = 5, 200
OPENED = dt.date(2026, 6, 1)


def found() -> list[int]:
    """Write the company, and pay a thousand sellers under five plans and the leads for all they sell.

    Returns the pay runs, calculated, one for each plan.
    """
    with transaction.atomic():
        company = Company()
        names = [f"Seller {number:04}" for number in range(PLANS * PAYEES_A_PLAN)]
        sellers = _sellers(company.team, names)
        _sell(sellers)
    leads = company.plan(override(), people=[company.lead, company.boss], code="leads")
    runs = []
    for number in range(PLANS):
        payees = sellers[number * PAYEES_A_PLAN : (number + 1) * PAYEES_A_PLAN]
        plan = company.plan(commission(), people=payees[:1], code=f"sellers-{number}")
        PlanAssignment.objects.bulk_create(
            PlanAssignment(plan=plan, person=one, valid=span(dt.date(2025, 1, 1))) for one in payees[1:]
        )
        runs.append(_run([plan, leads] if number == 0 else [plan], company.admin))
    return runs


def _run(plans: list[IncentivePlan], by: User) -> int:
    """Return a calculated run of some plans."""
    period = calendars.period("2026-Q2")
    with transaction.atomic():
        run = pay.create_run(period=period, plan_ids=[plan.pk for plan in plans], by=by, at=AT)
    return pay.calculate_now(run_id=run.pk, by=by, at=AT).pk


def _sellers(team: OrgUnit, names: Sequence[str]) -> list[Person]:
    """Return people in seats of a team, written in bulk."""
    people = Person.objects.bulk_create(Person(external_id=name, name=name, hired_on=START) for name in names)
    seats = Position.objects.bulk_create(Position(code=f"of-{name}", title=name) for name in names)
    since = span(START)
    PositionUnit.objects.bulk_create(PositionUnit(position=seat, unit=team, valid=since) for seat in seats)
    Assignment.objects.bulk_create(
        Assignment(position=seat, person=person, valid=since)
        for seat, person in zip(seats, people, strict=True)
    )
    return people


def _sell(people: list[Person]) -> None:
    entries = [
        Entry(
            measure="revenue",
            key=f"sale:{person.pk}:{month}",
            credited_on=dt.date(2026, month, 10),
            value=(Decimal(100 + 37 * number + month) / 3).quantize(Decimal("0.01")),
            person_id=person.pk,
            source_type="test",
            source_id=number * 100 + month,
        )
        for number, person in enumerate(people)
        for month in (4, 6)
    ]
    post(entries)


def calculate(*run_ids: int) -> None:
    """Ask for pay runs to be calculated anew and whole, as if nothing were known of the last time."""
    admin = User.objects.get(username="admin")
    for run_id in run_ids:
        with transaction.atomic():
            PayRun.objects.filter(pk=run_id).update(rests_on={})
            pay.request_calculation(run_id=run_id, by=admin, title="Pay", url="")


def selling() -> str:
    """Give the company a sales process; return a token of a seller's."""
    process = ProcessFactory()
    StageFactory(process=process, code="talks", order=1)
    StageFactory(process=process, code="won", order=2, kind="won", probability=100)
    rep = User.objects.get(username="rep")
    with transaction.atomic():
        _token, secret = create_token(
            owner=rep, label="faults", scopes=["read", "write"], days=1, at=clock.now()
        )
    return secret


def open_deal(name: str) -> tuple[int, int]:
    """Return a new deal of the seller's and its version."""
    rep = Person.objects.get(name="Rep")
    with transaction.atomic():
        deal = create_opportunity(
            owner_id=rep.pk, today=OPENED, by=rep.user, name=name, amount=Decimal(1000), currency="USD"
        )
    deal.refresh_from_db()
    return deal.pk, deal.version


def cookies() -> str:
    """Return the cookies of a seller who signed in."""
    client = Client()
    client.force_login(User.objects.get(username="rep"))
    return "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())


def quarter_end() -> None:
    """Give two sellers a role to be evaluated in, and strategies whose reviews fall around 1 April 2026."""
    team = OrgUnit.objects.get(name="Team")
    people = _sellers(team, ["Ann", "Bob"])
    role = role_with_kpis("faults", revenue=100)
    for person in people:
        person.user = User.objects.create_user(person.name.lower(), display_name=person.name)
        person.save(update_fields=["user"])
        PositionRoleFactory(position=Assignment.objects.get(person=person).position, role=role)
    ann, bob = people
    for title, first_on in (("Late", dt.date(2026, 3, 30)), ("Soon", dt.date(2026, 4, 1))):
        _strategy(title, first_on, ann, bob)


def _strategy(title: str, first_on: dt.date, owner: Person, participant: Person) -> None:
    """Activate a strategy reviewed by its owner and one other, every quarter from a day on."""
    editor = User.objects.get(username="executive")
    activated = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    with transaction.atomic():
        made = strategy.create_strategy(
            title=title,
            purpose="Grow",
            situation="",
            owner_id=owner.pk,
            unit_id=OrgUnit.objects.get(name="Team").pk,
            starts_on=dt.date(2026, 1, 1),
            last_day=dt.date(2026, 12, 31),
            participant_ids=[participant.pk],
            by=editor,
            at=activated,
        )
        year = calendars.period("2026", "year")
        strategy.add_objective(
            strategy_id=made.pk, title="Sell more", owner_id=owner.pk, measure="revenue",
            goal_value=Decimal(1200), period_id=year.pk,
        )  # fmt: skip
        strategy.set_cadence(
            strategy_id=made.pk, rhythm=Rhythm.QUARTERLY, every=1, first_on=first_on, on=activated.date()
        )
        strategy.activate_strategy(strategy_id=made.pk, by=editor, at=activated, on=activated.date())
        made.refresh_from_db()
        type(made).objects.filter(pk=made.pk).update(watch_below=0)  # only reviews are to be heard of
