"""The kinds of components. Each is one module: what the plan says, and one pure function that pays it.

To add a kind, write such a module, then name it in ``AnyComponent`` and ``_PAY``: the plan document, its
JSON Schema and the engine take it from there.
"""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.kinds import (
    base_salary,
    commission,
    kicker,
    kpi_bonus,
    matrix_bonus,
    mbo,
    override,
    pool,
    spiff,
    trail,
)
from apps.incentives.rules.kinds.base import Component, OnCredits, Variable
from apps.incentives.rules.kinds.base_salary import BaseSalary
from apps.incentives.rules.kinds.commission import Commission
from apps.incentives.rules.kinds.kicker import Kicker, ShareKick
from apps.incentives.rules.kinds.kpi_bonus import KpiBonus
from apps.incentives.rules.kinds.matrix_bonus import MatrixBonus
from apps.incentives.rules.kinds.mbo import Mbo
from apps.incentives.rules.kinds.override import Override
from apps.incentives.rules.kinds.pool import Pool
from apps.incentives.rules.kinds.spiff import Spiff
from apps.incentives.rules.kinds.trail import Trail

AnyComponent = Annotated[
    BaseSalary | Commission | Override | Trail | KpiBonus | MatrixBonus | Mbo | Spiff | Pool | Kicker,
    Field(discriminator="kind"),
]
Windowed = Commission | Override

_PAY: dict[type, Callable[..., Worked]] = {
    BaseSalary: base_salary.pay,
    Commission: commission.pay,
    Override: override.pay,
    Trail: trail.pay,
    KpiBonus: kpi_bonus.pay,
    MatrixBonus: matrix_bonus.pay,
    Mbo: mbo.pay,
    Spiff: spiff.pay,
    Pool: pool.pay,
    Kicker: kicker.pay,
}


def pay_component(component: Component, given: Given, steps: Steps) -> Worked:
    """Pay a component in a window by its kind. Raises NotPayable when an input it needs is missing."""
    return _PAY[type(component)](component, given, steps)


__all__ = [
    "AnyComponent",
    "BaseSalary",
    "Commission",
    "Component",
    "Kicker",
    "KpiBonus",
    "MatrixBonus",
    "Mbo",
    "OnCredits",
    "Override",
    "Pool",
    "ShareKick",
    "Spiff",
    "Trail",
    "Variable",
    "Windowed",
    "pay_component",
]
