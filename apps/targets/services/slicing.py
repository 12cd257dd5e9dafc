"""Slicing a target by product, segment, account or whatever dimension there is; slices sum to it."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.targets.dimensions import dimensions
from apps.targets.enums import ChangeKind
from apps.targets.models import Target, TargetSlice
from apps.targets.rules.slices import follow_mix
from apps.targets.rules.tree import Grid, WrongTarget, check_amount
from apps.targets.services.cells import name_of
from apps.targets.services.recording import record
from apps.targets.services.storing import Written, open_plan, slice_record, store_slices


class SlicesDoNotFit(DomainError):
    """The slices do not sum to their target."""


@requires_transaction
def set_slices(
    *,
    target_id: int,
    dimension: str,
    amounts: Mapping[str, Decimal],
    by_id: int,
    at: dt.datetime,
    below: bool = False,
    revision: int | None = None,
) -> set[int]:
    """Slice a target: member → amount. No amounts take the slices away; ``below`` hands the mix down.

    Raises WrongTarget for members that do not exist, SlicesDoNotFit, PlanNotOpen, StaleVersion.
    """
    target = Target.objects.get(pk=target_id)
    plan = open_plan(target.plan_id, revision, by_id)
    if not plan.is_additive:
        raise WrongTarget(_("A rate does not add up, so it cannot be sliced."))
    labels = _labels(dimension, amounts)
    grid = Grid(places=plan.decimals)
    for amount in amounts.values():
        check_amount(amount, grid)
    total = sum(amounts.values(), Decimal(0))
    if amounts and total != target.amount:
        raise SlicesDoNotFit(
            _("The slices sum to %(total)s, the target is %(amount)s. %(rest)s are left to hand out.")
            % {
                "total": f"{total:,}",
                "amount": f"{target.amount:,.{plan.decimals}f}",
                "rest": f"{target.amount - total:,}",
            }
        )
    targets = [target, *(_below(target) if below else [])]
    written = Written(ids={one.pk for one in targets})
    written.before["slices"] = _now(targets, dimension)
    written.after["slices"] = {
        f"{one.pk} {dimension}": [
            {
                "member": member,
                "label": labels[member],
                "weight": str(amounts[member]),
                "amount": str(part),
            }
            for member, part in follow_mix(one.amount, amounts, places=plan.decimals).items()
        ]
        for one in targets
    }
    store_slices(written.after["slices"])
    about = {"target": target_id, "name": name_of(plan, target_id), "dimension": dimension}
    record(plan, ChangeKind.SLICES, written, by_id=by_id, at=at, about=about)
    return written.ids


def _labels(dimension: str, amounts: Mapping[str, Decimal]) -> dict[str, str]:
    if dimension not in dimensions:
        raise WrongTarget(_("Targets cannot be sliced by this."))
    known = dimensions.get(dimension).members()
    unknown = [member for member in amounts if member not in known]
    if unknown:
        raise WrongTarget(_("“%(member)s” does not exist (any more).") % {"member": unknown[0]})
    return {member: known[member] for member in amounts}


def _below(target: Target) -> list[Target]:
    found: list[Target] = []
    waiting = [target.pk]
    while waiting:
        rows = list(Target.objects.filter(parent__in=waiting).order_by("place", "pk"))
        found += rows
        waiting = [row.pk for row in rows]
    return found


def _now(targets: list[Target], dimension: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {f"{one.pk} {dimension}": [] for one in targets}
    rows = TargetSlice.objects.filter(target__in=targets, dimension=dimension).order_by("target", "member")
    for row in rows:
        found[f"{row.target_id} {dimension}"].append(slice_record(row))
    return found
