"""What a pasted block or an uploaded file would put where, and which cells cannot be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.errors import DomainError
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.editing import positions_of
from apps.targets.rules.pasting import MAX_CELLS, Landed, NotAFigure, block, figure, land
from apps.targets.selectors.grid import cells_of, editable, names_of
from apps.targets.selectors.history import column_names
from apps.targets.selectors.pending import as_answered, pending_of


class TooManyCells(DomainError):
    """The block is larger than a change may be."""


@dataclass(frozen=True)
class Pending:
    """A cell that would change."""

    target_id: int
    column: str
    row_name: str
    column_name: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Refusal:
    """A cell that cannot be taken: where in the block, what it says, and the fix."""

    row: int
    column: int
    where: str
    text: str
    fix: str


@dataclass
class Pasting:
    """A block laid over the grid."""

    pending: list[Pending] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    same: int = 0


def pasted(
    user: User, plan: TargetPlan, text: str, target_ids: Sequence[int], columns: Sequence[str]
) -> Pasting:
    """Lay a copied block over rows and columns of the grid. Raises TooManyCells."""
    landed, outside = land(block(text), target_ids, columns)
    found = laid(user, plan, landed)
    found.refused += [Refusal(one.row, one.column, "", one.text, one.reason) for one in outside]
    found.refused.sort(key=lambda one: (one.row, one.column))
    return found


def laid(user: User, plan: TargetPlan, landed: Sequence[Landed]) -> Pasting:
    """Read cells that have a place; those that say what is there already are left alone."""
    if len(landed) > MAX_CELLS:
        raise TooManyCells(_("At most %(count)s cells at once.") % {"count": MAX_CELLS})
    ids = {one.target_id for one in landed}
    pending = pending_of(plan.pk, ids)
    targets = {
        row.pk: row
        for row in Target.objects.filter(plan=plan, pk__in=ids)
        .visible_to(user)
        .select_related("unit", "position", "owner")
    }
    as_answered(plan, targets.values(), pending)
    allowed = editable(user, plan, ids)
    names = names_of(plan, list(targets.values()))
    now = {key: {cell.column: cell.amount for cell in cells_of(row)} for key, row in targets.items()}
    columns = column_names(plan)
    found = Pasting()
    for one in landed:
        name = names[one.target_id][0] if one.target_id in names else ""
        column = columns.get(one.grid_column, one.grid_column)
        _take(found, plan, one, (name, column), now.get(one.target_id), one.target_id in allowed)
    return found


def _take(
    found: Pasting,
    plan: TargetPlan,
    one: Landed,
    called: tuple[str, str],
    now: Mapping[str, Decimal] | None,
    may_edit: bool,
) -> None:
    name, column = called
    where = _("%(name)s, %(column)s") % {"name": name, "column": column}
    if now is None or one.grid_column not in now:
        found.refused.append(Refusal(one.row, one.column, "", one.text, _("There is no such row or column.")))
        return
    before = now[one.grid_column]
    try:
        after = figure(one.text, is_additive=plan.is_additive, places=plan.decimals).on(before, plan.decimals)
    except NotAFigure as error:
        found.refused.append(Refusal(one.row, one.column, where, one.text, str(error)))
        return
    if after == before:
        found.same += 1
    elif not may_edit:
        fix = _("You may not change this row. Leave the cell as it was.")
        found.refused.append(Refusal(one.row, one.column, where, one.text, fix))
    elif positions_of(one.grid_column) and not plan.is_additive:
        fix = _("A rate holds all year. Change the year instead.")
        found.refused.append(Refusal(one.row, one.column, where, one.text, fix))
    else:
        found.pending.append(Pending(one.target_id, one.grid_column, name, column, before, after))
