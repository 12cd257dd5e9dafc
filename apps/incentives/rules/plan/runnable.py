"""What a pay run can feed: parts of a plan that need figures the product does not keep yet are refused.

Such a plan can be calculated by the preview, which is given everything it needs.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.kinds import Mbo, OnCredits, Pool, Spiff, Trail
from apps.incentives.rules.plan.conditions import DealAmount, FieldIn, leaves
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parts import OnMilestone
from apps.incentives.rules.plan.problems import PlanInvalid, Problem
from apps.incentives.rules.plan.settlement import OnEvent

FIELDS = ("product", "series", "account", "sector", "country")
_UNFED = (Mbo, Trail)
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


def asks_for_fields(plan: PlanDocument) -> bool:
    """Tell whether a plan looks at the transactions behind credits at all."""
    return plan.crediting is not None or any(True for _found in credit_conditions(plan))


def check_runnable(plan: PlanDocument) -> None:
    """Refuse what a pay run has no figures for. Raises PlanInvalid."""
    problems = [*_period(plan), *_components(plan), *_conditions(plan), *_factors(plan), *_as_a_whole(plan)]
    if problems:
        raise PlanInvalid(problems)


def _period(plan: PlanDocument) -> Problems:
    if plan.period not in {"month", "quarter"}:
        yield Problem("period", _("Pay runs are for months and quarters. Choose one of them."))


def _components(plan: PlanDocument) -> Problems:
    fix = _("Pay runs have no figures for this yet. Calculate it with the preview, or leave it out.")
    for index, component in enumerate(plan.components):
        place = f"components[{index}]"
        if isinstance(component, _UNFED):
            yield Problem(f"{place}.kind", fix)
        if isinstance(component, Pool) and component.share_by == "weights":
            yield Problem(f"{place}.share_by", fix)
        for i, instalment in enumerate(getattr(component, "instalments", ())):
            if isinstance(instalment, OnMilestone):
                yield Problem(f"{place}.instalments[{i}].kind", fix)


def _conditions(plan: PlanDocument) -> Problems:
    for condition, place in credit_conditions(plan):
        for leaf, where in leaves(condition, place):
            if isinstance(leaf, FieldIn) and leaf.name not in FIELDS:
                fix = _("Credits of a pay run know these fields: %(fields)s.")
                yield Problem(f"{where}.name", fix % {"fields": ", ".join(FIELDS)})
            if isinstance(leaf, DealAmount):
                fix = _(
                    "Pay runs have no figures for this yet. Calculate it with the preview, or leave it out."
                )
                yield Problem(f"{where}.kind", fix)


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


def _as_a_whole(plan: PlanDocument) -> Problems:
    fix = _("Pay runs have no figures for this yet. Calculate it with the preview, or leave it out.")
    if plan.holdback is not None and isinstance(plan.holdback.release, OnEvent):
        yield Problem("holdback.release.kind", fix)
    if plan.exchange is not None:
        yield Problem("exchange", _("The ledger keeps the company's currency, and pay goes out in it."))
