"""Matrix bonus: two measures decide together which share of a target, or which amount, is paid."""

from fractions import Fraction
from typing import Literal

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.limits import held
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.tables import read_matrix
from apps.incentives.rules.kinds.base import Variable
from apps.incentives.rules.plan.tables import Matrix
from apps.incentives.rules.plan.values import Amount


class MatrixBonus(Variable):
    """Paid by a table of two measures, for example revenue and margin."""

    kind: Literal["matrix_bonus"]
    annual: Amount | None = None
    table: Matrix


def pay(component: MatrixBonus, given: Given, steps: Steps) -> Worked:
    """Pay the cell's share of the target, or its amount; nothing where an axis has no figure."""
    target = Fraction(0)
    if component.table.pays == "share":
        target = given.part_of_year(component.annual, steps, "target_bonus")
    read = read_matrix(component.table, given, steps)
    due = Fraction(0)
    if read is not None:
        due = target * read if component.table.pays == "share" else read * given.active
        steps.append({"op": "share_of_target", "share": text(read), "value": text(due)})
    return Worked(held(component, due, given, steps, target=target) - given.cell.posted.raw)
