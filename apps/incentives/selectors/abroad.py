"""A plan in another currency: what ledger and targets say in company currency, in the plan's (ADR-0009)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from apps.calendars.models import FiscalPeriod
from apps.incentives.rules.engine.currency import Rates
from apps.incentives.rules.engine.shapes import CreditIn, Standing
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.standings import standings_asked
from apps.incentives.rules.segments import Days
from apps.incentives.selectors.blends import Parts
from apps.incentives.selectors.crediting import Ask, Found
from apps.incentives.selectors.exchange import (
    YEAR,
    CompanyRates,
    company_currency,
    is_money,
    kind_of,
    needed_from,
    no_rate,
)
from apps.incentives.selectors.payees import led_units, window_of
from apps.measures.registry import measures
from apps.targets import selectors as targets

if TYPE_CHECKING:
    from apps.incentives.selectors.books import Books

_DAY = dt.timedelta(days=1)
_BOOKED = Decimal("0.000001")  # what the ledger of pay holds of a credit
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
Place = tuple[str, str]
Given = Sequence[tuple[Ask, list[Found]]]


def booked(value: Decimal, rate: Decimal | Fraction = Decimal(1)) -> Decimal:
    """Return an amount at a rate, to the six decimals in which credits are kept."""
    if isinstance(rate, Fraction):
        top = _EXACT.multiply(value, Decimal(rate.numerator))
        return _EXACT.divide(top, Decimal(rate.denominator)).quantize(_BOOKED, context=_EXACT)
    return _EXACT.multiply(value, rate).quantize(_BOOKED, context=_EXACT)


def rate_in(rates: Rates, currency: str, kind: str, on: dt.date) -> Decimal:
    """Return a pinned rate from company currency. Raises NotPayable."""
    found = rates.find(company_currency(), currency, kind, on)
    if found is None:
        raise no_rate(currency, needed_from(kind, on))
    return found


def credits_abroad(given: Given, document: PlanDocument, rates: Rates, books: "Books") -> Given:
    """Return credits in the currency of a plan, a return at the rate of its sale. Raises NotPayable."""
    sales = [one.reverses_id for _ask, found in given for one in found if one.reverses_id is not None]
    dates = books.credited_on(sales) if sales else {}
    kind, currency = kind_of(document), document.currency

    def bring(ask: Ask, one: Found) -> Found:
        credit = one.credit
        on = dates.get(one.reverses_id or 0) or credit.on
        assert on is not None, "credits of the ledger are dated"  # noqa: S101
        rate = rate_in(rates, currency, kind, on)
        if credit.deal is not None and credit.deal.amount is not None:
            deal = replace(credit.deal, amount=booked(credit.deal.amount, rate))
            credit = credit._replace(deal=deal)
        if is_money(ask.component.measure):
            credit = credit._replace(amount=booked(credit.amount, rate))
        return one._replace(credit=credit)

    return [(ask, [bring(ask, one) for one in found]) for ask, found in given]


def returned_at(credit: CreditIn, returned: Decimal, sold: Decimal, counted: Decimal) -> CreditIn:
    """Return a return of something paid before as its part of what was counted then."""
    if not sold:
        return credit
    return credit._replace(amount=booked(counted, Fraction(returned) / Fraction(sold)))


def standings_abroad(
    base: Mapping[Place, Standing],
    document: PlanDocument,
    rates: Rates,
    actuals: Mapping[str, Any],
    period: FiscalPeriod,
) -> dict[Place, Standing]:
    """Return standings in the currency of a plan. Raises NotPayable.

    A quota counts at the yearly rate, so that it does not move with the market; what was sold as the plan
    says for credits.
    """
    found = dict(base)
    currency, kind = document.currency, kind_of(document)
    for measure, span in standings_asked(document):
        standing = base.get((measure, span))
        if standing is None or not is_money(measure):
            continue
        window = window_of(period, span)
        quota, actual = standing.quota, standing.actual
        if quota is not None:
            quota = _times(quota, rate_in(rates, currency, YEAR, window.start))
        told = actuals.get(span, {}).get(measure)
        if isinstance(told, list):
            raise no_rate(told[0], dt.date.fromisoformat(told[1]))
        if told is not None:
            actual = Decimal(told)
        elif actual is not None:
            last = window.start if kind == YEAR else min(window.end, period.ends_before) - _DAY
            actual = _times(actual, rate_in(rates, currency, kind, last))
        found[measure, span] = Standing(actual, quota)
    return found


def _times(value: Decimal | Fraction, rate: Decimal) -> Decimal | Fraction:
    return value * Fraction(rate) if isinstance(value, Fraction) else _EXACT.multiply(value, rate)


Plans = Mapping[int, PlanDocument]
Wanted = dict[tuple[str, str, str, str, tuple[Days, ...]], set[tuple[int, int]]]


def actuals_abroad(
    people: Mapping[int, Plans], period: FiscalPeriod, rates: CompanyRates, parts: Parts
) -> dict[int, dict[str, dict[str, dict[str, Any]]]]:
    """Return by person, plan, span and measure what was sold, each stretch of days at its own rate.

    Needed where a plan counts at the rate of the day or the month, for measures that are sums of the ledger;
    anything else takes one rate. A rate that is missing where something was sold is told in its place.
    ``parts`` are the days that count of those who moved between plans.
    """
    wanted: Wanted = defaultdict(set)
    for person_id, plans in people.items():
        for plan_id, document in plans.items():
            kind = kind_of(document)
            if document.currency == company_currency() or kind == YEAR:
                continue
            for measure, span in standings_asked(document):
                if is_money(measure) and measures.get(measure).source in {"ledger", "sum"}:
                    window = window_of(period, span)
                    whole = Days(window.start, min(window.end, period.ends_before))
                    days = parts.get((person_id, plan_id, span), (whole,))
                    wanted[document.currency, kind, span, measure, days].add((person_id, plan_id))
    found: dict[int, dict[str, dict[str, dict[str, Any]]]] = {}
    led = led_units(set(people), period.ends_before - _DAY) if wanted else {}
    for (currency, kind, span, measure, days), asked in wanted.items():
        ids = {person_id for person_id, _plan_id in asked}
        sold = sold_abroad(measure, days, ids, led, currency, kind, rates)
        for person_id, plan_id in sorted(asked):
            if person_id in sold:
                spans = found.setdefault(person_id, {}).setdefault(str(plan_id), {})
                spans.setdefault(span, {})[measure] = sold[person_id]
    return found


def sold_abroad(
    measure: str,
    days: Iterable[Days],
    people: Collection[int],
    led: Mapping[int, int],
    currency: str,
    kind: str,
    rates: CompanyRates,
) -> dict[int, Any]:
    """Return what people, or the units they lead, sold in a currency, or the missing rate."""
    sums: dict[int, Decimal] = {}
    missing: dict[int, list[str]] = {}
    stretches = [one for part in days for one in rates.stretches(currency, kind, part.start, part.end)]
    for start, before, rate in stretches:
        for person_id, actual in _actuals(measure, start, before, people, led):
            if actual is None:
                continue
            if rate is None and actual:
                missing.setdefault(person_id, [currency, start.isoformat()])
            part = _EXACT.multiply(actual, rate) if rate is not None else Decimal(0)
            sums[person_id] = _EXACT.add(sums.get(person_id, Decimal(0)), part)
    return {person_id: missing.get(person_id) or f"{total:f}" for person_id, total in sums.items()}


def _actuals(
    measure: str, start: dt.date, before: dt.date, people: Collection[int], led: Mapping[int, int]
) -> Iterable[tuple[int, Decimal | None]]:
    answer = targets.standings(
        measure=measure,
        start=start,
        end=before,
        unit_ids=sorted({led[one] for one in people if one in led}),
        person_ids=sorted(one for one in people if one not in led),
    )
    for one in sorted(people):
        yield one, (answer.of_unit(led[one]) if one in led else answer.of_person(one)).actual
