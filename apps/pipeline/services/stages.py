"""Moving deals through their process, deciding and reopening them."""

import datetime as dt
from decimal import Decimal

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.measures import services as ledger
from apps.pipeline import rules
from apps.pipeline.enums import DealState, GateField
from apps.pipeline.models import Opportunity, OutcomeReason, Stage, StageChange
from apps.pipeline.selectors.rates import in_base, rate_on
from apps.pipeline.services import credits
from apps.pipeline.services.deals import shares_of
from apps.pipeline.services.lines import line_amounts, spread_amount
from apps.pipeline.services.locking import DealOpen, locked_deal, locked_open_deal
from apps.pipeline.signals import deal_lost, deal_reopened, deal_won


class GatesNotMet(DomainError):
    """Exit criteria are missing; ``fields`` names each."""


class MoveRefused(DomainError):
    """The process does not allow this step."""


class DecisionNeeded(DomainError):
    """Winning and losing have their own services."""


class InvalidOutcome(DomainError):
    """The reason or the closing date does not fit."""


@requires_transaction
def move_stage(
    *,
    opportunity_id: int,
    to_stage_id: int,
    version: int | None,
    on: dt.date,
    by: User | None = None,
    override_reason: str = "",
) -> Opportunity:
    """Move an open deal to another open stage of its process.

    Forward moves must meet the exit criteria of every stage passed, unless an
    ``override_reason`` is recorded (the entry point decides who may give one).
    Raises GatesNotMet, MoveRefused, DecisionNeeded, StaleVersion, DealClosed.
    """
    deal = locked_open_deal(opportunity_id, version)
    current, target, steps = _steps(deal.stage_id, to_stage_id)
    if target.kind != DealState.OPEN:
        raise DecisionNeeded(_("Win or lose the deal with its own button, so that the reason is kept."))
    if current.stage_id == target.stage_id:
        return deal
    _refuse_step(deal, current, target, steps)
    if not override_reason.strip():
        _refuse_unmet(deal, current, target, steps)
    _enter(deal, target.stage_id, on=on, by=by, override_reason=override_reason)
    _save(deal, "stage", "stage_since")
    return deal


@requires_transaction
def win(
    *,
    opportunity_id: int,
    version: int | None,
    closed_on: dt.date,
    today: dt.date,
    by: User | None = None,
    reason_id: int | None = None,
    note: str = "",
    override_reason: str = "",
) -> Opportunity:
    """Close a deal as won, freeze its rate and credit everybody who has a share, all as of ``closed_on``.

    Raises GatesNotMet, InvalidOutcome, StaleVersion, DealClosed, MissingRate, ClosedPeriod.
    """
    deal = locked_open_deal(opportunity_id, version)
    current, target, steps = _end_step(deal.stage_id, DealState.WON)
    if not override_reason.strip():
        _refuse_unmet(deal, current, target, steps)
    _close(deal, target, closed_on, today, reason_id, note, by, override_reason)
    _post_won(deal)
    deal_won.send(sender=Opportunity, opportunity_id=deal.pk, closed_on=closed_on)
    return deal


@requires_transaction
def lose(
    *,
    opportunity_id: int,
    version: int | None,
    closed_on: dt.date,
    today: dt.date,
    reason_id: int | None,
    by: User | None = None,
    note: str = "",
) -> Opportunity:
    """Close a deal as lost for a reason. Reasons that do not count leave the win rate alone.

    Raises InvalidOutcome (also without a reason), StaleVersion, DealClosed, ClosedPeriod.
    """
    if reason_id is None:
        text = _("Say why the deal was lost.")
        raise InvalidOutcome(text, fields={"reason": text})
    deal = locked_open_deal(opportunity_id, version)
    _current, target, _all = _end_step(deal.stage_id, DealState.LOST)
    _close(deal, target, closed_on, today, reason_id, note, by, "")
    lines = line_amounts(list(deal.lines.order_by("pk")))
    ledger.post(credits.lost_entries(deal, lines, shares_of(deal)))
    deal_lost.send(sender=Opportunity, opportunity_id=deal.pk, closed_on=closed_on)
    return deal


