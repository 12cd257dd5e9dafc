"""Pages about pay runs and the steps they take."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.access.sessions import recent_sign_in
from apps.core import clock
from apps.core.errors import DomainError
from apps.events import audit, progress
from apps.incentives import services
from apps.incentives.enums import RunState
from apps.incentives.forms import ReasonForm, RunForm
from apps.incentives.models import IncentivePlan, PayrollExport, PayRun, PlanVersion, Statement
from apps.incentives.rules.states import PATH, UNLOCKED
from apps.incentives.selectors import outdated
from apps.incentives.selectors.run_page import run_page
from apps.incentives.tables import RunStatementTable, RunTable, StatementTable
from apps.incentives.views.plans import no_store
from apps.ui import htmx
from apps.ui.tables import respond


def _runs(request: HttpRequest) -> QuerySet[PayRun]:
    """Return visible runs; somebody who sees a part of the company sees the total of that part."""
    rows = PayRun.objects.visible_to(request.user).select_related(
        "period", "calculated_by", "approved_by", "reverses__period"
    )
    rows = rows.prefetch_related(
        Prefetch("plans", IncentivePlan.objects.visible_to(request.user).order_by("name", "pk"))
    )
    scope = scope_of(request.user, Permission.STATEMENT_VIEW)
    if scope.everything:
        return rows.with_shown_total()
    people = scope.person_ids - {scope.own_person_id}
    return rows.filter(statements__person__in=people).with_shown_total()


@page(Permission.RUN_VIEW)
@no_store
def runs(request: HttpRequest) -> HttpResponse:
    """List the pay runs."""
    may_calculate = may(request.user, Permission.RUN_CALCULATE)
    context = {
        "may_calculate": may_calculate,
        "form": RunForm(today=clock.today()) if may_calculate else None,
        "has_plans": may_calculate and PlanVersion.objects.approved().exists(),
    }
    return respond(request, RunTable(request, _runs(request)), "incentives/runs.html", context)


@page(Permission.RUN_VIEW)
@no_store
def statements(request: HttpRequest) -> HttpResponse:
    """List the statements in reach."""
    rows = Statement.objects.visible_to(request.user).select_related("person", "unit", "run__period")
    return respond(request, StatementTable(request, rows), "incentives/statements.html")


@page(Permission.RUN_VIEW)
@no_store
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show a run: where it stands, what it pays, what is wrong."""
    found = get_object_or_404(
        PayRun.objects.visible_to(request.user).select_related("period", "task", "reverses__period"),
        pk=run_id,
    )
    rows = Statement.objects.visible_to(request.user).filter(run=found)
    table = RunStatementTable(request, rows.select_related("person", "unit", "run"))
    context = {
        "found": run_page(found, request.user),
        "path": _path(found),
        "steps": found.steps.select_related("by").order_by("-at", "-pk"),
        "actions": _actions(request, found),
        "exports": PayrollExport.objects.visible_to(request.user).filter(run=found).order_by("-pk"),
        "whole": scope_of(request.user, Permission.STATEMENT_VIEW).everything,
        "part": rows.in_company_currency(),
        "task_url": progress.bar_url(found.task, request.user),
        "reason_form": ReasonForm(),
        "may_send_back": found.state in {RunState.REVIEWED, RunState.APPROVED}
        and may(request.user, Permission.RUN_APPROVE),
        "may_reverse": found.is_posted
        and not found.is_void
        and found.reverses_id is None
        and scope_of(request.user, Permission.RUN_CALCULATE).everything,
        "may_drop": found.reverses_id is not None
        and found.state == RunState.CALCULATED
        and scope_of(request.user, Permission.RUN_CALCULATE).everything,
        "may_change": found.state in UNLOCKED and found.reverses_id is None,
        "is_mine": found.calculated_by_id == request.user.pk,
    }
    return respond(request, table, "incentives/run.html", context)


def _path(run: PayRun) -> list[dict[str, Any]]:
    reached = PATH.index(RunState(run.state))
    return [
        {"label": state.label, "state": "done" if i < reached else "now" if i == reached else "ahead"}
        for i, state in enumerate(PATH)
    ]


