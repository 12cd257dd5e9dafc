"""Changing how a draft is split: limits, methods, levels, months. Every change is recorded."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.targets.enums import ChangeKind, Method, RampUse, Season
from apps.targets.models import PlanMonth, Target, TargetPlan
from apps.targets.rules import editing as rules
from apps.targets.rules import tree as trees
from apps.targets.rules.levels import Level, level_at
from apps.targets.rules.ramp import check_ramp
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors import seasons
from apps.targets.selectors.trees import LoadedTree, load, recipe_of
from apps.targets.services.capacity import ramped
from apps.targets.services.cells import changed, name_of, plan_of
from apps.targets.services.levels import store_levels
from apps.targets.services.recording import record
from apps.targets.services.storing import Written, open_plan, plan_document, store_tiers, write

MAX_TIER = 5


class WrongLevel(DomainError):
    """A level's settings cannot be used."""


@dataclass(frozen=True)
class Inputs:
    """What bounds a node and what it brings to the split above it; None leaves productivity and potential."""

    low: Decimal = Decimal(0)
    high: Decimal | None = None
    productivity: Decimal | None = None
    potential: Decimal | None = None


@requires_transaction
def set_inputs(
    *, target_id: int, inputs: Inputs, by_id: int, at: dt.datetime, revision: int | None = None
) -> set[int]:
    """Bound what the method may give a node, rate what it brings, and split its parent again.

    Raises WrongTarget, DoesNotFit.
    """
    _check_inputs(inputs)
    plan = open_plan(plan_of(target_id), revision, by_id)
    row = Target.objects.get(pk=target_id)
    mark: dict[str, Any] = {"low": inputs.low, "high": inputs.high}
    if inputs.potential is not None:
        mark["potential"] = inputs.potential
    if inputs.productivity is not None:
        before = row.productivity or Decimal(1)
        mark["productivity"] = inputs.productivity
        mark["capacity"] = (row.capacity / before * inputs.productivity).quantize(Decimal("0.0001"))

    def change(tree: LoadedTree) -> None:
        node = tree.nodes[target_id]
        claim = node.claim or trees.Claim(key=target_id)
        node.claim = trees.Claim(
            key=claim.key,
            history=claim.history,
            bottom_up=claim.bottom_up,
            low=inputs.low,
            high=inputs.high,
            capacity=mark.get("capacity", claim.capacity),
            potential=mark.get("potential", claim.potential),
        )
        if node.parent is not None:
            rules.split_again(node.parent, tree.grid)

    tree = changed(plan, [target_id], {row.parent_id or target_id}, change)
    written = write(plan, tree, {target_id: mark})
    about = {"target": target_id, "name": name_of(plan, target_id)}
    record(plan, ChangeKind.INPUTS, written, by_id=by_id, at=at, about=about)
    return written.ids


def _check_inputs(inputs: Inputs) -> None:
    if inputs.low < 0 or (inputs.high is not None and inputs.high < inputs.low):
        raise WrongTarget(
            _("The upper limit must not be below the lower one."), fields={"high": _("Raise this limit.")}
        )
    if inputs.productivity is not None and not 0 <= inputs.productivity <= 10:
        raise WrongTarget(
            _("Productivity lies between 0 and 10; 1 is usual."),
            fields={"productivity": _("Choose a figure between 0 and 10.")},
        )


@requires_transaction
def set_limits(
    *,
    target_id: int,
    low: Decimal,
    high: Decimal | None,
    by_id: int,
    at: dt.datetime,
    revision: int | None = None,
) -> set[int]:
    """Bound what the method may give a node and split its parent again."""
    return set_inputs(
        target_id=target_id, inputs=Inputs(low=low, high=high), by_id=by_id, at=at, revision=revision
    )


@requires_transaction
def use_method(
    *, target_id: int, level: Level, by_id: int, at: dt.datetime, revision: int | None = None
) -> set[int]:
    """Split one node by a method of its own, with the node's over-assignment as it is.

    Raises WrongWeights, DoesNotFit, WrongTarget.
    """
    level.recipe()
    plan = open_plan(plan_of(target_id), revision, by_id)
    if not plan.is_additive:
        raise WrongTarget(_("A rate does not add up: everybody carries the same value."))
    own = {
        "growth": None if level.growth is None else str(level.growth),
        "weights": {str(basis): str(weight) for basis, weight in level.weights.items()},
        "top_down": str(level.top_down),
    }

    def change(tree: LoadedTree) -> None:
        node = tree.nodes[target_id]
        node.recipe = recipe_of(level.method, own, level)
        rules.split_again(node, tree.grid)

    tree = changed(plan, [target_id], [target_id], change)
    written = write(plan, tree, {target_id: {"method": str(level.method), "recipe": own}})
    about = {"target": target_id, "name": name_of(plan, target_id), "method": str(level.method)}
    record(plan, ChangeKind.METHOD, written, by_id=by_id, at=at, about=about)
    return written.ids


