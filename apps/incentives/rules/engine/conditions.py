"""Does a condition hold? Exact comparisons, every one noted with what it found."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.book import Given, Steps
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import Number
from apps.incentives.rules.plan.conditions import (
    AllOf,
    AnyOf,
    Attainment,
    Condition,
    CreditedOn,
    DealAmount,
    FieldIn,
    NoneOf,
    Pay,
    Tenure,
    Value,
)

_BOUNDS = ("at_least", "above", "at_most", "below")


def holds(condition: Condition, given: Given, steps: Steps) -> bool:
    """Tell whether a condition on the payee holds; thresholds compare unrounded. Raises NotPayable."""
    if isinstance(condition, Attainment | Value | Pay | Tenure):
        found = _found(condition, given)
        passed = found is not None and within(condition, found)
        steps.append(_step(condition, found, passed))
        return passed
    # every part is looked at, so that the steps show all of them
    answers = [holds(part, given, steps) for part in condition.of]  # type: ignore[union-attr]  # a group
    if isinstance(condition, AllOf):
        return all(answers)
    return any(answers) if isinstance(condition, AnyOf) else not any(answers)


def _found(condition: Attainment | Value | Pay | Tenure, given: Given) -> Number | None:
    if isinstance(condition, Attainment):
        return given.attainment(condition.measure, condition.of)
    if isinstance(condition, Value):
        return given.facts.standing(condition.measure, condition.of).actual
    if isinstance(condition, Pay):
        return given.facts.paid(condition.component)
    return Decimal(given.facts.tenure)


def within(bounds: Any, found: Number) -> bool:
    """Tell whether a number keeps all stated bounds."""
    at_least, above, at_most, below = (_bound(bounds, name) for name in _BOUNDS)
    exact = Fraction(found)
    return (
        (at_least is None or exact >= at_least)
        and (above is None or exact > above)
        and (at_most is None or exact <= at_most)
        and (below is None or exact < below)
    )


def _bound(bounds: Any, name: str) -> Fraction | None:
    value = getattr(bounds, name, None)
    return None if value is None else Fraction(value)


def _step(condition: Any, found: Number | None, passed: bool) -> dict[str, Any]:
    step: dict[str, Any] = {"op": "gate", "kind": condition.kind}
    for name in ("measure", "of", "component"):
        if getattr(condition, name, None) is not None:
            step[name] = getattr(condition, name)
    for name in _BOUNDS:
        if getattr(condition, name, None) is not None:
            step[name] = text(Decimal(getattr(condition, name)))
    return step | {"found": None if found is None else text(found), "passed": passed}


def matches(
    condition: Condition | None, fields: Mapping[str, str], on: dt.date | None, amount: Number | None
) -> bool:
    """Tell whether a condition on a single credit holds: its fields, its day, the size of its transaction."""
    if condition is None:
        return True
    if isinstance(condition, FieldIn):
        return fields.get(condition.name) in condition.is_in
    if isinstance(condition, CreditedOn):
        return on is not None and _in_days(condition, on)
    if isinstance(condition, DealAmount):
        return amount is not None and within(condition, amount)
    assert isinstance(condition, AllOf | AnyOf | NoneOf), "a plan is read with conditions on credits only"  # noqa: S101
    answers = (matches(part, fields, on, amount) for part in condition.of)
    if isinstance(condition, AllOf):
        return all(answers)
    return any(answers) if isinstance(condition, AnyOf) else not any(answers)


def _in_days(condition: CreditedOn, on: dt.date) -> bool:
    since, before = condition.from_, condition.before
    return (since is None or since <= on) and (before is None or on < before)
