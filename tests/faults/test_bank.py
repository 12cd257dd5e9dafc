"""Many hands move money about while workers, PostgreSQL and connections are killed under them.

docs/tests.md says how large and how long it can be asked to be.
"""

import json
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager
from itertools import cycle
from urllib.parse import quote

import pytest

from apps.core.embedded.places import DATABASE
from tests.faults.bank.diary import LOST, REFUSED, SAVED, Diary
from tests.faults.link import SOCKET
from tests.faults.resets import Door, to_file, to_port
from tests.faults.stage import Stage, until
from tests.faults.test_pay import DOUBLED, PAID, RUNS

pytestmark = pytest.mark.process

CLIENTS = int(os.environ.get("BANK_CLIENTS", "4"))
SECONDS = float(os.environ.get("BANK_MINUTES", "0.1")) * 60
NEMESIS = float(os.environ.get("BANK_NEMESIS", "2"))
SELLERS, MONTHS = (6, 3) if SECONDS < 60 else (16, 6)
STEPS_OF_A_MONTH = 15
TODAY = {"COMPANY_TODAY": "2026-12-31"}
DONE_BY_CLIENTS = {"correct", "split", "reopen", "win", "transfer", "adjust", "decide"}
# Whoever waits for a lock on a slow machine waits longer than in production; nothing else is different.
PATIENT = quote("-c lock_timeout=60s")
PATIENCE = 300  # seconds; what takes longer hangs
# What blows in a row gave up was asked for anew; a calculation fails when a newer one has been asked for.
OPEN = "SELECT name, state, error FROM events_outboxentry WHERE state NOT IN ('done', 'dead')"
UNDONE = """
    SELECT r.id, r.state, t.state FROM incentives_payrun r JOIN events_longtask t ON t.id = r.task_id
    WHERE r.state = 'draft' OR t.state NOT IN ('done', 'failed')
"""
# The audit trail is written with the change itself, and names the act by its mark; so does the ledger.
WRITTEN = 'SELECT DISTINCT request_id, "table", action FROM events_auditentry'
TAKEN_BACK = """
    SELECT reason, count(DISTINCT source_id) FROM measures_credit
    WHERE reverses_id IS NOT NULL GROUP BY reason
"""
# What an act that was saved has written at the least, and of how many deals it took credits back.
WHOLE = {
    "split": {("pipeline_opportunitysplit", "insert"), ("pipeline_opportunity", "update")},
    "transfer": {
        ("incentives_planassignment", "insert"),
        ("incentives_planassignment", "update"),
        ("org_assignment", "insert"),
    },
}
DEALS = {"correct": 2, "split": 1, "reopen": 1}
ASKED = "SELECT reason, count(*) FROM incentives_adjustment WHERE repeats_id IS NULL GROUP BY reason"


