"""Ledger rows for tests. They go through the posting service, since the ledger has no other door."""

import datetime as dt
from decimal import Decimal
from itertools import count

from django.db import transaction

from apps.measures.models import Credit
from apps.measures.services import Entry, post

_numbers = count(1)


def post_credit(
    measure: str = "revenue",
    value: str = "100.00",
    *,
    credited_on: dt.date = dt.date(2026, 3, 10),
    source_id: int | None = None,
    source_type: str = "test.source",
    **columns: object,
) -> Credit:
    """Post one credit and return it."""
    number = next(_numbers)
    entry = Entry(
        measure=measure,
        key=f"test:{number}",
        credited_on=credited_on,
        value=Decimal(value),
        source_type=source_type,
        source_id=source_id or number,
        **columns,  # type: ignore[arg-type]
    )
    with transaction.atomic():
        return post([entry])[0]
