"""The pages of the organisation."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.access.sessions import recent_sign_in
from apps.core import clock
from apps.org import selectors, services
from apps.org.models import OrgUnit, Person, Position, RoleGrant, RoleRequest, UnitParent
from apps.org.tables import GrantTable, PeopleTable
from apps.org.views.absences import absences_on_page
from apps.ui import charts, formatting, htmx
from apps.ui.asof import as_of
from apps.ui.panels import panels_for
from apps.ui.tables import respond

YEAR = dt.timedelta(days=365)


@page(Permission.DIRECTORY_VIEW)
def chart(request: HttpRequest) -> HttpResponse:
    """The org chart, as boxes or as a tree, on any day."""
    day, text = as_of(request), request.GET.get("q", "").replace("\x00", "").strip()[:80]
    tops, opened = selectors.chart(day, text)
    today = clock.today()
    changes = selectors.structure_dates(today - 3 * YEAR, today + YEAR)
    context = {
        "tops": tops,
        "is_bare": len(tops) == 1 and not text and not tops[0].children and not tops[0].cards,
        "opened": opened,
        "text": text,
        "layout": "tree" if request.GET.get("layout") == "tree" else "boxes",
        "changes": changes,
        "first": min([today - YEAR, day, *changes]),
        "last": max([today + YEAR, day]),
        "day": day,
        "may_edit": may(request.user, Permission.ORG_EDIT),  # type: ignore[arg-type]  # signed in
        "vacant": sum(top.all_vacant for top in tops),
        "unplaced": selectors.unplaced_people(day).count(),
    }
    part = htmx.target(request) == "org-chart"
    return render(request, "org/chart.html#chart" if part else "org/chart.html", context)


@page(Permission.DIRECTORY_VIEW)
def branch(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What hangs directly below one unit: its seats and its units, closed."""
    node = selectors.node_of(unit_id, as_of(request))
    if node is None:
        raise Http404
    return render(request, "org/branch.html", {"node": node, "opened": set()})


@page(Permission.DIRECTORY_VIEW)
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit: who is in it, what is below it, how it came to be where it is."""
    subject = get_object_or_404(OrgUnit.objects.visible_to(request.user), pk=unit_id)  # type: ignore[arg-type]
    day = as_of(request)
    path = selectors.unit_path(unit_id, day)
    crumbs = [(one.name, reverse("org:unit", args=[one.pk])) for one in path[:-1]]
    context = {
        "unit": subject,
        "node": selectors.node_of(unit_id, day),
        "breadcrumb": [(_("Org chart"), reverse("org:chart")), *crumbs],
        "places": selectors.unit_history(unit_id),
        "day": day,
        "editable": scope_of(request.user, Permission.ORG_EDIT).covers_unit(unit_id),  # type: ignore[arg-type]
        "panels": panels_for(request, "unit", subject),
    }
    return render(request, "org/unit.html", context)


@page(Permission.DIRECTORY_VIEW)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: seat, manager, history, and what other rooms know."""
    people = Person.objects.visible_to(request.user)  # type: ignore[arg-type]  # signed in
    subject = get_object_or_404(people, pk=person_id)
    day = as_of(request)
    history = selectors.seat_history(person_id)
    manager = selectors.manager_of(person_id, day)
    editable = scope_of(request.user, Permission.ORG_EDIT).covers_person(person_id)  # type: ignore[arg-type]
    context = {
        "person": subject,
        "history": history,
        "seats": [seat for seat in history if seat.current(day)],
        "manager": Person.objects.filter(pk=manager).first(),
        "chain": selectors.chain_above(person_id, day),
        "day": day,
        "editable": editable and subject.user_id != request.user.pk,
        "may_return": editable and selectors.may_return(subject),
        "panels": panels_for(request, "person", subject),
        **absences_on_page(request, subject),
    }
    return render(request, "org/person.html", context)


