"""What a pay run can feed: parts of a plan that need figures the product does not keep yet are refused.

Such a plan can be calculated by the preview, which is given everything it needs.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from apps.incentives.rules.kinds import OnCredits, Spiff, Trail
from apps.incentives.rules.plan.conditions import DealAmount, FieldIn, leaves
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parts import OnMilestone
from apps.incentives.rules.plan.problems import PlanInvalid, Problem

FIELDS = ("product", "series", "account", "sector", "country")
Problems = Iterator[Problem]


def credit_conditions(plan: PlanDocument) -> Iterator[tuple[Any, str]]:
    """Yield every condition on single credits, with its place."""
    for index, component in enumerate(plan.components):
        place = f"components[{index}]"
        if isinstance(component, OnCredits | Spiff) and component.where is not None:
            yield component.where, f"{place}.where"
        for i, counts in enumerate(getattr(component, "counts", ())):
            yield counts.when, f"{place}.counts[{i}].when"
    for index, rule in enumerate(plan.crediting.rules if plan.crediting else ()):
        if rule.when is not None:
            yield rule.when, f"crediting.rules[{index}].when"


class Needs(NamedTuple):
    """What plans want to know about the transactions behind credits."""

    fields: bool = False
    days: bool = False
    size: bool = False


def needs_of(plan: PlanDocument) -> Needs:
    """Tell what a plan looks at: product and account, milestones and life, size of transactions."""
    asked = [leaf for one, place in credit_conditions(plan) for leaf, _where in leaves(one, place)]
    return Needs(
        fields=plan.crediting is not None or bool(asked),
        days=any(_by_days(component) for component in plan.components),
        size=any(isinstance(leaf, DealAmount) for leaf in asked),
    )


def asks_for_fields(plan: PlanDocument) -> bool:
    """Tell whether a plan looks at the transactions behind credits by a condition."""
    return needs_of(plan).fields


def all_needs(plans: Iterable[PlanDocument]) -> Needs:
    """Tell what several plans look at together."""
    every = [needs_of(plan) for plan in plans]
    return Needs(*(any(answers) for answers in zip(*every, strict=True))) if every else Needs()


def _by_days(component: Any) -> bool:
    instalments = getattr(component, "instalments", ())
    return isinstance(component, Trail) or any(isinstance(one, OnMilestone) for one in instalments)


def check_runnable(plan: PlanDocument) -> None:
    """Refuse what a pay run has no figures for. Raises PlanInvalid."""
    problems = [*_conditions(plan), *_factors(plan)]
    if problems:
        raise PlanInvalid(problems)


def _conditions(plan: PlanDocument) -> Problems:
    for condition, place in credit_conditions(plan):
        for leaf, where in leaves(condition, place):
            if isinstance(leaf, FieldIn) and leaf.name not in FIELDS:
                fix = _("Credits of a pay run know these fields: %(fields)s.")
                yield Problem(f"{where}.name", fix % {"fields": ", ".join(FIELDS)})


def _factors(plan: PlanDocument) -> Problems:
    """Yield factors whose products the ledger of pay, with its six decimals, could not hold exactly."""
    fix = _("Pay runs count credits to six decimals. State at most four decimals here.")
    stated = [
        (counts.factor, f"components[{index}].counts[{i}].factor")
        for index, component in enumerate(plan.components)
        for i, counts in enumerate(getattr(component, "counts", ()))
    ]
    for index, rule in enumerate(plan.crediting.rules if plan.crediting else ()):
        stated.append((rule.commission_factor, f"crediting.rules[{index}].commission_factor"))
    for factor, place in stated:
        if factor != round(factor, 4):
            yield Problem(place, fix)
