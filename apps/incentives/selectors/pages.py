"""What the pages of pay show: runs, statements, lines down to their deals, estimates."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import LineKind, PayFrequency
from apps.incentives.models import (
    Dispute,
    PayLine,
    PayTrace,
)
from apps.incentives.names import in_words
from apps.incentives.rules import reasons
from apps.incentives.rules.describe import Telling, base_of, step_sentence
from apps.incentives.rules.engine.numbers import stored
from apps.incentives.rules.engine.shapes import LineOut
from apps.incentives.rules.kinds import Mbo
from apps.incentives.selectors.exchange import pays_in
from apps.incentives.selectors.given import Paid
from apps.incentives.selectors.holds import holds_in_force
from apps.incentives.selectors.payees import PayeeSegment
from apps.incentives.selectors.pinning import LEDGER_END, Pinning, pinned_for
from apps.incentives.selectors.plan_pages import measure_names
from apps.incentives.selectors.unpaid import Unpaid, unpaid_periods
from apps.measures.models import Credit
from apps.measures.registry import measures, sources

SOURCES_SHOWN = 200
_DAY = dt.timedelta(days=1)


def money_measures() -> frozenset[str]:
    """Return the measures whose values are amounts of money, told in the currency of the plan."""
    return frozenset(measure.code for measure in measures.values() if measure.kind == "money")


def _sentences(steps: Iterable[Mapping[str, Any]], how: Telling) -> list[str]:
    told = (step_sentence(step, how) for step in steps)
    return [sentence for sentence in told if sentence]


def sentences_of(steps: Sequence[Mapping[str, Any]], currency: str) -> list[str]:
    """Return how a line came about, step by step, in words."""
    return _sentences(steps, _telling(steps, currency))


def _telling(steps: Sequence[Mapping[str, Any]], currency: str, base: str = "") -> Telling:
    return Telling(currency, measure_names(), money_measures(), base_of(steps) or base)


def line_label(line: PayLine | LineOut, label: str) -> str:
    """Return how a line is called: the component's name, or the words of the product's own lines."""
    return own_label(line.component) or in_words(label)


def own_label(component: str) -> str:
    """Return the name of a line of the product's own, or nothing."""
    return {
        "plan_cap": _("Plan cap"),
        "plan_modifiers": _("Plan factor"),
        "guarantee": _("Guarantee"),
        "draw": _("Draw"),
        "recovery": _("Recovery of returns"),
        "payment": _("Carried from and to other periods"),
        "holdback": _("Holdback"),
        "instalments": _("Instalments"),
        "exchange": _("Into the currency of the payout"),
        "adjustment": _("Adjustment"),
    }.get(component, "")


def exception_sentence(reason: str, details: Mapping[str, str]) -> str:
    """Return why a payee could not be calculated, and what to do."""
    return reasons.sentence(reason, details, measure_names())


@dataclass(frozen=True)
class ShownLine:
    """A line as a statement shows it."""

    line: Any
    label: str
    kind: str
    tone: str
    headline: str
    window: str
    amount: Decimal
    currency: str
    steps: Sequence[str] = ()
    rows: Sequence["SourceRow"] = ()
    dispute: Any = None
    may_question: bool = False
    credited_in: str = ""
    settles: int | None = None
    plan: str = ""


_TONES = {
    "delta": "info", "return": "warn", "cap": "warn", "adjustment": "info", "recovery": "warn",
    "draw": "info", "guarantee": "info", "holdback": "warn", "instalment": "warn", "release": "info",
    "carry": "info", "modifier": "info", "exchange": "muted",
}  # fmt: skip


def shown_lines(lines: Sequence[PayLine]) -> list[ShownLine]:
    """Return stored lines as a statement shows them; a correction names the dispute it settles.

    Where several plans pay, each line names its own.
    """
    plans = {line.version.plan for line in lines if line.version}
    corrections = [line.adjustment_id for line in lines if line.adjustment_id]
    settled = dict(Dispute.objects.filter(adjustment__in=corrections).values_list("adjustment_id", "pk"))
    return [
        ShownLine(
            line=line,
            label=line_label(line, line.label),
            kind="" if line.kind == LineKind.EARNED else line.get_kind_display(),
            tone=_TONES.get(line.kind, "muted"),
            headline=_headline(line.steps, line.currency),
            window=line.window,
            amount=line.amount,
            currency=line.currency,
            settles=settled.get(line.adjustment_id or 0),
            plan=in_words(line.version.plan.name) if line.version and len(plans) > 1 else "",
        )
        for line in lines
    ]