@dataclass(frozen=True)
class Ramp:
    """What newcomers can reach month by month, and who carries the rest."""

    steps: tuple[Decimal, ...] = ()
    use: RampUse = RampUse.RELIEF


@dataclass(frozen=True)
class Tiers:
    """How far the stretch and the challenge tier lie above every target, as parts of 1."""

    stretch: Decimal
    challenge: Decimal


@requires_transaction
def cascade(
    *,
    plan_id: int,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    levels: Mapping[int, Level] | None = None,
    season: Season | None = None,
    custom_season: Sequence[Decimal] = (),
    amount: Decimal | None = None,
    ramp: Ramp | None = None,
    tiers: Tiers | None = None,
    revision: int | None = None,
) -> set[int]:
    """Spread a draft again from the top: with other methods, over-assignment, months, ramp or top figure.

    ``tiers`` says how far both upper tiers lie above every target. Figures and
    months set by hand stay. Returns the ids of the nodes that changed. Raises
    WrongWeights, DoesNotFit, WrongTarget, PlanNotOpen, StaleVersion.
    """
    plan = open_plan(plan_id, revision, by_id)
    before = plan_document(plan)
    chosen = None if levels is None else _set_levels(plan, levels)
    if season is not None:
        _set_season(plan, season, custom_season, on)
    if ramp is not None:
        plan.ramp = [str(step) for step in check_ramp(ramp.steps)]
        plan.ramp_use = ramp.use
        plan.save(update_fields=["ramp", "ramp_use"])
    if tiers is not None:
        _set_tiers(plan, tiers)
    tree = load(plan)
    marks = _level_marks(tree, chosen)
    if ramp is not None:
        for key, capacity in ramped(plan, tree).items():
            marks.setdefault(key, {})["capacity"] = capacity
    if amount is not None:
        trees.check_amount(amount, tree.grid)
        tree.top.amount = amount
        _remember_top(plan, amount)
    trees.cascade(tree.top, tree.grid)
    written = write(plan, tree, marks)
    if tiers is not None:
        store_tiers(plan)
    written.before |= before
    written.after |= plan_document(plan)
    kind = ChangeKind.SEASON if season == Season.CUSTOM and levels is None else ChangeKind.CASCADE
    record(plan, kind, written, by_id=by_id, at=at)
    return written.ids


def _set_tiers(plan: TargetPlan, tiers: Tiers) -> None:
    if not 0 <= tiers.stretch <= tiers.challenge <= MAX_TIER:
        raise WrongTarget(
            _("The tiers rise: stretch is at least 0 % above the target, challenge at least as much."),
            fields={"challenge": _("Not below stretch.")},
        )
    plan.stretch_percent, plan.challenge_percent = tiers.stretch * 100, tiers.challenge * 100
    plan.save(update_fields=["stretch_percent", "challenge_percent"])


def _set_levels(plan: TargetPlan, levels: Mapping[int, Level]) -> dict[int, Level]:
    depth = max(Target.objects.filter(plan=plan).values_list("depth", flat=True))
    chosen = {}
    for at_depth in range(depth):
        level = level_at(levels, at_depth)
        if not 0 <= level.over_assignment <= 1:
            raise WrongLevel(_("Over-assignment lies between 0 % and 100 %."))
        level.recipe()
        chosen[at_depth] = level
    store_levels(plan, chosen)
    return chosen


def _level_marks(tree: LoadedTree, chosen: Mapping[int, Level] | None) -> dict[int, dict[str, Any]]:
    """Return method and over-assignment of every node above the leaves, and put them into the tree."""
    if chosen is None:
        return {}
    marks: dict[int, dict[str, Any]] = {}
    for key, node in tree.nodes.items():
        level = chosen.get(tree.rows[key]["depth"])
        if level is None:
            continue
        node.over, node.recipe = level.over_assignment, level.recipe()
        marks[key] = {
            "method": str(level.method),
            "over_assignment": level.over_assignment,
            "recipe": {},
        }
    return marks


def _set_season(plan: TargetPlan, season: Season, custom: Sequence[Decimal], on: dt.date) -> None:
    weights = seasons.month_weights(
        measure=plan.measure,
        unit_id=plan.root_unit_id,
        year=plan.period,
        season=season,
        before=on,
        custom=[Fraction(weight) for weight in custom],
    )
    for position, weight in enumerate(weights.weights):
        PlanMonth.objects.filter(plan=plan, position=position).update(weight=seasons.stored_weight(weight))
    plan.season = weights.season
    plan.save(update_fields=["season"])


def _remember_top(plan: TargetPlan, amount: Decimal) -> None:
    """Keep growth and top figure in step."""
    if plan.baseline_amount:
        growth = Fraction(amount) / Fraction(plan.baseline_amount) - 1
        plan.growth = (Decimal(growth.numerator) / Decimal(growth.denominator)).quantize(Decimal("0.000001"))
        plan.save(update_fields=["growth"])


__all__ = [
    "Inputs",
    "Method",
    "Ramp",
    "Tiers",
    "Written",
    "WrongLevel",
    "cascade",
    "set_inputs",
    "set_limits",
    "use_method",
]
