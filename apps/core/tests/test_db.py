"""COPY behaves as any other statement does, and workers wait longer for one another than pages."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from apps.core.db import copy_rows, wait_for_other_workers


@pytest.fixture
def count(db):
    """Count the rows of a table of whole numbers."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (number int NOT NULL) ON COMMIT DROP")

        def counted():
            cursor.execute("SELECT count(*) FROM copied")
            return cursor.fetchone()[0]

        yield counted


@pytest.mark.parametrize(("bad", "error"), [(None, IntegrityError), ("one", DataError), (2**31, DataError)])
def test_what_copy_refuses_is_an_error_of_django_and_writes_nothing(count, bad, error):
    with pytest.raises(error), transaction.atomic():
        copy_rows("copied", ["number"], [(1,), (bad,)])

    assert count() == 0
    assert copy_rows("copied", ["number"], [(1,), (2,)]) == count() == 2


def test_workers_wait_minutes_for_one_another_and_only_in_that_transaction(db):
    def limit():
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return cursor.fetchone()[0]

    with transaction.atomic():
        wait_for_other_workers()
        patient = limit()
        transaction.set_rollback(True)

    assert (patient, limit()) == ("5min", "5s")
