"""What happens by itself every day: reviews fall due, people are reminded, deviations are seen.

``watch`` runs once for each day, also for the days of an outage, and only writes
down who is to hear of what. ``send_digests`` runs for the present day alone, so
that nobody gets more than one message after an outage.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable

from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.calendars import selectors as calendars
from apps.core.db import lock_rows, requires_transaction
from apps.core.names import in_words
from apps.notifications.models import Notification
from apps.notifications.services import notify
from apps.org import selectors as org
from apps.org.models import Person
from apps.strategy import rules
from apps.strategy.enums import ReviewState, Stage, StrategyState
from apps.strategy.models import (
    Decision,
    Deviation,
    Participant,
    Reminder,
    ReviewCadence,
    Strategy,
    StrategyReview,
)
from apps.strategy.selectors.standing import objectives_of, standings
from apps.strategy.services.scheduling import PACK_FIELDS, freeze, schedule
from apps.ui import formatting

logger = logging.getLogger(__name__)

KIND = "strategy_due"
_DAY = dt.timedelta(days=1)
_CHAIN = 2


@requires_transaction
def watch(*, on: dt.date, at: dt.datetime) -> None:
    """Bring reviews, reminders and deviations to the state of a day; a second run changes nothing."""
    active = lock_rows(Strategy.objects.active())
    cadences = {one.strategy_id: one for one in ReviewCadence.objects.filter(strategy__in=active)}
    for strategy in active:
        if cadence := cadences.get(strategy.pk):
            schedule(strategy=strategy, cadence=cadence, on=on)
    _fall_due(on, at)
    _remind(on)
    _remind_of_decisions(on)
    _see_deviations([one for one in active if on in one.valid], on)


def _fall_due(on: dt.date, at: dt.datetime) -> None:
    """Freeze the figures of reviews whose day has come; call those overdue whose day is over."""
    near = StrategyReview.objects.waiting().filter(due_on__lte=on)
    for review in lock_rows(near):
        state = ReviewState.OVERDUE if review.due_on < on else ReviewState.DUE
        if review.state == state and review.frozen_at is not None:
            continue
        freeze(review, as_of=review.due_on - _DAY, at=at)
        review.state = state
        review.version += 1
        review.save(update_fields=["state", "version", *PACK_FIELDS])


def _remind(on: dt.date) -> None:
    reviews = StrategyReview.objects.waiting().filter(due_on__lte=on + dt.timedelta(days=7))
    near = list(reviews.select_related("strategy").order_by("due_on", "pk"))
    joined: dict[int, list[int]] = defaultdict(list)
    rows = Participant.objects.filter(strategy__in=[one.strategy_id for one in near])
    for strategy_id, person_id in rows.order_by("pk").values_list("strategy_id", "person_id"):
        joined[strategy_id].append(person_id)
    wanted = []
    for review in near:
        stage = rules.stage(review.due_on, on)
        if stage is None:
            continue
        owner = review.strategy.owner_id
        told = rules.recipients(
            stage, owner=owner, participants=joined[review.strategy_id], chain=_chain(owner, on)
        )
        wanted += [
            Reminder(review=review, person_id=person, stage=stage, is_escalation=up, raised_on=on)
            for person, up in told.items()
        ]
    Reminder.objects.bulk_create(wanted, ignore_conflicts=True)


def _remind_of_decisions(on: dt.date) -> None:
    """Remind of decisions that fall due or are late, whatever review they come from."""
    due = Decision.objects.open().filter(due_on__lte=on + _DAY, strategy__state=StrategyState.ACTIVE)
    wanted = []
    chains: dict[int, list[int]] = {}
    for decision in due.select_related("strategy").order_by("due_on", "pk"):
        stage = rules.stage(decision.due_on, on)
        if stage is None:
            continue
        owner = decision.owner_id
        if stage == Stage.VERY_LATE and owner not in chains:
            chains[owner] = _chain(owner, on)
        told = rules.decision_recipients(
            stage, owner=owner, steward=decision.strategy.owner_id, chain=chains.get(owner, [])
        )
        wanted += [
            Reminder(decision=decision, person_id=person, stage=stage, is_escalation=up, raised_on=on)
            for person, up in told.items()
        ]
    Reminder.objects.bulk_create(wanted, ignore_conflicts=True)


def _chain(person_id: int, on: dt.date) -> list[int]:
    """Return the managers above a person on a day, nearest first."""
    found: list[int] = []
    above = org.manager_of(person_id, on)
    while above is not None and above not in found and above != person_id and len(found) < _CHAIN:
        found.append(above)
        above = org.manager_of(above, on)
    return found


def _see_deviations(active: Iterable[Strategy], on: dt.date) -> None:
    """Note the objectives that are behind, once per fiscal month."""
    thresholds = {one.pk: one.watch_below for one in active}
    if not thresholds:
        return
    try:
        month = calendars.period_of(on, "month")
    except calendars.MissingPeriod:
        return
    found = standings(objectives_of(thresholds), on - _DAY)
    rows = []
    for pk, one in found.items():
        if one.aim is None or not one.aim.period.starts_on < on <= one.aim.period.ends_before:
            continue
        pace = one.pace
        if pace is not None and rules.deviates(
            pace, one.attainment.elapsed, thresholds[one.objective.strategy_id]
        ):
            exact = rules.four_decimals(pace)
            rows.append(Deviation(objective_id=pk, month=month, pace=exact, seen_on=on))
    Deviation.objects.bulk_create(rows, ignore_conflicts=True)


@requires_transaction
def send_digests(*, on: dt.date, at: dt.datetime) -> list[Notification]:
    """Tell every person in one message what they have not heard yet; return the messages.

    What has been settled in the meantime is not mentioned any more.
    """
    reminders = _untold_reminders()
    deviations = _untold_deviations()
    notices: dict[int, _Digest] = defaultdict(_Digest)
    for reminder in reminders:
        if _still_open(reminder):
            notices[reminder.person_id].add(reminder)
    for deviation in deviations:
        running = deviation.objective.strategy.state == StrategyState.ACTIVE
        if running and deviation.objective.owner_id is not None:
            notices[deviation.objective.owner_id].deviations.append(deviation)
    users = dict(Person.objects.filter(pk__in=list(notices), user__isnull=False).values_list("pk", "user_id"))
    sent = []
    for person_id, user_id in sorted(users.items()):
        digest = notices[person_id]
        sent += notify(
            [user_id],
            KIND,
            _lazy_title(digest, on),
            _lazy_body(digest, on),
            digest.url,
            dedupe_key=f"strategy.digest:{on.isoformat()}",
        )
    Reminder.objects.filter(pk__in=[one.pk for one in reminders]).update(told_at=at)
    Deviation.objects.filter(pk__in=[one.pk for one in deviations]).update(told_at=at)
    logger.info("strategy digests sent", extra={"count": len(sent)})
    return sent


def _still_open(reminder: Reminder) -> bool:
    if reminder.review is not None:
        return reminder.review.state not in {ReviewState.HELD, ReviewState.DROPPED}
    decision = reminder.decision
    assert decision is not None  # noqa: S101  # the database holds that it is one or the other
    return decision.done_on is None and decision.strategy.state == StrategyState.ACTIVE


def _untold_reminders() -> list[Reminder]:
    rows = lock_rows(Reminder.objects.filter(told_at__isnull=True))
    found = Reminder.objects.filter(pk__in=[one.pk for one in rows])
    about = ("review__strategy__owner", "decision__strategy", "decision__owner")
    return list(found.select_related(*about).order_by("review__due_on", "decision__due_on", "pk"))


def _untold_deviations() -> list[Deviation]:
    rows = lock_rows(Deviation.objects.filter(told_at__isnull=True))
    found = Deviation.objects.filter(pk__in=[one.pk for one in rows])
    return list(found.select_related("objective__strategy").order_by("pk"))


class _Digest:
    """What one person hears in one message: each review once, whatever stages it passed meanwhile."""

    def __init__(self) -> None:
        self.reviews: dict[int, Reminder] = {}
        self.decisions: dict[int, Reminder] = {}
        self.deviations: list[Deviation] = []

    def add(self, reminder: Reminder) -> None:
        """Keep the latest reminder of a review or decision; an escalation stays one."""
        kept = self.decisions if reminder.review_id is None else self.reviews
        key = reminder.decision_id if reminder.review_id is None else reminder.review_id
        known = kept.get(key or 0)
        if known is None or not known.is_escalation or reminder.is_escalation:
            kept[key or 0] = reminder

    @property
    def url(self) -> str:
        """The one thing it is about, or the list of everything due."""
        if len(self.reviews) + len(self.decisions) + len(self.deviations) > 1:
            return reverse("strategy:mine")
        if self.reviews:
            return reverse("strategy:review", args=[next(iter(self.reviews))])
        if self.deviations:
            return reverse("strategy:strategy", args=[self.deviations[0].objective.strategy_id])
        [reminder] = self.decisions.values()
        if reminder.decision is not None and reminder.is_escalation:
            return reverse("strategy:strategy", args=[reminder.decision.strategy_id])
        return reverse("strategy:mine")

    def lines(self, on: dt.date) -> list[str]:
        """Return one sentence for each thing, in the language in force."""
        return [
            *(_review_line(one, on) for one in self.reviews.values()),
            *(_decision_line(one, on) for one in self.decisions.values()),
            *(_deviation_line(one) for one in self.deviations),
        ]


def _review_line(reminder: Reminder, on: dt.date) -> str:
    review = reminder.review
    if review is None:
        return ""
    names = {
        "title": in_words(review.strategy.title),
        "day": formatting.day(review.due_on),
        "owner": review.strategy.owner.name,
        "days": abs((review.due_on - on).days),
    }
    if reminder.is_escalation:
        text = _("%(owner)s has not held the review of “%(title)s”, due on %(day)s, %(days)s days ago.")
    elif review.due_on < on:
        text = _("The review of “%(title)s” was due on %(day)s and has not been held.")
    elif review.due_on == on:
        text = _("The review of “%(title)s” is due today.")
    else:
        text = _("The review of “%(title)s” takes place on %(day)s.")
    return text % names


def _decision_line(reminder: Reminder, on: dt.date) -> str:
    decision = reminder.decision
    if decision is None:
        return ""
    names = {
        "decision": in_words(decision.text),
        "title": in_words(decision.strategy.title),
        "day": formatting.day(decision.due_on),
        "owner": decision.owner.name,
        "days": abs((decision.due_on - on).days),
    }
    if reminder.is_escalation:
        text = _(
            "%(owner)s has not carried out “%(decision)s” (%(title)s), due on %(day)s, %(days)s days ago."
        )
    elif decision.due_on < on:
        text = _("“%(decision)s” (%(title)s) was due on %(day)s and is not done.")
    elif decision.due_on == on:
        text = _("“%(decision)s” (%(title)s) is due today.")
    else:
        text = _("“%(decision)s” (%(title)s) is due on %(day)s.")
    return text % names


def _deviation_line(deviation: Deviation) -> str:
    return _("“%(objective)s” is behind: %(pace)s of the pace it needs (%(title)s).") % {
        "objective": in_words(deviation.objective.title),
        "pace": formatting.percent(deviation.pace, 0),
        "title": in_words(deviation.objective.strategy.title),
    }


def _title(digest: _Digest, on: dt.date) -> str:
    lines = digest.lines(on)
    if len(lines) == 1:
        return lines[0]
    text = ngettext("%(count)s strategy matter needs you", "%(count)s strategy matters need you", len(lines))
    return text % {"count": len(lines)}


def _body(digest: _Digest, on: dt.date) -> str:
    lines = digest.lines(on)
    return "\n".join(lines) if len(lines) > 1 else ""


_lazy_title = lazy(_title, str)
_lazy_body = lazy(_body, str)
