"""Read a plan document, refusing what does not hold together with the place and the fix."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.core.money import CURRENCIES
from apps.incentives.rules.document import (
    SCHEMA,
    BaseSalary,
    Cap,
    Commission,
    Component,
    Curve,
    Gate,
    KpiBonus,
    KpiPart,
    Override,
    PlanDocument,
    RateTable,
    Tier,
)

CODE = re.compile(r"^[a-z][a-z0-9_]{0,29}$")
NUMBER = re.compile(r"^-?\d{1,12}(\.\d{1,8})?$")
MAX_AMOUNT = Decimal("999999999999")
MAX_COMPONENTS = 20
MAX_TIERS = 20


@dataclass(frozen=True)
class Problem:
    """What is wrong in a document: where, and how to put it right."""

    place: str
    fix: object


class PlanInvalid(DomainError):
    """The plan document does not hold together."""

    code = "plan_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(
            _("The plan has mistakes. Correct the marked places and save again."),
            fields={problem.place: problem.fix for problem in problems},
        )

    def __str__(self) -> str:
        return "; ".join(f"{problem.place}: {problem.fix}" for problem in self.problems)


class Reader:
    """One object of the document together with its place, collecting problems instead of stopping."""

    def __init__(self, data: Any, place: str, problems: list[Problem]) -> None:
        self.place = place
        self.problems = problems
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self._asked: set[str] = set()
        if not isinstance(data, Mapping):
            self.problem("", _("Give an object with named fields here."))

    def problem(self, name: str, fix: object) -> None:
        """Note a problem at a field of this object."""
        place = ".".join(part for part in (self.place, name) if part)
        self.problems.append(Problem(place or "plan", fix))

    def text(self, name: str, *, limit: int = 80) -> str:
        """Read a short text that must be there."""
        value = self._take(name)
        if not isinstance(value, str) or not value.strip() or len(value) > limit or "\x00" in value:
            self.problem(name, _("Give a text of 1 to %(limit)s characters.") % {"limit": limit})
            return ""
        return value.strip()

    def choice(self, name: str, options: Sequence[str], *, default: str | None = None) -> str:
        """Read one of several words; without a default the word must be stated."""
        value = self._take(name)
        if value is None and default is not None:
            return default
        if value not in options:
            self.problem(name, _("State one of: %(options)s.") % {"options": ", ".join(options)})
            return options[0]
        return str(value)

    def number(
        self, name: str, *, low: Decimal | int = 0, high: Decimal | int = MAX_AMOUNT, optional: bool = False
    ) -> Decimal | None:
        """Read an exact decimal number, written as text."""
        value = self._take(name)
        if value is None and optional:
            return None
        number = exact(value)
        if number is None or not low <= number <= high:
            fix = _("Write a number from %(low)s to %(high)s with at most 8 decimals, for example 0.05.")
            self.problem(name, fix % {"low": low, "high": high})
            return None
        return number

    def items(self, name: str, *, low: int = 1, high: int = MAX_TIERS) -> list[tuple[str, Any]]:
        """Read a list, each entry with its place."""
        value = self._take(name)
        if value is None and low == 0:
            return []
        if not isinstance(value, list) or not low <= len(value) <= high:
            self.problem(name, _("Give %(low)s to %(high)s entries.") % {"low": low, "high": high})
            return []
        prefix = f"{self.place}.{name}" if self.place else name
        return [(f"{prefix}[{index}]", entry) for index, entry in enumerate(value)]

    def child(self, name: str) -> "Reader | None":
        """Read an object that may be left out."""
        value = self._take(name)
        if value is None:
            return None
        return Reader(value, f"{self.place}.{name}" if self.place else name, self.problems)

    def required_child(self, name: str) -> "Reader":
        """Read an object that must be there."""
        prefix = f"{self.place}.{name}" if self.place else name
        return Reader(self._take(name), prefix, self.problems)

    def done(self) -> None:
        """Refuse fields that nobody asked for."""
        for name in self.data:
            if name not in self._asked:
                self.problem(str(name), _("This field is not known here. Remove it or correct its name."))

    def _take(self, name: str) -> Any:
        self._asked.add(name)
        return self.data.get(name)


def exact(value: object) -> Decimal | None:
    """Return a plainly written number exactly, or None (no exponents, signs of infinity or floats)."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = str(value).strip()
    if not NUMBER.match(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def parse_plan(data: object) -> PlanDocument:
    """Read a plan document. Raises PlanInvalid naming every place and its fix."""
    problems: list[Problem] = []
    reader = Reader(data, "", problems)
    reader.choice("schema", [SCHEMA], default=SCHEMA)
    currency = reader.choice("currency", CURRENCIES)
    period = reader.choice("period", ["month", "quarter"])
    rounding = reader.choice("rounding", ["half_up", "half_even"], default="half_up")
    cap = _cap(reader)
    components = [_component(place, entry, problems) for place, entry in _entries(reader)]
    reader.done()
    _distinct_codes(components, problems)
    plan = PlanDocument(
        currency=currency,
        period=period,  # type: ignore[arg-type]  # one of the choices
        components=tuple(c for c in components if c is not None),
        rounding=rounding,  # type: ignore[arg-type]  # one of the choices
        cap=cap,
    )
    if period == "quarter":
        _no_window_below_period(plan, problems)
    if problems:
        raise PlanInvalid(problems)
    return plan


def _entries(reader: Reader) -> list[tuple[str, Any]]:
    return reader.items("components", high=MAX_COMPONENTS)


def _distinct_codes(components: Sequence[Component | None], problems: list[Problem]) -> None:
    seen: set[str] = set()
    for index, component in enumerate(components):
        if component is None:
            continue
        if component.code in seen:
            problems.append(
                Problem(f"components[{index}].code", _("Two components share this code. Give each its own."))
            )
        seen.add(component.code)


def _no_window_below_period(plan: PlanDocument, problems: list[Problem]) -> None:
    for index, component in enumerate(plan.components):
        if isinstance(component, Commission | Override) and component.basis == "quarter_to_date":
            fix = _("A plan paid by quarter needs the basis period or year_to_date.")
            problems.append(Problem(f"components[{index}].basis", fix))


def _component(place: str, entry: object, problems: list[Problem]) -> Component | None:
    reader = Reader(entry, place, problems)
    before = len(problems)
    kind = reader.choice("kind", list(_KINDS))
    code = reader.text("code", limit=30)
    if code and not CODE.match(code):
        reader.problem("code", _("Use small letters, digits and underscores, starting with a letter."))
    name = reader.text("name")
    component = _KINDS[kind](reader, code, name)
    reader.done()
    return component if len(problems) == before else None


def _base_salary(reader: Reader, code: str, name: str) -> Component:
    return BaseSalary(code=code, name=name, annual=reader.number("annual") or Decimal(0))


def _commission(reader: Reader, code: str, name: str) -> Component:
    return Commission(
        code=code,
        name=name,
        measure=reader.text("measure", limit=40),
        basis=_basis(reader),
        table=_table(reader.required_child("table")),
        credits=reader.choice("credits", ["direct", "overlay", "all"], default="direct"),  # type: ignore[arg-type]
        gates=_gates(reader),
        cap=_cap(reader),
    )


def _override(reader: Reader, code: str, name: str) -> Component:
    low, high = 1, None
    levels = reader.child("levels")
    if levels is not None:
        low = int(levels.number("from", low=1, high=20) or 1)
        last = levels.number("to", low=1, high=20, optional=True)
        high = None if last is None else int(last)
        if high is not None and high < low:
            levels.problem("to", _("The last level must not lie below the first."))
        levels.done()
    return Override(
        code=code,
        name=name,
        measure=reader.text("measure", limit=40),
        basis=_basis(reader),
        table=_table(reader.required_child("table")),
        level_from=low,
        level_to=high,
        gates=_gates(reader),
        cap=_cap(reader),
    )


def _kpi_bonus(reader: Reader, code: str, name: str) -> Component:
    parts = [_kpi_part(place, entry, reader.problems) for place, entry in reader.items("measures", high=10)]
    total = sum((part.weight for part in parts), Decimal(0))
    if parts and total != 100:
        fix = _("The weights add up to %(total)s. Make them add up to 100.") % {"total": total}
        reader.problem("measures", fix)
    return KpiBonus(
        code=code,
        name=name,
        annual=reader.number("annual") or Decimal(0),
        parts=tuple(parts),
        curve=_curve(reader.required_child("curve")),
        zero_quota=reader.choice("zero_quota", ["error", "full", "skip"], default="error"),  # type: ignore[arg-type]
        gates=_gates(reader),
        cap=_cap(reader),
    )


_KINDS: dict[str, Callable[[Reader, str, str], Component]] = {
    "base_salary": _base_salary,
    "commission": _commission,
    "override": _override,
    "kpi_bonus": _kpi_bonus,
}


def _basis(reader: Reader) -> Any:
    return reader.choice("basis", ["transaction", "period", "quarter_to_date", "year_to_date"])


def _cap(reader: Reader) -> Cap | None:
    child = reader.child("cap")
    if child is None:
        return None
    amount = child.number("amount")
    child.choice("excess", ["forfeit"], default="forfeit")
    child.done()
    return Cap(amount=amount or Decimal(0))


def _gates(reader: Reader) -> tuple[Gate, ...]:
    gates = []
    for place, entry in reader.items("gates", low=0, high=5):
        child = Reader(entry, place, reader.problems)
        gates.append(
            Gate(
                measure=child.text("measure", limit=40),
                test=child.choice("test", ["attainment", "value"]),  # type: ignore[arg-type]
                at_least=child.number("at_least") or Decimal(0),
            )
        )
        child.done()
    return tuple(gates)


def _kpi_part(place: str, entry: object, problems: list[Problem]) -> KpiPart:
    child = Reader(entry, place, problems)
    part = KpiPart(
        measure=child.text("measure", limit=40),
        weight=child.number("weight", low=Decimal("0.01"), high=100) or Decimal(0),
        goal=child.number("goal", low=Decimal("0.00000001"), optional=True),
    )
    child.done()
    return part


def _table(reader: Reader) -> RateTable:
    kind = reader.choice("kind", ["marginal", "retroactive"])
    edge = reader.choice("edge", ["upper", "lower"], default="upper")
    unit = reader.choice("unit", ["amount", "quota"], default="amount")
    tiers = [_tier(place, entry, reader.problems) for place, entry in reader.items("tiers")]
    reader.done()
    _contiguous(tiers, reader)
    return RateTable(kind=kind, tiers=tuple(tiers), edge=edge, unit=unit)  # type: ignore[arg-type]


def _tier(place: str, entry: object, problems: list[Problem]) -> Tier:
    child = Reader(entry, place, problems)
    tier = Tier(
        low=child.number("from") or Decimal(0),
        high=child.number("to", optional=True),
        rate=child.number("rate", low=0, high=10) or Decimal(0),
    )
    child.done()
    return tier


def _contiguous(tiers: Sequence[Tier], reader: Reader) -> None:
    if not tiers:
        return
    if tiers[0].low != 0:
        reader.problem("tiers[0].from", _("The first tier must start at 0."))
    for index, tier in enumerate(tiers):
        if tier.high is not None and tier.high <= tier.low:
            reader.problem(f"tiers[{index}].to", _("A tier must end above its start."))
        if index + 1 < len(tiers):
            _meets(tier, tiers[index + 1], index, reader)
    if tiers[-1].high is not None:
        reader.problem(f"tiers[{len(tiers) - 1}].to", _("Leave the end of the last tier empty."))


def _meets(tier: Tier, following: Tier, index: int, reader: Reader) -> None:
    numbers = {"here": tier.high, "next": following.low}
    if tier.high is None:
        reader.problem(f"tiers[{index}].to", _("Only the last tier may be without an end."))
    elif tier.high < following.low:
        fix = _("Nothing is paid between %(here)s and %(next)s. Close the gap.")
        reader.problem(f"tiers[{index + 1}].from", fix % numbers)
    elif tier.high > following.low:
        fix = _("Two tiers cover %(next)s to %(here)s. Remove the overlap.")
        reader.problem(f"tiers[{index + 1}].from", fix % numbers)


def _point(entry: object) -> tuple[Decimal, Decimal] | None:
    if not isinstance(entry, list | tuple) or len(entry) != 2:
        return None
    reached, pays = exact(entry[0]), exact(entry[1])
    if reached is None or pays is None or min(reached, pays) < 0 or max(reached, pays) > 100:
        return None
    return reached, pays


def _curve(reader: Reader) -> Curve:
    points = []
    for place, entry in reader.items("points", low=2):
        point = _point(entry)
        if point is None:
            problem = _("Give a pair of numbers: attainment and payout, both from 0 to 100.")
            reader.problems.append(Problem(place, problem))
            continue
        points.append(point)
    for index in range(1, len(points)):
        if points[index][0] <= points[index - 1][0]:
            reader.problem(f"points[{index}]", _("Attainment must rise from point to point."))
    below = reader.choice("below", ["zero", "hold", "extend"])
    above = reader.choice("above", ["zero", "hold", "extend"])
    reader.done()
    return Curve(points=tuple(points), below=below, above=above)  # type: ignore[arg-type]


@dataclass(frozen=True)
class MeasureFacts:
    """What the catalogue knows about a measure that a plan may name."""

    kind: str
    is_ledger: bool


def check_measures(plan: PlanDocument, catalogue: Mapping[str, MeasureFacts], company_currency: str) -> None:
    """Refuse unknown measures and units that do not fit. Raises PlanInvalid."""
    problems: list[Problem] = []
    if plan.currency != company_currency:
        fix = _("Figures are kept in %(currency)s. Pay this plan in %(currency)s.")
        problems.append(Problem("currency", fix % {"currency": company_currency}))
    for index, component in enumerate(plan.components):
        if isinstance(component, BaseSalary):
            continue
        place = f"components[{index}]"
        if isinstance(component, Commission | Override):
            _paid_on_ledger(component.measure, f"{place}.measure", catalogue, problems)
        else:
            for i, part in enumerate(component.parts):
                _known(part.measure, f"{place}.measures[{i}].measure", catalogue, problems)
        for i, gate in enumerate(component.gates):
            _known(gate.measure, f"{place}.gates[{i}].measure", catalogue, problems)
    if problems:
        raise PlanInvalid(problems)


def _known(code: str, place: str, catalogue: Mapping[str, MeasureFacts], problems: list[Problem]) -> bool:
    if code in catalogue:
        return True
    fix = _("There is no measure “%(code)s”. Choose one from the catalogue.") % {"code": code}
    problems.append(Problem(place, fix))
    return False


def _paid_on_ledger(
    code: str, place: str, catalogue: Mapping[str, MeasureFacts], problems: list[Problem]
) -> None:
    if not _known(code, place, catalogue, problems):
        return
    facts = catalogue[code]
    if not facts.is_ledger or facts.kind not in {"money", "count"}:
        fix = _("A rate needs credited amounts; “%(code)s” is not one. Choose revenue or a count.")
        problems.append(Problem(place, fix % {"code": code}))
