"""Base salary: a yearly amount in equal parts, by the share of the period in which the payee was active."""

from typing import Literal

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.kinds.base import Component
from apps.incentives.rules.plan.values import Amount


class BaseSalary(Component):
    """Fixed pay. It is never capped, drawn against or held back."""

    kind: Literal["base_salary"]
    annual: Amount


def pay(component: BaseSalary, given: Given, steps: Steps) -> Worked:
    """Pay the period's part of the year."""
    due = given.part_of_year(component.annual, steps, "salary")
    return Worked(due - given.cell.posted.raw)
