"""Writing a tree back: set-based, only what changed, and the same way forth and back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.errors import DomainError, StaleVersion
from apps.core.money import MAX_AMOUNT
from apps.targets.enums import PlanStatus
from apps.targets.models import PlanMonth, Target, TargetPlan, TargetSlice, TargetWaiver
from apps.targets.rules.proof import breaches
from apps.targets.rules.slices import follow_mix
from apps.targets.rules.tree import Grid, Node, WrongTarget
from apps.targets.selectors.history import since
from apps.targets.selectors.trees import STATE, LoadedTree
from apps.targets.services.levels import level_document, store_level_document
from apps.targets.services.settling import locked

Document = dict[str, Any]


class PlanNotOpen(DomainError):
    """Only a draft can be changed."""


class SumsBroken(DomainError):
    """The change would leave figures that do not add up."""


_NODES = """
    UPDATE targets_target AS t
    SET amount = v.amount, months = v.months, fixed_months = v.fixed_months, is_fixed = v.is_fixed,
        origin = v.origin, override_reason = v.override_reason, overridden_by_id = v.overridden_by_id,
        overridden_at = v.overridden_at, low = v.low, high = v.high, potential = v.potential,
        productivity = v.productivity, capacity = v.capacity, method = v.method,
        over_assignment = v.over_assignment, recipe = v.recipe,
        stretch_amount = round(v.amount * (1 + p.stretch_percent / 100), p.decimals),
        challenge_amount = round(v.amount * (1 + p.challenge_percent / 100), p.decimals)
    FROM jsonb_to_recordset(%s::jsonb) AS v (
        id bigint, amount numeric, months numeric[], fixed_months smallint[], is_fixed boolean,
        origin text, override_reason text, overridden_by_id bigint, overridden_at timestamptz,
        low numeric, high numeric, potential numeric, productivity numeric, capacity numeric,
        method text, over_assignment numeric, recipe jsonb), targets_targetplan p
    WHERE t.id = v.id AND p.id = t.plan_id
"""
_TIERS = """
    UPDATE targets_target AS t
    SET stretch_amount = round(t.amount * (1 + p.stretch_percent / 100), p.decimals),
        challenge_amount = round(t.amount * (1 + p.challenge_percent / 100), p.decimals)
    FROM targets_targetplan p
    WHERE p.id = t.plan_id AND p.id = %s
"""
_INSERT = "INSERT INTO targets_target SELECT * FROM jsonb_populate_recordset(NULL::targets_target, %s::jsonb)"
_ROWS = "SELECT to_jsonb(t) FROM targets_target t WHERE t.id = ANY(%s) ORDER BY t.depth, t.place, t.id"


@dataclass
class Written:
    """What a change was before and after, as documents that can be put back, and the changed nodes."""

    before: Document = field(default_factory=dict)
    after: Document = field(default_factory=dict)
    ids: set[int] = field(default_factory=set)


def open_plan(plan_id: int, revision: int | None = None, by_id: int | None = None) -> TargetPlan:
    """Lock a draft for a change, with its last change settled, and raise its revision.

    Raises PlanNotOpen, and StaleVersion that says what others did since.
    """
    plan = locked(plan_id)
    check_open(plan, revision, by_id)
    plan.revision += 1
    plan.save(update_fields=["revision"])
    return plan


def check_open(plan: TargetPlan, revision: int | None, by_id: int | None) -> None:
    """Raise PlanNotOpen or StaleVersion unless a plan may be changed by who saw a revision of it."""
    if plan.status != PlanStatus.DRAFT:
        raise PlanNotOpen(_("This version is no longer a draft. Make a new version to change it."))
    if revision is not None and revision != plan.revision:
        raise StaleVersion(_stale(plan, revision, by_id))


def _stale(plan: TargetPlan, revision: int, by_id: int | None) -> str:
    told = since(plan, revision, User.objects.filter(pk=by_id).first() if by_id else None)
    if not told:
        return _("Somebody else changed this plan in the meantime. Reload to see it.")
    return _("This plan changed in the meantime: %(changes)s. Look at it, then type yours again.") % {
        "changes": "; ".join(told)
    }


def tier(amount: Decimal, percent: Decimal, grid: Grid) -> Decimal:
    """Return a tier above the base amount, half-up to the measure's decimals."""
    exact = Fraction(amount) * (1 + Fraction(percent) / 100) * 10**grid.places
    return Decimal((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)).scaleb(-grid.places)


def write(
    plan: TargetPlan, tree: LoadedTree, marks: Mapping[int, Mapping[str, Any]] | None = None
) -> Written:
    """Store what changed, with ``marks`` for columns that the rules do not know. Raises SumsBroken."""
    prove(tree.top, tree.grid)
    written = Written()
    before, after = [], []
    moved: dict[int, Decimal] = {}
    for key, node in tree.nodes.items():
        old = tree.rows[key]
        new = _state(node, old, (marks or {}).get(key))
        if any(new[name] != old[name] for name in STATE):
            before.append(_record(key, old))
            after.append(_record(key, new))
            if new["amount"] != old["amount"]:
                moved[key] = new["amount"]
    written.ids = {row["id"] for row in after}
    written.before, written.after = {"nodes": before}, {"nodes": after}
    _store_nodes(after)
    TargetWaiver.objects.filter(target__in=list(moved)).delete()
    _move_slices(plan, moved, written)
    return written


