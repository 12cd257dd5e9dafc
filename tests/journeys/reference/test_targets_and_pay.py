"""The reference organisation's 2018 target and its 2017 pay, compared with the plain files to the cent."""

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from apps.access.tests.factories import UserFactory
from apps.calendars import selectors as calendars
from apps.incentives import services as pay
from apps.incentives.models import PayLine, PayRun, PayTrace, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.measures.models import Credit
from apps.org.models import OrgUnit, Person
from apps.pipeline.models import Opportunity
from apps.targets import selectors as goals
from apps.targets import services as targets
from apps.targets.enums import Method, Season
from apps.targets.models import TargetPlan
from apps.targets.rules.levels import Level
from tests.journeys.reference import YEAR_END, rows_of

pytestmark = [pytest.mark.reference, pytest.mark.django_db]

QUARTERS = ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")
CENT = Decimal("0.01")
FIRST_TIER, LOW, HIGH = Decimal(60000), Decimal("0.03"), Decimal("0.05")
OVERRIDE = Decimal("0.01")
BONUS_GOAL, BONUS = Decimal(30), Decimal(500)


def cents(number: Decimal) -> Decimal:
    return number.quantize(CENT, rounding=ROUND_HALF_UP)


def quarter_of(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


@pytest.fixture(scope="module")
def won(files: Path) -> dict[str, list[dict[str, str]]]:
    """Return the won deals of the file by quarter."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of(files / "sales_pipeline.csv"):
        if row["deal_stage"] == "Won":
            found[quarter_of(row["close_date"])].append(row)
    return found


@pytest.fixture(scope="module")
def managers(files: Path) -> dict[str, str]:
    """Return every agent's manager."""
    return {row["sales_agent"]: row["manager"] for row in rows_of(files / "sales_teams.csv")}


def amounts_by(rows: list[dict[str, str]], key: Any) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[key(row)] += Decimal(row["close_value"])
    return dict(sums)


# The 2018 target


@pytest.fixture(scope="module")
def target(imported: Any, django_db_blocker: Any) -> Iterator[TargetPlan]:
    """The 2018 revenue target of +20 % on 2017, by last year's share and learned months."""
    with django_db_blocker.unblock(), transaction.atomic():
        planner = UserFactory(username="reference-planner")
        plan = targets.create_plan(
            measure="revenue",
            year="2018",
            root_unit_id=OrgUnit.objects.get(kind="company").pk,
            by_id=planner.pk,
            at=YEAR_END,
            on=YEAR_END.date(),
            growth=Decimal("0.20"),
            levels={0: Level(Method.HISTORY)},
            season=Season.LEARNED,
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield plan
        transaction.set_rollback(True)


def test_the_target_is_a_fifth_above_last_year(target: TargetPlan, expected: dict[str, Any]) -> None:
    top = target.targets.get(parent=None)

    assert target.baseline_amount == Decimal(expected["headline"]["won_amount"])
    assert top.amount == Decimal(expected["headline"]["won_amount"]) * Decimal("1.2")


def test_every_part_sums_to_its_whole_down_and_across(target: TargetPlan) -> None:
    nodes = {node.pk: node for node in target.targets.all()}
    below: dict[int, Decimal] = defaultdict(Decimal)
    below_months: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for node in nodes.values():
        assert len(node.months) == 12
        assert sum(node.months) == node.amount
        if node.parent_id:
            below[node.parent_id] += node.amount
            for position, amount in enumerate(node.months):
                below_months[node.parent_id, position] += amount

    assert Counter(node.depth for node in nodes.values()) == {0: 1, 1: 3, 2: 6, 3: 35}
    assert below == {pk: nodes[pk].amount for pk in below}
    assert below_months == {
        (pk, position): amount for pk in below for position, amount in enumerate(nodes[pk].months)
    }


def test_regions_and_agents_get_their_share_of_last_year(
    target: TargetPlan, expected: dict[str, Any], won: dict[str, Any]
) -> None:
    units = {node.unit.name: node.amount for node in target.targets.filter(depth=1).select_related("unit")}
    people = {node.owner.name: node.amount for node in target.targets.filter(depth=3).select_related("owner")}
    last_year = amounts_by([row for rows in won.values() for row in rows], lambda row: row["sales_agent"])

    assert units.keys() == expected["by_region"].keys()
    for region, row in expected["by_region"].items():
        assert abs(units[region] - Decimal(row["won_amount"]) * Decimal("1.2")) <= CENT
    for agent, amount in people.items():
        assert abs(amount - last_year.get(agent, Decimal(0)) * Decimal("1.2")) <= 3 * CENT


def test_an_approved_target_is_the_quota_of_an_agent_by_month(target: TargetPlan) -> None:
    chief = UserFactory(username="reference-chief")
    with transaction.atomic():
        targets.submit_plan(plan_id=target.pk, by_id=target.created_by_id, at=YEAR_END, on=YEAR_END.date())
        failing = list(target.targets.filter(smart_grade="failed").values_list("pk", flat=True))
        if failing:
            targets.waive(target_ids=failing, by_id=chief.pk, at=YEAR_END, reason="Decided by the board")
        targets.approve_plan(plan_id=target.pk, by_id=chief.pk, at=YEAR_END, on=YEAR_END.date())
    person = Person.objects.get(name="Darcel Schlecht")
    node = target.targets.get(owner=person)

    held = goals.quota(
        measure="revenue", start=dt.date(2018, 1, 1), end=dt.date(2018, 3, 1), person_id=person.pk
    )

    assert held == sum(node.months[:2])


# The pay of 2017


def rep_plan() -> dict[str, Any]:
    return {
        "currency": "USD",
        "period": "quarter",
        "components": [
            {
                "kind": "commission",
                "code": "commission",
                "name": "Commission",
                "measure": "revenue",
                "basis": "period",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": str(FIRST_TIER), "rate": str(LOW)},
                        {"from": str(FIRST_TIER), "to": None, "rate": str(HIGH)},
                    ],
                },
            },
            {
                "kind": "kpi_bonus",
                "code": "wins",
                "name": "Wins",
                "annual": str(BONUS * 4),
                "measures": [{"measure": "deals_won", "weight": "100", "goal": str(BONUS_GOAL)}],
                "curve": {"points": [["1", "1"], ["2", "2"]], "below": "zero", "above": "hold"},
            },
        ],
    }


