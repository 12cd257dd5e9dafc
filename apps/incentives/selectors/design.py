"""What the plan designer reads: measures to choose from, plans to copy, versions to compare with."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from apps.access.models import User
from apps.access.permissions import Permission
from apps.calendars.selectors import period_of
from apps.incentives.models import IncentivePlan, PlanVersion
from apps.measures.registry import measures


@dataclass(frozen=True)
class Measured:
    """A measure as the designer offers it."""

    code: str
    name: str
    kind: str
    is_credited: bool


@dataclass(frozen=True)
class Sections:
    """The painted plan in the order of the page: what it pays for, pay as a whole, the small print."""

    period: Any
    components: Any
    whole: Sequence[Any]
    adds: Sequence[Any]
    fine: Sequence[Any]
    proration: Any


def measured() -> list[Measured]:
    """Return the measures of the catalogue."""
    return [
        Measured(one.code, str(one.name), one.kind, one.source == "ledger" and one.kind in {"money", "count"})
        for one in measures.values()
    ]


def sections(node: Any) -> Sections:
    """Sort the parts of the painted plan into the sections of the page."""
    inputs = {one.place: one for one in node.inputs}
    parts = {one.place: one for one in node.parts}
    apart = {"components", "proration"}
    return Sections(
        period=inputs["period"],
        components=parts["components"],
        whole=[one for place, one in parts.items() if place not in apart],
        adds=node.adds,
        fine=[one for place, one in inputs.items() if place != "period"],
        proration=parts["proration"],
    )


def quarter_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first day of a day's quarter and the first one after it."""
    found = period_of(day, "quarter")
    return found.starts_on, found.ends_before


def newest_version(plan: IncentivePlan) -> PlanVersion | None:
    """Return the newest version of a plan, draft or approved."""
    return PlanVersion.objects.filter(plan=plan).order_by("-number").first()


def version_before(plan: IncentivePlan) -> PlanVersion | None:
    """Return the newest approved version of a plan: what a draft changes."""
    return PlanVersion.objects.approved().filter(plan=plan).order_by("-number").first()


def to_copy(viewer: User) -> list[IncentivePlan]:
    """Return the plans a person may copy, by name."""
    return list(IncentivePlan.objects.permitting(viewer, Permission.PLAN_EDIT).order_by("name", "pk")[:200])


def next_number() -> int:
    """Return a number no plan has yet, for a code that cannot be made from a name."""
    return (IncentivePlan.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
