"""What seats bring to a split by capacity: full-time share × ramp × productivity."""

from decimal import Decimal
from fractions import Fraction

from apps.org.models import Assignment
from apps.targets.enums import RampUse
from apps.targets.models import PlanMonth, Target, TargetPlan
from apps.targets.rules.ramp import share_of_year
from apps.targets.rules.tree import Node
from apps.targets.selectors.trees import LoadedTree

_PLACES = Decimal("0.0001")


def ramped(plan: TargetPlan, tree: LoadedTree) -> dict[int, Decimal]:
    """Set the capacity of every node in the tree as the plan's ramp says, and return it by node.

    A newcomer counts with less only when the colleagues carry the rest. A unit brings the sum of its seats.
    """
    months = list(
        PlanMonth.objects.filter(plan=plan).order_by("position").values_list("month__starts_on", "weight")
    )
    hired = dict(
        Assignment.objects.on(plan.structure_on)
        .filter(is_acting=False)
        .values_list("position_id", "person__hired_on")
    )
    steps = [Decimal(step) for step in plan.ramp] if plan.ramp_use == RampUse.CAPACITY else []
    seats = Target.objects.filter(plan=plan).values_list("pk", "position_id", "fte", "productivity")
    brings = {}
    for key, position_id, fte, productivity in seats:
        ramp = share_of_year(
            [starts_on for starts_on, _weight in months],
            [Fraction(weight) for _starts_on, weight in months],
            hired.get(position_id or 0),
            steps,
        )
        brings[key] = _rounded(Fraction(fte) * ramp * Fraction(productivity))
    found: dict[int, Decimal] = {}
    for node in reversed(list(tree.top.walk())):
        found[node.key] = _of(node, found, brings)
        if node.claim is not None:
            node.claim = node.claim._replace(capacity=found[node.key])
    return found


def _of(node: Node, found: dict[int, Decimal], brings: dict[int, Decimal]) -> Decimal:
    if not node.children:
        return brings[node.key]
    return sum((found[child.key] for child in node.children), Decimal(0))


def _rounded(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_PLACES)
