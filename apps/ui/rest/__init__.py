"""The kit of the REST API; see docs/ui.md."""

from apps.ui.rest.columns import ColumnsSerializer
from apps.ui.rest.errors import handle
from apps.ui.rest.pagination import CursorPages
from apps.ui.rest.problems import UnknownParameter, VersionMissing
from apps.ui.rest.viewsets import (
    ApiViewSet,
    CreateOnce,
    IdempotentCreate,
    ReadOnlyViewSet,
    RequiredPermission,
    Versioned,
)

__all__ = [
    "ApiViewSet",
    "ColumnsSerializer",
    "CreateOnce",
    "CursorPages",
    "IdempotentCreate",
    "ReadOnlyViewSet",
    "RequiredPermission",
    "UnknownParameter",
    "VersionMissing",
    "Versioned",
    "handle",
]
