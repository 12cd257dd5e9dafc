"""Everything about one target on one page."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from apps.org import selectors as org
from apps.org.models import Absence, Assignment
from apps.targets.models import QuotaRelief, Target
from apps.targets.rules.pacing import Attainment
from apps.targets.selectors.evidence import verdicts
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.lineage import MonthStep, Step, lineage, months_of
from apps.targets.selectors.quotas import Piece, Quotas, quotas
from apps.targets.selectors.standing import attainment
from apps.targets.selectors.tiers import TierLine, tier_lines
from apps.ui import formatting

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class MonthFacts:
    """One month of a target beside the base year, the actual, and what of it counts for its holder."""

    label: str
    starts_on: dt.date
    step: MonthStep
    history: Decimal | None
    actual: Decimal | None
    weight: Decimal
    piece: Piece | None = None

    @property
    def amount(self) -> Decimal:
        """The target of the month."""
        return self.step.amount


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
    effective: Decimal | None = None
    reliefs: list[QuotaRelief] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    holder_id: int | None = None
    tiers: list[TierLine] = field(default_factory=list)

    @property
    def is_relieved(self) -> bool:
        """Whether less counts for the holder than the seat carries."""
        return any(month.piece and month.piece.amount != month.piece.full for month in self.months)


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
    counted = _counted(target, holder)
    standing = _standing(target, holder, on) if started and not plan.is_open else None
    return NodePage(
        name=names_of(plan, [target])[target.pk][0],
        measure=registry.measures.get(plan.measure),
        currency=plan.currency,
        verdict=verdict,
        steps=lineage(target),
        months=_months(target, holder, on if started else None, counted),
        standing=standing,
        history_why=_why(plan.measure, plan.baseline, subject),
        actual_why=_why(plan.measure, plan.period, subject) if started else "",
        may_edit=plan.is_open and editable.exists(),
        has_children=target.children.exists(),
        waiver=waiver.reason if waiver else "",
        effective=counted.total(person_id=holder) if counted and holder else None,
        reliefs=_reliefs(target, holder),
        absences=_absences(user, target, holder),
        holder_id=holder,
        tiers=tier_lines(plan, standing) if standing else [],
    )


def _counted(target: Target, holder: int | None) -> Quotas | None:
    """Return what counts for the holder of a seat, month by month, in the target's own plan."""
    if target.position_id is None or holder is None:
        return None
    period = target.plan.period
    return quotas(
        target.plan.measure,
        period.starts_on,
        period.ends_before,
        person_ids=[holder],
        plan_id=target.plan_id,
    )


def _reliefs(target: Target, holder: int | None) -> list[QuotaRelief]:
    if target.position_id is None or holder is None:
        return []
    rows = QuotaRelief.objects.standing().filter(
        measure=target.plan.measure,
        person=holder,
        month__starts_on__gte=target.plan.period.starts_on,
        month__ends_before__lte=target.plan.period.ends_before,
    )
    return list(rows.select_related("month", "granted_by").order_by("month__starts_on", "pk"))


def _absences(user: User, target: Target, holder: int | None) -> list[Absence]:
    """Return the absences that lower the holder's quota, as far as the viewer may know them."""
    if target.position_id is None or holder is None:
        return []
    period = target.plan.period
    rows = org.absences(user).standing().filter(person=holder, relieves_quota=True)
    return list(rows.during(period.starts_on, period.ends_before).order_by("valid", "pk"))


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


def _months(
    target: Target, holder: int | None, on: dt.date | None, counted: Quotas | None
) -> list[MonthFacts]:
    plan = target.plan
    history = _by_month(target, holder, plan.baseline)
    actual = _by_month(target, holder, plan.period) if on else {}
    pieces = {
        piece.month_id: piece
        for piece in (counted.pieces(person_id=holder) if counted else [])
        if piece.target_id == target.pk
    }
    rows = plan.months.select_related("month").order_by("position")
    return [
        MonthFacts(
            label=formatting.month_name(row.month.starts_on),
            starts_on=row.month.starts_on,
            step=step,
            history=history.get(row.position),
            actual=actual.get(row.position, Decimal(0)) if on and row.month.starts_on <= on else None,
            weight=row.weight,
            piece=pieces.get(row.month_id),
        )
        for row, step in zip(rows, months_of(target), strict=True)
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
