"""Leaderboards and contests: standings from measures, honest ties, and nobody listed against their wish."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.incentives.models import Contest, ContestAward, ContestPrize, PlanAssignment, Unlisted
from apps.incentives.rules.ranking import ranked
from apps.measures import selectors as figures
from apps.measures.registry import Measure, measures
from apps.org import selectors as org
from apps.org.models import Assignment, OrgUnit, Person
from apps.roles.models import PositionRole
from apps.targets import selectors as targets

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """Somebody on a board."""

    place: int
    person: Person
    value: Decimal
    is_me: bool
    shared: bool


@dataclass
class Board:
    """Who stands where as of a day; people who prefer it are counted and not named."""

    measure: Measure
    as_of: dt.date
    places: list[Place] = field(default_factory=list)
    unlisted: int = 0
    without: int = 0
    mine: Place | None = None
    currency: str = settings.COMPANY_CURRENCY

    @property
    def is_empty(self) -> bool:
        """Whether nobody is named."""
        return not self.places


def comparable() -> list[Measure]:
    """Return the measures people can be compared by, by name."""
    found = [m for m in measures.values() if m.source != "stock" and m.is_target_worthy]
    return sorted(found, key=lambda measure: str(measure.name))


def figures_of(
    measure: str, start: dt.date, end: dt.date, people: Collection[int]
) -> dict[int, Decimal | None]:
    """Return the figure of each person over ``[start, end)``; 0 for a count or amount nobody added to."""
    if end <= start:
        rows = {}
    else:
        rows = {row.keys["person"]: row.value for row in figures.query(measure, start, end, by=["person"])}
    empty = None if measures.get(measure).source == "ratio" else Decimal(0)
    return {person_id: rows.get(person_id, empty) for person_id in people}


def board(
    measure: str, start: dt.date, end: dt.date, people: Collection[int], as_of: dt.date, viewer: User
) -> Board:
    """Return the standings of people on a measure from a first day up to a day, that day included."""
    known = measures.get(measure)
    values = figures_of(measure, start, min(end, as_of + _DAY), people)
    places = ranked(values.items(), highest_first=known.direction == "up")
    hidden = set(Unlisted.objects.filter(person__in=list(people)).values_list("person_id", flat=True))
    named = Person.objects.in_bulk([one.key for one in places])
    me = person_id_of(viewer)
    counts: dict[int, int] = {}
    for one in places:
        counts[one.place] = counts.get(one.place, 0) + 1
    found = Board(known, as_of, without=sum(value is None for value in values.values()))
    for one in places:
        row = Place(one.place, named[one.key], one.value, one.key == me, counts[one.place] > 1)
        if one.key == me:
            found.mine = row
        if one.key in hidden:
            found.unlisted += 1
        else:
            found.places.append(row)
    return found


def units_to_compare(viewer: User, day: dt.date) -> list[OrgUnit]:
    """Return the units whose board somebody may open: those on the way up from their seat, and in reach."""
    scope = scope_of(viewer, Permission.CONTEST_VIEW, day)
    person_id = person_id_of(viewer)
    ids: set[int] = set(scope.unit_ids)
    seat = org.seat_of(person_id, day) if person_id is not None else None
    if seat is not None:
        ids |= {unit.pk for unit in org.unit_path(seat.unit_id, day)}
    rows = OrgUnit.objects.all() if scope.everything else OrgUnit.objects.filter(pk__in=ids)
    return list(rows.order_by("name", "pk"))


def sellers_in(unit_id: int, day: dt.date) -> set[int]:
    """Return the people seated in a unit and below who do not lead one."""
    people = org.people_in(org.subtree(unit_id, day), day)
    return people - set(org.leads_on(day).values())


def players_in(unit_id: int, measure: str, start: dt.date, end: dt.date, day: dt.date) -> set[int]:
    """Return the sellers of a unit who take part: with a quota on the measure, a plan or a figure of it.

    Where nobody has a quota or a plan, everybody who sells there takes part.
    """
    sellers = sellers_in(unit_id, day)
    quotas = targets.standings(measure=measure, start=start, end=end, person_ids=sellers)
    held = {one for one in sellers if quotas.of_person(one).quota is not None} | _planned(sellers, day)
    if not held:
        return sellers
    values = figures_of(measure, start, end, sellers)
    return held | {one for one in sellers if values[one]}


def _planned(people: Collection[int], day: dt.date) -> set[int]:
    """Return which of some people are under an incentive plan on a day, by name, seat or role."""
    plans = PlanAssignment.objects.on(day)
    roles = PositionRole.objects.on(day).filter(role__in=plans.exclude(role=None).values("role"))
    seats = Q(position__in=plans.exclude(position=None).values("position"))
    seats |= Q(position__in=roles.values("position"))
    held = Assignment.objects.on(day).filter(seats, person__in=people)
    named = plans.filter(person__in=people)
    return {*held.values_list("person_id", flat=True), *named.values_list("person_id", flat=True)}


def is_listed(person_id: int) -> bool:
    """Tell whether somebody appears on boards."""
    return not Unlisted.objects.filter(person=person_id).exists()


def contest_list(viewer: User) -> QuerySet[Contest]:
    """Return the contests somebody may see, with how many take part."""
    rows = Contest.objects.visible_to(viewer).select_related("unit")
    return rows.annotate(taking_part=Count("players", distinct=True))


@dataclass
class ContestPage:
    """A contest with its standings, prizes and awards."""

    contest: Contest
    board: Board
    prizes: list[ContestPrize]
    awards: list[ContestAward]
    last_day: dt.date
    is_over: bool


def contest_page(contest: Contest, today: dt.date, viewer: User) -> ContestPage:
    """Return what the page of a contest shows as of a day."""
    players = list(contest.players.values_list("person_id", flat=True))
    last_day = contest.ends_before - _DAY
    as_of = min(today, last_day)
    return ContestPage(
        contest=contest,
        board=board(contest.measure, contest.starts_on, contest.ends_before, players, as_of, viewer),
        prizes=list(contest.prizes.order_by("place")),
        awards=list(contest.awards.select_related("person").order_by("place", "person__name", "pk")),
        last_day=last_day,
        is_over=today > last_day,
    )
