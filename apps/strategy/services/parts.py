"""Objectives, initiatives, participants and the progress log of a strategy."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.measures import registry
from apps.strategy.enums import InitiativeStatus, StrategyState
from apps.strategy.models import Initiative, Objective, Participant, ProgressNote, Strategy
from apps.strategy.services.strategies import locked_open
from apps.targets.models import Target


class NotPossible(DomainError):
    """An objective or its parts do not fit together."""


@requires_transaction
def set_participants(*, strategy_id: int, person_ids: Iterable[int]) -> list[Participant]:
    """Say who takes part beside the owner. Raises NotRunning."""
    strategy = locked_open(strategy_id)
    wanted = set(person_ids) - {strategy.owner_id}
    Participant.objects.filter(strategy=strategy).exclude(person__in=wanted).delete()
    for person in sorted(wanted):
        _take_part(strategy, person)
    return list(Participant.objects.filter(strategy=strategy).order_by("pk"))


def _take_part(strategy: Strategy, person_id: int | None) -> None:
    if person_id is not None and person_id != strategy.owner_id:
        Participant.objects.get_or_create(strategy=strategy, person_id=person_id)


@requires_transaction
def add_objective(
    *,
    strategy_id: int,
    title: str,
    owner_id: int | None,
    weight: int = 10,
    target_id: int | None = None,
    measure: str = "",
    goal_value: Decimal | None = None,
    period_id: int | None = None,
    unit_id: int | None = None,
) -> Objective:
    """Add an objective; its owner takes part in the strategy from then on. Raises NotPossible, NotRunning."""
    strategy = locked_open(strategy_id)
    _check(target_id, measure, goal_value, period_id)
    last = Objective.objects.filter(strategy=strategy).aggregate(last=Max("place"))["last"] or 0
    made = Objective.objects.create(
        strategy=strategy,
        title=title,
        owner_id=owner_id,
        weight=weight,
        target_id=target_id,
        measure=measure,
        goal_value=goal_value,
        period_id=period_id,
        unit_id=unit_id,
        place=last + 1,
    )
    _take_part(strategy, owner_id)
    return made


@requires_transaction
def change_objective(
    *,
    objective_id: int,
    title: str,
    owner_id: int | None,
    weight: int,
    target_id: int | None = None,
    measure: str = "",
    goal_value: Decimal | None = None,
    period_id: int | None = None,
    unit_id: int | None = None,
) -> Objective:
    """Change an objective; frozen data packs keep what it said before. Raises NotPossible, NotRunning."""
    strategy = _strategy_of(Objective, objective_id)
    _check(target_id, measure, goal_value, period_id)
    [objective] = lock_rows(Objective.objects.filter(pk=objective_id))
    objective.title, objective.owner_id, objective.weight = title, owner_id, weight
    objective.target_id, objective.measure, objective.goal_value = target_id, measure, goal_value
    objective.period_id, objective.unit_id = period_id, unit_id
    objective.save(
        update_fields=["title", "owner", "weight", "target", "measure", "goal_value", "period", "unit"]
    )
    _take_part(strategy, owner_id)
    return objective


@requires_transaction
def remove_objective(*, objective_id: int) -> Strategy:
    """Take an objective out of a draft. Raises NotPossible once the strategy was active."""
    strategy = _strategy_of(Objective, objective_id)
    if strategy.state != StrategyState.DRAFT:
        raise NotPossible(_("Objectives of an active strategy stay for the record. Change it instead."))
    Objective.objects.filter(pk=objective_id).delete()
    return strategy


def _strategy_of(model: type[Objective] | type[Initiative], pk: int) -> Strategy:
    return locked_open(model.objects.values_list("strategy_id", flat=True).get(pk=pk))


def _check(target_id: int | None, measure: str, goal: Decimal | None, period_id: int | None) -> None:
    if target_id is not None and (measure or goal is not None or period_id is not None):
        text = _("Choose a target, or a measure with a goal, not both.")
        raise NotPossible(text, fields={"target": text})
    if target_id is not None and not Target.objects.in_force().filter(pk=target_id).exists():
        text = _("This target is not in force.")
        raise NotPossible(text, fields={"target": text})
    given = [bool(measure), goal is not None, period_id is not None]
    if any(given) and not all(given):
        text = _("A goal needs a measure, a value and a period.")
        missing = ["measure", "goal_value", "period"][given.index(False)]
        raise NotPossible(text, fields={missing: text})
    if measure and measure not in registry.measures:
        text = _("There is no such measure.")
        raise NotPossible(text, fields={"measure": text})


@requires_transaction
def add_initiative(*, objective_id: int, title: str, owner_id: int, due_on: dt.date) -> Initiative:
    """Add a piece of work to an objective. Raises NotRunning."""
    strategy = _strategy_of(Objective, objective_id)
    made = Initiative.objects.create(
        strategy=strategy, objective_id=objective_id, title=title, owner_id=owner_id, due_on=due_on
    )
    _take_part(strategy, owner_id)
    return made


@requires_transaction
def change_initiative(
    *, initiative_id: int, title: str, owner_id: int, due_on: dt.date, status: str, on: dt.date
) -> Initiative:
    """Change a piece of work; ``on`` is the day it is done when it becomes so. Raises NotRunning."""
    strategy = _strategy_of(Initiative, initiative_id)
    [found] = lock_rows(Initiative.objects.filter(pk=initiative_id))
    found.title, found.owner_id, found.due_on = title, owner_id, due_on
    found.status = InitiativeStatus(status)
    found.done_on = (found.done_on or on) if status == InitiativeStatus.DONE else None
    found.save(update_fields=["title", "owner", "due_on", "status", "done_on"])
    _take_part(strategy, owner_id)
    return found


@requires_transaction
def note_progress(
    *, strategy_id: int, text: str, outlook: str, objective_id: int | None, by: User, at: dt.datetime
) -> ProgressNote:
    """Write into the progress log. Raises NotRunning, NotPossible."""
    strategy = locked_open(strategy_id)
    if objective_id is not None and not Objective.objects.filter(pk=objective_id, strategy=strategy).exists():
        raise NotPossible(_("The objective belongs to another strategy."))
    return ProgressNote.objects.create(
        strategy=strategy,
        objective_id=objective_id,
        text=text,
        outlook=outlook,
        written_by=by,
        written_at=at,
    )
