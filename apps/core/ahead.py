"""Making the next thing in a thread while the caller, who waits for the database, deals with this one."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, NoReturn, TypeVar

from django.db import connection
from django.utils.translation import activate, get_language

T = TypeVar("T")
_END: Any = object()


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield what an iterator yields, always one item ahead.

    Language and clock of the caller hold in the thread; what the iterator
    raises is raised at its place. The iterator must not ask the database: a
    thread has a connection, and so a transaction, of its own. Trying to raises
    RuntimeError.
    """
    run = copy_context().run
    make = partial(next, items, _END)
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(run, partial(_begin, get_language()))
        following = thread.submit(run, make)
        while (item := following.result()) is not _END:
            following = thread.submit(run, make)
            yield item


def _begin(language: str | None) -> None:
    if language is not None:
        activate(language)
    connection.connect = _refuse  # type: ignore[method-assign]  # of this thread only


def _refuse() -> NoReturn:
    raise RuntimeError("What is read ahead must not ask the database.")
