"""Simulating a plan version on past credits: asked for, played in the background, kept for a while."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.scope import scope_of
from apps.calendars.models import FiscalPeriod
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.events import jobs, progress
from apps.events.models import LongTask
from apps.incentives.models import PlanVersion, SimulatedPayee, Simulation
from apps.incentives.models.simulations import NEEDED
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.selectors import simulated, simulating
from apps.incentives.selectors.simulating import Played
from apps.measures.models import Credit
from apps.org.models import OrgUnit
from apps.roles.models import SalesRole

logger = logging.getLogger(__name__)
TASK = "incentives.simulate"
KEPT_FOR = dt.timedelta(days=90)
MOST_PERIODS = 24
BATCH = 50


class SimulationRefused(DomainError):
    """The simulation cannot be made like this."""


@requires_transaction
def request_simulation(
    *,
    version: PlanVersion,
    first: FiscalPeriod,
    last: FiscalPeriod,
    by: User,
    at: dt.datetime,
    today: dt.date,
    url: Callable[[int], str],
    unit: OrgUnit | None = None,
    role: SalesRole | None = None,
    budget: Decimal | None = None,
    seed: int = 1,
    draws: int = 500,
) -> Simulation:
    """Have a plan version played on past periods in the background, beside what is in force.

    Without unit or role the payees are those of the version's own plan. Raises SimulationRefused.
    """
    _check(version, first, last, by, today)
    if unit is not None and role is not None:
        raise SimulationRefused(_("Choose a unit or a role, not both."))
    made = Simulation.objects.create(
        version=version,
        document=version.document,
        plan=version.plan if unit is None and role is None else None,
        unit=unit,
        role=role,
        first=first,
        last=last,
        budget=budget,
        seed=seed,
        draws=draws,
        currency=version.plan_document.currency,
        ledger_upto=Credit.objects.aggregate(last=Max("pk"))["last"] or 0,
        created_by=by,
        created_at=at,
        expires_on=today + KEPT_FOR,
    )
    title = _("Simulation of %(plan)s, version %(number)s") % {
        "plan": version.plan.name,
        "number": version.number,
    }
    made.task = progress.start(TASK, by, title, url=url(made.pk))
    made.save(update_fields=["task"])
    jobs.enqueue(TASK, simulation_id=made.pk, by_id=by.pk, task_id=made.task.pk)
    logger.info("simulation requested", extra={"simulation_id": made.pk, "by": by.pk})
    return made


def _check(version: PlanVersion, first: FiscalPeriod, last: FiscalPeriod, by: User, today: dt.date) -> None:
    kind = version.plan_document.period
    text, field = "", "last"
    if not all(scope_of(by, permission).everything for permission in NEEDED):
        text, field = _("A simulation shows the pay of the whole company."), "version"
    elif {first.kind, last.kind} != {kind}:
        text = _("Choose periods as long as the plan's pay periods.")
    elif last.starts_on < first.starts_on:
        text = _("The last period cannot lie before the first.")
    elif last.starts_on > today:
        text = _("Choose periods that have begun.")
    elif (last.starts_on - first.starts_on).days > 366 * 2:
        text = _("Choose at most two years.")
    if text:
        raise SimulationRefused(text, fields={field: text})


def simulate_now(*, simulation_id: int, at: dt.datetime, task: LongTask | None = None) -> Simulation:
    """Play a simulation payee by payee, each batch in its own transaction; begun again after a kill.

    Raises Cancelled when somebody asked to stop; what was kept is then gone.
    """
    found = Simulation.objects.select_related("version__plan", "first", "last").get(pk=simulation_id)
    if found.done_at is not None:
        return found
    SimulatedPayee.objects.filter(simulation=found).delete()
    stage = simulating.stage(found)
    facts = _facts(stage.people, found)
    for place in range(0, len(stage.people), BATCH):
        if task is not None:
            task.advance(place, len(stage.people), _("Payees"))
        with transaction.atomic():
            played = simulating.play(stage, stage.people[place : place + BATCH])
            SimulatedPayee.objects.bulk_create([_row(found, one, facts) for one in played])
    with transaction.atomic():
        [row] = lock_rows(Simulation.objects.filter(pk=simulation_id))
        row.result, row.done_at = simulated.summary(found), at
        row.save(update_fields=["result", "done_at"])
    return row


def _facts(people: Sequence[int], simulation: Simulation) -> dict[str, Mapping[int, Any]]:
    document: PlanDocument = simulating.simulated_version(simulation).plan_document
    measure = next((one.measure for one in document.credited), "revenue")
    last_day = simulation.last.ends_before - dt.timedelta(days=1)
    return {
        "credited": simulating.credited_to(people, simulation, "revenue"),
        "attainment": simulating.attained(people, simulation, measure),
        "units": simulating.units_of(people, last_day),
    }


def _row(simulation: Simulation, played: Played, facts: Mapping[str, Mapping[int, Any]]) -> SimulatedPayee:
    reached = facts["attainment"].get(played.person_id)
    return SimulatedPayee(
        simulation=simulation,
        person_id=played.person_id,
        unit_name=facts["units"].get(played.person_id, ""),
        paid_now=played.total["now"],
        paid_then=played.total["then"],
        credited=facts["credited"].get(played.person_id, Decimal(0)),
        attainment=None if reached is None else min(round(reached, 6), Decimal(99999)),
        problem=played.problem.reason if played.problem else "",
        problem_details=played.problem.details if played.problem else {},
        periods=[[code, str(now), str(then)] for code, now, then in played.periods],
        lines=played.lines,
    )


@requires_transaction
def delete_simulation(*, simulation_id: int, by: User) -> None:
    """Delete a simulation with everything it says of payees; one that runs is asked to stop."""
    [found] = lock_rows(Simulation.objects.filter(pk=simulation_id))
    if found.task_id is not None:
        progress.request_cancel(task_id=found.task_id)
    found.delete()
    logger.info("simulation deleted", extra={"simulation_id": simulation_id, "by": by.pk})


@requires_transaction
def forget_simulations(*, today: dt.date) -> int:
    """Delete the simulations whose time is over and return how many."""
    old = Simulation.objects.filter(expires_on__lt=today)
    count = old.count()
    old.delete()
    return count
