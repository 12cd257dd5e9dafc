"""Writing what a change was answered with: right after, or before the next who looks (ADR-0010)."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.registry import Registry
from apps.core.requests import request_id
from apps.events.context import acting, current
from apps.events.jobs import enqueue
from apps.targets.models import PlanChange, TargetPlan
from apps.targets.selectors.history import waiting_plans
from apps.targets.services.telling import APPROVAL, tell_users, title_of

logger = logging.getLogger(__name__)

TASK = "targets.settle"
Act = Callable[[TargetPlan, PlanChange, dict[str, Any]], dict[str, Any]]
ACTS: Registry[Act] = Registry("way to settle a change")
_REFUSED = gettext_noop(
    "%(plan)s: what you did last could not be written and was taken back. Please try again."
)


@requires_transaction
def owe(change: PlanChange, act: str, by_id: int, **order: Any) -> None:
    """Keep what a change still has to write, and have it written right after this transaction."""
    who = current()
    change.unsettled = {
        **order,
        "act": act,
        "by": by_id,
        "on_behalf": who.on_behalf,
        "request": who.request_id or request_id(),
        "source": who.source,
    }
    change.save(update_fields=["unsettled"])
    enqueue(TASK, plan_id=change.plan_id)


@requires_transaction
def locked(plan_id: int) -> TargetPlan:
    """Lock a plan and return it with everything written that its last change left to be written."""
    [plan] = lock_rows(TargetPlan.objects.filter(pk=plan_id))
    if _settle(plan):
        plan.refresh_from_db()
    return plan


def _settle(plan: TargetPlan) -> bool:
    waiting = PlanChange.objects.filter(plan=plan, unsettled__isnull=False)
    change = waiting.defer("before", "after").first()
    if change is None:
        return False
    order: dict[str, Any] = change.unsettled or {}
    with acting(order["by"], order["on_behalf"], order["request"], order["source"]):
        found = ACTS.get(order["act"])(plan, change, order)
        for name, value in found.items():
            setattr(change, name, value)
        change.unsettled = None
        change.save(update_fields=[*found, "unsettled"])
    logger.info("target change settled", extra={"plan_id": plan.pk, "number": change.number})
    return True


def settle_now(plan_id: int) -> None:
    """Write what the last change of a plan left to be written; take it back when the plan cannot hold it.

    The figures were proven before they were answered, so a refusal here is a fault: it is logged as an error
    and whoever made the change is told.
    """
    try:
        with transaction.atomic():
            locked(plan_id)
    except (DomainError, IntegrityError, DataError):
        logger.exception("target change could not be settled", extra={"plan_id": plan_id})
        with transaction.atomic():
            _set_aside(plan_id)


def settle_all() -> None:
    """Write whatever waits to be written, of every plan. One query when nothing does."""
    for plan_id in waiting_plans():
        settle_now(plan_id)


def _set_aside(plan_id: int) -> None:
    [plan] = lock_rows(TargetPlan.objects.filter(pk=plan_id))
    change = PlanChange.objects.filter(plan=plan, unsettled__isnull=False).defer("before", "after").first()
    if change is None:
        return
    order: dict[str, Any] = change.unsettled or {}
    by_id = order["by"]
    if order["act"] != "put_back":
        change.undone_by_id, change.undone_at = by_id, change.made_at
        change.about["refused"] = True
    elif order["side"] == "before":
        change.undone_by = change.undone_at = None
    else:
        change.undone_by_id, change.undone_at = by_id, change.made_at
    change.unsettled = None
    change.save(update_fields=["undone_by", "undone_at", "about", "unsettled"])
    tell_users(
        [by_id],
        APPROVAL,
        lambda: _(_REFUSED) % {"plan": title_of(plan)},
        url=reverse("targets:plan", args=[plan.pk]),
        key=f"targets.refused:{change.pk}:{plan.revision}",
    )
