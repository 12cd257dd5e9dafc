"""The plan designer: start from a ready plan, work on blocks, see what it pays, save the draft."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.enums import PayFrequency
from apps.incentives.forms import AboutForm, PlanDraft
from apps.incentives.models import IncentivePlan, PlanVersion
from apps.incentives.rules.design.gallery import READY, ready
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.problems import PlanInvalid, Problem
from apps.incentives.selectors import design, plan_pages, plan_story
from apps.incentives.selectors.runs import first_day
from apps.ui import htmx

no_store = cache_control(no_store=True, private=True)


@dataclass
class Desk:
    """Everything the designer's page shows."""

    draft: PlanDraft
    about: AboutForm
    plan: IncentivePlan | None
    problems: list[Problem]

    @property
    def context(self) -> dict[str, Any]:
        """What the templates are given."""
        is_text = self.draft.text is not None
        node = None if is_text else self.draft.painted(self.problems)
        told = self.draft.told(self.problems)
        save = (
            reverse("incentives:plan_save", args=[self.plan.pk])
            if self.plan
            else reverse("incentives:plan_create")
        )
        return {
            "draft": self.draft, "form": self.about, "plan": self.plan, "save_url": save, "node": node,
            "told": told, "parts": design.sections(node) if node is not None else None,
            "sent_back": None,
        }  # fmt: skip


@page(Permission.PLAN_EDIT)
@no_store
def new_plan(request: HttpRequest) -> HttpResponse:
    """Choose what to start from; then design a new plan."""
    today = clock.today()
    chosen, copied = request.GET.get("start"), request.GET.get("copy", "")
    document: dict[str, Any] | None = None
    initial: dict[str, Any] = {}
    if chosen == "blank":
        document = {"currency": settings.COMPANY_CURRENCY, "period": "quarter"}
    elif found := ready(chosen or ""):
        document = found.document(settings.COMPANY_CURRENCY, *design.quarter_of(today))
    elif copied.isdecimal():
        source = get_object_or_404(
            IncentivePlan.objects.permitting(request.user, Permission.PLAN_EDIT), pk=copied
        )
        newest = design.newest_version(source)
        document = dict(newest.document) if newest else None
        initial["name"] = _("%(name)s (copy)") % {"name": source.name}
        initial["purpose"] = source.purpose
    if document is None:
        plans = design.to_copy(request.user)
        return render(request, "incentives/design_start.html", {"ready": READY, "plans": plans})
    kind = str(document.get("period", ""))
    initial["starts_on"] = first_day(kind if kind in PayFrequency.values else PayFrequency.QUARTER, today)
    draft = PlanDraft.of_document(document, design.measured())
    desk = Desk(draft, AboutForm(initial=initial), None, [])
    return render(request, "incentives/designer.html", desk.context)


