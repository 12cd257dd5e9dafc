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
class Part:
    """Which part of a figure's rows is meant, where a split cuts finer than the filters of a figure.

    One seat; a unit above the one asked for; the dimensions that the rows leave
    empty; only people in the viewer's reach.
    """

    position_id: int | None = None
    within_id: int | None = None
    without: frozenset[str] = frozenset()
    in_reach: bool = False


WHOLE = Part()


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
    part: Part = WHOLE,
) -> QuerySet[Credit]:
    """Return the ledger rows that make a figure, or a part of it, newest first.

    Raises InvalidQuestion, NotVisible.
    """
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
        keep_to_reach=part.in_reach,
        seats_apart=part.position_id is not None or bool(part.without & {"person", "position"}),
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
    for unit_id in {question.unit_id, part.within_id} - {None}:
        found = found.filter(_in_unit(question, unit_id))
    if part.position_id is not None:
        found = found.filter(position_id=part.position_id)
    found = found.filter(**{f"{dimension}_id": None for dimension in part.without})
    return found.select_related("person", "unit").order_by("-credited_on", "-pk")


def _in_unit(question: asking.Question, unit_id: int | None) -> Exists:
    below = UnitClosure.objects.filter(ancestor_id=unit_id)
    if question.structure == "as_was":
        return Exists(
            below.filter(descendant_id=OuterRef("unit_id"), valid__contains=OuterRef("credited_on"))
        )
    by_position, by_unit = asking.present_places(question.as_of)
    inside = org.subtree(unit_id or 0, question.as_of)
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
