"""What the resources of the organisation share: the day they show, ids in the address, reach for changes."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from apps.access.permissions import Permission
from apps.core import clock, days
from apps.ui.rest import ApiViewSet

M = TypeVar("M", bound=models.Model)


class DatedViewSet(ApiViewSet):
    """A resource that is shown as of a day."""

    @property
    def day(self) -> dt.date:
        """The day asked for with ``as_of``, by default today. Raises ValidationError."""
        text = self.request.query_params.get("as_of", "")
        if not text:
            return clock.today()
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None or not days.is_plausible(day):
            raise ValidationError({"as_of": [_("Write the day as 2026-12-31.")]})
        return day

    def asked_ids(self, names: Iterable[str]) -> dict[str, int]:
        """Return the ids in the address, by name. Raises ValidationError."""
        return {
            name: self._number(name, self.request.query_params[name])
            for name in names
            if name in self.request.query_params
        }

    def asked_text(self, names: Iterable[str]) -> dict[str, str]:
        """Return the words in the address, by name."""
        query = self.request.query_params
        return {name: query[name][:100] for name in names if name in query}

    def given(self, serializer_class: type, *, partial: bool = False) -> dict[str, Any]:
        """Return the checked body of the call. Raises ValidationError."""
        serializer = serializer_class(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def reach(self, model: type[M], pk: object, permission: Permission = Permission.ORG_EDIT) -> M:
        """Return a row the caller may change; anything else is not found."""
        rows = model.objects.permitting(self.viewer, permission)  # type: ignore[attr-defined]  # every model has it
        return get_object_or_404(rows, pk=pk)

    @staticmethod
    def _number(name: str, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise ValidationError({name: [_("A whole number is expected.")]})
        return int(text)
