"""The slices of a target with what each brought, and what could be sliced."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apps.org.models import Assignment
from apps.targets.dimensions import Dimension, Subject, dimensions
from apps.targets.models import Target, TargetSlice
from apps.targets.rules.pacing import quotient
from apps.targets.rules.slices import follow_mix

SUGGESTED = 12
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class SliceLine:
    """One member: last year, the slice, what it brought so far, and the attainment."""

    member: str
    label: str
    history: Decimal
    amount: Decimal
    share: Fraction | None
    actual: Decimal
    ratio: Fraction | None
    is_sliced: bool


@dataclass
class SlicePage:
    """A target sliced by one dimension."""

    dimension: Dimension
    lines: list[SliceLine] = field(default_factory=list)
    total: Decimal = Decimal(0)
    actual: Decimal = Decimal(0)
    choices: Mapping[str, str] = field(default_factory=dict)
    is_sliced: bool = False
    started: bool = False


def subject_of(target: Target) -> Subject:
    """Return whose actuals belong to a target: its unit's, or the holder's of its seat."""
    if target.unit_id is not None:
        return Subject(unit_id=target.unit_id)
    held = Assignment.objects.on(target.plan.structure_on).filter(
        position=target.position_id, is_acting=False
    )
    return Subject(person_id=held.values_list("person_id", flat=True).first() or 0)


def slice_page(target: Target, code: str, today: dt.date) -> SlicePage:
    """Return the slices of a target by a dimension; unsliced, what last year's mix would make of it."""
    dimension = dimensions.get(code)
    plan = target.plan
    subject = subject_of(target)
    members = dimension.members()
    rows = list(TargetSlice.objects.filter(target=target, dimension=code).order_by("-amount", "label", "pk"))
    history: Mapping[str, Decimal] = {}
    if plan.baseline is not None:
        history = dimension.actuals(plan.measure, plan.baseline.starts_on, plan.baseline.ends_before, subject)
    until = min(today + _DAY, plan.period.ends_before)
    actual = dimension.actuals(plan.measure, plan.period.starts_on, until, subject)
    found = SlicePage(dimension, choices=members, is_sliced=bool(rows), started=until > plan.period.starts_on)
    amounts = {row.member: row.amount for row in rows} or suggested(target, history, members)
    labels = {**members, **{row.member: row.label for row in rows}}
    whole = sum(amounts.values(), Decimal(0))
    for member, amount in amounts.items():
        brought = actual.get(member, Decimal(0))
        found.lines.append(
            SliceLine(
                member,
                labels.get(member, member),
                history.get(member, Decimal(0)),
                amount,
                quotient(amount, whole),
                brought,
                quotient(brought, amount),
                bool(rows),
            )
        )
    found.total = whole
    found.actual = sum((line.actual for line in found.lines), Decimal(0))
    return found


def suggested(
    target: Target, history: Mapping[str, Decimal], members: Mapping[str, str]
) -> dict[str, Decimal]:
    """Split a target in last year's mix over the largest members; without a history, over the first ones."""
    largest = sorted(
        (member for member, value in history.items() if value > 0 and member in members),
        key=lambda member: (-history[member], member),
    )[:SUGGESTED]
    mix = {member: history[member] for member in largest}
    if not mix:
        mix = dict.fromkeys(list(members)[:SUGGESTED], Decimal(1))
    return follow_mix(target.amount, mix, places=target.plan.decimals)
