"""What a statement pins of its payee: segments, standings, rates, and what earlier runs carried forward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.calendars.models import FiscalPeriod
from apps.incentives.rules.engine.currency import ExchangeRate, Rates
from apps.incentives.rules.engine.shapes import NotPayable, Standing
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.selectors.abroad import standings_abroad
from apps.incentives.selectors.exchange import company_currency, read_rates, told_rates
from apps.incentives.selectors.payees import PayeeSegment, Standings
from apps.incentives.selectors.posted import standings_in

Place = tuple[str, str]


@dataclass(frozen=True)
class Pinned:
    """What is pinned for one payee: segments, standings, and what earlier runs carried forward.

    With a ``currency`` only the plans that pay in it are meant. ``actuals`` are by plan, span and measure
    what was sold, in the plan's currency, where one rate for all of it would not do; ``days`` are by plan
    those of windows to date, where something is measured by them; ``apart`` are by plan the standings of
    somebody who moved between plans, over the days of each.
    """

    person_id: int
    segments: tuple[dict[str, Any], ...]
    standings: Mapping[Place, Standing]
    apart: Mapping[str, Mapping[Place, Standing]] = field(default_factory=dict)
    opening: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    late: Mapping[str, Any] = field(default_factory=dict)
    days: Mapping[str, Any] = field(default_factory=dict)
    actuals: Mapping[str, Any] = field(default_factory=dict)
    rates: Rates = field(default_factory=lambda: Rates(()))
    problem: NotPayable | None = None
    currency: str = ""

    @classmethod
    def read(
        cls, person_id: int, inputs: Mapping[str, Any], period: FiscalPeriod, currency: str = ""
    ) -> "Pinned":
        """Read what a statement keeps."""
        standings = standings_in(inputs, period)
        missing = inputs.get("no_rate")
        problem = NotPayable(missing[0], **missing[1]) if missing else None
        return cls(
            person_id,
            tuple(inputs.get("segments", ())),
            standings,
            apart={plan: standings_in(inputs, period, plan) for plan in inputs.get("apart", {})},
            opening=inputs.get("opening", {}),
            shared=inputs.get("shared", {}),
            facts=inputs.get("facts", {}),
            late=inputs.get("late", {}),
            days=inputs.get("days", {}),
            actuals=inputs.get("actuals", {}),
            rates=Rates(read_rates(inputs.get("rates", ()))),
            problem=problem,
            currency=currency,
        )

    def under(self, plan_id: int, document: PlanDocument, period: FiscalPeriod) -> Mapping[Place, Standing]:
        """Return the standings in the currency of a plan. Raises NotPayable."""
        standings = self.apart.get(str(plan_id), self.standings)
        if document.currency == company_currency():
            return standings
        told = self.actuals.get(str(plan_id), {})
        return standings_abroad(standings, document, self.rates, told, period)


def pin(
    segments: Sequence[PayeeSegment],
    standings: Standings,
    opening: Mapping[str, Any] | None = None,
    shared: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    actuals: Mapping[str, Any] | None = None,
    rates: Sequence[ExchangeRate] = (),
    late: Mapping[str, Any] | None = None,
    days: Mapping[str, Any] | None = None,
    apart: Mapping[str, Standings] | None = None,
) -> dict[str, Any]:
    """Return segments, standings, balances, contests, facts and rates as a statement keeps them."""
    pinned: dict[str, Any] = {
        "segments": [segment.pinned() for segment in segments],
        "standings": _told(standings),
    }
    carried = {"opening": opening, "shared": shared, "facts": facts, "actuals": actuals, "late": late}
    carried["days"] = days
    carried["apart"] = {plan: _told(own) for plan, own in sorted((apart or {}).items())}
    pinned |= {name: dict(told) for name, told in carried.items() if told}
    return pinned | ({"rates": told_rates(rates)} if rates else {})


def _told(standings: Standings) -> dict[str, dict[str, list[str | None]]]:
    return {
        span: {
            measure: [_text(standing.actual), _text(standing.quota)]
            for measure, standing in sorted(measures.items())
        }
        for span, measures in sorted(standings.items())
    }


def _text(number: Decimal | Fraction | None) -> str | None:
    return None if number is None else str(number)
