"""What the planner believes about tables that one long transaction fills."""

import logging

from django.db import OperationalError, connection, transaction

logger = logging.getLogger(__name__)

_GROWTH = 4
_MANY = 20_000


class OwnStatistics:
    """Keeps the statistics of tables true while the current transaction fills them.

    Nobody else sees the rows of a transaction before it ends: statistics that the
    server gathers meanwhile say "empty", and plans made from them take time by the
    square. Here the transaction gathers them itself each time it has written four
    times as much; its lock keeps the server's own gathering away until it ends.
    Reading and writing go on beside it. Where somebody else is gathering and does
    not give way, nothing is kept: statistics only help.
    """

    def __init__(self, *tables: str) -> None:
        self._names = ", ".join(connection.ops.quote_name(table) for table in tables)
        self._each = ", ".join(f"{connection.ops.quote_name(table)} (id)" for table in tables)
        self._next = 1
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {self._names} IN SHARE UPDATE EXCLUSIVE MODE")
            self._is_ours = True
        except OperationalError as error:
            logger.warning("statistics are not kept", extra={"error": str(error)})
            self._is_ours = False

    def finished(self, rows: int) -> None:
        """Hear that all is written: after many rows, what the columns hold is looked at too, for the readers.

        A few rows need no more than their number; the server looks at the rest within a minute.
        """
        if self._is_ours and rows >= _MANY:
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {self._names}")

    def written(self, rows: int) -> None:
        """Hear how many rows there are by now."""
        if self._is_ours and rows >= self._next:
            self._next = rows * _GROWTH
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {self._each}")  # of one column: only the number of rows matters
