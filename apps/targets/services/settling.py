"""Writing what was answered: right after, step by step in order, or before others change the plan (ADR-0010).

Two locks keep it in order. The row of the plan is held by whoever writes the plan's rows; the lock of
``answering`` by whoever answers, and at the end by whoever writes. Settling takes the second one only to
finish a step, so answers go on while rows are written. Whoever needs both takes the row first.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.core.db import advisory_lock, requires_transaction
from apps.core.errors import DomainError
from apps.core.registry import Registry
from apps.core.requests import request_id
from apps.events.context import acting, current
from apps.events.jobs import enqueue
from apps.targets.models import PendingStep, PlanChange, TargetPlan
from apps.targets.selectors.pending import PUT_BACK, answering, unknown_plans, waiting_plans
from apps.targets.services.telling import APPROVAL, tell_users, title_of

logger = logging.getLogger(__name__)

TASK = "targets.settle"
Act = Callable[[TargetPlan, PlanChange, dict[str, Any]], dict[str, Any]]
ACTS: Registry[Act] = Registry("way to settle a change")
_REFUSED = gettext_noop(
    "%(plan)s: what you did last could not be written and was taken back. Please try again."
)


@requires_transaction
def owe(
    plan: TargetPlan, change: PlanChange, act: str, by_id: int, *, states: str = "", **order: Any
) -> None:
    """Keep what a change still has to write, and have it written right after this transaction."""
    who = current()
    last = PendingStep.objects.filter(plan=plan).order_by("-number").values_list("number", flat=True).first()
    PendingStep.objects.create(
        plan=plan,
        change=change,
        number=(last or 0) + 1,
        revision=plan.revision,
        act=act,
        order={
            **order,
            "by": by_id,
            "on_behalf": who.on_behalf,
            "request": who.request_id or request_id(),
            "source": who.source,
        },
        states=states,
    )
    enqueue(TASK, plan_id=plan.pk)


@requires_transaction
def locked(plan_id: int) -> TargetPlan:
    """Lock a plan for a change of its rows, with everything written that was answered before."""
    plan = _lock_rows_of(plan_id)
    while _settle(plan):
        pass
    advisory_lock(answering(plan_id))
    while _settle(plan):  # answered while the others were written
        pass
    plan.refresh_from_db()
    return plan


@requires_transaction
def lock_at_once(plan: TargetPlan) -> bool:
    """Lock the rows of a plan unless somebody writes them; tell whether they are locked."""
    row = TargetPlan.objects.filter(pk=plan.pk).select_for_update(no_key=True, skip_locked=True)
    return row.values_list("pk").first() is not None


def _lock_rows_of(plan_id: int) -> TargetPlan:
    """Lock a plan against other writers; new changes may still refer to it."""
    return TargetPlan.objects.select_for_update(no_key=True).get(pk=plan_id)


def _settle(plan: TargetPlan) -> bool:
    """Write the first step of a plan; its row is locked."""
    step = PendingStep.objects.filter(plan=plan).defer("states").order_by("number").first()
    if step is None:
        return False
    order = step.order
    change = PlanChange.objects.get(pk=step.change_id)
    with acting(order["by"], order["on_behalf"], order["request"], order["source"]):
        found = ACTS.get(step.act)(plan, change, order)
        connection.check_constraints()  # the proof of the sums, before anybody has to wait
        advisory_lock(answering(plan.pk))
        if found:
            now = PlanChange.objects.values_list("about", flat=True).get(pk=change.pk)
            PlanChange.objects.filter(pk=change.pk).update(**{**found, "about": {**now, **found["about"]}})
        _done(plan, step)
    logger.info("target change settled", extra={"plan_id": plan.pk, "number": change.number})
    return True


def _done(plan: TargetPlan, step: PendingStep) -> None:
    plan.revision = step.revision
    plan.save(update_fields=["revision"])
    step.delete()


def settle_now(plan_id: int) -> None:
    """Write what of a plan was answered, each step by itself; take back what the plan cannot hold.

    The figures were proven before they were answered, so a refusal here is a fault: it is logged as an error
    and whoever made the change is told.
    """
    while settle_next(plan_id):
        pass


def settle_next(plan_id: int) -> bool:
    """Write the first step of a plan in a transaction of its own; tell whether there was one."""
    try:
        with transaction.atomic():
            return _settle(_lock_rows_of(plan_id))
    except (DomainError, IntegrityError, DataError):
        logger.exception("target change could not be settled", extra={"plan_id": plan_id})
        with transaction.atomic():
            return _set_aside(plan_id)


def settle_all() -> None:
    """Write whatever waits to be written, of every plan. One query when nothing does."""
    for plan_id in waiting_plans():
        settle_now(plan_id)


def settle_unknown() -> None:
    """Write what nobody can tell before it is written, of every plan. One query when there is nothing."""
    for plan_id in unknown_plans():
        settle_now(plan_id)


def _set_aside(plan_id: int) -> bool:
    """Take a step back that the plan cannot hold; what was answered upon it has to be worked out anew."""
    plan = _lock_rows_of(plan_id)
    advisory_lock(answering(plan_id))
    step = PendingStep.objects.filter(plan=plan).defer("states").order_by("number").first()
    if step is None:
        return False
    by_id = step.order["by"]
    change = PlanChange.objects.defer("before", "after").get(pk=step.change_id)
    if step.act != PUT_BACK:
        change.undone_by_id, change.undone_at = by_id, change.made_at
        change.about["refused"] = True
    elif step.order["side"] == "before":
        change.undone_by = change.undone_at = None
    else:
        change.undone_by_id, change.undone_at = by_id, change.made_at
    change.save(update_fields=["undone_by", "undone_at", "about"])
    PendingStep.objects.filter(plan=plan, number__gt=step.number).update(states="")
    _done(plan, step)
    tell_users(
        [by_id],
        APPROVAL,
        lambda: _(_REFUSED) % {"plan": title_of(plan)},
        url=reverse("targets:plan", args=[plan.pk]),
        key=f"targets.refused:{change.pk}:{plan.revision}",
    )
    return True
