"""What the pages of evaluations show."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from apps.access.models import User
from apps.measures import registry
from apps.measures.links import why_url
from apps.measures.registry import Measure
from apps.org.models import Person
from apps.reviews import rules
from apps.reviews.enums import Rating, Stage
from apps.reviews.models import Evaluation, EvaluationCycle, KpiScore

RATED = (Stage.CALIBRATION, Stage.APPROVED, *rules.SHARED)


@dataclass(frozen=True)
class CardRow:
    """One KPI as the scorecard shows it; ``share`` is its part of the final weight as a ratio."""

    score: KpiScore
    measure: Measure | None
    name: str
    url: str
    share: Fraction

    @property
    def decides(self) -> bool:
        """Tell whether it counts in the final score."""
        return self.score.score is not None

    @property
    def as_planned(self) -> bool:
        """Tell whether it weighs what the role says."""
        return abs(self.share * 100 - Fraction(self.score.weight)) < Fraction(1, 2)

    @property
    def width(self) -> float:
        """The length of the bar, 100 for a score of 1."""
        return min(float(self.score.score or 0) * 100, 120.0)

    @property
    def tone(self) -> str:
        """Good from the target on, warn from the solid band on, bad below."""
        value = self.score.score or Decimal(0)
        return "good" if value >= 1 else "warn" if value >= Decimal("0.8") else "bad"


def scorecard(evaluation: Evaluation) -> list[CardRow]:
    """Return the KPIs of an evaluation, heaviest first. One query."""
    rows = list(evaluation.scores.select_related("role", "unit").order_by("starts_on", "-weight", "measure"))
    whole = sum(
        (Fraction(row.weight) * row.working_days for row in rows if row.score is not None), Fraction(0)
    )
    return [_card_row(row, evaluation.person_id, whole) for row in rows]


def _card_row(row: KpiScore, person_id: int, whole: Fraction) -> CardRow:
    known = registry.measures.get(row.measure) if row.measure in registry.measures else None
    subject: dict[str, Any] = {"unit": row.unit_id} if row.unit_id else {"person": person_id}
    url = why_url(measure=row.measure, start=row.starts_on, end=row.ends_before, **subject) if known else ""
    counted = row.score is not None and whole
    share = Fraction(row.weight) * row.working_days / whole if counted else Fraction(0)
    return CardRow(row, known, str(known.name) if known else row.measure, url, share)


@dataclass(frozen=True)
class CycleCard:
    """A cycle in the list: how many evaluations it has, how many wait, how many are done."""

    cycle: EvaluationCycle
    people: int
    done: int
    score: Decimal | None

    @property
    def progress(self) -> Fraction | None:
        """The share of evaluations that people have been given."""
        return Fraction(self.done, self.people) if self.people else None


def cycles(viewer: User) -> list[CycleCard]:
    """Return the cycles a person sees, newest first, counting the evaluations they may read. Two queries."""
    seen = Evaluation.objects.visible_to(viewer).order_by().values("cycle_id")
    counted = seen.annotate(
        people=Count("pk"), done=Count("pk", filter=Q(stage__in=rules.SHARED)), score=Avg("kpi_score")
    )
    by_cycle = {row["cycle_id"]: row for row in counted}
    rows = EvaluationCycle.objects.visible_to(viewer).order_by("-starts_on", "-ends_before", "pk")
    nothing: dict[str, Any] = {"people": 0, "done": 0, "score": None}
    found = []
    for cycle in rows:
        counts = by_cycle.get(cycle.pk, nothing)
        found.append(CycleCard(cycle, counts["people"], counts["done"], counts["score"]))
    return found


@dataclass
class TeamProgress:
    """How far the evaluations of one unit have come."""

    unit_id: int
    name: str
    stages: Counter[str] = field(default_factory=Counter)

    @property
    def people(self) -> int:
        """How many evaluations there are."""
        return sum(self.stages.values())

    @property
    def signed(self) -> int:
        """How many the manager has signed."""
        return sum(self.stages[stage] for stage in RATED)

    @property
    def share(self) -> Fraction:
        """The share the manager has signed."""
        return Fraction(self.signed, self.people)


@dataclass
class Rater:
    """How one manager rates: mean of the ratings given and of the KPI scores, leniency against everybody."""

    person: Person
    given: list[int] = field(default_factory=list)
    scores: list[Decimal] = field(default_factory=list)
    leniency: Fraction | None = None

    @property
    def mean_rating(self) -> Fraction:
        """1 for the lowest, 5 for the highest rating."""
        return Fraction(sum(self.given), len(self.given))

    @property
    def has_too_few(self) -> bool:
        """Tell whether the ratings are too few to say how this manager rates."""
        return len(self.given) < rules.FEWEST_RATINGS

    @property
    def strictness(self) -> Fraction:
        """Leniency the other way round."""
        return -(self.leniency or Fraction(0))

    @property
    def mean_score(self) -> Fraction | None:
        """The mean KPI score of the people rated."""
        exact = [Fraction(score) for score in self.scores]
        return sum(exact, Fraction(0)) / len(exact) if exact else None


@dataclass(frozen=True)
class CyclePicture:
    """One cycle as a person may see it: progress by team, distribution of ratings, raters compared.

    Shares of the distribution are kept back for groups smaller than ten.
    """

    cycle: EvaluationCycle
    teams: list[TeamProgress]
    ratings: list[tuple[Rating, int, Fraction | None]]
    proposed: dict[str, int]
    raters: list[Rater]
    people: int
    rated: int
    score: Fraction | None
    moved: int
    waiting: dict[str, int]


def picture(cycle: EvaluationCycle, viewer: User) -> CyclePicture:
    """Return the picture of a cycle over the evaluations a person may read. One query."""
    rows = list(
        cycle.evaluations.visible_to(viewer).select_related("unit", "manager").order_by("unit__name", "pk")
    )
    signed = [row for row in rows if row.stage in RATED and row.rating]
    given = Counter(row.rating for row in signed)
    scores = [Fraction(row.kpi_score) for row in rows if row.kpi_score is not None]
    enough = len(signed) >= rules.PERCENT_FROM
    return CyclePicture(
        cycle=cycle,
        teams=_teams(rows),
        ratings=[
            (rating, given[rating], Fraction(given[rating], len(signed)) if enough else None)
            for rating in Rating
        ],
        proposed=Counter(row.kpi_rating for row in rows if row.kpi_rating),
        raters=_raters(signed),
        people=len(rows),
        rated=len(signed),
        score=sum(scores, Fraction(0)) / len(scores) if scores else None,
        moved=sum(1 for row in signed if row.kpi_rating and row.rating != row.kpi_rating),
        waiting=Counter(str(row.stage) for row in rows),
    )


def _teams(rows: list[Evaluation]) -> list[TeamProgress]:
    found: dict[int, TeamProgress] = {}
    for row in rows:
        team = found.setdefault(row.unit_id, TeamProgress(row.unit_id, row.unit.name))
        team.stages[row.stage] += 1
    return list(found.values())


def _raters(signed: list[Evaluation]) -> list[Rater]:
    everybody = [rules.rating_rank(row.rating) for row in signed]
    found: dict[int, Rater] = {}
    for row in signed:
        if row.manager is None:
            continue
        rater = found.setdefault(row.manager.pk, Rater(row.manager))
        rater.given.append(rules.rating_rank(row.rating))
        if row.kpi_score is not None:
            rater.scores.append(row.kpi_score)
    for rater in found.values():
        rater.leniency = rules.leniency(rater.given, everybody)
    return sorted(found.values(), key=lambda rater: (-(rater.leniency or 0), rater.person.name))


def team_evaluations(viewer: User, cycle: EvaluationCycle | None) -> QuerySet[Evaluation]:
    """Return other people's evaluations of one cycle (or of all) that a person may read."""
    rows = Evaluation.objects.visible_to(viewer).exclude(person__user=viewer)
    if cycle is not None:
        rows = rows.filter(cycle=cycle)
    return rows.select_related("person", "role", "unit", "manager", "cycle").order_by("person__name", "pk")


def own_evaluations(viewer: User) -> list[Evaluation]:
    """Return the viewer's evaluations, newest first; what they may read of each follows from its stage."""
    return list(
        Evaluation.objects.own(viewer)
        .exclude(stage=Stage.DRAFT)
        .select_related("cycle", "role", "unit", "manager")
        .order_by("-cycle__starts_on", "-pk")
    )


def shared_history(person_id: int, viewer: User, limit: int = 8) -> list[Evaluation]:
    """Return the latest shared evaluations of a person that the viewer may read, oldest first."""
    rows = Evaluation.objects.visible_to(viewer).filter(person=person_id, stage__in=rules.SHARED)
    newest = rows.select_related("cycle").order_by("-cycle__starts_on", "-pk")[:limit]
    return list(newest)[::-1]


def waiting_for(viewer: User) -> dict[str, int]:
    """Return how many evaluations wait for the viewer as the person, as the manager, as whoever approves."""
    own = Evaluation.objects.own(viewer).filter(stage__in=[Stage.SELF, Stage.SHARED]).count()
    mine = Evaluation.objects.filter(manager__user=viewer, stage=Stage.MANAGER).count()
    return {"own": own, "team": mine}
