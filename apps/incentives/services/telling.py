"""Notices about pay: questions, confirmations, reviews. They name no amounts: mail is read over shoulders."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission
from apps.core.names import lazy_words
from apps.incentives.enums import DisputeState, DisputeStep, FactKind
from apps.incentives.models import (
    Adjustment,
    Dispute,
    DisputeEntry,
    Hold,
    PayFact,
    PayRun,
    PlanVersion,
    RunStep,
    VersionStep,
)
from apps.incentives.selectors.desk import holders
from apps.incentives.services.separation import is_about
from apps.notifications import services as notifications
from apps.notifications.registry import register_kind
from apps.org.models import Person
from apps.ui import formatting

DISPUTE_TO_ANSWER, MY_DISPUTE = "dispute_to_answer", "my_dispute"
CONFIRM_PLAN, PAY_REVIEW, CONTEST_WON = "confirm_plan", "pay_review", "contest_won"
SENT_BACK = "pay_sent_back"
_day = lazy(formatting.day, str)  # a notice is written in the language of whoever reads it


def register_kinds() -> None:
    """Register the kinds of notices about pay."""
    register_kind(DISPUTE_TO_ANSWER, _("A question about pay waits for me"))
    register_kind(MY_DISPUTE, _("News about a question I asked about my pay"))
    register_kind(CONFIRM_PLAN, _("My incentive plan waits for my confirmation"))
    register_kind(PAY_REVIEW, _("Pay is held for review"))
    register_kind(CONTEST_WON, _("I won a prize in a contest"))
    register_kind(SENT_BACK, _("Something I handed in about pay was sent back or refused"))


def _url(dispute: Dispute) -> str:
    return reverse("incentives:dispute", args=[dispute.pk])


def _named(text: object, dispute: Dispute) -> object:
    return format_lazy("{text} {name}", text=text, name=dispute.person.name)


def dispute_asked(dispute: Dispute, again: dt.datetime | None = None) -> None:
    """Tell compensation that somebody questions a line."""
    key = f"dispute_asked:{dispute.pk}:{int(again.timestamp()) if again else 0}"
    title = _named(_("A question about pay from"), dispute)
    body = format_lazy("{text} {day}", text=_("Answer it by"), day=_day(dispute.due_on))
    _compensation(dispute, title, body, key)


def _compensation(dispute: Dispute, title: object, body: object, key: str) -> None:
    users = [dispute.assigned_to_id] if dispute.assigned_to_id else []
    if not users:
        users = [
            user.pk for user in holders(Permission.DISPUTE_DECIDE) if not is_about(user, dispute.person_id)
        ]
    notifications.notify(users, DISPUTE_TO_ANSWER, title, body, _url(dispute), dedupe_key=key)


def _payee(dispute: Dispute, title: object, body: object, key: str) -> None:
    user_id = Person.objects.values_list("user_id", flat=True).get(pk=dispute.person_id)
    if user_id is not None:
        notifications.notify([user_id], MY_DISPUTE, title, body, _url(dispute), dedupe_key=key)


def dispute_written(dispute: Dispute, entry: DisputeEntry) -> None:
    """Tell the other side that somebody wrote."""
    key = f"dispute_entry:{entry.pk}"
    by_payee = entry.by is not None and is_about(entry.by, dispute.person_id)
    if by_payee:
        _compensation(dispute, _named(_("News in the question about pay from"), dispute), "", key)
        return
    answered = entry.step == DisputeStep.ANSWER
    title = _("Your question about your pay is answered") if answered else _("News about your question")
    _payee(dispute, title, _("Read it and write again, or take your question back."), key)


def dispute_decided(dispute: Dispute) -> None:
    """Tell the payee how it ended."""
    accepted = dispute.state == DisputeState.ACCEPTED
    title = _("Your question about your pay was accepted") if accepted else _("Your line of pay stands")
    body = (
        _("A second person confirms the correction; the next open pay run pays it.")
        if accepted
        else _("Read why. You may ask again if something new comes up.")
    )
    moment = int(dispute.closed_at.timestamp()) if dispute.closed_at else 0
    _payee(dispute, title, body, f"dispute_decided:{dispute.pk}:{moment}")


def dispute_paid(dispute: Dispute) -> None:
    """Tell the payee that the correction is in a locked run."""
    title = _("The correction of your pay is in your new statement")
    _payee(dispute, title, "", f"dispute_paid:{dispute.pk}:{dispute.adjustment_id}")


def dispute_due(dispute: Dispute) -> None:
    """Remind compensation of a question that is due soon."""
    title = _named(_("Due within a working day: question about pay from"), dispute)
    _compensation(dispute, title, "", f"dispute_due:{dispute.pk}:{dispute.due_on}")


def dispute_overdue(dispute: Dispute) -> None:
    """Tell compensation and those who approve pay that a question is overdue."""
    users = {user.pk for user in holders(Permission.RUN_APPROVE) if not is_about(user, dispute.person_id)}
    users |= {dispute.assigned_to_id} if dispute.assigned_to_id else set()
    title = _named(_("Overdue: question about pay from"), dispute)
    body = format_lazy("{text} {day}", text=_("It was due on"), day=_day(dispute.due_on))
    key = f"dispute_overdue:{dispute.pk}:{dispute.due_on}"
    notifications.notify(users, DISPUTE_TO_ANSWER, title, body, _url(dispute), dedupe_key=key)


def windfalls_held(run: PayRun, holds: Sequence[Hold]) -> None:
    """Tell those who approve pay that deals wait for their review."""
    users = [user.pk for user in holders(Permission.RUN_APPROVE)]
    title = format_lazy("{text} {period}", text=_("Deals held for review in"), period=run.period.code)
    body = _("Look at them and release what is right; nothing is ever cut afterwards.")
    key = f"windfalls:{run.pk}:{run.generation}:{holds[0].pk}"
    notifications.notify(users, PAY_REVIEW, title, body, reverse("incentives:holds"), dedupe_key=key)


def plan_sent_back(version: PlanVersion, step: VersionStep) -> None:
    """Tell whoever wrote or submitted a plan that it was sent back, and why."""
    users = _others(step, version.created_by_id, version.submitted_by_id)
    title = format_lazy("{text} {plan}", text=_("Sent back:"), plan=lazy_words(version.plan.name))
    url = f"{reverse('incentives:plan', args=[version.plan_id])}?version={version.number}"
    notifications.notify(users, SENT_BACK, title, step.note, url, dedupe_key=f"plan_back:{step.pk}")


def _others(step: VersionStep | RunStep, *authors: int | None) -> set[int]:
    return {one for one in authors if one is not None and one != step.by_id}


_READ_WHY = _("Read why on its page.")


def run_sent_back(run: PayRun, step: RunStep) -> None:
    """Tell whoever calculated or reviewed a pay run that it was sent back."""
    title = format_lazy("{text} {period}", text=_("Sent back: pay run"), period=run.period.code)
    users = _others(step, run.calculated_by_id, run.reviewed_by_id)
    url = reverse("incentives:run", args=[run.pk])
    notifications.notify(users, SENT_BACK, title, _READ_WHY, url, dedupe_key=f"run_back:{step.pk}")


def adjustment_refused(row: Adjustment) -> None:
    """Tell whoever asked for an adjustment that it was refused."""
    title = format_lazy("{text} {name}", text=_("Refused: the adjustment for"), name=row.person.name)
    url = reverse("incentives:adjustments")
    key = f"adjustment_refused:{row.pk}"
    notifications.notify([row.requested_by_id], SENT_BACK, title, _READ_WHY, url, dedupe_key=key)


def fact_refused(row: PayFact) -> None:
    """Tell whoever recorded a fact of pay that it was refused."""
    what = lazy_words(row.name) if row.name else FactKind(row.kind).label
    title = format_lazy("{text} {what}", text=_("Refused: what you recorded for"), what=what)
    key, url = f"fact_refused:{row.pk}", reverse("incentives:facts")
    notifications.notify([row.told_by_id], SENT_BACK, title, _READ_WHY, url, dedupe_key=key)


def tell_people(
    person_ids: Iterable[int], kind: str, title: object, body: object, url: str, key: str
) -> None:
    """Tell people something, those with a sign-in."""
    people = Person.objects.filter(pk__in=list(person_ids), user__isnull=False).order_by("pk")
    users = list(people.values_list("user_id", flat=True))
    if users:
        notifications.notify(users, kind, title, body, url, dedupe_key=key)  # type: ignore[arg-type]  # not null
