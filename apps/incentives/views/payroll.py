"""Pages of accruals, and reversing a locked run."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.access.sessions import recent_sign_in
from apps.core import clock
from apps.core.errors import DomainError
from apps.events import audit
from apps.incentives import services
from apps.incentives.forms import AccrualForm, ReversalForm
from apps.incentives.models import Accrual, PayRun
from apps.incentives.tables import AccrualTable
from apps.incentives.views.plans import no_store
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond


@page(Permission.PAYROLL_EXPORT)
@no_store
def accruals(request: HttpRequest) -> HttpResponse:
    """List the accruals made so far."""
    rows = Accrual.objects.visible_to(request.user).select_related("period", "made_by")
    context = {"form": AccrualForm(initial={"as_of": clock.today()})}
    return respond(request, AccrualTable(request, rows), "incentives/accruals.html", context)


@action(Permission.PAYROLL_EXPORT)
def accrue(request: HttpRequest) -> HttpResponse:
    """Start the accrual of a day in the background."""
    form = AccrualForm(request.POST)
    if not form.is_valid():
        raise DomainError(" ".join(sentence for _id, _label, sentence in form.problems), code="invalid")
    if not scope_of(request.user, Permission.PAYROLL_EXPORT).everything:
        raise DomainError(_("An accrual concerns the whole company."), code="part_only")
    task = services.request_accrual(
        as_of=form.cleaned_data["as_of"],
        today=clock.today(),
        by=request.user,
        url=reverse("incentives:accruals"),
    )
    return htmx.go(request, reverse("events:task", args=[task.pk]))


@page(Permission.PAYROLL_EXPORT)
@no_store
def accrual_file(request: HttpRequest, accrual_id: int) -> HttpResponse:
    """Hand out an accrual file."""
    found = get_object_or_404(Accrual.objects.visible_to(request.user), pk=accrual_id)
    audit.record_access(user_id=request.user.pk, what="accrual", table="incentives_accrual", row_id=found.pk)
    response = HttpResponse(found.content.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = f"accrual-{found.as_of.isoformat()}-{found.pk}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _run(request: HttpRequest, run_id: int) -> PayRun:
    rows = PayRun.objects.permitting(request.user, Permission.RUN_CALCULATE).select_related("period")
    return get_object_or_404(rows, pk=run_id)


def _frame(run: PayRun) -> Frame:
    title = _("Reverse pay run %(period)s") % {"period": run.period.code}
    note = _(
        "Every line is taken back once, in an open period, after review and approval by a second person. "
        "Then the period can be run anew."
    )
    back = reverse("incentives:run", args=[run.pk])
    return Frame(title, reverse("incentives:run_reverse", args=[run.pk]), cancel_url=back, note=note)


@page(Permission.RUN_CALCULATE)
@no_store
def reversal(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask in which period and why a locked run is reversed."""
    run = _run(request, run_id)
    return show_form(request, ReversalForm(run=run, today=clock.today()), _frame(run))


@action(Permission.RUN_CALCULATE)
@recent_sign_in
def reverse_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Make the reversal of a locked run."""
    run = _run(request, run_id)
    if not scope_of(request.user, Permission.RUN_CALCULATE).everything:
        raise DomainError(_("A pay run concerns the whole company."), code="part_only")

    def save(data: dict[str, Any]) -> PayRun:
        return services.reverse_run(
            run_id=run.pk, period=data["period"], reason=data["reason"], by=request.user, at=clock.now()
        )

    return submit_form(
        request,
        ReversalForm(request.POST, run=run, today=clock.today()),
        _frame(run),
        save,
        done=_("The reversal is calculated. Review it, then somebody else approves it."),
        go_to=lambda made: reverse("incentives:run", args=[made.pk]),
    )


@action(Permission.RUN_CALCULATE)
def drop_reversal(request: HttpRequest, run_id: int) -> HttpResponse:
    """Throw an unreviewed reversal away."""
    run = _run(request, run_id)
    services.drop_reversal(run_id=run.pk, by=request.user)
    messages.success(request, _("The reversal is dropped; nothing was taken back."))
    return htmx.go(request, reverse("incentives:runs"))
