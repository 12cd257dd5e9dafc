"""Who carries the targets of seats."""

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.core import clock
from apps.measures import registry
from apps.org import selectors as org
from apps.org.models import OrgUnit
from apps.targets.selectors.carried import carried, seats_held, seats_in
from apps.targets.selectors.standing import adds_up
from apps.targets.views.overview import DEFAULT_MEASURE, period_asked, subject_asked


@page(Permission.TARGET_VIEW)
def seats(request: HttpRequest) -> HttpResponse:
    """Show for each seat of a unit, or of a person, who carried how much of its target from when to when."""
    today = clock.today()
    period = period_asked(request.GET.get("period", ""), today)
    subject = subject_asked(request, today)
    code = request.GET.get("measure", DEFAULT_MEASURE)
    if period is None or subject is None or code not in registry.measures:
        raise Http404
    start, end = period.starts_on, period.ends_before
    if subject.unit_id is not None:
        positions = seats_in(org.subtree(subject.unit_id, today), start, end)
    else:
        positions = seats_held(subject.person_id or 0, start, end)
    measure = registry.measures.get(code)
    context = {
        "rows": carried(code, start, end, positions),
        "subject": subject,
        "period": period,
        "measure": measure,
        "currency": settings.COMPANY_CURRENCY if measure.kind == "money" else "",
        "units": dict(OrgUnit.objects.values_list("pk", "name")),
        "is_split": adds_up(measure),
        "last": end - dt.timedelta(days=1),
    }
    return render(request, "targets/seats.html", context)
