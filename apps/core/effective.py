"""Effective dating: half-open date ranges ``[from, to)`` and their database guards."""

import datetime as dt
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.expressions import Combinable
from psycopg2.extras import DateRange


def span(start: dt.date | None, end: dt.date | None = None) -> DateRange:
    """Return ``[start, end)``; ``None`` leaves that side open. Raises ValueError when empty or reversed."""
    if start is not None and end is not None and end <= start:
        raise ValueError(f"The end {end} must come after the start {start}.")
    return DateRange(start, end, "[)")


class DatedQuerySet(models.QuerySet):
    """Rows of a model with a ``valid`` date range."""

    def on(self, day: dt.date) -> Self:
        """Keep the rows in force on a day."""
        return self.filter(valid__contains=day)

    def during(self, start: dt.date | None, end: dt.date | None) -> Self:
        """Keep the rows in force on any day of ``[start, end)``."""
        return self.filter(valid__overlap=DateRange(start, end, "[)"))

    def from_day(self, day: dt.date) -> Self:
        """Keep the rows in force on a day or later."""
        return self.filter(valid__overlap=DateRange(day, None, "[)"))


class Dated(models.Model):
    """A row that is true from a day up to, not including, another."""

    valid = DateRangeField()

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True


class KeyRange(Func):
    """A whole number as a range of itself, so that an exclusion constraint needs no extension."""

    function = "int8range"

    def __init__(self, field: str) -> None:
        super().__init__(F(field), F(field), Value("[]"), output_field=models.TextField())


def no_overlap(name: str, *keys: str, condition: models.Q | None = None) -> ExclusionConstraint:
    """Refuse two rows with the same keys whose ``valid`` ranges overlap."""
    expressions: list[tuple[str | Combinable, str]] = [
        (KeyRange(key), RangeOperators.OVERLAPS) for key in keys
    ]
    expressions.append(("valid", RangeOperators.OVERLAPS))
    return ExclusionConstraint(name=name, index_type="GIST", expressions=expressions, condition=condition)
