"""PostgreSQL and Redis come and go under a live system."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from queue import Queue

import pytest

from tests.faults.stage import until

pytestmark = pytest.mark.process


def test_a_crash_of_postgresql_is_503_and_heals_within_10_seconds(stage):
    with stage.web() as ask:
        stage.crash_postgres()
        away = [ask("/accounts/login/"), ask("/readyz"), ask("/")]
        alive = ask("/livez")
        stage.start_postgres()
        restarted = time.monotonic()
        healed = until(lambda: ask("/readyz").status == 200, 10)

        assert alive.status == 200
        assert 500 not in {answer.status for answer in away}
        assert away[1].status == 503
        assert {answer.headers.get("Retry-After") for answer in away if answer.status == 503} == {"5"}
        assert healed
        assert time.monotonic() - restarted < 10
        assert {ask("/accounts/login/").status for _ in range(8)} == {200}


def test_two_hundred_deals_under_way_while_postgresql_crashes_are_created_once_each(stage, seller):
    names = [f"Under way {number}" for number in range(200)]
    answers = Queue()

    def create(ask, name):
        call = json.dumps({"name": name, "amount": "1000", "currency": "USD"})
        headers = {**seller[0], "Content_Type": "application/json", "Idempotency_Key": name}
        return ask("/api/v1/opportunities/", call, **headers).status

    with stage.web(COMPANY_TODAY="2026-07-01") as ask, ThreadPoolExecutor(20) as people:
        under_way = [people.submit(lambda name=name: answers.put(create(ask, name))) for name in names]
        assert until(lambda: answers.qsize() >= 20, 30)
        stage.crash_postgres()
        stage.start_postgres()
        wait(under_way)
        told = [answers.get() for _name in names]
        again = list(people.map(lambda name: create(ask, name), names))

    assert set(told) == {201, 503}
    assert set(again) == {201}
    made = stage.sql("SELECT name FROM pipeline_opportunity WHERE name LIKE 'Under way %'")
    assert sorted(made) == sorted((name,) for name in names)


def test_redis_restarts_lose_no_work_and_block_no_page(stage):
    answers = []
    stop = threading.Event()

    def visit(ask):
        while not stop.is_set():
            answers.append(ask("/accounts/login/"))
            time.sleep(0.05)

    with stage.worker(), stage.web() as ask:
        visitor = threading.Thread(target=visit, args=(ask,), daemon=True)
        visitor.start()
        for attempt in range(1, 11):
            stage.restart_redis()
            stage.enqueue("faults.count", range(attempt, attempt + 1))
            assert until(lambda expected=attempt: len(stage.effects()) >= expected, 30), stage.effects()
        stop.set()
        visitor.join()

    failed = [answer for answer in answers if answer.status >= 500 or answer.status == 0]
    assert len(failed) <= len(answers) / 100
    assert max(answer.seconds for answer in answers) < 5
    assert stage.effects() == list(range(1, 11))


def test_work_queued_in_a_lost_redis_is_sent_again(stage):
    stage.enqueue("faults.count", range(1, 11))
    import_time = "UPDATE events_outboxentry SET sent_at = sent_at - interval '6 minutes'"
    stage.python("from django.core.cache import cache; cache._cache.get_client().flushall()")
    stage.sql(import_time)

    with stage.worker():
        stage.python("from apps.events import outbox; outbox.relay()")
        assert until(lambda: len(stage.effects()) >= 10, 30), stage.effects()

    assert stage.effects() == list(range(1, 11))
