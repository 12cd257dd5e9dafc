"""The steps of a pay run after its calculation; each is taken by exactly one person."""

import datetime as dt
import logging
from collections.abc import Collection

from django.conf import settings
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.calendars.models import FiscalPeriod
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.incentives.enums import RunState
from apps.incentives.models import IncentivePlan, PayRun, PlanVersion, RunPlan, RunStep, Statement
from apps.incentives.rules.states import UNLOCKED, allowed
from apps.incentives.selectors import outdated
from apps.incentives.services import telling
from apps.incentives.services.reopening import note_paid
from apps.incentives.services.separation import are_one, people_behind
from apps.incentives.services.settling import settle_reversal

logger = logging.getLogger(__name__)


class RunRefused(DomainError):
    """The run cannot take this step now."""


class WrongState(RunRefused):
    """Somebody else moved the run, or the step does not follow from where it stands."""


class SamePerson(RunRefused):
    """Calculation and approval need two different people."""


class OwnPay(RunRefused):
    """Nobody approves a run that pays them."""


class InputsChanged(RunRefused):
    """Inputs have changed since the calculation, and whoever approves has not said that they know."""


class HasExceptions(RunRefused):
    """Some payees could not be calculated."""


class RunExists(RunRefused):
    """The plan has a run for this period."""


class EarlierRunOpen(RunRefused):
    """An earlier run of the same plan is not locked."""


class NothingToRun(RunRefused):
    """No approved plan fits the period."""


class PeriodClosed(RunRefused):
    """The period takes no more bookings."""


@requires_transaction
def create_run(
    *, period: FiscalPeriod, plan_ids: Collection[int] | None = None, by: User, at: dt.datetime
) -> PayRun:
    """Create a draft run of some plans, by default of every plan that pays for such a period.

    Raises NothingToRun, RunExists, EarlierRunOpen, PeriodClosed.
    """
    advisory_lock("incentives.create_run")
    if period.closed_at is not None:
        raise PeriodClosed(_("%(period)s is closed. Reopen it before paying it.") % {"period": period.code})
    plans = IncentivePlan.objects.filter(frequency=period.kind)
    if plan_ids is not None:
        plans = plans.filter(pk__in=plan_ids)
    last = period.ends_before - dt.timedelta(days=1)
    in_force = PlanVersion.objects.approved().on(last).values("plan_id")
    taken = RunPlan.objects.filter(period=period, is_void=False).values("plan_id")
    chosen = list(plans.filter(pk__in=in_force).exclude(pk__in=taken).order_by("code"))
    if not chosen:
        _explain_nothing(period, plans.filter(pk__in=in_force).exists())
    _refuse_out_of_order(period, chosen)
    run = PayRun.objects.create(
        period=period, currency=settings.COMPANY_CURRENCY, created_by=by, created_at=at
    )
    RunPlan.objects.bulk_create([RunPlan(run=run, plan=plan, period=period) for plan in chosen])
    RunStep.objects.create(run=run, state=RunState.DRAFT, by=by, at=at)
    return run


def _explain_nothing(period: FiscalPeriod, are_taken: bool) -> None:
    if are_taken:
        raise RunExists(_("%(period)s has a pay run for these plans already.") % {"period": period.code})
    text = _("No approved plan pays for %(period)s. Approve a plan first.")
    raise NothingToRun(text % {"period": period.code})


def _refuse_out_of_order(period: FiscalPeriod, plans: Collection[IncentivePlan]) -> None:
    others = PayRun.objects.filter(plans__in=plans, is_void=False)
    reversal = PayRun.objects.filter(reverses__plans__in=plans).open().select_related("reverses__period")
    if found := reversal.order_by("pk").first():
        text = _("The pay run for %(period)s is being reversed. Lock or drop the reversal first.")
        raise EarlierRunOpen(text % {"period": found.reverses.period.code if found.reverses else ""})
    earlier = others.open().filter(period__starts_on__lt=period.starts_on)
    first = earlier.select_related("period").order_by("period__starts_on", "pk").first()
    if first is not None:
        text = _("Lock the pay run for %(period)s first: what it pays counts in this one.")
        raise EarlierRunOpen(text % {"period": first.period.code})
    if others.filter(period__starts_on__gt=period.starts_on).exists():
        text = _("A later pay run exists. Late changes to %(period)s are paid in the next run.")
        raise EarlierRunOpen(text % {"period": period.code})


def move(run: PayRun, state: RunState, by: User, at: dt.datetime, note: str = "") -> RunStep:
    """Take a locked run row to its next state and note who did. Raises WrongState."""
    if not allowed(RunState(run.state), state):
        raise WrongState(
            _("The pay run is “%(now)s”; it cannot become “%(next)s”.")
            % {"now": RunState(run.state).label, "next": state.label}
        )
    run.state = state
    logger.info("pay run moved", extra={"run_id": run.pk, "state": str(state), "by": by.pk})
    return RunStep.objects.create(run=run, state=state, by=by, at=at, note=note)


