"""Typing figures into a plan: years, quarters and months of any node, one or many at once.

All cells of one change are taken together: first the years settle, then the
months. Whatever the plan cannot hold exactly is refused with the cells that
stand in the way, so a caller can throw the tree away and name them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.money import split_units
from apps.targets.enums import Balance, Origin
from apps.targets.rules.allocation import Claim, DoesNotFit, Recipe, allocate, with_over_assignment
from apps.targets.rules.tree import (
    NOTHING,
    Grid,
    Node,
    NotLoaded,
    WrongTarget,
    below,
    cascade,
    check_amount,
    months_of,
    spread_months,
    spread_year,
)

YEAR: tuple[int, ...] = ()


class NodeFixedAbove(DomainError):
    """The change would move a total that was set by hand."""


@dataclass(frozen=True)
class Cell:
    """A figure for a node: ``positions`` are the months it covers, none for the year."""

    key: int
    positions: tuple[int, ...]
    value: Decimal


def positions_of(column: str, months: int = 12) -> tuple[int, ...]:
    """Return the months a column covers: ``year``, ``q0``…``q3``, ``m0``…``m11``. Raises WrongTarget."""
    kind, number = column[:1], column[1:]
    if column == "year":
        return YEAR
    size = {"q": months // 4, "m": 1}.get(kind, 0)
    if not size or not number.isdecimal() or len(number) > 2 or (int(number) + 1) * size > months:
        raise WrongTarget(_("The year has no such month."))
    return tuple(range(int(number) * size, (int(number) + 1) * size))


@dataclass(frozen=True)
class Clash:
    """A cell that did not become what was typed."""

    cell: Cell
    found: Decimal


class CellsClash(DomainError):
    """The plan cannot hold all typed figures at once; ``clashes`` says which."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(
            _("The figures do not fit together: with the others as given, a figure becomes %(found)s.")
            % {"found": f"{clashes[0].found:,}"}
        )
        self.clashes = list(clashes)


@dataclass
class _Typed:
    """The cells of a change by node; ``months`` are those typed in single months or quarters."""

    years: dict[int, Decimal] = field(default_factory=dict)
    months: dict[int, dict[int, Decimal]] = field(default_factory=dict)


def change_cells(nodes: Mapping[int, Node], cells: Sequence[Cell], balance: Balance, grid: Grid) -> None:
    """Type figures and bring the plan back into balance.

    A year: with ``SIBLINGS`` the total above stays and those not set by hand
    make room; with ``UP`` every total above follows. A month or quarter: with
    ``SIBLINGS`` the year stays and the other months make room; with ``UP`` (or
    when all months are typed) the year follows. Raises WrongTarget,
    NodeFixedAbove, DoesNotFit, or CellsClash with the cells that do not fit.
    """
    for cell in cells:
        check_amount(cell.value, grid)
    typed = _sorted_out(nodes, cells, grid)
    years = dict(typed.years)
    for key, months in typed.months.items():
        if key not in years and (balance == Balance.UP or len(months) == grid.months):
            years[key] = _year_of(nodes[key], months)
    for key in years:
        if key in typed.years or nodes[key].children:
            forget_months(nodes[key])
    for key, months in typed.months.items():
        if not nodes[key].children:
            _type_months(nodes[key], months, years.get(key), grid)
    if years:
        change_years({nodes[key]: amount for key, amount in years.items()}, balance, grid)
    _settle_months(nodes, typed, grid)
    _prove(nodes, cells, grid)


def _sorted_out(nodes: Mapping[int, Node], cells: Sequence[Cell], grid: Grid) -> _Typed:
    typed = _Typed()
    for cell in cells:
        if any(position not in range(grid.months) for position in cell.positions):
            raise WrongTarget(_("The year has no such month."))
        if cell.positions and not grid.is_additive:
            raise WrongTarget(_("A rate holds all year. Change the year instead of a month."))
        if cell.positions == YEAR:
            typed.years[cell.key] = cell.value
        elif len(cell.positions) == 1:
            typed.months.setdefault(cell.key, {})[cell.positions[0]] = cell.value
    for cell in cells:
        if len(cell.positions) > 1:
            _spread_quarter(nodes[cell.key], cell, typed.months.setdefault(cell.key, {}), grid)
    return typed


