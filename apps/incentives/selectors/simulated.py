"""The figures of a simulation: cost, winners and losers, spread, cliffs, chance."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.models import SimulatedPayee, Simulation
from apps.incentives.names import in_words
from apps.incentives.rules import simulation as rules
from apps.incentives.rules.examples import jumps, reads
from apps.incentives.rules.meaning import by_meaning
from apps.incentives.selectors.pages import exception_sentence, own_label, sentences_of
from apps.incentives.selectors.simulating import simulated_version
from apps.ui import charts, formatting

_ZERO = Decimal(0)


def summary(simulation: Simulation) -> dict[str, Any]:
    """Return the figures of a simulation as they are kept; money as text."""
    rows = list(SimulatedPayee.objects.filter(simulation=simulation).order_by("pk"))
    now = sum((row.paid_now for row in rows), _ZERO)
    then = sum((row.paid_then for row in rows), _ZERO)
    apart = [row.paid_then - row.paid_now for row in rows]
    revenue = sum((row.credited for row in rows), _ZERO)
    periods = [[(Decimal(a), Decimal(b)) for _code, a, b in row.periods] for row in rows]
    chances = rules.bootstrap(periods, simulation.draws, simulation.seed)
    moved = [one for one in apart if one]
    edges = rules.even_edges(moved)
    reached = [row.attainment for row in rows if row.attainment is not None]
    return {
        "payees": len(rows),
        "problems": sum(1 for row in rows if row.problem),
        "now": str(now),
        "then": str(then),
        "revenue": str(revenue),
        "outcome": {name: str(value) for name, value in asdict(rules.outcome(apart)).items()},
        "differences": {"edges": [str(one) for one in edges], "counts": rules.counts(moved, edges)},
        "attainment": {
            "edges": [str(one) for one in rules.ATTAINMENT_EDGES],
            "counts": rules.counts(reached, rules.ATTAINMENT_EDGES),
            "unknown": len(rows) - len(reached),
        },
        "components": _components(rows),
        "by_period": _by_period(rows),
        "cliffs": _cliffs(simulation),
        "chances": None if chances is None else _told(asdict(chances)),
    }


def _told(chances: Mapping[str, Mapping[int, Decimal]]) -> dict[str, dict[str, str]]:
    return {
        name: {str(percent): str(value) for percent, value in found.items()}
        for name, found in chances.items()
    }


def _components(rows: Sequence[SimulatedPayee]) -> list[list[str]]:
    """Return component, name, and what each plan pays by it."""
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: {"now": _ZERO, "then": _ZERO})
    keys = by_meaning((line["side"], line["component"], line["label"]) for row in rows for line in row.lines)
    for row in rows:
        for line in row.lines:
            sums[keys[line["component"], line["label"]]][line["side"]] += Decimal(line["amount"])
    return [
        [component, label, str(found["now"]), str(found["then"])]
        for (component, label), found in sorted(sums.items())
    ]


def _by_period(rows: Sequence[SimulatedPayee]) -> list[list[str]]:
    sums: dict[str, list[Decimal]] = {}
    for row in rows:
        for code, now, then in row.periods:
            own = sums.setdefault(code, [_ZERO, _ZERO])
            own[0] += Decimal(now)
            own[1] += Decimal(then)
    return [[code, str(now), str(then)] for code, (now, then) in sorted(sums.items())]


def _cliffs(simulation: Simulation) -> list[list[str]]:
    """Return where one more unit of a component's basis makes pay jump, as the engine pays it."""
    document = simulated_version(simulation).plan_document
    return [
        [component.name, reads(component), str(one.at), str(one.below), str(one.on)]
        for component in document.components
        for one in rules.cliffs(jumps(document, component))
    ]


@dataclass(frozen=True)
class CliffShown:
    """A cliff in words."""

    component: str
    at: str
    below: Decimal
    on: Decimal
    currency: str

    @property
    def jump(self) -> Decimal:
        """How much pay jumps by."""
        return self.on - self.below


@dataclass(frozen=True)
class ComponentShown:
    """What both plans pay by a component."""

    label: str
    now: Decimal
    then: Decimal

    @property
    def difference(self) -> Decimal:
        """What the simulated plan pays more."""
        return self.then - self.now


@dataclass
class SimulationPage:
    """What the page of a simulation shows above its table of payees."""

    simulation: Simulation
    is_done: bool
    now: Decimal = _ZERO
    then: Decimal = _ZERO
    revenue: Decimal = _ZERO
    rate_now: Decimal | None = None
    rate_then: Decimal | None = None
    payees: int = 0
    problems: int = 0
    winners: int = 0
    losers: int = 0
    unchanged: int = 0
    gained: Decimal = _ZERO
    lost: Decimal = _ZERO
    over_budget: Decimal | None = None
    components: list[ComponentShown] = field(default_factory=list)
    cliffs: list[CliffShown] = field(default_factory=list)
    chances: list[tuple[str, Decimal, Decimal, Decimal]] = field(default_factory=list)
    histogram: charts.Chart | None = None
    attainment: charts.Chart | None = None

    @property
    def difference(self) -> Decimal:
        """What the simulated plan costs more."""
        return self.then - self.now


