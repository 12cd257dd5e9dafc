"""Holding reviews and carrying out what they decide."""

import datetime as dt
import logging

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.strategy.enums import Adjusts, ReviewState
from apps.strategy.models import Decision, Objective, ReviewCadence, StrategyReview
from apps.strategy.rules import HOLD_AHEAD_DAYS
from apps.strategy.services.parts import NotPossible
from apps.strategy.services.scheduling import PACK_FIELDS, freeze, schedule, unschedule
from apps.strategy.services.strategies import locked_open

logger = logging.getLogger(__name__)


class AlreadyHeld(DomainError):
    """The review is over: held, or dropped with its strategy."""


class TooEarly(DomainError):
    """The review is still far away."""


class MinutesMissing(DomainError):
    """A review is held with minutes."""


class AlreadyDone(DomainError):
    """The decision was carried out before."""


@requires_transaction
def set_cadence(
    *, strategy_id: int, rhythm: str, every: int, first_on: dt.date, on: dt.date
) -> ReviewCadence:
    """Say how often a strategy is reviewed; reviews not yet near are dated anew. Raises NotRunning."""
    strategy = locked_open(strategy_id)
    cadence, _created = ReviewCadence.objects.update_or_create(
        strategy=strategy, defaults={"rhythm": rhythm, "every": every, "first_on": first_on}
    )
    unschedule(strategy_id=strategy.pk, on=on)
    schedule(strategy=strategy, cadence=cadence, on=on)
    return cadence


def _locked_review(review_id: int, version: int | None) -> StrategyReview:
    strategy_id = StrategyReview.objects.values_list("strategy_id", flat=True).get(pk=review_id)
    locked_open(strategy_id)
    [review] = lock_rows(StrategyReview.objects.filter(pk=review_id))
    if review.state in {ReviewState.HELD, ReviewState.DROPPED}:
        raise AlreadyHeld(_("The review is over. Record later decisions on the strategy itself."))
    if version is not None and review.version != version:
        raise StaleVersion(
            _("Somebody else wrote into this review in the meantime. Open it again, your text is kept here.")
        )
    return review


@requires_transaction
def save_minutes(*, review_id: int, minutes: str, version: int | None = None) -> StrategyReview:
    """Keep the minutes of a review under way. Raises AlreadyHeld, StaleVersion."""
    review = _locked_review(review_id, version)
    review.minutes = minutes
    review.version += 1
    review.save(update_fields=["minutes", "version"])
    return review


@requires_transaction
def hold_review(
    *,
    review_id: int,
    minutes: str,
    by: User,
    at: dt.datetime,
    on: dt.date,
    version: int | None = None,
) -> StrategyReview:
    """Finish a review with its minutes; figures not frozen yet are frozen now.

    Raises AlreadyHeld, StaleVersion, TooEarly, MinutesMissing.
    """
    review = _locked_review(review_id, version)
    if (review.due_on - on).days > HOLD_AHEAD_DAYS:
        raise TooEarly(
            _("A review can be held at most %(days)s days before its date.") % {"days": HOLD_AHEAD_DAYS}
        )
    if not minutes.strip():
        text = _("Write down in a sentence what was said.")
        raise MinutesMissing(text, fields={"minutes": text})
    freeze(review, as_of=on - dt.timedelta(days=1), at=at)
    review.minutes, review.state = minutes, ReviewState.HELD
    review.held_on, review.held_by = on, by
    review.version += 1
    review.save(update_fields=["minutes", "state", "held_on", "held_by", "version", *PACK_FIELDS])
    logger.info("strategy review held", extra={"review_id": review.pk, "by": by.pk})
    return review


@requires_transaction
def record_decision(
    *,
    strategy_id: int,
    text: str,
    owner_id: int,
    due_on: dt.date,
    adjusts: str = Adjusts.NOTHING,
    objective_id: int | None = None,
    review_id: int | None = None,
    by: User,
    on: dt.date,
) -> Decision:
    """Record a decision, in a review under way or between two.

    Raises NotRunning, NotPossible, AlreadyHeld.
    """
    strategy = locked_open(strategy_id)
    if due_on < on:
        message = _("The due date is over already. Choose today or later.")
        raise NotPossible(message, fields={"due_on": message})
    if objective_id and not Objective.objects.filter(pk=objective_id, strategy=strategy).exists():
        raise NotPossible(_("The objective belongs to another strategy."))
    if review_id is not None and _locked_review(review_id, None).strategy_id != strategy.pk:
        raise NotPossible(_("The review belongs to another strategy."))
    return Decision.objects.create(
        strategy=strategy,
        review_id=review_id,
        text=text,
        owner_id=owner_id,
        due_on=due_on,
        adjusts=adjusts,
        objective_id=objective_id,
        decided_on=on,
        decided_by=by,
    )


@requires_transaction
def complete_decision(*, decision_id: int, by: User, on: dt.date) -> Decision:
    """Report a decision as carried out. Raises AlreadyDone."""
    [decision] = lock_rows(Decision.objects.filter(pk=decision_id))
    if decision.done_on is not None:
        raise AlreadyDone(_("This decision was carried out before."))
    decision.done_on, decision.done_by = on, by
    decision.save(update_fields=["done_on", "done_by"])
    return decision
