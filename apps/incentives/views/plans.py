"""Pages about plans: the list, a plan in sentences, the designer."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.forms import AssignForm, PlanForm, form_values
from apps.incentives.models import IncentivePlan, PlanAssignment, PlanVersion
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.problems import PlanInvalid
from apps.incentives.selectors import plan_pages
from apps.incentives.tables import PlanTable
from apps.ui import htmx
from apps.ui.tables import respond

no_store = cache_control(no_store=True, private=True)


@page(Permission.PLAN_VIEW)
def plans(request: HttpRequest) -> HttpResponse:
    """List the plans."""
    table = PlanTable(request, plan_pages.plan_list(request.user))
    context = {"may_edit": may(request.user, Permission.PLAN_EDIT)}
    return respond(request, table, "incentives/plans.html", context)


@page(Permission.PLAN_VIEW)
@no_store
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a plan: what it says, in sentences, curves and examples."""
    found = get_object_or_404(IncentivePlan.objects.visible_to(request.user), pk=plan_id)
    versions = plan_pages.versions_shown(found, request.user)
    asked = request.GET.get("version", "")
    chosen = next((v for v in versions if str(v.number) == asked), None)
    shown = chosen or next((v for v in versions if v.approved_at), versions[0] if versions else None)
    context = {
        "plan": found,
        "versions": versions,
        "shown": shown,
        "blocks": plan_pages.blocks_of(shown.plan_document) if shown else [],
        "whole": plan_pages.whole_of(shown.plan_document) if shown else [],
        "document": shown.plan_document if shown else None,
        "assignments": plan_pages.assignments_shown(found, request.user),
        "assign_form": AssignForm(initial={"starts_on": clock.today()}),
        "may_edit": may(request.user, Permission.PLAN_EDIT),
        "may_approve": may(request.user, Permission.PLAN_APPROVE),
        "wrote_it": shown is not None and request.user.pk in {shown.created_by_id, shown.submitted_by_id},
    }
    return render(request, "incentives/plan.html", context)


@page(Permission.PLAN_EDIT)
@no_store
def new_plan(request: HttpRequest) -> HttpResponse:
    """Design a new plan."""
    form = PlanForm(initial={"starts_on": clock.today().replace(day=1), **_suggestion()})
    return render(request, "incentives/designer.html", _designer(form, None))


def _suggestion() -> dict[str, Any]:
    return {
        "commission_on": True,
        "commission_measure": "revenue",
        "commission_from0": "0",
        "commission_rate0": "5",
        "kpi_bonus_above": "hold",
        "override_low": 1,
    }


def _designer(form: PlanForm, plan: IncentivePlan | None) -> dict[str, Any]:
    save = reverse("incentives:plan_save", args=[plan.pk]) if plan else reverse("incentives:plan_create")
    return {"form": form, "plan": plan, "save_url": save}


@action(Permission.PLAN_EDIT)
def create_plan(request: HttpRequest) -> HttpResponse:
    """Create the plan that the designer describes."""
    form = PlanForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            version = services.create_plan(
                code=data["code"],
                name=data["name"],
                purpose=data["purpose"],
                document=form.document(),
                starts_on=data["starts_on"],
                by=request.user,
                at=clock.now(),
            )
            messages.success(request, _("The draft is saved. Submit it once it says what you mean."))
            return htmx.go(request, reverse("incentives:plan", args=[version.plan_id]))
        except DomainError as error:
            form.apply_domain_error(_named(error))
    return render(request, "incentives/designer.html", _designer(form, None), status=422)


def _named(error: DomainError) -> DomainError:
    """Say the places of a document above the form, since they are not form fields."""
    if isinstance(error, PlanInvalid):
        return DomainError(
            "; ".join(f"{problem.place}: {problem.fix}" for problem in error.problems), code=error.code
        )
    return error