def simulation_page(simulation: Simulation) -> SimulationPage:
    """Return the figures of a simulation, readable; before it is done, nothing but itself."""
    result = simulation.result
    if simulation.done_at is None:
        return SimulationPage(simulation, is_done=False)
    now, then, revenue = (Decimal(result[name]) for name in ("now", "then", "revenue"))
    told = result["outcome"]
    kept_in = str(simulation.document["currency"])
    return SimulationPage(
        simulation,
        is_done=True,
        now=now,
        then=then,
        revenue=revenue,
        rate_now=rules.effective_rate(now, revenue),
        rate_then=rules.effective_rate(then, revenue),
        payees=result["payees"],
        problems=result["problems"],
        winners=int(told["winners"]),
        losers=int(told["losers"]),
        unchanged=int(told["unchanged"]),
        gained=Decimal(told["gained"]),
        lost=Decimal(told["lost"]),
        over_budget=None if simulation.budget is None else then - simulation.budget,
        components=[
            ComponentShown(own_label(code) or in_words(label), Decimal(first), Decimal(second))
            for code, label, first, second in result["components"]
        ],
        cliffs=[
            CliffShown(
                in_words(name),
                _place(kind, Decimal(at), kept_in),
                Decimal(a),
                Decimal(b),
                kept_in,
            )
            for name, kind, at, a, b in result["cliffs"]
        ],
        chances=_chances(result["chances"]),
        histogram=_histogram(result["differences"], simulation.currency),
        attainment=_attainment(result["attainment"]),
    )


def _place(kind: str, at: Decimal, currency: str) -> str:
    if kind == "attainment":
        return _("at %(share)s attainment") % {"share": formatting.percent(at)}
    return _("at %(amount)s credited") % {"amount": formatting.money(at, currency)}


def _chances(kept: Mapping[str, Mapping[str, str]] | None) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    if kept is None:
        return []
    names = {"now": _("Plans today"), "then": _("Simulated plan"), "difference": _("Difference")}
    return [
        (name, *(Decimal(kept[code][str(percent)]) for percent in rules.PERCENTILES))  # type: ignore[misc]
        for code, name in names.items()
    ]


def _histogram(kept: Mapping[str, Any], currency: str) -> charts.Chart | None:
    edges = [Decimal(one) for one in kept["edges"]]
    if len(edges) < 2:
        return None
    labels = [
        f"{formatting.money(low, currency, short=True)} – {formatting.money(high, currency, short=True)}"
        for low, high in pairwise(edges)
    ]
    values = kept["counts"][1:-1]
    values[-1] += kept["counts"][-1]
    return charts.bar(_("Payees by what changes for them"), labels, [charts.Series(_("Payees"), values)])


def _attainment(kept: Mapping[str, Any]) -> charts.Chart | None:
    if not any(kept["counts"]):
        return None
    edges = [formatting.percent(one, places=0) for one in kept["edges"]]
    labels = [
        _("below %(edge)s") % {"edge": edges[0]},
        *(f"{low} – {high}" for low, high in pairwise(edges)),
        _("from %(edge)s") % {"edge": edges[-1]},
    ]
    return charts.bar(_("Payees by attainment"), labels, [charts.Series(_("Payees"), kept["counts"])])


@dataclass(frozen=True)
class SimulatedLine:
    """A line of one side, with how it came about."""

    period: str
    label: str
    window: str
    amount: Decimal
    steps: list[str]


@dataclass(frozen=True)
class PayeePage:
    """What both plans pay one person, line by line."""

    row: SimulatedPayee
    now: list[SimulatedLine]
    then: list[SimulatedLine]
    problem: str


def payee_page(row: SimulatedPayee) -> PayeePage:
    """Return every line of a simulated payee under both plans."""
    currency = row.simulation.currency
    sides: dict[str, list[SimulatedLine]] = {"now": [], "then": []}
    for line in row.lines:
        shown = SimulatedLine(
            period=line["period"],
            label=own_label(line["component"]) or in_words(line["label"]),
            window=line["window"],
            amount=Decimal(line["amount"]),
            steps=sentences_of(line["steps"], line.get("currency", currency)),
        )
        sides[line["side"]].append(shown)
    problem = exception_sentence(row.problem, row.problem_details) if row.problem else ""
    return PayeePage(row, sides["now"], sides["then"], problem)
