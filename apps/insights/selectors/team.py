"""Team performance: one unit or person over one period, and the same for everything below it."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars.models import FiscalPeriod
from apps.insights.selectors import standing
from apps.insights.selectors.conversion import StageStep, conversion
from apps.insights.selectors.frame import DAY, Frame, frame_of
from apps.insights.selectors.standing import Member, Months
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.measures.registry import Measure
from apps.measures.selectors import Row
from apps.org import selectors as org
from apps.org.models import OrgUnit, Person
from apps.targets.links import pace_url
from apps.targets.rules.pacing import Attainment, Crowd
from apps.targets.selectors import Standings

COLUMNS: tuple[tuple[str, Promise], ...] = (
    ("revenue", _("Revenue")),
    ("deals_won", _("Deals won")),
    ("win_rate", _("Win rate")),
    ("average_deal", _("Average deal")),
    ("sales_cycle", _("Cycle, days")),
    ("open_pipeline", _("Open pipeline")),
    ("weighted_pipeline", _("Weighted")),
    ("activities", _("Activities")),
    ("satisfaction", _("Satisfaction")),
)


@dataclass(frozen=True)
class Question:
    """What the page is asked: a unit or a person, a period, and which structure rolls up."""

    period: FiscalPeriod
    today: dt.date
    unit_id: int | None = None
    person_id: int | None = None
    structure: str = "as_was"
    by: str = ""

    @property
    def end(self) -> dt.date:
        """The day after the last one that counts."""
        return max(min(self.period.ends_before, self.today + DAY), self.period.starts_on + DAY)

    @property
    def on(self) -> dt.date:
        """The day whose structure the page lists."""
        return self.today if self.structure == "as_is" else min(self.today, self.end - DAY)

    @property
    def as_of(self) -> dt.date | None:
        """The day whose structure rolls up, when it is not that of each credit."""
        return self.today if self.structure == "as_is" else None


@dataclass(frozen=True)
class Cell:
    """One figure with the way to its rows."""

    measure: Measure
    row: Row | None
    why: str

    @property
    def value(self) -> Decimal | None:
        """The figure; sums of nothing are zero, ratios of nothing unknown."""
        if self.row is not None:
            return self.row.value
        return None if self.measure.source == "ratio" else Decimal(0)


@dataclass(frozen=True)
class TeamLine:
    """One row of the table."""

    key: int
    name: str
    dimension: str
    standing: Attainment
    cells: list[Cell]


@dataclass
class Team:
    """Everything the page shows."""

    question: Question
    name: str
    path: list[OrgUnit]
    standing: Attainment
    crowd: Crowd
    cells: list[Cell]
    months: Months
    frame: Frame | None
    people: list[int]
    dimension: str
    can_switch: bool
    lines: list[TeamLine] = field(default_factory=list)
    board: list[Member] = field(default_factory=list)
    month_links: list[str] = field(default_factory=list)

    @property
    def pace_url(self) -> str:
        """Where target, pace and projection come from."""
        asked = self.question
        return pace_url(
            measure=standing.REVENUE, period=asked.period.code, unit=asked.unit_id, person=asked.person_id
        )


def columns() -> list[tuple[Measure, Promise]]:
    """Return the figures of the table that are in the catalogue."""
    return [(registry.measures.get(code), label) for code, label in COLUMNS if code in registry.measures]


def units_in_reach(user: User, on: dt.date) -> list[tuple[int, str, int]]:
    """Return id, name and depth of the units whose performance a person may see, in the order of the tree."""
    scope = scope_of(user, Permission.INSIGHT_VIEW, on)
    return [
        (node.unit_id, node.name, node.depth)
        for top in org.tree(on, seats=False)
        for node in top.walk()
        if scope.covers_unit(node.unit_id)
    ]


def team(user: User, question: Question) -> Team:
    """Return the performance of a unit or a person; its cost does not depend on how much is below.

    Raises LookupError when the unit is not part of that day's structure or the
    person does not exist.
    """
    frame = frame_of(min(question.today, question.period.ends_before - DAY))
    months = [*frame.earlier, *frame.months] if frame else []
    with figures.reading_together(months):
        if question.person_id is not None:
            return _person(user, question, frame)
        return _unit(user, question, frame)


def people_of(question: Question) -> list[int]:
    """Return whose deals the funnel counts. Raises LookupError when the unit is not part of the structure."""
    if question.person_id is not None:
        return [question.person_id]
    return _owners(org.place_of(question.unit_id or 0, question.on))


def _owners(place: org.Place) -> list[int]:
    if place.counted is None:
        return list(Person.objects.order_by("pk").values_list("pk", flat=True))
    return sorted(place.counted)


def funnel(question: Question, people: list[int]) -> list[StageStep]:
    """Return how many deals entered each stage in the period and how many went further.

    It follows every such deal through its history: the one answer here whose cost grows with their number.
    """
    return conversion(people, question.period.starts_on, question.end)


def _person(user: User, question: Question, frame: Frame | None) -> Team:
    person = Person.objects.filter(pk=question.person_id or 0).first()
    if person is None:
        raise LookupError(f"There is no person {question.person_id}.")
    subject = {"person_id": person.pk}
    cells = _cells(user, question, subject)
    found = _standings(user, question, frame, {}, {person.pk: _revenue(cells)})
    seat = org.seat_of(person.pk, question.on)
    scope = scope_of(user, Permission.INSIGHT_VIEW, question.today)
    path = org.unit_path(seat.unit_id, question.on) if seat else []
    return Team(
        question=question,
        name=person.name,
        path=[unit for unit in path if scope.covers_unit(unit.pk)],
        standing=found.of_person(person.pk) if found else Attainment(_revenue(cells), None),
        crowd=Crowd(0, None, None),
        cells=cells,
        months=_months(user, question, frame, subject, found),
        frame=frame,
        people=[person.pk],
        dimension="person",
        can_switch=False,
        month_links=_month_links(question, frame, subject),
    )


def _unit(user: User, question: Question, frame: Frame | None) -> Team:
    place = org.place_of(question.unit_id or 0, question.on)
    subject = {"unit_id": place.unit.pk}
    cells = _cells(user, question, subject)
    dimension = "unit" if place.children and question.by != "person" else "person"
    rows = {
        code: standing.by_key(found, dimension)
        for code, found in _ask_each(user, question, [dimension], subject).items()
    }
    sold = rows["revenue"]
    # A person's attainment is the same on every page: all they sold, also for the unit they came from.
    people = standing.by_key(_ask(user, question, "revenue", ["person"], {}), "person")
    elsewhere = _names_of(set().union(*rows.values()) - set(place.names)) if dimension == "person" else {}
    found = _standings(
        user,
        question,
        frame,
        {
            place.unit.pk: _revenue(cells),
            **{key: _amount(sold, key) if dimension == "unit" else Decimal(0) for key in place.children},
        },
        {key: _amount(people, key) for key in (*place.names, *elsewhere)},
    )
    board = _board(question, place.names, people, found)
    scope = scope_of(user, Permission.INSIGHT_VIEW, question.today)
    return Team(
        question=question,
        name=place.unit.name,
        path=[unit for unit in place.path if scope.covers_unit(unit.pk)],
        standing=found.of_unit(place.unit.pk) if found else Attainment(_revenue(cells), None),
        crowd=found.crowd([one.key for one in board]) if found else Crowd(0, None, None),
        cells=cells,
        months=_months(user, question, frame, subject, found),
        frame=frame,
        people=_owners(place),
        dimension=dimension,
        can_switch=bool(place.children),
        lines=_lines(question, place, elsewhere, rows, found, dimension),
        board=board,
        month_links=_month_links(question, frame, subject),
    )


def _ask(user: User, question: Question, code: str, by: list[str], subject: dict[str, int]) -> list[Row]:
    period = question.period.starts_on, question.end
    return figures.query(code, *period, **_terms(user, question, by, subject))


def _ask_each(user: User, question: Question, by: list[str], subject: dict[str, int]) -> dict[str, list[Row]]:
    """Return the rows of every column of the table."""
    codes = [measure.code for measure, _label in columns()]
    period = question.period.starts_on, question.end
    return figures.query_each(codes, *period, **_terms(user, question, by, subject))


def _terms(user: User, question: Question, by: list[str], subject: dict[str, int]) -> dict[str, Any]:
    return {
        "by": by, "structure": question.structure, "as_of": question.as_of, "viewer": user, **subject,
    }  # fmt: skip


def _cells(user: User, question: Question, subject: dict[str, int]) -> list[Cell]:
    """Return the figures of the subject itself."""
    key = {name.removesuffix("_id"): value for name, value in subject.items()}
    found = []
    each = _ask_each(user, question, [], subject)
    for measure, _label in columns():
        rows = each[measure.code]
        found.append(Cell(measure, rows[0] if rows else None, _why(question, measure.code, key)))
    return found


def _why(question: Question, code: str, key: dict[str, int]) -> str:
    return why_url(
        measure=code,
        start=question.period.starts_on,
        end=question.end,
        structure=question.structure,
        as_of=question.as_of,
        **key,
    )


def _revenue(cells: list[Cell]) -> Decimal:
    return cells[0].value or Decimal(0)


def _amount(rows: dict[int, Row], key: int) -> Decimal:
    return rows[key].numerator if key in rows else Decimal(0)


def _names_of(ids: set[int]) -> dict[int, str]:
    """Name people who sold for the unit but sit elsewhere today."""
    return dict(Person.objects.filter(pk__in=ids).order_by("name", "pk").values_list("pk", "name"))


def _standings(
    user: User,
    question: Question,
    frame: Frame | None,
    units: dict[int, Decimal],
    people: dict[int, Decimal],
) -> Standings | None:
    if frame is None:
        return None
    return standing.standings_of(
        user,
        frame,
        units=units,
        people=people,
        start=question.period.starts_on,
        end=question.period.ends_before,
    )


def _board(
    question: Question, names: dict[int, str], rows: dict[int, Row], found: Standings | None
) -> list[Member]:
    if found is None:
        return []
    ranked = standing.members(
        rows, names, found, dimension="person", start=question.period.starts_on, end=question.end
    )
    return [one for one in ranked if one.standing.quota is not None or one.revenue]


def _lines(
    question: Question,
    place: org.Place,
    elsewhere: dict[int, str],
    rows: dict[str, dict[int, Row]],
    found: Standings | None,
    dimension: str,
) -> list[TeamLine]:
    """Return what adds up to the unit: the units directly below it, or whoever sold for it."""
    names = place.children if dimension == "unit" else place.names | elsewhere
    within = {} if dimension == "unit" else {"unit": place.unit.pk}
    lines: list[TeamLine] = []
    for key, name in names.items():
        attained = Attainment(_amount(rows["revenue"], key), None)
        if found is not None:
            attained = found.of_unit(key) if dimension == "unit" else found.of_person(key)
        cells = [
            Cell(
                measure, rows[measure.code].get(key), _why(question, measure.code, {dimension: key} | within)
            )
            for measure, _label in columns()
        ]
        line = TeamLine(key, name, dimension, attained, cells)
        if attained.quota is not None or any(cell.value for cell in cells):
            lines.append(line)
    return sorted(lines, key=_rank) if dimension == "person" else lines


def _rank(line: TeamLine) -> tuple[bool, Fraction, Decimal]:
    """Sort by attainment, then those without a quota by revenue."""
    ratio = line.standing.ratio
    return ratio is None, -(ratio or Fraction(0)), -(line.cells[0].value or Decimal(0))


def _months(
    user: User, question: Question, frame: Frame | None, subject: dict[str, int], found: Standings | None
) -> Months:
    """Return the months of the fiscal year that holds the period's last day."""
    if frame is None:
        return Months()
    rows = figures.query(
        standing.REVENUE,
        frame.since,
        frame.until,
        by=["month"],
        structure=question.structure,
        as_of=question.as_of,
        viewer=user,
        **subject,  # type: ignore[arg-type]  # unit_id or person_id
    )
    months = standing.month_sums(rows, frame)
    if found is None:
        return months
    if question.period.kind == "year":
        months.quota = standing.quota_months(found, frame, **subject)
        return months
    units = {value: Decimal(0) for name, value in subject.items() if name == "unit_id"}
    people = {value: Decimal(0) for name, value in subject.items() if name == "person_id"}
    whole = standing.standings_of(user, frame, units=units, people=people)
    months.quota = standing.quota_months(whole, frame, **subject)
    return months


def _month_links(question: Question, frame: Frame | None, subject: dict[str, int]) -> list[str]:
    key = {name.removesuffix("_id"): value for name, value in subject.items()}
    return [
        why_url(
            measure=standing.REVENUE,
            start=month.starts_on,
            end=month.ends_before,
            structure=question.structure,
            as_of=question.as_of,
            **key,
        )
        for month in (frame.months if frame else ())
    ]
