"""Kicker: something on top of other components, once a condition holds."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.limits import held
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.kinds.base import Variable
from apps.incentives.rules.plan.values import Amount, Code, Part, Ratio


class FixedKick(Part):
    """A fixed amount per pay period."""

    kind: Literal["amount"]
    amount: Amount


class ShareKick(Part):
    """A share of what other components pay."""

    kind: Literal["share"]
    share: Ratio
    of: tuple[Code, ...] = Field(min_length=1, max_length=20)


class Kicker(Variable):
    """Paid while its gate is open: a fixed amount, or a share of other components."""

    kind: Literal["kicker"]
    pays: Annotated[FixedKick | ShareKick, Field(discriminator="kind")]


def pay(component: Kicker, given: Given, steps: Steps) -> Worked:
    """Pay the amount, or the share of what the named components pay in this period."""
    if isinstance(component.pays, FixedKick):
        due = Fraction(component.pays.amount) * given.active_of_window
        steps.append({"op": "kicker", "amount": text(component.pays.amount), "value": text(due)})
    else:
        base = sum((given.facts.paid(code) for code in component.pays.of), Fraction(0))
        due = base * Fraction(component.pays.share)
        steps.append(
            {
                "op": "kicker_share",
                "of": list(component.pays.of),
                "base": text(base),
                "share": text(component.pays.share),
                "value": text(due),
            }
        )
    return Worked(held(component, due, given, steps) - given.cell.posted.raw)
