"""Setting up contests, closing them with awards, and staying off leaderboards."""

import datetime as dt
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.models import User
from apps.access.scope import person_id_of
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.incentives.models import Contest, ContestAward, ContestPlayer, ContestPrize, Unlisted
from apps.incentives.rules.ranking import ranked
from apps.incentives.selectors import boards as selectors
from apps.incentives.services import telling
from apps.incentives.services.adjustments import request_adjustment
from apps.incentives.services.separation import people_behind
from apps.measures.registry import measures
from apps.org.models import Person

logger = logging.getLogger(__name__)

MAX_PRIZES = 10


class ContestRefused(DomainError):
    """The contest cannot be set up or closed like this."""


class ContestClosed(ContestRefused):
    """Somebody closed it already."""


class OwnContest(ContestRefused):
    """Whoever takes part does not decide who wins."""


@dataclass(frozen=True)
class Prize:
    """What a place wins: words, and money where there is any."""

    place: int
    name: str
    amount: Decimal | None = None


@requires_transaction
def create_contest(
    *,
    name: str,
    purpose: str,
    measure: str,
    starts_on: dt.date,
    last_day: dt.date,
    unit_id: int,
    person_ids: Collection[int],
    prizes: Sequence[Prize],
    minimum: Decimal | None,
    by: User,
    at: dt.datetime,
) -> Contest:
    """Set up a contest for some people, by default for who sells in a unit. Raises ContestRefused."""
    if last_day < starts_on:
        fields = {"last_day": _("Choose the first day or a later one.")}
        raise ContestRefused(_("The contest must last at least a day."), fields=fields)
    if measure not in {one.code for one in selectors.comparable()}:
        raise ContestRefused(_("People cannot be compared by this measure."))
    places = [prize.place for prize in prizes]
    if not prizes or len(prizes) > MAX_PRIZES or len(set(places)) != len(places):
        raise ContestRefused(_("Give at least one prize, and one for each place."))
    ends_before = last_day + dt.timedelta(days=1)
    players = set(person_ids) or selectors.players_in(unit_id, measure, starts_on, ends_before, starts_on)
    if len(players) < 2:
        raise ContestRefused(_("A contest needs two people at least."))
    contest = Contest.objects.create(
        name=name.strip(),
        purpose=purpose.strip(),
        measure=measure,
        starts_on=starts_on,
        ends_before=ends_before,
        unit_id=unit_id,
        minimum=minimum,
        created_by=by,
        created_at=at,
    )
    ContestPlayer.objects.bulk_create(
        [ContestPlayer(contest=contest, person_id=pk) for pk in sorted(players)]
    )
    ContestPrize.objects.bulk_create(
        [
            ContestPrize(
                contest=contest,
                place=prize.place,
                name=prize.name.strip()[:120],
                amount=prize.amount,
                currency=settings.COMPANY_CURRENCY,
            )
            for prize in prizes
        ]
    )
    return contest


@requires_transaction
def close_contest(*, contest_id: int, today: dt.date, by: User, at: dt.datetime) -> list[ContestAward]:
    """Award the prizes of a contest that is over; whoever shares a place wins what that place wins.

    Money is asked for as an adjustment, which a second person approves.
    Raises ContestClosed, OwnContest, ContestRefused.
    """
    [contest] = lock_rows(Contest.objects.filter(pk=contest_id))
    if contest.closed_at is not None:
        raise ContestClosed(_("This contest was closed already."))
    if today < contest.ends_before:
        raise ContestRefused(_("The contest is not over yet."))
    players = set(contest.players.values_list("person_id", flat=True))
    if players & people_behind(by):
        raise OwnContest(_("You take part in this contest. Somebody else must close it."))
    awards = [_award(contest, *won, by=by, at=at) for won in _winners(contest, players)]
    contest.closed_by, contest.closed_at = by, at
    contest.save(update_fields=["closed_by", "closed_at"])
    logger.info("contest closed", extra={"contest_id": contest.pk, "by": by.pk})
    return awards


def _winners(contest: Contest, players: set[int]) -> list[tuple[int, int, Decimal, ContestPrize]]:
    values = selectors.figures_of(contest.measure, contest.starts_on, contest.ends_before, players)
    up = measures.get(contest.measure).direction == "up"
    prizes = {prize.place: prize for prize in contest.prizes.all()}
    found = []
    for one in ranked(values.items(), highest_first=up):
        enough = contest.minimum is None or (
            one.value >= contest.minimum if up else one.value <= contest.minimum
        )
        if one.place in prizes and enough:
            found.append((int(str(one.key)), one.place, one.value, prizes[one.place]))
    return found


def _award(
    contest: Contest,
    person_id: int,
    place: int,
    value: Decimal,
    prize: ContestPrize,
    *,
    by: User,
    at: dt.datetime,
) -> ContestAward:
    adjustment = None
    if prize.amount:
        reason = _("Contest “%(name)s”, place %(place)s") % {"name": contest.name, "place": place}
        adjustment = request_adjustment(person_id=person_id, amount=prize.amount, reason=reason, by=by, at=at)
    award = ContestAward.objects.create(
        contest=contest,
        person_id=person_id,
        place=place,
        value=value,
        prize=prize.name,
        adjustment=adjustment,
    )
    title = format_lazy("{text} {name}", text=gettext_lazy("You won a prize in"), name=contest.name)
    url = reverse("incentives:contest", args=[contest.pk])
    telling.tell_people([person_id], telling.CONTEST_WON, title, prize.name, url, f"contest:{award.pk}")
    return award


@requires_transaction
def list_me(*, listed: bool, by: User, at: dt.datetime) -> bool:
    """Appear on leaderboards or stay off them; return whether one appears. Raises ContestRefused."""
    person_id = person_id_of(by)
    if person_id is None:
        raise ContestRefused(_("You are on no leaderboard."))
    lock_rows(Person.objects.filter(pk=person_id))
    if listed:
        Unlisted.objects.filter(person=person_id).delete()
    else:
        Unlisted.objects.get_or_create(person_id=person_id, defaults={"since": at})
    return listed
