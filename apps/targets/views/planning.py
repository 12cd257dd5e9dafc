"""Planning: the list of plans, the steps to a new one, the grid and its edits."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.errors import DomainError
from apps.org import selectors as org
from apps.org.models import OrgUnit
from apps.targets import services
from apps.targets.enums import Balance, Season
from apps.targets.forms import LimitsForm, PlanForm, ScopeForm, SettingsForm
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors import structure
from apps.targets.selectors.grid import grid
from apps.targets.selectors.lineage import compare as compared
from apps.targets.selectors.plans import plan_page, plans_of
from apps.targets.selectors.reach import level_names, may_move_totals, may_plan, may_plan_unit
from apps.targets.selectors.trees import levels_of
from apps.ui.forms import ungrouped
from apps.ui.htmx import is_htmx, toast


@page(Permission.TARGET_VIEW)
def plans(request: HttpRequest) -> HttpResponse:
    """List the targets by year and measure with their versions."""
    context = {"groups": plans_of(request.user), "may_plan": may(request.user, Permission.TARGET_EDIT)}
    return render(request, "targets/plans.html", context)


@page(Permission.TARGET_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Take the steps to a new plan: first what and for whom, then how much and how it is split."""
    today = clock.today()
    asked = ScopeForm(request.GET or None, user=request.user, today=today, initial=_likely(request, today))
    if not request.GET or not asked.is_valid():
        return render(request, "targets/new_scope.html", {"form": asked})
    return _second_step(request, asked, PlanForm(initial={"growth": Decimal("0.15")}), today)


def _likely(request: HttpRequest, today: dt.date) -> dict[str, object]:
    """Return what somebody most likely plans: next year, for the top of their reach."""
    this_year = int(calendars.period_of(today, "year").code)
    years = [year for year in calendars.fiscal_years() if year > this_year]
    units = OrgUnit.objects.permitting(request.user, Permission.TARGET_EDIT, today).existing(today)
    root = units.filter(pk=org.root_unit_id(today)).first()
    return {"measure": "revenue", "year": min(years, default=this_year), "unit": root}


def _second_step(
    request: HttpRequest, asked: ScopeForm, form: PlanForm, today: object, status: int = 200
) -> HttpResponse:
    year = calendars.period(asked.cleaned_data["year"], "year")
    top, base = structure.preview(
        measure=asked.cleaned_data["measure"],
        year=year,
        unit_id=asked.cleaned_data["unit"].pk,
        on=clock.today(),
    )
    selling = structure.selling_units(top) if top else set()
    context = {
        "form": form,
        "asked": asked.cleaned_data,
        "query": request.GET.urlencode(),
        "top": top,
        "base": base,
        "base_is_open": base is not None and base.ends_before > clock.today(),
        "units": [(one, one.unit_id in selling) for one in top.walk() if one.unit_id] if top else [],
        "allowed": may_plan_unit(request.user, asked.cleaned_data["unit"].pk, clock.today()),
    }
    return render(request, "targets/new_plan.html", context, status=status)


@action(Permission.TARGET_EDIT)
def create(request: HttpRequest) -> HttpResponse:
    """Create the draft and open it."""
    today = clock.today()
    asked = ScopeForm(request.GET, user=request.user, today=today)
    if not asked.is_valid():
        raise Http404
    unit = asked.cleaned_data["unit"]
    if not may_plan_unit(request.user, unit.pk, today):
        raise Http404
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _second_step(request, asked, form, today, status=422)
    try:
        with transaction.atomic():
            plan = services.create_plan(
                measure=asked.cleaned_data["measure"],
                year=asked.cleaned_data["year"],
                root_unit_id=unit.pk,
                by_id=request.user.pk,
                at=clock.now(),
                on=today,
                growth=form.cleaned_data["growth"],
                amount=form.cleaned_data["amount"],
                levels=form.levels(structure.depth_below(unit.pk, today)),
                season=Season(form.cleaned_data["season"]),
                unit_ids=[int(one) for one in request.POST.getlist("units") if one.isdecimal()] or None,
            )
    except DomainError as error:
        form.apply_domain_error(error)
        return _second_step(request, asked, form, today, status=409)
    messages.success(request, _("The draft is ready. Adjust any figure, then submit it."))
    return redirect("targets:plan", plan.pk)