def prove(top: Node, grid: Grid) -> None:
    """Raise SumsBroken or WrongTarget unless a tree may be stored."""
    if breaches(top, grid):
        raise SumsBroken(_("The figures would no longer add up."))
    if any(node.amount > MAX_AMOUNT for node in top.walk()):
        raise WrongTarget(_("A total would become too large."))


def _state(node: Node, old: Mapping[str, Any], marks: Mapping[str, Any] | None) -> dict[str, Any]:
    state = {name: old[name] for name in STATE}
    state["amount"], state["is_fixed"], state["origin"] = node.amount, node.is_fixed, str(node.origin)
    if not node.is_stub:
        state["months"] = list(node.months or ())
        state["fixed_months"] = sorted(node.fixed_months)
    return {**state, **(marks or {})}


def _record(key: int, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state as a document keeps it: figures and moments as text, which JSON keeps exactly."""
    record: dict[str, Any] = {"id": key}
    for name in STATE:
        value = state[name]
        if isinstance(value, Decimal):
            value = str(value)
        elif name == "months":
            value = [str(month) for month in value]
        elif name == "overridden_at" and value is not None:
            value = value.isoformat()
        record[name] = value
    return record


def _store_nodes(records: list[dict[str, Any]]) -> None:
    if not records:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NODES, [json.dumps(records)])


def store_tiers(plan: TargetPlan) -> None:
    """Bring both tiers of every target to the plan's percentages."""
    with connection.cursor() as cursor:
        cursor.execute(_TIERS, [plan.pk])


def _move_slices(plan: TargetPlan, moved: Mapping[int, Decimal], written: Written) -> None:
    """Let the slices of targets that moved keep their proportions."""
    rows = TargetSlice.objects.filter(target__in=list(moved)).order_by("target", "dimension", "member")
    if not rows:
        return
    before: dict[str, list[dict[str, str]]] = {}
    after = {}
    for row in rows:
        before.setdefault(f"{row.target_id} {row.dimension}", []).append(slice_record(row))
    for name, old in before.items():
        mix = {one["member"]: Decimal(one["weight"]) for one in old}
        parts = follow_mix(moved[int(name.split()[0])], mix, places=plan.decimals)
        after[name] = [{**one, "amount": str(parts[one["member"]])} for one in old]
    store_slices(after)
    written.before["slices"], written.after["slices"] = before, after


def slice_record(row: TargetSlice) -> dict[str, str]:
    """Return a slice as a document keeps it."""
    return {
        "member": row.member,
        "label": row.label,
        "weight": str(row.weight),
        "amount": str(row.amount),
    }


def store_slices(slices: Mapping[str, Iterable[Mapping[str, str]]]) -> None:
    """Replace slices: ``"target dimension"`` → all slices it then has."""
    made = []
    replaced: dict[str, list[int]] = {}
    for name, rows in slices.items():
        target_id, dimension = name.split()
        replaced.setdefault(dimension, []).append(int(target_id))
        made += [TargetSlice(target_id=int(target_id), dimension=dimension, **row) for row in rows]
    for dimension, target_ids in replaced.items():
        TargetSlice.objects.filter(target__in=target_ids, dimension=dimension).delete()
    TargetSlice.objects.bulk_create(made, batch_size=1000)


def rows_of(target_ids: Iterable[int]) -> list[dict[str, Any]]:
    """Return whole rows, parents first, as ``insert`` of a document takes them."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [list(target_ids)])
        found = [row[0] for row in cursor.fetchall()]
    return [json.loads(row) if isinstance(row, str) else row for row in found]


def insert_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """Put whole rows back."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [json.dumps(list(rows), cls=DjangoJSONEncoder)])


def put_back(plan: TargetPlan, document: Document) -> set[int]:
    """Bring a plan to what a document says; returns the ids of the nodes it names."""
    if document.get("delete"):
        Target.objects.filter(plan=plan, pk__in=document["delete"]).delete()
    if document.get("insert"):
        insert_rows(document["insert"])
    _store_nodes(document.get("nodes", []))
    if "levels" in document:
        store_level_document(plan, document["levels"])
    for position, weight in enumerate(document.get("weights", [])):
        PlanMonth.objects.filter(plan=plan, position=position).update(weight=weight)
    if document.get("plan"):
        TargetPlan.objects.filter(pk=plan.pk).update(**document["plan"])
        found = TargetPlan.objects.get(pk=plan.pk)
        if (found.stretch_percent, found.challenge_percent) != (plan.stretch_percent, plan.challenge_percent):
            store_tiers(plan)
    store_slices(document.get("slices", {}))
    return {row["id"] for row in document.get("nodes", [])}


def plan_document(plan: TargetPlan) -> Document:
    """Return the settings of a plan as they are, for the side of a document."""
    weights = PlanMonth.objects.filter(plan=plan).order_by("position").values_list("weight", flat=True)
    return {
        "levels": level_document(plan),
        "weights": [str(weight) for weight in weights],
        "plan": {
            "season": plan.season,
            "growth": None if plan.growth is None else str(plan.growth),
            "ramp": plan.ramp,
            "ramp_use": plan.ramp_use,
            "stretch_percent": str(plan.stretch_percent),
            "challenge_percent": str(plan.challenge_percent),
        },
    }
