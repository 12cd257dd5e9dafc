import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from apps.calendars import selectors as calendars
from apps.core.errors import StaleVersion
from apps.strategy import services
from apps.strategy.models import Objective, Participant, StrategyReview
from apps.strategy.services.strategies import WrongDates
from apps.strategy.tests.conftest import sell
from apps.strategy.tests.factories import (
    AT,
    TODAY,
    DecisionFactory,
    ObjectiveFactory,
    StrategyFactory,
    StrategyReviewFactory,
)


@pytest.fixture
def review(active) -> StrategyReview:
    return active.reviews.order_by("due_on").first()


def hold(review, by, on=dt.date(2026, 3, 2), **options):
    settings = {"minutes": "All well.", "by": by, "at": AT, "on": on}
    with transaction.atomic():
        return services.hold_review(review_id=review.pk, **{**settings, **options})


def change(strategy, company, **options):
    settings = {
        "version": strategy.version,
        "title": strategy.title,
        "purpose": strategy.purpose,
        "situation": "",
        "owner_id": strategy.owner_id,
        "starts_on": strategy.valid.lower,
        "last_day": strategy.last_day,
        "by": company.editor,
        "on": TODAY,
    }
    with transaction.atomic():
        return services.change_strategy(strategy_id=strategy.pk, **{**settings, **options})


def test_activation_dates_the_reviews_of_the_next_months(active):
    found = active.reviews.order_by("due_on").values_list("due_on", flat=True)

    assert [day.isoformat() for day in found] == ["2026-03-02", "2026-04-02", "2026-05-04", "2026-06-02"]


def test_a_strategy_without_objectives_or_cadence_is_not_activated(company):
    empty = StrategyFactory(unit=company.east)

    with pytest.raises(services.NotReady), transaction.atomic():
        services.activate_strategy(strategy_id=empty.pk, by=company.editor, at=AT, on=TODAY)

    ObjectiveFactory(strategy=empty)
    with pytest.raises(services.NotReady), transaction.atomic():
        services.activate_strategy(strategy_id=empty.pk, by=company.editor, at=AT, on=TODAY)
    empty.refresh_from_db()
    assert empty.state == "draft"


def test_a_strategy_is_activated_once(active, company):
    with pytest.raises(services.NotDraft), transaction.atomic():
        services.activate_strategy(strategy_id=active.pk, by=company.editor, at=AT, on=TODAY)

    assert active.reviews.count() == 4


def test_a_change_based_on_an_old_version_is_refused(active, company):
    change(active, company, title="First")

    with pytest.raises(StaleVersion):
        change(active, company, title="Second")

    active.refresh_from_db()
    assert active.title == "First"


def test_an_earlier_end_takes_reviews_back(active, company):
    change(active, company, last_day=dt.date(2026, 4, 15))

    assert active.reviews.count() == 2


@pytest.mark.parametrize("last_day", [dt.date(2026, 1, 1), dt.date(2057, 1, 1), dt.date.max])
def test_dates_in_the_wrong_order_or_too_far_apart_are_refused(active, company, last_day):
    with pytest.raises(WrongDates) as caught:
        change(active, company, last_day=last_day)

    assert "last_day" in caught.value.fields


def test_closing_drops_the_waiting_reviews_and_ends_every_change(active, company):
    with transaction.atomic():
        services.close_strategy(strategy_id=active.pk, outcome="Reached.", by=company.editor, at=AT)

    assert set(active.reviews.values_list("state", flat=True)) == {"dropped"}
    with pytest.raises(services.NotRunning), transaction.atomic():
        services.add_objective(strategy_id=active.pk, title="More", owner_id=None)


def test_closing_asks_for_the_outcome(active, company):
    with pytest.raises(services.NotReady), transaction.atomic():
        services.close_strategy(strategy_id=active.pk, outcome="  ", by=company.editor, at=AT)

    active.refresh_from_db()
    assert active.state == "active"


def test_the_owner_of_an_objective_takes_part(draft, company):
    with transaction.atomic():
        services.add_objective(strategy_id=draft.pk, title="More", owner_id=company.eve.pk)

    assert Participant.objects.filter(strategy=draft, person=company.eve).exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"measure": "revenue"}, "goal_value"),
        ({"measure": "revenue", "goal_value": D(1)}, "period"),
        ({"goal_value": D(1)}, "measure"),
        ({"target_id": 999999}, "target"),
        ({"target_id": 1, "measure": "revenue"}, "target"),
    ],
)
def test_an_objective_that_does_not_fit_together_is_refused(draft, given, field):
    with pytest.raises(services.NotPossible) as caught, transaction.atomic():
        services.add_objective(strategy_id=draft.pk, title="More", owner_id=None, **given)

    assert list(caught.value.fields) == [field]
    assert draft.objectives.count() == 1


