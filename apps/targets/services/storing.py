"""Writing a tree back: set-based, only what changed."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.db import lock_rows
from apps.core.errors import DomainError, StaleVersion
from apps.core.money import MAX_AMOUNT
from apps.targets.enums import PlanStatus
from apps.targets.models import Target, TargetPlan, TargetWaiver
from apps.targets.rules.tree import Grid, Node, WrongTarget, breaches
from apps.targets.selectors.trees import LoadedTree


class PlanNotOpen(DomainError):
    """Only a draft can be changed."""


class SumsBroken(DomainError):
    """The change would leave figures that do not add up."""


_NODES = """
    UPDATE targets_target AS t
    SET amount = v.amount, stretch_amount = v.stretch, challenge_amount = v.challenge, is_fixed = v.fixed
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::boolean[])
        AS v (id, amount, stretch, challenge, fixed)
    WHERE t.id = v.id
"""
_MONTHS = """
    UPDATE targets_targetmonth AS m SET amount = v.amount, is_fixed = v.fixed
    FROM unnest(%s::bigint[], %s::int[], %s::numeric[], %s::boolean[])
        AS v (target_id, position, amount, fixed)
    WHERE m.target_id = v.target_id AND m.position = v.position
      AND (m.amount, m.is_fixed) IS DISTINCT FROM (v.amount, v.fixed)
"""


def open_plan(plan_id: int, revision: int | None = None) -> TargetPlan:
    """Lock a draft for a change and raise its revision. Raises PlanNotOpen, StaleVersion."""
    [plan] = lock_rows(TargetPlan.objects.filter(pk=plan_id))
    if plan.status != PlanStatus.DRAFT:
        raise PlanNotOpen(_("This version is no longer a draft. Make a new version to change it."))
    if revision is not None and revision != plan.revision:
        raise StaleVersion(_("Somebody else changed this plan in the meantime. Reload to see it."))
    plan.revision += 1
    plan.save(update_fields=["revision"])
    return plan


def tier(amount: Decimal, percent: Decimal, grid: Grid) -> Decimal:
    """Return a tier above the base amount, half-up to the measure's decimals."""
    exact = Fraction(amount) * (1 + Fraction(percent) / 100) * 10**grid.places
    return Decimal((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)).scaleb(-grid.places)


def write(plan: TargetPlan, tree: LoadedTree, before: dict[int, tuple[Decimal, bool]]) -> set[int]:
    """Store what changed and return the ids of the changed nodes. Raises SumsBroken."""
    loaded = [node for node in tree.nodes.values() if node.months is not None]
    if len(loaded) == len(tree.nodes) and breaches(tree.top, tree.grid):
        raise SumsBroken(_("The figures would no longer add up."))
    changed = [node for node in tree.nodes.values() if before.get(node.key) != (node.amount, node.is_fixed)]
    if any(node.amount > MAX_AMOUNT for node in changed):
        raise WrongTarget(_("A total would become too large."))
    _write_nodes(plan, changed, tree.grid)
    monthly = [node for node in loaded if _months_changed(node, tree)]
    _write_months(monthly, tree.grid)
    touched = {node.key for node in changed} | {node.key for node in monthly}
    TargetWaiver.objects.filter(target__in=[node.key for node in changed]).delete()
    return touched


def snapshot(tree: LoadedTree) -> dict[int, tuple[Decimal, bool]]:
    """Return the years as loaded, to tell later what changed."""
    return {node.key: (node.amount, node.is_fixed) for node in tree.nodes.values()}


def _months_changed(node: Node, tree: LoadedTree) -> bool:
    return tree.stored_months.get(node.key) != node.months or bool(node.fixed_months)


def _write_nodes(plan: TargetPlan, nodes: list[Node], grid: Grid) -> None:
    if not nodes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _NODES,
            [
                [node.key for node in nodes],
                [node.amount for node in nodes],
                [tier(node.amount, Decimal(plan.stretch_percent), grid) for node in nodes],
                [tier(node.amount, Decimal(plan.challenge_percent), grid) for node in nodes],
                [node.is_fixed for node in nodes],
            ],
        )


def _write_months(nodes: list[Node], grid: Grid) -> None:
    if not nodes:
        return
    cells = [
        (node.key, index, amount, index in node.fixed_months)
        for node in nodes
        for index, amount in enumerate(node.months or ())
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, [list(column) for column in zip(*cells, strict=True)])


def sign(target_ids: Iterable[int], *, by_id: int, at: dt.datetime, reason: str) -> None:
    """Write down who set these nodes by hand and why."""
    Target.objects.filter(pk__in=list(target_ids)).update(
        overridden_by=by_id, overridden_at=at, override_reason=reason[:300]
    )
