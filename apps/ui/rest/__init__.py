"""The kit of the REST API; see docs/ui.md."""

from apps.ui.rest.columns import ColumnsSerializer
from apps.ui.rest.errors import handle
from apps.ui.rest.fields import DateField, DateTimeField
from apps.ui.rest.pagination import CursorPages
from apps.ui.rest.parsers import StrictJSONParser
from apps.ui.rest.problems import UnknownParameter, VersionMissing
from apps.ui.rest.viewsets import (
    ApiViewSet,
    CreateOnce,
    ReadOnlyViewSet,
    RequiredPermission,
    Versioned,
)

__all__ = [
    "ApiViewSet",
    "ColumnsSerializer",
    "CreateOnce",
    "CursorPages",
    "DateField",
    "DateTimeField",
    "ReadOnlyViewSet",
    "RequiredPermission",
    "StrictJSONParser",
    "UnknownParameter",
    "VersionMissing",
    "Versioned",
    "handle",
]
