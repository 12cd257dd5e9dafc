"""A strategy from draft to closed."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError, StaleVersion
from apps.strategy.enums import ReviewState, StrategyState
from apps.strategy.models import Participant, ReviewCadence, Strategy, StrategyReview
from apps.strategy.services.scheduling import schedule

logger = logging.getLogger(__name__)
LONGEST_YEARS = 30


class NotDraft(DomainError):
    """The strategy has left the draft state."""


class NotReady(DomainError):
    """Something is missing that an active strategy needs."""


class NotRunning(DomainError):
    """The strategy is not active."""


class WrongDates(DomainError):
    """The dates of a strategy do not fit."""


def locked(strategy_id: int, version: int | None = None) -> Strategy:
    """Return a strategy under lock. Raises StaleVersion when somebody saved it since ``version``."""
    [strategy] = lock_rows(Strategy.objects.filter(pk=strategy_id))
    if version is not None and strategy.version != version:
        raise StaleVersion(
            _("Somebody else changed this strategy in the meantime. Open it again and repeat your change.")
        )
    return strategy


def locked_open(strategy_id: int) -> Strategy:
    """Return a strategy under lock that is not closed. Raises NotRunning."""
    strategy = locked(strategy_id)
    if strategy.state == StrategyState.CLOSED:
        raise NotRunning(_("The strategy is closed. What it decided stays as it is."))
    return strategy


@requires_transaction
def create_strategy(
    *,
    title: str,
    purpose: str,
    situation: str,
    owner_id: int,
    unit_id: int,
    starts_on: dt.date,
    last_day: dt.date,
    participant_ids: Iterable[int] = (),
    by: User,
    at: dt.datetime,
) -> Strategy:
    """Create a draft. Raises WrongDates."""
    _check_dates(starts_on, last_day)
    strategy = Strategy.objects.create(
        title=title,
        purpose=purpose,
        situation=situation,
        owner_id=owner_id,
        unit_id=unit_id,
        valid=span(starts_on, last_day + dt.timedelta(days=1)),
        created_by=by,
        created_at=at,
    )
    people = set(participant_ids) - {owner_id}
    Participant.objects.bulk_create(
        [Participant(strategy=strategy, person_id=person) for person in sorted(people)]
    )
    logger.info("strategy created", extra={"strategy_id": strategy.pk, "by": by.pk})
    return strategy


@requires_transaction
def change_strategy(
    *,
    strategy_id: int,
    version: int,
    title: str,
    purpose: str,
    situation: str,
    owner_id: int,
    starts_on: dt.date,
    last_day: dt.date,
    watch_below: object = None,
    by: User,
    on: dt.date,
) -> Strategy:
    """Change what a strategy says; reviews after its new end are taken back.

    Raises StaleVersion, NotRunning, WrongDates.
    """
    _check_dates(starts_on, last_day)
    strategy = locked(strategy_id, version)
    if strategy.state == StrategyState.CLOSED:
        raise NotRunning(_("The strategy is closed. What it decided stays as it is."))
    strategy.title, strategy.purpose, strategy.situation = title, purpose, situation
    strategy.owner_id = owner_id
    strategy.valid = span(starts_on, last_day + dt.timedelta(days=1))
    strategy.watch_below = strategy.watch_below if watch_below is None else watch_below  # type: ignore[assignment]
    strategy.version += 1
    strategy.save(update_fields=["title", "purpose", "situation", "owner", "valid", "watch_below", "version"])
    Participant.objects.filter(strategy=strategy, person=owner_id).delete()
    StrategyReview.objects.filter(
        strategy=strategy, state=ReviewState.SCHEDULED, nominal_on__gt=last_day, frozen_at__isnull=True
    ).delete()
    cadence = ReviewCadence.objects.filter(strategy=strategy).first()
    if cadence is not None:
        schedule(strategy=strategy, cadence=cadence, on=on)
    logger.info("strategy changed", extra={"strategy_id": strategy.pk, "by": by.pk})
    return strategy


def _check_dates(starts_on: dt.date, last_day: dt.date) -> None:
    if last_day <= starts_on:
        text = _("The last day must come after the first.")
        raise WrongDates(text, fields={"last_day": text})
    if last_day.year - starts_on.year > LONGEST_YEARS or last_day == dt.date.max:
        text = _("A strategy lasts at most 30 years.")
        raise WrongDates(text, fields={"last_day": text})


@requires_transaction
def activate_strategy(*, strategy_id: int, by: User, at: dt.datetime, on: dt.date) -> Strategy:
    """Put a draft into force and schedule its reviews. Raises NotDraft, NotReady."""
    strategy = locked(strategy_id)
    if strategy.state != StrategyState.DRAFT:
        raise NotDraft(_("The strategy is active already or closed."))
    if not strategy.objectives.exists():
        raise NotReady(_("Add at least one objective first."))
    cadence = ReviewCadence.objects.filter(strategy=strategy).first()
    if cadence is None:
        raise NotReady(_("Say first how often the strategy is reviewed."))
    if strategy.last_day < on:
        raise NotReady(_("The last day of the strategy is over. Set a later one first."))
    strategy.state, strategy.activated_by, strategy.activated_at = StrategyState.ACTIVE, by, at
    strategy.version += 1
    strategy.save(update_fields=["state", "activated_by", "activated_at", "version"])
    schedule(strategy=strategy, cadence=cadence, on=on)
    logger.info("strategy activated", extra={"strategy_id": strategy.pk, "by": by.pk})
    return strategy


@requires_transaction
def close_strategy(*, strategy_id: int, outcome: str, by: User, at: dt.datetime) -> Strategy:
    """End an active strategy with what came of it; its waiting reviews are dropped. Raises NotRunning."""
    strategy = locked(strategy_id)
    if strategy.state != StrategyState.ACTIVE:
        raise NotRunning(_("Only an active strategy can be closed."))
    if not outcome.strip():
        text = _("Say in a sentence what came of it.")
        raise NotReady(text, fields={"outcome": text})
    strategy.state, strategy.closed_by, strategy.closed_at = StrategyState.CLOSED, by, at
    strategy.outcome = outcome
    strategy.version += 1
    strategy.save(update_fields=["state", "closed_by", "closed_at", "outcome", "version"])
    StrategyReview.objects.filter(strategy=strategy).waiting().update(state=ReviewState.DROPPED)
    logger.info("strategy closed", extra={"strategy_id": strategy.pk, "by": by.pk})
    return strategy
