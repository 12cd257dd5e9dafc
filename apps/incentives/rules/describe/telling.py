"""How the steps of a line are told: currency, names, what is money."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.incentives.rules.describe.figures import Names, cents, money, rounded

Step = Mapping[str, Any]


@dataclass(frozen=True)
class Telling:
    """How the steps of a line are told: its currency, what measures are called and which of them are money.

    ``base`` is the measure the line pays on; its credits are amounts where it is money, else numbers.
    ``words`` are the plan's own: what it calls its objectives.
    """

    currency: str
    names: Names
    money: Collection[str] = ()
    base: str = ""
    words: Names = field(default_factory=dict)

    def name(self, measure: str) -> str:
        """Return what a measure is called."""
        return self.names.get(measure, measure)

    def paid(self, value: str | None) -> str:
        """Write what is paid."""
        return cents(value, self.currency)

    def measured(self, value: str | None, measure: str = "") -> str:
        """Write a value of a measure, without one of the base, with the currency where it is money."""
        if (measure or self.base) not in self.money or value is None:
            return rounded(value)
        is_long = "/" in value or len(value.partition(".")[2]) > 2
        return money(value, self.currency, 2 if is_long else None)


def base_of(steps: Iterable[Mapping[str, Any]]) -> str:
    """Return the measure whose credits a line pays on, empty when it pays on none."""
    return next((str(step["measure"]) for step in steps if step.get("op") in {"basis", "returns"}), "")


def money_of(step: Step, how: Telling, *fields: str) -> dict[str, str]:
    """Write amounts of a step by name."""
    return {name: how.paid(step.get(name)) for name in fields}
