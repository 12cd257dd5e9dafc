"""Winning, losing and reopening deals, and what the ledger holds afterwards."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from apps.calendars import selectors as calendars
from apps.calendars.services import close_period
from apps.core.errors import StaleVersion
from apps.measures.models import Credit
from apps.measures.services import ClosedPeriod
from apps.pipeline import services
from apps.pipeline.models import Opportunity
from apps.pipeline.rules import Share
from apps.pipeline.services import NewLine
from apps.pipeline.tests.conftest import TODAY, World

pytestmark = pytest.mark.django_db


def deal_of(world: World, **values: object) -> Opportunity:
    given = {"account_id": world.account.pk, "created_on": dt.date(2026, 5, 1), "amount": Decimal(1000)}
    with transaction.atomic():
        return services.create_opportunity(
            name="Deal", owner_id=world.ann.pk, today=TODAY, **{**given, **values}
        )


def win(deal: Opportunity, version: int | None = None, on: dt.date = dt.date(2026, 6, 10)) -> Opportunity:
    with transaction.atomic():
        return services.win(opportunity_id=deal.pk, version=version, closed_on=on, today=TODAY)


def ledger(measure: str) -> dict[str, Decimal]:
    rows = Credit.objects.filter(measure=measure).order_by("pk").values_list("person__name", "value")
    sums: dict[str, Decimal] = {}
    for name, value in rows:
        sums[name] = sums.get(name, Decimal(0)) + value
    return sums


def test_winning_credits_the_owner_as_of_the_closing_date(world: World) -> None:
    deal = win(deal_of(world))

    assert deal.state == "won"
    assert ledger("revenue") == {"Ann": Decimal(1000)}
    assert ledger("deals_won") == {"Ann": Decimal(1)}
    assert ledger("cycle_days") == {"Ann": Decimal(40)}
    assert ledger("new_customers") == {"Ann": Decimal(1)}
    credit = Credit.objects.get(measure="revenue")
    assert (credit.credited_on, credit.account_id, credit.unit_id) == (
        dt.date(2026, 6, 10),
        world.account.pk,
        world.east.pk,
    )


def test_revenue_is_split_over_lines_and_people_to_the_cent(world: World) -> None:
    deal = deal_of(
        world,
        lines=[
            NewLine(world.product.pk, unit_price=Decimal("0.03")),
            NewLine(world.product.pk, unit_price=Decimal("100.01")),
        ],
        shares=[Share(world.ann.pk, Decimal("33.33")), Share(world.ben.pk, Decimal("66.67"))],
    )

    win(deal)

    assert sum(ledger("revenue").values()) == Decimal("100.04")
    assert ledger("revenue") == {"Ann": Decimal("33.34"), "Ben": Decimal("66.70")}
    assert ledger("deals_won") == {"Ann": Decimal("0.3333"), "Ben": Decimal("0.6667")}
    assert set(Credit.objects.order_by("pk").values_list("product_id", flat=True)) == {world.product.pk}


def test_a_second_win_is_refused_and_changes_nothing(world: World) -> None:
    deal = win(deal_of(world))
    before = Credit.objects.count()

    with pytest.raises(services.DealClosed):
        win(deal)

    assert Credit.objects.count() == before


def test_a_stale_version_is_refused(world: World) -> None:
    deal = deal_of(world)

    with pytest.raises(StaleVersion):
        win(deal, version=deal.version + 1)

    assert not Credit.objects.exists()


@pytest.mark.parametrize("day", [dt.date(2026, 7, 1), dt.date(2026, 4, 30)], ids=["future", "before start"])
def test_impossible_closing_dates_are_refused(world: World, day: dt.date) -> None:
    with pytest.raises(services.InvalidOutcome):
        win(deal_of(world), on=day)


def test_a_closed_period_takes_no_win(world: World) -> None:
    deal = deal_of(world)
    with transaction.atomic():
        close_period(
            calendars.period("2026-M05").pk,
            by=world.users["ops"].pk,
            at=dt.datetime(2026, 6, 2, tzinfo=dt.UTC),
        )

    with pytest.raises(ClosedPeriod):
        win(deal, on=dt.date(2026, 5, 20))

    deal.refresh_from_db()
    assert deal.state == "open"


def test_losing_needs_a_reason_that_may_not_count(world: World) -> None:
    first, second, third = deal_of(world), deal_of(world), deal_of(world)

    with transaction.atomic():
        services.lose(
            opportunity_id=first.pk, version=None, closed_on=TODAY, today=TODAY, reason_id=world.reason.pk
        )
        services.lose(
            opportunity_id=second.pk, version=None, closed_on=TODAY, today=TODAY, reason_id=world.duplicate.pk
        )
    with pytest.raises(services.InvalidOutcome), transaction.atomic():
        services.lose(opportunity_id=third.pk, version=None, closed_on=TODAY, today=TODAY, reason_id=None)

    assert ledger("deals_lost") == {"Ann": Decimal(1)}


def test_reopening_reverses_and_hands_the_first_sale_on(world: World) -> None:
    first, second = win(deal_of(world)), win(deal_of(world))

    with transaction.atomic():
        deal = services.reopen(opportunity_id=first.pk, version=None, on=TODAY, reason="Customer withdrew")

    assert (deal.state, deal.stage_id, deal.closed_on) == ("open", world.first.pk, None)
    assert ledger("revenue") == {"Ann": Decimal(1000)}
    assert ledger("new_customers") == {"Ann": Decimal(1)}
    heir = Credit.objects.filter(measure="new_customers").standing().get()
    assert heir.source_id == second.pk


def test_a_reopened_deal_can_be_won_again(world: World) -> None:
    deal = win(deal_of(world))
    with transaction.atomic():
        services.reopen(opportunity_id=deal.pk, version=None, on=TODAY, reason="Amount was wrong")
        services.update_opportunity(
            opportunity_id=deal.pk, version=None, changes={"amount": Decimal(700)}, today=TODAY
        )

    win(deal)

    assert ledger("revenue") == {"Ann": Decimal(700)}
    assert ledger("new_customers") == {"Ann": Decimal(1)}


def test_a_correction_leaves_the_original_and_books_the_difference(world: World) -> None:
    deal = win(deal_of(world))

    with transaction.atomic():
        services.correct_won(
            opportunity_id=deal.pk, version=None, booked_on=TODAY, reason="Discount", amount=Decimal(900)
        )

    assert ledger("revenue") == {"Ann": Decimal(900)}
    assert Credit.objects.filter(measure="revenue").count() == 3
