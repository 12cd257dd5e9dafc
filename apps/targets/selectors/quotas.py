"""What a unit or a person has to reach between two days, from the versions in force."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q

from apps.calendars import selectors as calendars
from apps.calendars.rules import Workdays
from apps.org import selectors as org
from apps.org.models import Assignment, Person
from apps.targets.enums import PlanStatus, RampUse
from apps.targets.models import PlanMonth, QuotaRelief, Target
from apps.targets.rules.effective import AwayDays, Relief, relieved, share_away
from apps.targets.rules.pacing import MonthPlan
from apps.targets.rules.ramp import share_in


@dataclass(frozen=True)
class Piece:
    """The part of one month's quota that a unit or person is held to, exact.

    ``full`` is what the plan says for these days; ``away`` which part of their working days recorded
    absences take off; ``amount`` what counts after ramp, absences and relief.
    """

    month_id: int
    month: dt.date
    start: dt.date
    end: dt.date
    full: Fraction
    amount: Fraction
    share: Fraction
    decimals: int
    is_additive: bool
    ramp: Fraction = Fraction(1)
    target_id: int = 0
    away: Fraction = Fraction(0)

    @property
    def present(self) -> Fraction:
        """What counts after ramp and absences, before relief."""
        return self.full * self.ramp * (1 - self.away)

    @property
    def active(self) -> Fraction:
        """The part of the month's working days that is worked here."""
        return self.share * (1 - self.away)

    @property
    def relief(self) -> Fraction:
        """What is taken off after ramp and absences."""
        return self.present - self.amount


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

    def planned(self, *, unit_id: int | None = None, person_id: int | None = None) -> Decimal | None:
        """Return the quota as planned, before ramp, absences and relief."""
        found = self.pieces(unit_id=unit_id, person_id=person_id)
        return total([replace(piece, amount=piece.full) for piece in found])

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

    With ``plan_id`` what that plan says, in force or not.
    """
    workdays = calendars.workdays()
    units: dict[int, list[Piece]] = defaultdict(list)
    people: dict[int, list[Piece]] = defaultdict(list)
    held = _held(person_ids, start, end) if person_ids else {}
    version = {"plan__status": PlanStatus.APPROVED} if plan_id is None else {"plan": plan_id}
    subjects = Q(unit__in=list(unit_ids)) | Q(position__in=list(held))
    rows = _targets(measure, start, end, subjects, version)
    months = _months({row["plan_id"] for row in rows}, start, end)
    for row in rows:
        for month in months[row["plan_id"]]:
            if row["unit_id"] is not None:
                _add(units[row["unit_id"]], row, month, (start, end), workdays)
                continue
            for person_id, since, until in held[row["position_id"]]:
                _add(people[person_id], row, month, (max(start, since), min(end, until)), workdays)
    return Quotas(units, _effective(measure, people, rows, workdays), workdays)


def _targets(
    measure: str, start: dt.date, end: dt.date, subjects: Q, version: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = Target.objects.filter(
        subjects,
        **version,
        plan__measure=measure,
        plan__period__starts_on__lt=end,
        plan__period__ends_before__gt=start,
    )
    rows = found.order_by("plan__period__starts_on", "pk").values(
        "pk", "plan_id", "months", "unit_id", "position_id",
        "plan__decimals", "plan__is_additive", "plan__ramp", "plan__ramp_use",
    )  # fmt: skip
    return [dict(row) for row in rows]


def _months(plan_ids: Collection[int], start: dt.date, end: dt.date) -> dict[int, list[dict[str, Any]]]:
    """Return the months of plans that a range touches. One query, none without plans."""
    found: dict[int, list[dict[str, Any]]] = {plan_id: [] for plan_id in plan_ids}
    if not plan_ids:
        return found
    rows = PlanMonth.objects.filter(
        plan__in=plan_ids, month__starts_on__lt=end, month__ends_before__gt=start
    ).order_by("plan", "position")
    for row in rows.values("plan_id", "position", "month_id", "month__starts_on", "month__ends_before"):
        found[row["plan_id"]].append(dict(row))
    return found


def _effective(
    measure: str, people: dict[int, list[Piece]], rows: list[dict[str, Any]], workdays: Workdays
) -> dict[int, list[Piece]]:
    """Take ramp, absences and relief off the pieces of people; rates stay as they are."""
    if not any(pieces and pieces[0].is_additive for pieces in people.values()):
        return people
    ramps = {
        row["pk"]: [Decimal(step) for step in row["plan__ramp"]]
        for row in rows
        if row["plan__ramp"] and row["plan__ramp_use"] == RampUse.RELIEF
    }
    hired = dict(Person.objects.filter(pk__in=people).values_list("pk", "hired_on")) if ramps else {}
    reliefs, absences = _reliefs(measure, people), _absences(people)
    found = {}
    for person_id, pieces in people.items():
        if not (ramps or person_id in absences or person_id in reliefs):
            found[person_id] = pieces  # most people of most companies: the plan's figures stand
            continue
        ramped = [
            replace(
                piece,
                ramp=share_in(piece.month, hired.get(person_id), ramps.get(piece.target_id, [])),
                away=share_away(piece.start, piece.end, absences.get(person_id, ()), workdays),
            )
            for piece in pieces
        ]
        found[person_id] = _with_relief(ramped, reliefs.get(person_id, {}))
    return found


def _absences(people: Mapping[int, Collection[Piece]]) -> dict[int, list[AwayDays]]:
    """Return the recorded absences that lower quotas. One query, none without pieces."""
    days = [day for pieces in people.values() for piece in pieces for day in (piece.start, piece.end)]
    if not days:
        return {}
    return {
        person_id: [AwayDays(one.start, one.end, one.share) for one in rows if one.relieves_quota]
        for person_id, rows in org.away_between(people, min(days), max(days)).items()
    }


def _reliefs(measure: str, people: Mapping[int, Collection[Piece]]) -> dict[int, dict[int, list[Relief]]]:
    months = {piece.month_id for pieces in people.values() for piece in pieces}
    rows = QuotaRelief.objects.standing().filter(measure=measure, person__in=list(people), month__in=months)
    found: dict[int, dict[int, list[Relief]]] = defaultdict(lambda: defaultdict(list))
    for person_id, month_id, amount, share, on_top in rows.order_by("pk").values_list(
        "person_id", "month_id", "amount", "share", "on_top"
    ):
        found[person_id][month_id].append(Relief(amount, share, on_top))
    return found


def _with_relief(pieces: list[Piece], reliefs: Mapping[int, list[Relief]]) -> list[Piece]:
    found = []
    for piece in pieces:
        month = [one for one in pieces if one.month_id == piece.month_id]
        whole = sum((one.full * one.ramp for one in month), Fraction(0))
        present = sum((one.present for one in month), Fraction(0))
        covered = min(sum((one.share for one in month), Fraction(0)), Fraction(1))
        left = relieved(whole, covered, reliefs.get(piece.month_id, []), whole - present)
        found.append(replace(piece, amount=piece.present * left / present if present else Fraction(0)))
    return found


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
    pieces: list[Piece],
    row: Mapping[str, Any],
    month: Mapping[str, Any],
    held: tuple[dt.date, dt.date],
    workdays: Workdays,
) -> None:
    first: dt.date = month["month__starts_on"]
    last: dt.date = month["month__ends_before"]
    start, end = max(first, held[0]), min(last, held[1])
    if end <= start:
        return
    share = share_of_month(start, end, first, last, workdays)
    full = Fraction(row["months"][month["position"]]) * share
    pieces.append(
        Piece(
            month_id=month["month_id"],
            month=first,
            start=start,
            end=end,
            full=full,
            amount=full,
            share=share,
            decimals=row["plan__decimals"],
            is_additive=row["plan__is_additive"],
            target_id=row["pk"],
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
