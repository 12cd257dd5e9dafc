"""The inputs of pay, read in one place: runs, estimates, accruals, what-ifs and simulations start here."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PayLine, PlanVersion
from apps.incentives.rules.kinds import Pool, Spiff
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.books import COMPANY, Books
from apps.incentives.selectors.contests import shared_between
from apps.incentives.selectors.crediting import POSTED
from apps.incentives.selectors.facts import pinned_facts
from apps.incentives.selectors.given import Pinned, pin
from apps.incentives.selectors.payees import PayeeSegment, Standings
from apps.incentives.selectors.posted import carrying, openings
from apps.incentives.selectors.statements import LOOK_BACK, Result, compute

LEDGER_END = 2**62  # for what is not pinned: the whole ledger


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

    @property
    def by_version(self) -> dict[int, PlanVersion]:
        """The plan versions by their number."""
        return {version.pk: version for version in self.versions.values()}

    def inputs(self, person_id: int) -> dict[str, Any]:
        """Return the inputs of one person as a statement keeps them."""
        return pin(
            self.segments.get(person_id, []),
            self.standings.get(person_id, {}),
            self.opening.get(person_id),
            self.shared.get(person_id),
            self.facts.get(person_id),
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
    segments = people_of.segments_of(period.starts_on, end, versions, people)
    if people is None:
        named = {*segments, *also, *_paid_earlier(plan_ids, period)}
        carried = _openings({*named, *carrying(period.starts_on, plan_ids)}, plan_ids, period, counted)
        named |= {person_id for person_id, plans in carried.items() if plans}
    else:
        named, carried = set(people), _openings(people, plan_ids, period, counted)
    return Pinning(
        period=period,
        versions=versions,
        upto=upto,
        people=tuple(sorted(named)),
        segments=segments,
        standings=people_of.standings_of(_documents(segments, versions), period),
        opening=carried,
        shared=_shared(segments if people is None else None, versions, period, end, upto),
        counted=counted,
        facts=pinned_facts(versions, period, carried, named),
    )


def _documents(segments: Mapping[int, list[PayeeSegment]], versions: Mapping[int, PlanVersion]) -> dict:
    by_id = {version.pk: version for version in versions.values()}
    return {
        person_id: [by_id[segment.version_id].plan_document for segment in own]
        for person_id, own in segments.items()
    }


def _paid_earlier(plan_ids: Collection[int], period: FiscalPeriod) -> set[int]:
    rows = PayLine.objects.posted().filter(
        version__plan__in=plan_ids, run__period__starts_on__gte=period.starts_on - LOOK_BACK
    )
    return set(rows.values_list("person_id", flat=True))


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
