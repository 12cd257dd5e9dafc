"""Many hands move credit about while connections are cut: the total never moves, and pay follows it."""

import datetime as dt
import os
import random
from decimal import Decimal

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Sum

from apps.core import clock
from apps.core.tests.together import at_once
from apps.measures.models import Credit
from apps.measures.selectors import value
from apps.pipeline import services
from apps.pipeline.models import Opportunity
from apps.pipeline.rules import Share
from apps.pipeline.tests.conftest import build_world

NOON = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
DAY = NOON.date()
YEAR = dt.date(2026, 1, 1), dt.date(2027, 1, 1)
# docs/tests.md says how large it can be asked to be.
CLIENTS, STEPS = int(os.environ.get("BANK_CLIENTS", "5")), int(os.environ.get("BANK_STEPS", "4"))
DEALS = 4


def shares_between(world, chance):
    """Return how a deal is shared now: by one person or by two."""
    first = chance.randrange(0, 101, 5)
    parts = ((world.ann, first), (world.ben, 100 - first))
    return [Share(person.pk, Decimal(part)) for person, part in parts if part]


def transfer(world, deals, chance):
    """Open a won deal again, share it otherwise and win it anew, in one step."""
    pk = chance.choice(deals)
    services.reopen(opportunity_id=pk, version=None, on=DAY, reason="Shared otherwise")
    services.set_splits(opportunity_id=pk, version=None, shares=shares_between(world, chance))
    services.win(opportunity_id=pk, version=None, closed_on=DAY, today=DAY)


def adjust(world, deals, chance):
    """Move an amount from one won deal to another, in one step; locks are taken in order."""
    moved = Decimal(chance.randrange(-500, 500)) / 100
    for pk, change in zip(sorted(chance.sample(deals, 2)), (moved, -moved), strict=True):
        amount = Opportunity.objects.select_for_update().get(pk=pk).amount + change
        services.correct_won(
            opportunity_id=pk, version=None, booked_on=DAY, reason="Counted again", amount=amount
        )


def client(world, deals, number, totals):
    """Do some steps, lose the connection in every third before it is committed, and read the total."""
    chance = random.Random(number)  # noqa: S311  # to be drawn again
    for _step in range(STEPS):
        act, cut = chance.choice([transfer, adjust]), chance.randrange(3) == 0
        for _try in range(10):
            try:
                with transaction.atomic():
                    act(world, deals, chance)
                    if cut:
                        cut = False
                        connection.connection.close()
                break
            except (OperationalError, InterfaceError):
                connection.close()
        else:
            raise AssertionError("Ten tries were not enough.")
        totals.append(value("revenue", *YEAR).value)


@pytest.mark.django_db(transaction=True)
def test_the_total_is_the_same_at_every_read_and_every_person_has_what_the_ledger_says():
    with clock.fixed(NOON):
        world = build_world()
        with transaction.atomic():
            deals = [
                services.create_opportunity(
                    name=f"Deal {number}", account_id=world.account.pk, owner_id=world.ann.pk,
                    amount=Decimal("1000.01"), today=DAY,
                ).pk
                for number in range(DEALS)
            ]  # fmt: skip
            for pk in deals:
                services.win(opportunity_id=pk, version=None, closed_on=DAY, today=DAY)
        totals = []

        at_once(*(lambda n=n: client(world, deals, n, totals) for n in range(CLIENTS)))

    assert (len(totals), set(totals)) == (CLIENTS * STEPS, {Decimal("4000.04")})
    assert sum(Opportunity.objects.filter(pk__in=deals).values_list("amount", flat=True)) == Decimal(
        "4000.04"
    )
    for person in (world.ann, world.ben):
        ledger = Credit.objects.filter(measure="revenue", person=person).aggregate(sum=Sum("value"))["sum"]
        assert value("revenue", *YEAR, person_id=person.pk).value == (ledger or 0)
    assert value("deals_won", *YEAR).value == DEALS
