"""What a deal would pay if it closed: credited, calculated by the engine of the runs, and undone."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.scope import person_id_of
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.incentives.enums import PayFrequency
from apps.incentives.models import IncentivePlan
from apps.incentives.rules.what_if import effective_rate
from apps.incentives.selectors import deal_pay
from apps.incentives.selectors.deal_pay import DealAnswer, PayeeAnswer
from apps.incentives.selectors.exchange import in_plan
from apps.incentives.selectors.holds import holds_in_force
from apps.incentives.selectors.pinning import LEDGER_END, Pinning, pinned_for
from apps.incentives.selectors.statements import Result
from apps.measures import services as ledger
from apps.measures.models import Credit
from apps.org.models import Person
from apps.pipeline import rules as deal_rules
from apps.pipeline.models import Opportunity
from apps.pipeline.selectors.rates import in_base, rate_on
from apps.pipeline.services import credits
from apps.pipeline.services.deals import shares_of
from apps.pipeline.services.lines import line_amounts

MOST_AHEAD = dt.timedelta(days=550)
MEASURE = "revenue"


class EstimateRefused(DomainError):
    """This deal, amount or day cannot be estimated."""


@dataclass(frozen=True)
class _Sides:
    """What one pay period pays without the deal and with it, person by person."""

    pinning: Pinning
    without: dict[int, Result]
    with_deal: dict[int, Result]


@requires_transaction
def estimate_deal(
    *, deal: Opportunity, viewer: User, today: dt.date, closes_on: dt.date, amount: Decimal | None = None
) -> DealAnswer:
    """Return what people whose pay the viewer may see would earn if an open deal closed on a day.

    The deal's credits are posted as winning it would post them, everything is calculated twice by the
    engine of the runs, and the credits are taken back to a savepoint: nothing is kept, no number of the
    ledger changes for anybody. Raises EstimateRefused, MissingRate, InvalidAmount, ClosedPeriod.
    """
    worth = deal.amount if amount is None else deal_rules.checked_amount(amount, deal.currency)
    _check(deal, closes_on, today)
    order = deal_pay.payees_in_reach(deal, viewer, today, closes_on)
    if not order:
        return DealAnswer(deal, worth, closes_on)
    pinned = [
        found for kind in PayFrequency if (found := _pinned(calendars.period_of(closes_on, kind), order))
    ]
    before = [_results(one) for one in pinned]
    with _won(deal, worth, closes_on) as posted:
        sides = [
            _Sides(one, without, _results(_again(one))) for one, without in zip(pinned, before, strict=True)
        ]
    names = dict(Person.objects.filter(pk__in=list(order)).values_list("pk", "name"))
    own = person_id_of(viewer)
    answers = [
        _answer(side, person_id, names[person_id], person_id == own, posted, closes_on)
        for side in sides
        for person_id in side.pinning.people
    ]
    answers.sort(key=lambda one: (order[one.person_id], one.period.ends_before))
    return DealAnswer(deal, worth, closes_on, answers)


def _check(deal: Opportunity, closes_on: dt.date, today: dt.date) -> None:
    if not deal.is_open:
        raise EstimateRefused(_("This deal is decided; its pay is on the statements."), code="decided")
    text = ""
    if deal.created_on and closes_on < deal.created_on:
        text = _("The closing date cannot lie before the deal was created.")
    elif closes_on > today + MOST_AHEAD:
        text = _("Choose a day within the next year and a half.")
    if text:
        raise EstimateRefused(text, fields={"closes_on": text})


def _pinned(period: FiscalPeriod, people: Collection[int]) -> Pinning | None:
    """Return the inputs of those whom plans pay in a period."""
    plans = list(IncentivePlan.objects.filter(frequency=period.kind).values_list("pk", flat=True))
    pinning = pinned_for(plans, period, LEDGER_END, people=people)
    return replace(pinning, people=tuple(sorted(pinning.segments))) if pinning.segments else None


def _again(pinning: Pinning) -> Pinning:
    return pinned_for(list(pinning.versions), pinning.period, LEDGER_END, people=sorted(pinning.segments))


def _results(pinning: Pinning) -> dict[int, Result]:
    return {result.person_id: result for result in pinning.results(holds_in_force())}


@contextmanager
def _won(deal: Opportunity, amount: Decimal, on: dt.date) -> Iterator[list[Credit]]:
    """Credit a deal within the block as if it were won, and take everything back at its end."""
    won = Opportunity.objects.get(pk=deal.pk)
    won.amount, won.closed_on, won.created_on = amount, on, deal.created_on or on
    won.rate = rate_on(deal.currency, on)
    won.base_amount = in_base(amount, won.rate)
    won.decisions += 1
    lines, shares = line_amounts(list(deal.lines.order_by("pk"))), shares_of(deal)
    with transaction.atomic():
        first = credits.new_customer_entries(won, shares, deal_rules.main_product(lines))
        yield ledger.post([*credits.won_entries(won, lines, shares), *first])
        transaction.set_rollback(True)


def _answer(
    side: _Sides, person_id: int, name: str, is_own: bool, posted: Sequence[Credit], on: dt.date
) -> PayeeAnswer:
    before, after = side.without[person_id], side.with_deal[person_id]
    own = side.pinning.segments[person_id]
    segment = next((one for one in own if one.days.start <= on < one.days.end), own[-1])
    document = side.pinning.by_version[segment.version_id].plan_document
    currency = document.currency
    mine = [row.value for row in posted if row.measure == MEASURE and row.person_id == person_id]
    if not mine:  # a lead, who is credited with what the people below bring
        mine = [row.value for row in posted if row.measure == MEASURE]
    credited = in_plan(sum(mine, Decimal(0)), document, on)
    problem = deal_pay.problem_of([before, after])
    without, with_deal = deal_pay.total_of(before, currency), deal_pay.total_of(after, currency)
    difference = Decimal(0) if problem else with_deal - without
    return PayeeAnswer(
        person_id=person_id,
        name=name,
        is_own=is_own,
        period=side.pinning.period,
        currency=currency,
        credited=credited,
        without=without,
        with_deal=with_deal,
        difference=difference,
        rate=None if problem else effective_rate(difference, credited),
        components=[] if problem else deal_pay.component_changes(before, after, currency),
        problem=problem,
    )
