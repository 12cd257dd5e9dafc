"""Whether a plan fits the company's catalogue of measures: known, credited, in units that go together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.kinds import Commission, OnCredits, Override, Pool, Spiff
from apps.incentives.rules.plan.conditions import Attainment, Value, leaves
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.order import conditions_of
from apps.incentives.rules.plan.parts import FundShare
from apps.incentives.rules.plan.problems import PlanInvalid, Problem
from apps.incentives.rules.plan.tables import QuotaUnit, Tiered

Problems = Iterator[Problem]


@dataclass(frozen=True)
class MeasureFacts:
    """What the catalogue knows about a measure that a plan may name."""

    kind: str
    is_ledger: bool
    has_quota: bool = True


def check_measures(plan: PlanDocument, catalogue: Mapping[str, MeasureFacts]) -> None:
    """Refuse unknown measures and units that do not fit. Raises PlanInvalid."""
    problems: list[Problem] = []
    for code, place in measures_of(plan):
        if code not in catalogue:
            fix = _("There is no measure “%(code)s”. Choose one from the catalogue.") % {"code": code}
            problems.append(Problem(place, fix))
    for index, component in enumerate(plan.components):
        facts = catalogue.get(getattr(component, "measure", ""))
        if facts is not None:
            problems += _fits(component, facts, f"components[{index}]")
    if problems:
        raise PlanInvalid(problems)


def _fits(component: Any, facts: MeasureFacts, place: str) -> Problems:
    if not facts.is_ledger or facts.kind not in {"money", "count"}:
        fix = _("A rate needs credited amounts; “%(code)s” is not one. Choose revenue or a count.")
        yield Problem(f"{place}.measure", fix % {"code": component.measure})
        return
    is_count = facts.kind == "count"
    if isinstance(component, Commission | Override):
        yield from _table_fits(component.table, is_count, facts, f"{place}.table")
    if is_count and isinstance(component, Spiff) and component.award.kind == "rate":
        yield Problem(f"{place}.award.kind", _no_rate_on_counts())


def _table_fits(table: Any, is_count: bool, facts: MeasureFacts, place: str) -> Problems:
    if not isinstance(table, Tiered):
        if is_count and table.pays == "rate":
            yield Problem(f"{place}.pays", _no_rate_on_counts())
        return
    if isinstance(table.unit, QuotaUnit) and not facts.has_quota:
        yield Problem(f"{place}.unit", _("This measure has no quota. State the edges as amounts."))
    for index, tier in enumerate(table.tiers):
        if is_count and tier.rate is not None:
            yield Problem(f"{place}.tiers[{index}].rate", _no_rate_on_counts())
        if not is_count and tier.per_unit is not None:
            fix = _("An amount per unit needs a count; this measure is money. State a rate.")
            yield Problem(f"{place}.tiers[{index}].per_unit", fix)


def _no_rate_on_counts() -> str:
    return _("A rate of a count is no money. State an amount per unit.")


def measures_of(plan: PlanDocument) -> list[tuple[str, str]]:
    """Return every measure a plan names, each with its place."""
    found = []
    for index, component in enumerate(plan.components):
        found += _of_component(component, f"components[{index}]")
    for index, modifier in enumerate(plan.modifiers):
        found += _of_modifier(modifier, f"modifiers[{index}]")
    return found


def _of_component(component: Any, place: str) -> list[tuple[str, str]]:
    found = []
    if isinstance(component, OnCredits | Spiff):
        found.append((component.measure, f"{place}.measure"))
    for i, part in enumerate(getattr(component, "measures", ())):
        found.append((part.measure, f"{place}.measures[{i}].measure"))
    for condition, where in conditions_of(component):
        found += _of_condition(condition, f"{place}{where}")
    for i, modifier in enumerate(getattr(component, "modifiers", ())):
        found += _of_table(getattr(modifier, "table", None), f"{place}.modifiers[{i}].table")
    found += _of_table(getattr(component, "table", None), f"{place}.table")
    return found + (_of_pool(component, place) if isinstance(component, Pool) else [])


def _of_pool(pool: Pool, place: str) -> list[tuple[str, str]]:
    found = [] if pool.contribution is None else [(pool.contribution, f"{place}.contribution")]
    if isinstance(pool.fund, FundShare):
        return [*found, (pool.fund.measure, f"{place}.fund.measure")]
    return found + _of_table(pool.fund.table, f"{place}.fund.table")


def _of_modifier(modifier: Any, place: str) -> list[tuple[str, str]]:
    found = _of_table(getattr(modifier, "table", None), f"{place}.table")
    when = getattr(modifier, "when", None)
    return found + (_of_condition(when, f"{place}.when") if when is not None else [])


def _of_condition(condition: Any, place: str) -> list[tuple[str, str]]:
    return [
        (leaf.measure, f"{where}.measure")
        for leaf, where in leaves(condition, place)
        if isinstance(leaf, Attainment | Value)
    ]


def _of_table(table: Any, place: str) -> list[tuple[str, str]]:
    found = []
    for name in ("axis", "row_axis", "column_axis"):
        axis = getattr(table, name, None)
        if axis is not None:
            found.append((axis.measure, f"{place}.{name}.measure"))
    return found