def _spread_quarter(node: Node, cell: Cell, months: dict[int, Decimal], grid: Grid) -> None:
    """Turn a quarter into months: typed ones stay, the others keep their proportions."""
    open_months = [position for position in cell.positions if position not in months]
    rest = cell.value - sum((months[one] for one in cell.positions if one in months), NOTHING)
    if rest < 0 or (rest and not open_months):
        raise CellsClash([Clash(cell, cell.value - rest)])
    if not open_months:
        return
    now = months_of(node, grid)
    weights: list[Decimal | int] = [now[position] for position in open_months]
    if not any(weights):
        weights = [int(bool(node.season and node.season[position])) for position in open_months]
    if not any(weights):
        weights = [1] * len(open_months)
    parts = split_units(rest, weights, places=grid.places, keys=open_months)
    months.update(zip(open_months, parts, strict=True))


def _year_of(node: Node, months: Mapping[int, Decimal]) -> Decimal:
    now = node.months or [NOTHING] * (max(months) + 1)
    return sum((months.get(index, value) for index, value in enumerate(now)), NOTHING)


def _type_months(node: Node, months: Mapping[int, Decimal], year: Decimal | None, grid: Grid) -> None:
    """Fix typed months of a leaf; months typed earlier give way when both do not fit into the year."""
    amount = node.amount if year is None else year
    both = {**node.fixed_months, **months}
    node.fixed_months = both if _fits(both, amount, grid) else dict(months)


def _fits(fixed: Mapping[int, Decimal], amount: Decimal, grid: Grid) -> bool:
    rest = amount - sum(fixed.values(), NOTHING)
    return rest == 0 or (rest > 0 and len(fixed) < grid.months)


def forget_months(node: Node) -> None:
    """Drop the months typed below a node: a new year takes precedence over them."""
    for one in node.walk():
        one.fixed_months.clear()


def change_years(years: Mapping[Node, Decimal], balance: Balance, grid: Grid) -> None:
    """Set years by hand, all at once; see ``change_cells``."""
    for node, amount in years.items():
        node.amount = amount
        node.is_fixed = node.parent is not None or not grid.is_additive
        node.origin = Origin.METHOD
    tops = [node for node in years if not any(above in years for above in node.ancestors())]
    if not grid.is_additive:
        for node in tops:
            cascade(node, grid)
        return
    upward = [node for node in tops if node.parent is None or balance == Balance.UP]
    for node in upward:
        _spread_below(node, grid)
    for parent in _above(upward):
        _follow(parent, years, grid)
    for parent in _outermost([node.parent for node in tops if node.parent and node not in upward]):
        _spread_below(parent, grid)


def _spread_below(top: Node, grid: Grid) -> None:
    for node in top.walk():
        spread_year(node, grid)


def _above(nodes: Sequence[Node]) -> list[Node]:
    """Return every node above some, deepest first, each once."""
    found = {above: sum(1 for _one in above.ancestors()) for node in nodes for above in node.ancestors()}
    return sorted(found, key=lambda node: (-found[node], node.key))


def _outermost(nodes: Sequence[Node]) -> list[Node]:
    found = list(dict.fromkeys(nodes))
    return [node for node in found if not any(above in found for above in node.ancestors())]


def _follow(parent: Node, typed: Mapping[Node, Decimal], grid: Grid) -> None:
    """Set a parent to what its children now sum to; a stray minor unit goes to an open child."""
    if parent.is_fixed:
        raise NodeFixedAbove(
            _("A total above was set by hand. Release it, or let the others make room instead.")
        )
    total = sum((child.amount for child in parent.children), NOTHING)
    parent.amount = below(total, parent.over, places=grid.places)
    parent.origin = Origin.BELOW if parent.parent is not None else Origin.METHOD
    for child in parent.children:
        if not child.is_fixed and child.origin == Origin.METHOD:
            child.origin = Origin.KEPT
    stray = total - with_over_assignment(parent.amount, parent.over, places=grid.places)
    if stray:
        _hand_over(parent, stray, typed, grid)


