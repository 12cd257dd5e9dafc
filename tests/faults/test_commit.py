"""The connection breaks while COMMIT is under way: nobody knows whether it was done, and it is done once."""

import json
import re
from itertools import count

import pytest
from django.urls import reverse

from tests.faults.link import Link
from tests.faults.stage import until
from tests.faults.test_pay import OPEN, assert_paid_as, finished, recalculate, reference

__all__ = ["reference"]  # a fixture

pytestmark = pytest.mark.process

TODAY = "2026-07-01"  # after the quarter that is paid
JSON = "application/json"
HIDDEN = r'name="{name}" value="([^"]+)"'
WON_ONCE = (["cycle_days", "deals_won", "revenue"], [("won",)])
_names = (f"Deal {number}" for number in count(1))

lost = pytest.mark.parametrize(
    "committed", [pytest.param(True, id="the answer is lost"), pytest.param(False, id="the question is lost")]
)


@pytest.fixture(scope="module")
def link(servers):
    link = Link(servers.place)
    yield link
    link.close()


@pytest.fixture(scope="module")
def ask(servers, link, runs):
    with servers.web(DATABASE_URL=link.database_url, COMPANY_TODAY=TODAY) as ask:
        yield ask


def asked_again(ask, *words, **headers):
    """Ask three times more, and once more while the server has not noticed that its first client is gone."""
    answers = []
    while len(answers) < 3:
        answer = ask(*words, **headers)
        if answer.status != 409 or "in_flight" not in answer.text:
            answers.append(answer)
    return answers


def deals_called(stage, name):
    return stage.sql(f"SELECT count(*) FROM pipeline_opportunity WHERE name = '{name}'")[0][0]


def open_deal(stage, name):
    said = stage.python(f"from tests.faults import company; print(*company.open_deal({name!r}))")
    return [int(word) for word in said.split()]


def won(stage, deal):
    """Return what ledger and deal hold of its being won."""
    posted = "SELECT measure FROM measures_credit WHERE source_type = 'pipeline.opportunity'"
    rows = stage.sql(f"{posted} AND source_id = {deal} ORDER BY measure")
    return [measure for (measure,) in rows], stage.sql(
        f"SELECT state FROM pipeline_opportunity WHERE id = {deal}"
    )


@lost
def test_a_call_with_a_key_creates_once(stage, link, ask, seller, committed):
    name = next(_names)
    call = ("/api/v1/opportunities/", json.dumps({"name": name, "amount": "1000", "currency": "USD"}))
    headers = {**seller[0], "Content_Type": JSON, "Idempotency_Key": name}

    link.cut_at('INSERT INTO "pipeline_opportunity"', committed=committed)
    first = ask(*call, **headers)
    kept = deals_called(stage, name)
    again = asked_again(ask, *call, **headers)

    assert (first.status, link.was_cut, kept) == (503, True, int(committed))
    assert first.headers["Retry-After"] == "5"
    assert [answer.status for answer in again] == [201, 201, 201], again
    told = [json.loads(answer.text) for answer in again]
    assert told == told[:1] * 3
    assert deals_called(stage, name) == 1


@lost
def test_a_deal_is_won_once_by_a_program_that_asks_again(stage, link, ask, seller, committed):
    deal, version = open_deal(stage, next(_names))
    call = (f"/api/v1/opportunities/{deal}/win/", json.dumps({"version": version}))
    headers = {**seller[0], "Content_Type": JSON, "Idempotency_Key": f"win {deal}"}

    link.cut_at('UPDATE "pipeline_opportunity"', committed=committed)
    first = ask(*call, **headers)
    again = asked_again(ask, *call, **headers)
    without_key = ask(*call, **{**seller[0], "Content_Type": JSON})

    assert (first.status, link.was_cut) == (503, True)
    assert [answer.status for answer in again] == [200, 200, 200], again
    assert without_key.status in {409, 412}
    assert won(stage, deal) == WON_ONCE


@lost
def test_a_deal_is_won_once_by_a_form_that_is_sent_again(stage, link, ask, seller, committed):
    deal, version = open_deal(stage, next(_names))
    page = ask(reverse("pipeline:win_form", args=[deal]), Cookie=seller[1])
    [token] = set(re.findall(HIDDEN.format(name="csrfmiddlewaretoken"), page.text))
    cookie = page.headers["Set-Cookie"].split(";")[0]
    form = f"closed_on={TODAY}&version={version}&reason=&note=&csrfmiddlewaretoken={token}"
    call = (reverse("pipeline:win", args=[deal]), form)
    headers = {"Cookie": f"{seller[1]}; {cookie}", "Content_Type": "application/x-www-form-urlencoded"}

    link.cut_at('UPDATE "pipeline_opportunity"', committed=committed)
    first = ask(*call, **headers)
    again = asked_again(ask, *call, **headers)

    assert (first.status, link.was_cut) == (503, True)
    assert {answer.status for answer in again} == {302}
    assert {answer.headers["Location"] for answer in again} == {reverse("pipeline:deal", args=[deal])}
    assert won(stage, deal) == WON_ONCE


# Each cut ends an attempt of a calculation; with the third one it would be given up.
CUTS = [
    ('COPY "incentives_statement"', 'COPY "incentives_payline"'),
    ('INSERT INTO "incentives_runstep"', """UPDATE "events_outboxentry" SET "state" = 'done'"""),
]


def test_a_step_of_a_calculation_is_paid_once(stage, link, runs, reference):
    with stage.worker(DATABASE_URL=link.database_url, VISIBILITY="60"):
        for committed in (True, False):
            for cuts in CUTS:
                first, second = cuts
                link.cut_at(first, committed=committed)
                recalculate(stage, runs[-1:], [()])
                assert until(lambda: link.was_cut, 60), (first, stage.sql(OPEN))
                link.cut_at(second, committed=committed)
                assert until(lambda: taken_up(stage) and link.was_cut, 60), (second, stage.sql(OPEN))
                assert until(lambda: taken_up(stage) and finished(stage), 60), stage.sql(OPEN)
                assert_paid_as(stage, reference)


def taken_up(stage):
    """Have failed attempts made again now rather than in a minute."""
    due_now = (
        "UPDATE events_outboxentry SET due_at = now() WHERE state = 'failed' AND due_at > now() RETURNING id"
    )
    if stage.sql(due_now):
        stage.python("from apps.events import outbox; outbox.relay()")
    return True
