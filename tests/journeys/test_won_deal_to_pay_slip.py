"""One deal through the loop: the same figure in the ledger, on the target, the team page and the slip."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.effective import span
from apps.incentives import services as pay
from apps.incentives.models import PayLine, PayrollExport, PayRun, PayTrace, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.factories import document
from apps.measures.models import Credit
from apps.org.models import RoleGrant
from apps.pipeline.models import Opportunity
from apps.pipeline.tests.conftest import World, build_world
from apps.targets import selectors as goals
from apps.targets import services as targets
from apps.targets.enums import Method, Season
from apps.targets.rules.levels import Level

pytestmark = pytest.mark.django_db

JSON = "application/json"
SECOND = (dt.date(2026, 4, 1), dt.date(2026, 7, 1))
NOON = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
AUGUST = dt.datetime(2026, 8, 4, 9, tzinfo=dt.UTC)
PRICE = Decimal("1234.56")
EXACT, PAID = Decimal("41.728"), Decimal("41.73")  # 3 % of the first 1,000 and 5 % of the rest, rounded once


@pytest.fixture(autouse=True)
def _midsummer() -> Iterator[None]:
    with clock.fixed(NOON):
        yield


@pytest.fixture
def world() -> World:
    """A company with a target in force and a plan that pays Ann."""
    world = build_world()
    for name in ("admin", "checker"):
        world.users[name] = UserFactory(username=name)
        RoleGrant.objects.create(
            user=world.users[name], role=Role.COMP_ADMIN, unit=world.top, valid=span(dt.date(2025, 1, 1))
        )
    _aim(world)
    _promise(world)
    return world


def _aim(world: World) -> None:
    with transaction.atomic():
        plan = targets.create_plan(
            measure="revenue", year="2026", root_unit_id=world.top.pk, by_id=world.users["admin"].pk,
            at=NOON, on=NOON.date(), amount=Decimal(24000), levels={0: Level(Method.EQUAL)},
            season=Season.EVEN, unit_ids=[world.top.pk, world.east.pk, world.west.pk],
        )  # fmt: skip
        targets.submit_plan(plan_id=plan.pk, by_id=world.users["admin"].pk, at=NOON, on=NOON.date())
        failing = plan.targets.filter(smart_grade="failed").values_list("pk", flat=True)
        targets.waive(
            target_ids=list(failing), by_id=world.users["admin"].pk, at=NOON, reason="There is no history yet"
        )
        targets.approve_plan(plan_id=plan.pk, by_id=world.users["checker"].pk, at=NOON, on=NOON.date())


def _promise(world: World) -> None:
    admin, checker = world.users["admin"], world.users["checker"]
    with transaction.atomic():
        version = pay.create_plan(
            code="reps", name="Reps", purpose="", document=document(),
            starts_on=dt.date(2026, 1, 1), by=admin, at=NOON,
        )  # fmt: skip
        pay.submit_version(version_id=version.pk, by=admin, at=NOON)
        pay.approve_version(version_id=version.pk, by=checker, at=NOON)
        pay.assign_plan(
            plan_id=version.plan_id, person_id=world.ann.pk, starts_on=dt.date(2026, 1, 1), by=admin
        )


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sell(world: World) -> Opportunity:
    """Create and win a deal as other systems do."""
    ann = at_desk(world.users["ann"])
    body = {"name": "Press line", "account_id": world.account.pk, "amount": str(PRICE)}
    made = ann.post("/api/v1/opportunities/", body, JSON).json()
    won = ann.post(f"/api/v1/opportunities/{made['id']}/win/", {"version": made["version"]}, JSON)
    assert won.status_code == 200, won.content
    return Opportunity.objects.get(pk=made["id"])


def pay_for(world: World, code: str, at: dt.datetime) -> PayRun:
    """Calculate, review, approve and lock the run of a quarter."""
    admin, checker = world.users["admin"], world.users["checker"]
    with transaction.atomic():
        run = pay.create_run(period=calendars.period(code), by=admin, at=at)
    pay.calculate_now(run_id=run.pk, by=admin, at=at)
    with transaction.atomic():
        pay.review_run(run_id=run.pk, by=admin, at=at)
        pay.approve_run(run_id=run.pk, by=checker, at=at)
        return pay.lock_run(run_id=run.pk, by=checker, at=at)


def figure(client: Client, **asked: Any) -> Decimal:
    """Return revenue of the second quarter from the API."""
    answer = client.get(
        "/api/v1/measures/revenue/values/", {"start": SECOND[0], "end": SECOND[1], **asked}
    ).json()
    return sum((Decimal(row["value"]) for row in answer["results"]), Decimal(0))


def test_one_number_from_the_deal_to_the_slip(world: World) -> None:
    deal = sell(world)

    run = pay_for(world, "2026-Q2", NOON)

    lead, ann = at_desk(world.users["lead"]), at_desk(world.users["ann"])
    [credit] = Credit.objects.filter(measure="revenue", person=world.ann, source_id=deal.pk)
    line = PayLine.objects.get(run=run, person=world.ann)
    trace = PayTrace.objects.get(line=line)
    standing = goals.attainment(measure="revenue", start=SECOND[0], end=SECOND[1], person_id=world.ann.pk)
    assert credit.value == standing.actual == line.basis == PRICE
    assert figure(lead, unit=world.east.pk) == figure(lead, person=world.ann.pk, by="month") == PRICE
    assert standing.ratio == PRICE / standing.quota
    assert (line.amount, trace.credit_id, trace.value) == (PAID, credit.pk, EXACT)
    statement = Statement.objects.get(run=run, person=world.ann)
    slip = ann.get(reverse("incentives:statement", args=[statement.pk])).content.decode()
    behind = ann.get(reverse("incentives:line", args=[line.pk])).content.decode()
    assert statement.total == PAID
    assert "41.73" in slip
    assert "Press line" in behind
    assert "1,234.56" in behind
    assert "1,234.56" in lead.get(reverse("insights:team")).content.decode()


def test_a_deal_opened_again_after_pay_nets_to_nothing(world: World) -> None:
    deal = sell(world)
    first = pay_for(world, "2026-Q2", NOON)
    with transaction.atomic():
        exported = pay.export_payroll(run_id=first.pk, by=world.users["admin"], at=NOON)

    with clock.fixed(AUGUST):
        opened = at_desk(world.users["ann"]).post(
            f"/api/v1/opportunities/{deal.pk}/reopen/",
            {"version": deal.version, "reason": "The customer withdrew"},
            JSON,
        )
        second = pay_for(world, "2026-Q3", AUGUST)

    assert opened.status_code == 200, opened.content
    assert sum(Credit.objects.filter(measure="revenue").values_list("value", flat=True)) == Decimal(0)
    taken = PayLine.objects.get(run=second, person=world.ann, kind="return")
    assert (taken.window, taken.amount) == ("2026-Q2", -PAID)
    assert sum(Statement.objects.filter(person=world.ann).values_list("total", flat=True)) == Decimal("0.00")
    assert reconcile(first).agrees
    assert reconcile(second).agrees
    exported.refresh_from_db()
    assert paid_by(exported) == PAID  # what was issued stays as it was


def paid_by(export: PayrollExport) -> Decimal:
    """Return the sum of a payroll file, read back as payroll reads it."""
    rows = csv.DictReader(io.StringIO(export.content.removeprefix("\ufeff")))
    return sum((Decimal(row["amount"]) for row in rows if row["run"] != "control"), Decimal(0))
