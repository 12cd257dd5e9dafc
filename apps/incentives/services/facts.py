"""Telling what pay depends on and no measure knows; a second person confirms it before it counts."""

import datetime as dt
import logging
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.calendars.models import FiscalPeriod
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.incentives.enums import FactKind, FactStatus, PayFrequency
from apps.incentives.models import IncentivePlan, PayFact, PayRun, PlanAssignment
from apps.incentives.models.facts import KEY, MOST
from apps.incentives.selectors import facts as selectors
from apps.incentives.selectors.holds import label_of
from apps.incentives.services import telling
from apps.incentives.services.separation import are_one, is_about, people_behind
from apps.measures.models import Credit

logger = logging.getLogger(__name__)
LOCK = "incentives.facts"
MOST_OF_A_GRADE = Decimal(10)


class FactRefused(DomainError):
    """The fact cannot be told or decided."""


class FactDecided(FactRefused):
    """Somebody else decided it, or another one waits."""


class OwnFact(FactRefused):
    """Nobody tells or confirms what pays them, or confirms what they told."""


class PeriodPaid(FactRefused):
    """A locked run has paid the period, or the period is closed."""


@requires_transaction
def tell_grade(
    *,
    plan_id: int,
    objective: str,
    person_id: int,
    period_id: int,
    value: Decimal | None,
    note: str = "",
    by: User,
    at: dt.datetime,
) -> PayFact:
    """Grade an objective of somebody for a pay period; no value takes the grade back. Raises FactRefused."""
    if is_about(by, person_id):
        raise OwnFact(_("Nobody grades their own objectives."))
    _known_word(FactKind.GRADE, plan_id, objective, "objective")
    _bounded(value, MOST_OF_A_GRADE)
    return _tell(
        FactKind.GRADE, by, at, plan_id=plan_id, name=objective, person_id=person_id,
        period_id=_payable(plan_id, period_id).pk, value=value, note=note,
    )  # fmt: skip


@requires_transaction
def tell_weight(
    *,
    plan_id: int,
    pool: str,
    person_id: int,
    period_id: int,
    value: Decimal | None,
    note: str = "",
    by: User,
    at: dt.datetime,
) -> PayFact:
    """State the weight of somebody in a pool for a pay period; no value takes it back. Raises FactRefused."""
    if is_about(by, person_id):
        raise OwnFact(_("Nobody states their own share of a pool."))
    _known_word(FactKind.WEIGHT, plan_id, pool, "pool")
    _bounded(value, MOST)
    return _tell(
        FactKind.WEIGHT, by, at, plan_id=plan_id, name=pool, person_id=person_id,
        period_id=_payable(plan_id, period_id).pk, value=value, note=note,
    )  # fmt: skip


@requires_transaction
def tell_deal_day(
    *,
    kind: str,
    source_type: str,
    source_id: int,
    on: dt.date | None,
    milestone: str = "",
    note: str = "",
    by: User,
    at: dt.datetime,
) -> PayFact:
    """Tell when a deal reached a milestone, was first sold or ended; no day takes it back.

    Raises FactRefused.
    """
    if kind not in {FactKind.MILESTONE, FactKind.SOLD, FactKind.ENDED}:
        raise FactRefused(
            _("Choose what happened to the deal."), fields={"kind": _("Choose one of the list.")}
        )
    if kind == FactKind.MILESTONE and milestone not in {one.name for one in selectors.words(kind)}:
        fields = {"milestone": _("Choose a milestone that an approved plan names.")}
        raise FactRefused(_("No approved plan names this milestone."), fields=fields)
    _of_the_past(on, at)
    credits = Credit.objects.filter(source_type=source_type, source_id=source_id)
    if not credits.exists():
        fields = {"deal": _("Choose a deal that is credited.")}
        raise FactRefused(_("Nothing is credited for this deal."), fields=fields)
    _refuse_own_deal(source_type, source_id, by)
    return _tell(
        FactKind(kind), by, at, name=milestone if kind == FactKind.MILESTONE else "",
        source_type=source_type, source_id=source_id, on=on, note=note,
        label=label_of(source_type, source_id, by),
    )  # fmt: skip


