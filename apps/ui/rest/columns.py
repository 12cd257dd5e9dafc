"""Shapes of long lists: columns of a model as they are, without asking every field of every row how."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from rest_framework import serializers
from rest_framework.fields import Field

Step = tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None]
_AS_THEY_ARE = (
    serializers.IntegerField,
    serializers.CharField,
    serializers.BooleanField,
    serializers.ReadOnlyField,  # the ids of foreign keys
)


class ColumnsSerializer(serializers.ModelSerializer):
    """Writes what ``ModelSerializer`` writes, for fields that are columns of the model.

    A page of fifty deals has 1,200 values; how each is read and written is decided once per
    field here. Reads only: incoming data has shapes of its own.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the row by the names of its fields."""
        row = {}
        for name, read, write in _plan(type(self)):  # type: ignore[arg-type]  # a class can be hashed
            value = read(instance)
            row[name] = value if value is None or write is None else write(value)
        return row


@cache  # what the fields of a class are does not change while the process runs
def _plan(shape: type[ColumnsSerializer]) -> tuple[Step, ...]:
    fields = shape().fields.values()
    return tuple(
        (str(field.field_name), attrgetter(str(field.source)), _writer(field))
        for field in fields
        if not field.write_only
    )


def _writer(field: Field) -> Callable[[Any], Any] | None:
    """Return how values of a field are written; None means as they are."""
    if isinstance(field, serializers.DecimalField) and field.decimal_places is not None:
        places, slowly = field.decimal_places, field.to_representation
        return lambda value: f"{value:.{places}f}" if type(value) is Decimal else slowly(value)
    if isinstance(field, serializers.DateField):
        return dt.date.isoformat
    if isinstance(field, serializers.DateTimeField | serializers.ChoiceField):
        return field.to_representation
    if isinstance(field, _AS_THEY_ARE):
        return None
    raise TypeError(f"{field.field_name!r} is not a plain column: use ModelSerializer.")
