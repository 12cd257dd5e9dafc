"""Are the credits a run paid in another currency those of the ledger, at the rates it pinned?"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F

from apps.incentives.models import PayLine, PayRun, PayTrace, PlanVersion, Statement
from apps.incentives.rules.engine.currency import Rates
from apps.incentives.rules.engine.shapes import NotPayable
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.selectors.abroad import booked, rate_in
from apps.incentives.selectors.exchange import is_money, kind_of, read_rates
from apps.measures.models import Credit


class _Row(NamedTuple):
    amount: Decimal
    line: PayLine
    credit: Credit
    document: PlanDocument

    @property
    def is_weighed(self) -> bool:
        """Whether the component counts some credits more or less than once."""
        own = [one for one in self.document.components if one.code == self.line.component]
        return any(getattr(one, "counts", ()) for one in own)


def strange_abroad(run: PayRun) -> int:
    """Count source rows that are neither their credit at the pinned rate nor a sale taken back."""
    rates: dict[int, Rates] | None = None
    strange = 0
    for row in _rows(run):
        rates = _rates(run) if rates is None else rates
        strange += not _is_counted(row, rates)
    return strange


def _rows(run: PayRun) -> Iterator[_Row]:
    """Yield the source rows of plans in other currencies; a large run has hundreds of thousands."""
    abroad = {
        version.pk: version.plan_document
        for version in PlanVersion.objects.filter(pk__in=PayLine.objects.filter(run=run).values("version"))
        .exclude(document__currency=run.currency)
        .exclude(document__has_key="crediting")
    }
    if not abroad:
        return
    found = (
        PayTrace.objects.filter(line__run=run, line__version__in=list(abroad), credit__isnull=False)
        .exclude(amount=0)
        .select_related("line", "credit__reverses")
        .defer("line__steps")
    )
    for trace in found.iterator(chunk_size=2000):
        if trace.credit is None or trace.line.version_id is None:
            continue
        row = _Row(trace.amount, trace.line, trace.credit, abroad[trace.line.version_id])
        if not row.is_weighed:
            yield row


def _rates(run: PayRun) -> dict[int, Rates]:
    """Return the rates each statement pinned; those of a reversal are those of what it takes back."""
    pinned = dict(Statement.objects.filter(run=run).values_list("pk", "inputs"))
    reversed_ids = [inputs["reverses"] for inputs in pinned.values() if "reverses" in inputs]
    taken = dict(Statement.objects.filter(pk__in=reversed_ids).values_list("pk", "inputs"))
    return {
        pk: Rates(read_rates(taken.get(inputs.get("reverses"), inputs).get("rates", ())))
        for pk, inputs in pinned.items()
    }


def _is_counted(row: _Row, rates: dict[int, Rates]) -> bool:
    line, credit = row.line, row.credit
    amount = -row.amount if line.kind == "reversal" else row.amount
    if not is_money(credit.measure):
        return bool(amount == credit.value)
    sale, own = credit.reverses or credit, rates[line.statement_id]
    try:
        rate = rate_in(own, row.document.currency, kind_of(row.document), sale.credited_on)
    except NotPayable:
        return amount in _taken_back(credit, line.person_id)
    return amount == booked(credit.value, rate) or amount in _taken_back(credit, line.person_id)


def _taken_back(credit: Credit, person_id: int) -> Iterable[Decimal]:
    """Return what a return takes back at most: the opposite of what its sale was counted."""
    if credit.reverses_id is None:
        return ()
    counted = PayTrace.objects.filter(credit=credit.reverses_id, line__person=person_id)
    return counted.exclude(line__kind="reversal").annotate(back=-F("amount")).values_list("back", flat=True)