@action(Permission.ORG_EDIT)
def undo_leave(request: HttpRequest, person_id: int) -> HttpResponse:
    """Take back that a person leaves."""
    people = Person.objects.permitting(request.user, Permission.ORG_EDIT)  # type: ignore[arg-type]
    found = get_object_or_404(people, pk=person_id)
    person = services.undo_leave(person_id=found.pk, by=request.user)  # type: ignore[arg-type]
    text = _("%(name)s stays. Roles that ended with the leave have to be granted again.")
    answer = htmx.go(request, reverse("org:person", args=[person.pk]))
    return htmx.toast(answer, text % {"name": person.name})


@page(Permission.DIRECTORY_VIEW)
def people(request: HttpRequest) -> HttpResponse:
    """The directory."""
    rows = selectors.directory(request.user, as_of(request))  # type: ignore[arg-type]  # signed in
    context = {"may_edit": may(request.user, Permission.ORG_EDIT)}  # type: ignore[arg-type]
    return respond(request, PeopleTable(request, rows), "org/people.html", context)


@page(Permission.DIRECTORY_VIEW)
def vacancies(request: HttpRequest) -> HttpResponse:
    """Seats without a holder and people without a seat."""
    day = as_of(request)
    context = {
        "vacancies": list(selectors.vacancies(day)),
        "unplaced": list(selectors.unplaced_people(day)),
        "may_edit": may(request.user, Permission.ORG_EDIT),  # type: ignore[arg-type]  # signed in
    }
    return render(request, "org/vacancies.html", context)


@page(Permission.DIRECTORY_VIEW)
def spans(request: HttpRequest) -> HttpResponse:
    """How many report to whom, and through how many layers."""
    day = as_of(request)
    found = selectors.spans_and_layers(day)
    months = _months_before(day, 12)
    trend = selectors.span_trend(months)
    ranked = sorted(found.spans, key=lambda span: (-span.approved, span.unit_name))
    by_unit = charts.bar(
        _("Direct reports by manager"),
        [span.unit_name for span in ranked],
        [
            charts.Series(_("Filled"), [span.filled for span in ranked], stack="seats"),
            charts.Series(
                _("Vacant"), [span.approved - span.filled for span in ranked], "muted", stack="seats"
            ),
        ],
        stacked=True,
        horizontal=True,
        height="lg",
        links=[reverse("org:unit", args=[span.unit_id]) for span in ranked],
    )
    over_time = charts.line(
        _("Average span by month"),
        [formatting.month(month) for month in months],
        [charts.Series(_("Average span"), [figures.average for figures in trend])],
        height="sm",
    )
    context = {"found": found, "ranked": ranked, "by_unit": by_unit, "over_time": over_time, "day": day}
    return render(request, "org/spans.html", context)


@page(Permission.USER_ADMIN)
def grants(request: HttpRequest) -> HttpResponse:
    """Who holds which role where."""
    rows = RoleGrant.objects.visible_to(request.user).from_day(as_of(request))  # type: ignore[arg-type]
    table = GrantTable(request, rows.select_related("user", "unit", "granted_by", "approved_by"))
    today = clock.today()
    asked = RoleRequest.objects.visible_to(request.user).waiting()  # type: ignore[arg-type]
    asked = asked.select_related("user", "unit", "requested_by").order_by("requested_at", "pk")
    return respond(request, table, "org/grants.html", {"asked": asked, "today": today})


@action(Permission.USER_ADMIN)
def revoke(request: HttpRequest, grant_id: int) -> HttpResponse:
    """End a grant today."""
    rows = RoleGrant.objects.permitting(request.user, Permission.USER_ADMIN)  # type: ignore[arg-type]
    grant = get_object_or_404(rows, pk=grant_id)
    services.revoke_role(grant_id=grant.pk, on=clock.today(), by=request.user)  # type: ignore[arg-type]
    return htmx.toast(htmx.go(request, reverse("org:grants")), _("The role is taken back."))


