import datetime as dt
import threading
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from apps.calendars.models import ExchangeRate
from apps.calendars.services import ensure_years
from apps.core import clock
from apps.core.tests.together import at_once
from apps.events import jobs, leases, outbox, tasks
from apps.events.enums import CatchUp, RunState
from apps.events.jobs import PeriodicJob
from apps.events.models import JobRun, OutboxEntry
from apps.events.services import NotGivenUp, replay_run
from apps.events.signals import work_given_up

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 1, 1)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(jobs.registered, "_entries", {})


def failing():
    raise RuntimeError("no")


def test_once_runs_once_per_key(db):
    seen = []

    first = jobs.once("close", "2026-Q1", lambda: seen.append(1))
    again = jobs.once("close", "2026-Q1", lambda: seen.append(2))
    other = jobs.once("close", "2026-Q2", lambda: seen.append(3))

    assert (first, again, other, seen) == (True, False, True, [1, 3])


def test_a_failed_run_undoes_its_effects_and_can_run_again(db):
    def half():
        ExchangeRate.objects.create(currency="CNY", on=DAY, rate=1)
        failing()

    with pytest.raises(RuntimeError):
        jobs.once("job", "k", half)

    assert not ExchangeRate.objects.exists()
    assert JobRun.objects.get().state == RunState.FAILED
    assert jobs.once("job", "k", lambda: None)


def test_the_third_failure_gives_up_and_says_so(db):
    heard = []
    work_given_up.connect(lambda **facts: heard.append(facts["key"]), weak=False, dispatch_uid="test")

    for _ in range(3):
        with pytest.raises(RuntimeError):
            jobs.once("job", "poison", failing)
    work_given_up.disconnect(dispatch_uid="test")

    assert JobRun.objects.get().state == RunState.DEAD
    assert heard == ["poison"]
    assert not jobs.once("job", "poison", failing)


def test_a_run_given_up_can_be_started_again_once(db):
    run = JobRun.objects.create(job="job", key="k", state=RunState.DEAD, attempts=3)

    replay_run(run_id=run.pk)

    assert jobs.once("job", "k", lambda: None)
    with pytest.raises(NotGivenUp):
        replay_run(run_id=run.pk)


def test_a_worker_whose_lease_was_taken_over_cannot_finish(db):
    run = JobRun.objects.create(job="job", key="k")
    stale, _ = leases.take(JobRun, run.pk, seconds=-1, max_attempts=3)
    fresh, _ = leases.take(JobRun, run.pk, seconds=60, max_attempts=3)

    with pytest.raises(leases.LeaseLost):
        stale.finish()

    fresh.finish()
    assert JobRun.objects.get().state == RunState.DONE


def test_work_held_by_another_is_left_alone(db):
    run = JobRun.objects.create(job="job", key="k")
    leases.take(JobRun, run.pk, seconds=60, max_attempts=3)

    assert jobs.once("job", "k", failing) is False


@pytest.mark.django_db(transaction=True)
def test_whoever_is_at_a_piece_of_work_shows_it_until_the_connection_ends():
    at_work, seen, soon = threading.Barrier(2), [], dt.timedelta(milliseconds=300)

    def work_and_die():
        with leases.present("report 7", patience=dt.timedelta()) as alone:
            seen.append(alone)
            at_work.wait()
            at_work.wait()
            connection.close()  # as PostgreSQL sees a killed process

    worker = threading.Thread(target=work_and_die)
    worker.start()
    at_work.wait()
    with leases.present("report 7", patience=soon) as alone:
        seen.append(alone)
    with leases.present("report 8", patience=soon) as alone:
        seen.append(alone)
    at_work.wait()
    with leases.present("report 7", patience=dt.timedelta(seconds=10)) as alone:
        seen.append(alone)
    worker.join()

    assert seen == [True, False, True, True]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_again_while_its_holder_is_at_work_changes_nothing(monkeypatch):
    monkeypatch.setattr(leases, "PATIENCE", dt.timedelta(milliseconds=300))
    entry = OutboxEntry.objects.create(kind="task", name="events.fan_out", payload={"entry_id": 0})
    lease, _ = leases.take(OutboxEntry, entry.pk, seconds=60, max_attempts=3)
    again = SimpleNamespace(request=SimpleNamespace(retries=0, delivery_info={"redelivered": True}))
    monkeypatch.setattr(outbox, "current_task", again)

    def delivered_again():
        try:
            return tasks.fan_out.run(entry_id=entry.pk, outbox_id=entry.pk)
        finally:
            connection.close()

    with leases.present(f"outbox {entry.pk}", patience=dt.timedelta()) as alone:
        [answer] = at_once(delivered_again)

    entry.refresh_from_db()
    assert (alone, answer, entry.token, entry.attempts) == (True, "skipped", lease.token, 1)
    lease.finish()


