"""Where everybody stands."""

import datetime as dt
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.measures import registry
from apps.measures.registry import Measure
from apps.targets.models import TargetPlan
from apps.targets.selectors import overview as reading
from apps.ui import charts, formatting

DEFAULT_MEASURE = "revenue"


@page(Permission.TARGET_VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """Show attainment, pace and the tree below for one unit or person, measure and period."""
    today = clock.today()
    period = period_asked(request.GET.get("period", ""), today)
    subject = subject_asked(request, today)
    measures = reading.measures_in_force(period) if period else []
    measure = next(
        (one for one in measures if one.code == request.GET.get("measure", DEFAULT_MEASURE)),
        measures[0] if measures else None,
    )
    context = {
        "measures": measures,
        "periods": _periods(period) if period else [],
        "period": period,
        "subject": subject,
        "measure": measure,
        "waiting": TargetPlan.objects.visible_to(request.user).open().select_related("period")[:5],
        "may_plan": may(request.user, Permission.TARGET_EDIT),
        "found": None,
        "chart": None,
        "asked": _asked(subject, measure, period),
    }
    if period and subject and measure:
        found = reading.overview(request.user, subject=subject, measure=measure, period=period, today=today)
        context |= {"found": found, "chart": pace_chart(found)}
    return render(request, "targets/overview.html", context)


def _asked(subject: reading.Subject | None, measure: Measure | None, period: FiscalPeriod | None) -> str:
    """Return the question of this page as the tail of an address, for the pages beside it."""
    given: dict[str, object] = {}
    if measure is not None:
        given["measure"] = measure.code
    if period is not None:
        given["period"] = period.code
    if subject is not None:
        given |= {"unit": subject.unit_id} if subject.unit_id else {"person": subject.person_id}
    return f"?{urlencode(given)}"


@page(Permission.TARGET_VIEW)
def pace(request: HttpRequest) -> HttpResponse:
    """Show how expected, pace and projection of one unit or person come about."""
    today = clock.today()
    period, subject = period_asked(request.GET.get("period", ""), today), subject_asked(request, today)
    code = request.GET.get("measure", DEFAULT_MEASURE)
    if period is None or subject is None or code not in registry.measures:
        raise Http404
    found = reading.working(subject, measure=registry.measures.get(code), period=period, today=today)
    return render(request, "targets/pace.html", {"found": found})


def pace_chart(found: reading.Overview) -> charts.Chart | None:
    """Draw the cumulated actual against the cumulated quota."""
    if not found.months:
        return None
    return charts.line(
        _("Pace"),
        [formatting.month_name(point.label) for point in found.months],
        [
            charts.Series(_("Target"), [point.quota for point in found.months], tone="muted", dashed=True),
            charts.Series(_("Actual"), [point.actual for point in found.months], tone="accent", area=True),
        ],
        format="money" if found.measure.kind == "money" else "number",
        currency=found.currency,
    )


def period_asked(code: str, today: dt.date) -> FiscalPeriod | None:
    """Return the period asked for, by default the running year."""
    try:
        return calendars.period(code) if code else calendars.period_of(today, "year")
    except calendars.MissingPeriod:
        return None


def _periods(chosen: FiscalPeriod) -> list[FiscalPeriod]:
    """Return the year of the chosen period with its quarters and the years beside it."""
    year = calendars.period_of(chosen.starts_on, "year")
    beside = [calendars.periods_between(*bounds, "year") for bounds in _neighbours(year)]
    return [*beside[0], year, *calendars.children(year, "quarter"), *beside[1]]


def _neighbours(year: FiscalPeriod) -> list[tuple[dt.date, dt.date]]:
    day = dt.timedelta(days=1)
    return [(year.starts_on - day, year.starts_on), (year.ends_before, year.ends_before + day)]


def subject_asked(request: HttpRequest, today: dt.date) -> reading.Subject | None:
    unit, person = _id(request, "unit"), _id(request, "person")
    if unit is None and person is None:
        return reading.home_subject(request.user, today)
    subject = reading.subject_for(request.user, today, unit_id=unit, person_id=person)
    if subject is None:
        raise Http404
    return subject


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
