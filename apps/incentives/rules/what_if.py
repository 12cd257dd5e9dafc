"""What one more deal does to somebody's lines: before and after, and what it sets off. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from apps.incentives.rules.engine.shapes import LineOut

_ZERO = Decimal(0)
TIER, GATE_OPENS, GATE_CLOSES, CAPPED, STAYS_CLOSED = "tier", "gate_opens", "gate_closes", "capped", "closed"


class Note(NamedTuple):
    """Something a deal sets off in a line: a code and the figures it is about."""

    code: str
    details: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """One line with and without a deal; ``line`` is the one with it (without it where there is none)."""

    line: LineOut
    before: Decimal
    after: Decimal
    notes: tuple[Note, ...]

    @property
    def difference(self) -> Decimal:
        """What the deal adds to the line."""
        return self.after - self.before


def changes(before: Iterable[LineOut], after: Iterable[LineOut]) -> list[Change]:
    """Return the lines a deal changes, in the order of the statement; amounts are the rounded ones."""
    then, now = _by_place(before), _by_place(after)
    found = []
    for place in dict.fromkeys([*now, *then]):
        old, new = then.get(place, []), now.get(place, [])
        line = (new or old)[-1]
        change = Change(line, _sum(old), _sum(new), _notes(_steps(old), _steps(new)))
        if change.difference or change.notes:
            found.append(change)
    return found


def effective_rate(difference: Decimal, credited: Decimal) -> Decimal | None:
    """Return what is paid for each unit credited; nothing is credited, nothing is said."""
    return difference / credited if credited > 0 else None


def _by_place(lines: Iterable[LineOut]) -> dict[tuple[str, ...], list[LineOut]]:
    found: dict[tuple[str, ...], list[LineOut]] = {}
    for line in lines:
        found.setdefault((line.component, line.window, line.kind, line.segment), []).append(line)
    return found


def _sum(lines: Sequence[LineOut]) -> Decimal:
    return sum((line.rounded for line in lines), _ZERO)


def _steps(lines: Iterable[LineOut]) -> list[Mapping[str, Any]]:
    return [step for line in lines for step in line.steps]


def _notes(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> tuple[Note, ...]:
    notes = []
    was_open, is_open = _gate(before), _gate(after)
    if is_open is False:
        notes.append(Note(GATE_CLOSES if was_open else STAYS_CLOSED, {}))
    elif is_open and was_open is False:
        notes.append(Note(GATE_OPENS, {}))
    old, new = _rate(before), _rate(after)
    if old is not None and new is not None and old != new:
        notes.append(Note(TIER, {"before": old, "after": new}))
    over = _over(after)
    if over > _over(before):
        notes.append(Note(CAPPED, {"over": str(over - _over(before))}))
    return tuple(notes)


def _gate(steps: Sequence[Mapping[str, Any]]) -> bool | None:
    return next((bool(step["open"]) for step in reversed(steps) if step.get("op") == "gate_result"), None)


def _rate(steps: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the rate of the highest tier that something fell into."""
    rates = [
        str(step["rate"])
        for step in steps
        if step.get("op") == "reached" or (step.get("op") == "slice" and step.get("length") != "0")
    ]
    return rates[-1] if rates else None


def _over(steps: Sequence[Mapping[str, Any]]) -> Decimal:
    capped = [step for step in steps if step.get("op") in {"cap", "plan_cap"}]
    return sum((_number(step.get("over", "0")) for step in capped), _ZERO)


def _number(text: str) -> Decimal:
    top, _slash, bottom = text.partition("/")
    return Decimal(top) / Decimal(bottom or 1)
