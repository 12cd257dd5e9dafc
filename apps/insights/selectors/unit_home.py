"""The home of whoever leads a unit: one unit, its months, what is below it, its deals and its people."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.insights import rules
from apps.insights.selectors import deals, standing
from apps.insights.selectors.deals import DealNeed, OpenDeals
from apps.insights.selectors.frame import Frame
from apps.insights.selectors.standing import Member, Months
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.measures.selectors import Row
from apps.org import selectors as org
from apps.org.models import OrgUnit
from apps.pipeline.enums import DealState
from apps.pipeline.models import Activity, Opportunity
from apps.targets.links import pace_url
from apps.targets.rules.pacing import Attainment, Crowd
from apps.targets.selectors import Standings

PEOPLE_SHOWN = 8


@dataclass(frozen=True)
class Forecast:
    """What the running quarter is likely to bring: won plus weighted, against its quota."""

    code: str
    won: Decimal
    weighted: Decimal
    quota: Decimal | None
    coverage: rules.Coverage

    @property
    def total(self) -> Decimal:
        """Won plus weighted."""
        return self.won + self.weighted

    @property
    def ratio(self) -> Decimal | None:
        """The forecast as a share of the quota."""
        return rules.figure(Fraction(self.total) / Fraction(self.quota)) if self.quota else None

    @property
    def won_ratio(self) -> Decimal | None:
        """What is won already as a share of the quota."""
        return rules.figure(Fraction(self.won) / Fraction(self.quota)) if self.quota else None


@dataclass(frozen=True)
class Worry:
    """A person who needs attention, and why."""

    person_id: int
    name: str
    concerns: list[str]
    pace: Decimal | None


@dataclass
class UnitHome:
    """Everything the home of a unit shows."""

    unit: OrgUnit
    is_company: bool
    standing: Attainment
    crowd: Crowd
    months: Months
    growth: Decimal | None
    win: Row | None
    forecast: Forecast
    open: OpenDeals
    below: list[Member] = field(default_factory=list)
    people: list[Member] = field(default_factory=list)
    people_total: int = 0
    worries: list[Worry] = field(default_factory=list)
    troubled: list[DealNeed] = field(default_factory=list)
    decided: list[Opportunity] = field(default_factory=list)
    largest: list[Opportunity] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)


def unit_home(user: User, unit_id: int, frame: Frame) -> UnitHome:
    """Return the home of a unit as of today; its cost does not depend on the size of the unit."""
    with figures.reading_together([*frame.earlier, *frame.months]):
        return _unit_home(user, org.place_of(unit_id, frame.today), frame)


def _unit_home(user: User, place: org.Place, frame: Frame) -> UnitHome:
    unit, children, names, is_company = place.unit, place.children, place.names, place.is_top
    inside = set(names)
    by_month, wins = standing.deals_and_wins(user, frame, ["unit", "month"], unit_id=unit.pk)
    months = standing.month_sums(by_month, frame, unit=unit.pk)
    # All that people sold this year, also for a unit they came from: attainment is one number everywhere.
    by_person = figures.query("average_deal", frame.year.starts_on, frame.until, by=["person"], viewer=user)
    units = standing.year_sums(by_month, frame, "unit")
    people_rows = standing.by_key(by_person, "person", inside)
    found = standing.standings_of(
        user,
        frame,
        units={key: units.get(key, _NOTHING).numerator for key in [unit.pk, *children]},
        people={key: people_rows[key].numerator if key in people_rows else Decimal(0) for key in inside},
    )
    months.quota = standing.quota_months(found, frame, unit_id=unit.pk)
    owners = place.counted
    stock = deals.open_deals(owners, frame.today, closing_before=frame.quarter.ends_before)
    ranked = _people(names, people_rows, found, frame)
    own = found.of_unit(unit.pk)
    shown = _deals(user, frame, owners)
    return UnitHome(
        unit=unit,
        is_company=is_company,
        standing=own,
        crowd=found.crowd([one.key for one in ranked]),
        months=months,
        growth=_growth(months, frame),
        win=standing.win_rate([row for row in wins if row.keys["unit"] == unit.pk], frame),
        forecast=_forecast(months, frame, stock),
        open=stock,
        below=standing.members(
            units, _with_figures(children, units, found), found,
            dimension="unit", start=frame.year.starts_on, end=frame.until,
        ),
        people=ranked[:PEOPLE_SHOWN],
        people_total=len(ranked),
        worries=_worries(frame, ranked, stock),
        troubled=deals.needs(shown["troubled"], frame.today),
        decided=shown["decided"],
        largest=shown.get("largest", []),
        urls=_urls(unit, frame) | {"closing": _closing_url(user, unit, frame)},
    )  # fmt: skip


def _deals(user: User, frame: Frame, owners: frozenset[int] | None) -> dict[str, list[Opportunity]]:
    sets = {
        "troubled": deals.troubled(user, frame.today, people=owners),
        "decided": deals.decided_lately(user, frame.today, people=owners),
    }
    if owners is None:
        sets["largest"] = deals.still_open(user, people=None)
    return deals.largest_of_each(**sets)


_NOTHING = standing.NOTHING


def _with_figures(children: dict[int, str], units: dict[int, Row], found: Standings) -> dict[int, str]:
    """Keep the units that sell: with a quota, or with revenue this year."""
    return {
        key: name
        for key, name in children.items()
        if units.get(key, _NOTHING).numerator or found.of_unit(key).quota is not None
    }


def _people(names: dict[int, str], rows: dict[int, Row], found: Standings, frame: Frame) -> list[Member]:
    """Return the people who sell: with a quota, or with revenue this year."""
    ranked = standing.members(
        rows, names, found, dimension="person", start=frame.year.starts_on, end=frame.until
    )
    return [one for one in ranked if one.standing.quota is not None or one.revenue]


def _growth(months: Months, frame: Frame) -> Decimal | None:
    """Compare the months that are over with the same months of the year before, from its first sale on."""
    if not frame.ended or len(months.earlier) < frame.ended:
        return None
    first = next((index for index, value in enumerate(months.earlier) if value), frame.ended)
    now = sum((value or Decimal(0) for value in months.actual[first : frame.ended]), Decimal(0))
    before = sum((value or Decimal(0) for value in months.earlier[first : frame.ended]), Decimal(0))
    return rules.growth(now, before)


def _forecast(months: Months, frame: Frame, stock: OpenDeals) -> Forecast:
    inside = [
        index
        for index, month in enumerate(frame.months)
        if frame.quarter.starts_on <= month.starts_on < frame.quarter.ends_before
    ]
    won = sum((months.actual[index] or Decimal(0) for index in inside), Decimal(0))
    quota = sum((months.quota[index] or Decimal(0) for index in inside), Decimal(0)) if months.quota else None
    return Forecast(
        code=frame.quarter.code,
        won=won,
        weighted=stock.closing_weighted,
        quota=quota,
        coverage=rules.coverage(stock.closing, quota, won),
    )


def _worries(frame: Frame, ranked: list[Member], stock: OpenDeals) -> list[Worry]:
    since = frame.until - dt.timedelta(days=rules.QUIET_AFTER_DAYS)
    lately = Activity.objects.filter(
        person__in=[one.key for one in ranked], happened_on__gte=since, happened_on__lt=frame.until
    )
    active = set(lately.order_by("person_id").values_list("person_id", flat=True).distinct())
    found = []
    for one in ranked:
        concerns = rules.person_concerns(
            pace=one.standing.pace,
            is_active=one.key in active,
            has_open_deals=bool(stock.by_person.get(one.key)),
        )
        if concerns:
            found.append(Worry(one.key, one.name, concerns, one.pace))
    found.sort(key=lambda one: (-len(one.concerns), one.pace if one.pace is not None else Decimal(9)))
    return found[:PEOPLE_SHOWN]


def _closing_url(user: User, unit: OrgUnit, frame: Frame) -> str:
    """Return the list of the deals behind the weighted part of the forecast, where its reader may open it."""
    if not scope_of(user, Permission.DEAL_VIEW, frame.today).covers_unit(unit.pk):
        return ""
    last = deals.last_closing_day(frame.quarter.ends_before)
    asked = {"state": DealState.OPEN.value, "unit": unit.pk, "closes_to": last.isoformat()}
    return f"{reverse('pipeline:deals')}?{urlencode(asked)}"


def _urls(unit: OrgUnit, frame: Frame) -> dict[str, str]:
    start, end, today = frame.year.starts_on, frame.until, frame.today
    quarter = max(frame.quarter.starts_on, start)
    return {
        "revenue": why_url(measure="revenue", start=start, end=end, unit=unit.pk),
        "won": why_url(measure="revenue", start=quarter, end=end, unit=unit.pk),
        "win_rate": why_url(measure="win_rate", start=start, end=end, unit=unit.pk),
        "open": why_url(measure="open_pipeline", start=today, end=end, unit=unit.pk),
        "weighted": why_url(measure="weighted_pipeline", start=today, end=end, unit=unit.pk),
        "targets": f"{reverse('targets:overview')}?unit={unit.pk}",
        "pace": pace_url(measure="revenue", period=frame.year.code, unit=unit.pk),
        "team": f"{reverse('insights:team')}?unit={unit.pk}",
    }
