"""Facts of pay as calculations take them, and the words plans use for them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Max, Q, QuerySet

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import FactKind, FactStatus
from apps.incentives.models import IncentivePlan, PayFact, PlanVersion, RunPlan
from apps.incentives.rules.kinds import Mbo, Pool
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parts import OnMilestone
from apps.incentives.rules.plan.runnable import needs_of
from apps.incentives.rules.plan.settlement import OnEvent
from apps.incentives.selectors import payees
from apps.org.models import Person

_DAY = dt.timedelta(days=1)
_NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
OF_DEALS = (FactKind.MILESTONE, FactKind.SOLD, FactKind.ENDED)


@dataclass
class DealDays:
    """When a deal reached its milestones, and the first and last day of its contract."""

    milestones: dict[str, dt.date] = field(default_factory=dict)
    sold_on: dt.date | None = None
    ended_on: dt.date | None = None


NOTHING = DealDays()


def deal_days(transactions: Collection[str], at: dt.datetime | None = None) -> dict[str, DealDays]:
    """Return what is known of deals (``source type:source id``), as of a moment."""
    pairs = {one: one.rpartition(":") for one in transactions}
    ids = {int(number) for _kind, _colon, number in pairs.values() if number}
    found: dict[str, DealDays] = {}
    for row in PayFact.objects.in_force(at).filter(source_id__in=ids, on__isnull=False).order_by("pk"):
        key = f"{row.source_type}:{row.source_id}"
        if key not in pairs or row.on is None:
            continue
        days = found.setdefault(key, DealDays())
        if row.kind == FactKind.MILESTONE:
            days.milestones[row.name] = row.on
        elif row.kind == FactKind.SOLD:
            days.sold_on = row.on
        elif row.kind == FactKind.ENDED:
            days.ended_on = row.on
    return found


# The size of a deal is what stands credited for it on the day; what was taken back makes a size of its own,
# so that a deal won again is not counted twice and a return has the size of its sale.
_SIZES = """
    SELECT c.id, sum(s.value)
    FROM measures_credit c
    JOIN measures_credit o ON o.id = coalesce(c.reverses_id, c.id)
    LEFT JOIN measures_credit ob ON ob.reverses_id = o.id
    JOIN measures_credit s ON s.source_type = o.source_type AND s.source_id = o.source_id
         AND s.measure = 'revenue' AND NOT s.is_overlay AND s.reverses_id IS NULL
         AND s.credited_on = o.credited_on
    LEFT JOIN measures_credit sb ON sb.reverses_id = s.id
    WHERE c.id = ANY(%s) AND (ob.id IS NULL) = (sb.id IS NULL)
    GROUP BY c.id
"""


def deal_sizes(credit_ids: Collection[int]) -> dict[int, Decimal]:
    """Return for credits the revenue of their whole transaction."""
    if not credit_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, [list(credit_ids)])
        return dict(cursor.fetchall())


def days_at() -> dt.datetime:
    """Return the moment of the newest decision on days of deals: what was known then never changes."""
    return PayFact.objects.filter(kind__in=OF_DEALS).aggregate(last=Max("decided_at"))["last"] or _NEVER


def pinned_facts(
    versions: Mapping[int, PlanVersion],
    period: FiscalPeriod,
    opening: Mapping[int, Mapping[str, Any]],
    people: Collection[int],
) -> dict[int, dict[str, dict[str, Any]]]:
    """Return by person and plan the grades, events and milestones of pay to come, as statements pin them.

    Plans that look at days of deals say as of when.
    """
    rows = PayFact.objects.in_force().filter(plan__in=list(versions))
    rows = rows.order_by(F("person").asc(nulls_last=True), "pk")
    found: dict[int, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    wanted = set(people)
    grades = rows.filter(kind=FactKind.GRADE, period=period, value__isnull=False, person__in=wanted)
    for person_id, plan_id, name, value in grades.values_list("person_id", "plan_id", "name", "value"):
        found[_known(person_id)][str(plan_id)].setdefault("grades", {})[name] = _plain(value)
    events = rows.filter(kind=FactKind.EVENT, on__isnull=False)
    for person_id, plan_id, name, on in events.values_list("person_id", "plan_id", "name", "on"):
        for one in wanted if person_id is None else wanted & {person_id}:
            found[one][str(plan_id)].setdefault("events", {}).setdefault(name, _known(on).isoformat())
    _add_milestones(found, opening)
    known_at = days_at().isoformat()
    for plan_id, version in versions.items():
        if needs_of(version.plan_document).days:
            for one in wanted:
                found[one][str(plan_id)]["days_at"] = known_at
    return {person: {plan: dict(told) for plan, told in plans.items()} for person, plans in found.items()}


def _add_milestones(found: Any, opening: Mapping[int, Mapping[str, Any]]) -> None:
    waiting = [
        (person_id, plan_id, one["due"]["transaction"])
        for person_id, plans in opening.items()
        for plan_id, own in plans.items()
        for one in own.get("pending", ())
        if "transaction" in one["due"]
    ]
    known = deal_days({transaction for _person, _plan, transaction in waiting})
    for person_id, plan_id, transaction in waiting:
        if transaction in known and known[transaction].milestones:
            days = {name: on.isoformat() for name, on in sorted(known[transaction].milestones.items())}
            found[person_id][plan_id].setdefault("milestones", {})[transaction] = days


def grades_in(told: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the grades a statement pinned."""
    return {name: Decimal(value) for name, value in told.get("grades", {}).items()}