@page(Permission.PLAN_EDIT)
@no_store
def edit_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Design the next version of a plan."""
    found = get_object_or_404(
        IncentivePlan.objects.permitting(request.user, Permission.PLAN_EDIT), pk=plan_id
    )
    newest = design.newest_version(found)
    empty = {"currency": settings.COMPANY_CURRENCY, "period": found.frequency}
    document = newest.document if newest else empty
    initial: dict[str, Any] = {"starts_on": first_day(found.frequency, clock.today(), found.pk)}
    if newest is not None and newest.approved_at is None:
        initial = {"starts_on": newest.valid.lower, "note": newest.note, "revision": newest.revision}
    draft = PlanDraft.of_document(document, design.measured())
    desk = Desk(draft, AboutForm(initial=initial, existing=True), found, [])
    back = plan_pages.sent_back(newest, request.user) if newest else None
    return render(request, "incentives/designer.html", desk.context | {"sent_back": back})


def _posted(request: HttpRequest) -> Desk:
    """Return the desk as it was posted, with what its names and days got wrong."""
    plan = None
    if request.POST.get("plan", "").isdecimal():
        editable = IncentivePlan.objects.permitting(request.user, Permission.PLAN_EDIT)
        plan = get_object_or_404(editable, pk=request.POST["plan"])
    draft = PlanDraft.posted(request.POST, design.measured())
    return Desk(draft, AboutForm(request.POST, existing=plan is not None), plan, [])


@action(Permission.PLAN_EDIT)
def plan_form(request: HttpRequest) -> HttpResponse:
    """Do something to the plan in the designer and show it again. Nothing is written."""
    desk = _posted(request)
    asked, changed = request.POST.get("do", ""), request.headers.get("HX-Trigger-Name", "")
    refused = desk.draft.cannot_be_blocks() if asked == "blocks" else None
    desk.draft = desk.draft.after(asked, changed)
    desk.problems = [refused] if refused else []
    data = {name: request.POST.get(name, "") for name in desk.about.fields}
    desk.about = AboutForm(initial=data, existing=desk.plan is not None)
    template = "incentives/design_form.html" if htmx.is_htmx(request) else "incentives/designer.html"
    return render(request, template, desk.context)


@action(Permission.PLAN_EDIT)
def preview(request: HttpRequest) -> HttpResponse:
    """Show what the plan says so far: mistakes, sentences, curves, examples. Nothing is written."""
    desk = _posted(request)
    document, problems = _checked(desk)
    context: dict[str, Any] = {
        "problems": desk.draft.told(problems),
        "blocks": [], "whole": [], "story": None, "changes": None,
    }  # fmt: skip
    try:
        plan = parse_plan(document)
    except PlanInvalid:
        context["blocks"] = plan_pages.blocks_so_far(document)
        return render(request, "incentives/preview.html", context)
    context["blocks"], context["whole"] = plan_pages.blocks_of(plan), plan_pages.whole_of(plan)
    context["story"] = plan_story.story_of(plan, clock.today())
    approved = design.version_before(desk.plan) if desk.plan else None
    if approved is not None:
        context["changes"] = plan_story.changes_of(approved.plan_document, plan, approved.number)
    return render(request, "incentives/preview.html", context)


def _checked(desk: Desk) -> tuple[Any, list[Problem]]:
    draft = desk.draft
    document = draft.document
    if document is None:
        refused = draft.cannot_be_blocks()
        return {}, [refused] if refused else []
    return document, services.plan_problems(document, clock.today(), desk.plan.pk if desk.plan else None)


@action(Permission.PLAN_EDIT)
def create_plan(request: HttpRequest) -> HttpResponse:
    """Create the plan that the designer describes."""
    desk = _posted(request)
    desk.plan = None
    document, desk.problems = _checked(desk)
    if not desk.about.is_valid() or desk.problems:
        return _refused(request, desk)
    data = desk.about.cleaned_data
    try:
        version = services.create_plan(
            code=desk.about.code_for(design.next_number()),
            name=data["name"],
            purpose=data["purpose"],
            document=document,
            starts_on=data["starts_on"],
            by=request.user,
            at=clock.now(),
        )
    except DomainError as error:
        return _refused(request, desk, error)
    return _saved(request, version)


@action(Permission.PLAN_EDIT)
def save_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Save the draft of a plan's next version."""
    found = get_object_or_404(
        IncentivePlan.objects.permitting(request.user, Permission.PLAN_EDIT), pk=plan_id
    )
    draft = PlanDraft.posted(request.POST, design.measured())
    desk = Desk(draft, AboutForm(request.POST, existing=True), found, [])
    document, desk.problems = _checked(desk)
    if not desk.about.is_valid() or desk.problems:
        return _refused(request, desk)
    data = desk.about.cleaned_data
    try:
        version = services.save_draft(
            plan_id=found.pk,
            document=document,
            starts_on=data["starts_on"],
            note=data["note"],
            revision=data["revision"],
            by=request.user,
            at=clock.now(),
        )
    except DomainError as error:
        return _refused(request, desk, error)
    return _saved(request, version)


def _saved(request: HttpRequest, version: PlanVersion) -> HttpResponse:
    messages.success(request, _("The draft is saved. Submit it once it says what you mean."))
    return htmx.go(request, f"{reverse('incentives:plan', args=[version.plan_id])}?version={version.number}")


def _refused(request: HttpRequest, desk: Desk, error: DomainError | None = None) -> HttpResponse:
    """Show the designer as it was posted, with everything that is wrong at its place."""
    if isinstance(error, PlanInvalid):
        desk.problems = error.problems
    elif error is not None:
        desk.about.is_valid()
        desk.about.apply_domain_error(error)
    return render(request, "incentives/designer.html", desk.context, status=422)
