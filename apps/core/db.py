"""Transactions, locks and bulk loading."""

import datetime as dt
import functools
import io
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import ParamSpec, TypeVar

from django.db import connection, models, transaction

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

_BLOCK = 1 << 20
# Types whose text never needs escaping in COPY.
_PLAIN = frozenset({int, Decimal, dt.date})


def requires_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse to run a service outside a transaction opened by its entry point."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError(f"{function.__qualname__} needs a transaction.")
        return function(*args, **kwargs)

    return guarded


def lock_rows(queryset: "models.QuerySet[M]") -> list[M]:
    """Lock the rows in primary-key order and return them, so that two writers cannot deadlock."""
    return list(queryset.order_by("pk").select_for_update(of=("self",)))


def wait_for_other_workers() -> None:
    """Let this transaction wait minutes for rows that others' batches hold, not the seconds of a page."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5min'")


def advisory_lock(name: str) -> None:
    """Take a named lock that lasts to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def shared_advisory_lock(name: str) -> None:
    """Hold a named lock together with others who share it, but not with who takes it alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [name])


def try_advisory_lock(name: str) -> bool:
    """Take the named lock if nobody holds it; tell whether it was taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Load rows with COPY and return their number. ``None`` becomes NULL."""
    buffer = io.StringIO()
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007  # counted here
        buffer.write(copy_line(row))
    buffer.seek(0)
    copy_lines(table, columns, buffer)
    return count


def copy_lines(table: str, columns: Sequence[str], lines: io.StringIO) -> None:
    """Load what ``copy_line`` wrote, from where the buffer stands, with COPY.

    What the database refuses is raised as Django's errors, as with any other statement.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', lines, _BLOCK)


def copy_line(row: Sequence[object]) -> str:
    """Return a row as one line of COPY."""
    return "\t".join([_cell(value) for value in row]) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return r"\N"
    if type(value) in _PLAIN:
        return str(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    text = str(value)
    if text.isprintable() and "\\" not in text:
        return text
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
