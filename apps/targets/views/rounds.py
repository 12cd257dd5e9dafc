"""Bottom-up rounds: the tree with its gaps, one's own figures, handing up, returning, accepting."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.targets import services
from apps.targets.forms import ReasonForm
from apps.targets.models import BottomUpRound, OwnFigure, TargetPlan
from apps.targets.round_forms import BlendForm, FigureForm, RoundForm
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors import rounds as reading
from apps.targets.selectors.reach import level_names, may_plan
from apps.targets.services import ReasonMissing
from apps.ui.htmx import go


def _planned(request: HttpRequest, plan_id: int) -> TargetPlan:
    plans = TargetPlan.objects.permitting(request.user, Permission.TARGET_EDIT).select_related("period")
    plan = get_object_or_404(plans, pk=plan_id)
    if not may_plan(request.user, plan):
        raise Http404
    return plan


def _planned_round(request: HttpRequest, round_id: int) -> BottomUpRound:
    found = get_object_or_404(BottomUpRound.objects.select_related("plan"), pk=round_id)
    _planned(request, found.plan_id)
    return found


def _round_form(plan: TargetPlan, data: object = None) -> RoundForm:
    known = dict(enumerate(level_names(plan)))
    names = {depth: known.get(depth, _("Seats")) for depth in reading.depths_of(plan.pk)}
    return RoundForm(data, names=names, today=clock.today())


@page(Permission.TARGET_EDIT)
def ask(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Ask until when each level gives its own figures."""
    plan = _planned(request, plan_id)
    context = {
        "title": _("Ask for own figures"),
        "form": _round_form(plan),
        "action_url": reverse("targets:open_round", args=[plan.pk]),
        "cancel_url": reverse("targets:plan", args=[plan.pk]),
        "note": _("Every seat and unit is asked. The level below hands up first."),
    }
    return render(request, "ui/form_page.html", context)


