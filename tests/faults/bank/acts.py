"""What the clients of the bank do: through the API of the web server, or by a service in one transaction."""

import json
import os
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from apps.access.models import User
from apps.core import clock
from apps.core.db import lock_rows
from apps.core.errors import DomainError
from apps.events.context import acting
from apps.incentives import services as pay
from apps.incentives.models import PlanAssignment
from apps.org import services as org
from apps.pipeline import services as pipeline
from apps.pipeline.models import Opportunity
from apps.pipeline.rules import Share
from tests.faults.bank.company import MONTHS, STEP, TODAY, WORTH, Bank
from tests.faults.bank.diary import LOST, REFUSED, SAVED, Diary

# A lock waited for too long, a deadlock: the database has said no, and undone everything.
_SAID_NO = {"55P03", "40P01"}
_GIVE_UP = 300  # seconds without an answer; a busy machine needs a few, a server that hangs gets here


def by_service(diary: Diary, kind: str, mark: str, by_id: int, work: Callable[[], Any]) -> Any:
    """Do something in one transaction, note what came of it and return it; None unless it is saved."""
    _knock()
    done = None
    try:
        with acting(by_id, request_id=mark, source="web"), transaction.atomic():
            done = work()
        answer, why = SAVED, ""
    except (DomainError, IntegrityError) as refusal:
        answer, why = REFUSED, getattr(refusal, "code", "conflict")
    except (OperationalError, InterfaceError) as error:
        code = getattr(error.__cause__, "pgcode", None)
        answer, why = (REFUSED, code) if code in _SAID_NO else (LOST, code or "connection")
        connection.close()
    diary.note(mark, kind, answer, why)
    return done if answer == SAVED else None


def _knock() -> None:
    """Wait until the database can be asked: what has not begun is not lost."""
    give_up = time.monotonic() + _GIVE_UP
    while True:
        try:
            connection.close_if_unusable_or_obsolete()
            connection.ensure_connection()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
        else:
            return


