"""A killed worker loses nothing and repeats nothing."""

import os
import signal
import time

import pytest

from tests.faults.stage import children, until

pytestmark = pytest.mark.process
TASKS = range(1, 31)


def test_killed_pool_children_lose_and_repeat_nothing(stage):
    with stage.worker() as worker:
        stage.enqueue("faults.count", TASKS, milliseconds=200)
        # A child that dies before the pool is up ends the worker as a whole; its supervisor starts it again.
        assert until(lambda: len(stage.effects()) >= 1, 30)
        for _ in range(5):
            time.sleep(0.5)
            for child in children(worker.pid)[:1]:
                os.kill(child, signal.SIGKILL)
        killed = time.monotonic()

        assert until(lambda: len(stage.effects()) >= len(TASKS), 60), stage.effects()
        assert time.monotonic() - killed < 60
        time.sleep(2)

    assert stage.effects() == list(TASKS)


def test_a_killed_worker_is_taken_over_by_the_next_within_30_seconds(stage):
    with stage.worker() as worker:
        stage.enqueue("faults.count", TASKS, milliseconds=400)
        assert until(lambda: len(stage.effects()) >= 3, 20)
        os.killpg(worker.pid, signal.SIGKILL)

    with stage.worker():
        assert until(lambda: len(stage.effects()) >= len(TASKS), 30), stage.effects()
        time.sleep(2)

    assert stage.effects() == list(TASKS)


def test_work_that_meets_no_database_is_done_as_soon_as_there_is_one(stage):
    stage.enqueue("faults.count", TASKS[:3])
    stage.crash_postgres()
    with stage.worker():
        assert until(lambda: len(stage.said("worker", "Retry in")) >= 3, 60)
        stage.start_postgres()

        assert until(lambda: len(stage.effects()) >= 3, 60), stage.effects()

    assert stage.effects() == list(TASKS[:3])


def test_a_task_that_outlasts_the_visibility_timeout_takes_effect_once(stage):
    seconds = {"VISIBILITY": "2"}
    with stage.worker(name="one", **seconds), stage.worker(name="two", **seconds):
        stage.enqueue("faults.count", range(1, 2), milliseconds=6500)
        stage.enqueue("faults.late", range(10, 11), milliseconds=6500)
        states = "SELECT name, state, token FROM events_outboxentry ORDER BY name"
        done = [("faults.count", "done", 1), ("faults.late", "done", 2)]
        assert until(lambda: stage.sql(states) == done, 30), stage.sql(states)
        # Whoever is late by now finds another token in its place, and what it wrote goes.
        assert until(lambda: len(ended(stage, "faults.late")) >= 2, 30), ended(stage, "faults.late")

    assert stage.effects() == [1, 12]
    assert len(ended(stage, "faults.count")) >= 2
    assert all("done" in line or "skipped" in line for line in ended(stage, "faults."))


def ended(stage, task):
    """Return what was logged of the deliveries of a task that came to an end."""
    lines = stage.said("one", f"Task {task}") + stage.said("two", f"Task {task}")
    return [line for line in lines if " succeeded in " in line]


def test_a_worker_asked_to_stop_finishes_what_it_holds(stage):
    with stage.worker() as worker:
        stage.enqueue("faults.count", TASKS, milliseconds=100)
        assert until(lambda: len(stage.effects()) >= 3, 20)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0

    with stage.worker():
        assert until(lambda: len(stage.effects()) >= len(TASKS), 30), stage.effects()

    assert stage.effects() == list(TASKS)


def test_a_task_that_kills_its_process_is_given_up_after_three_attempts(stage):
    with stage.worker():
        stage.enqueue("faults.poison", range(1, 2))
        stage.enqueue("faults.count", range(1, 4))

        dead = "SELECT attempts FROM events_outboxentry WHERE name = 'faults.poison' AND state = 'dead'"
        assert until(lambda: bool(stage.sql(dead)), 60), stage.sql(
            "SELECT name, state, attempts FROM events_outboxentry"
        )

    assert stage.sql(dead) == [(3,)]
    assert stage.effects() == [1, 2, 3]