def lead_plan() -> dict[str, Any]:
    tiers = [{"from": "0", "to": None, "rate": str(OVERRIDE)}]
    override = {
        "kind": "override",
        "code": "override",
        "name": "Override",
        "measure": "revenue",
        "basis": "period",
        "table": {"kind": "marginal", "tiers": tiers},
    }
    return {"currency": "USD", "period": "quarter", "components": [override]}


def put_in_force(code: str, document: dict[str, Any], people: list[int], writer: Any, approver: Any) -> None:
    since = dt.date(2017, 1, 1)
    version = pay.create_plan(
        code=code, name=code, purpose="", document=document, starts_on=since, by=writer, at=YEAR_END
    )
    pay.submit_version(version_id=version.pk, by=writer, at=YEAR_END)
    pay.approve_version(version_id=version.pk, by=approver, at=YEAR_END)
    for person_id in people:
        pay.assign_plan(plan_id=version.plan_id, person_id=person_id, starts_on=since, by=writer)


def paid_out(code: str, writer: Any, approver: Any) -> PayRun:
    run = pay.create_run(period=calendars.period(code), by=writer, at=YEAR_END)
    pay.calculate_now(run_id=run.pk, by=writer, at=YEAR_END)
    pay.review_run(run_id=run.pk, by=writer, at=YEAR_END)
    pay.approve_run(run_id=run.pk, by=approver, at=YEAR_END)
    pay.lock_run(run_id=run.pk, by=approver, at=YEAR_END)
    pay.export_payroll(run_id=run.pk, by=writer, at=YEAR_END)
    return PayRun.objects.get(pk=run.pk)


