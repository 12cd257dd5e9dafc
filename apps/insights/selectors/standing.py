"""Where a unit or a person stands this year; figures come from measures and targets."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.insights import rules
from apps.insights.selectors.frame import Frame
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.measures.rules import divide, wilson
from apps.measures.selectors import Row
from apps.targets.rules.pacing import Attainment
from apps.targets.selectors import Standings, quotas

REVENUE = "revenue"


@dataclass
class Months:
    """One figure by month of this year and of the year before, with the quota by month."""

    actual: list[Decimal | None] = field(default_factory=list)
    earlier: list[Decimal | None] = field(default_factory=list)
    quota: list[Decimal | None] = field(default_factory=list)

    @property
    def cumulated(self) -> list[Decimal | None]:
        """The actual added up, None in the future."""
        return _added(self.actual)

    @property
    def cumulated_quota(self) -> list[Decimal | None]:
        """The quota added up; empty figures when there is none."""
        return _added(self.quota)


def _added(values: list[Decimal | None]) -> list[Decimal | None]:
    total, found = Decimal(0), []
    for value in values:
        total += value or Decimal(0)
        found.append(None if value is None else total)
    return found


@dataclass(frozen=True)
class Member:
    """A person or unit of a ranking."""

    key: int
    name: str
    standing: Attainment
    revenue: Decimal
    deals: Decimal
    why: str
    place: int | None = None
    open_amount: Decimal = Decimal(0)

    @property
    def ratio(self) -> Decimal | None:
        """Attainment as a figure."""
        return rules.figure(self.standing.ratio)

    @property
    def elapsed(self) -> Decimal | None:
        """Where attainment should be today."""
        return rules.figure(self.standing.elapsed)

    @property
    def pace(self) -> Decimal | None:
        """Actual ÷ expected to date."""
        return rules.figure(self.standing.pace)


def month_sums(rows: list[Row], frame: Frame, **keys: int) -> Months:
    """Arrange rows by month of one unit or person over this year and the one before."""
    sums = {
        str(row.keys["month"]): row.numerator
        for row in rows
        if all(row.keys[name] == key for name, key in keys.items())
    }
    return Months(
        actual=[
            sums.get(month.code, Decimal(0)) if month.starts_on <= frame.today else None
            for month in frame.months
        ],
        earlier=[sums.get(month.code, Decimal(0)) for month in frame.earlier],
    )


def quota_months(found: Standings, frame: Frame, **subject: int) -> list[Decimal | None]:
    """Return the quota of a unit or person by month of the year; empty without one that adds up."""
    pieces = found.quotas.pieces(**subject)
    if not pieces or not pieces[0].is_additive:
        return []
    by_month: dict[int, Decimal] = {}
    for piece in pieces:
        amount = rules.figure(piece.amount) or Decimal(0)
        by_month[piece.month_id] = by_month.get(piece.month_id, Decimal(0)) + amount
    return [by_month.get(month.pk, Decimal(0)) for month in frame.months]


def standings_of(
    user: User,
    frame: Frame,
    *,
    units: dict[int, Decimal],
    people: dict[int, Decimal],
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> Standings:
    """Return attainment against the quotas the user may see, from actuals that were read already."""
    scope = scope_of(user, Permission.TARGET_VIEW, frame.today)
    start, end = start or frame.year.starts_on, end or frame.year.ends_before
    return Standings(
        measure=registry.measures.get(REVENUE),
        on=min(frame.today, end - dt.timedelta(days=1)),
        quotas=quotas(
            REVENUE,
            start,
            end,
            unit_ids=[key for key in units if scope.covers_unit(key)],
            person_ids=[key for key in people if scope.covers_person(key)],
        ),
        unit_actuals=dict(units),
        person_actuals=dict(people),
    )


def by_key(rows: list[Row], key: str, wanted: Collection[int] | None = None) -> dict[int, Row]:
    """Return rows by the id of one dimension."""
    return {
        int(row.keys[key]): row  # type: ignore[arg-type]  # ids
        for row in rows
        if row.keys[key] is not None and (wanted is None or row.keys[key] in wanted)
    }


def members(
    rows: dict[int, Row],
    names: dict[int, str],
    found: Standings,
    *,
    dimension: str,
    start: dt.date,
    end: dt.date,
) -> list[Member]:
    """Return people or units by attainment, then those without a quota by revenue; ties share a place."""
    listed = []
    for key, name in names.items():
        row = rows.get(key)
        standing = found.of_unit(key) if dimension == "unit" else found.of_person(key)
        why = why_url(
            measure=REVENUE,
            start=start,
            end=end,
            unit=key if dimension == "unit" else None,
            person=key if dimension == "person" else None,
        )
        listed.append(
            Member(
                key=key,
                name=name,
                standing=standing,
                revenue=row.numerator if row else Decimal(0),
                deals=(row.denominator or Decimal(0)) if row else Decimal(0),
                why=why,
            )
        )
    return in_order(listed)


def in_order(listed: list[Member]) -> list[Member]:
    """Sort members and give them their places."""
    places = rules.ranks([one.ratio for one in listed])
    placed = [Member(**{**one.__dict__, "place": place}) for one, place in zip(listed, places, strict=True)]
    return sorted(
        placed, key=lambda one: (one.place is None, one.place or 0, -one.revenue, one.name, one.key)
    )


def deals_and_wins(
    user: User, frame: Frame, by: list[str], **subject: int | None
) -> tuple[list[Row], list[Row]]:
    """Ask for won deals with their average and for the win rate over both years. One statement."""
    found = figures.query_each(
        ["average_deal", "win_rate"], frame.since, frame.until, by=by, viewer=user, **subject
    )
    return found["average_deal"], found["win_rate"]


NOTHING = Row({}, None, Decimal(0), Decimal(0), 0)


def year_sums(rows: list[Row], frame: Frame, key: str) -> dict[int, Row]:
    """Add up the months of this year by one dimension."""
    codes = {month.code for month in frame.months}
    sums: dict[int, Row] = {}
    for row in rows:
        if row.keys[key] is None or row.keys["month"] not in codes:
            continue
        one = int(row.keys[key])  # type: ignore[arg-type]  # an id
        sums[one] = _plus(sums.get(one, NOTHING), row)
    return sums


def win_rate(rows: list[Row], frame: Frame) -> Row | None:
    """Add up the months of this year of a win rate, with its interval; None when nothing was decided."""
    codes = {month.code for month in frame.months}
    total = NOTHING
    for row in rows:
        if row.keys["month"] in codes:
            total = _plus(total, row)
    interval = wilson(total.numerator, total.denominator or Decimal(0))
    if interval is None:
        return None
    rate = divide(total.numerator, total.denominator or Decimal(0))
    return Row({}, rate, total.numerator, total.denominator, total.n, *interval)


def _plus(before: Row, row: Row) -> Row:
    below = (before.denominator or Decimal(0)) + (row.denominator or Decimal(0))
    return Row({}, None, before.numerator + row.numerator, below, before.n + row.n)
