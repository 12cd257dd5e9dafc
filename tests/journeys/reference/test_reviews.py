"""The reference organisation's fourth quarter of 2017, evaluated from the ledger and signed off."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.db import transaction

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.org.models import Assignment, OrgUnit, Person
from apps.org.tests.factories import RoleGrantFactory
from apps.reviews import services
from apps.reviews.enums import Flag, Rating, Stage, TargetSource
from apps.reviews.models import Evaluation, EvaluationCycle, KpiScore
from apps.reviews.services import NewGoal
from apps.roles import services as roles
from apps.roles.services import RoleContent
from apps.targets import selectors as goals
from apps.targets import services as targets
from apps.targets.enums import Method, Season
from apps.targets.models import TargetPlan
from apps.targets.rules.levels import Level
from tests.journeys.reference import YEAR_END, rows_of

pytestmark = [pytest.mark.reference, pytest.mark.django_db]

PERIOD, START, END = "2017-Q4", dt.date(2017, 10, 1), dt.date(2018, 1, 1)
TODAY = YEAR_END.date()
WEIGHTS = {"revenue": 50, "deals_won": 30, "win_rate": 20}
QUOTA = Decimal("10500000")
CAP = Fraction(6, 5)


def rounded(value: Fraction) -> Decimal:
    """Round half up to the eight decimals that are stored."""
    return Decimal(int(value * 10**8 + Fraction(1, 2))).scaleb(-8)


@pytest.fixture(scope="module")
def agents(files: Path) -> dict[str, str]:
    """Return every agent's manager."""
    return {row["sales_agent"]: row["manager"] for row in rows_of(files / "sales_teams.csv")}


@pytest.fixture(scope="module")
def reached(files: Path, agents: dict[str, str]) -> dict[str, dict[str, Fraction | None]]:
    """Return what each agent reached in the quarter, from the plain file; no rate without a decision."""
    won: dict[str, list[int]] = defaultdict(list)
    lost: Counter[str] = Counter()
    for row in rows_of(files / "sales_pipeline.csv"):
        if row["deal_stage"] in {"Won", "Lost"} and START <= dt.date.fromisoformat(row["close_date"]) < END:
            if row["deal_stage"] == "Won":
                won[row["sales_agent"]].append(int(row["close_value"]))
            else:
                lost[row["sales_agent"]] += 1
    found: dict[str, dict[str, Fraction | None]] = {}
    for name in agents:
        decided = len(won[name]) + lost[name]
        found[name] = {
            "revenue": Fraction(sum(won[name])),
            "deals_won": Fraction(len(won[name])),
            "win_rate": Fraction(len(won[name]), decided) if decided else None,
        }
    return found


def approved_target() -> TargetPlan:
    """Put a revenue target for 2017 in force: equal parts, equal months."""
    planner, chief = UserFactory(username="review-planner"), UserFactory(username="review-chief")
    plan = targets.create_plan(
        measure="revenue",
        year="2017",
        root_unit_id=OrgUnit.objects.get(kind="company").pk,
        by_id=planner.pk,
        at=YEAR_END,
        on=TODAY,
        amount=QUOTA,
        levels={0: Level(Method.EQUAL)},
        season=Season.EVEN,
    )
    targets.submit_plan(plan_id=plan.pk, by_id=planner.pk, at=YEAR_END, on=TODAY)
    failing = list(plan.targets.filter(smart_grade="failed").values_list("pk", flat=True))
    if failing:
        targets.waive(target_ids=failing, by_id=chief.pk, at=YEAR_END, reason="Set by the board")
    targets.approve_plan(plan_id=plan.pk, by_id=chief.pk, at=YEAR_END, on=TODAY)
    return plan


@pytest.fixture(scope="module")
def cycle(imported: Any, agents: dict[str, str], django_db_blocker: Any) -> Iterator[EvaluationCycle]:
    """The quarter, evaluated once for every agent; managers carry no sales role and are not evaluated."""
    with django_db_blocker.unblock(), transaction.atomic():
        kpis = [(measure, Decimal(weight)) for measure, weight in WEIGHTS.items()]
        role = roles.create_role(
            code="agent", name="Sales agent", content=RoleContent("Sell.", kpis=kpis), on=dt.date(2017, 1, 1)
        )
        for seat in Assignment.objects.filter(person__name__in=agents).order_by("pk"):
            roles.set_position_role(
                position_id=seat.position_id, role_id=role.pk, on=max(seat.valid.lower, dt.date(2017, 1, 1))
            )
        approved_target()
        yield services.evaluate_period(PERIOD, TODAY)
        transaction.set_rollback(True)


def lines_of(cycle: EvaluationCycle) -> dict[str, dict[str, KpiScore]]:
    found: dict[str, dict[str, KpiScore]] = defaultdict(dict)
    for line in KpiScore.objects.filter(evaluation__cycle=cycle).select_related("evaluation__person"):
        found[line.evaluation.person.name][line.measure] = line
    return found


def test_every_agent_is_evaluated_by_the_manager_of_the_file(
    cycle: EvaluationCycle, agents: dict[str, str]
) -> None:
    rows = cycle.evaluations.select_related("person", "manager")

    assert {row.person.name: row.manager.name for row in rows if row.manager} == agents
    assert len(agents) == cycle.evaluations.count() == 35
    assert KpiScore.objects.filter(evaluation__cycle=cycle).count() == 35 * len(WEIGHTS)


