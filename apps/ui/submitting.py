"""Forms in the page or the side sheet: shown, sent back with their problems, or done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from apps.core.errors import DomainError
from apps.events import idempotency
from apps.ui import htmx

Label = Promise | str


@dataclass(frozen=True)
class Frame:
    """Where a form is shown and where it is sent."""

    title: Label
    action_url: str
    cancel_url: str = ""
    note: Label = ""


def show_form(
    request: HttpRequest, form: Any, frame: Frame, *, status: int = 200, in_sheet: bool = False
) -> HttpResponse:
    """Show a kit form in the side sheet (asked for by htmx, or ``in_sheet``), as a page otherwise."""
    context = {
        "form": form,
        "title": frame.title,
        "action_url": frame.action_url,
        "cancel_url": frame.cancel_url,
        "note": frame.note,
        "breadcrumb": [],
    }
    if in_sheet:
        context["page_base"] = "ui/sheet.html"
    return render(request, "ui/form_page.html", context, status=status)


def submit_form(
    request: HttpRequest,
    form: Any,
    frame: Frame,
    save: Callable[[dict[str, Any]], Any],
    *,
    done: Label | Callable[[Any], Label],
    go_to: str | Callable[[Any], str],
) -> HttpResponse:
    """Save a valid form and go on; show it again with its problems otherwise.

    ``save`` calls one service with the cleaned data; its refusals appear at the
    fields they name. ``go_to`` is an address and ``done`` a sentence, or either a
    function of what ``save`` returned.
    A form that is sent twice is saved once.
    """

    def saved() -> dict[str, str]:
        result = save(form.cleaned_data)
        address = go_to(result) if callable(go_to) else go_to
        return {"to": str(address), "said": str(done(result) if callable(done) else done)}

    if form.is_valid():
        try:
            with transaction.atomic():
                answer = _once(request, saved)
        except DomainError as error:
            form.apply_domain_error(error)
        else:
            messages.success(request, answer["said"])
            return htmx.go(request, answer["to"])
    return show_form(request, form, frame, status=422)


def sent_once(request: HttpRequest, save: Callable[[], str]) -> str:
    """Save a form and return where to go on; one sent again, by a double click or a retry, goes there, too.

    A form as it was shown once is known by its token, which is drawn anew for every
    showing. Who sends it again meanwhile waits for the first to be done.
    """
    return _once(request, lambda: {"to": save()})["to"]


def _once(request: HttpRequest, save: Callable[[], dict[str, str]]) -> dict[str, str]:
    if not request.POST.get("csrfmiddlewaretoken"):
        return save()
    told = idempotency.hash_of("POST", request.path, request.POST.urlencode().encode())
    answer = idempotency.replay_or_run(request.user, f"form:{told}", told, lambda: (302, save()), wait=True)
    return dict(answer.response)