@requires_transaction
def tell_event(
    *,
    plan_id: int,
    event: str,
    on: dt.date | None,
    person_id: int | None = None,
    note: str = "",
    by: User,
    at: dt.datetime,
) -> PayFact:
    """Tell when an event happened that releases what a plan holds back; no day takes it back.

    Without a person it counts for everybody under the plan. Raises FactRefused.
    """
    _known_word(FactKind.EVENT, plan_id, event, "event")
    _of_the_past(on, at)
    _refuse_own_plan(plan_id, person_id, by, at)
    return _tell(
        FactKind.EVENT, by, at, plan_id=plan_id, name=event, person_id=person_id, on=on, note=note
    )  # fmt: skip


@requires_transaction
def confirm_fact(*, fact_id: int, by: User, at: dt.datetime) -> PayFact:
    """Confirm what somebody else told; it counts in every run calculated from now on.

    It takes the place of what was told before. Raises FactDecided, OwnFact, PeriodPaid.
    """
    advisory_lock(LOCK)
    row = _undecided(fact_id, by)
    if row.plan_id is not None and row.period_id is not None:
        _payable(row.plan_id, row.period_id)
    at = _after_every_decision(at)
    for earlier in lock_rows(PayFact.objects.in_force().filter(**_key_of(row))):
        _refuse_released(earlier)
        earlier.status, earlier.replaced_at = FactStatus.REPLACED, at
        earlier.save(update_fields=["status", "replaced_at"])
    row.status, row.decided_by, row.decided_at = FactStatus.CONFIRMED, by, at
    row.save(update_fields=["status", "decided_by", "decided_at"])
    logger.info("fact of pay confirmed", extra={"fact_id": row.pk, "by": by.pk})
    return row


@requires_transaction
def refuse_fact(*, fact_id: int, by: User, at: dt.datetime, reason: str = "") -> PayFact:
    """Refuse with a reason what somebody told, or take back what one told oneself.

    Raises FactDecided, OwnFact, FactRefused without a reason.
    """
    [row] = lock_rows(PayFact.objects.filter(pk=fact_id).select_related("told_by"))
    if row.status != FactStatus.WAITING:
        raise FactDecided(_("This was decided already."))
    if are_one(by, row.told_by):
        row.delete()
        return row
    row = _undecided(fact_id, by)
    if not reason.strip():
        raise FactRefused(_("Say why it is refused."), fields={"reason": _("Give a reason.")})
    row.status, row.decided_by, row.decided_at = FactStatus.REFUSED, by, at
    row.refusal = reason.strip()[:500]
    row.save(update_fields=["status", "decided_by", "decided_at", "refusal"])
    telling.fact_refused(row)
    return row


def _after_every_decision(at: dt.datetime) -> dt.datetime:
    """Return a moment later than every decision so far, so that what was known at one never changes."""
    last = PayFact.objects.aggregate(last=Max("decided_at"))["last"]
    return at if last is None or at > last else last + dt.timedelta(microseconds=1)


def _tell(kind: FactKind, by: User, at: dt.datetime, **told: Any) -> PayFact:
    told["note"] = str(told["note"]).replace("\x00", "").strip()[:500]
    row = PayFact(kind=kind, told_by=by, told_at=at, **told)
    advisory_lock(LOCK)
    same = PayFact.objects.filter(**_key_of(row))
    if same.filter(status=FactStatus.WAITING).exists():
        raise FactDecided(_("The same was told already and waits. Have it confirmed or refused first."))
    now = same.in_force().first()
    if (now.value, now.on) == (row.value, row.on) if now else (row.value, row.on) == (None, None):
        raise FactRefused(_("This is what counts already."))
    row = PayFact.objects.create(kind=kind, told_by=by, told_at=at, **told)
    logger.info("fact of pay told", extra={"fact_id": row.pk, "kind": str(kind), "by": by.pk})
    return row


def _key_of(row: PayFact) -> dict[str, Any]:
    names = {"plan": "plan_id", "period": "period_id", "person": "person_id"}
    values = {name: getattr(row, names.get(name, name)) for name in KEY}
    return {
        (f"{name}__isnull" if value is None else name): (True if value is None else value)
        for name, value in values.items()
    }