def test_an_unknown_measure_is_refused(draft):
    year = calendars.period("2026", "year").pk

    with pytest.raises(services.NotPossible), transaction.atomic():
        services.add_objective(
            strategy_id=draft.pk,
            title="More",
            owner_id=None,
            measure="luck",
            goal_value=D(1),
            period_id=year,
        )

    assert draft.objectives.count() == 1


def test_objectives_leave_only_drafts(draft, active):
    objective = active.objectives.get()

    with pytest.raises(services.NotPossible), transaction.atomic():
        services.remove_objective(objective_id=objective.pk)

    assert Objective.objects.filter(pk=objective.pk).exists()


def test_another_cadence_dates_only_what_is_not_near(active, company, review):
    hold(review, company.editor)
    with transaction.atomic():
        services.set_cadence(
            strategy_id=active.pk,
            rhythm="quarterly",
            every=1,
            first_on=dt.date(2026, 4, 15),
            on=dt.date(2026, 3, 3),
        )

    found = active.reviews.order_by("due_on").values_list("due_on", "state")
    assert [(day.isoformat(), state) for day, state in found] == [
        ("2026-03-02", "held"), ("2026-04-15", "scheduled"),
    ]  # fmt: skip


def test_holding_freezes_the_figures_of_the_day_before(review, company):
    sell(company.ann, "100.00", dt.date(2026, 2, 27))

    held = hold(review, company.editor)
    sell(company.ann, "900.00", dt.date(2026, 2, 28))

    held.refresh_from_db()
    [line] = held.pack
    assert (held.state, held.pack_as_of) == ("held", dt.date(2026, 3, 1))
    assert (D(line["actual"]), D(line["target"])) == (D(100), D(1200))


def test_a_review_is_held_once(review, company):
    hold(review, company.editor)

    with pytest.raises(services.AlreadyHeld):
        hold(review, company.editor, minutes="Again.")

    review.refresh_from_db()
    assert review.minutes == "All well."


def test_a_review_needs_minutes_and_its_time(review, company):
    with pytest.raises(services.MinutesMissing):
        hold(review, company.editor, minutes=" ")
    with pytest.raises(services.TooEarly):
        hold(review, company.editor, on=dt.date(2026, 2, 10))

    review.refresh_from_db()
    assert (review.state, review.frozen_at) == ("scheduled", None)


def test_minutes_based_on_an_old_version_are_refused(review, company):
    with transaction.atomic():
        services.save_minutes(review_id=review.pk, minutes="First", version=1)

    with pytest.raises(StaleVersion):
        hold(review, company.editor, version=1)

    review.refresh_from_db()
    assert (review.minutes, review.state) == ("First", "scheduled")


def decide(strategy, company, **options):
    settings = {
        "strategy_id": strategy.pk,
        "text": "Visit every account",
        "owner_id": company.bob.pk,
        "due_on": dt.date(2026, 3, 20),
        "by": company.editor,
        "on": TODAY,
    }
    with transaction.atomic():
        return services.record_decision(**{**settings, **options})


def test_a_decision_is_recorded_and_carried_out_once(active, review, company):
    decision = decide(active, company, review_id=review.pk, adjusts="target")

    with transaction.atomic():
        services.complete_decision(decision_id=decision.pk, by=company.editor, on=TODAY)
    with pytest.raises(services.AlreadyDone), transaction.atomic():
        services.complete_decision(decision_id=decision.pk, by=company.editor, on=TODAY)

    decision.refresh_from_db()
    assert (decision.review_id, decision.done_on) == (review.pk, TODAY)


def test_a_held_review_takes_no_more_decisions(active, review, company):
    hold(review, company.editor)

    with pytest.raises(services.AlreadyHeld):
        decide(active, company, review_id=review.pk)

    assert active.decisions.count() == 0


def test_a_decision_in_the_past_or_on_a_foreign_objective_is_refused(active, company):
    foreign = ObjectiveFactory(strategy=StrategyFactory(unit=company.west))

    with pytest.raises(services.NotPossible):
        decide(active, company, due_on=dt.date(2026, 2, 1))
    with pytest.raises(services.NotPossible):
        decide(active, company, objective_id=foreign.pk)

    assert active.decisions.count() == 0


BROKEN = [
    pytest.param(lambda: StrategyFactory(title=""), id="without a title"),
    pytest.param(lambda: StrategyFactory(state="active"), id="active by nobody"),
    pytest.param(lambda: StrategyFactory(watch_below="9.5"), id="threshold out of bounds"),
    pytest.param(lambda: ObjectiveFactory(weight=0), id="no weight"),
    pytest.param(lambda: ObjectiveFactory(measure="revenue"), id="measure without goal"),
    pytest.param(lambda: StrategyReviewFactory(state="held"), id="held by nobody"),
    pytest.param(lambda: StrategyReviewFactory(frozen_at=AT), id="frozen without a date"),
    pytest.param(lambda: DecisionFactory(text=""), id="empty decision"),
    pytest.param(lambda: DecisionFactory(done_on=TODAY), id="done by nobody"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("make", BROKEN)
def test_the_database_refuses_rows_that_cannot_be(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()