def _hand_over(parent: Node, stray: Decimal, typed: Mapping[Node, Decimal], grid: Grid) -> None:
    """Let an open child carry the unit that over-assignment cannot express; a typed one only in need."""
    moved = {node for one in typed for node in (one, *one.ancestors())}
    waiting = [child for child in parent.children if child not in moved and not child.is_fixed]
    waiting = waiting or [child for child in parent.children if child not in typed and not child.is_fixed]
    taker = max(waiting or parent.children, key=lambda child: (child.amount, child.key))
    taker.amount -= stray
    if not taker.is_fixed:
        taker.origin = Origin.KEPT
    _spread_below(taker, grid)


def _settle_months(nodes: Mapping[int, Node], typed: _Typed, grid: Grid) -> None:
    """Spread all months again, then hand the months typed on totals down to the leaves."""
    top = _top(next(iter(nodes.values())))
    spread_months(top, grid)
    depth = {key: sum(1 for _above in nodes[key].ancestors()) for key in typed.months}
    for key in sorted(typed.months, key=lambda one: (-depth[one], one)):
        node = nodes[key]
        wanted = {
            index: value
            for index, value in typed.months[key].items()
            if node.children and (node.months or [])[index] != value
        }
        if not wanted:
            continue
        if len(typed.months[key]) == grid.months:
            wanted.pop(max(wanted, key=lambda index: (wanted[index], index)))  # what is left over
        own = {one: typed.months.get(one.key, {}) for one in node.walk() if not one.children}
        for leaf in own:
            leaf.months = _as_spread(leaf, grid)
        for index, value in sorted(wanted.items()):
            _push(node, index, value, own, grid)
        spread_months(top, grid)


def _as_spread(leaf: Node, grid: Grid) -> list[Decimal] | None:
    """Return the months a leaf was spread to: the proportions by which a total's months go down to it."""
    return leaf.months if leaf.is_stub else months_of(leaf, grid)


