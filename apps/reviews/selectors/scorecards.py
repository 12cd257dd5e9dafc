"""The scorecards of a period: KPI sets of the roles, actuals of the ledger, targets, scores."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apps.calendars import selectors as calendars
from apps.calendars.enums import PeriodKind
from apps.calendars.models import FiscalPeriod
from apps.calendars.rules import Workdays
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.selectors import Row
from apps.reviews import rules
from apps.reviews.enums import Flag, TargetSource
from apps.reviews.models import KpiScale
from apps.reviews.selectors.places import Segment, Stretch, segments, stretches
from apps.roles import selectors as roles
from apps.targets import selectors as targets

PLACES = 8
_FARTHEST = Fraction(9_999_999_999)
_LOOK_BACK = 4


@dataclass(frozen=True)
class Question:
    """One KPI of one person over one stretch; ``subject`` is the person or the unit they lead."""

    person_id: int
    stretch: Stretch
    measure: str
    weight: Decimal

    @property
    def dimension(self) -> str:
        """Whose figure it is."""
        return "person" if self.stretch.leads is None else "unit"

    @property
    def subject(self) -> int:
        """The id of the person or unit."""
        return self.person_id if self.stretch.leads is None else self.stretch.leads


@dataclass(frozen=True)
class Line:
    """One scored KPI, figures rounded for storing; ``exact`` decides."""

    question: Question
    actual: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    row_count: int
    target: Decimal | None
    source: TargetSource
    floor: Decimal | None
    cap: Decimal
    exact: Fraction | None
    uncapped: Decimal | None
    flag: Flag


@dataclass
class Scorecard:
    """What the ledger says about one person's period."""

    person_id: int
    segments: list[Segment]
    lines: list[Line] = field(default_factory=list)

    @property
    def score(self) -> Fraction | None:
        """The final score, exact: KPI weights times the working days of their stretch."""
        return rules.final(
            (line.question.weight * line.question.stretch.working_days, line.exact) for line in self.lines
        )


def scorecards(period: FiscalPeriod) -> list[Scorecard]:
    """Return the scorecard of everybody who has a role on the last day of a period, by person id."""
    workdays = calendars.workdays()
    parts = segments(period.starts_on, period.ends_before, workdays)
    cards = [Scorecard(person_id, parts[person_id]) for person_id in sorted(parts)]
    asked = _Kpis()
    questions = {card.person_id: asked.of(card) for card in cards}
    answers = _Answers(period, workdays, [one for several in questions.values() for one in several])
    for card in cards:
        card.lines = [answers.line(question) for question in questions[card.person_id]]
    return cards


class _Kpis:
    """KPI sets, read once per role and day."""

    def __init__(self) -> None:
        self._sets: dict[tuple[int, dt.date], list[roles.Kpi]] = {}

    def of(self, card: Scorecard) -> list[Question]:
        found = []
        for stretch in stretches(card.segments):
            key = (stretch.role_id, stretch.ends_before - dt.timedelta(days=1))
            if key not in self._sets:
                self._sets[key] = roles.kpis_of(*key)
            found += [Question(card.person_id, stretch, kpi.measure, kpi.weight) for kpi in self._sets[key]]
        return found