def test_workers_that_vanish_three_times_end_the_work(db):
    run = JobRun.objects.create(job="job", key="k")
    for _ in range(3):
        leases.take(JobRun, run.pk, seconds=-1, max_attempts=3)

    lease, given_up = leases.take(JobRun, run.pk, seconds=60, max_attempts=3)

    assert (lease, given_up) == (None, True)
    assert JobRun.objects.get().state == RunState.DEAD


def test_after_three_days_every_missed_day_runs_oldest_first_with_its_own_date(db, registered):
    seen = []
    jobs.register(PeriodicJob("daily", lambda due: seen.append((due.key, clock.today()))))
    jobs.run_due(NOON)

    jobs.run_due(NOON + dt.timedelta(hours=72))
    jobs.run_due(NOON + dt.timedelta(hours=72))

    days = [dt.date(2026, 3, day) for day in (10, 11, 12, 13)]
    assert seen == [(day.isoformat(), day) for day in days]


def test_a_latest_job_skips_what_it_missed(db, registered):
    seen = []
    job = PeriodicJob("digest", lambda due: seen.append(due.key), catch_up=CatchUp.LATEST)
    jobs.register(job)
    jobs.run_due(NOON)

    jobs.run_due(NOON + dt.timedelta(hours=72))

    assert seen == ["2026-03-10", "2026-03-13"]


def test_a_job_is_not_due_before_its_hour(db, registered):
    job = PeriodicJob("daily", failing, at=dt.time(13, 0), first_due=dt.date(2026, 3, 10))

    assert jobs.due_runs(job, NOON) == []
    assert [due.key for due in jobs.due_runs(job, NOON + dt.timedelta(hours=1))] == ["2026-03-10"]


def test_fiscal_quarters_fall_due_the_day_after_they_end(db, registered):
    ensure_years(2025, 2026)
    job = PeriodicJob("review", failing, period_kind="quarter", first_due=dt.date(2025, 7, 1), offset_days=2)

    due = jobs.due_runs(job, NOON)

    assert [(one.key, one.as_of) for one in due] == [
        ("2025-Q2", dt.date(2025, 7, 3)),
        ("2025-Q3", dt.date(2025, 10, 3)),
        ("2025-Q4", dt.date(2026, 1, 3)),
    ]


def test_a_failing_period_holds_back_later_ones_but_not_other_jobs(db, registered):
    seen = []
    start = dt.date(2026, 3, 9)
    jobs.register(PeriodicJob("bad", lambda due: failing(), first_due=start))
    jobs.register(PeriodicJob("good", lambda due: seen.append(due.key), first_due=start))

    assert jobs.run_due(NOON) == 2

    assert seen == ["2026-03-09", "2026-03-10"]
    assert list(JobRun.objects.filter(job="bad").values_list("key", flat=True)) == ["2026-03-09"]


def test_a_period_given_up_lets_the_next_ones_run(db, registered):
    seen = []

    def only_the_second(due):
        if due.key == "2026-03-09":
            failing()
        seen.append(due.key)

    jobs.register(PeriodicJob("daily", only_the_second, first_due=dt.date(2026, 3, 9)))
    for _ in range(4):
        jobs.run_due(NOON)

    assert seen == ["2026-03-10"]


def test_an_interval_job_runs_once_per_interval(db, registered):
    seen = []
    jobs.register(PeriodicJob("sweep", lambda due: seen.append(due.key), interval=dt.timedelta(minutes=15)))

    for minutes in (0, 5, 14, 15):
        jobs.run_due(NOON + dt.timedelta(minutes=minutes))

    assert seen == ["2026-03-10T12:00:00+00:00", "2026-03-10T12:15:00+00:00"]


@pytest.mark.django_db(transaction=True)
def test_two_beats_make_one_run(registered):
    seen = []
    jobs.register(PeriodicJob("daily", lambda due: seen.append(due.key)))
    together = threading.Barrier(2)

    def beat():
        together.wait()
        jobs.run_due(NOON)
        connection.close()

    beats = [threading.Thread(target=beat) for _ in range(2)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join()

    assert seen == ["2026-03-10"]
    assert JobRun.objects.count() == 1
    assert JobRun.objects.get().finished_at <= timezone.now()
