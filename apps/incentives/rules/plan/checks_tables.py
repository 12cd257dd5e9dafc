"""What tables and conditions may get wrong: gaps, overlaps, order, coverage, units, missing bounds."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.plan.conditions import OF_CREDIT, Condition, CreditedOn, FieldIn, leaves
from apps.incentives.rules.plan.problems import Problem
from apps.incentives.rules.plan.tables import Curve, Interpolated, Matrix, Step, Tier, Tiered

Problems = Iterator[Problem]
_BOUNDS = ("at_least", "above", "at_most", "below")


def check_table(table: Any, place: str) -> Problems:
    """Yield what is wrong with a table."""
    if isinstance(table, Tiered):
        yield from _tiers(table, place)
    elif isinstance(table, Matrix):
        yield from _matrix(table, place)
    else:
        yield from check_points(table, place)
        yield from check_axis(table, place, is_wanted=True)


def _tiers(table: Tiered, place: str) -> Problems:
    tiers = table.tiers
    is_interpolated = isinstance(table, Interpolated)
    if tiers[0].low != 0:
        yield Problem(f"{place}.tiers[0].from", _("The first tier must start at 0."))
    for index, tier in enumerate(tiers):
        if tier.high is not None and tier.high <= tier.low:
            yield Problem(f"{place}.tiers[{index}].to", _("A tier must end above its start."))
        yield from _pays(tier, f"{place}.tiers[{index}]", is_interpolated)
        if index + 1 < len(tiers):
            yield from _meets(tier, tiers[index + 1], index, place)
    last = len(tiers) - 1
    if is_interpolated and tiers[-1].high is None:
        fix = _("An interpolated table needs an end of its last tier; above it the sum of all tiers is paid.")
        yield Problem(f"{place}.tiers[{last}].to", fix)
    elif not is_interpolated and tiers[-1].high is not None:
        yield Problem(f"{place}.tiers[{last}].to", _("Leave the end of the last tier empty."))
    stated = {name for tier in tiers for name in ("rate", "per_unit") if getattr(tier, name) is not None}
    if len(stated) > 1:
        fix = _("Rates and amounts per unit do not fit into one table. Choose one of them.")
        yield Problem(f"{place}.tiers", fix)


def _pays(tier: Tier, place: str, is_interpolated: bool) -> Problems:
    stated = [name for name in ("rate", "per_unit", "fixed") if getattr(tier, name) is not None]
    if is_interpolated and stated != ["fixed"]:
        yield Problem(
            f"{place}.fixed", _("A tier of an interpolated table carries a fixed amount and nothing else.")
        )
    elif len(stated) != 1:
        yield Problem(f"{place}.rate", _("State one of: %(options)s.") % {"options": "rate, per_unit, fixed"})


def _meets(tier: Tier, following: Tier, index: int, place: str) -> Problems:
    numbers = {"here": tier.high, "next": following.low}
    if tier.high is None:
        yield Problem(f"{place}.tiers[{index}].to", _("Only the last tier may be without an end."))
    elif tier.high < following.low:
        fix = _("Nothing is paid between %(here)s and %(next)s. Close the gap.")
        yield Problem(f"{place}.tiers[{index + 1}].from", fix % numbers)
    elif tier.high > following.low:
        fix = _("Two tiers cover %(next)s to %(here)s. Remove the overlap.")
        yield Problem(f"{place}.tiers[{index + 1}].from", fix % numbers)


def check_points(table: Curve | Step, place: str) -> Problems:
    """Yield what is wrong with the points of a curve or step table."""
    for index in range(1, len(table.points)):
        if table.points[index].at <= table.points[index - 1].at:
            fix = _("Each point must lie above the one before.")
            yield Problem(f"{place}.points[{index}].at", fix)


def check_axis(table: Curve | Step, place: str, *, is_wanted: bool) -> Problems:
    """Yield whether the axis is stated where it is needed, and only there."""
    if is_wanted and table.axis is None:
        yield Problem(f"{place}.axis", _("State which measure the table reads."))
    if not is_wanted and table.axis is not None:
        yield Problem(f"{place}.axis", _("The component says what is read here. Leave the axis out."))


def _matrix(table: Matrix, place: str) -> Problems:
    yield from _rising(table.rows, f"{place}.rows")
    yield from _rising(table.columns, f"{place}.columns")
    if len(table.cells) != len(table.rows):
        fix = _("The matrix needs one line of cells for each of its %(count)s rows.")
        yield Problem(f"{place}.cells", fix % {"count": len(table.rows)})
    for index, line in enumerate(table.cells):
        if len(line) != len(table.columns):
            fix = _("The line needs one cell for each of the %(count)s columns.")
            yield Problem(f"{place}.cells[{index}]", fix % {"count": len(table.columns)})
    if table.read == "step":
        for name, edges in (("rows", table.rows), ("columns", table.columns)):
            if edges[0] != 0:
                fix = _("The first edge must be 0, so that the matrix covers everything.")
                yield Problem(f"{place}.{name}[0]", fix)


def _rising(edges: Sequence[Any], place: str) -> Problems:
    for index in range(1, len(edges)):
        if edges[index] <= edges[index - 1]:
            yield Problem(f"{place}[{index}]", _("Each edge must lie above the one before."))


def check_payee_condition(condition: Condition | None, place: str) -> Problems:
    """Yield what is wrong with a condition on the payee."""
    if condition is None:
        return
    for leaf, where in leaves(condition, place):
        if isinstance(leaf, OF_CREDIT):
            fix = _(
                "This looks at a single credit. Use it under “where” or “counts”, or in a crediting rule."
            )
            yield Problem(f"{where}.kind", fix)
        yield from _bounds(leaf, where)


def check_credit_condition(condition: Condition | None, place: str) -> Problems:
    """Yield what is wrong with a condition on a credit."""
    if condition is None:
        return
    for leaf, where in leaves(condition, place):
        if not isinstance(leaf, OF_CREDIT):
            fix = _("This looks at the payee as a whole. Use it as a gate or with a modifier.")
            yield Problem(f"{where}.kind", fix)
        yield from _bounds(leaf, where)


def _bounds(leaf: Any, place: str) -> Problems:
    if isinstance(leaf, FieldIn):
        return
    if isinstance(leaf, CreditedOn):
        if leaf.from_ is None and leaf.before is None:
            yield Problem(place, _("State from when or until before when."))
        elif leaf.from_ is not None and leaf.before is not None and leaf.from_ >= leaf.before:
            yield Problem(f"{place}.before", _("It must end after it begins."))
    elif all(getattr(leaf, name, None) is None for name in _BOUNDS):
        yield Problem(place, _("State at least one of: %(options)s.") % {"options": ", ".join(_BOUNDS)})
    else:
        yield from _room(leaf, place)


def _room(leaf: Any, place: str) -> Problems:
    """Refuse bounds between which nothing lies: the condition would never hold."""
    stated = [(name, bound) for name in _BOUNDS if (bound := getattr(leaf, name, None)) is not None]
    lower = [(bound, name == "above") for name, bound in stated if name in {"at_least", "above"}]
    upper = [(bound, name != "below", name) for name, bound in stated if name in {"at_most", "below"}]
    if not lower or not upper:
        return
    (low, is_open), (high, is_closed, name) = max(lower), min(upper)
    if low > high or (low == high and (is_open or not is_closed)):
        fix = _("Nothing lies between %(low)s and %(high)s. Correct one of the bounds.")
        yield Problem(f"{place}.{name}", fix % {"low": low, "high": high})
