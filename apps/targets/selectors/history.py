"""Who changed what in a draft, in words, and what can be undone."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.targets.enums import ChangeKind, Method
from apps.targets.models import PlanChange, TargetPlan
from apps.ui import formatting

_TOLD_AT_ONCE = 3


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
    return done.select_related("made_by").order_by("-number").first()


def next_redo(plan: TargetPlan) -> PlanChange | None:
    """Return the first undone change after everything that stands; a new change ends the chance."""
    last = next_undo(plan)
    undone = PlanChange.objects.filter(
        plan=plan, undone_at__isnull=False, number__gt=last.number if last else 0
    )
    return undone.select_related("made_by").order_by("number").first()


def since(plan: TargetPlan, revision: int) -> list[str]:
    """Return in words, newest first, what was changed after a revision of a plan."""
    rows = PlanChange.objects.filter(plan=plan, revision__gt=revision).defer("before", "after")
    newest = rows.select_related("made_by").order_by("-number")[:_TOLD_AT_ONCE]
    return [_("%(name)s: %(change)s") % {"name": row.made_by.name, "change": in_words(row)} for row in newest]


def history(plan: TargetPlan, limit: int = 100) -> list[Told]:
    """Return the changes of a plan, newest first."""
    rows = (
        PlanChange.objects.filter(plan=plan)
        .defer("before", "after")
        .select_related("made_by", "undone_by")
        .order_by("-number")[:limit]
    )
    return [Told(row, in_words(row), _detail(row), row.undone_at is not None) for row in rows]


def in_words(change: PlanChange) -> str:
    """Return what a change did as a sentence in the reader's language."""
    about = change.about
    kind = ChangeKind(change.kind)
    if kind == ChangeKind.CELLS and about.get("name"):
        return _("%(name)s, %(column)s: %(before)s → %(after)s") % {
            "name": about["name"],
            "column": column_name(str(about["column"])),
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


def column_name(column: str) -> str:
    """Return the name of a grid column: the year, a quarter or a month by number."""
    if column == "year":
        return _("year")
    number = int(column[1:]) + 1
    if column.startswith("q"):
        return _("quarter %(number)s") % {"number": number}
    return _("month %(number)s") % {"number": number}


def _figure(value: Any) -> str:
    return "–" if value in (None, "") else formatting.number(Decimal(str(value)))