class Office:
    """The web server as a program of the customer's reaches it."""

    def __init__(self, bank: Bank, diary: Diary) -> None:
        self._bank, self._diary = bank, diary
        self._base = os.environ["BANK_WEB"]

    def look(self, path: str) -> Any:
        """Return what a path shows, however often it has to be asked for."""
        return self._until_told("GET", path, None, "looking-around")[1]

    def ask(self, kind: str, mark: str, path: str, **body: Any) -> Any:
        """Ask until there is an answer, always under the same key; return it if it is a yes."""
        status, said = self._until_told("POST", path, body, mark, kind)
        answer = SAVED if status < 300 else REFUSED
        self._diary.note(mark, kind, answer, "" if answer == SAVED else f"{status} {said.get('code')}")
        return said if answer == SAVED else None

    def _until_told(self, method: str, path: str, body: Any, mark: str, kind: str = "look") -> Any:
        give_up = time.monotonic() + _GIVE_UP
        while True:
            status, said = self._answer(method, path, body, mark)
            if status in {0, 503} or said.get("code") == "key_in_flight":
                if method != "GET" and status in {0, 503}:
                    self._diary.note(mark, kind, LOST, str(status))
                assert time.monotonic() < give_up, f"{method} {path} was not answered: {status}"
                time.sleep(0.2)
                continue
            assert status < 500, f"{method} {path} was answered {status}: {said}"
            return status, said

    def _answer(self, method: str, path: str, body: Any, mark: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self._bank.token}", "Content-Type": "application/json"}
        headers |= {"X-Request-ID": mark} | ({"Idempotency-Key": mark} if method != "GET" else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # our own server
            f"{self._base}/api/v1/{path}", data, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # our own server
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _told(error)
        except (OSError, ValueError, urllib.error.URLError, EOFError) as error:
            return 0, {"detail": str(error)}
        except Exception as error:  # http.client's own: the answer broke off
            if type(error).__module__ != "http.client":
                raise
            return 0, {"detail": str(error)}


def _told(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return dict(json.loads(error.read()))
    except (OSError, ValueError):
        return {}


class Client:
    """Somebody who does one thing after the other; what they do is drawn from their number."""

    def __init__(self, number: int, bank: Bank, diary: Diary, months: int) -> None:
        self.name, self.bank, self.diary, self.months = f"client-{number:02}", bank, diary, months
        self.chance = random.Random(number)  # noqa: S311  # to be drawn again
        self.office = Office(bank, diary)
        self.users = User.objects.in_bulk([bank.admin, bank.checker])
        acts = [self.correct, self.split, self.give_back, self.transfer, self.adjust]
        self._acts = acts[number % len(acts) :] + acts[: number % len(acts)]
        self._done = 0

    def act(self) -> None:
        """Do the next thing."""
        act = self._acts[self._done % len(self._acts)]
        self._done += 1
        act(f"{self.name}-{self._done:05}")

    def _service(self, kind: str, mark: str, work: Callable[[], Any], by_id: int | None = None) -> Any:
        return by_service(self.diary, kind, mark, by_id or self.bank.admin, work)

    def correct(self, mark: str) -> None:
        """Move an amount from one won deal to another in one step; locks are taken in order."""
        pair = self.chance.sample(self.bank.pool, 2)
        moved = STEP * self.chance.randrange(1, 50)

        def work() -> None:
            one, other = lock_rows(Opportunity.objects.filter(pk__in=pair))
            change = moved if one.amount <= WORTH else -moved
            for deal, by in ((one, change), (other, -change)):
                pipeline.correct_won(
                    opportunity_id=deal.pk,
                    version=None,
                    booked_on=TODAY,
                    reason=mark,
                    amount=deal.amount + by,
                )

        self._service("correct", mark, work)

    def split(self, mark: str) -> None:
        """Open a won deal again, share it otherwise and win it anew, perhaps in another month, at once."""
        pk = self.chance.choice(self.bank.pool)
        people = self.chance.sample(self.bank.sellers, 3)
        first = self.chance.randrange(5, 90, 5)
        second = self.chance.randrange(5, 96 - first, 5)
        parts = list(zip(people, (first, second, 100 - first - second), strict=True))
        day = self._day()

        def work() -> None:
            pipeline.reopen(opportunity_id=pk, version=None, on=TODAY, reason=mark)
            pipeline.set_splits(
                opportunity_id=pk, version=None, shares=[Share(one, Decimal(part)) for one, part in parts]
            )
            pipeline.win(opportunity_id=pk, version=None, closed_on=day, today=TODAY)

        self._service("split", mark, work)

    def _day(self) -> Any:
        return MONTHS[self.chance.randrange(self.months)].replace(day=self.chance.randrange(1, 28))

    def give_back(self, mark: str) -> None:
        """Open a decided deal again, or decide an open one: whoever was paid for it pays it back."""
        pk = self.chance.choice(self.bank.returned)
        won, day = self.chance.random() < 0.7, self._day().isoformat()
        seen = self.office.look(f"opportunities/{pk}/")
        path, version = f"opportunities/{pk}/", {"version": seen["version"]}
        if seen["state"] != "open":
            self.office.ask("reopen", mark, f"{path}reopen/", reason=mark, **version)
        elif won:
            self.office.ask("win", mark, f"{path}win/", closed_on=day, note=mark, **version)
        else:
            self.office.ask(
                "lose", mark, f"{path}lose/", closed_on=day, reason_id=self.bank.reason, **version
            )

    def transfer(self, mark: str) -> None:
        """Move a seller to the other team and under its plan from a first of a month on, in one step."""
        seller, later = self.chance.choice(self.bank.sellers), self.chance.randrange(1, 3)

        def work() -> None:
            by = self.users[self.bank.admin]
            under = PlanAssignment.objects.get(person=seller, valid__endswith__isnull=True)
            east, west = self.bank.plans
            at = max(0, (under.valid.lower.year - 2026) * 12 + under.valid.lower.month - 1) + later
            day = TODAY.replace(year=2026 + at // 12, month=at % 12 + 1, day=1)
            into = 0 if under.plan_id == west else 1
            pay.end_assignment(assignment_id=under.pk, ends_before=day, by=by)
            pay.assign_plan(plan_id=(east, west)[into], person_id=seller, starts_on=day, by=by)
            org.move_person(person_id=seller, position_id=self.bank.seats[str(seller)][into], on=day, by=by)

        self._service("transfer", mark, work)

    def adjust(self, mark: str) -> None:
        """Ask for an adjustment; a second person decides."""
        amount = self.chance.choice((-1, 1)) * self.chance.randrange(1, 100)
        asked = self.office.ask(
            "adjust", mark, "pay-adjustments/", person=self.chance.choice(self.bank.sellers),
            amount=str(amount), reason=mark,
        )  # fmt: skip
        if asked is not None:
            approve = self.chance.random() < 0.8
            self._service(
                "decide", f"{mark}-decided",
                lambda: pay.decide_adjustment(
                    adjustment_id=asked["id"], approve=approve, by=self.users[self.bank.checker],
                    at=clock.now(), reason=mark,
                ),
                self.bank.checker,
            )  # fmt: skip
