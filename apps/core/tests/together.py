"""Several people who press a button at the same moment."""

import contextvars
import threading
from collections.abc import Callable, Sequence
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


def in_rounds(works: Sequence[Callable[[int], Any]], rounds: int, *, between: Callable[[int], Any]) -> None:
    """Have everybody do their part of a round at once, round after round, each on one connection throughout.

    ``between`` is called after each round, when nobody is at work. What somebody raises is raised here.
    """
    start, stop = threading.Barrier(len(works) + 1), threading.Barrier(len(works) + 1)
    raised: list[BaseException] = []

    def one(work: Callable[[int], Any]) -> None:
        try:
            for number in range(rounds):
                start.wait(timeout=60)
                work(number)
                stop.wait(timeout=60)
        except BaseException as error:  # a thread's errors are told by who started it
            raised.append(error)
            stop.abort()
            start.abort()
        finally:
            connection.close()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(one, work), daemon=True)
        for work in works
    ]
    for thread in threads:
        thread.start()
    try:
        for number in range(rounds):
            start.wait(timeout=60)
            stop.wait(timeout=60)
            between(number)
    except threading.BrokenBarrierError:
        pass
    finally:
        start.abort()
        for thread in threads:
            thread.join()
    for error in raised:
        if not isinstance(error, threading.BrokenBarrierError):
            raise error


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
