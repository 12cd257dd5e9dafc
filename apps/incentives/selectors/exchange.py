"""At which rates a plan in another currency counts: the company's rates, as a plan asks for them (ADR-0009).

Rates are told as what one unit of a currency is worth in the company's own, from a day on. A plan counts what
the ledger says in company currency, so it needs the other direction. That quotation is kept to 15 digits; no
amount is rounded with it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.conf import settings

from apps.calendars import selectors as calendars
from apps.core.money import round_money
from apps.incentives.rules.engine.currency import ExchangeRate
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import LineOut, NotPayable, PayeeOutcome
from apps.incentives.rules.plan.document import PlanDocument
from apps.measures.registry import measures

YEAR, MONTH, SPOT = "plan_year", "month_average", "spot"
PAYOUT = "payout"
_DAY = dt.timedelta(days=1)
Days = tuple[dt.date, dt.date]
Stretch = tuple[dt.date, dt.date, Decimal | None]
_QUOTED = Context(prec=15, rounding=ROUND_HALF_UP)
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def company_currency() -> str:
    """Return the currency the ledger is kept in."""
    return str(settings.COMPANY_CURRENCY)


def pays_in(document: PlanDocument) -> str:
    """Return the currency in which a plan's pay goes out."""
    payout = document.exchange.payout if document.exchange else None
    return str(payout or document.currency)


def is_foreign(document: PlanDocument) -> bool:
    """Tell whether a plan is kept or paid in another currency than the company's."""
    return {str(document.currency), pays_in(document)} != {company_currency()}


def is_money(measure: str) -> bool:
    """Tell whether a measure is an amount of money, which the ledger keeps in company currency."""
    return measure in measures and measures.get(measure).kind == "money"


def needed_from(kind: str, on: dt.date) -> dt.date:
    """Return the day on which a rate must be known for it to count on another day."""
    if kind not in {YEAR, MONTH}:
        return on
    try:
        return calendars.period_of(on, "year" if kind == YEAR else "month").starts_on
    except calendars.MissingPeriod:
        return on


def no_rate(currency: str, on: dt.date) -> NotPayable:
    """Return what stops a payee for want of a rate."""
    return NotPayable("no_company_rate", currency=currency, on=on.isoformat())


class CompanyRates:
    """The company's exchange rates as plans ask for them: of the year, of the month, of the day."""

    def __init__(self) -> None:
        self._table = calendars.Rates()
        self._company = company_currency()

    def worth(self, currency: str, kind: str, on: dt.date) -> Decimal:
        """Return what one unit is worth in company currency. Raises NotPayable.

        The rate of a plan year is the one in force on the first day of the fiscal year; that of a month is
        the mean of its days.
        """
        if currency == self._company:
            return Decimal(1)
        try:
            if kind == YEAR:
                return self._of_day(currency, calendars.period_of(on, "year").starts_on)
            return self._mean(currency, on) if kind == MONTH else self._of_day(currency, on)
        except calendars.MissingPeriod:
            raise no_rate(currency, on) from None

    def rate(self, source: str, target: str, kind: str, on: dt.date) -> Decimal:
        """Return what one unit of a currency is in another one. Raises NotPayable."""
        if source == target:
            return Decimal(1)
        worth, unit = self.worth(source, kind, on), self.worth(target, kind, on)
        return worth if unit == 1 else _QUOTED.divide(worth, unit)

    def spans(self, target: str, kind: str, start: dt.date, before: dt.date) -> list[ExchangeRate]:
        """Return the rates from company currency over some days; days without a rate are left out."""
        found: list[ExchangeRate] = []
        for first, last, rate in self.stretches(target, kind, start, before):
            if rate is None:
                continue
            begin = first
            if found and (found[-1].before, found[-1].rate) == (first, rate):
                begin = found.pop().start
            found.append(ExchangeRate(self._company, target, kind, begin, last, rate))
        return found

    def stretches(self, target: str, kind: str, start: dt.date, before: dt.date) -> Iterator[Stretch]:
        """Yield the stretches of some days over which a rate does not change, with the rate or None."""
        for first, last in self._cut(target, kind, start, before):
            try:
                rate = self.rate(self._company, target, kind, first)
            except NotPayable:
                yield first, last, None
            else:
                yield first, last, rate

    def _cut(self, target: str, kind: str, start: dt.date, before: dt.date) -> list[Days]:
        if kind == SPOT:
            days = [start, *(day for day in self._table.days(target) if start < day < before), before]
            return list(pairwise(days))
        periods = calendars.periods_between(start, before, "year" if kind == YEAR else "month")
        return [(max(start, one.starts_on), min(before, one.ends_before)) for one in periods]

    def _of_day(self, currency: str, on: dt.date) -> Decimal:
        try:
            return self._table.rate(currency, on)
        except calendars.MissingRate:
            raise no_rate(currency, on) from None

    def _mean(self, currency: str, on: dt.date) -> Decimal:
        month = calendars.period_of(on, "month")
        total = Decimal(0)
        for first, before in self._cut(currency, SPOT, month.starts_on, month.ends_before):
            days = Decimal((before - first).days)
            total = _EXACT.add(total, _EXACT.multiply(self._of_day(currency, first), days))
        return _QUOTED.divide(total, Decimal((month.ends_before - month.starts_on).days))


