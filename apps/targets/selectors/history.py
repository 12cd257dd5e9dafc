"""Who changed what in a draft, in words, and what can be undone."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.access.models import User
from apps.targets.enums import ChangeKind, Method
from apps.targets.models import PlanChange, Target, TargetPlan
from apps.targets.selectors.reach import may_plan
from apps.ui import formatting

_TOLD_AT_ONCE = 3
_STATES = """
    SELECT node::text FROM targets_planchange c,
           jsonb_array_elements(CASE %s WHEN 'before' THEN c.before ELSE c.after END -> 'nodes') AS node
    WHERE c.id = %s AND (node ->> 'id')::bigint = ANY(%s)
"""


@dataclass(frozen=True)
class Told:
    """One change in words."""

    change: PlanChange
    text: str
    detail: str
    is_undone: bool


def next_undo(plan: TargetPlan) -> PlanChange | None:
    """Return the last change that stands."""
    done = PlanChange.objects.filter(plan=plan, undone_at__isnull=True)
    return done.select_related("made_by").defer("before", "after").order_by("-number").first()


def next_redo(plan: TargetPlan) -> PlanChange | None:
    """Return the first undone change after everything that stands; a new change ends the chance."""
    last = next_undo(plan)
    undone = _redoable(plan).filter(number__gt=last.number if last else 0)
    return undone.select_related("made_by").defer("before", "after").order_by("number").first()


def _redoable(plan: TargetPlan) -> QuerySet[PlanChange]:
    """Keep what was undone, not what was refused when it was to be written."""
    return PlanChange.objects.filter(plan=plan, undone_at__isnull=False).exclude(about__has_key="refused")


def states_in(change: PlanChange, side: str, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return what one side of a change says of some nodes, without reading the rest of the document."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [side, change.pk, list(ids)])
        found = [json.loads(row[0]) for row in cursor.fetchall()]
    return {
        row["id"]: {
            **row,
            "amount": Decimal(row["amount"]),
            "months": [Decimal(month) for month in row["months"]],
            "over_assignment": Decimal(row["over_assignment"]),
        }
        for row in found
    }


def turnable(plan: TargetPlan) -> tuple[bool, bool]:
    """Tell whether something can be undone, and made again; without reading the documents. Two queries."""
    changes = PlanChange.objects.filter(plan=plan)
    last = changes.filter(undone_at__isnull=True).order_by("-number").values_list("number", flat=True).first()
    return last is not None, _redoable(plan).filter(number__gt=last or 0).exists()


def since(plan: TargetPlan, revision: int, user: User | None) -> list[str]:
    """Return in words, newest first, what was changed after a revision, as far as somebody may see it."""
    rows = PlanChange.objects.filter(plan=plan, revision__gt=revision).defer("before", "after")
    columns = column_names(plan)
    newest = list(rows.select_related("made_by").order_by("-number")[:_TOLD_AT_ONCE])
    visible = _visible(plan, newest, user)
    return [
        _("%(name)s: %(change)s") % {"name": row.made_by.name, "change": in_words(row, columns, visible)}
        for row in newest
    ]


def history(plan: TargetPlan, user: User, limit: int = 100) -> list[Told]:
    """Return the changes of a plan, newest first; those of targets out of reach without name and figure."""
    rows = list(
        PlanChange.objects.filter(plan=plan)
        .defer("before", "after")
        .select_related("made_by", "undone_by")
        .order_by("-number")[:limit]
    )
    columns = column_names(plan)
    visible = _visible(plan, rows, user)
    return [
        Told(row, in_words(row, columns, visible), _detail(row), row.undone_at is not None) for row in rows
    ]


def _visible(plan: TargetPlan, rows: Sequence[PlanChange], user: User | None) -> set[int]:
    """Return the targets that changes name and somebody may see; to whoever plans the whole plan, all."""
    named = {row.about["target"] for row in rows if row.about.get("target")}
    if user is None:
        return set()
    if may_plan(user, plan):
        return named
    return set(Target.objects.filter(pk__in=named).visible_to(user).values_list("pk", flat=True))


def in_words(change: PlanChange, columns: Mapping[str, str], visible: Collection[int]) -> str:
    """Return what a change did as a sentence in the reader's language."""
    about = change.about
    kind = ChangeKind(change.kind)
    if about.get("target") and about["target"] not in visible:
        return str(kind.label)
    if kind == ChangeKind.CELLS and about.get("name"):
        return _("%(name)s, %(column)s: %(before)s → %(after)s") % {
            "name": about["name"],
            "column": columns.get(str(about["column"]), ""),
            "before": _figure(about.get("before")),
            "after": _figure(about.get("after")),
        }
    if kind in {ChangeKind.CELLS, ChangeKind.PASTE}:
        cells = int(about.get("cells", 0))
        return ngettext("%(count)s cell pasted", "%(count)s cells pasted", cells) % {"count": cells}
    if kind == ChangeKind.METHOD and about.get("name"):
        return _("%(name)s: split %(method)s") % {
            "name": about["name"],
            "method": str(Method(about["method"]).label),
        }
    if about.get("name"):
        return _("%(name)s: %(what)s") % {"name": about["name"], "what": str(kind.label)}
    return str(kind.label)


def _detail(change: PlanChange) -> str:
    count = int(change.about.get("count", 0))
    return ngettext("%(count)s target moved", "%(count)s targets moved", count) % {"count": count}


def column_names(plan: TargetPlan) -> dict[str, str]:
    """Return what the columns of a plan's grid are called: the year, quarters, months. One query."""
    months = plan.months.select_related("month").order_by("position")
    found = {f"m{row.position}": formatting.month_name(row.month.starts_on) for row in months}
    found |= {f"q{quarter}": _("Q%(quarter)s") % {"quarter": quarter + 1} for quarter in range(4)}
    return {"year": _("year"), **found}


def _figure(value: Any) -> str:
    return "–" if value in (None, "") else formatting.number(Decimal(str(value)))
