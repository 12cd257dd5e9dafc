"""Who pays: one run after the other through all of its states, each seen through whatever breaks off."""

import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.events import outbox
from apps.events.enums import RunState as JobState
from apps.events.models import OutboxEntry
from apps.incentives import services as pay
from apps.incentives.models import PayRun
from apps.incentives.selectors import outdated
from apps.measures import services as measures
from tests.faults.bank.acts import by_service
from tests.faults.bank.company import Bank
from tests.faults.bank.diary import Diary


class Clerk:
    """Looks where the newest run stands and does what comes next.

    Every run is sent back once and calculated again; every other one is reversed once it is paid, and
    its month is run anew. The last month is left to whoever examines the books.
    """

    def __init__(self, bank: Bank, diary: Diary, months: int) -> None:
        self._diary, self._months, self._done = diary, months, 0
        users = User.objects.in_bulk([bank.admin, bank.checker])
        self._admin, self._checker = users[bank.admin], users[bank.checker]

    def act(self) -> bool:
        """Take the next step; tell whether there is another one."""
        for month in range(1, self._months):
            period = calendars.period(f"2026-M{month:02}")
            runs = PayRun.objects.filter(period=period).order_by("pk")
            wanted = 3 if month % 2 else 1  # the run, its reversal and the run anew, or just the run
            posted = runs.filter(state="paid").count()
            if posted == wanted:
                continue
            self._step(runs.exclude(state="paid").first(), period, runs, posted)
            return True
        return False

    def _step(self, run: PayRun | None, period: Any, runs: QuerySet[PayRun], posted: int) -> None:
        admin, checker, at = self._admin, self._checker, clock.now()
        by_admin, by_checker = {"by": admin, "at": at}, {"by": checker, "at": at}
        if run is None and posted == 1:
            original = runs.get()
            self._do("reverse", lambda: pay.reverse_run(
                run_id=original.pk, period=period, reason="Paid wrongly", **by_admin
            ))  # fmt: skip
        elif run is None:
            self._do("create", lambda: pay.create_run(period=period, **by_admin))
        elif run.state == "draft":
            self._calculate(run)
        elif run.state == "calculated":
            self._do("review", lambda: pay.review_run(run_id=run.pk, **by_admin))
        elif run.state == "reviewed" and run.reverses_id is None and run.generation == 1:
            self._do("send back", lambda: self._again(run))
        elif run.state == "reviewed":
            self._do("approve", lambda: self._approve(run), checker)
        elif run.state == "approved":
            self._do("lock", lambda: pay.lock_run(run_id=run.pk, **by_checker), checker)
        elif not run.exports.exists():
            self._do("export", lambda: pay.export_payroll(run_id=run.pk, **by_admin))
        else:
            self._do("pay", lambda: pay.mark_paid(run_id=run.pk, **by_admin))

    def _again(self, run: PayRun) -> None:
        pay.send_back(run_id=run.pk, reason="Once more", by=self._checker, at=clock.now())
        pay.request_calculation(run_id=run.pk, by=self._admin, title="Pay", url="")

    def _approve(self, run: PayRun) -> None:
        """Approve although inputs have changed meanwhile, as they always have; what is late is paid later."""
        seen = outdated.fingerprint(outdated.changes_since(run))
        pay.approve_run(run_id=run.pk, by=self._checker, at=clock.now(), seen=seen)

    def _calculate(self, run: PayRun) -> None:
        """Ask for a calculation unless one is under way; one that was given up is asked for anew."""
        if run.task is not None and run.task.finished_at is None and not self._is_given_up(run):
            time.sleep(0.1)
            return
        self._do(
            "calculate", lambda: pay.request_calculation(run_id=run.pk, by=self._admin, title="Pay", url="")
        )

    def _is_given_up(self, run: PayRun) -> bool:
        jobs = OutboxEntry.objects.filter(payload__run_id=run.pk, payload__generation=run.generation)
        return jobs.filter(state=JobState.DEAD).exists()

    def _do(self, kind: str, work: Callable[[], Any], by: User | None = None) -> None:
        self._done += 1
        mark = f"clerk-{self._done:05}"
        by_service(self._diary, f"run: {kind}", mark, (by or self._admin).pk, work)


def turn_the_handle() -> None:
    """Do what beat has done every few seconds: send work again, fold credits into cells.

    A failed attempt is made again now rather than in a minute.
    """
    OutboxEntry.objects.filter(state=JobState.FAILED).update(due_at=clock.now())
    outbox.relay()
    with transaction.atomic():
        measures.rebuild_months()
        measures.fold_pending()