def locked_run(run_id: int) -> PayRun:
    """Lock a run row until the end of the transaction and return it."""
    [run] = lock_rows(PayRun.objects.filter(pk=run_id))
    return run


@requires_transaction
def review_run(*, run_id: int, by: User, at: dt.datetime) -> PayRun:
    """Confirm that the figures were looked at. Raises WrongState, HasExceptions."""
    run = locked_run(run_id)
    move(run, RunState.REVIEWED, by, at)
    if run.exceptions:
        raise HasExceptions(
            _("%(count)s payees could not be calculated. Resolve them and calculate again.")
            % {"count": run.exceptions}
        )
    run.reviewed_by, run.reviewed_at = by, at
    run.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    return run


@requires_transaction
def approve_run(*, run_id: int, by: User, at: dt.datetime, seen: str = "") -> PayRun:
    """Approve a reviewed run; where its inputs have changed, with the fingerprint of what was ``seen``.

    Raises WrongState, SamePerson, OwnPay, InputsChanged.
    """
    run = locked_run(run_id)
    changed = outdated.changes_since(run) if run.state == RunState.REVIEWED else []
    note = _("Approved although these inputs had changed: %(changes)s")
    told = note % {"changes": outdated.in_words(changed)} if outdated.fingerprint(changed) else ""
    move(run, RunState.APPROVED, by, at, note=told[:300])
    if are_one(by, run.calculated_by):
        raise SamePerson(_("You calculated this pay run. Somebody else must approve it."))
    if Statement.objects.filter(run=run, person__in=people_behind(by)).exists():
        raise OwnPay(_("This pay run pays you. Somebody else must approve it."))
    if outdated.fingerprint(changed) not in {"", seen}:
        text = _("Inputs have changed since it was calculated: %(changes)s. Look at them on its page.")
        raise InputsChanged(text % {"changes": outdated.in_words(changed)})
    run.approved_by, run.approved_at = by, at
    run.save(update_fields=["state", "approved_by", "approved_at"])
    return run


@requires_transaction
def send_back(*, run_id: int, reason: str, by: User, at: dt.datetime) -> PayRun:
    """Send a reviewed or approved run back to be calculated again. Raises WrongState, RunRefused."""
    if not reason.strip():
        raise RunRefused(_("Say why the pay run goes back."), fields={"reason": _("Give a reason.")})
    run = locked_run(run_id)
    if run.state not in {RunState.REVIEWED, RunState.APPROVED}:
        raise WrongState(_("Only a reviewed or approved pay run can be sent back."))
    step = move(run, RunState.CALCULATED, by, at, note=reason.strip()[:300])
    telling.run_sent_back(run, step)
    run.reviewed_by = run.reviewed_at = run.approved_by = run.approved_at = None
    run.save(update_fields=["state", "reviewed_by", "reviewed_at", "approved_by", "approved_at"])
    return run


@requires_transaction
def take_back(*, run_id: int, by: User, at: dt.datetime) -> PayRun:
    """Take a run whose inputs have changed back to be calculated again, with all its steps to come.

    Raises WrongState when it is not calculated, or nothing has changed.
    """
    run = locked_run(run_id)
    if run.state not in UNLOCKED:
        raise WrongState(_("Only a calculated pay run that is not locked can be calculated again."))
    changed = outdated.changes_since(run)
    if not changed:
        raise WrongState(_("Nothing has changed since this pay run was calculated."))
    if run.state != RunState.CALCULATED:
        note = _("Inputs had changed: %(changes)s") % {"changes": outdated.in_words(changed)}
        step = move(run, RunState.CALCULATED, by, at, note=note[:300])
        telling.run_sent_back(run, step)
        run.reviewed_by = run.reviewed_at = run.approved_by = run.approved_at = None
        run.save(update_fields=["state", "reviewed_by", "reviewed_at", "approved_by", "approved_at"])
    return run


@requires_transaction
def lock_run(*, run_id: int, by: User, at: dt.datetime) -> PayRun:
    """Make the lines of an approved run stand for good. Raises WrongState."""
    run = locked_run(run_id)
    move(run, RunState.LOCKED, by, at)
    run.locked_by, run.locked_at = by, at
    run.save(update_fields=["state", "locked_by", "locked_at"])
    note_paid(run=run, by=by, at=at)
    if run.reverses_id is not None:
        settle_reversal(reversal=run, by=by, at=at)
    return run


@requires_transaction
def mark_paid(*, run_id: int, by: User, at: dt.datetime) -> PayRun:
    """Note that payroll has paid a locked run whose file was exported. Raises WrongState, RunRefused."""
    run = locked_run(run_id)
    if run.state == RunState.LOCKED and not run.exports.exists():
        raise RunRefused(_("Export the payroll file before marking the pay run as paid."))
    move(run, RunState.PAID, by, at)
    run.paid_by, run.paid_at = by, at
    run.save(update_fields=["state", "paid_by", "paid_at"])
    return run