def _top(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _push(
    node: Node, index: int, value: Decimal, own: Mapping[Node, Mapping[int, Decimal]], grid: Grid
) -> None:
    """Hand a month of a total down to its leaves in proportion to what they had.

    Months of leaves typed in the same change stay; those typed earlier stay as long as the others can
    make up for them. Raises NotLoaded when the tree was read without the branch: callers read it whole.
    """
    if node.is_stub:
        raise NotLoaded(node.key)
    if not node.children:
        node.fixed_months[index] = value
        return
    total = with_over_assignment(value, node.over, places=grid.places)
    weights = [months_of(child, grid)[index] for child in node.children]
    if not any(weights):
        weights = [child.amount for child in node.children]
    for keep_earlier in (True, False):
        claims = [
            _room(child, index, weight, own, keep_earlier, grid)
            for child, weight in zip(node.children, weights, strict=True)
        ]
        try:
            parts = allocate(total, claims, Recipe(), places=grid.places)
            break
        except DoesNotFit:
            if not keep_earlier:
                raise
    for child, part in zip(node.children, parts, strict=True):
        _push(child, index, part, own, grid)


def _room(
    node: Node,
    index: int,
    weight: Decimal,
    own: Mapping[Node, Mapping[int, Decimal]],
    keep_earlier: bool,
    grid: Grid,
) -> Claim:
    low, high = _bounds(node, index, own, keep_earlier, grid)
    return Claim(node.key, history=weight, low=low, high=high)


def _bounds(
    node: Node,
    index: int,
    own: Mapping[Node, Mapping[int, Decimal]],
    keep_earlier: bool,
    grid: Grid,
) -> tuple[Decimal, Decimal]:
    """Return between what a month of a node can lie while its year and its other typed months stay."""
    if node.children:
        parts = [_bounds(child, index, own, keep_earlier, grid) for child in node.children]
        least = sum((one for one, _high in parts), NOTHING)
        low = below(least, node.over, places=grid.places)
        if with_over_assignment(low, node.over, places=grid.places) < least:
            low += grid.unit
        most = sum((one for _low, one in parts), NOTHING)
        return low, max(below(most, node.over, places=grid.places), low)
    if index in own.get(node, {}):
        typed = own[node][index]
        return typed, typed
    if keep_earlier and index in node.fixed_months:
        return node.fixed_months[index], node.fixed_months[index]
    others = {one: value for one, value in node.fixed_months.items() if one != index}
    rest = max(node.amount - sum(others.values(), NOTHING), NOTHING)
    return (rest, rest) if len(others) == grid.months - 1 else (NOTHING, rest)


def _prove(nodes: Mapping[int, Node], cells: Sequence[Cell], grid: Grid) -> None:
    """Refuse the change unless every cell holds what was typed.

    Months of a total with over-assignment are scaled sums; there the nearest figure the sums allow counts.
    """
    clashes = []
    for cell in cells:
        node = nodes[cell.key]
        found = value_of(node, cell.positions)
        slack = grid.unit * 12 if cell.positions and any(one.over for one in node.walk()) else NOTHING
        if abs(found - cell.value) > slack:
            clashes.append(Clash(cell, found))
    if clashes:
        raise CellsClash(clashes)


def value_of(node: Node, positions: tuple[int, ...]) -> Decimal:
    """Return what a cell holds."""
    if positions == YEAR:
        return node.amount
    months = node.months or []
    return sum((months[position] for position in positions), NOTHING)


def lock(node: Node) -> None:
    """Keep a year as it is, whatever the method says; the others stay as well."""
    if node.parent is None:
        return
    node.is_fixed, node.origin = True, Origin.METHOD
    for one in node.parent.children:
        if not one.is_fixed and one.origin == Origin.METHOD:
            one.origin = Origin.KEPT


def release(node: Node, grid: Grid, *, months_only: Sequence[int] | None = None) -> None:
    """Give a typed year and its months back to the method; the total above stays.

    With ``months_only`` just these months of everything below the node are released.
    """
    if months_only is not None:
        for one in node.walk():
            for index in months_only:
                one.fixed_months.pop(index, None)
        spread_months(_top(node), grid)
        return
    node.is_fixed = False
    node.fixed_months.clear()
    _spread_below(node.parent or node, grid)
    spread_months(_top(node), grid)


def split_again(parent: Node, grid: Grid) -> None:
    """Split a node over its children again, and everything below them; totals stay."""
    _spread_below(parent, grid)
    spread_months(_top(parent), grid)


def add_node(parent: Node, node: Node, grid: Grid) -> None:
    """Hang a seat or unit into the plan; the parent's total stays and is split again."""
    parent.add(node)
    split_again(parent, grid)


def remove_node(node: Node, grid: Grid) -> None:
    """Take a node out of the plan; what it carried goes to the others of its parent. Raises DoesNotFit."""
    parent = node.parent
    if parent is None:
        raise WrongTarget(_("The top of a plan cannot be taken out."))
    if len(parent.children) == 1:
        raise DoesNotFit(_("Nobody beside it could carry the target. Take out the unit above instead."))
    parent.children.remove(node)
    node.parent = None
    split_again(parent, grid)


def change_amount(node: Node, amount: Decimal, balance: Balance, grid: Grid) -> None:
    """Set the year of one node by hand; see ``change_cells``."""
    change_cells(_known(node), [Cell(node.key, YEAR, amount)], balance, grid)


def change_months(
    node: Node, values: Mapping[int, Decimal], grid: Grid, *, balance: Balance | None = None
) -> None:
    """Type months of one node. Without ``balance`` the year stays and the other months make room;
    with it the year follows the months and the plan is balanced as ``change_amount`` does.
    """
    cells = [Cell(node.key, (index,), value) for index, value in values.items()]
    known = _known(node)
    if balance == Balance.SIBLINGS:
        for cell in cells:
            check_amount(cell.value, grid)
        cells.append(Cell(node.key, YEAR, _year_of(node, values)))
    change_cells(known, cells, balance or Balance.SIBLINGS, grid)


def _known(node: Node) -> dict[int, Node]:
    return {one.key: one for one in _top(node).walk()}
