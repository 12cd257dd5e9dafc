"""Changing a total of a draft, and what becomes of the figures below it: kept, prorated, or asked about."""

import datetime as dt
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.org import selectors as org
from apps.targets.enums import Balance, Below, ChangeKind
from apps.targets.models import PlanChange, ShareRequest, Target, TargetPlan
from apps.targets.rules import totals as rules
from apps.targets.rules.levels import level_at
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.trees import LoadedTree, levels_of, load
from apps.targets.services.cells import name_of
from apps.targets.services.recording import record
from apps.targets.services.storing import open_plan, write
from apps.targets.services.telling import APPROVAL, tell, title_of
from apps.targets.services.versions import ReasonMissing

REPLY_DAYS = 7


class AlreadyAnswered(DomainError):
    """The question about the figures below was answered before."""


@requires_transaction
def change_total(
    *,
    target_id: int,
    amount: Decimal,
    below: Below,
    balance: Balance,
    reason: str,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    due_on: dt.date | None = None,
    revision: int | None = None,
) -> set[int]:
    """Change the total of a node and return the ids of the targets that changed.

    ``KEEP`` leaves the figures below; the difference is the node's own over- or
    under-assignment, recorded with the reason. ``PRORATE`` scales them all.
    ``ASK`` keeps them for now and asks whoever leads the unit, by default within
    a week. Raises ReasonMissing, PlanNotOpen, StaleVersion, WrongTarget,
    DoesNotFit, NodeFixedAbove.
    """
    if not reason.strip():
        raise ReasonMissing(_("Give a reason."), fields={"reason": _("Give a reason.")})
    plan, tree = _open(target_id, revision, by_id)
    node = tree.nodes[target_id]
    old = node.amount
    rules.change_total(node, amount, balance, tree.grid)
    by_hand = _settle(plan, tree, target_id, below)
    changed, change = _store(plan, tree, target_id, by_hand, below, by_id=by_id, at=at, reason=reason)
    questions = {"settled": _close_open_request(target_id, below, by_id, at)}
    if below == Below.ASK:
        due_on = due_on or on + dt.timedelta(days=REPLY_DAYS)
        questions["asked"] = [_ask(plan, target_id, old, reason.strip(), due_on, by_id, at, on)]
    change.about |= questions
    change.save(update_fields=["about"])
    return changed


@requires_transaction
def answer_request(*, request_id: int, choice: Below, by_id: int, at: dt.datetime) -> set[int]:
    """Answer what becomes of the figures below a changed total: ``KEEP`` or ``PRORATE``.

    Raises AlreadyAnswered, PlanNotOpen, DoesNotFit.
    """
    asked = ShareRequest.objects.get(pk=request_id)
    plan, tree = _open(asked.target_id, None, by_id)
    [asked] = lock_rows(ShareRequest.objects.filter(pk=request_id))
    if asked.withdrawn_at is not None:
        raise AlreadyAnswered(_("The change this question was about has been undone."))
    if asked.answered_at is not None:
        raise AlreadyAnswered(_("This question was answered already."))
    changed: set[int] = set()
    if choice == Below.PRORATE:
        by_hand = _settle(plan, tree, asked.target_id, choice)
        changed, change = _store(
            plan, tree, asked.target_id, by_hand, choice, by_id=by_id, at=at, reason=asked.reason
        )
        change.about |= {"settled": [asked.pk]}
        change.save(update_fields=["about"])
    asked.choice, asked.answered_by_id, asked.answered_at = choice, by_id, at
    asked.save(update_fields=["choice", "answered_by", "answered_at"])
    return changed


def _open(target_id: int, revision: int | None, by_id: int) -> tuple[TargetPlan, LoadedTree]:
    plan_id = Target.objects.values_list("plan_id", flat=True).get(pk=target_id)
    plan = open_plan(plan_id, revision, by_id)
    return plan, load(plan)


def _settle(plan: TargetPlan, tree: LoadedTree, target_id: int, below: Below) -> list[int]:
    """Bring what is below a changed total into balance; return the nodes that are now set by hand."""
    node = tree.nodes[target_id]
    if below != Below.PRORATE:
        rules.keep_below(node, tree.grid)
        return []
    depth = Target.objects.values_list("depth", flat=True).get(pk=target_id)
    over = level_at(levels_of(plan), depth).over_assignment
    return [one.key for one in rules.prorate_below(node, over, tree.grid)]


def _store(
    plan: TargetPlan,
    tree: LoadedTree,
    target_id: int,
    by_hand: list[int],
    below: Below,
    *,
    by_id: int,
    at: dt.datetime,
    reason: str,
) -> tuple[set[int], PlanChange]:
    """Write the tree and record the change, so that it can be undone like any other."""
    mark: dict[str, object] = {
        "override_reason": reason.strip()[:300],
        "overridden_by_id": by_id,
        "overridden_at": at,
    }
    marks = {key: dict(mark) for key in [*by_hand, target_id]}
    marks[target_id]["over_assignment"] = tree.nodes[target_id].over
    written = write(plan, tree, marks)
    about = {"target": target_id, "name": name_of(plan, target_id), "below": str(below)}
    change = record(plan, ChangeKind.TOTAL, written, by_id=by_id, at=at, about=about, reason=reason)
    return written.ids, change


def _close_open_request(target_id: int, below: Below, by_id: int, at: dt.datetime) -> list[int]:
    """A newer change settles what was still asked about an older one; return what it settled."""
    choice = Below.KEEP if below == Below.ASK else below
    waiting = ShareRequest.objects.waiting().filter(target=target_id)
    settled = list(waiting.values_list("pk", flat=True))
    waiting.update(choice=choice, answered_by=by_id, answered_at=at)
    return settled


def _ask(
    plan: TargetPlan,
    target_id: int,
    old: Decimal,
    reason: str,
    due_on: dt.date,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
) -> int:
    target = Target.objects.select_related("unit", "position", "owner").get(pk=target_id)
    made = ShareRequest.objects.create(
        target=target,
        before=old,
        after=target.amount,
        reason=reason,
        due_on=due_on,
        asked_by_id=by_id,
        asked_at=at,
    )
    name = names_of(plan, [target])[target.pk][0]
    lead = org.lead_of(target.unit_id, on) if target.unit_id else None
    tell(
        [lead or target.owner_id],
        APPROVAL,
        lambda: (
            _("The total of %(name)s in %(plan)s changed: what becomes of the figures below?")
            % {"name": in_words(name), "plan": title_of(plan)}
        ),
        url=reverse("targets:request", args=[made.pk]),
        key=f"targets.request:{made.pk}",
    )
    return made.pk
