"""The reference organisation, imported and read back to the cent."""

import datetime as dt
import time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from apps.customers.models import Account
from apps.events.models import AuditEntry
from apps.integrations.imports.running import ImportRefused
from apps.measures.models import Credit
from apps.measures.selectors import query, value
from apps.org.models import OrgUnit, Person
from apps.pipeline.models import Opportunity, PipelineCell, Product, StageChange
from apps.pipeline.services import unload_opportunities
from tests.journeys.reference import YEAR_END, load, mapping, rows_of

pytestmark = [pytest.mark.reference, pytest.mark.django_db]

EVER = (dt.date(2016, 1, 1), dt.date(2018, 1, 1))


def rounded(number: Decimal | None, places: int) -> str | None:
    if number is None:
        return None
    return str(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def figures(**filters: Any) -> dict[str, Any]:
    revenue = value("revenue", *EVER, **filters)
    won = value("deals_won", *EVER, **filters)
    lost = value("deals_lost", *EVER, **filters)
    return {
        "won": int(won.value or 0),
        "lost": int(lost.value or 0),
        "won_amount": rounded(revenue.value, 0),
        "win_rate": rounded(value("win_rate", *EVER, **filters).value, 4),
        "avg_won_deal": rounded(value("average_deal", *EVER, **filters).value, 2),
        "avg_cycle_days_won": rounded(value("sales_cycle", *EVER, **filters).value, 2),
    }


def wanted(row: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in found if key in row}


def test_without_the_value_mapping_nothing_is_written_and_the_fix_is_named(files: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        load(mapping(**{"  product: {GTXPro: GTX Pro}\n": ""}), files)

    report = refused.value.report
    assert report.unknown_values == [("sales_pipeline.csv", "product", "GTXPro", "GTX Pro", 1480)]
    assert not Opportunity.objects.exists()
    assert not OrgUnit.objects.exists()


def test_the_whole_organisation_arrives(imported: Any, expected: dict[str, Any]) -> None:
    outcome, report = imported

    assert Opportunity.objects.count() == expected["headline"]["deals_total"] == 8800
    assert OrgUnit.objects.count() == 1 + 3 + 6
    assert Person.objects.count() == 35 + 6
    assert (Account.objects.count(), Account.objects.filter(parent__isnull=False).count()) == (85, 15)
    assert Product.objects.count() == 7
    assert outcome.counts["deals"] == {"created": 8800, "updated": 0, "unchanged": 0}
    assert Opportunity.objects.filter(account=None).count() == 1425
    notes = {(note.field, note.value): note.times for note in report.all_notes()}
    assert notes["product", "GTXPro"] == 1480
    assert notes["sector", "technolgy"] == 12
    assert notes["account", ""] == 1425
    assert sum(field == "owner" for field, _value in notes) == 5


def test_the_headline_agrees_to_the_cent(imported: Any, expected: dict[str, Any]) -> None:
    found = figures()

    assert found == wanted(expected["headline"], found)
    open_value = value("open_pipeline", dt.date(2017, 1, 1), dt.date(2018, 1, 1)).value
    assert rounded(open_value, 0) == expected["headline"]["open_list_value"]


def test_every_region_agrees(imported: Any, expected: dict[str, Any]) -> None:
    ids = dict(OrgUnit.objects.values_list("name", "pk"))

    for region, row in expected["by_region"].items():
        found = figures(unit_id=ids[region])
        assert found == wanted(row, found), region


def test_every_product_agrees(imported: Any, expected: dict[str, Any]) -> None:
    ids = dict(Product.objects.values_list("name", "pk"))

    for product, row in expected["by_product"].items():
        found = figures(product_id=ids[product])
        assert found == wanted(row, found), product


def test_every_quarter_agrees(imported: Any, expected: dict[str, Any]) -> None:
    found = {row.keys["quarter"]: row for row in query("revenue", *EVER, by=["quarter"])}
    rates = {row.keys["quarter"]: row for row in query("win_rate", *EVER, by=["quarter"])}

    for code, row in expected["by_close_quarter"].items():
        quarter = f"{code[:4]}-{code[4:]}"
        assert rounded(found[quarter].value, 0) == row["won_amount"]
        assert rounded(rates[quarter].value, 4) == row["win_rate"]


@pytest.mark.parametrize(
    ("dimension", "column", "model"),
    [("person", "sales_agent", Person), ("account", "account", Account), ("unit", "manager", OrgUnit)],
)
def test_every_agent_account_and_team_agrees_with_the_file(
    imported: Any, files: Path, dimension: str, column: str, model: Any
) -> None:
    teams = {row["sales_agent"]: row for row in rows_of(files / "sales_teams.csv")}
    sums: dict[str, list[int]] = {}
    for row in rows_of(files / "sales_pipeline.csv"):
        if row["deal_stage"] == "Won":
            key = f"Team {teams[row['sales_agent']]['manager']}" if column == "manager" else row[column]
            total = sums.setdefault(key, [0, 0])
            total[0] += int(row["close_value"])
            total[1] += 1
    names = dict(model.objects.values_list("pk", "name"))

    revenue = {names[row.keys[dimension]]: row for row in query("revenue", *EVER, by=[dimension])}

    assert {name: [revenue[name].value, revenue[name].n] for name in sums} == sums


def test_a_second_import_changes_nothing(imported: Any, files: Path) -> None:
    credits = Credit.objects.count()

    outcome, _report = load(mapping(), files)

    assert outcome.changed == 0
    assert outcome.counts["deals"] == {"created": 0, "updated": 0, "unchanged": 8800}
    assert Credit.objects.count() == credits


def test_the_copy_with_american_dates_changes_nothing(imported: Any, files: Path, tmp_path: Path) -> None:
    for name in ("accounts.csv", "products.csv", "sales_teams.csv"):
        (tmp_path / name).write_bytes((files / name).read_bytes())
    (tmp_path / "sales_pipeline.csv").write_bytes(
        (files / "variant_us_dates" / "sales_pipeline.csv").read_bytes()
    )

    outcome, _report = load(mapping(**{"dates: iso": "dates: mdy"}), tmp_path)

    assert outcome.counts["deals"] == {"created": 0, "updated": 0, "unchanged": 8800}


def test_taking_it_back_returns_every_figure_to_nothing_and_leaves_its_trail(imported: Any) -> None:
    ids = list(Opportunity.objects.order_by("pk").values_list("pk", flat=True))
    posted = Credit.objects.count()
    started = time.perf_counter()

    with transaction.atomic():
        gone = unload_opportunities(ids=ids, booked_on=YEAR_END.date(), reason="Wrong year", chunk=3000)

    seconds = time.perf_counter() - started
    assert gone == 8800
    assert seconds < 120  # about two on a quiet machine; deal by deal it took minutes
    assert {name: figure for name, figure in figures().items() if figure not in {None, 0, "0"}} == {}
    assert not [row for row in query("revenue", *EVER, by=["person", "month"]) if row.value]
    assert not value("open_pipeline", dt.date(2017, 1, 1), dt.date(2018, 1, 1)).value
    assert not PipelineCell.objects.filter(deals__gt=0).exists()
    assert not StageChange.objects.exists()
    assert Credit.objects.count() == 2 * posted
    removed = AuditEntry.objects.filter(table="pipeline_opportunity", action="delete")
    assert removed.count() == 8800
