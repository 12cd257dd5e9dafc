"""Beat only ticks: what was due while it was away is caught up, once, oldest first."""

import datetime as dt
import threading

import pytest
from django.db import connection

from apps.core import clock
from apps.core.registry import Registry
from apps.events import jobs
from apps.events.models import JobRun

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
