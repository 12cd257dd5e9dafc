"""The clients of the bank test, in a process of their own: many hands, a clerk who pays, a reader.

They go on until a file says that it is enough, finish what they are at, and end.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.db import InterfaceError, OperationalError, connection, transaction  # noqa: E402  # after the set-up

from tests.faults.bank import reads  # noqa: E402
from tests.faults.bank.acts import Client  # noqa: E402
from tests.faults.bank.clerk import Clerk, turn_the_handle  # noqa: E402
from tests.faults.bank.company import Bank  # noqa: E402
from tests.faults.bank.diary import Diary, here  # noqa: E402

FOLDER = Path(os.environ["LOCAL_DIR"])
ENOUGH = FOLDER / "bank-enough"


class Hands:
    """Threads that each do one thing over and over; what surprises them ends all of it."""

    def __init__(self, diary: Diary) -> None:
        self.diary, self.failed = diary, threading.Event()
        self._threads: list[threading.Thread] = []

    def keep(self, act: Callable[[], bool], pause: float = 0) -> None:
        """Have a thread act until it is enough or there is nothing left to do."""

        def work() -> None:
            try:
                while not ENOUGH.exists() and not self.failed.is_set() and patiently(act):
                    time.sleep(pause)
            except BaseException:  # the test tells it
                self.diary.note("", "surprise", "", traceback.format_exc())
                self.failed.set()
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        self._threads.append(thread)

    def wait(self) -> bool:
        """Wait for everybody; tell whether nothing surprised them."""
        for thread in self._threads:
            thread.join()
        return not self.failed.is_set()


def patiently(act: Callable[[], bool]) -> bool:
    """Act; look again when the connection goes while looking."""
    try:
        connection.close_if_unusable_or_obsolete()
        return act()
    except (OperationalError, InterfaceError):
        connection.close()
        time.sleep(0.1)
        return True


def read(bank: Bank, diary: Diary) -> bool:
    """Read everything once and note what is not as it must be."""
    for said in (*reads.broken(), reads.moved(bank)):
        if said:
            diary.note("", "wrong", "", said)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if said := reads.unlike_the_ledger(bank):
            diary.note("", "wrong", "", said)
    diary.note("", "read", "")
    return True


def main(clients: int, months: int, pace: float) -> bool:
    """Start everybody and wait for them."""
    bank, diary = Bank.read((FOLDER / "bank").read_text()), here()
    hands, clerk = Hands(diary), Clerk(bank, diary, months)

    def pay() -> bool:
        goes_on = clerk.act()
        if not goes_on:
            diary.note("", "all paid", "")
        return goes_on

    def handle() -> bool:
        turn_the_handle()
        return True

    diary.note("", "ready", "")
    for number in range(clients):
        client = Client(number, bank, diary, months)
        hands.keep(lambda client=client: client.act() or True, 0.1)  # type: ignore[misc,func-returns-value]
    hands.keep(pay, pace)
    hands.keep(handle, 1)
    hands.keep(lambda: read(bank, diary), 0.3)
    return hands.wait()


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])) else 1)