@page(Permission.PLAN_EDIT)
@no_store
def edit_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Design the next version of a plan."""
    found = get_object_or_404(
        IncentivePlan.objects.permitting(request.user, Permission.PLAN_EDIT), pk=plan_id
    )
    newest = PlanVersion.objects.filter(plan=found).order_by("-number").first()
    initial: dict[str, Any] = {"code": found.code, "name": found.name, "purpose": found.purpose}
    if newest is not None:
        is_draft = newest.approved_at is None
        initial["starts_on"] = newest.valid.lower if is_draft else clock.today()
        initial["note"] = newest.note if is_draft else ""
        initial["revision"] = newest.revision if is_draft else None
        values = form_values(newest.document)
        text = json.dumps(newest.document, indent=2, ensure_ascii=False) if values is None else ""
        initial.update(values or {"period": found.frequency, "as_text": text})
    return render(
        request, "incentives/designer.html", _designer(PlanForm(initial=initial, existing=True), found)
    )


@action(Permission.PLAN_EDIT)
def save_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Save the draft of a plan's next version."""
    found = get_object_or_404(
        IncentivePlan.objects.permitting(request.user, Permission.PLAN_EDIT), pk=plan_id
    )
    data = request.POST.copy()
    data["period"] = found.frequency
    form = PlanForm(data, existing=True)
    if form.is_valid():
        try:
            version = services.save_draft(
                plan_id=found.pk,
                document=form.document(),
                starts_on=form.cleaned_data["starts_on"],
                note=form.cleaned_data["note"],
                revision=form.cleaned_data["revision"],
                by=request.user,
                at=clock.now(),
            )
            messages.success(request, _("The draft is saved. Submit it once it says what you mean."))
            return htmx.go(request, f"{reverse('incentives:plan', args=[found.pk])}?version={version.number}")
        except DomainError as error:
            form.apply_domain_error(_named(error))
    return render(request, "incentives/designer.html", _designer(form, found), status=422)


@action(Permission.PLAN_EDIT)
def preview(request: HttpRequest) -> HttpResponse:
    """Show what the designer's plan says so far: sentences, curve, examples. Nothing is written."""
    form = PlanForm(request.POST, existing=True)
    context: dict[str, Any] = {"blocks": [], "whole": [], "problems": []}
    if form.is_valid():
        try:
            document = parse_plan(form.document())
            context["blocks"], context["whole"] = (
                plan_pages.blocks_of(document),
                plan_pages.whole_of(document),
            )
        except PlanInvalid as error:
            context["problems"] = error.problems
    else:
        context["problems"] = [{"place": label, "fix": sentence} for _id, label, sentence in form.problems]
    return render(request, "incentives/preview.html", context)


def _version(request: HttpRequest, version_id: int, permission: Permission) -> PlanVersion:
    return get_object_or_404(PlanVersion.objects.permitting(request.user, permission), pk=version_id)


def _back(request: HttpRequest, version: PlanVersion) -> HttpResponse:
    return htmx.go(request, f"{reverse('incentives:plan', args=[version.plan_id])}?version={version.number}")


@action(Permission.PLAN_EDIT)
def submit_version(request: HttpRequest, version_id: int) -> HttpResponse:
    """Hand a draft over for approval."""
    version = _version(request, version_id, Permission.PLAN_EDIT)
    services.submit_version(version_id=version.pk, by=request.user, at=clock.now())
    messages.success(request, _("Submitted. Somebody else approves it now."))
    return _back(request, version)


@action(Permission.PLAN_EDIT)
def return_version(request: HttpRequest, version_id: int) -> HttpResponse:
    """Give a submitted version back to be edited."""
    version = _version(request, version_id, Permission.PLAN_EDIT)
    services.return_version(version_id=version.pk, by=request.user)
    messages.success(request, _("It is a draft again."))
    return _back(request, version)


@action(Permission.PLAN_APPROVE)
def approve_version(request: HttpRequest, version_id: int) -> HttpResponse:
    """Approve a submitted version."""
    version = _version(request, version_id, Permission.PLAN_APPROVE)
    services.approve_version(version_id=version.pk, by=request.user, at=clock.now())
    messages.success(request, _("The plan is approved. Assign it to those it shall pay."))
    return _back(request, version)


@action(Permission.PLAN_EDIT)
def assign(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Put somebody under a plan."""
    found = get_object_or_404(
        IncentivePlan.objects.permitting(request.user, Permission.PLAN_EDIT), pk=plan_id
    )
    form = AssignForm(request.POST)
    if not form.is_valid():
        raise DomainError(" ".join(sentence for _id, _label, sentence in form.problems), code="invalid")
    data = form.cleaned_data
    services.assign_plan(
        plan_id=found.pk,
        starts_on=data["starts_on"],
        ends_before=data["ends_before"],
        person_id=data["person"].pk if data["person"] else None,
        position_id=data["position"].pk if data["position"] else None,
        role_id=data["role"].pk if data["role"] else None,
        annual_salary=data["annual_salary"],
        annual_bonus=data["annual_bonus"],
        by=request.user,
    )
    messages.success(request, _("The plan is assigned."))
    return htmx.go(request, reverse("incentives:plan", args=[found.pk]))


@action(Permission.PLAN_EDIT)
def end_assignment(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """End an assignment today."""
    found = get_object_or_404(PlanAssignment.objects.visible_to(request.user), pk=assignment_id)
    services.end_assignment(assignment_id=found.pk, ends_before=clock.today(), by=request.user)
    response = htmx.go(request, reverse("incentives:plan", args=[found.plan_id]))
    return htmx.toast(response, _("The assignment ends today."))
