"""Pages of simulations: asked for from a plan version, watched, read down to a payee's lines, deleted."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.events import audit, progress
from apps.incentives import services
from apps.incentives.forms import SimulationForm
from apps.incentives.models import PlanVersion, SimulatedPayee, Simulation
from apps.incentives.models.simulations import NEEDED
from apps.incentives.selectors import simulated
from apps.incentives.simulation_tables import SimulatedPayeeTable, SimulationTable
from apps.incentives.views.plans import no_store
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond


@page(Permission.PLAN_EDIT)
@no_store
def simulations(request: HttpRequest) -> HttpResponse:
    """List the simulations that are kept."""
    audit.record_access(user_id=request.user.pk, what="simulations", table="incentives_simulation", row_id="")
    rows = Simulation.objects.visible_to(request.user).select_related(
        "version__plan", "first", "last", "created_by", "unit", "role", "plan"
    )
    return respond(request, SimulationTable(request, rows), "incentives/simulations.html", {})


@page(Permission.PLAN_EDIT)
@no_store
def new_simulation(request: HttpRequest, version_id: int) -> HttpResponse:
    """Ask which past periods to play a plan version on."""
    version = _version(request, version_id)
    return show_form(request, SimulationForm(version, clock.today()), _frame(version))


@action(Permission.PLAN_EDIT)
def simulate(request: HttpRequest, version_id: int) -> HttpResponse:
    """Have a plan version simulated in the background."""
    version = _version(request, version_id)

    def save(data: dict[str, Any]) -> Simulation:
        return services.request_simulation(
            version=version,
            by=request.user,
            at=clock.now(),
            today=clock.today(),
            url=lambda pk: reverse("incentives:simulation", args=[pk]),
            **data,
        )

    return submit_form(
        request,
        SimulationForm(version, clock.today(), request.POST),
        _frame(version),
        save,
        done=_("The simulation runs in the background."),
        go_to=lambda made: reverse("incentives:simulation", args=[made.pk]),
    )


def _frame(version: PlanVersion) -> Frame:
    title = _("Simulate version %(number)s") % {"number": version.number}
    note = _(
        "Past credits are paid by the plans of today and by this version, with the engine of the pay runs. "
        "No pay run is touched."
    )
    back = reverse("incentives:plan", args=[version.plan_id])
    return Frame(title, reverse("incentives:simulate", args=[version.pk]), cancel_url=back, note=note)


@page(Permission.PLAN_EDIT)
@no_store
def simulation(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """Show what a plan version would have cost, and for whom what changes."""
    found = _found(request, simulation_id)
    audit.record_access(
        user_id=request.user.pk, what="simulation", table="incentives_simulation", row_id=found.pk
    )
    rows = SimulatedPayee.objects.visible_to(request.user).played().filter(simulation=found)
    table = SimulatedPayeeTable(request, rows.select_related("person", "simulation"))
    context = {
        "found": simulated.simulation_page(found),
        "task_url": progress.bar_url(found.task, request.user),
    }
    return respond(request, table, "incentives/simulation.html", context)


@page(Permission.PLAN_EDIT)
@no_store
def simulated_payee(request: HttpRequest, payee_id: int) -> HttpResponse:
    """Show every line of a payee under both plans."""
    rows = (
        SimulatedPayee.objects.visible_to(request.user)
        .played()
        .select_related("person", "simulation__version__plan", "simulation__first", "simulation__last")
    )
    found = get_object_or_404(rows, pk=payee_id)
    audit.record_access(
        user_id=request.user.pk, what="simulated pay", table="incentives_simulatedpayee", row_id=found.pk
    )
    return render(request, "incentives/simulated_payee.html", {"found": simulated.payee_page(found)})


@action(Permission.PLAN_EDIT)
def delete_simulation(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """Delete a simulation with everything it says of payees."""
    found = _found(request, simulation_id)
    services.delete_simulation(simulation_id=found.pk, by=request.user)
    return htmx.go(request, reverse("incentives:simulations"))


def _version(request: HttpRequest, version_id: int) -> PlanVersion:
    rows = PlanVersion.objects.permitting(request.user, Permission.PLAN_EDIT).select_related("plan")
    if not all(scope_of(request.user, one).everything for one in NEEDED):
        rows = rows.none()
    return get_object_or_404(rows, pk=version_id)


def _found(request: HttpRequest, simulation_id: int) -> Simulation:
    rows = Simulation.objects.visible_to(request.user).select_related(
        "version__plan", "first", "last", "plan", "unit", "role", "created_by", "task"
    )
    return get_object_or_404(rows, pk=simulation_id)
