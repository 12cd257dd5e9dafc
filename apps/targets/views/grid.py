"""The planning grid: branch by branch, cell by cell, with undo."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.targets import services
from apps.targets.enums import Balance
from apps.targets.forms import LimitsForm
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.pasting import NotAFigure, figure
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.grid import as_data, branch, cells_of, changed_rows, grid, readable_places
from apps.targets.selectors.history import history as told
from apps.targets.selectors.history import turnable
from apps.targets.selectors.pending import as_answered, looked_at, pending_of
from apps.targets.selectors.plans import plan_page
from apps.targets.selectors.reach import may_move_totals, may_plan
from apps.targets.selectors.seats import drift

View = TypeVar("View", bound=Callable[..., HttpResponse])

_MAX_OPENED = 500


def reads_answers(view: View) -> View:
    """Mark a view that shows or changes what was answered: it need not wait until that is written."""
    view.reads_answers = True  # type: ignore[attr-defined]  # read by SettlingMiddleware
    return view


@reads_answers
@page(Permission.TARGET_VIEW)
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a plan as a grid of nodes and months, with what can be done next."""
    found = _visible_plan(request, plan_id)
    with transaction.atomic():
        shown = grid(request.user, found, looked_at(found.pk))
    if not shown.rows:
        raise Http404
    planner = found.is_open and may_plan(request.user, found)
    context = {
        "grid": shown,
        "plan": found,
        "page": plan_page(request.user, found),
        "drift": drift(found, clock.today()) if planner else None,
    }
    return render(request, "targets/plan.html", context)


@reads_answers
@page(Permission.TARGET_VIEW)
def rows(request: HttpRequest, plan_id: int, parent_id: int) -> HttpResponse:
    """Answer with the rows directly below a node."""
    found = _visible_plan(request, plan_id)
    with transaction.atomic():
        pending = looked_at(found.pk)
        top = Target.objects.filter(plan=found, parent=None)
        as_answered(found, top, pending)
        below = branch(request.user, found, parent_id, pending)
    context = {
        "rows": below,
        "plan": found,
        "places": readable_places(found, top[0].amount if top else Decimal(0)),
    }
    return render(request, "targets/grid_rows.html", context)