def events_in(told: Mapping[str, Any]) -> dict[str, dt.date]:
    """Return the events a statement pinned."""
    return _days(told.get("events", {}))


def milestones_in(told: Mapping[str, Any]) -> dict[str, dict[str, dt.date]]:
    """Return the milestones of pay to come that a statement pinned."""
    return {transaction: _days(days) for transaction, days in told.get("milestones", {}).items()}


def days_known_at(told: Mapping[str, Any]) -> dt.datetime | None:
    """Return as of when days of deals count for a statement."""
    return dt.datetime.fromisoformat(told["days_at"]) if "days_at" in told else None


def pool_weights(plan_id: int, pool: str, period: FiscalPeriod) -> dict[int, Decimal]:
    """Return the agreed weights of a pool by person."""
    rows = PayFact.objects.in_force().filter(
        kind=FactKind.WEIGHT, plan=plan_id, name=pool, period=period, value__isnull=False
    )
    return {_known(person_id): _known(value) for person_id, value in rows.values_list("person_id", "value")}


class Word(NamedTuple):
    """What a plan calls something that somebody has to tell."""

    plan: IncentivePlan
    name: str
    label: str


def words(kind: str) -> list[Word]:
    """Return what approved plans ask for of a kind, each word of a plan once."""
    found: dict[tuple[int, str], Word] = {}
    versions = PlanVersion.objects.approved().select_related("plan").order_by("plan__name", "plan_id", "-pk")
    for version in versions:
        for name, label in _words_of(version.plan_document, kind):
            found.setdefault((version.plan_id, name), Word(version.plan, name, label))
    return list(found.values())


def _words_of(plan: PlanDocument, kind: str) -> Iterator[tuple[str, str]]:
    for component in plan.components:
        if kind == FactKind.GRADE and isinstance(component, Mbo):
            yield from ((one.code, one.name) for one in component.objectives)
        elif kind == FactKind.WEIGHT and isinstance(component, Pool) and component.share_by == "weights":
            yield component.code, component.name
        elif kind == FactKind.MILESTONE:
            for instalment in getattr(component, "instalments", ()):
                if isinstance(instalment, OnMilestone):
                    yield instalment.milestone, instalment.milestone
    if kind == FactKind.EVENT and plan.holdback is not None and isinstance(plan.holdback.release, OnEvent):
        yield plan.holdback.release.event, plan.holdback.release.event


def fact_names() -> dict[tuple[str, int | None, str], str]:
    """Return what plans call grades and weights, by kind, plan and code; other words are their own names."""
    kinds = (FactKind.GRADE, FactKind.WEIGHT)
    return {(kind, word.plan.pk, word.name): word.label for kind in kinds for word in words(kind)}


def fact_list(user: User) -> QuerySet[PayFact]:
    """Return the facts in reach, for their table."""
    rows = PayFact.objects.visible_to(user).annotate(
        is_mine=ExpressionWrapper(Q(told_by=user), output_field=BooleanField())
    )
    return rows.select_related("plan", "period", "person", "told_by", "decided_by")


class DueGrade(NamedTuple):
    """An objective of somebody that nobody has graded."""

    person: Person
    plan: IncentivePlan
    period: FiscalPeriod
    name: str
    label: str


def due_grades(user: User, today: dt.date) -> list[DueGrade]:
    """Return the objectives of people in reach without a grade, for periods that end by now and go unpaid."""
    asked: dict[int, list[Word]] = defaultdict(list)
    for word in words(FactKind.GRADE):
        asked[word.plan.pk].append(word)
    scope = scope_of(user, Permission.PAY_FACT, today)
    found = []
    for plan_id, own in asked.items():
        for period in _unpaid(own[0].plan, today):
            versions = payees.versions_in_force([plan_id], period)
            segments = payees.segments_of(period.starts_on, period.ends_before, versions)
            reached = [one for one in segments if scope.covers_person(one) and one != scope.own_person_id]
            found += _ungraded(own, period, reached)
    return found


def _unpaid(plan: IncentivePlan, today: dt.date) -> list[FiscalPeriod]:
    """Return the running pay period of a plan and the one before, as far as nothing has paid them."""
    now = calendars.period_of(today, plan.frequency)
    periods = calendars.periods_between(now.starts_on - _DAY, now.ends_before, plan.frequency)
    paid = set(
        RunPlan.objects.filter(
            plan=plan, period__in=periods, is_void=False, run__state__in=["locked", "paid"]
        ).values_list("period_id", flat=True)
    )
    return [one for one in periods if one.pk not in paid and one.closed_at is None]


def _ungraded(words_: Iterable[Word], period: FiscalPeriod, people: Collection[int]) -> list[DueGrade]:
    named = Person.objects.in_bulk(people)
    told = set(
        PayFact.objects.filter(
            kind=FactKind.GRADE, period=period, status__in=[FactStatus.WAITING, FactStatus.CONFIRMED]
        ).values_list("plan_id", "person_id", "name")
    )
    return [
        DueGrade(named[person_id], word.plan, period, word.name, word.label)
        for person_id in sorted(people, key=lambda one: (named[one].name, one))
        for word in words_
        if (word.plan.pk, person_id, word.name) not in told
    ]


def _days(told: Mapping[str, str]) -> dict[str, dt.date]:
    return {name: dt.date.fromisoformat(on) for name, on in told.items()}


def _plain(value: Decimal | None) -> str:
    return format(_known(value).normalize(), "f")


def _known(value: Any) -> Any:
    """Return what the query asked to be there."""
    assert value is not None  # noqa: S101
    return value
