"""Planning: the list of plans, the steps to a new one, how it is split, methods side by side."""

import datetime as dt
from decimal import Decimal

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
from apps.targets.enums import Method, Season
from apps.targets.forms import ChoicesForm, PlanForm, ScopeForm, SettingsForm, steps_in_words
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors import structure
from apps.targets.selectors.comparing import COMPARED, choices_of
from apps.targets.selectors.comparing import compare as compared
from apps.targets.selectors.plans import plans_of
from apps.targets.selectors.reach import level_names, may_plan, may_plan_unit
from apps.targets.selectors.trees import levels_of
from apps.ui.htmx import is_htmx


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
        initial={
            "amount": top.amount.quantize(Decimal(1).scaleb(-found.decimals)),
            "season": found.season,
            "ramp": steps_in_words(found.ramp),
            "ramp_use": found.ramp_use,
            "stretch": found.stretch_percent / 100,
            "challenge": found.challenge_percent / 100,
        },
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
        season=form.chosen_season(found.season),
        amount=form.cleaned_data["amount"],
        ramp=form.chosen_ramp(),
        tiers=form.chosen_tiers(),
        by_id=request.user.pk,
        at=clock.now(),
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
    target = _visible(request, target_id)
    form = ChoicesForm(request.GET or None, now=choices_of(target.plan, target))
    choices = form.choices() if form.is_bound and form.is_valid() else None
    allowed = Target.objects.filter(pk=target.pk).permitting(request.user, Permission.TARGET_EDIT)
    context = {
        "comparison": compared(target.plan, target, choices),
        "form": form,
        "target": target,
        "plan": target.plan,
        "may_use": target.plan.is_open and target.plan.is_additive and allowed.exists(),
    }
    return render(request, "targets/compare.html", context)


@action(Permission.TARGET_EDIT)
def use(request: HttpRequest, target_id: int) -> HttpResponse:
    """Split a node by one of the methods compared."""
    allowed = Target.objects.permitting(request.user, Permission.TARGET_EDIT)
    target = get_object_or_404(allowed.select_related("plan"), pk=target_id)
    form = ChoicesForm(request.POST, now=choices_of(target.plan, target))
    if not form.is_valid() or request.POST.get("method") not in {str(one) for one in COMPARED}:
        raise WrongTarget("; ".join(text for _id, _label, text in form.problems) or _("Choose a method."))
    changed = services.use_method(
        target_id=target.pk,
        level=form.choices().level(Method(request.POST["method"])),
        by_id=request.user.pk,
        at=clock.now(),
        revision=_revision(request),
    )
    messages.success(request, _("Split again: %(count)s targets changed.") % {"count": len(changed)})
    return redirect("targets:compare", target.pk)


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _visible(request: HttpRequest, target_id: int) -> Target:
    visible = Target.objects.visible_to(request.user).select_related("plan__period", "unit", "position")
    return get_object_or_404(visible, pk=target_id)
