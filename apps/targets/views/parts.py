"""What belongs to a plan beside its figures: months by hand, slices, seats that join or leave, reliefs."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.measures import registry
from apps.org.models import Person
from apps.targets import services
from apps.targets.dimensions import dimensions
from apps.targets.enums import Season
from apps.targets.forms import ReasonForm, ReliefForm, SeasonForm
from apps.targets.models import QuotaRelief, Target, TargetPlan
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.reach import may_plan
from apps.targets.selectors.seasons import choices
from apps.targets.selectors.slices import slice_page
from apps.targets.services import ReasonMissing
from apps.targets.views.grid import editable
from apps.ui import formatting
from apps.ui.forms import ungrouped
from apps.ui.htmx import go

_DAY = dt.timedelta(days=1)


def _planned(request: HttpRequest, plan_id: int) -> TargetPlan:
    permitted = TargetPlan.objects.permitting(request.user, Permission.TARGET_EDIT)
    plan = get_object_or_404(permitted.select_related("period"), pk=plan_id)
    if not may_plan(request.user, plan):
        raise Http404
    return plan


def _season_form(plan: TargetPlan, data: object = None) -> SeasonForm:
    rows = plan.months.select_related("month").order_by("position")
    months = [
        (formatting.month_name(row.month.starts_on), row.weight.quantize(Decimal("0.0001"))) for row in rows
    ]
    return SeasonForm(data, months=months)


@page(Permission.TARGET_EDIT)
def season(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show the weights of the months as learned, by working days and evenly, beside those in use."""
    plan = _planned(request, plan_id)
    form = _season_form(plan)
    found = choices(measure=plan.measure, unit_id=plan.root_unit_id, year=plan.period, before=clock.today())
    rows = list(plan.months.select_related("month").order_by("position"))
    context = {
        "plan": plan,
        "form": form,
        "choices": found,
        "too_young": any(one.weights is None for one in found),
        "may_import": may(request.user, Permission.IMPORT_DATA),
        "rows": [
            (
                row,
                form[f"w{row.position}"],
                [one.weights[row.position] if one.weights else None for one in found],
            )
            for row in rows
        ],
    }
    return render(request, "targets/season.html", context)


