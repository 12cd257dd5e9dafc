"""References checked per statement refuse what a foreign key refuses, also between two transactions."""

from collections.abc import Iterator

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.references import refers

TABLES = """
CREATE TABLE core_shelf (id bigint PRIMARY KEY);
CREATE TABLE core_book (id bigint PRIMARY KEY, shelf_id bigint);
INSERT INTO core_shelf VALUES (1), (2), (3);
INSERT INTO core_book VALUES (1, 1), (2, 1), (3, NULL);
"""


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def shelves(db: None) -> None:
    there, _back = refers("core_book", shelf_id="core_shelf")
    run(TABLES + there)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO core_book VALUES (4, 2), (5, NULL), (6, 2)",
        "UPDATE core_book SET shelf_id = 3",
        "UPDATE core_book SET id = id + 10",
        "DELETE FROM core_shelf WHERE id > 1",
        "UPDATE core_shelf SET id = 9 WHERE id = 3",
        "DELETE FROM core_book; DELETE FROM core_shelf",
    ],
)
def test_what_leaves_every_reference_whole_is_done(shelves: None, sql: str) -> None:
    run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO core_book VALUES (4, 2), (5, 99)",
        "UPDATE core_book SET shelf_id = 99 WHERE id = 2",
        "DELETE FROM core_shelf",
        "UPDATE core_shelf SET id = 9 WHERE id = 1",
    ],
)
def test_what_would_leave_a_reference_to_nothing_is_refused(shelves: None, sql: str) -> None:
    with pytest.raises(IntegrityError):
        run(sql)


def test_it_can_be_taken_off_again(shelves: None) -> None:
    _there, back = refers("core_book", shelf_id="core_shelf")

    run(back + "INSERT INTO core_book VALUES (4, 99)")


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    there, back = refers("core_book", shelf_id="core_shelf")
    run(TABLES + there)
    yield
    run(back + "DROP TABLE core_book, core_shelf")


def test_a_row_pointed_at_by_an_open_transaction_cannot_go(committed: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_book VALUES (4, 2)")
        other = psycopg2.connect(connection.connection.dsn)
        with other.cursor() as second, pytest.raises(psycopg2.errors.LockNotAvailable):
            second.execute("SET lock_timeout = '50ms'; DELETE FROM core_shelf WHERE id = 2")
        other.close()