class _Answers:
    """Figures, quotas and baselines for many questions, each read once for everybody."""

    def __init__(self, period: FiscalPeriod, workdays: Workdays, questions: list[Question]) -> None:
        self.period, self.workdays, self.questions = period, workdays, questions
        self.scales = {row.measure: row.scale for row in KpiScale.objects.order_by("pk")}
        self._rows: dict[tuple[str, dt.date, dt.date, str], dict[int, Row]] = {}
        self._quotas: dict[tuple[str, dt.date, dt.date], targets.Quotas] = {}
        self.peers = self._peer_rates()
        self.before = self._days_before()

    def line(self, question: Question) -> Line:
        """Answer one question."""
        scale = self.scales.get(question.measure, rules.STANDARD)
        if question.measure not in registry.measures:
            nothing = (None, None, None, 0, None, TargetSource.NONE, None, scale.cap, None, None)
            return Line(question, *nothing, Flag.UNKNOWN)
        row = self._row(question, question.stretch.starts_on, question.stretch.ends_before)
        actual = _value(question.measure, row)
        target, source = self._target(question)
        direction = registry.measures.get(question.measure).direction
        scored = rules.score(actual, target, direction=direction, scale=scale)
        share = scale.worst if direction == "down" else scale.floor
        uncapped = scored.uncapped
        if uncapped is not None:
            uncapped = min(max(uncapped, -_FARTHEST), _FARTHEST)
        return Line(
            question=question,
            actual=_stored(actual),
            numerator=_stored(row.numerator) if row else None,
            denominator=_stored(row.denominator) if row else None,
            row_count=max(row.n, 0) if row else 0,
            target=target,
            source=source,
            floor=None if target is None else rules.rounded(Fraction(target) * Fraction(share), PLACES),
            cap=scale.cap,
            exact=scored.score,
            uncapped=rules.rounded(uncapped, PLACES),
            flag=scored.flag,
        )

    def _target(self, question: Question) -> tuple[Decimal | None, TargetSource]:
        quota = self._quota(question)
        if quota is not None and quota > 0:
            return rules.choose_target(quota, None, None)
        days = question.stretch.working_days
        rates = self.peers.get((question.stretch.role_id, question.measure), [])
        scaled = days if _adds_up(question.measure) else 1
        peers = rules.rounded(rules.peer_target(rates, scaled), PLACES)
        history = None if peers else rules.rounded(self._history(question, scaled), PLACES)
        return rules.choose_target(None, peers, history)

    def _row(self, question: Question, start: dt.date, end: dt.date) -> Row | None:
        key = (question.measure, start, end, question.dimension)
        if key not in self._rows:
            found = figures.query(question.measure, start, end, by=[question.dimension])
            self._rows[key] = {
                int(row.keys[question.dimension]): row  # type: ignore[arg-type]  # an id
                for row in found
                if row.keys[question.dimension] is not None
            }
        return self._rows[key].get(question.subject)

    def _quota(self, question: Question) -> Decimal | None:
        key = (question.measure, question.stretch.starts_on, question.stretch.ends_before)
        if key not in self._quotas:
            alike = [
                one
                for one in self.questions
                if (one.measure, one.stretch.starts_on, one.stretch.ends_before) == key
            ]
            self._quotas[key] = targets.quotas(
                *key,
                unit_ids={one.subject for one in alike if one.dimension == "unit"},
                person_ids={one.subject for one in alike if one.dimension == "person"},
            )
        if question.dimension == "unit":
            return self._quotas[key].total(unit_id=question.subject)
        return self._quotas[key].total(person_id=question.subject)

    def _peer_rates(self) -> dict[tuple[int, str], list[Fraction]]:
        """Return what the people of each role reached: per working day where figures add up."""
        found: dict[tuple[int, str], list[Fraction]] = defaultdict(list)
        for question in self.questions:
            stretch = question.stretch
            if question.measure not in registry.measures or not stretch.working_days:
                continue
            row = self._row(question, stretch.starts_on, stretch.ends_before)
            reached = _value(question.measure, row)
            if reached is not None:
                days = stretch.working_days if _adds_up(question.measure) else 1
                found[stretch.role_id, question.measure].append(Fraction(reached) / days)
        return found

    def _days_before(self) -> tuple[dt.date, dt.date] | None:
        """Return the four quarters before the period, or as many as the calendar has."""
        far = self.period.starts_on - dt.timedelta(days=400)
        quarters = calendars.periods_between(far, self.period.starts_on, PeriodKind.QUARTER)[-_LOOK_BACK:]
        return (quarters[0].starts_on, self.period.starts_on) if quarters else None

    def _history(self, question: Question, scaled: int) -> Fraction | None:
        if self.before is None:
            return None
        row = self._row(question, *self.before)
        reached = _value(question.measure, row)
        if reached is None or reached <= 0:
            return None
        days = self.workdays.between(*self.before) if _adds_up(question.measure) else 1
        return Fraction(reached) / days * scaled if days else None


def _value(measure: str, row: Row | None) -> Decimal | None:
    """Return the figure; where nothing was credited sums are 0 and rates unknown."""
    if row is not None:
        return row.value
    return None if registry.measures.get(measure).source == "ratio" else Decimal(0)


def _adds_up(measure: str) -> bool:
    return targets.adds_up(registry.measures.get(measure))


def _stored(value: Decimal | None) -> Decimal | None:
    return None if value is None else rules.rounded(Fraction(value), PLACES)
