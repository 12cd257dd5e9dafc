"""Targets off their course: the list, one of them explained, and the rules."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.targets import services
from apps.targets.alert_forms import RuleForm
from apps.targets.enums import AlertKind
from apps.targets.models import TargetAlert
from apps.targets.rules.causes import Cause, Part
from apps.targets.selectors import deviations as reading
from apps.targets.services import WrongRule
from apps.targets.wording import cause_names
from apps.ui import charts

SHOWN = 200


@page(Permission.TARGET_VIEW)
def alerts(request: HttpRequest) -> HttpResponse:
    """List the targets off their course that the reader may see; ended ones on request."""
    visible = TargetAlert.objects.visible_to(request.user)
    closed = request.GET.get("closed") == "1"
    rows = visible.filter(closed_on__isnull=False) if closed else visible.open()
    kind = request.GET.get("kind", "")
    if kind in AlertKind.values:
        rows = rows.filter(kind=kind)
    order = "-closed_on" if closed else "-opened_on"
    context = {
        "rows": reading.alert_rows(
            rows.order_by("target__plan", "target__depth", "target__place", order, "pk")[:SHOWN]
        ),
        "closed": closed,
        "kind": kind,
        "kinds": AlertKind.choices,
        "causes": cause_names(),
        "may_plan": bool(scope_of(request.user, Permission.TARGET_EDIT)),
    }
    return render(request, "targets/alerts.html", context)


@page(Permission.TARGET_VIEW)
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Explain one deviation: its figures and the gap by cause."""
    about = ("target__plan__period", "target__plan__baseline", "target__unit", "target__position")
    row = get_object_or_404(TargetAlert.objects.visible_to(request.user).select_related(*about), pk=alert_id)
    found = reading.alert_page(request.user, row)
    plan = row.target.plan
    names = cause_names()
    context = {
        "found": found,
        "alert": row,
        "plan": plan,
        "parts": [(part, names[part.cause], found.why.get(part.cause, "")) for part in found.parts],
        "chart": _bridge(found, plan.currency) if found.parts else None,
    }
    return render(request, "targets/alert.html", context)


def _bridge(found: reading.AlertPage, currency: str) -> charts.Chart:
    """Draw the way from what was expected to what was sold, cause by cause."""
    names = cause_names()
    parts: list[Part] = found.parts
    total = sum(part.amount for part in parts)
    actual = found.standing.actual if found.standing and found.standing.actual is not None else 0
    return charts.bridge(
        _("From expected to actual"),
        (_("Expected by now"), actual - total),
        [(names[Cause(part.cause)], part.amount) for part in parts],
        _("Actual"),
        format="money" if currency else "number",
        currency=currency,
    )


@page(Permission.TARGET_EDIT)
def rules(request: HttpRequest) -> HttpResponse:
    """Show when deviations are reported; those who plan for the whole company change it."""
    forms = [(kind, AlertKind(kind).label, RuleForm(rule=rule)) for kind, rule in reading.rules().items()]
    may_change = scope_of(request.user, Permission.TARGET_EDIT).everything
    return render(request, "targets/alert_rules.html", {"rules": forms, "may_change": may_change})


@action(Permission.TARGET_EDIT)
def set_rule(request: HttpRequest, kind: str) -> HttpResponse:
    """Set when one kind of deviation is reported."""
    if kind not in AlertKind.values or not scope_of(request.user, Permission.TARGET_EDIT).everything:
        raise Http404
    form = RuleForm(request.POST, rule=reading.rules()[AlertKind(kind)])
    if not form.is_valid():
        raise WrongRule("; ".join(f"{label}: {text}" for _id, label, text in form.problems))
    services.set_rule(kind=AlertKind(kind), by_id=request.user.pk, at=clock.now(), **form.cleaned_data)
    messages.success(request, _("The rule holds from tomorrow morning."))
    return redirect("targets:alert_rules")