def _headline(steps: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Return the step that says most: where the money comes from rather than how it was rounded."""
    telling = (
        "share_of_target", "reached", "transactions", "returns", "salary", "reason", "plan_cap", "pool",
        "awards", "payout", "kicker_share", "draw", "guarantee", "recovery", "payment", "holdback",
        "instalments", "released", "true_up", "payment_rounded", "basis",
    )  # fmt: skip
    for op in telling:
        for step in steps:
            if step.get("op") == op:
                return step_sentence(step, _telling(steps, currency))
    return ""


@dataclass(frozen=True)
class SourceRow:
    """A credit behind a line, and the page of the fact it came from."""

    label: str
    url: str
    on: dt.date | None
    credited: Decimal
    rate: Decimal | None
    value: Decimal


@dataclass
class LinePage:
    """A line with its steps and source rows."""

    line: PayLine
    label: str
    steps: list[str]
    rows: list[SourceRow] = field(default_factory=list)
    more: int = 0
    value: Decimal = Decimal(0)
    credited_in: str = ""

    @property
    def places(self) -> int:
        """How many decimals the deals' parts of the pay need: the cent, or finer when they are not even."""
        cent = Decimal("0.01")
        return 2 if all(row.value == row.value.quantize(cent) for row in self.rows) else 4


def line_page(line: PayLine, reader: User) -> LinePage:
    """Return what opens behind a line: its calculation step by step and the deals it rests on."""
    traces = PayTrace.objects.filter(line=line).select_related("credit").order_by("sequence")
    shown = list(traces[:SOURCES_SHOWN])
    total = traces.count() if len(shown) == SOURCES_SHOWN else len(shown)
    how = _telling(line.steps, line.currency, next((one.credit.measure for one in shown if one.credit), ""))
    how = replace(how, words=_objectives(line))
    return LinePage(
        line=line,
        label=line_label(line, line.label),
        steps=_sentences(line.steps, how),
        rows=_source_rows([(trace.credit, trace.amount, trace.rate, trace.value) for trace in shown], reader),
        more=total - len(shown),
        value=PayTrace.objects.filter(line=line).aggregate(total=Sum("value"))["total"] or Decimal(0),
        credited_in=line.currency if how.base in how.money else "",
    )


def _objectives(line: PayLine) -> dict[str, str]:
    """Return what the plan of a line calls its objectives."""
    parts = line.version.plan_document.components if line.version is not None else ()
    return {
        one.code: in_words(one.name) for part in parts if isinstance(part, Mbo) for one in part.objectives
    }


_Part = tuple[Credit | None, Decimal, Decimal | None, Decimal]


def _source_rows(parts: Sequence[_Part], reader: User) -> list[SourceRow]:
    wanted: dict[str, list[int]] = {}
    for credit, _amount, _rate, _value in parts:
        if credit is not None:
            wanted.setdefault(credit.source_type, []).append(credit.source_id)
    links = {kind: sources.get(kind)(ids, reader) for kind, ids in wanted.items() if kind in sources}
    rows = []
    for credit, amount, rate, value in parts:
        label, url, on = _("Brought to the rate that holds now"), "", None
        if credit is not None:
            on = credit.credited_on
            link = links.get(credit.source_type, {}).get(credit.source_id)
            label, url = (link.label, link.url) if link else (f"#{credit.source_id}", "")
        rows.append(SourceRow(label, url, on, amount, rate, value))
    return rows


@dataclass
class Estimate:
    """What somebody has earned in a period without an approved run; ``missing`` is not counted in it yet."""

    period: FiscalPeriod
    lines: list[ShownLine]
    total: Decimal
    currency: str
    problem: str = ""
    is_over: bool = False
    missing: str = ""
    spans: list[tuple[str, dt.date, dt.date]] = field(default_factory=list)


def estimates(person_id: int, today: dt.date, reader: User) -> list[Estimate]:
    """Return what somebody has earned so far, by the engine that pays; nothing is kept.

    Deals lead to their pages where the reader may open them.
    """
    found: list[Estimate] = []
    for kind in PayFrequency.values:
        for one in unpaid_periods(kind, today):
            pinning = pinned_for(
                one.plan_ids, one.period, LEDGER_END, people=[person_id], counted=one.counted
            )
            if pinning.segments:
                found += _estimates(pinning, one, today, reader)
    return found


def _estimates(pinning: Pinning, unpaid: Unpaid, today: dt.date, reader: User) -> Iterator[Estimate]:
    """Yield what is earned in each currency that goes out."""
    [result] = pinning.results(holds_in_force())
    own = pinning.segments[result.person_id]
    plans = {one.plan_id: pays_in(pinning.versions[one.plan_id].plan_document) for one in own}
    missing = next((unpaid.missing[row.plan_id] for row in own if row.plan_id in unpaid.missing), "")
    problem = ""
    if result.problem is not None:
        problem = exception_sentence(result.problem.reason, result.problem.details)
    paid_in = [pays_in(paid.version.plan_document) for paid in result.lines]
    for currency in dict.fromkeys([*plans.values(), *paid_in]):
        mine = [paid for paid, code in zip(result.lines, paid_in, strict=True) if code == currency]
        lines = _estimated(mine, reader)
        total = sum((line.amount for line in lines if line.currency == currency), Decimal(0))
        is_over = unpaid.period.ends_before <= today
        spans = _spans([one for one in own if plans[one.plan_id] == currency], pinning)
        yield Estimate(pinning.period, lines, total, currency, problem, is_over, missing, spans)


def _spans(segments: Sequence[PayeeSegment], pinning: Pinning) -> list[tuple[str, dt.date, dt.date]]:
    """Return under which plan somebody is from when to when, where it is more than one in the period."""
    found: list[tuple[int, dt.date, dt.date]] = []
    for one in sorted(segments, key=lambda each: each.days.start):
        first = one.days.start
        if found and found[-1][0] == one.plan_id:
            first = found.pop()[1]
        found.append((one.plan_id, first, one.days.end - _DAY))
    if len(found) < 2:
        return []
    return [(in_words(pinning.versions[pk].plan.name), first, last) for pk, first, last in found]


def _estimated(lines: Sequence[Paid], reader: User) -> list[ShownLine]:
    many = len({paid.version.plan_id for paid in lines}) > 1
    behind = _rows_behind([paid.line for paid in lines], reader)
    return [
        ShownLine(
            line=None,
            label=line_label(paid.line, paid.label),
            kind="" if paid.line.kind == LineKind.EARNED else str(LineKind(paid.line.kind).label),
            tone=_TONES.get(paid.line.kind, "muted"),
            headline=_headline(paid.line.steps, paid.currency),
            window=paid.line.window,
            amount=paid.line.rounded,
            currency=paid.currency,
            steps=_sentences(paid.line.steps, _telling(paid.line.steps, paid.currency)),
            rows=behind[index],
            credited_in=paid.currency if base_of(paid.line.steps) in money_measures() else "",
            plan=in_words(paid.version.plan.name) if many else "",
        )
        for index, paid in enumerate(lines)
    ]


def _rows_behind(lines: Sequence[LineOut], reader: User) -> list[list[SourceRow]]:
    """Return the deals behind each line of an estimate, read at once."""
    parts = [[trace for trace in line.traces if trace.credit_id][:SOURCES_SHOWN] for line in lines]
    found = Credit.objects.in_bulk({trace.credit_id for traces in parts for trace in traces})
    rows = _source_rows(
        [
            (found[one.credit_id], one.amount, one.rate, stored(Fraction(one.value)))
            for traces in parts
            for one in traces
        ],
        reader,
    )
    ends = list(accumulate((len(traces) for traces in parts), initial=0))
    return [rows[start:end] for start, end in pairwise(ends)]
