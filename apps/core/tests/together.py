"""Several people who press a button at the same moment."""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from apps.core.errors import DomainError


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Start the works together, each on its own connection, and return what each of them gave, in order."""
    ready, given = threading.Barrier(len(works)), {}

    def one(number: int, work: Callable[[], Any]) -> None:
        try:
            ready.wait(timeout=30)
            given[number] = work()
        finally:
            connection.close()

    # In a copy of this context a fixed clock stays fixed.
    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(one, number, work))
        for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [given[number] for number in range(len(works))]


def decided_at_once(*works: Callable[[], Any]) -> list[str]:
    """Start the works together, each in a transaction; return "done" or the refusal of each, sorted."""

    def decided(work: Callable[[], Any]) -> str:
        try:
            with transaction.atomic():
                work()
        except DomainError as refusal:
            return refusal.code
        return "done"

    return sorted(at_once(*(lambda work=work: decided(work) for work in works)))
