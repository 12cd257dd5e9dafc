"""Guards shared by the dated rows of the organisation."""

from typing import Self

from django.db import models
from django.db.models import F, Func, Q, Value

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core.effective import DatedQuerySet


class WordRange(Func):
    """A word as a range of its hash, so that an exclusion constraint can compare it without an extension."""

    function = "int8range"

    def __init__(self, field: str) -> None:
        hashed = Func(F(field), Value(0), function="hashtextextended", output_field=models.BigIntegerField())
        super().__init__(hashed, hashed, Value("[]"), output_field=models.TextField())


def dated(name: str) -> models.CheckConstraint:
    """Demand a range that holds at least a day and has a first day."""
    return models.CheckConstraint(
        name=name, condition=Q(valid__isempty=False) & Q(valid__startswith__isnull=False)
    )


class DirectoryQuerySet(DatedQuerySet):
    """Dated rows that belong to the open directory."""

    def visible_to(self, user: User, on: object = None) -> Self:
        """Keep all rows for somebody who may see the directory, none for others."""
        return self.all() if may(user, Permission.DIRECTORY_VIEW) else self.none()
