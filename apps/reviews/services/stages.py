"""Moving a whole cycle on."""

import datetime as dt

from django.db.models import F
from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.reviews.enums import Stage
from apps.reviews.models import Evaluation, EvaluationCycle
from apps.reviews.services import telling
from apps.reviews.services.settling import locked_cycle, settle


class NothingToMove(DomainError):
    """No evaluation of the cycle is at the stage this act moves on from."""


@requires_transaction
def open_cycle(*, cycle_id: int) -> EvaluationCycle:
    """Ask everybody of a draft cycle for the self-assessment. Raises NothingToMove."""
    cycle = locked_cycle(cycle_id)
    rows = _at(cycle, Stage.DRAFT, _("This cycle is open already."))
    _move(rows, stage=Stage.SELF)
    settle(cycle)
    telling.tell_self_open(cycle, [row.person_id for row in rows])
    return cycle


@requires_transaction
def end_self_stage(*, cycle_id: int) -> EvaluationCycle:
    """Hand evaluations whose self part is missing to the managers without it. Raises NothingToMove."""
    cycle = locked_cycle(cycle_id)
    rows = _at(cycle, Stage.SELF, _("Nobody's self-assessment is missing any more."))
    for row in rows:
        hand_to_manager(row)
    settle(cycle)
    telling.tell_to_assess(cycle, {row.manager_id for row in rows if row.manager_id})
    return cycle


@requires_transaction
def share_cycle(*, cycle_id: int, at: dt.datetime) -> EvaluationCycle:
    """Let people read their approved evaluations. Raises NothingToMove."""
    cycle = locked_cycle(cycle_id)
    rows = _at(cycle, Stage.APPROVED, _("No approved evaluation waits to be shared."))
    _move(rows, stage=Stage.SHARED, shared_at=at)
    settle(cycle)
    telling.tell_shared(cycle, [row.person_id for row in rows])
    return cycle


@requires_transaction
def close_cycle(*, cycle_id: int, at: dt.datetime) -> EvaluationCycle:
    """Close a cycle whose evaluations are all shared: nothing in it changes after. Raises NothingToMove."""
    cycle = locked_cycle(cycle_id)
    if cycle.stage not in {Stage.SHARED, Stage.ACKNOWLEDGED}:
        raise NothingToMove(_("Share every evaluation before you close the cycle."), code="not_shared")
    _move(lock_rows(cycle.evaluations.all()), stage=Stage.CLOSED)
    settle(cycle, at)
    return cycle


def hand_to_manager(row: Evaluation) -> None:
    """Pass one evaluation on to its manager; without a manager the KPIs propose the rating."""
    if row.manager_id is None:
        row.stage, row.rating = Stage.CALIBRATION, row.kpi_rating
    else:
        row.stage = Stage.MANAGER
    row.version += 1
    row.save(update_fields=["stage", "rating", "version"])


def _at(cycle: EvaluationCycle, stage: Stage, otherwise: str) -> list[Evaluation]:
    rows = lock_rows(cycle.evaluations.filter(stage=stage))
    if not rows:
        raise NothingToMove(otherwise)
    return rows


def _move(rows: list[Evaluation], **values: object) -> None:
    ids = [row.pk for row in rows]
    Evaluation.objects.filter(pk__in=ids).update(version=F("version") + 1, **values)
