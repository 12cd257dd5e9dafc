import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse

from apps.access.models import User
from apps.core import clock
from apps.events import jobs
from apps.notifications.models import Notification
from apps.strategy import services
from apps.strategy.models import Deviation, Reminder, Strategy
from apps.strategy.tests.factories import AT

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
