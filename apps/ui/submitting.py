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
    done: Label,
    go_to: str | Callable[[Any], str],
) -> HttpResponse:
    """Save a valid form and go on; show it again with its problems otherwise.

    ``save`` calls one service with the cleaned data; its refusals appear at the
    fields they name. ``go_to`` is an address or a function of what ``save`` returned.
    """
    if form.is_valid():
        try:
            with transaction.atomic():
                result = save(form.cleaned_data)
        except DomainError as error:
            form.apply_domain_error(error)
        else:
            messages.success(request, str(done))
            return htmx.go(request, go_to(result) if callable(go_to) else go_to)
    return show_form(request, form, frame, status=422)
