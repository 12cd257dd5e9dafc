import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.effective import span
from apps.measures import services
from apps.measures.models import CellMonth
from apps.measures.selectors import query, query_each, rows, value
from apps.measures.selectors.question import InvalidQuestion
from apps.measures.tests.conftest import MOVED, SINCE, Company
from apps.measures.tests.factories import post_credit
from apps.org.models import UnitParent
from apps.org.services.closure import rebuild_closure

YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))
MARCH = (dt.date(2026, 3, 1), dt.date(2026, 4, 1))


@pytest.fixture(params=["pending", "folded"])
def credited(request: pytest.FixtureRequest, company: Company) -> Company:
    post_credit(
        value="100", person_id=company.ann.pk, credited_on=dt.date(2026, 3, 2), product_id=1, account_id=9
    )
    post_credit(
        value="40", person_id=company.ben.pk, credited_on=dt.date(2026, 3, 15), product_id=2, account_id=9
    )
    post_credit(value="7", person_id=company.ben.pk, credited_on=dt.date(2026, 3, 16), product_id=1)
    post_credit(value="3", person_id=company.ben.pk, credited_on=dt.date(2026, 7, 1), product_id=1)
    if request.param == "folded":
        with transaction.atomic():
            services.fold_pending()
    return company


def by_unit(company: Company, **arguments: object) -> dict[str, Decimal | None]:
    names = {company.top.pk: "top", company.east.pk: "east", company.west.pk: "west"}
    found = query("revenue", *arguments.pop("days", YEAR), by=["unit"], **arguments)  # type: ignore[arg-type,misc]
    return {names[row.keys["unit"]]: row.value for row in found}  # type: ignore[index]


def test_units_roll_up_over_the_structure_as_it_was(credited: Company) -> None:
    assert by_unit(credited) == {"top": 150, "east": 140, "west": 10}


def test_units_roll_up_over_the_structure_as_it_is(credited: Company) -> None:
    found = by_unit(credited, structure="as_is", as_of=dt.date(2026, 8, 1))

    assert found == {"top": 150, "east": 140, "west": 10}


def test_a_unit_that_moves_later_takes_its_figures_along_only_as_is(credited: Company) -> None:
    with transaction.atomic():
        UnitParent.objects.filter(unit=credited.west).update(valid=span(SINCE, dt.date(2026, 6, 10)))
        UnitParent.objects.create(unit=credited.west, parent=credited.east, valid=span(dt.date(2026, 6, 10)))
        rebuild_closure()

    as_was = by_unit(credited)
    as_is = by_unit(credited, structure="as_is", as_of=dt.date(2026, 8, 1))

    assert as_was == {"top": 150, "east": 143, "west": 10}
    assert as_is == {"top": 150, "east": 150, "west": 10}


def test_a_change_inside_a_folded_month_is_seen_at_once(credited: Company) -> None:
    with transaction.atomic():
        UnitParent.objects.filter(unit=credited.east).update(valid=span(SINCE, dt.date(2026, 3, 10)))
        UnitParent.objects.create(unit=credited.east, parent=credited.west, valid=span(dt.date(2026, 3, 10)))
        rebuild_closure()

    stale = by_unit(credited, days=MARCH)
    with transaction.atomic():
        services.rebuild_months()
    rebuilt = by_unit(credited, days=MARCH)

    assert stale == rebuilt == {"top": 147, "east": 140, "west": 47}