@action(Permission.TARGET_EDIT)
def open_round(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Open a bottom-up round on a draft."""
    plan = _planned(request, plan_id)
    form = _round_form(plan, request.POST)
    if not form.is_valid():
        raise WrongTarget("; ".join(text for _id, _label, text in form.problems))
    made = services.open_round(
        plan_id=plan.pk,
        dues=form.dues,
        note=form.cleaned_data["note"],
        shows_proposal=form.cleaned_data["shows_proposal"],
        by_id=request.user.pk,
        at=clock.now(),
        on=clock.today(),
    )
    messages.success(request, _("The round is open and everybody asked was told."))
    return go(request, reverse("targets:round", args=[made.pk]))


@page(Permission.TARGET_VIEW)
def show(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show a round as a tree: plan, own figures, gaps, progress."""
    visible = BottomUpRound.objects.visible_to(request.user).select_related("plan__period")
    found = get_object_or_404(visible, pk=round_id)
    context = {
        "found": reading.round_page(request.user, found, clock.today()),
        "plan": found.plan,
        "blend": BlendForm(),
    }
    return render(request, "targets/round.html", context)


@action(Permission.TARGET_EDIT)
def close(request: HttpRequest, round_id: int) -> HttpResponse:
    """End a round."""
    found = _planned_round(request, round_id)
    services.close_round(round_id=found.pk, by_id=request.user.pk, at=clock.now())
    messages.success(request, _("The round is closed. What was accepted keeps counting."))
    return redirect("targets:round", found.pk)


@action(Permission.TARGET_EDIT)
def blend(request: HttpRequest, round_id: int) -> HttpResponse:
    """Split the draft again between top-down and bottom-up."""
    found = _planned_round(request, round_id)
    form = BlendForm(request.POST)
    if not form.is_valid():
        raise WrongTarget(_("The weight lies between 0 % and 100 %."))
    changed = services.blend(
        plan_id=found.plan_id,
        top_down=form.cleaned_data["top_down"],
        by_id=request.user.pk,
        at=clock.now(),
        on=clock.today(),
    )
    messages.success(request, _("Blended: %(count)s targets changed.") % {"count": len(changed)})
    return redirect("targets:plan", found.plan_id)


@action(Permission.TARGET_EDIT)
def accept_all(request: HttpRequest, round_id: int) -> HttpResponse:
    """Accept the ticked figures of a round."""
    ids = [int(one) for one in request.POST.getlist("figures") if one.isdecimal() and len(one) < 19]
    waiting = OwnFigure.objects.filter(round=round_id).permitting(request.user, Permission.TARGET_EDIT)
    if not waiting.exists():
        raise Http404
    mine = waiting.waiting_for_decision().filter(pk__in=ids).exclude(submitted_by=request.user)
    accepted = services.accept_figures(
        figure_ids=list(mine.values_list("pk", flat=True)), by_id=request.user.pk, at=clock.now()
    )
    messages.success(request, _("%(count)s figures are accepted.") % {"count": len(accepted)})
    return redirect("targets:round", round_id)


@page(Permission.TARGET_VIEW)
def figures(request: HttpRequest) -> HttpResponse:
    """List one's own figures and those that wait for one's decision."""
    return render(request, "targets/figures.html", {"desk": reading.desk(request.user, clock.today())})


def _visible(request: HttpRequest) -> QuerySet[OwnFigure]:
    about = ("round__plan__period", "target__unit", "target__position", "target__owner", "person")
    return OwnFigure.objects.visible_to(request.user).select_related(*about)


def _form(page_: reading.FigurePage, data: object = None) -> FigureForm:
    figure = page_.row.figure
    initial = {"amount": _typed(figure.amount, page_), "comment": figure.comment, "version": figure.version}
    initial |= {f"month_{index}": _typed(one.own, page_) for index, one in enumerate(page_.months)}
    is_spread = figure.round.plan.is_additive
    return FigureForm(data, months=[one.label for one in page_.months] if is_spread else [], initial=initial)


def _typed(value: object, page_: reading.FigurePage) -> object:
    places = page_.row.figure.round.plan.decimals
    return None if value is None else f"{value:.{places}f}"


@page(Permission.TARGET_VIEW)
def figure(request: HttpRequest, figure_id: int) -> HttpResponse:
    """Show one own figure beside the plan's, with what was said about it."""
    row = get_object_or_404(_visible(request), pk=figure_id)
    found = reading.figure_page(request.user, row, clock.today())
    context = {"found": found, "figure": row, "plan": row.round.plan, "form": _form(found)}
    return render(request, "targets/own_figure.html", context)


@action(Permission.TARGET_VIEW)
def save(request: HttpRequest, figure_id: int) -> HttpResponse:
    """Keep an own figure without handing it up."""
    _enter(request, figure_id)
    messages.success(request, _("Saved. Hand it up when you are done."))
    return redirect("targets:figure", figure_id)


@action(Permission.TARGET_VIEW)
def submit(request: HttpRequest, figure_id: int) -> HttpResponse:
    """Keep an own figure and hand it up."""
    row = _enter(request, figure_id)
    services.submit_figure(figure_id=row.pk, by_id=request.user.pk, at=clock.now())
    messages.success(request, _("Handed up."))
    return redirect("targets:figure", figure_id)


def _enter(request: HttpRequest, figure_id: int) -> OwnFigure:
    row = get_object_or_404(_visible(request).of(request.user), pk=figure_id)  # type: ignore[attr-defined]  # own queryset
    found = reading.figure_page(request.user, row, clock.today())
    form = _form(found, request.POST)
    if not form.is_valid():
        raise WrongTarget("; ".join(f"{label}: {text}" for _id, label, text in form.problems))
    return services.enter_figure(
        figure_id=row.pk,
        by_id=request.user.pk,
        at=clock.now(),
        amount=form.cleaned_data["amount"],
        months=form.months,
        comment=form.cleaned_data["comment"],
        version=form.cleaned_data["version"],
    )


def _decidable(request: HttpRequest, figure_id: int) -> OwnFigure:
    return get_object_or_404(OwnFigure.objects.permitting(request.user, Permission.TARGET_EDIT), pk=figure_id)


@action(Permission.TARGET_EDIT)
def accept(request: HttpRequest, figure_id: int) -> HttpResponse:
    """Accept somebody's own figure."""
    row = _decidable(request, figure_id)
    services.accept_figures(figure_ids=[row.pk], by_id=request.user.pk, at=clock.now())
    messages.success(request, _("Accepted."))
    return redirect("targets:figure", row.pk)


@action(Permission.TARGET_EDIT)
def send_back(request: HttpRequest, figure_id: int) -> HttpResponse:
    """Return somebody's own figure with a reason."""
    row = _decidable(request, figure_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise ReasonMissing(_("Give a reason."))
    services.return_figure(
        figure_id=row.pk, by_id=request.user.pk, at=clock.now(), reason=form.cleaned_data["reason"]
    )
    messages.success(request, _("Returned with your reason."))
    return redirect("targets:figure", row.pk)
