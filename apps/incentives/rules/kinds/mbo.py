"""MBO: objectives with weights, each with an approved grade from 0 to 1 or a milestone that was reached."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.limits import held
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import NotPayable
from apps.incentives.rules.engine.tables import read_points
from apps.incentives.rules.kinds.base import Variable
from apps.incentives.rules.plan.tables import PayoutTable
from apps.incentives.rules.plan.values import Amount, Code, Name, Part, Weight


class Graded(Part):
    """Reached in part: the grade counts as it is."""

    kind: Literal["grade"]
    code: Code
    name: Name
    weight: Weight


class Milestone(Part):
    """Reached or not: anything below a full grade counts as nothing."""

    kind: Literal["milestone"]
    code: Code
    name: Name
    weight: Weight


Objective = Annotated[Graded | Milestone, Field(discriminator="kind")]


class Mbo(Variable):
    """A target amount times the weighted grades, through a curve where one is stated."""

    kind: Literal["mbo"]
    annual: Amount
    objectives: tuple[Objective, ...] = Field(min_length=1, max_length=20)
    curve: PayoutTable | None = None
    ungraded: Literal["error", "zero", "skip"] = "error"


def pay(component: Mbo, given: Given, steps: Steps) -> Worked:
    """Pay the target times Σ weight × grade ÷ Σ weight. Raises NotPayable while a grade is missing."""
    target = given.part_of_year(component.annual, steps, "target_bonus")
    total = weights = Fraction(0)
    for objective in component.objectives:
        grade = given.grades.get(objective.code)
        if grade is None and component.ungraded == "error":
            raise NotPayable("no_grade", component=component.code, objective=objective.code)
        counted = None if grade is None and component.ungraded == "skip" else Fraction(grade or 0)
        if counted is not None and isinstance(objective, Milestone):
            counted = Fraction(int(counted >= 1))
        steps.append(
            {
                "op": "objective",
                "objective": objective.code,
                "weight": text(objective.weight),
                "grade": None if counted is None else text(counted),
            }
        )
        if counted is not None:
            total += Fraction(objective.weight) * counted
            weights += Fraction(objective.weight)
    share = total / weights if weights else Fraction(0)
    if component.curve is not None:
        share = read_points(component.curve, share, steps)
    due = target * share
    steps.append({"op": "share_of_target", "share": text(share), "value": text(due)})
    return Worked(held(component, due, given, steps, target=target) - given.cell.posted.raw)