_STEPS: tuple[tuple[str, str, Permission, frozenset[RunState], bool], ...] = (
    (
        "calculate",
        "calculator",
        Permission.RUN_CALCULATE,
        frozenset({RunState.DRAFT, RunState.CALCULATED}),
        False,
    ),
    ("review", "checks", Permission.RUN_CALCULATE, frozenset({RunState.CALCULATED}), True),
    ("approve", "thumb-up", Permission.RUN_APPROVE, frozenset({RunState.REVIEWED}), True),
    ("lock", "lock", Permission.RUN_APPROVE, frozenset({RunState.APPROVED}), True),
    ("export", "file-download", Permission.PAYROLL_EXPORT, frozenset({RunState.LOCKED, RunState.PAID}), True),
    ("paid", "cash-banknote", Permission.PAYROLL_EXPORT, frozenset({RunState.LOCKED}), False),
)


def _labels() -> dict[str, str]:
    return {
        "calculate": _("Calculate"),
        "review": _("Mark as reviewed"),
        "approve": _("Approve pay run"),
        "lock": _("Lock pay run"),
        "export": _("Export payroll"),
        "paid": _("Mark as paid"),
    }


def _actions(request: HttpRequest, run: PayRun) -> list[dict[str, Any]]:
    labels = _labels()
    return [
        {
            "label": labels[name],
            "url": reverse(f"incentives:run_{name}", args=[run.pk]),
            "icon": icon,
            "primary": primary or run.state == RunState.DRAFT,
            "post": True,
            "confirm": _last_question(run) if name == "lock" else "",
        }
        for name, icon, permission, states, primary in _STEPS
        if run.state in states
        and scope_of(request.user, permission).everything
        and not (name == "calculate" and run.reverses_id is not None)
        and not (name == "approve" and run.calculated_by_id == request.user.pk)
    ]


def _last_question(run: PayRun) -> str:
    text = _("Lock the pay run %(period)s? Its lines then stand for good; corrections come with a later run.")
    return text % {"period": run.period.code}


@action(Permission.RUN_CALCULATE)
def create_run(request: HttpRequest) -> HttpResponse:
    """Create a draft run for a period."""
    form = RunForm(request.POST, today=clock.today())
    if not form.is_valid():
        raise DomainError(_("Choose a period that has no pay run yet."), code="invalid")
    _whole_company(request, Permission.RUN_CALCULATE)
    made = services.create_run(period=form.cleaned_data["period"], by=request.user, at=clock.now())
    return htmx.go(request, reverse("incentives:run", args=[made.pk]))


def _whole_company(request: HttpRequest, permission: Permission) -> None:
    """Refuse somebody whose permission covers a part of the company only: a run pays all of it."""
    if not scope_of(request.user, permission).everything:
        raise DomainError(_("A pay run concerns the whole company."), code="part_only")


def _act(
    request: HttpRequest,
    run_id: int,
    permission: Permission,
    service: Callable[..., Any],
    done: str,
    **more: Any,
) -> HttpResponse:
    found = get_object_or_404(PayRun.objects.permitting(request.user, permission), pk=run_id)
    _whole_company(request, permission)
    service(run_id=found.pk, by=request.user, at=clock.now(), **more)
    messages.success(request, done)
    return htmx.go(request, reverse("incentives:run", args=[found.pk]))


@action(Permission.RUN_CALCULATE)
def calculate(request: HttpRequest, run_id: int) -> HttpResponse:
    """Start the calculation in the background."""
    rows = PayRun.objects.permitting(request.user, Permission.RUN_CALCULATE).select_related("period")
    found = get_object_or_404(rows, pk=run_id)
    _whole_company(request, Permission.RUN_CALCULATE)
    return _start(request, found)


def _start(request: HttpRequest, found: PayRun) -> HttpResponse:
    url = reverse("incentives:run", args=[found.pk])
    title = _("Pay run %(period)s") % {"period": found.period.code}
    services.request_calculation(run_id=found.pk, by=request.user, title=title, url=url)
    return htmx.go(request, url)


