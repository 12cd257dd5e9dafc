"""Seats that join or leave a plan while it is a draft. What a seat carried never disappears."""

import datetime as dt
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.org.models import Assignment, PositionUnit
from apps.targets.enums import ChangeKind
from apps.targets.models import Target, TargetPlan
from apps.targets.rules import editing as rules
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.trees import load
from apps.targets.services.cells import name_of
from apps.targets.services.recording import record
from apps.targets.services.storing import Written, open_plan, rows_of, write
from apps.targets.services.versions import ReasonMissing


class NotInPlan(DomainError):
    """The seat's unit has no target in the plan, or the seat has one already."""


@requires_transaction
def add_seat(
    *,
    plan_id: int,
    position_id: int,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    history: Decimal = Decimal(0),
    revision: int | None = None,
) -> Target:
    """Give a seat a target of its own below its unit; the unit's total stays and is split again.

    ``on`` is the day whose structure says where the seat is. Raises NotInPlan.
    """
    plan = open_plan(plan_id, revision, by_id)
    parent = _place(plan, position_id, on)
    held = Assignment.objects.on(on).filter(position=position_id, is_acting=False).first()
    fte = held.fte_percent / 100 if held else Decimal(1)
    last = Target.objects.filter(plan=plan).aggregate(last=Max("place"))["last"] or 0
    made = Target.objects.create(
        plan=plan,
        parent=parent,
        position_id=position_id,
        owner_id=held.person_id if held else parent.owner_id,
        depth=parent.depth + 1,
        place=last + 1,
        history=history,
        fte=fte,
        capacity=fte,
        method=parent.method,
        months=[Decimal(0)] * plan.months.count() if plan.is_additive else parent.months,
        amount=Decimal(0) if plan.is_additive else parent.amount,
    )
    row = rows_of([made.pk])
    tree = load(plan, edited=[made.pk], whole=[parent.pk])
    rules.split_again(tree.nodes[parent.pk], tree.grid)
    written = write(plan, tree)
    written.before["delete"] = [made.pk]
    written.before["nodes"] = [one for one in written.before["nodes"] if one["id"] != made.pk]
    written.after["insert"] = row
    about = {"target": made.pk, "name": name_of(plan, made.pk)}
    record(plan, ChangeKind.SEAT_ADDED, written, by_id=by_id, at=at, about=about)
    made.refresh_from_db()
    return made


def _place(plan: TargetPlan, position_id: int, on: dt.date) -> Target:
    if Target.objects.filter(plan=plan, position=position_id).exists():
        raise NotInPlan(_("This seat has a target in the plan already."))
    unit_ids = PositionUnit.objects.on(on).filter(position=position_id).values("unit")
    parent = Target.objects.filter(plan=plan, unit__in=unit_ids).order_by("pk").first()
    if parent is None:
        raise NotInPlan(_("The seat's unit has no target in this plan. Add the unit first."))
    return parent


@requires_transaction
def remove_seat(
    *, target_id: int, by_id: int, at: dt.datetime, reason: str, revision: int | None = None
) -> set[int]:
    """Take a seat out of a draft; what it carried goes to the others of its unit.

    Raises ReasonMissing, WrongTarget for a unit, DoesNotFit when nobody beside it could carry it.
    """
    if not reason.strip():
        raise ReasonMissing(_("Give a reason."), fields={"reason": _("Give a reason.")})
    row = Target.objects.get(pk=target_id)
    if row.position_id is None:
        raise WrongTarget(_("Only seats can be taken out of a plan."))
    plan = open_plan(row.plan_id, revision, by_id)
    about = {"target": target_id, "name": name_of(plan, target_id)}
    whole_row = rows_of([target_id])
    slices = [dict(one) for one in row.slices.values("dimension", "member", "label", "weight", "amount")]
    parent_id = row.parent_id or 0
    tree = load(plan, edited=[target_id], whole=[parent_id])
    rules.remove_node(tree.nodes[target_id], tree.grid)
    del tree.nodes[target_id]
    Target.objects.filter(pk=target_id).delete()
    written = write(plan, tree)
    _remember(written, target_id, whole_row, slices)
    record(plan, ChangeKind.SEAT_REMOVED, written, by_id=by_id, at=at, about=about, reason=reason)
    return written.ids


def _remember(written: Written, target_id: int, row: list[dict], slices: list[dict]) -> None:
    written.before["insert"] = row
    written.after["delete"] = [target_id]
    for one in slices:
        name = f"{target_id} {one.pop('dimension')}"
        kept = {key: str(value) for key, value in one.items()}
        written.before.setdefault("slices", {}).setdefault(name, []).append(kept)
