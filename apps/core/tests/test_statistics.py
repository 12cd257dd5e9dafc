import pytest
from django.db import connection, connections, transaction

from apps.core.statistics import OwnStatistics

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shelf():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE core_filled (id bigint PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE core_filled")


def _fill(first, last):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_filled SELECT generate_series(%s, %s)", [first, last])


def _believed():
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'core_filled'")
        return int(cursor.fetchone()[0])


def test_the_planner_knows_rows_nobody_else_sees_yet(shelf):
    with transaction.atomic():
        statistics = OwnStatistics("core_filled")
        for first, last, believed in ((1, 100, 100), (101, 399, 100), (400, 400, 400), (401, 1000, 400)):
            _fill(first, last)
            statistics.written(last)
            assert _believed() == believed


def test_others_read_and_write_meanwhile_but_gather_no_statistics(shelf):
    other = connections.create_connection("default")
    try:
        with transaction.atomic(), other.cursor() as cursor:
            OwnStatistics("core_filled")
            cursor.execute("INSERT INTO core_filled VALUES (7)")
            cursor.execute("SELECT count(*) FROM core_filled")
            assert cursor.fetchone() == (1,)
            cursor.execute("SET lock_timeout = '50ms'")
            with pytest.raises(Exception, match="lock timeout"):
                cursor.execute("ANALYZE core_filled")
    finally:
        other.close()


def test_after_many_rows_the_planner_knows_what_columns_hold(shelf):
    with transaction.atomic(), connection.cursor() as cursor:
        statistics = OwnStatistics("core_filled")
        _fill(1, 20_000)
        statistics.finished(20_000)
        cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'core_filled' AND attname = 'id'")
        assert cursor.fetchone() == (1,)
    assert _believed() == 20_000


def test_a_load_goes_on_where_somebody_else_gathers(shelf):
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("ANALYZE core_filled")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            statistics = OwnStatistics("core_filled")
            _fill(1, 100)
            statistics.written(100)
            statistics.finished(20_000)
    finally:
        other.rollback()
        other.close()

    assert _believed() <= 0