@page(Permission.TARGET_VIEW)
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a plan as a grid of nodes and months, with what can be done next."""
    found = get_object_or_404(TargetPlan.objects.visible_to(request.user), pk=plan_id)
    shown = grid(request.user, found, focus_id=_focus(request))
    if not shown.rows:
        raise Http404
    context = {
        "grid": shown,
        "plan": found,
        "page": plan_page(request.user, found),
        "balance": Balance.SIBLINGS,
    }
    return render(request, "targets/grid.html" if is_htmx(request) else "targets/plan.html", context)


def _focus(request: HttpRequest) -> int | None:
    text = request.GET.get("focus") or request.POST.get("focus") or ""
    return int(text) if text.isdecimal() and len(text) < 19 else None


@action(Permission.TARGET_EDIT)
def edit_amount(request: HttpRequest, target_id: int) -> HttpResponse:
    """Set the year of a node and answer with the grid."""
    target = _editable(request, target_id)
    return _after_edit(
        request,
        target,
        lambda: services.edit_node(
            target_id=target.pk,
            amount=_figure(request),
            balance=_balance(request, target),
            by_id=request.user.pk,
            at=clock.now(),
            reason=request.POST.get("reason", "")[:300],
            revision=_revision(request),
        ),
    )


@action(Permission.TARGET_EDIT)
def edit_month(request: HttpRequest, target_id: int, position: int) -> HttpResponse:
    """Set a month of a leaf and answer with the grid; the year stays."""
    target = _editable(request, target_id)
    return _after_edit(
        request,
        target,
        lambda: services.edit_months(
            target_id=target.pk,
            months={position: _figure(request)},
            by_id=request.user.pk,
            at=clock.now(),
            revision=_revision(request),
        ),
    )


@action(Permission.TARGET_EDIT)
def release(request: HttpRequest, target_id: int) -> HttpResponse:
    """Give a figure back to the method."""
    target = _editable(request, target_id)
    services.release_node(target_id=target.pk)
    messages.success(request, _("The method decides this figure again."))
    return redirect("targets:node", target.pk)


@action(Permission.TARGET_EDIT)
def limits(request: HttpRequest, target_id: int) -> HttpResponse:
    """Bound what the method may give a node."""
    target = _editable(request, target_id)
    form = LimitsForm(request.POST)
    if not form.is_valid():
        raise WrongTarget(_("Limits are numbers of at least 0."))
    services.set_limits(
        target_id=target.pk, low=form.cleaned_data["low"] or Decimal(0), high=form.cleaned_data["high"]
    )
    messages.success(request, _("The limits are set and the split is made again."))
    return redirect("targets:node", target.pk)


def _editable(request: HttpRequest, target_id: int) -> Target:
    permitted = Target.objects.permitting(request.user, Permission.TARGET_EDIT)
    return get_object_or_404(permitted.select_related("plan", "parent"), pk=target_id)


def _after_edit(request: HttpRequest, target: Target, act) -> HttpResponse:  # type: ignore[no-untyped-def]  # a call
    status = 200
    refusal = None
    try:
        with transaction.atomic():
            act()
    except DomainError as error:
        refusal, status = str(error), 409
    found = TargetPlan.objects.get(pk=target.plan_id)
    if not is_htmx(request):
        (messages.error if refusal else messages.success)(request, refusal or _("Saved."))
        return redirect("targets:plan", found.pk)
    context = {
        "grid": grid(request.user, found, focus_id=_focus(request)),
        "plan": found,
        "balance": request.POST.get("balance", Balance.SIBLINGS),
    }
    response = render(request, "targets/grid.html", context, status=status)
    return toast(response, refusal, "error") if refusal else response


def _figure(request: HttpRequest) -> Decimal:
    try:
        return Decimal(str(ungrouped(request.POST.get("amount", ""))))
    except InvalidOperation:
        raise WrongTarget(_("Enter a number."), fields={"amount": _("Enter a number.")}) from None


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _balance(request: HttpRequest, target: Target) -> Balance:
    if request.POST.get("balance") != Balance.UP:
        return Balance.SIBLINGS if target.parent_id else Balance.UP
    if not may_move_totals(request.user, target):
        raise WrongTarget(_("You may not change the totals above. Let the others make room instead."))
    return Balance.UP


def _planned(request: HttpRequest, plan_id: int) -> TargetPlan:
    found = get_object_or_404(TargetPlan.objects.permitting(request.user, Permission.TARGET_EDIT), pk=plan_id)
    if not may_plan(request.user, found):
        raise Http404
    return found


def _settings_form(found: TargetPlan, data: object = None) -> SettingsForm:
    top = Target.objects.get(plan=found, parent=None)
    return SettingsForm(
        data,
        names=level_names(found),
        levels=levels_of(found),
        initial={"amount": top.amount.quantize(Decimal(1).scaleb(-found.decimals)), "season": found.season},
    )


@page(Permission.TARGET_EDIT)
def settings(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Ask for the top figure, the months and the method of every level."""
    found = _planned(request, plan_id)
    context = {
        "title": _("How it is split"),
        "form": _settings_form(found),
        "action_url": reverse("targets:cascade", args=[found.pk]),
        "cancel_url": reverse("targets:plan", args=[found.pk]),
        "note": _("Figures set by hand stay as they are."),
    }
    return render(request, "ui/form_page.html", context)


@action(Permission.TARGET_EDIT)
def cascade(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Spread the plan again."""
    found = _planned(request, plan_id)
    form = _settings_form(found, request.POST)
    if not form.is_valid():
        raise WrongTarget("; ".join(text for _id, _label, text in form.problems))
    changed = services.cascade(
        plan_id=found.pk,
        levels=form.levels(found.growth),
        season=Season(form.cleaned_data["season"]),
        amount=form.cleaned_data["amount"],
        on=clock.today(),
    )
    messages.success(request, _("Cascaded again: %(count)s targets changed.") % {"count": len(changed)})
    response = redirect("targets:plan", found.pk)
    if is_htmx(request):
        response = HttpResponse(status=204, headers={"HX-Redirect": reverse("targets:plan", args=[found.pk])})
    return response


@page(Permission.TARGET_EDIT)
def compare(request: HttpRequest, target_id: int) -> HttpResponse:
    """Show what each method would give the children of a node, side by side."""
    target = _editable_or_visible(request, target_id)
    context = {"comparison": compared(target.plan, target), "target": target, "plan": target.plan}
    return render(request, "targets/compare.html", context)


def _editable_or_visible(request: HttpRequest, target_id: int) -> Target:
    visible = Target.objects.visible_to(request.user).select_related("plan__period", "unit", "position")
    return get_object_or_404(visible, pk=target_id)
