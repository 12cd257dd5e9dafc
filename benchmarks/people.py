"""A company of sellers and their leads with targets, plans and a ledger, to measure pay runs on."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.access.models import User
from apps.calendars import services as calendars
from apps.calendars.models import ExchangeRate
from apps.core import clock
from apps.core.effective import span
from apps.incentives import services
from apps.incentives.models import PlanAssignment
from apps.measures.services import post_staged
from apps.org.models import OrgUnit, Person, PositionUnit
from apps.org.services import load_structure
from apps.org.services.loading import PersonRow, SeatRow, UnitRow
from apps.targets import services as targets
from apps.targets.enums import Method, Season
from apps.targets.rules.levels import Level
from benchmarks.engine import plan_document

START = dt.date(2030, 1, 1)
AT = dt.datetime(2030, 4, 3, 9, tzinfo=dt.UTC)
TEAM = 10
DEAL = Decimal("1234.56")

# Amounts, dates and sellers follow from the number of the deal alone, so that every run measures the same.
CREDITS = """
    SELECT 'revenue', 'bench:' || n, day, day, 1000 + n::bigint * 7919 %% 9000 + (n %% 100) / 100.0, %s,
           p.id, NULL::bigint, NULL::bigint, false, 'bench', n
    FROM (SELECT n, DATE '2030-01-01' + (n * 7 %% 90)::int AS day FROM generate_series(1, %s) AS n) AS deals
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM org_person WHERE id = ANY(%s)) AS p
         ON p.place = n %% %s
"""


@dataclass(frozen=True)
class World:
    """Who calculates and who approves."""

    writer: User
    approver: User


def build(payees: int, credits: int, currency: str = settings.COMPANY_CURRENCY) -> World:
    """Make a company of so many payees, a tenth of them leads, and so many credits of the sellers.

    Plans in another currency count each sale at the rate of its day, and there is a rate for every day.
    """
    with transaction.atomic():
        calendars.ensure_years(2029, 2031)
        top = _structure(payees)
        writer, approver = (User.objects.create_user(f"bench-{name}") for name in ("writer", "approver"))
    world = World(writer, approver)
    with clock.fixed(AT), transaction.atomic():
        _targets(top, world, payees)
        _plans(world, currency)
    with transaction.atomic():
        _credits(credits)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return world


def _structure(payees: int) -> OrgUnit:
    teams = payees // TEAM
    units = [UnitRow("bench-top", "Benchmark", "company")]
    units += [UnitRow(f"bench-t{one}", f"Team {one}", "team", "bench-top") for one in range(teams)]
    people = [PersonRow(f"bench-p{one}", f"Person {one}") for one in range(payees)]
    places = [
        SeatRow(f"bench-s{one}", "Seller", f"bench-t{one % teams}", one < teams, f"bench-p{one}")
        for one in range(payees)
    ]
    load_structure(units=units, people=people, seats=places, on=START)
    return OrgUnit.objects.get(code="bench-top")


def _targets(top: OrgUnit, world: World, payees: int) -> None:
    made = targets.create_plan(
        measure="revenue",
        year="2030",
        root_unit_id=top.pk,
        by_id=world.writer.pk,
        at=AT,
        on=START,
        amount=Decimal(2_000_000) * payees,
        levels={0: Level(Method.EQUAL)},
        season=Season.EVEN,
        unit_ids=list(OrgUnit.objects.filter(code__startswith="bench-t").values_list("pk", flat=True)),
    )
    targets.submit_plan(plan_id=made.pk, by_id=world.writer.pk, at=AT, on=START)
    made.targets.update(smart_grade="good")
    targets.approve_plan(plan_id=made.pk, by_id=world.approver.pk, at=AT, on=START)


def _plans(world: World, currency: str) -> None:
    abroad: dict[str, Any] = {}
    if currency != settings.COMPANY_CURRENCY:
        abroad = {"exchange": {"transactions": "transaction_date"}}
        days = (START + dt.timedelta(days=number) for number in range(-1000, 120))
        ExchangeRate.objects.bulk_create(
            ExchangeRate(currency=currency, on=day, rate=Decimal(140_000 + day.toordinal() % 97) / 10**6)
            for day in days
        )
    leading = set(
        PositionUnit.objects.filter(is_lead=True, position__code__startswith="bench-").values_list(
            "position_id", flat=True
        )
    )
    everybody = Person.objects.filter(external_id__startswith="bench-").order_by("pk")
    seats = everybody.values_list("assignments__position_id", flat=True)
    for kind, positions in (
        ("commission", [one for one in seats if one not in leading]),
        ("override", sorted(leading)),
    ):
        document: dict[str, Any] = plan_document(kind) | {"currency": currency} | abroad
        at = dt.datetime(2030, 1, 1, 9, tzinfo=dt.UTC)
        version = services.create_plan(
            code=f"bench-{kind}", name=kind, purpose="Benchmark.", document=document, starts_on=START,
            by=world.writer, at=at,
        )  # fmt: skip
        services.submit_version(version_id=version.pk, by=world.writer, at=at)
        services.approve_version(version_id=version.pk, by=world.approver, at=at)
        PlanAssignment.objects.bulk_create(
            [
                PlanAssignment(plan_id=version.plan_id, position_id=one, valid=span(START))
                for one in positions
            ],
            batch_size=1000,
        )


def _credits(credits: int) -> None:
    leads = PositionUnit.objects.filter(is_lead=True).values("position_id")
    sellers = list(
        Person.objects.filter(external_id__startswith="bench-")
        .exclude(assignments__position__in=leads)
        .values_list("pk", flat=True)
    )
    post_staged(CREDITS, [settings.COMPANY_CURRENCY, credits, sellers, len(sellers)])
