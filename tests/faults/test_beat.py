"""Beat only ticks: what was due while it was away is caught up, once, oldest first.

First the rules with a job of the test's own, then what the rooms do, by a real beat and a real worker.
"""

import datetime as dt
import threading

import pytest
from django.db import connection

from apps.core import clock
from apps.core.registry import Registry
from apps.events import jobs
from apps.events.models import JobRun
from tests.faults.stage import until

BEFORE = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
AFTER = BEFORE + dt.timedelta(hours=72)


@pytest.fixture
def seen(monkeypatch):
    """A daily job at 02:00 whose runs are recorded, alone in the registry."""
    runs = []
    monkeypatch.setattr(jobs, "registered", Registry("periodic job"))
    jobs.register(
        jobs.PeriodicJob("faults.daily", lambda due: runs.append((due.key, due.as_of, clock.now())))
    )
    return runs


@pytest.mark.django_db
def test_three_missed_days_run_once_each_oldest_first_with_their_own_date(seen):
    jobs.run_due(BEFORE)
    seen.clear()

    jobs.run_due(AFTER)

    assert [(key, as_of) for key, as_of, _now in seen] == [
        ("2026-03-03", dt.date(2026, 3, 3)),
        ("2026-03-04", dt.date(2026, 3, 4)),
        ("2026-03-05", dt.date(2026, 3, 5)),
    ]
    assert [now.hour for _key, _as_of, now in seen] == [2, 2, 2]


@pytest.mark.django_db
def test_a_second_tick_runs_nothing_again(seen):
    jobs.run_due(AFTER)
    seen.clear()

    assert jobs.run_due(AFTER) == 0
    assert seen == []


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_make_one_run_per_day(seen):
    jobs.run_due(BEFORE)
    ready = threading.Barrier(2)

    def tick():
        try:
            ready.wait()
            for hours in range(0, 73, 6):
                jobs.run_due(BEFORE + dt.timedelta(hours=hours))
        finally:
            connection.close()

    beats = [threading.Thread(target=tick) for _ in range(2)]
    for beat in beats:
        beat.start()
    for beat in beats:
        beat.join()

    keys = list(JobRun.objects.filter(job="faults.daily").order_by("key").values_list("key", flat=True))
    assert keys == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]
    assert sorted(key for key, _as_of, _now in seen) == keys


@pytest.mark.django_db
def test_a_job_after_another_waits_until_that_one_has_caught_up(seen):
    jobs.register(jobs.PeriodicJob("faults.later", lambda due: seen.append(due.job), after="faults.daily"))
    jobs.run_due(BEFORE)
    elsewhere = JobRun.objects.create(
        job="faults.daily", key="2026-03-03", as_of=dt.date(2026, 3, 3), due_at=BEFORE, state="running",
        attempts=1, lease_until=dt.datetime(2100, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    seen.clear()

    assert jobs.run_due(AFTER) == 0
    assert seen == []

    JobRun.objects.filter(pk=elsewhere.pk).update(lease_until=None)
    assert jobs.run_due(AFTER) == 6
    assert seen[3:] == ["faults.later"] * 3


# COMPANY_TODAY sets the date; in this zone it is about noon, so that the day's jobs are due.
NOON = {"COMPANY_TIME_ZONE": f"Etc/GMT{dt.datetime.now(dt.UTC).hour - 12:+d}"}
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = "2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02"

RUNS = """
    SELECT key FROM events_jobrun WHERE job = '{job}' AND state = 'done' AND attempts = 1 ORDER BY started_at
"""
CYCLES = "SELECT period_code, evaluated_on::text FROM reviews_evaluationcycle ORDER BY id"
REMINDERS = """
    SELECT s.title, p.name, r.stage, r.raised_on::text
    FROM strategy_reminder r
    JOIN strategy_strategyreview v ON v.id = r.review_id
    JOIN strategy_strategy s ON s.id = v.strategy_id
    JOIN org_person p ON p.id = r.person_id
    ORDER BY r.raised_on, r.id
"""
NOTICES = """
    SELECT p.name, n.kind, count(*)
    FROM notifications_notification n JOIN org_person p ON p.user_id = n.user_id
    WHERE n.kind IN ('review_self_open', 'strategy_due')
    GROUP BY 1, 2 ORDER BY 1, 2
"""
BEFORE_IT = [
    ("Late", "Ann", "today", MONDAY), ("Late", "Bob", "today", MONDAY),
    ("Soon", "Ann", "week", MONDAY), ("Soon", "Bob", "week", MONDAY),
]  # fmt: skip
MISSED = [
    ("Soon", "Ann", "day", TUESDAY), ("Soon", "Bob", "day", TUESDAY),
    ("Soon", "Ann", "today", WEDNESDAY), ("Soon", "Bob", "today", WEDNESDAY),
    ("Late", "Lead", "late", THURSDAY), ("Late", "Ann", "late", THURSDAY),
]  # fmt: skip


@pytest.mark.process
def test_what_the_rooms_missed_in_72_hours_happens_once_oldest_first(stage, runs):
    stage.python("from tests.faults import company; company.quarter_end()")
    on_monday, on_thursday = ({**NOON, "COMPANY_TODAY": day} for day in (MONDAY, THURSDAY))
    with stage.worker(**on_monday), stage.beat(**on_monday):
        assert until(lambda: ran(stage, "strategy.digests") == [MONDAY], 60)
    assert stage.sql(REMINDERS) == BEFORE_IT

    with stage.worker(**on_thursday):
        with stage.beat(**on_thursday), stage.beat(**on_thursday):
            assert until(lambda: ran(stage, "strategy.digests") == [MONDAY, THURSDAY], 60)
        before = ticks(stage)
        with stage.beat(**on_thursday):  # started again, it ticks on and changes nothing
            assert until(lambda: ticks(stage) >= before + 3, 30)

    assert ran(stage, "strategy.watch") == [MONDAY, TUESDAY, WEDNESDAY, THURSDAY]
    assert ran(stage, "strategy.digests") == [MONDAY, THURSDAY]
    assert ran(stage, "reviews.evaluate_quarter") == ["2025-Q4", "2026-Q1"]
    assert stage.sql(CYCLES) == [("2025-Q4", "2026-01-01"), ("2026-Q1", "2026-04-01")]
    assert stage.sql(REMINDERS) == BEFORE_IT + MISSED
    # One self-assessment for each quarter; one message before the outage and one for all that was missed.
    assert stage.sql(NOTICES) == [
        ("Ann", "review_self_open", 2), ("Ann", "strategy_due", 2),
        ("Bob", "review_self_open", 2), ("Bob", "strategy_due", 2),
        ("Lead", "strategy_due", 1),
    ]  # fmt: skip


def ran(stage, job):
    return [key for (key,) in stage.sql(RUNS.format(job=job))]


def ticks(stage):
    rows = stage.sql("SELECT total_run_count FROM django_celery_beat_periodictask WHERE name = 'events.tick'")
    return rows[0][0] if rows else 0