@requires_transaction
def reopen(
    *, opportunity_id: int, version: int | None, on: dt.date, reason: str, by: User | None = None
) -> Opportunity:
    """Open a decided deal again in the stage it was closed from, and reverse its credit booked on ``on``.

    When it was the account's first sale, the next earliest one becomes the new customer.
    Raises DealOpen, InvalidOutcome without a reason, StaleVersion, ClosedPeriod.
    """
    deal = locked_deal(opportunity_id, version)
    if deal.is_open:
        raise DealOpen(_("“%(name)s” is open already.") % {"name": deal.name})
    if not reason.strip():
        text = _("Say why the deal is opened again.")
        raise InvalidOutcome(text, fields={"reason": text})
    was_won = deal.state == DealState.WON
    credits.reverse(deal, booked_on=on, reason=reason.strip()[:200])
    _enter(deal, _stage_before(deal).pk, on=on, by=by, note=reason)
    deal.state, deal.closed_on, deal.reason, deal.reason_note = DealState.OPEN, None, None, ""
    _save(deal, "stage", "stage_since", "state", "closed_on", "reason", "reason_note")
    if was_won:
        _hand_on_first_sale(deal, on)
    deal_reopened.send(sender=Opportunity, opportunity_id=deal.pk, reopened_on=on)
    return deal


@requires_transaction
def correct_won(
    *,
    opportunity_id: int,
    version: int | None,
    booked_on: dt.date,
    reason: str,
    amount: Decimal | None = None,
) -> Opportunity:
    """Correct what a won deal was worth: reverse its credit and post it anew, both booked on ``booked_on``.

    Raises DealOpen, InvalidAmount, InvalidOutcome without a reason, StaleVersion, ClosedPeriod.
    """
    deal = locked_deal(opportunity_id, version)
    if deal.state != DealState.WON:
        raise DealOpen(_("“%(name)s” has not been won.") % {"name": deal.name})
    if not reason.strip():
        text = _("Say why the deal is corrected.")
        raise InvalidOutcome(text, fields={"reason": text})
    if amount is not None:
        value = rules.checked_amount(amount, deal.currency)
        spread_amount(deal, value, deal.currency)
        deal.amount, deal.base_amount = value, in_base(value, deal.rate)
    credits.reverse(deal, booked_on=booked_on, reason=reason.strip()[:200])
    deal.decisions += 1
    _save(deal, "amount", "base_amount", "decisions")
    _post_won(deal, booked_on=booked_on)
    return deal


def _post_won(deal: Opportunity, booked_on: dt.date | None = None) -> None:
    lines = line_amounts(list(deal.lines.order_by("pk")))
    shares = shares_of(deal)
    first = credits.new_customer_entries(deal, shares, rules.main_product(lines), booked_on=booked_on)
    ledger.post(credits.won_entries(deal, lines, shares, booked_on=booked_on) + first)


def _hand_on_first_sale(deal: Opportunity, on: dt.date) -> None:
    heir = credits.earliest_other_win(deal)
    if heir is not None:
        lines = line_amounts(list(heir.lines.order_by("pk")))
        product = rules.main_product(lines)
        ledger.post(credits.new_customer_entries(heir, shares_of(heir), product, booked_on=on))


def _close(
    deal: Opportunity,
    target: rules.Step,
    closed_on: dt.date,
    today: dt.date,
    reason_id: int | None,
    note: str,
    by: User | None,
    override_reason: str,
) -> None:
    _check_closing(deal, closed_on, today)
    deal.reason = _reason(reason_id, target.kind)
    deal.reason_note = note.strip()[:500]
    deal.state, deal.closed_on = target.kind, closed_on
    deal.created_on = deal.created_on or closed_on
    deal.rate = rate_on(deal.currency, closed_on)
    deal.base_amount = in_base(deal.amount, deal.rate)
    deal.decisions += 1
    _enter(deal, target.stage_id, on=closed_on, by=by, override_reason=override_reason)
    _save(
        deal, "stage", "stage_since", "state", "closed_on", "created_on", "reason", "reason_note", "rate",
        "base_amount", "decisions",
    )  # fmt: skip


def _check_closing(deal: Opportunity, closed_on: dt.date, today: dt.date) -> None:
    text = ""
    if closed_on > today:
        text = _("The closing date cannot lie in the future.")
    elif deal.created_on and closed_on < deal.created_on:
        text = _("The closing date cannot lie before the deal was created.")
    if text:
        raise InvalidOutcome(text, fields={"closed_on": text})


