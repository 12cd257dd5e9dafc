"""Target, capacity and pipeline on one page."""

from decimal import Decimal, InvalidOperation

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.targets.models import Target, TargetPlan
from apps.targets.selectors.overview import Subject, subject_for
from apps.targets.selectors.resources import resources as read
from apps.targets.views.overview import period_asked, subject_asked
from apps.ui.forms import ungrouped

_MEASURE = "revenue"


@page(Permission.TARGET_VIEW)
def resources(request: HttpRequest) -> HttpResponse:
    """Show what is missing in heads, meetings and money, for a unit and everything directly below."""
    today = clock.today()
    period = period_asked(request.GET.get("period", ""), today)
    subject = subject_asked(request, today)
    plan = plan_in_force(period)
    subject = (
        subject if "unit" in request.GET or "person" in request.GET else _default(request, plan, subject)
    )
    found = None
    if plan is not None and subject is not None:
        found = read(
            request.user,
            plan,
            today,
            unit_id=subject.unit_id,
            person_id=subject.person_id,
            standard=_standard(request),
        )
    if found is None and request.GET.get("unit"):
        raise Http404
    context = {"found": found, "plan": plan, "subject": subject, "standard": request.GET.get("standard", "")}
    return render(request, "targets/resources.html", context)


def _default(request: HttpRequest, plan: TargetPlan | None, own: Subject | None) -> Subject | None:
    """Return one's own unit when it has a target, else the top of the plan when that is in reach."""
    if plan is None:
        return own
    if own is not None and own.unit_id and Target.objects.filter(plan=plan, unit=own.unit_id).exists():
        return own
    top = subject_for(request.user, clock.today(), unit_id=plan.root_unit_id, person_id=None)
    return top or own


def plan_in_force(period: FiscalPeriod | None) -> TargetPlan | None:
    """Return the revenue target in force in a period."""
    if period is None:
        return None
    plans = TargetPlan.objects.in_force().filter(
        measure=_MEASURE,
        period__starts_on__lte=period.starts_on,
        period__ends_before__gte=period.ends_before,
    )
    return plans.select_related("period", "baseline", "root_unit").first()


def _standard(request: HttpRequest) -> Decimal | None:
    """Return the standard quota to try, when one was typed."""
    try:
        value = Decimal(str(ungrouped(request.GET.get("standard", ""))))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value < Decimal("1e14") else None
