"""A closed quarter, knocked at from every door of the product: nothing gets in, and what is right is told."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.access.permissions import Permission, Role
from apps.access.tests.factories import ApiTokenFactory
from apps.calendars import services as calendars
from apps.core import clock
from apps.core.effective import span
from apps.incentives import services as pay
from apps.incentives.models import PayLine, PayRun, PayTrace, Statement
from apps.integrations import services as imports
from apps.integrations.tests.factories import DEALS, importer, uploads
from apps.measures.models import Credit
from apps.org.models import Assignment, RoleGrant
from apps.pipeline.models import Opportunity
from tests.journeys.test_won_deal_to_pay_slip import AUGUST, JSON, NOON, at_desk, pay_for, sell
from tests.journeys.test_won_deal_to_pay_slip import world as a_world

pytestmark = pytest.mark.django_db
world = a_world
DAY = dt.date(2026, 6, 30)


@pytest.fixture
def shut(world):
    """The world in August, its second quarter paid and closed; one deal of June still open."""
    with clock.fixed(NOON):
        sell(world)
        body = {"name": "Late deal", "account_id": world.account.pk, "amount": "500"}
        made = at_desk(world.users["ann"]).post("/api/v1/opportunities/", body, JSON).json()
        world.late = Opportunity.objects.get(pk=made["id"])
    with clock.fixed(AUGUST):
        world.run = pay_for(world, "2026-Q2", AUGUST)
        with transaction.atomic():
            calendars.close_period(world.run.period_id, world.users["admin"].pk, AUGUST)
        yield world


def held(start=dt.date(2026, 4, 1), end=dt.date(2026, 7, 1)):
    """Return all that the closed quarter holds."""
    inside = Credit.objects.filter(booked_on__gte=start, booked_on__lt=end)
    rows = [inside, PayRun.objects, Statement.objects, PayLine.objects, PayTrace.objects, Assignment.objects]
    return [list(model.order_by("pk").values_list()) for model in rows]


def test_another_system_a_phone_that_was_offline_and_a_form_are_refused_alike(shut):
    ann, before = shut.users["ann"], held()
    body = {"version": shut.late.version, "closed_on": DAY.isoformat()}
    win = f"/api/v1/opportunities/{shut.late.pk}/win/"
    scopes = [Permission.DEAL_EDIT.value, Permission.DEAL_VIEW.value]
    token = ApiTokenFactory(owner=ann, label="crm", scopes=scopes, created_at=AUGUST)
    bearer = {"Authorization": "Bearer so_crm"}

    answers = [
        at_desk(ann).post(win, body, JSON),
        *[at_desk(ann).post(win, body, JSON, headers={"Idempotency-Key": "queued-1"}) for _ in range(2)],
        Client().post(win, body, JSON, headers=bearer),
        at_desk(ann).post(reverse("pipeline:win", args=[shut.late.pk]), body, headers={"HX-Request": "true"}),
    ]

    assert [answer.status_code for answer in answers] in ([409] * 5, [409, 409, 409, 409, 422])
    assert all("closed" in answer.content.decode() for answer in answers)
    assert token.owner == ann
    assert Opportunity.objects.get(pk=shut.late.pk).state == "open"
    assert held() == before


def test_the_administration_offers_no_way_in(shut):
    admin = shut.users["admin"]
    admin.is_staff = True
    admin.save(update_fields=["is_staff"])
    RoleGrant.objects.create(user=admin, role=Role.SYSADMIN, unit=shut.top, valid=span(dt.date(2025, 1, 1)))
    before, client = held(), at_desk(admin)

    for model, row in (
        ("incentives_payline", PayLine.objects.latest("pk")),
        ("incentives_statement", Statement.objects.latest("pk")),
        ("incentives_payrun", shut.run),
        ("measures_credit", Credit.objects.latest("pk")),
    ):
        for step in ("change", "delete"):
            answer = client.post(
                reverse(f"admin:{model}_{step}", args=[row.pk]), {"amount": "1", "post": "yes"}
            )
            assert answer.status_code in {302, 403, 404}, (model, step)

    assert held() == before


def test_an_import_of_deals_of_the_closed_quarter_writes_nothing(shut):
    before = held()
    late = DEALS.replace("2021-03-01", "2026-05-20").replace("2021-", "2026-")
    with transaction.atomic():
        run = imports.start_import(
            name="Stone Hardware", uploads=uploads(pipeline=late), currency="USD",
            since=dt.date(2026, 1, 1), by=importer(),
        )  # fmt: skip

    with transaction.atomic():
        checked = imports.check_import(run_id=run.pk, today=AUGUST.date())
    if checked.can_run:
        with transaction.atomic():
            imports.request_run(run_id=run.pk, by=run.by, url="/")
        imports.execute(run_id=run.pk, today=AUGUST.date(), at=AUGUST)
    run.refresh_from_db()

    assert run.state != "done", run.outcome
    assert "closed" in f"{run.outcome} {run.report}"
    assert held() == before


def test_what_comes_late_is_booked_in_the_open_quarter_and_paid_there(shut):
    before = held()
    body = {"version": shut.late.version, "closed_on": AUGUST.date().isoformat()}

    won = at_desk(shut.users["ann"]).post(f"/api/v1/opportunities/{shut.late.pk}/win/", body, JSON)
    with transaction.atomic():
        reversal = pay.request_adjustment(
            person_id=shut.ann.pk, amount=Decimal(-1), reason="Correction", by=shut.users["admin"], at=AUGUST
        )

    assert won.status_code == 200
    assert reversal.status == "requested"
    assert held() == before
    credit = Credit.objects.get(source_id=shut.late.pk, measure="revenue")
    assert (credit.credited_on, credit.booked_on) == (AUGUST.date(), AUGUST.date())