class Play:
    """The stage with everybody on it."""

    def __init__(self, stage, stack):
        self.stage, self.stack, self.diary = stage, stack, Diary(stage.folder)
        self.database = Door(to_file(str(stage.place.pg / SOCKET)))
        stack.callback(self.database.close)
        url = f"postgresql://{DATABASE}@127.0.0.1:{self.database.port}/{DATABASE}?options={PATIENT}"
        self.through = {"DATABASE_URL": url, **TODAY}
        self.counted = Counter()

    def begin(self):
        """Have the company, the web server, a worker and the clients."""
        code = f"from tests.faults.bank import company; print(company.found({SELLERS}, {MONTHS}))"
        self.bank = self.stage.python(code).strip()
        (self.stage.folder / "bank").write_text(self.bank)
        self.start_worker()
        self.office = Door(to_port(self.stack.enter_context(self.stage.web(**self.through)).port))
        self.stack.callback(self.office.close)
        numbers = map(str, (CLIENTS, MONTHS, SECONDS / MONTHS / STEPS_OF_A_MONTH / 3))
        self.clients = self.stack.enter_context(
            self.stage.running(
                "clients", [sys.executable, "-m", "tests.faults.bank", *numbers], **self.through,
                BANK_WEB=f"http://127.0.0.1:{self.office.port}",
            )
        )  # fmt: skip

        assert until(lambda: self.diary.told() != [], PATIENCE), self.words_of("clients")

    def surprises(self):
        return [one.why for one in self.diary.told() if one.kind in {"wrong", "surprise"}]

    def words_of(self, process):
        return (self.stage.folder / f"{process}.log").read_text()[-3000:]

    def start_worker(self):
        self.worker = self.stack.enter_context(self.stage.worker(1, **self.through))

    def kill_worker(self):
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.start_worker()

    def restart_postgres(self):
        self.stage.crash_postgres()
        self.stage.start_postgres()

    def reset_sockets(self):
        self.counted["sockets"] += self.database.reset() + self.office.reset()

    def go_on(self):
        """Strike every few seconds until time is up, everything was done once and all months are paid."""
        blows = [self.reset_sockets, self.restart_postgres, self.kill_worker]
        end = time.monotonic() + SECONDS
        for blow in cycle(blows):
            time.sleep(NEMESIS)
            assert self.clients.poll() is None, self.surprises()
            if self.is_enough(end):
                return
            if time.monotonic() < end or self.counted[blow.__name__] == 0:
                blow()
                self.counted[blow.__name__] += 1
            assert time.monotonic() < end + PATIENCE, self.told()

    def is_enough(self, end):
        told = self.diary.told()
        seen = {one.kind for one in told if one.answer in {SAVED, ""}}
        wanted = DONE_BY_CLIENTS | {"all paid", "read"}
        return time.monotonic() > end and min(self.counted.values(), default=0) and seen >= wanted

    def finish(self):
        """Let everybody finish; start whatever was killed last; pay the last month."""
        (self.stage.folder / "bank-enough").touch()
        self.clients.wait(PATIENCE)
        self.console(f"books.last_return(bank); print(books.last_run({MONTHS}))")
        self.settled()

    def settled(self):
        def is_settled():
            self.console("books.turn()")
            return self.stage.sql(OPEN) == [] and self.stage.sql(UNDONE) == []

        assert until(is_settled, PATIENCE), (self.stage.sql(OPEN), self.stage.sql(UNDONE))

    def console(self, code):
        head = "from tests.faults.bank import books, company; from tests.faults import company as first"
        return self.stage.python(f"{head}\nbank = company.Bank.read({self.bank!r})\n{code}")

    def told(self):
        """Return how often each kind of act was answered what, for whoever wants to know."""
        counts = Counter((one.kind, one.answer, one.why[:40]) for one in self.diary.told())
        return {**{" ".join(key).strip(): number for key, number in sorted(counts.items())}, **self.counted}


@contextmanager
def played(folder):
    with ExitStack() as stack:
        stage = Stage(folder)
        stack.callback(stage.close)
        play = Play(stage, stack)
        play.begin()
        play.go_on()
        play.finish()
        (folder / "told.json").write_text(json.dumps(play.told(), indent=1))
        yield play


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    with played(tmp_path_factory.mktemp("bank")) as play:
        yield play


def test_at_every_read_no_money_was_lost_or_made(play):
    assert play.surprises() == []
    assert play.clients.returncode == 0
    assert play.told()["read"] > 0


def test_what_was_saved_is_there_what_was_refused_is_not_and_what_was_lost_is_whole(play):
    written, taken_back = defaultdict(set), dict(play.stage.sql(TAKEN_BACK))
    for mark, table, action in play.stage.sql(WRITTEN):
        written[mark].add((table, action))
    answers, kinds = {}, {}
    for one in play.diary.told():
        if one.mark and answers.get(one.mark, LOST) == LOST:
            answers[one.mark], kinds[one.mark] = one.answer, one.kind

    assert [mark for mark, answer in answers.items() if answer == SAVED and not written[mark]] == []
    assert [mark for mark, answer in answers.items() if answer == REFUSED and written[mark]] == []
    for mark in (mark for mark in answers if written[mark]):
        assert written[mark] >= WHOLE.get(kinds[mark], set()), (mark, kinds[mark], written[mark])
        assert taken_back.get(mark) == DEALS.get(kinds[mark]), (mark, kinds[mark])
    assert not {mark for mark in answers if not written[mark]} & set(taken_back)
    asked = play.stage.sql(ASKED)
    saved = {mark for mark, answer in answers.items() if (kinds[mark], answer) == ("adjust", SAVED)}
    assert {reason for reason, _count in asked} == saved
    assert {count for _reason, count in asked} == {1}


def test_all_of_it_adds_up_in_the_end_and_the_last_run_pays_what_a_clean_one_pays(play):
    [(run,)] = play.stage.sql("SELECT max(id) FROM incentives_payrun")
    paid, runs = play.stage.sql(PAID), play.stage.sql(RUNS)

    assert json.loads(play.console("print(books.problems(bank))")) == []
    assert int(play.console(f"print(books.taken_back({run}))")) > 0
    play.console(f"first.calculate({run})")
    play.settled()

    assert play.stage.sql(PAID) == paid
    assert play.stage.sql(RUNS) == runs
    assert play.stage.sql(DOUBLED) == []
