"""From a figure back to its rows."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from apps.access.models import User
from apps.measures import registry
from apps.measures.models import Credit
from apps.measures.registry import Measure, ledger_codes
from apps.measures.selectors import question as asking
from apps.measures.selectors.figures import Row, value
from apps.org import selectors as org
from apps.org.models import UnitClosure


@dataclass(frozen=True)
class Explanation:
    """A figure, its definition, the figures it is computed from and the ledger rows behind it."""

    measure: Measure
    row: Row
    inputs: list[tuple[Measure, Decimal]]
    rows: QuerySet[Credit]
    rows_total: int


def rows(
    measure: str,
    start: dt.date,
    end: dt.date,
    *,
    unit_id: int | None = None,
    person_id: int | None = None,
    product_id: int | None = None,
    account_id: int | None = None,
    structure: str = "as_was",
    as_of: dt.date | None = None,
    viewer: User | None = None,
) -> QuerySet[Credit]:
    """Return the ledger rows that make a figure, newest first. Raises InvalidQuestion, NotVisible."""
    question = asking.build(
        measure,
        start,
        end,
        unit_id=unit_id,
        person_id=person_id,
        product_id=product_id,
        account_id=account_id,
        structure=structure,
        as_of=as_of,
        viewer=viewer,
    )
    found = Credit.objects.filter(
        measure__in=ledger_codes(question.measure), credited_on__gte=start, credited_on__lt=end
    )
    for column in ("person_id", "product_id", "account_id"):
        wanted = getattr(question, column)
        if wanted is not None:
            found = found.filter(**{column: wanted})
    if question.person_ids is not None:
        found = found.filter(person_id__in=question.person_ids)
    if not question.keeps_overlay:
        found = found.filter(is_overlay=False)
    if question.unit_id is not None:
        found = found.filter(_in_unit(question))
    return found.select_related("person", "unit").order_by("-credited_on", "-pk")


def _in_unit(question: asking.Question) -> Exists:
    below = UnitClosure.objects.filter(ancestor_id=question.unit_id)
    if question.structure == "as_was":
        return Exists(
            below.filter(descendant_id=OuterRef("unit_id"), valid__contains=OuterRef("credited_on"))
        )
    by_position, by_unit = asking.present_places(question.as_of)
    inside = org.subtree(question.unit_id or 0, question.as_of)
    positions = [position for position, now in by_position.items() if now in inside]
    units = [unit for unit, now in by_unit.items() if now in inside]
    by_seat = Credit.objects.filter(pk=OuterRef("pk"), position_id__in=positions)
    of_unit = Credit.objects.filter(pk=OuterRef("pk"), unit_id__in=units).exclude(position_id__in=by_position)
    return Exists(by_seat | of_unit)


def explain(
    measure: str,
    start: dt.date,
    end: dt.date,
    *,
    unit_id: int | None = None,
    person_id: int | None = None,
    product_id: int | None = None,
    account_id: int | None = None,
    structure: str = "as_was",
    as_of: dt.date | None = None,
    viewer: User | None = None,
) -> Explanation:
    """Return a figure with its definition, its inputs and the rows that add up to it."""
    filters: dict[str, object] = {
        "unit_id": unit_id,
        "person_id": person_id,
        "product_id": product_id,
        "account_id": account_id,
        "structure": structure,
        "as_of": as_of,
        "viewer": viewer,
    }
    row = value(measure, start, end, **filters)  # type: ignore[arg-type]  # the filters of this signature
    behind = rows(measure, start, end, **filters)  # type: ignore[arg-type]  # the filters of this signature
    definition = registry.measures.get(measure)
    inputs: list[tuple[Measure, Decimal]] = []
    if definition.source == "ratio":
        inputs = [
            (registry.measures.get(definition.numerator), row.numerator),
            (registry.measures.get(definition.denominator), row.denominator or Decimal(0)),
        ]
    return Explanation(definition, row, inputs, behind, behind.count())
