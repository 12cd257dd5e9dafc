import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.access.models import User
from apps.core import clock
from apps.events import jobs
from apps.notifications.models import Notification
from apps.strategy import services
from apps.strategy.models import Decision, Deviation, Reminder, Strategy
from apps.strategy.tests.factories import AT, DecisionFactory

D = dt.date


def run(on: dt.date) -> None:
    with transaction.atomic():
        services.watch(on=on, at=AT)


def digest(on: dt.date) -> list[str]:
    with transaction.atomic():
        return sorted(one.user.username for one in services.send_digests(on=on, at=AT))


def unwatched(strategy: Strategy) -> None:
    """Switch deviations off, so that only reviews are heard of."""
    Strategy.objects.filter(pk=strategy.pk).update(watch_below=0)


def test_owner_and_participants_hear_once_at_each_stage(active):
    told = {}
    for day in (D(2026, 2, 23), D(2026, 2, 24), D(2026, 3, 1), D(2026, 3, 2), D(2026, 3, 3)):
        run(day)
        run(day)
        told[day.isoformat()] = digest(day) + digest(day)

    assert told == {
        "2026-02-23": ["ann", "bob"], "2026-02-24": [], "2026-03-01": ["ann", "bob"],
        "2026-03-02": ["ann", "bob"], "2026-03-03": [],
    }  # fmt: skip


def test_an_overdue_review_escalates_to_the_manager_and_then_up(active):
    run(D(2026, 3, 2))
    digest(D(2026, 3, 2))

    run(D(2026, 3, 5))
    late = digest(D(2026, 3, 5))
    run(D(2026, 3, 9))
    very_late = digest(D(2026, 3, 9))

    assert (late, very_late) == (["ann", "eve"], ["ann", "chief", "eve"])
    assert active.reviews.order_by("due_on").first().state == "overdue"


def test_after_an_outage_days_are_caught_up_in_order_with_one_message_each(active):
    unwatched(active)
    zone = clock.company_zone()
    watching, telling = jobs.registered.get("strategy.watch"), jobs.registered.get("strategy.digests")
    before = dt.datetime(2026, 2, 22, 12, tzinfo=zone)
    after = dt.datetime(2026, 3, 9, 12, tzinfo=zone)
    for now in (before, after, after):
        for job in (watching, telling):
            jobs._run_job(job, now)

    raised = Reminder.objects.filter(person__user__username="ann").order_by("raised_on")
    assert [one.raised_on.day for one in raised.filter(review__due_on=D(2026, 3, 2))] == [23, 1, 2, 5, 9]
    assert sorted(Notification.objects.values_list("user__username", flat=True)) == [
        "ann", "bob", "chief", "eve",
    ]  # fmt: skip


def test_a_held_review_is_not_mentioned_any_more(active, company):
    unwatched(active)
    review = active.reviews.order_by("due_on").first()
    run(D(2026, 3, 2))
    with transaction.atomic():
        services.hold_review(review_id=review.pk, minutes="Said.", by=company.editor, at=AT, on=D(2026, 3, 2))

    assert digest(D(2026, 3, 2)) == []


def test_an_objective_behind_its_pace_is_reported_once_a_month(active):
    for day in (D(2026, 4, 7), D(2026, 4, 8), D(2026, 5, 6)):
        run(day)

    months = Deviation.objects.order_by("seen_on").values_list("month__code", "pace")
    assert [(code, int(pace)) for code, pace in months] == [("2026-M04", 0), ("2026-M05", 0)]


@pytest.fixture
def decision(active, company) -> Decision:
    """Bob carries out by 10 March what was decided for Ann's strategy."""
    unwatched(active)
    active.reviews.all().delete()
    active.cadence.delete()
    return DecisionFactory(strategy=active, text="Visit Acme", owner=company.bob, due_on=D(2026, 3, 10))


