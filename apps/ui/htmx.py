"""Small answers to htmx: toasts, redirects, closing the side sheet, refreshing regions."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def trigger(response: HttpResponse, event: str, detail: Any = True) -> HttpResponse:
    """Add an event to the ``HX-Trigger`` header, beside those already there."""
    events = json.loads(response.get("HX-Trigger") or "{}")
    if event in events and event == "toast":
        event = "toast2"
    events[event] = detail
    response["HX-Trigger"] = json.dumps(events)
    return response


def toast(response: HttpResponse, text: object, level: str = "success", *, undo: str = "") -> HttpResponse:
    """Show a short notice; ``undo`` is the address that takes the act back by POST."""
    detail = {"level": level, "text": str(text)}
    if undo:
        detail["undo"] = undo
    return trigger(response, "toast", detail)


def take_toasts(response: HttpResponse) -> list[tuple[str, str]]:
    """Take the notices off a response that leads elsewhere, where nobody would see them: text and level."""
    events = json.loads(response.get("HX-Trigger") or "{}")
    taken = [events.pop(name) for name in ("toast", "toast2") if name in events]
    if taken:
        response["HX-Trigger"] = json.dumps(events)
    return [(note["text"], note["level"]) for note in taken]


def done(
    text: object = "", *, refresh: str = "", close_sheet: bool = True, undo: str = "", status: int = 204
) -> HttpResponse:
    """Answer a finished act: a toast, the sheet closed, regions that listen to ``refresh`` reloaded."""
    response = HttpResponse(status=status)
    if text:
        toast(response, text, undo=undo)
    if close_sheet:
        trigger(response, "sheet-close")
    if refresh:
        trigger(response, refresh)
    return response


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the person to another page, from htmx or from a plain form."""
    if not is_htmx(request):
        return redirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def is_htmx(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a fragment (a restored history page wants the whole page)."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def target(request: HttpRequest) -> str:
    """Return the id of the element that will be swapped."""
    return request.headers.get("HX-Target", "")
