"""The whole grid as a file, and a changed file as cells."""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.errors import DomainError
from apps.org.models import OrgUnit, Position
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.pasting import Landed
from apps.targets.selectors.grid import cells_of, in_tree_order, names_of
from apps.ui.tables.export import unguarded
from apps.ui.tables.workbook import AMOUNT, Head

MAX_BYTES = 8_000_000


class UnreadableSheet(DomainError):
    """The file is no grid of this plan."""


def header(plan: TargetPlan) -> list[Head]:
    """Return the headings of the file: code, name, level, last year, then the cells of the grid."""
    months = list(plan.months.select_related("month").order_by("position"))
    size = max(len(months) // 4, 1)
    found = [Head(_("Code")), Head(_("Name")), Head(_("Level")), Head(_("Last year"), AMOUNT)]
    found.append(Head(_("Year"), AMOUNT))
    for quarter in range(len(months) // size):
        for row in months[quarter * size : (quarter + 1) * size]:
            found.append(Head(row.month.code, AMOUNT))
        found.append(Head(f"{plan.period.code}-Q{quarter + 1}", AMOUNT))
    return found


def lines(user: User, plan: TargetPlan) -> Iterator[list[Any]]:
    """Return one line per node the user may see, in the order of the tree."""
    rows = Target.objects.filter(plan=plan).visible_to(user)
    targets = in_tree_order(rows.select_related("unit", "position", "owner").order_by("place", "pk"))
    names = names_of(plan, targets)
    unit = Decimal(1).scaleb(-plan.decimals)
    for target in targets:
        cells = [cell.amount.quantize(unit) for cell in cells_of(target)]
        yield [code_of(target), names[target.pk][0], target.depth + 1, target.history.quantize(unit), *cells]


def code_of(target: Target) -> str:
    """Return what identifies a node in a file."""
    if target.unit is not None:
        return f"U:{target.unit.code}"
    return f"S:{target.position.code}" if target.position is not None else ""


def read(name: str, content: bytes) -> list[list[str]]:
    """Read a CSV or Excel file into rows of text. Raises UnreadableSheet."""
    if len(content) > MAX_BYTES:
        raise UnreadableSheet(_("The file is too large to be a grid of targets."))
    if name.lower().endswith((".xlsx", ".xls")):
        return _workbook(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableSheet(_("The file is neither a workbook nor text. Save it as XLSX or CSV."))
    head = text[:4000]
    delimiter = max(",;\t", key=head.count)
    return [[unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]


def _workbook(content: bytes) -> list[list[str]]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python()
    except (python_calamine.CalamineError, OSError, IndexError):
        raise UnreadableSheet(_("The workbook cannot be read. Save it again as XLSX.")) from None
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    """Write a cell as a person would: figures of a workbook are floats with at most 15 digits."""
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) < 1e15 else f"{cell:.0f}"
    return str(cell)


def landed(plan: TargetPlan, rows: Sequence[Sequence[str]]) -> list[Landed]:
    """Find the place of every figure of a file by its code and heading. Raises UnreadableSheet."""
    if not rows or len(rows) < 2:
        raise UnreadableSheet(_("The file has no rows."))
    columns = _columns(plan, rows[0])
    if not columns or not rows[0]:
        raise UnreadableSheet(
            _("The headings are not those of this plan. Download the grid, change figures in it, upload it.")
        )
    known = _ids(plan)
    found = []
    for number, row in enumerate(rows[1:], start=2):
        code = row[0].strip() if row else ""
        if not code and not any(cell.strip() for cell in row):
            continue
        for index, column in columns.items():
            if index < len(row) and row[index].strip():
                found.append(Landed(number, index + 1, row[index], known.get(code, 0), column))
    return found


def _columns(plan: TargetPlan, heads: Sequence[str]) -> dict[int, str]:
    """Map a column of the file to a column of the grid, by heading."""
    wanted: dict[str, str] = {_("Year"): "year", "Year": "year", "年度": "year"}
    months = list(plan.months.select_related("month").order_by("position"))
    wanted |= {row.month.code: f"m{row.position}" for row in months}
    wanted |= {f"{plan.period.code}-Q{quarter + 1}": f"q{quarter}" for quarter in range(4)}
    return {index: wanted[head.strip()] for index, head in enumerate(heads) if head.strip() in wanted}


def _ids(plan: TargetPlan) -> dict[str, int]:
    rows = Target.objects.filter(plan=plan).values_list("pk", "unit_id", "position_id")
    units = dict(OrgUnit.objects.filter(pk__in=[one[1] for one in rows if one[1]]).values_list("pk", "code"))
    seats = dict(Position.objects.filter(pk__in=[one[2] for one in rows if one[2]]).values_list("pk", "code"))
    return {
        (f"U:{units[unit_id]}" if unit_id else f"S:{seats[position_id]}"): pk
        for pk, unit_id, position_id in rows
    }


def file_name(plan: TargetPlan) -> str:
    """Return what the file is called."""
    return f"{plan.measure}-{plan.period.code}-v{plan.version}"
