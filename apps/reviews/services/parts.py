"""What the person and the manager write, and the person's last word."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.reviews.enums import Rating, Stage
from apps.reviews.models import Evaluation, Goal
from apps.reviews.services import telling
from apps.reviews.services.settling import locked_evaluation, settle
from apps.reviews.services.stages import hand_to_manager


class NotYourTurn(DomainError):
    """The evaluation is at another stage than this act needs."""


class RatingMissing(DomainError):
    """An assessment is signed with a rating and an overall judgement only."""


@dataclass(frozen=True)
class NewGoal:
    """A goal to agree on."""

    text: str
    due_on: dt.date | None = None


@requires_transaction
def save_self(
    *, evaluation_id: int, version: int, achievements: str, difficulties: str, support: str
) -> Evaluation:
    """Keep a draft of the self part. Raises NotYourTurn, StaleVersion."""
    row = _at(evaluation_id, Stage.SELF, version)
    row.achievements, row.difficulties, row.support = achievements, difficulties, support
    row.version += 1
    row.save(update_fields=["achievements", "difficulties", "support", "version"])
    return row


@requires_transaction
def submit_self(
    *,
    evaluation_id: int,
    version: int,
    achievements: str,
    difficulties: str,
    support: str,
    at: dt.datetime,
) -> Evaluation:
    """Sign the self part and hand the evaluation to the manager. Raises NotYourTurn, StaleVersion."""
    row = save_self(
        evaluation_id=evaluation_id,
        version=version,
        achievements=achievements,
        difficulties=difficulties,
        support=support,
    )
    if not achievements.strip():
        text = _("Write at least a sentence about what went well.")
        raise NotYourTurn(text, fields={"achievements": text}, code="self_part_empty")
    row.self_submitted_at = at
    row.save(update_fields=["self_submitted_at"])
    hand_to_manager(row)
    settle(row.cycle)
    if row.manager_id:
        telling.tell_to_assess(row.cycle, [row.manager_id])
    return row


@requires_transaction
def save_assessment(
    *,
    evaluation_id: int,
    version: int,
    rating: str,
    strengths: str,
    growth: str,
    summary: str,
    goals: Sequence[NewGoal] = (),
    by: User,
) -> Evaluation:
    """Keep a draft of the manager's part; nobody else reads it before it is signed.

    Raises NotYourTurn, StaleVersion.
    """
    row = _at(evaluation_id, Stage.MANAGER, version)
    if row.person.user_id == by.pk:
        raise NotYourTurn(_("Somebody else assesses you."), code="own_evaluation")
    row.rating, row.strengths, row.growth, row.summary = rating, strengths, growth, summary
    row.assessed_by = by
    row.version += 1
    row.save(update_fields=["rating", "strengths", "growth", "summary", "assessed_by", "version"])
    Goal.objects.filter(evaluation=row).delete()
    Goal.objects.bulk_create(
        Goal(evaluation=row, position=place, text=goal.text, due_on=goal.due_on)
        for place, goal in enumerate(goals, 1)
    )
    return row


@requires_transaction
def submit_assessment(
    *,
    evaluation_id: int,
    version: int,
    rating: str,
    strengths: str,
    growth: str,
    summary: str,
    goals: Sequence[NewGoal] = (),
    by: User,
    at: dt.datetime,
) -> Evaluation:
    """Sign the manager's part and hand the evaluation to calibration.

    Raises NotYourTurn, StaleVersion, RatingMissing.
    """
    row = save_assessment(
        evaluation_id=evaluation_id,
        version=version,
        rating=rating,
        strengths=strengths,
        growth=growth,
        summary=summary,
        goals=goals,
        by=by,
    )
    missing = {}
    if rating not in Rating.values:
        missing["rating"] = _("Choose a rating.")
    if not summary.strip():
        missing["summary"] = _("Say in a sentence why: the person will read it.")
    if missing:
        raise RatingMissing(_("The assessment is not complete."), fields=missing)
    row.stage, row.manager_submitted_at = Stage.CALIBRATION, at
    row.save(update_fields=["stage", "manager_submitted_at"])
    settle(row.cycle)
    return row


@requires_transaction
def acknowledge(*, evaluation_id: int, reply: str, at: dt.datetime) -> Evaluation:
    """Record that the person has read the evaluation, with their reply. Raises NotYourTurn."""
    row = locked_evaluation(evaluation_id)
    if row.stage != Stage.SHARED:
        raise NotYourTurn(_("There is nothing to confirm at this stage."))
    row.stage, row.reply, row.acknowledged_at = Stage.ACKNOWLEDGED, reply, at
    row.version += 1
    row.save(update_fields=["stage", "reply", "acknowledged_at", "version"])
    settle(row.cycle)
    return row


def _at(evaluation_id: int, stage: Stage, version: int) -> Evaluation:
    row = locked_evaluation(evaluation_id)
    if row.stage != stage:
        text = _("This evaluation is at the stage “%(stage)s” now. Open it again to see what can be done.")
        raise NotYourTurn(text % {"stage": row.get_stage_display()})
    if row.version != version:
        raise StaleVersion(
            _("This evaluation was changed meanwhile. Open it again and repeat your change."),
            fields={"version": str(row.version)},
        )
    return row
