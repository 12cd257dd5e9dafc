"""The API root: every room's resources under ``/api/v1/``, and the description of them all."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from apps.integrations.api import lower_rooms
from apps.integrations.api.views import IndexView, SchemaView, api_docs

ROOMS = (
    "calendars", "events", "notifications", "access", "org", "roles", "measures", "customers", "pipeline",
    "targets", "incentives", "reviews", "training", "strategy", "insights",
)  # fmt: skip


def router() -> SimpleRouter:
    """Return a router with the ``routes`` of every room's ``api/urls.py``, lower rooms first."""
    made = SimpleRouter()
    for prefix, viewset, basename in lower_rooms.routes:
        made.register(prefix, viewset, basename)
    for room in ROOMS:
        if find_spec(f"apps.{room}.api") is None or find_spec(f"apps.{room}.api.urls") is None:
            continue
        for prefix, viewset, basename in import_module(f"apps.{room}.api.urls").routes:
            made.register(prefix, viewset, basename)
    return made


resources = router()
urlpatterns = [
    path(
        "v1/",
        IndexView.as_view(resources=tuple(sorted(prefix for prefix, *_view in resources.registry))),
        name="index",
    ),
    path("v1/", include((resources.urls, "api"))),
    path("v1/schema/", SchemaView.as_view(), name="schema"),
    path("docs/", api_docs, name="api_docs"),
]
