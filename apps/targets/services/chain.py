"""The approval chain of the company and of one submission."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.permissions import Role
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.org.enums import UnitKind
from apps.targets.enums import Approver, Decision
from apps.targets.models import ApprovalStep, PlanApproval, Target, TargetPlan
from apps.targets.selectors import chain as reading
from apps.targets.services.telling import APPROVAL, tell_users, title_of

_LOCK = "targets.approval_steps"


class NotYourTurn(DomainError):
    """The step that is open now is taken by somebody else."""


class WrongStep(DomainError):
    """The step cannot be part of the chain."""


@requires_transaction
def add_step(
    *, who: Approver, unit_kind: str = "", role: str = "", by_id: int, at: dt.datetime
) -> ApprovalStep:
    """Put a step at the end of the chain; submissions from now on need it. Raises WrongStep."""
    advisory_lock(_LOCK)
    if who == Approver.LEADS and unit_kind not in UnitKind.values:
        raise WrongStep(_("Choose whose leads agree."), fields={"unit_kind": _("Choose a kind of unit.")})
    if who == Approver.ROLE and role not in {one.value for one in reading.ROLES}:
        raise WrongStep(
            _("Choose a role that plans or approves targets."), fields={"role": _("Choose a role.")}
        )
    unit_kind, role = (unit_kind, "") if who == Approver.LEADS else ("", role)
    if ApprovalStep.objects.filter(who=who, unit_kind=unit_kind, role=role).exists():
        raise WrongStep(_("The chain has this step already."))
    last = ApprovalStep.objects.aggregate(last=Max("order"))["last"] or 0
    return ApprovalStep.objects.create(
        order=last + 1, who=who, unit_kind=unit_kind, role=role, set_by_id=by_id, set_at=at
    )


@requires_transaction
def remove_step(*, step_id: int) -> None:
    """Take a step out of the chain; submissions under way keep theirs."""
    advisory_lock(_LOCK)
    ApprovalStep.objects.filter(pk=step_id).delete()
    _renumber(list(ApprovalStep.objects.order_by("order", "pk")))


@requires_transaction
def raise_step(*, step_id: int) -> None:
    """Let a step be taken one earlier."""
    advisory_lock(_LOCK)
    rows = list(ApprovalStep.objects.order_by("order", "pk"))
    place = next((index for index, row in enumerate(rows) if row.pk == step_id), 0)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
    _renumber(rows)


def _renumber(rows: list[ApprovalStep]) -> None:
    for order, row in enumerate(rows, start=1):
        row.order = order
    ApprovalStep.objects.bulk_update(rows, ["order"])


@requires_transaction
def start(plan: TargetPlan, *, on: dt.date) -> list[PlanApproval]:
    """Write down what agreements a submission needs by the chain of today, and tell who is first.

    Without a chain one executive over the top unit agrees. A step of leads of
    units that take no part is left out.
    """
    attempt = (PlanApproval.objects.filter(plan=plan).aggregate(last=Max("attempt"))["last"] or 0) + 1
    rows: list[PlanApproval] = []
    for step in ApprovalStep.objects.order_by("order", "pk"):
        rows += _rows_of(plan, step, attempt)
    if not rows:
        rows = [PlanApproval(plan=plan, attempt=attempt, order=1, who=Approver.ROLE, role=Role.EXECUTIVE)]
    PlanApproval.objects.bulk_create(rows)
    _tell(plan, on)
    return rows


def _rows_of(plan: TargetPlan, step: ApprovalStep, attempt: int) -> list[PlanApproval]:
    common = {"plan": plan, "attempt": attempt, "order": step.order, "who": step.who}
    if step.who == Approver.ROLE:
        return [PlanApproval(**common, role=step.role)]
    units = Target.objects.filter(plan=plan, unit__kind=step.unit_kind).order_by("place", "pk")
    return [PlanApproval(**common, unit_id=unit_id) for unit_id in units.values_list("unit_id", flat=True)]


@requires_transaction
def agree(
    plan: TargetPlan,
    *,
    approval_ids: Collection[int] | None,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    comment: str,
) -> bool:
    """Give agreements of the open step; tell whether none is left to give.

    Without ids the one agreement of a role is meant. Raises NotYourTurn.
    """
    lock_rows(PlanApproval.objects.filter(plan=plan, state=Decision.WAITING))
    open_rows = reading.current(plan) or start(plan, on=on)
    mine = [
        row
        for row in open_rows
        if (row.who == Approver.ROLE if approval_ids is None else row.pk in set(approval_ids))
    ]
    if not mine:
        raise NotYourTurn(
            _("This target waits for somebody else first: %(names)s.")
            % {"names": ", ".join(_names(open_rows))}
        )
    for row in mine:
        row.state, row.decided_by_id, row.decided_at = Decision.APPROVED, by_id, at
        row.comment = comment.strip()
        row.save(update_fields=["state", "decided_by", "decided_at", "comment"])
    left = reading.current(plan)
    if left and left[0].order != mine[0].order:
        _tell(plan, on)
    return not left


def _names(rows: Collection[PlanApproval]) -> list[str]:
    return [reading.label(row.who, row.unit.name if row.unit else "", row.role) for row in rows]


@requires_transaction
def refuse(
    plan: TargetPlan, *, approval_ids: Collection[int] | None, by_id: int, at: dt.datetime, reason: str
) -> None:
    """Close a submission that is returned: one agreement says why, the others are not asked any more."""
    lock_rows(PlanApproval.objects.filter(plan=plan, state=Decision.WAITING))
    open_rows = reading.current(plan)
    mine = [row for row in open_rows if approval_ids is None or row.pk in set(approval_ids)]
    for row in mine[:1]:
        row.state, row.decided_by_id, row.decided_at, row.comment = Decision.RETURNED, by_id, at, reason
        row.save(update_fields=["state", "decided_by", "decided_at", "comment"])
    PlanApproval.objects.filter(plan=plan, state=Decision.WAITING).update(state=Decision.DROPPED)


def _tell(plan: TargetPlan, on: dt.date) -> None:
    rows = reading.current(plan)
    if not rows:
        return
    tell_users(
        reading.told(plan, rows, on),
        APPROVAL,
        lambda: _("%(plan)s waits for your approval") % {"plan": title_of(plan)},
        url=reverse("targets:course", args=[plan.pk]),
        key=f"targets.approval:{plan.pk}:{rows[0].attempt}:{rows[0].order}",
    )