@page(Permission.RUN_VIEW)
@no_store
def changed(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show which inputs have changed since a run was calculated, to those who calculate or approve it."""
    rows = PayRun.objects.visible_to(request.user).select_related("period")
    found = get_object_or_404(rows, pk=run_id)
    may_calculate = scope_of(request.user, Permission.RUN_CALCULATE).everything
    may_approve = scope_of(request.user, Permission.RUN_APPROVE).everything
    changes = outdated.changes_since(found) if may_calculate or may_approve else []
    context = {
        "run": found,
        "changes": outdated.shown_changes(found, changes, request.user),
        "seen": outdated.fingerprint(changes),
        "may_calculate": may_calculate,
        "may_approve": may_approve
        and found.state == RunState.REVIEWED
        and found.calculated_by_id != request.user.pk,
    }
    return render(request, "incentives/changed_inputs.html", context)


@action(Permission.RUN_CALCULATE)
def recalculate(request: HttpRequest, run_id: int) -> HttpResponse:
    """Calculate a run again whose inputs have changed."""
    found = get_object_or_404(PayRun.objects.permitting(request.user, Permission.RUN_CALCULATE), pk=run_id)
    _whole_company(request, Permission.RUN_CALCULATE)
    services.take_back(run_id=found.pk, by=request.user, at=clock.now())
    return _start(request, found)


@action(Permission.RUN_CALCULATE)
def review(request: HttpRequest, run_id: int) -> HttpResponse:
    """Confirm that the figures were looked at."""
    done = _("Reviewed. Somebody else approves it now.")
    return _act(request, run_id, Permission.RUN_CALCULATE, services.review_run, done)


@action(Permission.RUN_APPROVE)
@recent_sign_in
def approve(request: HttpRequest, run_id: int) -> HttpResponse:
    """Approve a reviewed run."""
    done = _("Approved. Lock it, then its lines stand for good.")
    seen = request.POST.get("seen", "")
    return _act(request, run_id, Permission.RUN_APPROVE, services.approve_run, done, seen=seen)


@action(Permission.RUN_APPROVE)
def send_back(request: HttpRequest, run_id: int) -> HttpResponse:
    """Send a run back to be calculated again."""
    reason = request.POST.get("reason", "").replace("\x00", "")
    done = _("Sent back with your reason.")
    return _act(request, run_id, Permission.RUN_APPROVE, services.send_back, done, reason=reason)


@action(Permission.RUN_APPROVE)
@recent_sign_in
def lock(request: HttpRequest, run_id: int) -> HttpResponse:
    """Make the lines of an approved run stand for good."""
    done = _("Locked. Export the payroll file now.")
    return _act(request, run_id, Permission.RUN_APPROVE, services.lock_run, done)


@action(Permission.PAYROLL_EXPORT)
def paid(request: HttpRequest, run_id: int) -> HttpResponse:
    """Note that payroll has paid."""
    done = _("Marked as paid. Everybody sees their statement.")
    return _act(request, run_id, Permission.PAYROLL_EXPORT, services.mark_paid, done)


@action(Permission.PAYROLL_EXPORT)
@recent_sign_in
def export(request: HttpRequest, run_id: int) -> HttpResponse:
    """Make the payroll file of a locked run."""
    done = _("The payroll file is ready below.")
    return _act(request, run_id, Permission.PAYROLL_EXPORT, services.export_payroll, done)


@page(Permission.PAYROLL_EXPORT)
@no_store
def download(request: HttpRequest, export_id: int) -> HttpResponse:
    """Hand out a payroll file."""
    rows = PayrollExport.objects.visible_to(request.user).select_related("run__period")
    found = get_object_or_404(rows, pk=export_id)
    audit.record_access(
        user_id=request.user.pk, what="payroll file", table="incentives_payrollexport", row_id=found.pk
    )
    response = HttpResponse(found.content.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    what = "payroll-reversal" if found.run.reverses_id is not None else "payroll"
    name = f"{what}-{found.run.period.code}-{found.pk}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
