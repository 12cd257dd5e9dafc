"""The request the program is working on, for logs, audit rows and error pages."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Return the id of the present request or task, or an empty string outside one."""
    return _current.get()


@contextmanager
def numbered(identity: str) -> Iterator[None]:
    """Work under this id within the block (tasks continue the id of the request that sent them)."""
    token = _current.set(identity)
    try:
        yield
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Give every request an id, taking over a well-formed one from the proxy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(_HEADER, "")
        identity = given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        with numbered(identity):
            response = self._get_response(request)
        response[_HEADER] = identity
        return response
