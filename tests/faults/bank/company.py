"""The company of the bank test: sellers of two teams under two plans, and won deals."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.access.permissions import Permission, Role
from apps.access.services.tokens import create_token
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.customers.tests.factories import AccountFactory
from apps.incentives.tests.factories import Company, commission
from apps.org.models import Assignment, OrgUnit, Person
from apps.org.tests.factories import OrgUnitFactory, PositionFactory, RoleGrantFactory, seated
from apps.pipeline import services as pipeline
from apps.pipeline.tests.factories import ProcessFactory, ReasonFactory, StageFactory

TODAY = dt.date(2026, 12, 31)
MONTHS = [dt.date(2026, 1 + number, 1) for number in range(12)]
POOL, RETURNED = 8, 6
# Whatever is shared by twentieths and paid by tenths comes out in whole cents.
STEP = 20
WORTH = Decimal(10_000)
TENTH = {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.1"}]}
# Either plan pays a tenth; one takes returns back bit by bit, the other pays in advance.
PLANS: dict[str, dict[str, Any]] = {
    "east": {
        "returns": {"schedule": {"kind": "full", "months": 24}, "at_most": "0.5", "order": "before_draw"}
    },
    "west": {
        "draw": {
            "kind": "recoverable", "amount": "100", "periods": 60, "at_end": "carry",
            "recovery_share": "1", "recovery_after": 0,
        }
    },
}  # fmt: skip


@dataclass
class Bank:
    """What the clients know, as ids."""

    admin: int
    checker: int
    sellers: list[int]
    seats: dict[str, list[int]]
    plans: list[int]
    account: int
    pool: list[int]
    returned: list[int]
    reason: int
    token: str

    @classmethod
    def read(cls, text: str) -> "Bank":
        """Return what was printed when the company was founded."""
        return cls(**json.loads(text))


def found(sellers: int, months: int) -> str:
    """Write the company and return the ids of what is in it; deals are won in the first months."""
    with transaction.atomic():
        company = Company()
        teams = [company.team, OrgUnitFactory(name="West", parent=company.top)]
        people = [seated(teams[number % 2], name=f"Seller {number}") for number in range(sellers)]
        process = ProcessFactory()
        StageFactory(process=process, code="talks", order=1)
        StageFactory(process=process, code="won", order=2, kind="won", probability=100)
        StageFactory(process=process, code="lost", order=3, kind="lost", probability=0)
        reason = ReasonFactory()
        office = UserFactory(username="office")
        for role in (Role.SALES_OPS, Role.COMP_ADMIN):
            RoleGrantFactory(user=office, role=role, unit=company.top)
    plans = [
        company.plan(commission(table=TENTH), people=people[number::2], code=code, period="month", **more)
        for number, (code, more) in enumerate(PLANS.items())
    ]
    with transaction.atomic():
        account = AccountFactory(name="The pool")
        pool = [_won(number, months, people, account.pk) for number in range(POOL)]
        returned = [_won(number, months, people, None) for number in range(RETURNED)]
        _row, secret = create_token(
            owner=office,
            label="bank",
            scopes=["read", "write", Permission.RUN_CALCULATE.value],
            days=1,
            at=clock.now(),
        )
    bank = Bank(
        admin=company.admin.pk, checker=company.checker.pk, sellers=[one.pk for one in people],
        seats=_seats(people, teams), plans=[plan.pk for plan in plans], account=account.pk,
        pool=pool, returned=returned, reason=reason.pk, token=secret,
    )  # fmt: skip
    return json.dumps(asdict(bank))


def _seats(people: list[Person], teams: list[OrgUnit]) -> dict[str, list[int]]:
    """Return by seller their seat in either team: the one they hold and a vacant one kept for them."""
    seats = {}
    for number, person in enumerate(people):
        own = [PositionFactory(unit=team).pk if at != number % 2 else 0 for at, team in enumerate(teams)]
        own[number % 2] = Assignment.objects.get(person=person).position_id
        seats[str(person.pk)] = own
    return seats


def _won(number: int, months: int, people: list[Person], account_id: int | None) -> int:
    """Return a deal won in one of the months."""
    day = MONTHS[number % months].replace(day=10)
    deal = pipeline.create_opportunity(
        name=f"Deal {number}", account_id=account_id, owner_id=people[number % len(people)].pk,
        amount=WORTH, currency="USD", created_on=MONTHS[0], today=day,
    )  # fmt: skip
    pipeline.win(opportunity_id=deal.pk, version=None, closed_on=day, today=day)
    return deal.pk


def money() -> Decimal:
    """Return what all deals of the pool are worth together, at any time."""
    return WORTH * POOL
