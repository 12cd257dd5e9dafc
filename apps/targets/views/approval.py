"""One target with its verdict and lineage, and the steps from draft to in force."""

from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of, scope_of
from apps.core import clock
from apps.targets import services
from apps.targets.dimensions import dimensions
from apps.targets.enums import PlanStatus
from apps.targets.forms import LimitsForm, ReasonForm
from apps.targets.models import Target, TargetPlan
from apps.targets.selectors.chain import decidable
from apps.targets.selectors.grid import readable_places
from apps.targets.selectors.lineage import changes as changed
from apps.targets.selectors.node import node_page
from apps.targets.selectors.reach import may_plan
from apps.targets.services import ReasonMissing
from apps.targets.wording import in_words
from apps.ui import charts


@page(Permission.TARGET_VIEW)
def node(request: HttpRequest, target_id: int) -> HttpResponse:
    """Show one target: verdict with reasons, evidence, where the figure comes from."""
    visible = Target.objects.visible_to(request.user)
    target = get_object_or_404(
        visible.select_related("plan__period", "plan__baseline", "unit", "position", "owner", "parent"),
        pk=target_id,
    )
    found = node_page(request.user, target, clock.today())
    low = target.low if target.low else None
    context = {
        "found": found,
        "target": target,
        "plan": target.plan,
        "letters": in_words(found.verdict),
        "chart": _evidence_chart(found),
        "limits": LimitsForm(
            initial={
                "low": low,
                "high": target.high,
                "productivity": f"{target.productivity.normalize():f}",
                "potential": target.potential.quantize(Decimal(1).scaleb(-target.plan.decimals)),
            }
        ),
        "may_compare": may(request.user, Permission.TARGET_EDIT),
        "may_relieve": found.holder_id is not None
        and target.position_id is not None
        and scope_of(request.user, Permission.TARGET_APPROVE).covers_person(found.holder_id)
        and person_id_of(request.user) != found.holder_id,
        "dimensions": list(dimensions.values()) if target.plan.is_additive else [],
    }
    return render(request, "targets/node.html", context)


def _evidence_chart(found) -> charts.Chart:  # type: ignore[no-untyped-def]  # a NodePage
    return charts.bar(
        _("Months: history and target"),
        [month.label for month in found.months],
        [
            charts.Series(_("Base year"), [month.history for month in found.months], tone="muted"),
            charts.Series(_("Target"), [month.amount for month in found.months], tone="accent"),
            charts.Series(_("Actual"), [month.actual for month in found.months], tone="good", kind="line"),
        ],
        format="money" if found.currency else "number",
        currency=found.currency,
    )


@page(Permission.TARGET_VIEW)
def changes(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show what a version changes against the one before."""
    plan = get_object_or_404(
        TargetPlan.objects.visible_to(request.user).select_related("previous", "period"), pk=plan_id
    )
    rows = changed(request.user, plan)
    only = request.GET.get("all") != "1"
    largest = max((abs(row.after or Decimal(0)) for row in rows), default=Decimal(0))
    context = {
        "plan": plan,
        "rows": [row for row in rows if row.difference] if only else rows,
        "total": len(rows),
        "places": readable_places(plan, largest),
        "only": only,
    }
    return render(request, "targets/changes.html", context)


def _planned(request: HttpRequest, plan_id: int) -> TargetPlan:
    plan = get_object_or_404(TargetPlan.objects.permitting(request.user, Permission.TARGET_EDIT), pk=plan_id)
    if not may_plan(request.user, plan):
        raise Http404
    return plan


def _approvable(request: HttpRequest, plan_id: int) -> TargetPlan:
    return get_object_or_404(
        TargetPlan.objects.permitting(request.user, Permission.TARGET_APPROVE), pk=plan_id
    )


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise ReasonMissing(_("Give a reason."))
    return form.cleaned_data["reason"]


@action(Permission.TARGET_EDIT)
def submit(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Hand a draft over for approval."""
    plan = _planned(request, plan_id)
    services.submit_plan(plan_id=plan.pk, by_id=request.user.pk, at=clock.now(), on=clock.today())
    messages.success(request, _("Submitted. Somebody else approves it now."))
    return redirect("targets:plan", plan.pk)


@action(Permission.TARGET_EDIT)
def check(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Judge every target of a plan now."""
    plan = _planned(request, plan_id)
    services.check_plan(plan_id=plan.pk, at=clock.now(), on=clock.today())
    messages.success(request, _("Every target was checked."))
    return redirect("targets:plan", plan.pk)


@action(Permission.TARGET_EDIT)
def discard(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Throw a draft away."""
    plan = _planned(request, plan_id)
    services.discard_plan(plan_id=plan.pk)
    messages.success(request, _("The draft is gone."))
    return redirect("targets:plans")


@action(Permission.TARGET_EDIT)
def follow(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Start the next version of a target in force."""
    plan = _planned(request, plan_id)
    new = services.new_version(
        plan_id=plan.pk, by_id=request.user.pk, at=clock.now(), reason=_reason(request)
    )
    messages.success(request, _("Version %(version)s is a draft now.") % {"version": new.version})
    return redirect("targets:plan", new.pk)


@action(Permission.TARGET_APPROVE)
def approve(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Put a submitted version into force."""
    plan = _approvable(request, plan_id)
    mine = [row.pk for row in decidable(request.user, plan, clock.today())]
    plan = services.approve_plan(
        plan_id=plan.pk, approval_ids=mine, by_id=request.user.pk, at=clock.now(), on=clock.today()
    )
    tell_outcome(request, plan)
    return redirect("targets:plan", plan.pk)


def tell_outcome(request: HttpRequest, plan: TargetPlan) -> None:
    """Say whether a plan is in force now or waits for the next step."""
    if plan.status == PlanStatus.APPROVED:
        messages.success(request, _("The target is in force."))
    else:
        messages.success(request, _("Approved. The next step waits for somebody else."))


@action(Permission.TARGET_APPROVE)
def send_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Return a submitted version to its planners."""
    plan = _approvable(request, plan_id)
    services.return_plan(plan_id=plan.pk, by_id=request.user.pk, at=clock.now(), reason=_reason(request))
    messages.success(request, _("Returned with your reason."))
    return redirect("targets:plan", plan.pk)


@action(Permission.TARGET_APPROVE)
def waive(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Accept targets that fail their check, with a reason."""
    plan = _approvable(request, plan_id)
    ids = [int(one) for one in request.POST.getlist("targets") if one.isdecimal()]
    mine = Target.objects.filter(plan=plan, pk__in=ids).values_list("pk", flat=True)
    count = services.waive(
        target_ids=list(mine), by_id=request.user.pk, at=clock.now(), reason=_reason(request)
    )
    messages.success(request, _("%(count)s targets are accepted with your reason.") % {"count": count})
    return redirect("targets:plan", plan.pk)
