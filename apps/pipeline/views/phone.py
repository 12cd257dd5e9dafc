"""The phone's quick log, which works without a network, and what it has not sent yet."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.core import clock
from apps.pipeline.enums import ActivityKind
from apps.pipeline.selectors.phone import book
from apps.pipeline.selectors.work import ICONS

KINDS = (ActivityKind.VISIT, ActivityKind.CALL, ActivityKind.MEETING, ActivityKind.EMAIL, ActivityKind.NOTE)


@page(Permission.ACTIVITY_LOG)
def visit(request: HttpRequest) -> HttpResponse:
    """Show the quick log; the device fills and sends it."""
    kinds = [(kind.value, kind.label, ICONS[kind]) for kind in KINDS]
    return render(request, "pipeline/visit.html", {"kinds": kinds, "today": clock.today()})


@page(Permission.ACTIVITY_LOG)
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what the device has not sent yet; the device fills it in."""
    return render(request, "pipeline/waiting.html")


@page(Permission.ACTIVITY_LOG)
def phone_book(request: HttpRequest) -> HttpResponse:
    """Hand the device the names it chooses from while offline."""
    response = JsonResponse(book(request.user))  # type: ignore[arg-type]  # signed in
    response["Cache-Control"] = "no-store, private"
    return response
