"""Changing a draft: one figure, a level's method, months, limits."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.targets.enums import Balance, Season
from apps.targets.models import PlanMonth, Target, TargetMonth, TargetPlan
from apps.targets.rules import tree as rules
from apps.targets.rules.levels import Level, level_at
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors import seasons
from apps.targets.selectors.trees import LoadedTree, load
from apps.targets.services.building import store_levels, stored_weight
from apps.targets.services.storing import open_plan, sign, snapshot, write


class WrongLevel(DomainError):
    """A level's settings cannot be used."""


@requires_transaction
def edit_node(
    *,
    target_id: int,
    amount: Decimal,
    balance: Balance,
    by_id: int,
    at: dt.datetime,
    reason: str = "",
    revision: int | None = None,
) -> set[int]:
    """Set the year of a node by hand and return the ids of the nodes that changed.

    Everything below is cascaded again; above, either the siblings make room or
    the totals follow. Raises PlanNotOpen, StaleVersion, WrongTarget, DoesNotFit,
    NodeFixedAbove.
    """
    plan, tree = _open(target_id, revision)
    before = snapshot(tree)
    node = tree.nodes[target_id]
    _forget_months_that_no_longer_fit(node)
    rules.change_amount(node, amount, balance, tree.grid)
    sign([target_id], by_id=by_id, at=at, reason=reason)
    return write(plan, tree, before)


@requires_transaction
def edit_months(
    *,
    target_id: int,
    months: Mapping[int, Decimal],
    by_id: int,
    at: dt.datetime,
    balance: Balance | None = None,
    reason: str = "",
    revision: int | None = None,
) -> set[int]:
    """Set months of a seat (or a unit without children) by hand; position 0 is the year's first month.

    Without ``balance`` the year stays and the other months make room; with it
    the year follows. Raises what ``edit_node`` raises and MonthsComeFromBelow.
    """
    plan, tree = _open(target_id, revision)
    before = snapshot(tree)
    if any(index not in range(tree.grid.months) for index in months):
        raise WrongTarget(_("The year has no such month."))
    rules.change_months(tree.nodes[target_id], months, tree.grid, balance=balance)
    sign([target_id], by_id=by_id, at=at, reason=reason)
    return write(plan, tree, before)


@requires_transaction
def release_node(*, target_id: int, revision: int | None = None) -> set[int]:
    """Give a figure set by hand, and its months, back to the method; the total above stays."""
    plan, tree = _open(target_id, revision)
    before = snapshot(tree)
    node = tree.nodes[target_id]
    node.fixed_months.clear()
    TargetMonth.objects.filter(target=target_id, is_fixed=True).update(is_fixed=False)
    rules.release(node, tree.grid)
    changed = write(plan, tree, before)
    Target.objects.filter(pk=target_id).update(overridden_by=None, overridden_at=None, override_reason="")
    return changed


@requires_transaction
def set_limits(
    *, target_id: int, low: Decimal, high: Decimal | None, revision: int | None = None
) -> set[int]:
    """Bound what the method may give a node and split its parent again."""
    if low < 0 or (high is not None and high < low):
        raise WrongTarget(
            _("The upper limit must not be below the lower one."), fields={"high": _("Raise this limit.")}
        )
    plan, _tree = _open(target_id, revision)
    Target.objects.filter(pk=target_id).update(low=low, high=high)
    tree = load(plan)
    before = snapshot(tree)
    node = tree.nodes[target_id]
    if node.parent is not None:
        rules.cascade(node.parent, tree.grid)
        rules.spread_months(tree.top, tree.grid)
    return write(plan, tree, before)


@requires_transaction
def cascade(
    *,
    plan_id: int,
    levels: Mapping[int, Level] | None = None,
    season: Season | None = None,
    custom_season: tuple[Decimal, ...] = (),
    amount: Decimal | None = None,
    on: dt.date,
    revision: int | None = None,
) -> set[int]:
    """Spread a draft again from the top: with other methods, over-assignment, months or top figure.

    Figures and months set by hand stay. Returns the ids of the nodes that
    changed. Raises WrongWeights, DoesNotFit, PlanNotOpen, StaleVersion.
    """
    plan = open_plan(plan_id, revision)
    if levels is not None:
        _set_levels(plan, levels)
    if season is not None:
        _set_season(plan, season, custom_season, on)
    tree = load(plan)
    before = snapshot(tree)
    if amount is not None:
        rules.check_amount(amount, tree.grid)
        tree.top.amount = amount
        _remember_top(plan, amount)
    rules.cascade(tree.top, tree.grid)
    return write(plan, tree, before)


def _open(target_id: int, revision: int | None) -> tuple[TargetPlan, LoadedTree]:
    plan_id = Target.objects.values_list("plan_id", flat=True).get(pk=target_id)
    plan = open_plan(plan_id, revision)
    return plan, load(plan, around=target_id)


def _forget_months_that_no_longer_fit(node: rules.Node) -> None:
    """A new year for a node takes precedence over months typed earlier in it."""
    for one in node.walk():
        if one.fixed_months:
            TargetMonth.objects.filter(target=one.key, is_fixed=True).update(is_fixed=False)
            one.fixed_months.clear()


def _set_levels(plan: TargetPlan, levels: Mapping[int, Level]) -> None:
    depth = max(Target.objects.filter(plan=plan).values_list("depth", flat=True))
    chosen = {}
    for at_depth in range(depth):
        level = level_at(levels, at_depth)
        if not 0 <= level.over_assignment <= 1:
            raise WrongLevel(_("Over-assignment lies between 0 % and 100 %."))
        level.recipe()
        chosen[at_depth] = level
        Target.objects.filter(plan=plan, depth=at_depth).update(
            method=level.method, over_assignment=level.over_assignment
        )
    store_levels(plan, chosen)


def _set_season(plan: TargetPlan, season: Season, custom: tuple[Decimal, ...], on: dt.date) -> None:
    weights = seasons.month_weights(
        measure=plan.measure,
        unit_id=plan.root_unit_id,
        year=plan.period,
        season=season,
        before=on,
        custom=[Fraction(weight) for weight in custom],
    )
    for position, weight in enumerate(weights.weights):
        PlanMonth.objects.filter(plan=plan, position=position).update(weight=stored_weight(weight))
    plan.season = weights.season
    plan.save(update_fields=["season"])


def _remember_top(plan: TargetPlan, amount: Decimal) -> None:
    """Keep growth and top figure in step."""
    if plan.baseline_amount:
        growth = Fraction(amount) / Fraction(plan.baseline_amount) - 1
        plan.growth = (Decimal(growth.numerator) / Decimal(growth.denominator)).quantize(Decimal("0.000001"))
        plan.save(update_fields=["growth"])
