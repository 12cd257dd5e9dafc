"""Try every route: addresses from patterns, and a watch over what a request writes."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client

from apps.access.inventory import Route

_EXAMPLES = {
    "int": "0",
    "slug": "x",
    "str": "x",
    "path": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
_WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "COPY", "MERGE")
# Signing in and looking at protected data leave traces by design.
_TRACES = ("django_session", "axes_", "events_accessentry", "access_apitoken")
_ENDS_THE_SESSION = {"accounts/logout/", "admin/logout/"}


def address(route: Route, **known: object) -> str:
    """Return an address that the route matches, with ids that nothing has unless they are given."""

    def example(match: re.Match[str]) -> str:
        converter, _colon, name = match.group(1).rpartition(":")
        return str(known.get(name, _EXAMPLES[converter] if converter else _odd(name)))

    return "/" + re.sub(r"<([^>]+)>", example, route.path)


def _odd(name: str) -> str:
    if name in {"day", "on", "date"}:
        return dt.date(2026, 1, 1).isoformat()
    return "0" if name in {"pk", "id"} or name.endswith("_id") else "x"


def sweepable(route: Route) -> bool:
    """Tell whether a sweep may cross the route without losing its session."""
    return route.path not in _ENDS_THE_SESSION


def cross(client: Client, route: Route, **headers: Any) -> HttpResponse:
    """Send the request of a route with nothing in it."""
    client.raise_request_exception = False
    send = getattr(client, route.method.lower())
    if route.method == "GET":
        return send(address(route), **headers)
    kind = "application/json" if route.api else "application/x-www-form-urlencoded"
    return send(address(route), data="{}" if route.api else "", content_type=kind, **headers)


@contextmanager
def writes() -> Iterator[list[str]]:
    """Collect the SQL that changes anything but sessions and traces."""
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql).lstrip()
        if text.upper().startswith(_WRITES) and not any(trace in text for trace in _TRACES):
            seen.append(text[:120])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen
