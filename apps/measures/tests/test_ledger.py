import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.access.models import User
from apps.calendars.models import FiscalPeriod
from apps.calendars.selectors import period
from apps.core import clock
from apps.measures import services
from apps.measures.models import Credit, MeasureCell, PendingCredit
from apps.measures.selectors import value
from apps.measures.tests.conftest import Company
from apps.measures.tests.factories import post_credit

YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))


def close(code: str) -> FiscalPeriod:
    month = period(code)
    closer = User.objects.create_user("closer")
    FiscalPeriod.objects.filter(pk=month.pk).update(closed_at=clock.now(), closed_by=closer)
    return month


def test_a_credit_is_stamped_with_the_seat_of_its_day(company: Company) -> None:
    before = post_credit(person_id=company.ben.pk, credited_on=dt.date(2026, 3, 15))
    after = post_credit(person_id=company.ben.pk, credited_on=dt.date(2026, 3, 16))

    assert (before.unit_id, before.position_id) == (company.east.pk, company.seats["east-2"].pk)
    assert (after.unit_id, after.position_id) == (company.west.pk, company.seats["west-1"].pk)


def test_a_credit_of_nobody_counts_for_the_top(company: Company) -> None:
    credit = post_credit()

    assert credit.unit_id == company.top.pk


def test_the_same_key_is_refused_and_changes_nothing(company: Company) -> None:
    entry = services.Entry(
        measure="revenue",
        key="deal:1",
        credited_on=dt.date(2026, 3, 1),
        value=Decimal(10),
        source_type="test.source",
        source_id=1,
    )
    with transaction.atomic():
        services.post([entry])

    with pytest.raises(services.AlreadyPosted), transaction.atomic():
        services.post([entry])

    assert Credit.objects.count() == PendingCredit.objects.count() == 1


@pytest.mark.parametrize(
    ("measure", "amount"),
    [
        pytest.param("win_rate", "1", id="a ratio takes no credits"),
        pytest.param("nonsense", "1", id="an unknown measure"),
        pytest.param("revenue", "NaN", id="not a number"),
        pytest.param("revenue", "Infinity", id="infinite"),
        pytest.param("revenue", "1000000000000", id="absurd"),
    ],
)
def test_an_impossible_entry_is_refused(company: Company, measure: str, amount: str) -> None:
    with pytest.raises(services.InvalidEntry):
        post_credit(measure, amount)

    assert not Credit.objects.exists()


def test_the_database_refuses_to_change_or_delete_a_credit(company: Company) -> None:
    credit = post_credit()

    for attempt in (
        lambda: Credit.objects.filter(pk=credit.pk).update(value=1),
        lambda: Credit.objects.filter(pk=credit.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
            attempt()

    credit.refresh_from_db()
    assert credit.value == Decimal("100")


def test_a_closed_month_takes_no_booking(company: Company) -> None:
    close("2026-M03")

    with pytest.raises(services.ClosedPeriod):
        post_credit(credited_on=dt.date(2026, 3, 10))

    assert not Credit.objects.exists()


def test_a_reversal_cancels_on_the_day_of_the_original_while_it_is_open(company: Company) -> None:
    post_credit(person_id=company.ann.pk, source_id=7, credited_on=dt.date(2026, 3, 10))

    with transaction.atomic():
        [mirror] = services.reverse(
            source_type="test.source", source_id=7, booked_on=dt.date(2026, 4, 2), reason="returned"
        )

    assert (mirror.credited_on, mirror.value) == (dt.date(2026, 3, 10), Decimal("-100"))
    assert value("revenue", *YEAR).value == 0
    assert value("revenue", *YEAR).n == 0


def test_a_reversal_of_a_closed_month_counts_when_it_is_booked(company: Company) -> None:
    post_credit(person_id=company.ann.pk, source_id=7, credited_on=dt.date(2026, 3, 10))
    close("2026-M03")

    with transaction.atomic():
        services.reverse(
            source_type="test.source", source_id=7, booked_on=dt.date(2026, 4, 2), reason="returned"
        )

    assert value("revenue", dt.date(2026, 3, 1), dt.date(2026, 4, 1)).value == 100
    assert value("revenue", dt.date(2026, 4, 1), dt.date(2026, 5, 1)).value == -100


def test_a_second_reversal_finds_nothing_left(company: Company) -> None:
    post_credit(source_id=7)
    arguments = {
        "source_type": "test.source",
        "source_id": 7,
        "booked_on": dt.date(2026, 4, 2),
        "reason": "x",
    }
    with transaction.atomic():
        services.reverse(**arguments)

    with transaction.atomic():
        again = services.reverse(**arguments)

    assert again == []


def test_a_figure_is_the_same_before_and_after_folding(company: Company) -> None:
    post_credit(person_id=company.ann.pk)
    post_credit(value="23.45", person_id=company.ben.pk, credited_on=dt.date(2026, 5, 4))
    before = value("revenue", *YEAR)

    with transaction.atomic():
        moved = services.fold_pending()

    assert moved == 2
    assert not PendingCredit.objects.exists()
    assert value("revenue", *YEAR) == before
    assert before.value == Decimal("123.45")


def test_folding_adds_to_cells_that_exist(company: Company) -> None:
    for amount in ("1.10", "2.20"):
        post_credit(value=amount, person_id=company.ann.pk)
        with transaction.atomic():
            services.fold_pending()

    [cell] = MeasureCell.objects.all()
    assert (cell.value, cell.n) == (Decimal("3.30"), 2)


def test_staged_credits_are_added_once(company: Company) -> None:
    select = """
        SELECT 'revenue', 'bulk:' || n, DATE '2026-03-01' + n, DATE '2026-03-01' + n, 10.5, 'USD', %s::bigint,
               NULL::bigint, NULL::bigint, FALSE, 'test.source', n
        FROM generate_series(1, 30) AS n
    """
    with transaction.atomic():
        first = services.post_staged(select, [company.ben.pk])
    with transaction.atomic():
        second = services.post_staged(select, [company.ben.pk])

    assert (first, second) == (30, 0)
    assert value("revenue", *YEAR).value == 315
    assert value("revenue", *YEAR, unit_id=company.east.pk).value == Decimal("147")
    assert not PendingCredit.objects.exists()


def test_staged_credits_of_a_closed_month_are_refused_whole(company: Company) -> None:
    close("2026-M03")
    select = """
        SELECT 'revenue', 'bulk:' || n, DATE '2026-02-26' + n, DATE '2026-02-26' + n, 1, 'USD', NULL::bigint,
               NULL::bigint, NULL::bigint, FALSE, 'test.source', n
        FROM generate_series(1, 5) AS n
    """

    with pytest.raises(services.ClosedPeriod), transaction.atomic():
        services.post_staged(select)

    assert not Credit.objects.exists()
