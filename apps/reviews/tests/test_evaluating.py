"""Evaluating a period: once per person, from the ledger, again without effect."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from apps.calendars.selectors import MissingPeriod
from apps.core import clock
from apps.core.effective import span
from apps.events import jobs
from apps.events.models import JobRun
from apps.notifications.models import Notification
from apps.org.models import Assignment
from apps.org.tests.factories import AssignmentFactory, PositionFactory
from apps.reviews import services, tasks
from apps.reviews.enums import Flag, Rating, Stage, TargetSource
from apps.reviews.models import Evaluation, EvaluationCycle, KpiScale, KpiScore
from apps.reviews.tests.conftest import AFTER, credit, play
from apps.reviews.tests.factories import EvaluationFactory
from apps.roles.models import PositionRole
from apps.roles.tests.factories import PositionRoleFactory

pytestmark = pytest.mark.django_db


def evaluate(team, today=AFTER):
    with transaction.atomic():
        return services.evaluate_period(team.quarter, today)


def of(person):
    return Evaluation.objects.get(person=person)


def scores(person):
    return {row.measure: row for row in KpiScore.objects.filter(evaluation__person=person)}


def state_of_everything():
    tables = (Evaluation, KpiScore, EvaluationCycle)
    return [list(model.objects.order_by("pk").values()) for model in tables]


def test_everybody_with_a_role_is_evaluated_with_role_unit_and_manager_of_the_last_day(team):
    cycle = evaluate(team)

    assert cycle.stage == Stage.DRAFT
    assert (cycle.starts_on, cycle.ends_before) == (dt.date(2026, 4, 1), dt.date(2026, 7, 1))
    people = {row.person_id: (row.role_id, row.unit_id, row.manager_id) for row in cycle.evaluations.all()}
    assert set(people) == {team.lead.pk, *(seller.pk for seller in team.sellers)}
    assert people[team.sellers[0].pk] == (team.selling.pk, team.unit.pk, team.lead.pk)
    assert people[team.lead.pk] == (team.leading.pk, team.unit.pk, team.boss.pk)


def test_without_a_quota_the_median_of_the_role_is_the_target_and_is_flagged(team):
    evaluate(team)

    revenue = scores(team.sellers[0])["revenue"]
    assert (revenue.actual, revenue.target, revenue.target_source) == (D(120), D(90), TargetSource.PEERS)
    assert (revenue.score, revenue.cap) == (D("1.2"), D("1.2"))
    assert revenue.uncapped == D("1.33333333")


def test_a_kpi_without_data_is_flagged_and_its_weight_shared(team):
    evaluate(team)

    idle = scores(team.sellers[4])
    assert (idle["win_rate"].flag, idle["win_rate"].score) == (Flag.NO_DATA, None)
    assert (idle["revenue"].flag, idle["revenue"].score) == (Flag.COUNTED, D(0))
    assert of(team.sellers[4]).kpi_score == D(0)
    assert of(team.sellers[4]).kpi_rating == Rating.UNSATISFACTORY


def test_the_final_score_weighs_the_kpis_of_the_role(team):
    evaluate(team)

    assert of(team.sellers[1]).kpi_score == D("1.06666667")
    assert of(team.sellers[1]).kpi_rating == Rating.STRONG
    assert of(team.sellers[2]).kpi_score == D(1)


def test_a_lead_is_scored_by_the_unit_and_against_its_own_past_without_peers(team):
    credit(team.sellers[0], "revenue", 1440, day=dt.date(2025, 8, 5))

    evaluate(team)

    row = scores(team.lead)["revenue"]
    assert (row.unit_id, row.actual, row.target_source) == (team.unit.pk, D(360), TargetSource.HISTORY)
    assert row.target > 0


def test_a_scale_of_the_measure_replaces_the_standard_one(team):
    KpiScale.objects.create(measure="revenue", floor=D("0.5"), cap=D("1.5"))

    evaluate(team)

    row = scores(team.sellers[3])["revenue"]
    assert (row.floor, row.target, row.cap) == (D(45), D(90), D("1.5"))
    assert row.score == D("0.11111111")


def test_a_second_run_writes_nothing(team):
    evaluate(team)
    before = state_of_everything()

    evaluate(team)

    assert state_of_everything() == before


def test_a_late_credit_is_scored_anew_until_the_evaluation_is_approved(team):
    evaluate(team)
    approved, open_row = of(team.sellers[0]), of(team.sellers[3])
    credit(team.sellers[3], "revenue", 30)
    Evaluation.objects.filter(pk=approved.pk).update(
        stage=Stage.APPROVED, approved_by=team.hr, approved_at=dt.datetime(2026, 7, 5, tzinfo=dt.UTC)
    )
    credit(team.sellers[0], "revenue", 500)

    evaluate(team)

    assert scores(team.sellers[3])["revenue"].actual == D(80)
    assert of(team.sellers[3]).version == open_row.version + 1
    assert scores(team.sellers[0])["revenue"].actual == D(120)


def test_somebody_whose_role_was_added_later_joins_the_open_cycle(team):
    cycle = evaluate(team)
    with transaction.atomic():
        services.open_cycle(cycle_id=cycle.pk)
    play(team.stranger, team.selling)

    evaluate(team)

    assert of(team.stranger).stage == Stage.SELF
    assert Evaluation.objects.count() == 7


def test_a_change_of_role_is_reviewed_by_segment_and_weighed_by_working_days(team):
    mover = team.sellers[0]
    held = Assignment.objects.get(person=mover)
    PositionRole.objects.filter(position=held.position).update(
        valid=span(dt.date(2020, 1, 1), dt.date(2026, 6, 1))
    )
    PositionRoleFactory(position=held.position, role=team.leading, valid=span(dt.date(2026, 6, 1)))

    evaluate(team)

    row = of(mover)
    assert [(one.starts_on, one.role_id) for one in row.segments.order_by("starts_on")] == [
        (dt.date(2026, 4, 1), team.selling.pk),
        (dt.date(2026, 6, 1), team.leading.pk),
    ]
    rows = row.scores.order_by("starts_on", "measure").values_list("measure", "working_days", "role_id")
    assert [(measure, role) for measure, _days, role in rows] == [
        ("revenue", team.selling.pk),
        ("win_rate", team.selling.pk),
        ("revenue", team.leading.pk),
    ]
    assert len({days for _measure, days, _role in rows}) == 2


def test_a_new_manager_makes_a_segment_but_does_not_cut_the_figures(team):
    lead = Assignment.objects.get(person=team.lead)
    lead.valid = span(dt.date(2020, 1, 1), dt.date(2026, 5, 1))
    lead.save(update_fields=["valid"])
    AssignmentFactory(
        person=team.stranger, position=lead.position, is_primary=False, valid=span(dt.date(2026, 5, 1))
    )

    evaluate(team)

    row = of(team.sellers[1])
    assert [one.manager_id for one in row.segments.order_by("starts_on")] == [team.lead.pk, team.stranger.pk]
    assert row.manager_id == team.stranger.pk
    assert row.scores.count() == 2


def test_somebody_who_joined_late_is_compared_by_working_day(team):
    late = team.sellers[1]
    Assignment.objects.filter(person=late).update(valid=span(dt.date(2026, 6, 1)))
    credit(late, "revenue", 100, day=dt.date(2026, 6, 10))

    evaluate(team)

    here, full = scores(late)["revenue"], scores(team.sellers[0])["revenue"]
    assert here.starts_on == dt.date(2026, 6, 1)
    assert here.target < full.target
    assert here.actual == D(100)


@pytest.mark.parametrize(
    ("period", "today", "refusal"),
    [
        pytest.param("2026-Q2", dt.date(2026, 6, 30), services.PeriodNotOver, id="still running"),
        pytest.param("2026-M05", AFTER, services.NotAReviewPeriod, id="a month"),
        pytest.param("1815-Q2", AFTER, MissingPeriod, id="no such period"),
    ],
)
def test_a_period_that_cannot_be_evaluated_is_refused_and_nothing_is_written(team, period, today, refusal):
    with pytest.raises(refusal), transaction.atomic():
        services.evaluate_period(period, today)

    assert EvaluationCycle.objects.count() == 0


def test_a_closed_cycle_stays_as_it_is(team):
    cycle = evaluate(team)
    EvaluationCycle.objects.filter(pk=cycle.pk).update(stage=Stage.CLOSED, closed_at=clock.now())

    with pytest.raises(services.CycleClosed):
        evaluate(team)


def test_the_quarterly_job_runs_once_per_quarter_and_catches_up(team):
    job = jobs.PeriodicJob("reviews.test", tasks.evaluate_quarter, "quarter", first_due=dt.date(2026, 4, 1))
    jobs.registered.register(job.name, job)
    now = dt.datetime(2026, 7, 20, 9, tzinfo=dt.UTC)
    try:
        first = jobs._run_job(job, now)
        again = jobs._run_job(job, now)
    finally:
        jobs.registered._entries.pop(job.name)

    assert (first, again) == (2, 0)
    cycles = EvaluationCycle.objects.order_by("period_code")
    assert [(one.period_code, one.evaluated_on, one.stage) for one in cycles] == [
        ("2026-Q1", dt.date(2026, 4, 1), Stage.SELF),
        ("2026-Q2", dt.date(2026, 7, 1), Stage.SELF),
    ]
    assert list(JobRun.objects.filter(job=job.name).order_by("key").values_list("key", flat=True)) == [
        "2026-Q1",
        "2026-Q2",
    ]
    asked = Notification.objects.filter(kind="review_self_open", user__username="s0")
    assert asked.count() == 2


def test_the_job_delivered_twice_changes_nothing(team):
    due = jobs.Due("reviews.test", team.quarter, AFTER, clock.now())
    with transaction.atomic():
        tasks.evaluate_quarter(due)
    before = state_of_everything()

    with transaction.atomic():
        tasks.evaluate_quarter(due)

    assert state_of_everything() == before
    assert Notification.objects.filter(kind="review_self_open").count() == 6


def test_evaluating_costs_the_same_for_more_people(team, django_assert_max_num_queries):
    for _n in range(12):
        seat = PositionFactory(unit=team.unit)
        AssignmentFactory(position=seat)
        PositionRoleFactory(position=seat, role=team.selling)

    with django_assert_max_num_queries(75):
        evaluate(team)

    assert Evaluation.objects.count() == 18


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        pytest.param({"stage": "approved"}, "reviews_evaluation_signed_in_order", id="approved by nobody"),
        pytest.param({"kpi_score": D("9")}, "reviews_evaluation_score", id="absurd score"),
        pytest.param({"rating": "superb"}, "reviews_evaluation_ratings_known", id="unknown rating"),
        pytest.param({"kpi_rating": ""}, "reviews_evaluation_scored", id="score without rating"),
    ],
)
def test_the_database_refuses_what_cannot_be(team, change, constraint):
    row = EvaluationFactory()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Evaluation.objects.filter(pk=row.pk).update(**change)


def test_the_database_refuses_an_approval_by_the_assessor(team):
    row = EvaluationFactory(signed=True)

    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        Evaluation.objects.filter(pk=row.pk).update(
            approved_by=row.assessed_by, approved_at=clock.now(), stage=Stage.APPROVED
        )


def test_not_a_number_is_no_score(team):
    row = EvaluationFactory()

    with pytest.raises(IntegrityError, match="reviews_evaluation_score"), connection.cursor() as cursor:
        cursor.execute("UPDATE reviews_evaluation SET kpi_score = 'NaN' WHERE id = %s", [row.pk])
