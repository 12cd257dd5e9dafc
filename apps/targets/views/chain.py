"""The approval chain: agreements of one plan, and the company's steps."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.targets import services
from apps.targets.approval_forms import CommentForm, StepForm
from apps.targets.enums import Approver
from apps.targets.forms import ReasonForm
from apps.targets.models import ApprovalStep, PlanApproval
from apps.targets.selectors.chain import decidable, steps
from apps.targets.services import ReasonMissing
from apps.targets.services.chain import WrongStep
from apps.targets.views.approval import tell_outcome


def _mine(request: HttpRequest, approval_id: int) -> PlanApproval:
    """Return an agreement the reader may give now; 404 for everybody else."""
    row = get_object_or_404(PlanApproval.objects.select_related("plan"), pk=approval_id)
    if row.pk not in {one.pk for one in decidable(request.user, row.plan, clock.today())}:
        raise Http404
    return row


@action(Permission.TARGET_EDIT)
def agree(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Agree to a submitted version."""
    row = _mine(request, approval_id)
    form = CommentForm(request.POST)
    comment = form.cleaned_data["comment"] if form.is_valid() else ""
    plan = services.approve_plan(
        plan_id=row.plan_id,
        approval_ids=[row.pk],
        by_id=request.user.pk,
        at=clock.now(),
        on=clock.today(),
        comment=comment,
    )
    tell_outcome(request, plan)
    return redirect("targets:course", plan.pk)


@action(Permission.TARGET_EDIT)
def refuse(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Return a submitted version to its planners."""
    row = _mine(request, approval_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise ReasonMissing(_("Give a reason."))
    services.return_plan(
        plan_id=row.plan_id,
        approval_ids=[row.pk],
        by_id=request.user.pk,
        at=clock.now(),
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("Returned with your reason."))
    return redirect("targets:course", row.plan_id)


@page(Permission.TARGET_EDIT)
def chain(request: HttpRequest) -> HttpResponse:
    """Show the company's approval steps; those who approve for the whole company change them."""
    may_change = ApprovalStep.objects.permitting(request.user, Permission.TARGET_APPROVE)
    context = {"steps": steps(), "form": StepForm(), "may_change": _holds(request, may_change)}
    return render(request, "targets/chain.html", context)


def _holds(request: HttpRequest, rows) -> bool:  # type: ignore[no-untyped-def]  # a queryset
    return not rows.query.is_empty()


def _allowed(request: HttpRequest) -> None:
    """Refuse whoever does not approve for the whole company."""
    if not _holds(request, ApprovalStep.objects.permitting(request.user, Permission.TARGET_APPROVE)):
        raise Http404


@action(Permission.TARGET_APPROVE)
def add_step(request: HttpRequest) -> HttpResponse:
    """Put a step at the end of the chain."""
    _allowed(request)
    form = StepForm(request.POST)
    if not form.is_valid():
        raise WrongStep("; ".join(text for _id, _label, text in form.problems))
    services.add_step(
        who=Approver(form.cleaned_data["who"]),
        unit_kind=form.cleaned_data["unit_kind"],
        role=form.cleaned_data["role"],
        by_id=request.user.pk,
        at=clock.now(),
    )
    messages.success(request, _("The step is part of the chain from the next submission on."))
    return redirect("targets:chain")


@action(Permission.TARGET_APPROVE)
def remove_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Take a step out of the chain."""
    _allowed(request)
    services.remove_step(step_id=get_object_or_404(ApprovalStep, pk=step_id).pk)
    messages.success(request, _("The step is gone. Submissions under way keep it."))
    return redirect("targets:chain")


@action(Permission.TARGET_APPROVE)
def raise_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Let a step be taken one earlier."""
    _allowed(request)
    services.raise_step(step_id=get_object_or_404(ApprovalStep, pk=step_id).pk)
    return redirect("targets:chain")