def test_a_decision_reminds_before_its_day_on_it_and_escalates_when_it_is_late(decision):
    told = {}
    for number in (6, 9, 10, 11, 13, 14, 17, 18, 30):
        run(D(2026, 3, number))
        run(D(2026, 3, number))
        told[number] = digest(D(2026, 3, number)) + digest(D(2026, 3, number))

    assert told == {
        6: [], 9: ["bob"], 10: ["bob"], 11: [], 13: ["ann", "bob"], 14: [],
        17: ["ann", "bob", "eve"], 18: [], 30: [],
    }  # fmt: skip
    mine, theirs = (
        Notification.objects.filter(user__username=name).order_by("-pk").first() for name in ("bob", "eve")
    )
    assert (mine.title, mine.url) == (
        "“Visit Acme” (Win mid-market) was due on 10 Mar 2026 and is not done.", reverse("strategy:mine"),
    )  # fmt: skip
    assert theirs.title.startswith("Bob has not carried out “Visit Acme” (Win mid-market)")


@pytest.mark.parametrize("settled", ["done", "closed"])
def test_a_settled_decision_is_not_mentioned_any_more(decision, company, settled):
    run(D(2026, 3, 10))
    with transaction.atomic():
        if settled == "done":
            services.complete_decision(decision_id=decision.pk, by=company.editor, on=D(2026, 3, 10))
        else:
            Strategy.objects.filter(pk=decision.strategy_id).update(
                state="closed", closed_by=company.editor, closed_at=AT
            )

    assert digest(D(2026, 3, 10)) == []
    run(D(2026, 3, 17))
    assert not Reminder.objects.filter(raised_on=D(2026, 3, 17)).exists()


def test_after_an_outage_a_decision_is_one_message_with_every_stage_kept(decision):
    zone = clock.company_zone()
    before, after = (dt.datetime(2026, 3, day, 12, tzinfo=zone) for day in (8, 20))
    for now in (before, after, after):
        for job in ("strategy.watch", "strategy.digests"):
            jobs._run_job(jobs.registered.get(job), now)

    raised = Reminder.objects.filter(person__user__username="bob").order_by("raised_on")
    assert [(one.stage, one.raised_on.day) for one in raised] == [
        ("day", 9), ("today", 10), ("late", 13), ("very_late", 17),
    ]  # fmt: skip
    assert sorted(Notification.objects.values_list("user__username", flat=True)) == ["ann", "bob", "eve"]


def test_a_reminder_is_of_a_review_or_of_a_decision(decision):
    with pytest.raises(IntegrityError, match="strategy_reminder_of_one"), transaction.atomic():
        Reminder.objects.create(person=decision.owner, stage="late", raised_on=decision.due_on)


WHO = [
    ("cho", 404, 404, 404), ("bob", 200, 404, 200), ("eve", 200, 404, 404),
    ("ann", 200, 200, 200), ("chief", 200, 404, 404), ("editor", 200, 200, 200),
]  # fmt: skip


@pytest.mark.parametrize(("who", "sees", "changes", "reports"), WHO)
def test_who_may_see_change_and_report(client, active, who, sees, changes, reports):
    client.force_login(User.objects.get(username=who))

    found = [client.get(reverse(f"strategy:{name}", args=[active.pk])).status_code for name in ("strategy", "edit", "new_note")]  # fmt: skip  # noqa: E501

    assert found == [sees, changes, reports]


@pytest.mark.parametrize(("who", "status"), [("bob", 200), ("ann", 200), ("editor", 200), ("eve", 404)])
def test_a_draft_is_seen_by_those_who_make_it(client, draft, who, status):
    client.force_login(User.objects.get(username=who))

    assert client.get(reverse("strategy:strategy", args=[draft.pk])).status_code == status


def test_figures_out_of_reach_are_left_out_with_the_reason(client, active):
    client.force_login(User.objects.get(username="bob"))

    [line] = client.get(reverse("strategy:strategy", args=[active.pk])).context["found"].lines

    assert "East" in line.hidden
    assert line.why == ""


def test_a_review_is_finished_on_its_page(client, active):
    review = active.reviews.order_by("due_on").first()
    client.force_login(User.objects.get(username="ann"))

    answer = client.post(reverse("strategy:finish", args=[review.pk]), {"minutes": "All well.", "version": 1})

    review.refresh_from_db()
    assert (answer.status_code, review.state) == (302, "held")
    assert client.get(reverse("strategy:review", args=[review.pk])).status_code == 200