@action(Permission.TARGET_EDIT)
def set_season(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Spread the plan over its months by weights typed by hand, or by one of the seasons offered."""
    plan = _planned(request, plan_id)
    asked = request.POST.get("season", Season.CUSTOM)
    weights: tuple[Decimal, ...] = ()
    if asked == Season.CUSTOM:
        form = _season_form(plan, request.POST)
        if not form.is_valid():
            raise WrongTarget("; ".join(f"{label}: {text}" for _id, label, text in form.problems))
        weights = form.weights()
        if not any(weights):
            raise WrongTarget(_("At least one month needs a weight above 0."))
    if asked not in Season.values:
        raise WrongTarget(_("Choose how the year is spread over its months."))
    changed = services.cascade(
        plan_id=plan.pk,
        season=Season(asked),
        custom_season=weights,
        by_id=request.user.pk,
        at=clock.now(),
        on=clock.today(),
    )
    messages.success(request, _("Cascaded again: %(count)s targets changed.") % {"count": len(changed)})
    return go(request, reverse("targets:season", args=[plan.pk]))


@page(Permission.TARGET_VIEW)
def slices(request: HttpRequest, target_id: int, dimension: str) -> HttpResponse:
    """Show a target sliced by a dimension, each slice with its attainment; a draft can be sliced here."""
    visible = Target.objects.visible_to(request.user).select_related("plan__period", "plan__baseline", "unit")
    target = get_object_or_404(visible, pk=target_id)
    if dimension not in dimensions or not target.plan.is_additive:
        raise Http404
    mine = Target.objects.filter(pk=target.pk).permitting(request.user, Permission.TARGET_EDIT)
    context = {
        "target": target,
        "plan": target.plan,
        "found": slice_page(target, dimension, clock.today()),
        "dimensions": list(dimensions.values()),
        "kind": registry.measures.get(target.plan.measure).kind,
        "may_edit": target.plan.is_open and mine.exists(),
    }
    return render(request, "targets/slices.html", context)


@action(Permission.TARGET_EDIT)
def set_slices(request: HttpRequest, target_id: int, dimension: str) -> HttpResponse:
    """Slice a target."""
    target = editable(request, target_id)
    amounts = {
        key.removeprefix("member-"): _amount(text)
        for key, text in request.POST.items()
        if key.startswith("member-") and str(text).strip()
    }
    if request.POST.get("add_member"):
        amounts.setdefault(request.POST["add_member"], Decimal(0))
    services.set_slices(
        target_id=target.pk,
        dimension=dimension,
        amounts={} if request.POST.get("act") == "clear" else amounts,
        below=request.POST.get("below") == "1",
        by_id=request.user.pk,
        at=clock.now(),
    )
    messages.success(request, _("The slices are set and sum to their target."))
    return redirect("targets:slices", target.pk, dimension)


def _amount(text: object) -> Decimal:
    try:
        return Decimal(str(ungrouped(str(text))))
    except InvalidOperation:
        raise WrongTarget(_("“%(text)s” is not a number.") % {"text": text}) from None


@action(Permission.TARGET_EDIT)
def add_seat(request: HttpRequest, plan_id: int, position_id: int) -> HttpResponse:
    """Give a seat that joined since the plan was drawn up a target in it."""
    plan = _planned(request, plan_id)
    services.add_seat(
        plan_id=plan.pk,
        position_id=position_id,
        by_id=request.user.pk,
        at=clock.now(),
        on=min(max(clock.today(), plan.structure_on), plan.period.ends_before - _DAY),
    )
    messages.success(request, _("The seat takes part now; its unit is split again."))
    return redirect("targets:plan", plan.pk)


@action(Permission.TARGET_EDIT)
def remove_seat(request: HttpRequest, target_id: int) -> HttpResponse:
    """Take a seat out of a draft with a reason; the others of its unit carry its target."""
    target = editable(request, target_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise ReasonMissing(_("Give a reason."))
    services.remove_seat(
        target_id=target.pk, by_id=request.user.pk, at=clock.now(), reason=form.cleaned_data["reason"]
    )
    messages.success(request, _("Taken out; the others of its unit carry its target."))
    return redirect("targets:plan", target.plan_id)


def _person(request: HttpRequest, person_id: int, permission: Permission) -> Person:
    if not scope_of(request.user, permission, clock.today()).covers_person(person_id):
        raise Http404
    return get_object_or_404(Person, pk=person_id)


def _relief_form(plan: TargetPlan, data: object = None) -> ReliefForm:
    rows = plan.months.select_related("month").order_by("position")
    return ReliefForm(data, months=[(row.month.code, formatting.month(row.month.starts_on)) for row in rows])


@page(Permission.TARGET_APPROVE)
def relief(request: HttpRequest, plan_id: int, person_id: int) -> HttpResponse:
    """Ask what to take off a person's quota."""
    plan = get_object_or_404(TargetPlan.objects.visible_to(request.user), pk=plan_id)
    person = _person(request, person_id, Permission.TARGET_APPROVE)
    context = {
        "title": _("Relief for %(name)s") % {"name": person.name},
        "form": _relief_form(plan),
        "action_url": reverse("targets:grant", args=[plan.pk, person.pk]),
        "cancel_url": reverse("targets:plan", args=[plan.pk]),
        "note": _("Relief lowers what counts for the person; the seat's target stays as planned."),
    }
    return render(request, "ui/form_page.html", context)


@action(Permission.TARGET_APPROVE)
def grant(request: HttpRequest, plan_id: int, person_id: int) -> HttpResponse:
    """Take something off a person's quota in some months."""
    plan = get_object_or_404(TargetPlan.objects.visible_to(request.user), pk=plan_id)
    person = _person(request, person_id, Permission.TARGET_APPROVE)
    form = _relief_form(plan, request.POST)
    if not form.is_valid():
        raise WrongTarget("; ".join(f"{label}: {text}" for _id, label, text in form.problems))
    services.grant_relief(
        measure=plan.measure,
        person_id=person.pk,
        months=[calendars.period(code, "month") for code in form.cleaned_data["months"]],
        share=form.cleaned_data["share"],
        amount=form.cleaned_data["amount"],
        on_top=form.cleaned_data["on_top"],
        reason=form.cleaned_data["reason"],
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("Relief is granted; what counts for the person is lower now."))
    seats = Target.objects.filter(plan=plan, position__assignments__person=person).visible_to(request.user)
    seat = seats.order_by("place", "pk").first()
    return go(request, reverse("targets:node", args=[seat.pk]) if seat else reverse("targets:plans"))


@action(Permission.TARGET_APPROVE)
def revoke(request: HttpRequest, relief_id: int) -> HttpResponse:
    """Take a relief back."""
    permitted = QuotaRelief.objects.permitting(request.user, Permission.TARGET_APPROVE)
    row = get_object_or_404(permitted, pk=relief_id)
    services.revoke_relief(relief_id=row.pk, by=request.user, at=clock.now())
    messages.success(request, _("The relief is taken back; the whole quota counts again."))
    return redirect("targets:plans")
