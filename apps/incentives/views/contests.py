"""Pages of leaderboards and contests."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of, scope_of
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.incentives import services
from apps.incentives.forms import ContestForm
from apps.incentives.models import Contest
from apps.incentives.selectors import boards as selectors
from apps.incentives.selectors.desk import policy
from apps.incentives.tables import ContestTable
from apps.org import selectors as org
from apps.org.models import OrgUnit, Person
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond

KINDS = ("month", "quarter", "year")


@page(Permission.CONTEST_VIEW)
def leaderboard(request: HttpRequest) -> HttpResponse:
    """Show who stands where on a measure, when the company shows leaderboards at all."""
    if not policy().shows_leaderboards:
        return render(request, "incentives/leaderboard.html", {"is_off": True})
    today = clock.today()
    measures, units = selectors.comparable(), selectors.units_to_compare(request.user, today)
    codes = [one.code for one in measures]
    measure = request.GET.get("measure", "")
    measure = measure if measure in codes else ("revenue" if "revenue" in codes else codes[0])
    kind = request.GET.get("window", "") if request.GET.get("window", "") in KINDS else "quarter"
    known = {str(one.pk): one for one in units}
    whole = known.get(str(org.root_unit_id(today)), units[0] if units else None)
    unit = known.get(request.GET.get("unit", ""), whole)
    period = calendars.period_of(today, kind)
    window = (period.starts_on, period.ends_before)
    people = selectors.players_in(unit.pk, measure, *window, today) if unit else set()
    me = person_id_of(request.user)
    context = {
        "board": selectors.board(measure, *window, people, today, request.user),
        "measures": measures,
        "measure": measure,
        "units": units,
        "unit": unit,
        "window": kind,
        "windows": [("month", _("This month")), ("quarter", _("This quarter")), ("year", _("This year"))],
        "period": period,
        "is_listed": selectors.is_listed(me) if me is not None else None,
    }
    return render(request, "incentives/leaderboard.html", context)


@action(Permission.CONTEST_VIEW)
def list_me(request: HttpRequest) -> HttpResponse:
    """Appear on leaderboards, or stay off them."""
    listed = services.list_me(listed=request.POST.get("listed") == "1", by=request.user, at=clock.now())
    messages.success(
        request,
        _("You are listed.") if listed else _("You are not listed any more; only you see your place."),
    )
    return htmx.go(request, reverse("incentives:leaderboard"))


@page(Permission.CONTEST_VIEW)
def contests(request: HttpRequest) -> HttpResponse:
    """List the contests in reach."""
    table = ContestTable(request, selectors.contest_list(request.user))
    context = {"may_edit": may(request.user, Permission.CONTEST_EDIT)}
    return respond(request, table, "incentives/contests.html", context)


@page(Permission.CONTEST_VIEW)
def contest(request: HttpRequest, contest_id: int) -> HttpResponse:
    """Show a contest: standings as of today, prizes, and who won."""
    found = get_object_or_404(Contest.objects.visible_to(request.user).select_related("unit"), pk=contest_id)
    shown = selectors.contest_page(found, clock.today(), request.user)
    edits = scope_of(request.user, Permission.CONTEST_EDIT).covers_unit(found.unit_id)
    context = {"found": shown, "may_close": edits and shown.is_over and found.closed_at is None}
    return render(request, "incentives/contest.html", context)


def _form(request: HttpRequest, data: Any = None) -> ContestForm:
    scope = scope_of(request.user, Permission.CONTEST_EDIT)
    units = OrgUnit.objects.filter(scope.units("")).order_by("name", "pk")
    people = Person.objects.permitting(request.user, Permission.CONTEST_EDIT).order_by("name", "pk")
    today = clock.today()
    initial = {"starts_on": today, "last_day": today + dt.timedelta(days=30)}
    return ContestForm(data, units=units, people=people, initial=initial)


def _frame() -> Frame:
    back = reverse("incentives:contests")
    note = _("Equal figures share a place. Money prizes go to a second person for approval.")
    return Frame(_("Set up a contest"), reverse("incentives:contest_create"), cancel_url=back, note=note)


@page(Permission.CONTEST_EDIT)
def new_contest(request: HttpRequest) -> HttpResponse:
    """Ask what the contest is about."""
    return show_form(request, _form(request), _frame())


@action(Permission.CONTEST_EDIT)
def create_contest(request: HttpRequest) -> HttpResponse:
    """Set up a contest."""
    form = _form(request, request.POST)

    def save(data: dict[str, Any]) -> Contest:
        return services.create_contest(
            name=data["name"],
            purpose=data["purpose"],
            measure=data["measure"],
            starts_on=data["starts_on"],
            last_day=data["last_day"],
            unit_id=data["unit"].pk,
            person_ids=[person.pk for person in data["people"]],
            prizes=form.prizes(),
            minimum=data["minimum"],
            by=request.user,
            at=clock.now(),
        )

    return submit_form(
        request, form, _frame(), save, done=_("The contest is on."),
        go_to=lambda made: reverse("incentives:contest", args=[made.pk]),
    )  # fmt: skip


@action(Permission.CONTEST_EDIT)
def close_contest(request: HttpRequest, contest_id: int) -> HttpResponse:
    """Award the prizes of a contest."""
    rows = Contest.objects.permitting(request.user, Permission.CONTEST_EDIT)
    found = get_object_or_404(rows, pk=contest_id)
    services.close_contest(contest_id=found.pk, today=clock.today(), by=request.user, at=clock.now())
    messages.success(request, _("Closed. Whoever won is told."))
    return htmx.go(request, reverse("incentives:contest", args=[found.pk]))
