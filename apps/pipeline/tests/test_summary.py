"""The summary equals a recount, the bulk load equals the services, stock measures agree."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet, Sum

from apps.access.scope import Scope
from apps.measures import selectors as figures
from apps.measures.models import Credit
from apps.pipeline import services
from apps.pipeline.models import Opportunity, OpportunitySplit, PipelineCell, StageChange
from apps.pipeline.selectors import Lacks, lacks
from apps.pipeline.services import OpportunityRow, RowLine, cells
from apps.pipeline.tests.conftest import TODAY, World
from apps.pipeline.tests.factories import OpportunityFactory

NEAR = [TODAY + dt.timedelta(days) for days in (-40, -1, 0, 1)]

pytestmark = pytest.mark.django_db


def recount() -> list[tuple]:
    rows = Opportunity.objects.values_list("owner_id", "stage_id", "currency")
    sums = rows.annotate(
        n=Count("pk"),
        a=Sum("amount"),
        b=Sum("base_amount"),
        step=Count("pk", filter=Q(next_step="", next_step_on=None)),
        account=Count("pk", filter=Q(account=None)),
        nothing=Count("pk", filter=Q(amount=0)),
    )
    return sorted(sums.order_by("owner_id", "stage_id"))


def summary() -> list[tuple]:
    rows = PipelineCell.objects.values_list("owner_id", "stage_id", "currency")
    sums = rows.annotate(
        n=Sum("deals"),
        a=Sum("amount"),
        b=Sum("base_amount"),
        step=Sum("without_step"),
        account=Sum("without_account"),
        nothing=Sum("without_amount"),
    )
    return sorted(row for row in sums.order_by("owner_id", "stage_id") if row[3])


def counted_anew(deals: QuerySet) -> Lacks:
    return Lacks(
        late=deals.filter(expected_close_on__lt=TODAY).count(),
        undated=deals.filter(expected_close_on=None).count(),
        without_step=deals.filter(next_step="", next_step_on=None).count(),
        without_account=deals.filter(account=None).count(),
        without_amount=deals.filter(amount=0).count(),
    )


def test_the_summary_is_a_recount_after_anything(world: World) -> None:
    dice = random.Random(7)  # noqa: S311
    for _round in range(60):
        deals = list(Opportunity.objects.order_by("pk"))
        act = dice.randrange(7)
        if act == 0 or not deals:
            OpportunityFactory(
                owner=dice.choice((world.ann, world.ben)),
                stage=world.first,
                amount=Decimal(dice.randrange(3) * 100),
                account=dice.choice((world.account, None)),
                expected_close_on=dice.choice((None, *NEAR)),
            )
        elif act == 1:
            Opportunity.objects.filter(pk=dice.choice(deals).pk).update(amount=dice.randrange(5000))
        elif act == 2:
            Opportunity.objects.open().filter(owner=world.ann).update(stage=world.second)
        elif act == 3:
            Opportunity.objects.filter(pk=dice.choice(deals).pk).update(owner=world.ben)
        elif act == 4:
            Opportunity.objects.filter(pk=dice.choice(deals).pk).update(next_step=dice.choice(("", "Call")))
        elif act == 5:
            Opportunity.objects.filter(pk=dice.choice(deals).pk).update(
                stage=world.lost, state="lost", created_on=TODAY, closed_on=TODAY
            )
        else:
            Opportunity.objects.filter(pk=dice.choice(deals).pk).delete()
    assert summary() == recount()

    assert lacks(Scope(everything=True), TODAY) == counted_anew(Opportunity.objects.open())

    with transaction.atomic():
        cells.fold()

    assert summary() == recount()
    assert lacks(Scope(person_ids=frozenset({world.ben.pk})), TODAY) == counted_anew(
        Opportunity.objects.open().filter(owner=world.ben)
    )


def rows_of(world: World, amount: str = "500.00") -> list[OpportunityRow]:
    created, closed = dt.date(2026, 3, 2), dt.date(2026, 4, 1)
    line = (RowLine(world.product.pk, Decimal(amount)),)
    return [
        OpportunityRow(
            "X1", "Won", world.ann.pk, world.won.pk, Decimal(amount), "USD", account_id=world.account.pk,
            created_on=created, closed_on=closed, lines=line, history=((world.second.pk, created),),
        ),
        OpportunityRow(
            "X2", "Lost", world.ben.pk, world.lost.pk, Decimal(90), "USD", created_on=created,
            closed_on=closed, reason_id=world.reason.pk,
        ),
        OpportunityRow(
            "X3", "Shared", world.ann.pk, world.won.pk, Decimal("100.01"), "USD", created_on=created,
            closed_on=closed, shares=((world.ann.pk, Decimal("33.33")), (world.ben.pk, Decimal("66.67"))),
        ),
        OpportunityRow("X4", "Open", world.ben.pk, world.first.pk, Decimal(70), "USD"),
    ]  # fmt: skip


def load(rows: list[OpportunityRow]) -> services.LoadResult:
    with transaction.atomic():
        return services.load_opportunities(rows, today=TODAY, reason="Import")


def total(measure: str) -> Decimal:
    return Credit.objects.filter(measure=measure).aggregate(sum=Sum("value"))["sum"]


def test_a_load_creates_history_and_credit_and_a_second_changes_nothing(world: World) -> None:
    first, second = load(rows_of(world)), load(rows_of(world))

    assert (first.created, first.updated, first.unchanged) == (4, 0, 0)
    assert (second.created, second.updated, second.unchanged, second.credits) == (0, 0, 4, 0)
    assert total("revenue") == Decimal("600.01")
    assert total("deals_won") == 2
    assert total("deals_lost") == 1
    assert total("new_customers") == 1
    assert StageChange.objects.filter(opportunity__external_id="X1").count() == 2
    assert summary() == recount()


def test_a_changed_row_corrects_deal_and_credit(world: World) -> None:
    load(rows_of(world))

    result = load(rows_of(world, amount="650.00"))

    assert (result.updated, result.unchanged) == (1, 3)
    assert total("revenue") == Decimal("750.01")
    assert total("new_customers") == 1
    assert summary() == recount()


def test_an_undone_load_leaves_nothing_standing(world: World) -> None:
    ids: list[int] = []
    with transaction.atomic():
        services.load_opportunities(rows_of(world), today=TODAY, on_created=ids.extend)
        gone = services.unload_opportunities(ids=ids, booked_on=TODAY, reason="Undone")

    assert gone == 4
    assert not Opportunity.objects.exists()
    assert total("revenue") == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": Decimal("NaN")}, "amount"),
        ({"currency": "XXX"}, "currency"),
        ({"closed_on": dt.date(2027, 1, 1)}, "closed_on"),
        ({"closed_on": None}, "closed_on"),
        ({"lines": ()} | {"shares": ((1, Decimal(50)),)}, "splits"),
        ({"external_id": "X2"}, "external_id"),
        ({"name": ""}, "name"),
    ],
)
def test_a_bad_row_names_itself_and_nothing_is_written(world: World, change: dict, field: str) -> None:
    rows = rows_of(world)
    rows[0] = rows[0]._replace(**change)

    with pytest.raises(services.InvalidRow) as refused:
        load(rows)

    assert field in refused.value.fields
    assert not Opportunity.objects.exists()


def test_the_database_keeps_shares_at_one_hundred(world: World) -> None:
    deal = OpportunityFactory(owner=world.ann, stage=world.first)

    with pytest.raises(IntegrityError), transaction.atomic():
        _split_badly(deal, world)


def test_stock_measures_roll_up_now_and_on_a_past_day(world: World) -> None:
    OpportunityFactory(owner=world.ann, stage=world.first, amount=Decimal(1000))
    OpportunityFactory(owner=world.ben, stage=world.third, amount=Decimal(200))
    for deal in Opportunity.objects.order_by("pk"):
        StageChange.objects.create(opportunity=deal, to_stage=deal.stage, changed_on=dt.date(2026, 1, 5))
    tomorrow, spring = TODAY + dt.timedelta(1), dt.date(2026, 4, 1)

    now = figures.value("weighted_pipeline", spring, tomorrow)
    east = figures.value("open_pipeline", spring, tomorrow, unit_id=world.east.pk)
    past = figures.value("open_deals", dt.date(2026, 1, 1), spring)

    assert now.value == Decimal(240)
    assert east.value == Decimal(1000)
    assert past.value == 2


def _split_badly(deal: Opportunity, world: World) -> None:
    OpportunitySplit.objects.create(opportunity=deal, person=world.ann, share=Decimal(99))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