def _reason(reason_id: int | None, kind: str) -> OutcomeReason | None:
    if reason_id is None:
        return None
    reason = OutcomeReason.objects.filter(pk=reason_id, kind=kind).first()
    if reason is None:
        text = _("Choose a reason from the list.")
        raise InvalidOutcome(text, fields={"reason": text})
    return reason


def _enter(
    deal: Opportunity,
    stage_id: int,
    *,
    on: dt.date,
    by: User | None,
    override_reason: str = "",
    note: str = "",
) -> None:
    StageChange.objects.create(
        opportunity=deal,
        from_stage_id=deal.stage_id,
        to_stage_id=stage_id,
        changed_on=on,
        by=by,
        override_reason=(override_reason or note).strip()[:200],
    )
    deal.stage_id, deal.stage_since = stage_id, on


def _save(deal: Opportunity, *fields: str) -> None:
    deal.version += 1
    deal.updated_at = Now()
    deal.save(update_fields=[*fields, "version", "updated_at"])


def _stage_before(deal: Opportunity) -> Stage:
    """Return the open stage a decided deal came from, or the first of its process."""
    came_from = deal.changes.filter(to_stage_id=deal.stage_id, from_stage__kind=DealState.OPEN)
    change = came_from.select_related("from_stage").order_by("-pk").first()
    if change is not None and change.from_stage is not None:
        return change.from_stage
    stages = Stage.objects.filter(process__stages=deal.stage_id, kind=DealState.OPEN)
    return stages.order_by("order")[0]


def _process_steps(stage_id: int) -> dict[int, rules.Step]:
    stages = Stage.objects.filter(process__stages=stage_id).prefetch_related("gates").order_by("order")
    return {
        stage.pk: rules.Step(
            stage.pk, stage.order, stage.kind, tuple(gate.field for gate in stage.gates.all())
        )
        for stage in stages
    }


def _steps(from_id: int, to_id: int) -> tuple[rules.Step, rules.Step, list[rules.Step]]:
    steps = _process_steps(from_id)
    if to_id not in steps:
        text = _("Choose a stage of the deal's own sales process.")
        raise MoveRefused(text, fields={"stage": text})
    return steps[from_id], steps[to_id], list(steps.values())


def _end_step(from_id: int, kind: str) -> tuple[rules.Step, rules.Step, list[rules.Step]]:
    steps = _process_steps(from_id)
    for step in steps.values():
        if step.kind == kind:
            return steps[from_id], step, list(steps.values())
    raise MoveRefused(_("The sales process has no stage for this outcome. Add one in the process editor."))


def _refuse_step(deal: Opportunity, current: rules.Step, target: rules.Step, steps: list[rules.Step]) -> None:
    process = Stage.objects.select_related("process").get(pk=deal.stage_id).process
    if target.order < current.order and not process.allows_back:
        raise MoveRefused(_("This sales process does not let deals go back a stage."))
    if not process.allows_skip and rules.is_skip(current, target, steps):
        raise MoveRefused(_("This sales process does not let deals skip a stage."))


def _refuse_unmet(
    deal: Opportunity, current: rules.Step, target: rules.Step, steps: list[rules.Step]
) -> None:
    gates = rules.gates_on_the_way(current, target, steps)
    if not gates:
        return
    missing = rules.unmet(gates, facts={gate: _fact(deal, gate) for gate in gates})
    if missing:
        names = ", ".join(str(gate.label) for gate in missing)
        raise GatesNotMet(
            _("Before “%(name)s” can move on, add: %(missing)s.") % {"name": deal.name, "missing": names},
            fields={gate.value: _("Needed before this deal can move on.") for gate in missing},
        )


def _fact(deal: Opportunity, gate: str) -> bool:
    if gate == GateField.LINES:
        return deal.lines.exists()
    if gate == GateField.ACTIVITY:
        return deal.activities.exists()
    answers = {
        GateField.AMOUNT: deal.amount > 0,
        GateField.EXPECTED_CLOSE: deal.expected_close_on is not None,
        GateField.NEXT_STEP: bool(deal.next_step and deal.next_step_on),
        GateField.ACCOUNT: deal.account_id is not None,
        GateField.CONTACT: deal.contact_id is not None,
    }
    return answers[GateField(gate)]
