"""What was answered and is not written yet, laid over the rows: what nodes are now (ADR-0010)."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from apps.core.db import requires_transaction, shared_advisory_lock
from apps.targets.enums import ChangeKind
from apps.targets.models import PendingStep, PlanMonth, Target, TargetPlan
from apps.targets.rules.tree import Grid, Node, leaf_months

PUT_BACK = "put_back"
# Changes of figures alone: undone and made again before they are written, and typed over.
STACKED = (ChangeKind.CELLS, ChangeKind.PASTE, ChangeKind.RELEASE, ChangeKind.LOCK)
_SEASON_UNITS = 10**12
_STEPS = """
    SELECT s.revision, s.change_id, s.act, s."order" ->> 'side', c.kind, s.states,
           CASE WHEN s.act = %(put_back)s AND c.kind = ANY(%(stacked)s) AND NOT EXISTS (
               SELECT FROM targets_pendingstep m WHERE m.change_id = s.change_id AND m.act <> s.act
           ) THEN (
               SELECT json_agg(json_build_array(
                   n -> 'id', n ->> 'amount', n -> 'is_fixed', n ->> 'origin', n -> 'fixed_months',
                   n ->> 'override_reason', n -> 'months'))::text
               FROM jsonb_array_elements(
                   CASE s."order" ->> 'side' WHEN 'before' THEN c.before ELSE c.after END -> 'nodes') AS n
           ) END
    FROM targets_pendingstep s JOIN targets_planchange c ON c.id = s.change_id
    WHERE s.plan_id = %(plan)s ORDER BY s.number
"""


class Figures(NamedTuple):
    """What a node is. No ``reason``: the one before; no ``months``: they follow from the year."""

    amount: Decimal
    is_fixed: bool
    origin: str
    fixed: Mapping[int, Decimal]
    reason: str | None
    months: list[str] | None


@dataclass
class Pending:
    """The steps of a plan that are not written: ``figures`` says what the nodes they moved are now.

    ``made`` are the figures of changes that are not written, by change. Of a plan that is not ``is_known``
    the steps have to be written before anybody can say what it is.
    """

    revision: int | None = None
    is_known: bool = True
    figures: dict[int, Figures] = field(default_factory=dict)
    made: dict[int, dict[int, Figures]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.revision is not None


def answering(plan_id: int) -> str:
    """Return the lock under which a plan is answered; while somebody holds it nothing is settled."""
    return f"targets.answering:{plan_id}"


def pending_of(plan_id: int, only: Collection[int] | None = None) -> Pending:
    """Return what of a plan, or ``only`` of some nodes, is answered and not written. One query."""
    with connection.cursor() as cursor:
        kinds = [str(kind) for kind in STACKED]
        cursor.execute(_STEPS, {"plan": plan_id, "put_back": PUT_BACK, "stacked": kinds})
        rows = cursor.fetchall()
    found = Pending()
    stack: list[tuple[int, dict[int, Figures]]] = []
    for revision, change_id, act, side, kind, states, document in rows:
        found.revision = revision
        if act != PUT_BACK:
            found.is_known &= bool(states)
            found.made[change_id] = _figures(states, only)
            stack.append((change_id, found.made[change_id]))
        elif change_id not in found.made:
            found.is_known &= kind in STACKED
            stack.append((change_id, _figures(document, only)))
        elif side == "after":
            stack.append((change_id, found.made[change_id]))
        else:
            stack.pop(max(index for index, (key, _states) in enumerate(stack) if key == change_id))
    for _change, states in stack:
        lay(found.figures, states)
    return found


def lay(below: dict[int, Figures], over: Mapping[int, Figures]) -> None:
    """Lay figures over others; a reason that is not given anew stays."""
    for key, one in over.items():
        old = below.get(key)
        kept = old is not None and one.reason is None and old.reason is not None
        below[key] = one._replace(reason=old.reason) if old is not None and kept else one


def as_text(figures: Iterable[tuple[int, Figures]]) -> str:
    """Return figures as a step keeps them."""
    rows = [
        (
            key,
            str(one.amount),
            one.is_fixed,
            one.origin,
            {position: str(value) for position, value in one.fixed.items()} if one.fixed else 0,
            one.reason,
            one.months or 0,
        )
        for key, one in figures
    ]
    return json.dumps(rows, separators=(",", ":"))


def _figures(text: str | None, only: Collection[int] | None) -> dict[int, Figures]:
    found = {}
    for key, amount, is_fixed, origin, fixed, reason, months in json.loads(text) if text else ():
        if only is not None and key not in only:
            continue
        if not fixed:
            typed: dict[int, Decimal] = {}
        elif isinstance(fixed, dict):
            typed = {int(position): Decimal(value) for position, value in fixed.items()}
        else:
            typed = {position: Decimal(months[position]) for position in fixed}
        found[key] = Figures(Decimal(amount), is_fixed, origin, typed, reason, months or None)
    return found


def season_of(plan: TargetPlan) -> list[int]:
    """Return the weights of the plan's months in order, as whole numbers in proportion."""
    rows = PlanMonth.objects.filter(plan=plan).order_by("position").values_list("weight", flat=True)
    return [int(weight * _SEASON_UNITS) for weight in rows]


def as_answered(plan: TargetPlan, rows: Iterable[Target], pending: Pending) -> None:
    """Show rows as they were answered; nothing is stored."""
    if not pending:
        return
    plan.revision = pending.revision or plan.revision
    season = season_of(plan)
    for row in rows:
        found = pending.figures.get(row.pk)
        if found is not None:
            for name, value in shown(plan, row.pk, found, season).items():
                setattr(row, name, value)


def shown(plan: TargetPlan, key: int, figures: Figures, season: list[int]) -> dict[str, Any]:
    """Return what a row of the grid says of figures that are not written."""
    if figures.months is not None:
        months = [Decimal(month) for month in figures.months]
    else:
        grid = Grid(places=plan.decimals, months=len(season), is_additive=plan.is_additive)
        fixed = dict(figures.fixed)
        months = leaf_months(Node(key, figures.amount, season=season, fixed_months=fixed), grid)
    state = {
        "amount": figures.amount,
        "is_fixed": figures.is_fixed,
        "months": months,
        "fixed_months": sorted(figures.fixed),
    }
    return state if figures.reason is None else {**state, "override_reason": figures.reason}


@requires_transaction
def looked_at(plan_id: int) -> Pending:
    """Return what is not written, and let nothing be settled until the transaction ends."""
    shared_advisory_lock(answering(plan_id))
    return pending_of(plan_id)


def waiting_plans() -> list[int]:
    """Return the plans with something answered that is not written yet. One query."""
    return sorted(set(PendingStep.objects.values_list("plan_id", flat=True)))


def unknown_plans() -> list[int]:
    """Return the plans with something answered whose figures are not known until it is written. One query."""
    known = Q(act=PUT_BACK, change__kind__in=STACKED)
    rows = PendingStep.objects.filter(states="").exclude(known)
    return sorted(set(rows.values_list("plan_id", flat=True)))