@reads_answers
@page(Permission.TARGET_VIEW)
def history(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show who changed what in a plan, newest first."""
    found = _visible_plan(request, plan_id)
    context = {"plan": found, "changes": told(found, request.user), "may_plan": may_plan(request.user, found)}
    return render(request, "targets/history.html", context)


@reads_answers
@action(Permission.TARGET_EDIT)
def edit_cell(request: HttpRequest, target_id: int) -> HttpResponse:
    """Type one cell and answer with the rows that changed."""
    target = editable(request, target_id)
    column = request.POST.get("column", "year")
    return answered(
        request,
        target.plan,
        lambda: services.answer_cells(
            plan_id=target.plan_id,
            cells=[services.CellEdit(target.pk, column, _figure(request, target, column))],
            balance=balance(request, target),
            by_id=request.user.pk,
            at=clock.now(),
            reason=request.POST.get("reason", "")[:300],
            revision=revision(request),
        ),
    )


@reads_answers
@action(Permission.TARGET_EDIT)
def lock(request: HttpRequest, target_id: int) -> HttpResponse:
    """Keep a figure as it is until it is released."""
    target = editable(request, target_id)
    return answered(
        request,
        target.plan,
        lambda: services.answer_lock(
            target_id=target.pk,
            by_id=request.user.pk,
            at=clock.now(),
            reason=request.POST.get("reason", ""),
            revision=revision(request),
        ),
    )


@reads_answers
@action(Permission.TARGET_EDIT)
def release(request: HttpRequest, target_id: int) -> HttpResponse:
    """Give a figure, or months of it, back to the method."""
    target = editable(request, target_id)
    return answered(
        request,
        target.plan,
        lambda: services.answer_release(
            target_id=target.pk,
            column=request.POST.get("column", "year"),
            by_id=request.user.pk,
            at=clock.now(),
            revision=revision(request),
        ),
        back=("targets:node", target.pk),
    )


@action(Permission.TARGET_EDIT)
def limits(request: HttpRequest, target_id: int) -> HttpResponse:
    """Bound what the method may give a node, and rate what it brings to the split."""
    target = editable(request, target_id)
    form = LimitsForm(request.POST)
    if not form.is_valid():
        raise WrongTarget(_("Limits are numbers of at least 0."))
    data = form.cleaned_data
    services.set_inputs(
        target_id=target.pk,
        inputs=services.Inputs(
            low=data["low"] or Decimal(0),
            high=data["high"],
            productivity=data["productivity"],
            potential=data["potential"],
        ),
        by_id=request.user.pk,
        at=clock.now(),
    )
    messages.success(request, _("The limits are set and the split is made again."))
    return redirect("targets:node", target.pk)


@reads_answers
@action(Permission.TARGET_EDIT)
def undo(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Take the last change back."""
    return _turned(request, plan_id, services.answer_undo)


@reads_answers
@action(Permission.TARGET_EDIT)
def redo(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Make the change taken back last again."""
    return _turned(request, plan_id, services.answer_redo)


def _turned(request: HttpRequest, plan_id: int, turn: Callable[..., services.Answer]) -> HttpResponse:
    found = _visible_plan(request, plan_id)
    return answered(
        request,
        found,
        lambda: turn(
            plan_id=found.pk,
            by_id=request.user.pk,
            at=clock.now(),
            revision=revision(request),
            only_own=not may_plan(request.user, found),
        ),
    )


def answered(
    request: HttpRequest,
    found: TargetPlan,
    act: Callable[[], services.Answer],
    back: tuple[str, int] | None = None,
) -> HttpResponse:
    """Act, and answer a script with the rows on its screen that changed, a plain form with a page."""
    try:
        with transaction.atomic():
            answer = act()
    except DomainError as error:
        if wants_data(request):
            return JsonResponse({"detail": str(error), "code": error.code}, status=409)
        messages.error(request, str(error))
        return redirect(*(back or ("targets:plan", found.pk)))
    if not wants_data(request):
        messages.success(request, _("Saved."))
        return redirect(*(back or ("targets:plan", found.pk)))
    return JsonResponse(state(request, found, answer))


def state(request: HttpRequest, plan: TargetPlan, answer: services.Answer) -> dict[str, Any]:
    """Return the plan as the script in the page takes it: revision, changed rows, what can be undone."""
    opened = [int(one) for one in request.POST.get("opened", "").split(",") if one.isdecimal()]
    can_undo, can_redo = turnable(plan)
    rows = changed_rows(request.user, plan, answer.ids, opened[:_MAX_OPENED])
    return {
        "revision": answer.revision,
        "changed": answer.count,
        "rows": [as_data(row) for row in _as_answered(rows, answer)],
        "undo": can_undo,
        "redo": can_redo,
    }


def _as_answered(rows: list[Target], answer: services.Answer) -> list[Target]:
    """Show rows that are not written yet as they were answered."""
    if answer.states is None:
        return rows
    states = answer.states([row.pk for row in rows])
    for row in rows:
        for name, value in states.get(row.pk, {}).items():
            setattr(row, name, value)
    return [row for row in rows if row.pk in states]


def wants_data(request: HttpRequest) -> bool:
    """Tell whether the script of the grid asks."""
    return request.headers.get("Accept", "") == "application/json"


def editable(request: HttpRequest, target_id: int) -> Target:
    """Return a target the user may change, else answer 404."""
    permitted = Target.objects.permitting(request.user, Permission.TARGET_EDIT)
    return get_object_or_404(permitted.select_related("plan", "parent"), pk=target_id)


def _visible_plan(request: HttpRequest, plan_id: int) -> TargetPlan:
    visible = TargetPlan.objects.visible_to(request.user).select_related("period", "root_unit")
    return get_object_or_404(visible, pk=plan_id)


def _figure(request: HttpRequest, target: Target, column: str) -> Decimal:
    plan = target.plan
    pending = pending_of(plan.pk, {target.pk})
    if pending:
        target.refresh_from_db(fields=["amount", "months", "fixed_months", "is_fixed"])
        as_answered(plan, [target], pending)
    now = {cell.column: cell.amount for cell in cells_of(target)}.get(column, Decimal(0))
    try:
        typed = figure(request.POST.get("amount", ""), is_additive=plan.is_additive, places=plan.decimals)
    except NotAFigure as error:
        raise WrongTarget(str(error), fields={"amount": str(error)}) from None
    return typed.on(now, plan.decimals)


def revision(request: HttpRequest) -> int | None:
    """Return the revision of the plan that the page showed."""
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def balance(request: HttpRequest, target: Target) -> Balance:
    """Return who gives way, if the user may move that."""
    if request.POST.get("balance") != Balance.UP:
        return Balance.SIBLINGS
    if not may_move_totals(request.user, target):
        raise WrongTarget(_("You may not change the totals above. Let the others make room instead."))
    return Balance.UP
