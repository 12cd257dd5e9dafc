"""Home: what needs me."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of
from apps.core import clock
from apps.incentives.selectors import pages as pay
from apps.insights import drawing
from apps.insights.selectors import home as reading
from apps.ui.panels import panels_for


@page(Permission.HOME)
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs this person today, their figures and those of their unit."""
    found = reading.home(request.user, clock.today())  # type: ignore[arg-type]  # signed in
    context = {
        "home": found,
        "may_log": may(request.user, Permission.ACTIVITY_LOG),  # type: ignore[arg-type]  # signed in
        "may_see_team": may(request.user, Permission.INSIGHT_VIEW),  # type: ignore[arg-type]  # signed in
    }
    mine = found.unit or found.seller
    if mine is not None and found.frame is not None:
        context["pace_chart"] = drawing.pace(mine.months, found.frame.months)
    if found.unit is not None and found.frame is not None:
        context["trend_chart"] = drawing.trend(found.unit.months, found.frame.months)
    return render(request, "insights/home.html", context)


@page(Permission.HOME)
def panels(request: HttpRequest) -> HttpResponse:
    """Show what other rooms add to home; asked for once the page itself is there."""
    return render(request, "insights/panels.html", {"panels": panels_for(request, "home", request.user)})


@page(Permission.STATEMENT_VIEW)
def earned(request: HttpRequest) -> HttpResponse:
    """Show what this person has earned so far in the periods that are still open."""
    person_id = person_id_of(request.user)  # type: ignore[arg-type]  # signed in
    estimates = pay.estimates(person_id, clock.today(), request.user) if person_id is not None else []
    return render(request, "insights/earned.html", {"estimates": estimates})
