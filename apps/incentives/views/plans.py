"""Pages about plans: the list, a plan in sentences, the designer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.forms import AssignForm, SendBackForm
from apps.incentives.models import IncentivePlan, PlanAssignment, PlanVersion
from apps.incentives.models.simulations import NEEDED
from apps.incentives.names import in_words
from apps.incentives.selectors import plan_pages, plan_story
from apps.incentives.selectors.runs import first_day_under
from apps.incentives.tables import PlanTable
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
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
        "story": plan_story.story_of(shown.plan_document, shown.valid.lower) if shown else None,
        "steps": plan_pages.steps_shown(shown, request.user) if shown else [],
        "sent_back": plan_pages.sent_back(shown, request.user) if shown else None,
        "changes": plan_story.changes_before(shown, versions) if shown else None,
        "assignments": plan_pages.assignments_shown(found, request.user),
        "assign_form": AssignForm(initial={"starts_on": first_day_under(found, clock.today())}),
        "may_edit": may(request.user, Permission.PLAN_EDIT),
        "may_simulate": all(scope_of(request.user, one).everything for one in NEEDED),
        "may_approve": may(request.user, Permission.PLAN_APPROVE),
        "wrote_it": shown is not None and request.user.pk in {shown.created_by_id, shown.submitted_by_id},
    }
    return render(request, "incentives/plan.html", context)


def _version(request: HttpRequest, version_id: int, permission: Permission) -> PlanVersion:
    rows = PlanVersion.objects.permitting(request.user, permission).select_related("plan")
    return get_object_or_404(rows, pk=version_id)


def _page_of(version: PlanVersion) -> str:
    return f"{reverse('incentives:plan', args=[version.plan_id])}?version={version.number}"


def _back(request: HttpRequest, version: PlanVersion) -> HttpResponse:
    return htmx.go(request, _page_of(version))


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
    services.return_version(version_id=version.pk, by=request.user, at=clock.now())
    messages.success(request, _("It is a draft again."))
    return _back(request, version)


def _back_frame(version: PlanVersion) -> Frame:
    url = reverse("incentives:version_send_back", args=[version.pk])
    title = _("Send back “%(plan)s”, version %(number)s")
    return Frame(
        title % {"plan": in_words(version.plan.name), "number": version.number},
        url,
        cancel_url=_page_of(version),
        note=_("It becomes a draft again. Its author is told, with your reason."),
    )


@page(Permission.PLAN_APPROVE)
@no_store
def sending_back(request: HttpRequest, version_id: int) -> HttpResponse:
    """Ask why a submitted version goes back."""
    version = _version(request, version_id, Permission.PLAN_APPROVE)
    return show_form(request, SendBackForm(), _back_frame(version))


@action(Permission.PLAN_APPROVE)
def send_back_version(request: HttpRequest, version_id: int) -> HttpResponse:
    """Send a submitted version back to its author with a reason."""
    version = _version(request, version_id, Permission.PLAN_APPROVE)

    def save(data: dict[str, Any]) -> PlanVersion:
        return services.send_back_version(
            version_id=version.pk, reason=data["reason"], by=request.user, at=clock.now()
        )

    done, form = _("Sent back with your reason."), SendBackForm(request.POST)
    return submit_form(request, form, _back_frame(version), save, done=done, go_to=_page_of(version))


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