def test_actuals_are_those_of_the_file(
    cycle: EvaluationCycle, reached: dict[str, dict[str, Fraction | None]], expected: dict[str, Any]
) -> None:
    lines = lines_of(cycle)

    for name, figures in reached.items():
        for measure, figure in figures.items():
            assert lines[name][measure].actual == (None if figure is None else rounded(figure))
    total = sum(line["revenue"].actual or Decimal(0) for line in lines.values())
    won = sum(line["deals_won"].actual or Decimal(0) for line in lines.values())
    quarter = expected["by_close_quarter"]["2017Q4"]
    assert (total, won) == (Decimal(quarter["won_amount"]), quarter["won"])


def test_targets_are_the_quota_or_the_median_of_the_role(
    cycle: EvaluationCycle, reached: dict[str, dict[str, Fraction | None]]
) -> None:
    middle = {
        measure: rounded(median([one[measure] for one in reached.values() if one[measure] is not None]))
        for measure in ("deals_won", "win_rate")
    }

    for name, line in lines_of(cycle).items():
        person = Person.objects.get(name=name)
        quota = goals.quota(measure="revenue", start=START, end=END, person_id=person.pk)
        assert line["revenue"].target == quota
        assert line["revenue"].target_source == TargetSource.QUOTA
        for measure, target in middle.items():
            assert line[measure].target == target
            assert line[measure].target_source == TargetSource.PEERS
    quotas = [line["revenue"].target for line in lines_of(cycle).values()]
    assert abs(sum(quotas) - QUOTA / 4) < 1


def test_scores_are_what_actuals_and_targets_say(
    cycle: EvaluationCycle, reached: dict[str, dict[str, Fraction | None]]
) -> None:
    finals = {row.person.name: row for row in cycle.evaluations.select_related("person")}

    for name, line in lines_of(cycle).items():
        whole = weighed = Fraction(0)
        for measure, weight in WEIGHTS.items():
            figure = reached[name][measure]
            if figure is None:
                assert (line[measure].score, line[measure].flag) == (None, Flag.NO_DATA)
                continue
            score = min(figure / Fraction(line[measure].target), CAP)
            assert line[measure].score == rounded(score)
            whole, weighed = whole + weight, weighed + weight * score
        assert finals[name].kpi_score == rounded(weighed / whole)


def test_agents_without_a_deal_are_scored_on_what_can_be_said(
    cycle: EvaluationCycle, reached: dict[str, dict[str, Fraction | None]]
) -> None:
    idle = {name for name, figures in reached.items() if figures["win_rate"] is None}
    rows = {row.person.name: row for row in cycle.evaluations.select_related("person")}

    assert len(idle) == 5
    for name in idle:
        assert (rows[name].kpi_score, rows[name].kpi_rating) == (Decimal(0), Rating.UNSATISFACTORY)
    assert all(row.kpi_score > 0 for name, row in rows.items() if name not in idle)


def test_evaluating_again_doubles_and_changes_nothing(cycle: EvaluationCycle) -> None:
    before = list(Evaluation.objects.order_by("pk").values())
    scores = list(KpiScore.objects.order_by("pk").values())

    with transaction.atomic():
        assert services.evaluate_period(PERIOD, TODAY) == cycle

    assert list(Evaluation.objects.order_by("pk").values()) == before
    assert list(KpiScore.objects.order_by("pk").values()) == scores


def user_of(name: str) -> User:
    """Give a person of the file a sign-in."""
    user = UserFactory(username=name.lower().replace(" ", "-"), display_name=name)
    Person.objects.filter(name=name).update(user=user)
    return user


def test_the_cycle_goes_through_all_hands_to_its_end(cycle: EvaluationCycle, agents: dict[str, str]) -> None:
    agent = "Darcel Schlecht"
    hr = UserFactory(username="review-hr")
    RoleGrantFactory(user=hr, role=Role.HR, unit=OrgUnit.objects.get(kind="company"))
    managers = {name: user_of(name) for name in sorted(set(agents.values()))}
    chosen = cycle.evaluations.filter(person__name=agent)

    with transaction.atomic():
        services.open_cycle(cycle_id=cycle.pk)
        mine = chosen.get()
        services.submit_self(
            evaluation_id=mine.pk, version=mine.version, achievements="The best quarter so far.",
            difficulties="", support="", at=YEAR_END,
        )  # fmt: skip
        assert chosen.get().stage == Stage.MANAGER
        services.end_self_stage(cycle_id=cycle.pk)
        for row in cycle.evaluations.select_related("manager").order_by("pk"):
            services.submit_assessment(
                evaluation_id=row.pk, version=row.version, rating=row.kpi_rating, strengths="",
                growth="", summary="As the figures say.", goals=[NewGoal("Win ten new customers")],
                by=managers[row.manager.name], at=YEAR_END,
            )  # fmt: skip
        with pytest.raises(services.AssessedByYourself):
            services.approve_evaluation(evaluation_id=mine.pk, by=managers[agents[agent]], at=YEAR_END)
        assert services.approve_ready(cycle_id=cycle.pk, by=hr, at=YEAR_END) == 35
        assert not Evaluation.objects.visible_to(user_of(agent)).exists()
        services.share_cycle(cycle_id=cycle.pk, at=YEAR_END)
        services.acknowledge(evaluation_id=mine.pk, reply="Thank you.", at=YEAR_END)
        services.close_cycle(cycle_id=cycle.pk, at=YEAR_END)

    [read] = Evaluation.objects.visible_to(User.objects.get(username="darcel-schlecht"))
    assert (read.person.name, read.stage, read.reply) == (agent, Stage.CLOSED, "Thank you.")
    assert (read.approved_by, read.assessed_by) == (hr, managers[agents[agent]])
    with pytest.raises(services.CycleClosed), transaction.atomic():
        services.evaluate_period(PERIOD, TODAY)
