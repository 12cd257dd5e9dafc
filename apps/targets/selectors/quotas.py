"""What a unit or a person has to reach between two days, from the versions in force."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q

from apps.calendars import selectors as calendars
from apps.calendars.rules import Workdays
from apps.org.models import Assignment
from apps.targets.models import TargetMonth
from apps.targets.rules.pacing import MonthPlan


@dataclass(frozen=True)
class Piece:
    """The part of one month's quota that a unit or person is held to, exact."""

    month_id: int
    start: dt.date
    end: dt.date
    amount: Fraction
    share: Fraction
    decimals: int
    is_additive: bool


@dataclass(frozen=True)
class Quotas:
    """The pieces of units and people over one range, loaded in a fixed number of queries."""

    units: Mapping[int, list[Piece]]
    people: Mapping[int, list[Piece]]
    workdays: Workdays

    def pieces(self, *, unit_id: int | None = None, person_id: int | None = None) -> list[Piece]:
        """Return the pieces of one unit or person, oldest first."""
        found = self.units.get(unit_id or 0) if unit_id is not None else self.people.get(person_id or 0)
        return sorted(found or [], key=lambda piece: piece.start)

    def total(self, *, unit_id: int | None = None, person_id: int | None = None) -> Decimal | None:
        """Return the quota of one unit or person, None without a target."""
        return total(self.pieces(unit_id=unit_id, person_id=person_id))

    def month_plans(
        self, on: dt.date, *, unit_id: int | None = None, person_id: int | None = None
    ) -> list[MonthPlan]:
        """Return the months with what of them lies behind at the end of a day."""
        after = on + dt.timedelta(days=1)
        return [
            MonthPlan(
                piece.amount,
                self.workdays.between(piece.start, piece.end),
                self.workdays.between(piece.start, min(max(after, piece.start), piece.end)),
            )
            for piece in self.pieces(unit_id=unit_id, person_id=person_id)
        ]


def total(pieces: Iterable[Piece]) -> Decimal | None:
    """Sum pieces and round once to the measure's decimals; a rate is averaged over its months."""
    known = list(pieces)
    if not known:
        return None
    exact = sum((piece.amount for piece in known), Fraction(0))
    if not known[0].is_additive:
        weight = sum((piece.share for piece in known), Fraction(0))
        exact = exact / weight if weight else exact
    return _rounded(exact, known[0].decimals)


def _rounded(value: Fraction, places: int) -> Decimal:
    """Half-up; targets are never negative."""
    scaled = value * 10**places
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)


def quota(
    *,
    measure: str,
    start: dt.date,
    end: dt.date,
    person_id: int | None = None,
    unit_id: int | None = None,
) -> Decimal | None:
    """Return the quota of one person or one unit over ``[start, end)``, or None without a target in force.

    A person's quota follows the seats they hold, by working days when they
    change seats or when the range cuts a month. A manager's own figure is that
    of the unit: ask with ``unit_id``.
    """
    found = quotas(
        measure,
        start,
        end,
        unit_ids=[] if unit_id is None else [unit_id],
        person_ids=[] if person_id is None else [person_id],
    )
    return found.total(unit_id=unit_id) if unit_id is not None else found.total(person_id=person_id)


def quotas(
    measure: str,
    start: dt.date,
    end: dt.date,
    *,
    unit_ids: Collection[int] = (),
    person_ids: Collection[int] = (),
    plan_id: int | None = None,
) -> Quotas:
    """Return the quotas of many units and people over ``[start, end)`` at a constant cost.

    With ``plan_id`` those of that version, whether in force or not.
    """
    workdays = calendars.workdays()
    units: dict[int, list[Piece]] = defaultdict(list)
    people: dict[int, list[Piece]] = defaultdict(list)
    held = _held(person_ids, start, end) if person_ids else {}
    asked = Q(target__unit__in=list(unit_ids)) | Q(target__position__in=list(held))
    for row in month_rows(measure, start, end, plan_id).filter(asked):
        if row["target__unit_id"] is not None:
            _add(units[row["target__unit_id"]], row, start, end, workdays)
            continue
        for person_id, since, until in held[row["target__position_id"]]:
            _add(people[person_id], row, max(start, since), min(end, until), workdays)
    return Quotas(units, people, workdays)


def month_rows(measure: str, start: dt.date, end: dt.date, plan_id: int | None = None):  # type: ignore[no-untyped-def]  # a values queryset
    """Return the months of targets that a range touches: of the versions in force, or of one version."""
    of = {"target__plan__status": "approved"} if plan_id is None else {"target__plan": plan_id}
    return (
        TargetMonth.objects.filter(
            **of,
            target__plan__measure=measure,
            month__starts_on__lt=end,
            month__ends_before__gt=start,
        )
        .order_by("month__starts_on", "pk")
        .values(
            "month_id",
            "amount",
            "target__unit_id",
            "target__position_id",
            "target__plan__decimals",
            "target__plan__is_additive",
            "month__starts_on",
            "month__ends_before",
        )
    )


def _held(
    person_ids: Collection[int], start: dt.date, end: dt.date
) -> dict[int, list[tuple[int, dt.date, dt.date]]]:
    """Return position → (person, since, until) for the seats held for good, not as acting holder."""
    held: dict[int, list[tuple[int, dt.date, dt.date]]] = defaultdict(list)
    rows = Assignment.objects.during(start, end).filter(person__in=list(person_ids), is_acting=False)
    for position_id, person_id, valid in rows.order_by("pk").values_list("position_id", "person_id", "valid"):
        held[position_id].append((person_id, valid.lower or start, valid.upper or end))
    return held


def _add(
    pieces: list[Piece], row: Mapping[str, Any], since: dt.date, until: dt.date, workdays: Workdays
) -> None:
    first: dt.date = row["month__starts_on"]
    last: dt.date = row["month__ends_before"]
    start, end = max(first, since), min(last, until)
    if end <= start:
        return
    share = share_of_month(start, end, first, last, workdays)
    pieces.append(
        Piece(
            month_id=row["month_id"],
            start=start,
            end=end,
            amount=Fraction(row["amount"]) * share,
            share=share,
            decimals=row["target__plan__decimals"],
            is_additive=row["target__plan__is_additive"],
        )
    )


def share_of_month(
    start: dt.date, end: dt.date, first: dt.date, last: dt.date, workdays: Workdays
) -> Fraction:
    """Return the part of a month that a range covers, by working days (calendar days if it has none)."""
    if (start, end) == (first, last):
        return Fraction(1)
    whole = workdays.between(first, last)
    if whole == 0:
        return Fraction((end - start).days, (last - first).days)
    return Fraction(workdays.between(start, end), whole)
