"""Every routed view is a ``page`` (reads) or an ``action`` (writes); both name their permission."""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from apps.access.permissions import KEPT_NOWHERE, SHOWS_PAY, Permission
from apps.access.scope import may
from apps.core.errors import DomainError
from apps.events import audit

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "COPY", "MERGE")
_WRITABLE_BY_READS = ("django_session", "events_accessentry")


class WriteInRead(RuntimeError):
    """A page that only reads tried to write."""


def page(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Make a view a page: GET and HEAD only, permission checked, SQL writes refused, looks at pay noted.

    A DomainError that the view lets through (no fiscal year yet, a missing rate) gets a page of its own.
    """

    def decorate(view: View[P]) -> View[P]:
        @require_safe
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            _require(request, permission)
            try:
                with connection.execute_wrapper(_refuse_writes), audit.reading() as noted:
                    response = view(request, *args, **kwargs)
                    if permission in SHOWS_PAY and response.status_code == 200 and not noted():
                        note_look(request, kwargs)
            except DomainError as error:
                return render(request, "refused.html", {"error": error}, status=409)
            if permission in KEPT_NOWHERE:
                response["Cache-Control"] = "no-store, private"
            return response

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the route inventory
        guarded.kind = "page"  # type: ignore[attr-defined]  # same
        return guarded

    return decorate


def action(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Make a view an action: POST only, permission checked, one transaction.

    A DomainError that the view lets through rolls everything back and answers
    409: a toast for htmx, a message on the page the person came from otherwise.
    """

    def decorate(view: View[P]) -> View[P]:
        @require_POST
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            _require(request, permission)
            try:
                with transaction.atomic():
                    response = view(request, *args, **kwargs)
                    if response.status_code >= 400:
                        transaction.set_rollback(True)
                    return response
            except DomainError as error:
                return refused(request, error)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the route inventory
        guarded.kind = "action"  # type: ignore[attr-defined]  # same
        return guarded

    return decorate


def public(view: View[P]) -> View[P]:
    """Mark a view that needs no permission (health, manifest, service worker)."""
    view.permission = None  # type: ignore[attr-defined]  # read by the route inventory
    view.kind = "public"  # type: ignore[attr-defined]  # same
    return view


def note_look(request: HttpRequest, named: Mapping[str, object]) -> None:
    """Write down that somebody looked at a page about pay, and at which row if its address names one."""
    match = request.resolver_match
    what = match.view_name if match else request.path
    audit.record_access(
        user_id=request.user.pk,  # type: ignore[arg-type]  # signed in
        what=what[:60], table="", row_id=next(iter(named.values()), ""),
    )  # fmt: skip


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer a refusal: JSON toast event for htmx, a message and a redirect back for plain forms."""
    if request.headers.get("HX-Request"):
        response = JsonResponse({"code": error.code, "detail": str(error)}, status=409)
        response["HX-Reswap"] = "none"
        response["HX-Trigger"] = _toast(str(error))
        return response
    messages.error(request, str(error))
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if safe else "/")


def _toast(text: str) -> str:
    return json.dumps({"toast": {"level": "error", "text": text}})


def _require(request: HttpRequest, permission: Permission) -> None:
    if not may(request.user, permission):  # type: ignore[arg-type]  # LoginRequiredMiddleware went first
        raise PermissionDenied


def _refuse_writes(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    text = str(sql).lstrip().upper()
    if text.startswith(_WRITES) and not any(table.upper() in text for table in _WRITABLE_BY_READS):
        raise WriteInRead(str(sql)[:120])
    return execute(sql, params, many, context)