@action(Permission.USER_ADMIN)
@recent_sign_in
def agree_to_role(request: HttpRequest, request_id: int) -> HttpResponse:
    """Agree, as the second administrator, to a role somebody asked for."""
    row = _decided(request, request_id, grant=True)
    answer = htmx.go(request, reverse("org:grants"))
    return htmx.toast(answer, _("%(name)s now holds the role.") % {"name": row.user.name})


@action(Permission.USER_ADMIN)
def refuse_role(request: HttpRequest, request_id: int) -> HttpResponse:
    """Refuse a role somebody asked for."""
    _decided(request, request_id, grant=False)
    return htmx.toast(htmx.go(request, reverse("org:grants")), _("The request is refused."))


def _decided(request: HttpRequest, request_id: int, *, grant: bool) -> RoleRequest:
    rows = RoleRequest.objects.permitting(request.user, Permission.USER_ADMIN)  # type: ignore[arg-type]
    found = get_object_or_404(rows, pk=request_id)
    return services.decide_role_request(
        request_id=found.pk,
        grant=grant,
        by=request.user,  # type: ignore[arg-type]
        at=clock.now(),
        today=clock.today(),
    )


@action(Permission.USER_ADMIN)
def withdraw_role(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take back a role one asked for."""
    rows = RoleRequest.objects.permitting(request.user, Permission.USER_ADMIN)  # type: ignore[arg-type]
    found = get_object_or_404(rows, pk=request_id)
    services.withdraw_role_request(request_id=found.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
    return htmx.toast(htmx.go(request, reverse("org:grants")), _("The request is taken back."))


@action(Permission.ORG_EDIT)
def cancel_move(request: HttpRequest, place_id: int) -> HttpResponse:
    """Take back a scheduled move of a unit."""
    units = OrgUnit.objects.permitting(request.user, Permission.ORG_EDIT)  # type: ignore[arg-type]
    place = get_object_or_404(UnitParent.objects.filter(unit__in=units), pk=place_id)
    services.cancel_unit_move(place_id=place.pk, today=clock.today(), by=request.user)  # type: ignore[arg-type]
    return htmx.toast(
        htmx.go(request, reverse("org:unit", args=[place.unit_id])), _("The move is cancelled.")
    )


@page(Permission.DIRECTORY_VIEW)
def seat(request: HttpRequest, position_id: int) -> HttpResponse:
    """One seat in the sheet: where it is, who holds it, who held it before."""
    positions = Position.objects.visible_to(request.user)  # type: ignore[arg-type]  # signed in
    position = get_object_or_404(positions, pk=position_id)
    day = as_of(request)
    editable = Position.objects.permitting(request.user, Permission.ORG_EDIT)  # type: ignore[arg-type]
    context = {
        "position": position,
        "places": position.places.select_related("unit").order_by("-valid", "pk"),
        "holders": position.assignments.select_related("person").order_by("-valid", "pk"),
        "lines": position.lines.on(day).select_related("manager").order_by("line_type", "pk"),
        "held": position.assignments.on(day).filter(is_acting=False).exists(),
        "editable": editable.filter(pk=position.pk).exists(),
        "day": day,
        "breadcrumb": _way_to(position, day),
        "panels": panels_for(request, "seat", position),
    }
    return render(request, "org/seat.html", context)


def _way_to(position: Position, day: dt.date) -> list[tuple[str, str]]:
    crumbs = [(str(_("Org chart")), reverse("org:chart"))]
    place = position.places.on(day).select_related("unit").order_by("pk").first()
    if place is not None:
        crumbs.append((place.unit.name, reverse("org:unit", args=[place.unit_id])))
    return crumbs


def _months_before(day: dt.date, count: int) -> list[dt.date]:
    months = []
    year, month = day.year, day.month
    for _step in range(count):
        months.append(dt.date(year, month, 1))
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return months[::-1]
