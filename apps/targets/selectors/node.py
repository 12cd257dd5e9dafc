"""Everything about one target on one page."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.access.models import User
from apps.access.permissions import Permission
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.measures.registry import Measure
from apps.org.models import Assignment
from apps.targets.models import Target
from apps.targets.rules.pacing import Attainment
from apps.targets.selectors.evidence import verdicts
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.lineage import Step, lineage
from apps.targets.selectors.standing import attainment
from apps.ui import formatting

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class MonthFacts:
    """One month of a target beside the base year and the actual."""

    label: str
    starts_on: dt.date
    amount: Decimal
    history: Decimal | None
    actual: Decimal | None
    is_fixed: bool
    weight: Decimal


@dataclass(frozen=True)
class NodePage:
    """One target, read for its page."""

    name: str
    measure: Measure
    currency: str
    verdict: Sequence[Mapping[str, Any]]
    steps: list[Step]
    months: list[MonthFacts]
    standing: Attainment | None
    history_why: str
    actual_why: str
    may_edit: bool
    has_children: bool
    waiver: str


def node_page(user: User, target: Target, today: dt.date) -> NodePage:
    """Return the verdict, lineage, months and standing of a target.

    The verdict stored at submission is shown for what was submitted; a draft is judged as it stands.
    """
    plan = target.plan
    holder = _holder(target)
    verdict = (
        target.smart if target.smart and not plan.is_open else verdicts(plan, today)[target.pk].as_data()
    )
    subject = {"unit": target.unit_id, "person": holder}
    on = min(today, plan.period.ends_before - _DAY)
    started = on >= plan.period.starts_on
    editable = Target.objects.filter(pk=target.pk).permitting(user, Permission.TARGET_EDIT)
    waiver = getattr(target, "waiver", None)
    return NodePage(
        name=names_of(plan, [target])[target.pk][0],
        measure=registry.measures.get(plan.measure),
        currency=plan.currency,
        verdict=verdict,
        steps=lineage(target),
        months=_months(target, holder, on if started else None),
        standing=_standing(target, holder, on) if started else None,
        history_why=_why(plan.measure, plan.baseline, subject),
        actual_why=_why(plan.measure, plan.period, subject) if started else "",
        may_edit=plan.is_open and editable.exists(),
        has_children=target.children.exists(),
        waiver=waiver.reason if waiver else "",
    )


def _holder(target: Target) -> int | None:
    if target.position_id is None:
        return None
    held = Assignment.objects.on(target.plan.structure_on).filter(
        position=target.position_id, is_acting=False
    )
    return held.values_list("person_id", flat=True).first()


def _why(measure: str, period: FiscalPeriod | None, subject: Mapping[str, int | None]) -> str:
    if period is None or not any(subject.values()):
        return ""
    unit, person = subject.get("unit"), subject.get("person")
    return why_url(measure=measure, start=period.starts_on, end=period.ends_before, unit=unit, person=person)


def _standing(target: Target, holder: int | None, on: dt.date) -> Attainment | None:
    period = target.plan.period
    if target.unit_id is None and holder is None:
        return None
    return attainment(
        measure=target.plan.measure,
        start=period.starts_on,
        end=period.ends_before,
        unit_id=target.unit_id,
        person_id=holder if target.unit_id is None else None,
        on=on,
    )


def _months(target: Target, holder: int | None, on: dt.date | None) -> list[MonthFacts]:
    plan = target.plan
    weights = dict(plan.months.values_list("position", "weight"))
    history = _by_month(target, holder, plan.baseline)
    actual = _by_month(target, holder, plan.period) if on else {}
    return [
        MonthFacts(
            label=formatting.month_name(row.month.starts_on),
            starts_on=row.month.starts_on,
            amount=row.amount,
            history=history.get(row.position),
            actual=actual.get(row.position, Decimal(0)) if on and row.month.starts_on <= on else None,
            is_fixed=row.is_fixed,
            weight=weights.get(row.position, Decimal(0)),
        )
        for row in target.months.select_related("month").order_by("position")
    ]


def _by_month(target: Target, holder: int | None, period: FiscalPeriod | None) -> dict[int, Decimal]:
    if period is None or (target.unit_id is None and holder is None):
        return {}
    rows = figures.query(
        target.plan.measure,
        period.starts_on,
        period.ends_before,
        by=["month"],
        unit_id=target.unit_id,
        person_id=holder if target.unit_id is None else None,
    )
    values = {row.keys["month"]: row.value for row in rows}
    months = calendars.months_of(period)
    return {index: Decimal(values.get(month.code) or 0) for index, month in enumerate(months)}
