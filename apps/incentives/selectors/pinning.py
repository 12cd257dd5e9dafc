"""The inputs of pay, read in one place: runs, estimates, accruals, what-ifs and simulations start here."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PayLine, PlanVersion
from apps.incentives.rules.engine.currency import ExchangeRate
from apps.incentives.rules.kinds import Pool, Spiff, Windowed
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.abroad import actuals_abroad
from apps.incentives.selectors.blends import Parts
from apps.incentives.selectors.books import COMPANY, Books
from apps.incentives.selectors.contests import shared_between
from apps.incentives.selectors.crediting import POSTED
from apps.incentives.selectors.exchange import CompanyRates, is_foreign, pays_in, rates_of
from apps.incentives.selectors.facts import pinned_facts
from apps.incentives.selectors.late import late_leave
from apps.incentives.selectors.payees import PayeeSegment, Standings, rolled
from apps.incentives.selectors.pinned import Pinned, pin
from apps.incentives.selectors.posted import carrying, openings
from apps.incentives.selectors.statements import LOOK_BACK, Result, compute
from apps.incentives.selectors.transfers import blended, parts_of, standings_apart
from apps.incentives.selectors.window_days import window_days

LEDGER_END = 2**62  # for what is not pinned: the whole ledger


@dataclass(frozen=True)
class Abroad:
    """Of plans in other currencies: the rates by currency of payout, what people sold by person and plan."""

    rates: Mapping[str, Sequence[ExchangeRate]]
    actuals: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def rates_for(self, currency: str) -> list[ExchangeRate]:
        """Return the rates of the plans that pay in a currency; of all when none is said."""
        if currency:
            return list(self.rates.get(currency, ()))
        return list(dict.fromkeys(rate for rates in self.rates.values() for rate in rates))


@dataclass(frozen=True)
class Pinning:
    """What pays some people under some plans in a period, person by person."""

    period: FiscalPeriod
    versions: Mapping[int, PlanVersion]
    upto: int
    people: tuple[int, ...]
    segments: Mapping[int, list[PayeeSegment]]
    standings: Mapping[int, Standings] = field(default_factory=dict)
    opening: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    shared: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    counted: Collection[str] = POSTED
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    abroad: Abroad = field(default_factory=lambda: Abroad({}))
    paid_by: Mapping[int, Collection[int]] = field(default_factory=dict)
    late: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    days: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    apart: Mapping[int, Mapping[int, Standings]] = field(default_factory=dict)

    @property
    def by_version(self) -> dict[int, PlanVersion]:
        """The plan versions by their number."""
        return {version.pk: version for version in self.versions.values()}

    def currencies(self, person_id: int) -> list[str]:
        """Return in which currencies plans pay somebody now, have paid them or owe them something."""
        known = {pays_in(version.plan_document) for version in self.versions.values()}
        if len(known) < 2:
            return sorted(known)
        plans = {segment.plan_id for segment in self.segments.get(person_id, ())}
        plans |= {*self.paid_by.get(person_id, ()), *map(int, self.opening.get(person_id, {}))}
        return sorted({pays_in(self.versions[pk].plan_document) for pk in plans if pk in self.versions})

    def inputs(self, person_id: int, currency: str = "") -> dict[str, Any]:
        """Return the inputs of one person as a statement keeps them, of the plans that pay in a currency."""
        own = {
            plan_id
            for plan_id, version in self.versions.items()
            if not currency or pays_in(version.plan_document) == currency
        }
        return pin(
            [segment for segment in self.segments.get(person_id, ()) if segment.plan_id in own],
            self.standings.get(person_id, {}),
            opening=_of_plans(self.opening.get(person_id, {}), own),
            shared=_of_plans(self.shared.get(person_id, {}), own),
            facts=_of_plans(self.facts.get(person_id, {}), own),
            actuals=_of_plans(self.abroad.actuals.get(person_id, {}), own),
            rates=self.abroad.rates_for(currency),
            late=_of_plans(self.late.get(person_id, {}), own),
            days=_of_plans(self.days.get(person_id, {}), own),
            apart={str(one): told for one, told in self.apart.get(person_id, {}).items() if one in own},
        )

    def payees(self) -> list[Pinned]:
        """Return everybody as a calculation reads them back from a statement."""
        return [Pinned.read(one, self.inputs(one), self.period) for one in self.people]

    def results(self, held: Collection[str], books: Books = COMPANY) -> Iterator[Result]:
        """Yield what everybody is paid; deals in ``held`` stay unpaid."""
        return compute(self.payees(), self.period, self.versions, self.upto, held, self.counted, books)


def pinned_for(
    plan_ids: Collection[int],
    period: FiscalPeriod,
    upto: int,
    *,
    until: dt.date | None = None,
    people: Collection[int] | None = None,
    also: Collection[int] = (),
    counted: Collection[str] = POSTED,
) -> Pinning:
    """Read the inputs of everybody whom plans pay in a period, with ledger credits up to a number.

    Besides the people under the plans these are those whom earlier runs paid (credits come late), those
    with a balance or pay pending, and ``also``. With ``people`` it is only these; what they share with
    others in contests and pools still rests on everybody. ``until`` ends the period earlier.
    ``counted`` are the states of earlier runs it goes on from.
    """
    versions = people_of.versions_in_force(plan_ids, period)
    end = until or period.ends_before
    segments = blended(people_of.segments_of(period.starts_on, end, versions, people), versions, period)
    parts = parts_of(segments, versions, period)
    paid_by: dict[int, set[int]] = {}
    if people is None:
        paid_by = _paid_earlier(plan_ids, period)
        named = {*segments, *also, *paid_by}
        carried = _openings({*named, *carrying(period.starts_on, plan_ids)}, plan_ids, period, counted)
        named |= {person_id for person_id, plans in carried.items() if plans}
    else:
        named, carried = set(people), _openings(people, plan_ids, period, counted)
    abroad = abroad_of(segments, versions, period, parts)
    if people is not None and abroad.rates:
        paid_by = _paid_earlier(plan_ids, period, people)
    return Pinning(
        period=period,
        versions=versions,
        upto=upto,
        people=tuple(sorted(named)),
        segments=segments,
        standings=people_of.standings_of(_documents(segments, versions), period),
        opening=carried,
        abroad=abroad,
        paid_by=paid_by,
        shared=_shared(segments if people is None else None, versions, period, end, upto),
        counted=counted,
        facts=pinned_facts(versions, period, carried, named),
        late=late_leave(named, versions, period, period.starts_on - LOOK_BACK, counted),
        days=window_days(named, versions, period.starts_on - LOOK_BACK, end),
        apart=standings_apart(parts, versions, period),
    )


def _documents(segments: Mapping[int, list[PayeeSegment]], versions: Mapping[int, PlanVersion]) -> dict:
    by_id = {version.pk: version for version in versions.values()}
    return {
        person_id: [by_id[segment.version_id].plan_document for segment in own]
        for person_id, own in segments.items()
    }


def _of_plans(told: Mapping[str, Any], plan_ids: Collection[int]) -> dict[str, Any]:
    return {plan_id: one for plan_id, one in told.items() if int(plan_id) in plan_ids}


def _paid_earlier(
    plan_ids: Collection[int], period: FiscalPeriod, people: Collection[int] | None = None
) -> dict[int, set[int]]:
    """Return by person the plans that have paid them."""
    rows = PayLine.objects.posted().filter(
        version__plan__in=plan_ids, run__period__starts_on__gte=period.starts_on - LOOK_BACK
    )
    if people is not None:
        rows = rows.filter(person__in=list(people))
    found: dict[int, set[int]] = {}
    for person_id, plan_id in rows.values_list("person_id", "version__plan_id").distinct():
        found.setdefault(person_id, set()).add(plan_id)
    return found


def abroad_of(
    segments: Mapping[int, list[PayeeSegment]],
    versions: Mapping[int, PlanVersion],
    period: FiscalPeriod,
    parts: Parts,
) -> Abroad:
    """Return what plans in other currencies need to be calculated."""
    documents = {
        plan_id: version.plan_document
        for plan_id, version in versions.items()
        if is_foreign(version.plan_document)
    }
    if not documents:
        return Abroad({})
    rates = CompanyRates()
    reach = [
        rolled(period, component.rolling_periods).start
        for document in documents.values()
        for component in document.credited
        if isinstance(component, Windowed) and component.rolling_periods is not None
    ]
    since = min([period.starts_on - LOOK_BACK, *reach])
    people = {
        person_id: {one.plan_id: documents[one.plan_id] for one in own if one.plan_id in documents}
        for person_id, own in segments.items()
    }
    by_currency: dict[str, list[PlanDocument]] = defaultdict(list)
    for document in documents.values():
        by_currency[pays_in(document)].append(document)
    return Abroad(
        {
            currency: rates_of(own, rates, since, period.ends_before)
            for currency, own in sorted(by_currency.items())
        },
        actuals_abroad({one: own for one, own in people.items() if own}, period, rates, parts),
    )


def _openings(
    people: Collection[int], plan_ids: Collection[int], period: FiscalPeriod, counted: Collection[str]
) -> dict[int, dict[str, Any]]:
    wanted = {str(pk) for pk in plan_ids}
    return {
        person_id: {plan_id: one for plan_id, one in plans.items() if plan_id in wanted}
        for person_id, plans in openings(people, period.starts_on, counted).items()
    }


def _shared(
    segments: Mapping[int, list[PayeeSegment]] | None,
    versions: Mapping[int, PlanVersion],
    period: FiscalPeriod,
    end: dt.date,
    upto: int,
) -> Mapping[int, Mapping[str, Any]]:
    """Return what contests and pools give; everybody under the plan takes part, whoever is asked about."""
    crossing = {
        plan_id: version
        for plan_id, version in versions.items()
        if any(isinstance(one, Spiff | Pool) for one in version.plan_document.components)
    }
    if not crossing:
        return {}
    if segments is None:
        segments = people_of.segments_of(period.starts_on, end, crossing)
    return shared_between(segments, crossing, period, upto)
