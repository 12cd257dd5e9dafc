"""Making the evaluations of a period from the ledger, and keeping them true until they are approved."""

import datetime as dt
import logging
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.calendars import selectors as calendars
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.reviews import rules
from apps.reviews.enums import CycleKind, Stage
from apps.reviews.models import Evaluation, EvaluationCycle, EvaluationSegment, KpiScore
from apps.reviews.selectors.scorecards import PLACES, Line, Scorecard, scorecards
from apps.reviews.services.settling import settle

logger = logging.getLogger(__name__)


class PeriodNotOver(DomainError):
    """The period to be evaluated still runs."""


class NotAReviewPeriod(DomainError):
    """Evaluations look back on quarters, half-years and years only."""


class CycleClosed(DomainError):
    """The cycle is closed; what it says stays as it is."""


@requires_transaction
def evaluate_period(period: str, today: dt.date) -> EvaluationCycle:
    """Evaluate everybody with a role at the end of a period, once per person, and return the cycle.

    Run again, it scores anew what is not approved yet and adds people who were
    missing; where the ledger says the same, nothing is written. Raises
    MissingPeriod, NotAReviewPeriod, PeriodNotOver, CycleClosed.
    """
    fiscal = calendars.period(period)
    if fiscal.kind not in CycleKind.values:
        raise NotAReviewPeriod(_("Choose a quarter, a half-year or a year."), fields={"period": fiscal.code})
    if fiscal.ends_before > today:
        raise PeriodNotOver(
            _("%(period)s is not over yet. Evaluate it from its end on.") % {"period": fiscal.code}
        )
    advisory_lock(f"reviews.cycle.{fiscal.code}")
    cycle, created = EvaluationCycle.objects.get_or_create(
        period_code=fiscal.code,
        defaults={
            "kind": fiscal.kind,
            "starts_on": fiscal.starts_on,
            "ends_before": fiscal.ends_before,
            "evaluated_on": today,
        },
    )
    if cycle.stage == Stage.CLOSED:
        raise CycleClosed(_("The cycle %(period)s is closed.") % {"period": fiscal.code})
    cards = scorecards(fiscal)
    there = {row.person_id: row for row in lock_rows(cycle.evaluations.all())}
    added = _add(cycle, [card for card in cards if card.person_id not in there])
    changed = _score_anew(there, cards)
    settle(cycle)
    logger.info(
        "period evaluated",
        extra={"cycle_id": cycle.pk, "is_new": created, "added": added, "changed": changed},
    )
    return cycle


def _add(cycle: EvaluationCycle, cards: list[Scorecard]) -> int:
    """Add the evaluations of people who have none; nobody joins a cycle that is approved."""
    if cycle.stage not in rules.SCORED_ANEW:
        return 0
    stage = Stage.DRAFT if cycle.stage == Stage.DRAFT else Stage.SELF
    rows = []
    for card in cards:
        place = card.segments[-1].place
        row = Evaluation(
            cycle=cycle,
            person_id=card.person_id,
            role_id=place.role_id,
            unit_id=place.unit_id,
            manager_id=place.manager_id,
            stage=stage,
        )
        _put_score(row, card)
        rows.append(row)
    Evaluation.objects.bulk_create(rows)
    _write_parts(dict(zip([row.pk for row in rows], cards, strict=True)))
    return len(rows)


def _score_anew(there: dict[int, Evaluation], cards: list[Scorecard]) -> int:
    """Replace the scores of evaluations not approved yet where the ledger, targets or roles say otherwise."""
    open_rows = {
        there[card.person_id].pk: (there[card.person_id], card)
        for card in cards
        if card.person_id in there and there[card.person_id].stage in rules.SCORED_ANEW
    }
    said: dict[int, list[tuple[object, ...]]] = {pk: [] for pk in open_rows}
    for score in KpiScore.objects.filter(evaluation__in=open_rows).order_by("starts_on", "measure", "pk"):
        said[score.evaluation_id].append(_facts(score))
    changed: dict[int, Scorecard] = {}
    for pk, (_row, card) in open_rows.items():
        scores = [_score_row(pk, line) for line in card.lines]
        now = sorted((_facts(score) for score in scores), key=lambda fact: (fact[0], fact[2]))  # type: ignore[index]
        if now != said[pk]:
            changed[pk] = card
    KpiScore.objects.filter(evaluation__in=changed).delete()
    EvaluationSegment.objects.filter(evaluation__in=changed).delete()
    _write_parts(changed)
    for pk, card in changed.items():
        row = open_rows[pk][0]
        _put_score(row, card)
        row.version += 1
        row.save(update_fields=["kpi_score", "kpi_rating", "version"])
    return len(changed)


def _put_score(row: Evaluation, card: Scorecard) -> None:
    exact = card.score
    row.kpi_score = rules.rounded(exact, PLACES)
    row.kpi_rating = rules.rating_of(exact) or ""


def _write_parts(cards: dict[int, Scorecard]) -> None:
    EvaluationSegment.objects.bulk_create(
        EvaluationSegment(
            evaluation_id=pk,
            starts_on=part.starts_on,
            ends_before=part.ends_before,
            working_days=part.working_days,
            position_id=part.place.position_id,
            unit_id=part.place.unit_id,
            role_id=part.place.role_id,
            manager_id=part.place.manager_id,
        )
        for pk, card in cards.items()
        for part in card.segments
    )
    KpiScore.objects.bulk_create(_score_row(pk, line) for pk, card in cards.items() for line in card.lines)


def _score_row(evaluation_id: int, line: Line) -> KpiScore:
    stretch = line.question.stretch
    return KpiScore(
        evaluation_id=evaluation_id,
        role_id=stretch.role_id,
        unit_id=stretch.leads,
        starts_on=stretch.starts_on,
        ends_before=stretch.ends_before,
        working_days=stretch.working_days,
        measure=line.question.measure,
        weight=line.question.weight,
        actual=line.actual,
        numerator=line.numerator,
        denominator=line.denominator,
        row_count=line.row_count,
        target=line.target,
        target_source=line.source,
        floor=line.floor,
        cap=line.cap,
        score=rules.rounded(line.exact, PLACES),
        uncapped=line.uncapped,
        flag=line.flag,
    )


def _facts(score: KpiScore) -> tuple[object, ...]:
    figures: tuple[Decimal | None, ...] = (
        score.actual,
        score.target,
        score.floor,
        score.score,
        score.uncapped,
    )
    where = (
        score.starts_on,
        score.ends_before,
        score.measure,
        score.role_id,
        score.unit_id,
        score.working_days,
    )
    return (
        *where,
        score.weight,
        *figures,
        score.cap,
        score.row_count,
        str(score.target_source),
        str(score.flag),
    )
