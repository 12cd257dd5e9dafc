import pytest
from django.urls import reverse

from apps.events import progress
from apps.events.enums import RunState
from apps.events.models import AuditEntry, JobRun, LongTask, OutboxEntry


def test_the_audit_page_shows_who_changed_what(signed_in, user, allowed):
    allowed.add("audit.view")
    AuditEntry.objects.create(
        table="calendars_exchangerate", row_id="7", action="update", actor=user,
        before={"rate": 1}, after={"rate": 2}, source="web",
    )  # fmt: skip

    page = signed_in.get(reverse("events:audit"), {"who": "ops", "row": "7"}).content.decode()

    assert "<b>rate</b>: 1 → 2" in page
    assert "No changes match" in signed_in.get(reverse("events:audit"), {"row": "8"}).content.decode()


@pytest.mark.parametrize("query", ["start=nonsense", "before=-1", "action=x", "who=%00"])
def test_a_filter_that_makes_no_sense_is_harmless(signed_in, allowed, query):
    allowed.add("audit.view")

    assert signed_in.get(f"{reverse('events:audit')}?{query}").status_code == 200


def test_the_jobs_page_offers_to_run_again_what_was_given_up(signed_in, allowed):
    allowed.add("job.view")
    run = JobRun.objects.create(job="nightly", key="k", state=RunState.DEAD, error="no disk")
    entry = OutboxEntry.objects.create(kind="task", name="mail", state=RunState.DEAD)

    page = signed_in.get(reverse("events:jobs")).content.decode()
    signed_in.post(reverse("events:replay_run", args=[run.pk]))
    signed_in.post(reverse("events:replay_delivery", args=[entry.pk]))

    assert "no disk" in page
    run.refresh_from_db()
    entry.refresh_from_db()
    assert (run.state, entry.state) == (RunState.FAILED, RunState.PENDING)


@pytest.mark.parametrize("name", ["events:audit", "events:jobs"])
def test_pages_need_their_permission(signed_in, allowed, name):
    assert signed_in.get(reverse(name)).status_code == 403


def test_only_the_one_who_started_long_work_sees_and_stops_it(signed_in, user, other, allowed):
    allowed.add("home")
    own = progress.start("import", by=user, title="My deals", total=4)
    foreign = progress.start("import", by=other, title="Other deals")

    shown = signed_in.get(reverse("events:task", args=[own.pk]), headers={"HX-Request": "true"})
    stopped = signed_in.post(reverse("events:task_cancel", args=[own.pk]), headers={"HX-Request": "true"})

    assert "My deals" in shown.content.decode()
    assert stopped.status_code == 204
    assert LongTask.objects.get(pk=own.pk).cancel_requested_at is not None
    assert signed_in.get(reverse("events:task", args=[foreign.pk])).status_code == 404
    assert signed_in.post(reverse("events:task_cancel", args=[foreign.pk])).status_code == 404


def test_a_page_is_shown_again_however_soon_its_work_ends(signed_in, user):
    task = progress.start("import", by=user, title="My deals", total=4)
    looking = {"HX-Request": "true", "HX-Current-URL": "http://testserver/result/"}

    address = progress.bar_url(task, user)
    task.finish(url="/result/")

    assert signed_in.get(address, headers=looking)["HX-Refresh"] == "true"
    assert progress.bar_url(task, user) == ""  # the page made now shows the result itself


def test_the_bar_of_failed_work_says_why_and_shows_nothing_again(signed_in, user):
    task = progress.start("import", by=user, title="My deals", total=4, url="/result/")
    task.fail("Row 2 has no date.")

    looking = {"HX-Request": "true", "HX-Current-URL": "http://testserver/result/"}
    bar = signed_in.get(progress.bar_url(task, user), headers=looking)

    assert "Row 2 has no date." in bar.content.decode()
    assert "HX-Refresh" not in bar


def test_a_bar_is_for_whoever_started_the_work(user, other):
    assert progress.bar_url(progress.start("import", by=other, title="Other deals"), user) == ""
    assert progress.bar_url(None, user) == ""
