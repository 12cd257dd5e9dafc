"""Calibration and approval: every change of a signed rating keeps before, after and reason."""

import datetime as dt

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.reviews.enums import ChangeKind, Rating, Stage
from apps.reviews.models import Evaluation, EvaluationChange
from apps.reviews.services.settling import locked_cycle, locked_evaluation, settle


class NotInCalibration(DomainError):
    """The evaluation is not at the stage of calibration."""


class ReasonMissing(DomainError):
    """A signed rating changes with a reason only."""


class AssessedByYourself(DomainError):
    """Who assessed or is assessed does not approve."""


@requires_transaction
def calibrate(*, evaluation_id: int, rating: str, reason: str, by: User, at: dt.datetime) -> Evaluation:
    """Change a signed rating. Raises NotInCalibration, ReasonMissing, AssessedByYourself."""
    row = _in_calibration(evaluation_id, by)
    if rating not in Rating.values or rating == row.rating:
        text = _("Choose another rating than the present one.")
        raise NotInCalibration(text, fields={"rating": text}, code="same_rating")
    _note(row, ChangeKind.CALIBRATED, rating, reason, by, at)
    row.rating = rating
    row.version += 1
    row.save(update_fields=["rating", "version"])
    return row


@requires_transaction
def return_to_manager(*, evaluation_id: int, reason: str, by: User, at: dt.datetime) -> Evaluation:
    """Give a signed assessment back to the manager. Raises NotInCalibration, ReasonMissing."""
    row = _in_calibration(evaluation_id, by)
    if row.manager_id is None:
        raise NotInCalibration(_("There is no manager to return it to."), code="no_manager")
    _note(row, ChangeKind.RETURNED, row.rating, reason, by, at)
    row.stage, row.manager_submitted_at = Stage.MANAGER, None
    row.version += 1
    row.save(update_fields=["stage", "manager_submitted_at", "version"])
    settle(row.cycle)
    return row


@requires_transaction
def approve_evaluation(*, evaluation_id: int, by: User, at: dt.datetime) -> Evaluation:
    """Approve a calibrated evaluation with other eyes than the assessor's.

    Raises NotInCalibration, AssessedByYourself.
    """
    row = _in_calibration(evaluation_id, by)
    if not row.rating:
        raise NotInCalibration(
            _("There is no rating yet: set one in calibration first."), code="rating_missing"
        )
    _approve(row, by, at)
    settle(row.cycle)
    return row


@requires_transaction
def approve_ready(*, cycle_id: int, by: User, at: dt.datetime) -> int:
    """Approve every rated evaluation in calibration that this person may approve; return how many.

    Raises NotInCalibration when there is none.
    """
    cycle = locked_cycle(cycle_id)
    waiting = cycle.evaluations.filter(stage=Stage.CALIBRATION).exclude(rating="").select_related("person")
    rows = [row for row in lock_rows(waiting) if not _involved(row, by)]
    if not rows:
        raise NotInCalibration(_("No evaluation waits for your approval."))
    for row in rows:
        _approve(row, by, at)
    settle(cycle)
    return len(rows)


def _in_calibration(evaluation_id: int, by: User) -> Evaluation:
    row = locked_evaluation(evaluation_id)
    if row.stage != Stage.CALIBRATION:
        raise NotInCalibration(_("Only evaluations in calibration can be changed or approved."))
    if _involved(row, by):
        raise AssessedByYourself(_("You assessed this person or are this person: somebody else decides."))
    return row


def _involved(row: Evaluation, by: User) -> bool:
    return by.pk in {row.assessed_by_id, row.person.user_id}


def _approve(row: Evaluation, by: User, at: dt.datetime) -> None:
    row.stage, row.approved_by, row.approved_at = Stage.APPROVED, by, at
    row.version += 1
    row.save(update_fields=["stage", "approved_by", "approved_at", "version"])


def _note(row: Evaluation, kind: ChangeKind, after: str, reason: str, by: User, at: dt.datetime) -> None:
    if not reason.strip():
        text = _("Say why: the change is kept with its reason.")
        raise ReasonMissing(text, fields={"reason": text})
    EvaluationChange.objects.create(
        evaluation=row, kind=kind, before=row.rating, after=after, reason=reason.strip(), by=by, at=at
    )
