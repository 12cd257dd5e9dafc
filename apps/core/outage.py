"""What a visitor gets when no view answers: 404, 500, and 503 while the database or the queue is away.

Programs get JSON, people a page; what heals by itself is a 503 that says when to come back, never a 500.
"""

import logging
import sys
from collections.abc import Callable

import redis
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found, server_error

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
# Out of connections, starting up, shutting down, crashed: all heal by themselves.
_PASSING = ("08", "53", "57P")


class OutageMiddleware:
    """Turn a database or Redis lost in a view into 503 with ``Retry-After``.

    Errors that do not heal by waiting (a bug in a query, a lock timeout) are left to be a 500.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for the view; None leaves the exception to Django."""
        if not passing(exception):
            return None
        logger.warning("a service is away", extra={"error": type(exception).__name__})
        return unavailable(request)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what other middleware let through (Django's ``handler500``): 503 if it heals, else 500."""
    exception = sys.exc_info()[1]
    if exception is not None and passing(exception):
        return unavailable(request)
    if _is_api(request):
        detail = _("Something went wrong here. Whoever runs this system finds it in the log.")
        return JsonResponse({"code": "error", "detail": detail, "fields": {}}, status=500)
    try:
        return server_error(request)
    except ValueError:  # not even the list of static files is there: say it without a page
        return HttpResponse("Something broke on our side · 我们这边出错了", "text/plain; charset=utf-8", 500)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address nothing lives at (Django's ``handler404``)."""
    if _is_api(request):
        detail = _("There is nothing at this address. GET /api/v1/ lists what there is.")
        return JsonResponse({"code": "not_found", "detail": detail, "fields": {}}, status=404)
    return page_not_found(request, exception)


def passing(exception: BaseException) -> bool:
    """Tell whether waiting heals the error."""
    if isinstance(exception, redis.ConnectionError | redis.TimeoutError | InterfaceError):
        return True
    # A connection that breaks while an answer is under way may come as the bare class, without a code.
    if not (isinstance(exception, OperationalError) or type(exception) is DatabaseError):
        return False
    code = getattr(exception.__cause__, "pgcode", None)
    return code is None or code.startswith(_PASSING)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the 503: JSON for programs and htmx, a page for people."""
    # Not "nothing was saved": the connection may break while the commit is answered.
    detail = _("The service is briefly unavailable. See whether your change was saved and try again shortly.")
    wants_page = request.accepts("text/html") and "HX-Request" not in request.headers
    if wants_page and not _is_api(request):
        response = HttpResponse(
            render_to_string("503.html", {"detail": detail, "seconds": RETRY_AFTER_SECONDS})
        )
    else:
        response = JsonResponse({"code": "unavailable", "detail": detail})
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
