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


def advisory_lock(name: str) -> None:
    """Take a named lock that lasts to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def try_advisory_lock(name: str) -> bool:
    """Take the named lock if nobody holds it; tell whether it was taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Load rows with COPY and return their number. ``None`` becomes NULL."""
    buffer = io.StringIO()
    count = 0
    for row in rows:
        buffer.write("\t".join([_copy_text(value) for value in row]) + "\n")
        count += 1
    buffer.seek(0)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', buffer)
    return count


def _copy_text(value: object) -> str:
    if value is None:
        return r"\N"
    if type(value) in _PLAIN:
        return str(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
