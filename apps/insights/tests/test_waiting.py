"""What waits for whom in reviews, training and strategy."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.access.models import User
from apps.core import clock
from apps.insights.waiting import waiting_for
from apps.pipeline.tests.conftest import World
from apps.reviews.enums import Rating, Stage
from apps.reviews.models import Evaluation
from apps.reviews.tests.factories import EvaluationCycleFactory, EvaluationFactory
from apps.strategy.enums import InitiativeStatus, ReviewState
from apps.strategy.tests.factories import (
    DecisionFactory,
    InitiativeFactory,
    StrategyFactory,
    StrategyReviewFactory,
)
from apps.training.tests.factories import (
    CompletionFactory,
    CourseFactory,
    CourseSessionFactory,
    EnrolmentFactory,
)

YESTERDAY, TODAY, TOMORROW = (dt.date(2026, 6, 30) + dt.timedelta(days=days) for days in (-1, 0, 1))


def told(world: World, name: str) -> list[str]:
    user = User.objects.get(pk=world.users[name].pk)
    return [f"{one.title} {one.url}" for one in waiting_for(user, clock.today())]


@pytest.fixture
def evaluation(world: World) -> Evaluation:
    """Ann's evaluation, which her lead assesses."""
    cycle = EvaluationCycleFactory(period_code="2026-Q2")
    return EvaluationFactory(cycle=cycle, person=world.ann, unit=world.east, manager=world.lead)


@pytest.mark.parametrize(
    ("stage", "who", "title"),
    [
        pytest.param(Stage.SELF, "ann", "Write your self-assessment for 2026-Q2", id="self part"),
        pytest.param(Stage.MANAGER, "lead", "Assess your people for 2026-Q2", id="manager's part"),
        pytest.param(
            Stage.CALIBRATION, "hr", "Calibrate and approve the evaluations for 2026-Q2", id="calibration"
        ),
        pytest.param(Stage.APPROVED, "hr", "Share the evaluations for 2026-Q2", id="sharing"),
        pytest.param(Stage.SHARED, "ann", "Read and confirm your evaluation for 2026-Q2", id="reading"),
        pytest.param(Stage.DRAFT, "", "", id="nothing before it is opened"),
        pytest.param(Stage.ACKNOWLEDGED, "", "", id="nothing after it was read"),
    ],
)
def test_an_evaluation_waits_for_exactly_one_person(
    world: World, evaluation: Evaluation, stage: str, who: str, title: str
) -> None:
    at, by = clock.now(), world.users["chief"]
    evaluation.stage, evaluation.rating = stage, Rating.SOLID
    evaluation.approved_at, evaluation.approved_by, evaluation.shared_at = at, by, at
    evaluation.save(update_fields=["stage", "rating", "approved_at", "approved_by", "shared_at"])
    evaluation.cycle.stage = stage
    evaluation.cycle.save(update_fields=["stage"])

    found = {name: told(world, name) for name in ("ann", "ben", "lead", "chief", "hr", "system", "stranger")}

    assert {name for name, lines in found.items() if lines} == ({who} if who else set())
    if who:
        [line] = found[who]
        assert line.startswith(title)


def test_many_people_to_assess_are_one_line(world: World, evaluation: Evaluation) -> None:
    EvaluationFactory(cycle=evaluation.cycle, unit=world.east, manager=world.lead, stage=Stage.MANAGER)
    Evaluation.objects.update(stage=Stage.MANAGER)

    assert told(world, "lead") == ["Assess your people for 2026-Q2 /reviews/team/"]


def test_attendance_waits_for_who_may_record_it_until_it_is_recorded(world: World) -> None:
    session = CourseSessionFactory(
        course=CourseFactory(name="Negotiation"), starts_at=dt.datetime(2026, 6, 22, 1, tzinfo=dt.UTC)
    )
    coming = CourseSessionFactory(course=session.course)
    seat = EnrolmentFactory(session=session, person=world.ann)
    EnrolmentFactory(session=coming, person=world.ann)

    line = f"Record who came to “Negotiation” /training/courses/{session.course_id}/"
    assert told(world, "lead") == told(world, "hr") == [line]
    assert told(world, "ann") == []

    seat.state = "attended"
    seat.save(update_fields=["state"])
    assert told(world, "lead") == []


@pytest.mark.parametrize(
    ("expires_on", "renewed", "count"),
    [
        pytest.param(dt.date(2026, 7, 20), False, 1, id="soon"),
        pytest.param(dt.date(2026, 7, 20), True, 0, id="renewed already"),
        pytest.param(dt.date(2026, 9, 20), False, 0, id="far away"),
        pytest.param(dt.date(2026, 6, 20), False, 0, id="expired"),
    ],
)
def test_a_certificate_waits_to_be_renewed_before_it_expires(
    world: World, expires_on: dt.date, *, renewed: bool, count: int
) -> None:
    course = CourseFactory(name="Safety")
    CompletionFactory(
        course=course, person=world.ann, completed_on=dt.date(2025, 6, 1), expires_on=expires_on
    )
    if renewed:
        CompletionFactory(course=course, person=world.ann, completed_on=dt.date(2026, 6, 20))

    assert len(told(world, "ann")) == count
    assert told(world, "ben") == []


def test_strategy_waits_for_its_owners_on_the_day_and_after(world: World) -> None:
    strategy = StrategyFactory(active=True, title="Key accounts", owner=world.ann, unit=world.east)
    due = StrategyReviewFactory(strategy=strategy, nominal_on=TODAY, state=ReviewState.DUE)
    StrategyReviewFactory(strategy=strategy, nominal_on=TOMORROW)
    DecisionFactory(strategy=strategy, owner=world.ben, text="Visit Acme", due_on=YESTERDAY)
    DecisionFactory(strategy=strategy, owner=world.ben, text="Later", due_on=TOMORROW)
    InitiativeFactory(objective__strategy=strategy, owner=world.ben, due_on=TODAY, title="Pilot")
    InitiativeFactory(
        objective__strategy=strategy, owner=world.ben, due_on=TODAY, title="Done",
        status=InitiativeStatus.DONE, done_on=TODAY,
    )  # fmt: skip

    assert told(world, "ann") == [f"Hold the review of “Key accounts” /strategy/reviews/{due.pk}/"]
    assert told(world, "ben") == [
        "Carry out: Visit Acme /strategy/mine/",
        "Finish the initiative “Pilot” /strategy/mine/",
    ]


def test_everything_that_waits_is_one_query(world: World, evaluation: Evaluation) -> None:
    user = User.objects.get(pk=world.users["lead"].pk)
    waiting_for(user, clock.today())  # the reach of the permissions is remembered from here on

    with CaptureQueriesContext(connection) as found:
        waiting_for(user, clock.today())

    assert len(found) == 1