def test_rebuilding_is_needed_only_where_the_structure_changed(credited: Company) -> None:
    with transaction.atomic():
        services.fold_pending()

    with transaction.atomic():
        assert services.rebuild_months() == 0

    assert CellMonth.objects.count() == 5


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param(["person"], {"ann": 100, "ben": 50}, id="person"),
        pytest.param(["product"], {1: 110, 2: 40}, id="product"),
        pytest.param(["account"], {9: 140, None: 10}, id="account"),
        pytest.param(["month"], {"2026-M03": 147, "2026-M07": 3}, id="month"),
        pytest.param(["quarter"], {"2026-Q1": 147, "2026-Q3": 3}, id="quarter"),
        pytest.param(["year"], {"2026": 150}, id="year"),
    ],
)
def test_a_figure_splits_by_one_dimension(
    credited: Company, by: list[str], expected: dict[object, int]
) -> None:
    names = {credited.ann.pk: "ann", credited.ben.pk: "ben"} if by == ["person"] else {}

    found = query("revenue", *YEAR, by=by)

    keys = [names.get(row.keys[by[0]], row.keys[by[0]]) for row in found]
    assert dict(zip(keys, [row.value for row in found], strict=True)) == expected


def test_a_part_of_a_month_is_read_to_the_day(credited: Company) -> None:
    found = value("revenue", dt.date(2026, 3, 3), MOVED)

    assert (found.value, found.n) == (40, 1)


def test_the_rows_behind_a_figure_add_up_to_it(credited: Company) -> None:
    figure = value("revenue", *YEAR, unit_id=credited.east.pk)
    behind = rows("revenue", *YEAR, unit_id=credited.east.pk)

    assert sum(row.value for row in behind) == figure.value == 140
    assert figure.n == behind.count() == 2


def test_a_ratio_shows_its_sides_and_its_interval(company: Company) -> None:
    for number in range(4):
        post_credit("deals_won" if number else "deals_lost", "1", person_id=company.ann.pk)

    found = value("win_rate", *YEAR, unit_id=company.east.pk)

    assert (found.value, found.numerator, found.denominator, found.n) == (Decimal("0.75"), 3, 4, 4)
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (Decimal("0.3006"), Decimal("0.9544"))


def test_a_ratio_of_nothing_has_no_value(company: Company) -> None:
    assert value("win_rate", *YEAR).value is None


def test_overlay_credit_counts_for_the_person_not_for_the_team(company: Company) -> None:
    post_credit(person_id=company.ann.pk)
    post_credit(person_id=company.ben.pk, is_overlay=True)

    assert value("revenue", *YEAR).value == 100
    assert value("revenue", *YEAR, person_id=company.ben.pk).value == 100
    assert by_unit(company) == {"top": 100, "east": 100}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"by": ["colour"]}, id="unknown key"),
        pytest.param({"by": ["month", "year"]}, id="two grains of time"),
        pytest.param({"structure": "as_wished"}, id="unknown structure"),
        pytest.param({"measure": "luck"}, id="unknown measure"),
        pytest.param({"end": YEAR[0]}, id="empty range"),
    ],
)
def test_an_impossible_question_is_refused(company: Company, wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {"measure": "revenue", "start": YEAR[0], "end": YEAR[1], **wrong}

    with pytest.raises(InvalidQuestion):
        query(**arguments)  # type: ignore[arg-type]


def test_a_figure_costs_the_same_however_many_rows(
    company: Company, django_assert_num_queries: object
) -> None:
    for day in range(1, 29):
        post_credit(person_id=company.ann.pk, credited_on=dt.date(2026, 2, day))

    with django_assert_num_queries(3):  # type: ignore[operator]
        query("revenue", *YEAR, by=["unit", "month"], unit_id=company.top.pk)

    assert connection.vendor == "postgresql"


@pytest.mark.parametrize("by", [[], ["unit"], ["person", "month"]])
def test_measures_asked_together_read_as_asked_alone(credited: Company, by: list[str]) -> None:
    codes = ["revenue", "deals_won", "average_deal", "win_rate"]
    with CaptureQueriesContext(connection) as asked:
        together = query_each(codes, *YEAR, by=by, unit_id=credited.top.pk)

    assert together == {code: query(code, *YEAR, by=by, unit_id=credited.top.pk) for code in codes}
    assert sum("WITH facts" in one["sql"] for one in asked.captured_queries) == 1
