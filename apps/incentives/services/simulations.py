"""Simulating a plan version on past credits: asked for, played in the background, kept for a while."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.scope import scope_of
from apps.calendars.models import FiscalPeriod
from apps.core.db import lock_rows, requires_transaction, wait_for_other_workers
from apps.core.errors import DomainError
from apps.events import jobs, progress
from apps.events.models import LongTask
from apps.incentives.models import PlanVersion, SimulatedPayee, Simulation
from apps.incentives.models.simulations import NEEDED
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.selectors import simulated, simulating
from apps.incentives.selectors.exchange import company_currency
from apps.incentives.selectors.simulating import Played, Stage
from apps.measures.models import Credit
from apps.org.models import OrgUnit
from apps.roles.models import SalesRole

logger = logging.getLogger(__name__)
TASK = "incentives.simulate"
KEPT_FOR = dt.timedelta(days=90)
MOST_PERIODS = 24
BATCH, SMALLEST = 50, 10  # payees
# Held by every batch until it is written: whoever begins anew, closes or deletes waits for it.
_BESIDE_OTHERS = "SELECT stage FROM incentives_simulation WHERE id = %s FOR KEY SHARE"
_PLAYED = """
    UPDATE incentives_simulatedpayee p
    SET is_waiting = false, paid_now = n.paid_now, paid_then = n.paid_then, problem = n.problem,
        problem_details = n.details::jsonb, periods = n.periods::jsonb, lines = n.lines::jsonb
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::text[], %s::text[], %s::text[], %s::text[])
         AS n (id, paid_now, paid_then, problem, details, periods, lines)
    WHERE p.id = n.id
"""


class SimulationRefused(DomainError):
    """The simulation cannot be made like this."""


class PlayedElsewhere(Exception):  # not an error: there is nothing left to do here
    """Another worker has begun anew with newer inputs, or the simulation is gone."""


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
        currency=company_currency(),
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


def simulate_now(
    *, simulation_id: int, at: dt.datetime, task: LongTask | None = None, is_help: bool = False
) -> Simulation:
    """Play a simulation payee by payee, each batch in its own transaction.

    Several workers may do this side by side, and what a killed one had not committed is taken again. What
    was played from other inputs than those of now is played anew, unless this ``is_help``.
    Raises PlayedElsewhere, and Cancelled when somebody asked to stop.
    """
    simulations = Simulation.objects.select_related("version__plan", "first", "last")
    found = simulations.filter(pk=simulation_id).first()
    if found is None:
        raise PlayedElsewhere
    if found.done_at is not None:
        return found
    stage = simulating.stage(found)
    key = simulating.fingerprint(stage)
    with transaction.atomic():
        _set(found, stage, key, is_help)
    closed = None
    while closed is None:
        waiting = SimulatedPayee.objects.filter(simulation=found, is_waiting=True).count()
        if task is not None:
            task.advance(len(stage.people) - waiting, len(stage.people), _("Payees"))
        with transaction.atomic():
            done = play_batch(simulation_id=simulation_id, stage=stage, key=key, size=waiting // 4)
        if not done:
            with transaction.atomic():
                closed = _closed(simulation_id, at)
    return closed


def _set(simulation: Simulation, stage: Stage, key: str, is_help: bool) -> None:
    """Make a waiting row for every payee, once, with what no plan decides. Raises PlayedElsewhere."""
    wait_for_other_workers()
    row = _locked(simulation.pk)
    if row.stage == key:
        return
    if row.stage and is_help:
        raise PlayedElsewhere
    SimulatedPayee.objects.filter(simulation=row).delete()
    facts = _facts(stage.people, simulation)
    SimulatedPayee.objects.bulk_create(_row(simulation, person_id, facts) for person_id in stage.people)
    row.stage = key
    row.save(update_fields=["stage"])


def _locked(simulation_id: int) -> Simulation:
    for row in lock_rows(Simulation.objects.filter(pk=simulation_id)):
        return row
    raise PlayedElsewhere


@requires_transaction
def play_batch(*, simulation_id: int, stage: Stage, key: str, size: int = BATCH) -> int:
    """Play the next payees that nobody has taken and return how many; 0 when none are left.

    Raises PlayedElsewhere.
    """
    wait_for_other_workers()
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE_OTHERS, [simulation_id])
        if cursor.fetchone() != (key,):
            raise PlayedElsewhere
    waiting = SimulatedPayee.objects.filter(simulation=simulation_id, is_waiting=True).order_by("pk")
    free = waiting.select_for_update(skip_locked=True, of=("self",)).values_list("person_id", "pk")
    rows = dict(free[: min(max(size, SMALLEST), BATCH)])
    if rows:
        played = [_filled(rows[one.person_id], one) for one in simulating.play(stage, list(rows))]
        with connection.cursor() as cursor:
            cursor.execute(_PLAYED, [*map(list, zip(*played, strict=True))])
    return len(rows)


def _filled(pk: int, played: Played) -> tuple[Any, ...]:
    return (
        pk,
        played.total["now"],
        played.total["then"],
        played.problem.reason if played.problem else "",
        json.dumps(played.problem.details if played.problem else {}),
        json.dumps([[code, str(now), str(then)] for code, now, then in played.periods]),
        json.dumps(played.lines),
    )


def _closed(simulation_id: int, at: dt.datetime) -> Simulation | None:
    """Sum up once the batches of all workers are written; nothing when one of them gave payees back."""
    wait_for_other_workers()
    row = _locked(simulation_id)
    if row.done_at is None:
        if SimulatedPayee.objects.filter(simulation=row, is_waiting=True).exists():
            return None
        row.result, row.done_at = simulated.summary(row), at
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


def _row(simulation: Simulation, person_id: int, facts: Mapping[str, Mapping[int, Any]]) -> SimulatedPayee:
    reached = facts["attainment"].get(person_id)
    return SimulatedPayee(
        simulation=simulation,
        person_id=person_id,
        is_waiting=True,
        unit_name=facts["units"].get(person_id, ""),
        paid_now=Decimal(0),
        paid_then=Decimal(0),
        credited=facts["credited"].get(person_id, Decimal(0)),
        attainment=None if reached is None else min(round(reached, 6), Decimal(99999)),
    )


@requires_transaction
def delete_simulation(*, simulation_id: int, by: User) -> None:
    """Delete a simulation with everything it says of payees; one that runs is asked to stop.

    Deleting it twice is deleting it once.
    """
    for found in lock_rows(Simulation.objects.filter(pk=simulation_id)):
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
