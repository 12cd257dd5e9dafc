"""Team performance: attainment, pace, funnel, months and the table of everything below."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.insights import drawing
from apps.insights.forms import TeamForm, period_from
from apps.insights.rules import figure
from apps.insights.selectors import team as reading
from apps.insights.selectors.frame import selectable
from apps.insights.selectors.team import Question, Team
from apps.ui.tables import csv_response

LEADERS = 10


@page(Permission.INSIGHT_VIEW)
def team(request: HttpRequest) -> HttpResponse:
    """Show how a unit or a person performs in a period."""
    found = _found(request)
    today = clock.today()
    context: dict[str, Any] = {
        "found": found,
        "units": reading.units_in_reach(request.user, found.question.on if found else today),  # type: ignore[arg-type]
        "periods": selectable(today),
    }
    if found is not None:
        context["leaders"] = found.board[:LEADERS]
        context["columns"] = reading.columns()
        context["trend_chart"] = drawing.trend(
            found.months, found.frame.months if found.frame else (), found.month_links
        )
        context["pace_chart"] = drawing.pace(found.months, found.frame.months if found.frame else ())
    return render(request, "insights/team.html", context)


@page(Permission.INSIGHT_VIEW)
def conversion(request: HttpRequest) -> HttpResponse:
    """Show the funnel of a unit or a person; asked for once the page itself is there."""
    question = _question(request)
    try:
        steps = reading.funnel(question, reading.people_of(question)) if question else []
    except LookupError as error:
        raise Http404 from error
    return render(request, "insights/conversion.html", {"steps": steps})


@page(Permission.INSIGHT_VIEW)
def team_csv(request: HttpRequest) -> HttpResponse:
    """Write the table of the page as a file, figures in full."""
    found = _found(request)
    if found is None:
        raise Http404
    header = [
        _("Name"),
        _("Target"),
        _("Attainment"),
        _("Pace"),
        *(str(label) for _m, label in reading.columns()),
    ]
    rows = [
        [
            line.name,
            line.standing.quota,
            _plain(figure(line.standing.ratio)),
            _plain(figure(line.standing.pace)),
            *(_plain(cell.value) for cell in line.cells),
        ]
        for line in found.lines
    ]
    return csv_response(f"team-performance-{found.question.period.code}.csv", header, rows)


def _plain(value: Any) -> Any:
    """Write a figure with at most six decimals."""
    return value if value is None else f"{round(value, 6).normalize():f}"


def _found(request: HttpRequest) -> Team | None:
    """Read what the address asks for; None before there is a structure or a calendar."""
    question = _question(request)
    if question is None:
        return None
    try:
        return reading.team(request.user, question)  # type: ignore[arg-type]  # signed in
    except LookupError as error:
        raise Http404 from error


def _question(request: HttpRequest) -> Question | None:
    today = clock.today()
    said = TeamForm(request.GET).said()
    scope = scope_of(request.user, Permission.INSIGHT_VIEW, today)  # type: ignore[arg-type]  # signed in
    period = period_from(said["period"]) if "period" in said else None
    try:
        period = period or calendars.period_of(today, "year")
    except calendars.MissingPeriod:
        return None
    kept = {
        "period": period,
        "today": today,
        "structure": said.get("structure", "as_was"),
        "by": said.get("by", ""),
    }
    if "person" in said:
        if not scope.covers_person(said["person"]):
            raise Http404
        return Question(person_id=said["person"], **kept)
    if "unit" in said:
        if not scope.covers_unit(said["unit"]):
            raise Http404
        return Question(unit_id=said["unit"], **kept)
    units = reading.units_in_reach(request.user, today)  # type: ignore[arg-type]  # signed in
    return Question(unit_id=units[0][0], **kept) if units else None