@pytest.fixture(scope="module")
def runs(imported: Any, managers: dict[str, str], django_db_blocker: Any) -> Iterator[dict[str, PayRun]]:
    """Every quarter of 2017, calculated, reviewed, approved, locked and exported."""
    with django_db_blocker.unblock(), transaction.atomic():
        writer, approver = (
            UserFactory(username="reference-writer"),
            UserFactory(username="reference-approver"),
        )
        ids = dict(Person.objects.values_list("name", "pk"))
        put_in_force("agents", rep_plan(), [ids[name] for name in managers], writer, approver)
        leads = sorted(ids[name] for name in set(managers.values()))
        put_in_force("managers", lead_plan(), leads, writer, approver)
        yield {code: paid_out(code, writer, approver) for code in QUARTERS}
        transaction.set_rollback(True)


def commission_on(amount: Decimal) -> Decimal:
    return cents(min(amount, FIRST_TIER) * LOW + max(amount - FIRST_TIER, Decimal(0)) * HIGH)


def bonus_on(wins: int) -> Decimal:
    ratio = wins / BONUS_GOAL
    return cents(BONUS * min(ratio, Decimal(2))) if ratio >= 1 else Decimal(0)


def lines_of(run: PayRun, component: str) -> dict[str, PayLine]:
    rows = PayLine.objects.filter(run=run, component=component).select_related("person")
    return {line.person.name: line for line in rows}


@pytest.mark.parametrize("code", QUARTERS)
def test_commissions_are_those_of_the_file(
    code: str, runs: dict[str, PayRun], won: dict[str, Any], expected: dict[str, Any]
) -> None:
    lines = lines_of(runs[code], "commission")
    sales = amounts_by(won[code], lambda row: row["sales_agent"])

    paid = {name: line.amount for name, line in lines.items() if line.amount}
    basis = sum(line.basis for line in lines.values())

    assert paid == {name: commission_on(amount) for name, amount in sales.items() if amount}
    assert basis == Decimal(expected["by_close_quarter"][code.replace("-", "")]["won_amount"])


@pytest.mark.parametrize("code", QUARTERS)
def test_managers_are_paid_on_everything_below_them(
    code: str, runs: dict[str, PayRun], won: dict[str, Any], managers: dict[str, str]
) -> None:
    below = amounts_by(won[code], lambda row: managers[row["sales_agent"]])

    paid = {name: (line.basis, line.amount) for name, line in lines_of(runs[code], "override").items()}

    assert paid == {name: (amount, cents(amount * OVERRIDE)) for name, amount in below.items()}


@pytest.mark.parametrize("code", QUARTERS)
def test_the_bonus_follows_the_number_of_wins(
    code: str, runs: dict[str, PayRun], won: dict[str, Any]
) -> None:
    wins = Counter(row["sales_agent"] for row in won[code])

    paid = {name: line.amount for name, line in lines_of(runs[code], "wins").items() if line.amount}

    assert paid == {name: bonus_on(count) for name, count in wins.items() if bonus_on(count)}


@pytest.mark.parametrize("code", QUARTERS)
def test_ledger_statements_and_payroll_file_agree(code: str, runs: dict[str, PayRun]) -> None:
    run = runs[code]
    rows = list(csv.DictReader(run.exports.get().content.splitlines()))
    control, rows = rows[-1], rows[:-1]
    by_payee: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_payee[row["name"]] += Decimal(row["amount"])

    statements = {
        one.person.name: one.total for one in Statement.objects.filter(run=run).select_related("person")
    }

    assert reconcile(run).agrees
    assert by_payee == statements
    assert sum(statements.values()) == run.total == Decimal(control["amount"])
    assert run.exceptions == 0
    assert run.total > 0


def test_every_commission_opens_to_exactly_its_deals(runs: dict[str, PayRun], won: dict[str, Any]) -> None:
    for code, run in runs.items():
        found: dict[str, set[str]] = defaultdict(set)
        traces = PayTrace.objects.filter(line__run=run, line__component="commission", credit__isnull=False)
        credits = dict(Credit.objects.filter(pk__in=traces.values("credit")).values_list("pk", "source_id"))
        deals = dict(Opportunity.objects.filter(pk__in=credits.values()).values_list("pk", "external_id"))
        for name, credit_id in traces.values_list("line__person__name", "credit"):
            found[name].add(deals[credits[credit_id]])
        listed: dict[str, set[str]] = defaultdict(set)
        for row in won[code]:
            listed[row["sales_agent"]].add(row["opportunity_id"])

        assert found == listed, code