def _known_word(kind: FactKind, plan_id: int, name: str, field: str) -> None:
    if not any((word.plan.pk, word.name) == (plan_id, name) for word in selectors.words(kind)):
        fields = {field: _("Choose one that an approved plan names.")}
        raise FactRefused(_("The plan does not ask for this."), fields=fields)


def _bounded(value: Decimal | None, most: Decimal) -> None:
    if value is not None and not (value.is_finite() and 0 <= value <= most and value == round(value, 6)):
        fields = {"value": _("Give a number from 0 to %(most)s with at most six decimals.") % {"most": most}}
        raise FactRefused(_("The value cannot be used."), fields=fields)


def _of_the_past(on: dt.date | None, at: dt.datetime) -> None:
    if on is not None and on > at.date() + dt.timedelta(days=1):
        fields = {"on": _("Choose a day that has come.")}
        raise FactRefused(_("This has not happened yet."), fields=fields)


def _payable(plan_id: int, period_id: int) -> FiscalPeriod:
    """Return a period of the plan that nothing has paid yet. Raises FactRefused, PeriodPaid."""
    period = FiscalPeriod.objects.get(pk=period_id)
    plan = IncentivePlan.objects.get(pk=plan_id)
    if period.kind != plan.frequency:
        fix = _("This plan pays: %(frequency)s. Choose such a period.")
        fields = {"period": fix % {"frequency": PayFrequency(plan.frequency).label}}
        raise FactRefused(_("The plan does not pay for this period."), fields=fields)
    paid = PayRun.objects.posted().filter(plans=plan_id, period=period)
    if period.closed_at is not None or paid.exists():
        fields = {"period": _("Choose a period that is open and unpaid.")}
        text = _("%(period)s is paid or closed. Ask for an adjustment of pay instead.")
        raise PeriodPaid(text % {"period": period.code}, fields=fields)
    return period


def _undecided(fact_id: int, by: User) -> PayFact:
    """Lock a fact that waits for somebody like this. Raises FactDecided, OwnFact."""
    [row] = lock_rows(PayFact.objects.filter(pk=fact_id).select_related("told_by"))
    if row.status != FactStatus.WAITING:
        raise FactDecided(_("This was decided already."))
    if are_one(by, row.told_by):
        raise OwnFact(_("You told this. Somebody else must confirm it."))
    if is_about(by, row.person_id):
        raise OwnFact(_("This concerns your own pay. Somebody else must do it."))
    if row.source_id is not None:
        _refuse_own_deal(row.source_type, row.source_id, by)
    if row.kind == FactKind.EVENT and row.plan_id is not None:
        _refuse_own_plan(row.plan_id, row.person_id, by, row.told_at)
    return row


def _refuse_own_deal(source_type: str, source_id: int, by: User) -> None:
    rows = Credit.objects.filter(source_type=source_type, source_id=source_id)
    if rows.filter(person__in=people_behind(by)).exists():
        raise OwnFact(_("This deal pays you. Somebody else must do it."))


def _refuse_own_plan(plan_id: int, person_id: int | None, by: User, at: dt.datetime) -> None:
    own = people_behind(by)
    if person_id in own:
        raise OwnFact(_("This concerns your own pay. Somebody else must do it."))
    under = PlanAssignment.objects.filter(plan=plan_id).reaching(own, at.date())
    if person_id is None and own and under.exists():
        raise OwnFact(_("This plan pays you. Somebody else must do it."))


def _refuse_released(row: PayFact) -> None:
    """Refuse to change a day by which a locked run may have paid. Raises PeriodPaid."""
    if row.on is None or row.kind not in {FactKind.MILESTONE, FactKind.EVENT}:
        return
    runs = PayRun.objects.posted().filter(period__ends_before__gt=row.on, pinned_at__gte=row.decided_at)
    if runs.exists():
        text = _("A locked pay run has paid by this day. Ask for an adjustment of pay instead.")
        raise PeriodPaid(text, fields={"on": _("Leave this day as it is.")})
