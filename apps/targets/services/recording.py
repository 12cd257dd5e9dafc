"""Every change of a draft is written down so that it can be undone exactly, and made again."""

import datetime as dt
import logging
from typing import Any

from django.utils.translation import gettext as _

from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.targets.enums import ChangeKind
from apps.targets.models import PlanChange, ShareRequest, TargetPlan
from apps.targets.selectors.history import next_redo, next_undo
from apps.targets.selectors.pending import PUT_BACK
from apps.targets.services.settling import ACTS, owe
from apps.targets.services.storing import Written, open_plan, put_back

logger = logging.getLogger(__name__)


class NothingToUndo(DomainError):
    """No change is left to take back or to make again."""


def record(
    plan: TargetPlan,
    kind: ChangeKind,
    written: Written,
    *,
    by_id: int,
    at: dt.datetime,
    about: dict[str, Any] | None = None,
    reason: str = "",
) -> PlanChange:
    """Write a change down. The plan's row is locked, so numbers are given one after the other."""
    last = PlanChange.objects.filter(plan=plan).order_by("-number").values_list("number", flat=True).first()
    change = PlanChange.objects.create(
        plan=plan,
        number=(last or 0) + 1,
        revision=plan.revision,
        kind=kind,
        about={"count": len(written.ids), **(about or {})},
        before=written.before,
        after=written.after,
        reason=reason[:300],
        made_by_id=by_id,
        made_at=at,
    )
    logger.info("target plan changed", extra={"plan_id": plan.pk, "kind": kind, "by": by_id})
    return change


@requires_transaction
def undo(
    *, plan_id: int, by_id: int, at: dt.datetime, revision: int | None = None, only_own: bool = False
) -> PlanChange:
    """Take the last change of a draft back, exactly.

    With ``only_own`` it must be the caller's own. Raises NothingToUndo, PlanNotOpen, StaleVersion.
    """
    plan = open_plan(plan_id, revision, by_id)
    change = last_change(plan, by_id, only_own)
    take_back(plan, change, by_id=by_id, at=at)
    return change


def last_change(plan: TargetPlan, by_id: int, only_own: bool) -> PlanChange:
    """Return what would be taken back now. Raises NothingToUndo."""
    change = next_undo(plan)
    if change is None or (only_own and change.made_by_id != by_id):
        raise NothingToUndo(_("There is no change of yours to undo."))
    return change


def take_back(
    plan: TargetPlan, change: PlanChange, *, by_id: int, at: dt.datetime, later: bool = False
) -> None:
    """Take a change of an opened plan back; with ``later`` its rows follow right after."""
    change.undone_by_id, change.undone_at = by_id, at
    change.save(update_fields=["undone_by", "undone_at"])
    _take_questions_back(change, at)
    _put(plan, change, "before", by_id, later)
    logger.info("target change undone", extra={"plan_id": plan.pk, "number": change.number, "by": by_id})


def _put(plan: TargetPlan, change: PlanChange, side: str, by_id: int, later: bool) -> None:
    if later:
        owe(plan, change, PUT_BACK, by_id, side=side)
    else:
        put_back(plan, getattr(change, side))


def _settle_turn(plan: TargetPlan, change: PlanChange, order: dict[str, Any]) -> dict[str, Any]:
    """Put back what was answered before."""
    put_back(plan, getattr(change, order["side"]))
    return {}


ACTS.register(PUT_BACK, _settle_turn)


def _take_questions_back(change: PlanChange, at: dt.datetime) -> None:
    """Withdraw what an undone change asked, and open again what it settled."""
    asked = ShareRequest.objects.waiting().filter(pk__in=change.about.get("asked", []))
    asked.update(withdrawn_at=at)
    settled = ShareRequest.objects.filter(pk__in=change.about.get("settled", []), withdrawn_at__isnull=True)
    change.about["answers"] = [
        [row.pk, row.choice, row.answered_by_id, row.answered_at.isoformat()]
        for row in settled
        if row.answered_at is not None
    ]
    change.save(update_fields=["about"])
    settled.update(choice="", answered_by=None, answered_at=None)


def _ask_again(change: PlanChange) -> None:
    """Settle and ask once more what a change made again settled and asked."""
    for pk, choice, by_id, at in change.about.pop("answers", []):
        ShareRequest.objects.waiting().filter(pk=pk).update(choice=choice, answered_by=by_id, answered_at=at)
    change.save(update_fields=["about"])
    asked = ShareRequest.objects.filter(pk__in=change.about.get("asked", []), answered_at__isnull=True)
    asked.update(withdrawn_at=None)


@requires_transaction
def redo(
    *, plan_id: int, by_id: int, at: dt.datetime, revision: int | None = None, only_own: bool = False
) -> PlanChange:
    """Make the change taken back last again. Raises NothingToUndo, PlanNotOpen, StaleVersion."""
    plan = open_plan(plan_id, revision, by_id)
    change = undone_change(plan, by_id, only_own)
    make_again(plan, change, by_id=by_id)
    return change


def undone_change(plan: TargetPlan, by_id: int, only_own: bool) -> PlanChange:
    """Return what would be made again now. Raises NothingToUndo."""
    change = next_redo(plan)
    if change is None or (only_own and change.made_by_id != by_id):
        raise NothingToUndo(_("There is no change of yours to make again."))
    return change


def make_again(plan: TargetPlan, change: PlanChange, *, by_id: int, later: bool = False) -> None:
    """Make a change of an opened plan again; with ``later`` its rows follow right after."""
    change.undone_by = change.undone_at = None
    change.save(update_fields=["undone_by", "undone_at"])
    _ask_again(change)
    _put(plan, change, "after", by_id, later)
    logger.info("target change redone", extra={"plan_id": plan.pk, "number": change.number, "by": by_id})