def missing_rates(document: PlanDocument, on: dt.date) -> dict[str, dt.date]:
    """Return the currencies of a plan that have no rate it could count or pay with on a day."""
    rates, found = CompanyRates(), dict[str, dt.date]()
    for currency, kind in ((document.currency, kind_of(document)), (pays_in(document), SPOT)):
        try:
            rates.worth(currency, kind, on)
        except NotPayable as problem:
            found.setdefault(str(currency), dt.date.fromisoformat(problem.details["on"]))
    return found


def kind_of(document: PlanDocument) -> str:
    """Return which kind of rate brings credits into a plan's currency."""
    told = document.exchange.transactions if document.exchange else "transaction_date"
    return {"plan_year": YEAR, "month_average": MONTH}.get(told, SPOT)


def rates_of(
    documents: Iterable[PlanDocument], rates: CompanyRates, start: dt.date, before: dt.date
) -> list[ExchangeRate]:
    """Return every rate that some plans may need for credits of some days, paid on the last of them.

    Besides the rates of credits these are the yearly ones, at which quotas are brought into the currency of
    a plan, and that of the payout.
    """
    wanted: dict[tuple[str, str], None] = {}
    payouts: dict[tuple[str, str], None] = {}
    for document in documents:
        if document.currency != company_currency():
            wanted[document.currency, YEAR] = wanted[document.currency, kind_of(document)] = None
        if pays_in(document) != document.currency:
            payouts[document.currency, pays_in(document)] = None
    found = [span for currency, kind in sorted(wanted) for span in rates.spans(currency, kind, start, before)]
    last = before - _DAY
    for source, target in sorted(payouts):
        try:
            rate = rates.rate(source, target, SPOT, last)
        except NotPayable:
            continue
        found.append(ExchangeRate(source, target, PAYOUT, last, before, rate))
    return found


def told_rates(rates: Iterable[ExchangeRate]) -> list[list[str]]:
    """Return rates as a statement pins them."""
    return [
        [one.source, one.target, one.kind, one.start.isoformat(), one.before.isoformat(), f"{one.rate:f}"]
        for one in rates
    ]


def read_rates(told: Sequence[Sequence[str]]) -> list[ExchangeRate]:
    """Return the rates a statement pinned."""
    return [
        ExchangeRate(
            source, target, kind, dt.date.fromisoformat(start), dt.date.fromisoformat(before), Decimal(rate)
        )
        for source, target, kind, start, before, rate in told
    ]


def exchange_lines(outcome: PayeeOutcome, window: str) -> list[tuple[LineOut, str]]:
    """Return the lines, each with its currency, that bring pay into the currency of the payout.

    What leaves one currency and what arrives in the other are lines of their own, so that the lines of
    every currency add up to what goes out in it. Salary and variable pay are kept apart; together they
    are the payment of the engine to the cent.
    """
    paid = outcome.payment
    if paid.payout_currency == paid.currency:
        return []
    salary = sum((one.rounded for one in outcome.lines if is_salary(one.steps)), Decimal(0))
    fixed = round_money(Fraction(salary) * Fraction(paid.rate), paid.payout_currency)
    parts = [("salary", salary, fixed), ("variable", paid.amount - salary, paid.payout_amount - fixed)]
    found = []
    for part, amount, arrives in parts:
        told = {"op": "payout", "part": part, "source": paid.currency, "target": paid.payout_currency}
        step = {**told, "amount": text(amount), "rate": text(paid.rate), "value": text(arrives)}
        if amount or arrives:
            found.append((_line(window, -amount, step), paid.currency))
            found.append((_line(window, arrives, step), paid.payout_currency))
    return found


def _line(window: str, amount: Decimal, step: dict[str, str]) -> LineOut:
    return LineOut("exchange", "exchange", window, Decimal(0), Fraction(amount), amount, (step,))


def in_plan(amount: Decimal, document: PlanDocument, on: dt.date) -> Decimal:
    """Return an amount of company currency of a day in the currency of a plan; nothing without a rate."""
    if document.currency == company_currency():
        return amount
    try:
        rate = CompanyRates().rate(company_currency(), document.currency, kind_of(document), on)
    except NotPayable:
        return Decimal(0)
    return round_money(Fraction(amount) * Fraction(rate), document.currency)


def at_home(totals: Mapping[str, Decimal], rates: CompanyRates, on: dt.date) -> Decimal:
    """Return sums of several currencies together in company currency, at a day's rates. Raises NotPayable."""
    worth = [
        Fraction(total) * Fraction(rates.worth(code, SPOT, on)) for code, total in totals.items() if total
    ]
    return round_money(sum(worth, Fraction(0)), company_currency())


def is_salary(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a line is fixed pay: a salary, or a salary brought into another currency."""
    first = steps[0] if steps else {}
    return first.get("op") == "salary" or (first.get("op"), first.get("part")) == ("payout", "salary")
