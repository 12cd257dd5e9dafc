"""The catalogue of numbers: each is defined once, here or by the room that can measure it."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from django.utils.functional import Promise

from apps.access.models import User
from apps.core.registry import Registry

Kind = Literal["money", "count", "ratio", "days", "score"]
Source = Literal["ledger", "sum", "ratio", "stock"]


@dataclass(frozen=True)
class StockFact:
    """A part of a standing quantity on a day, for example one person's open deals in one product."""

    person_id: int | None
    product_id: int | None
    account_id: int | None
    value: Decimal
    n: int


@dataclass(frozen=True)
class StockQuestion:
    """What a stock provider is asked: the quantity on ``on``, split by the dimensions in ``by``.

    ``by`` is a subset of ``{"person", "product", "account"}``; a provider may
    leave the others None. The filters are None or ids that every fact must match.
    """

    on: dt.date
    by: frozenset[str]
    person_ids: frozenset[int] | None = None
    product_id: int | None = None
    account_id: int | None = None


StockProvider = Callable[[StockQuestion], Iterable[StockFact]]


@dataclass(frozen=True)
class Measure:
    """A number: what it is called, how it is computed, which way is better.

    ``source`` says how: ``ledger`` sums its own credits; ``sum`` adds the
    ledger measures named in ``parts``; ``ratio`` divides ``numerator`` by
    ``denominator`` (codes of ledger or sum measures); ``stock`` asks
    ``provider`` for the state on a day. ``is_proportion`` ratios carry a
    Wilson interval.
    """

    code: str
    name: str | Promise
    kind: Kind
    source: Source = "ledger"
    direction: Literal["up", "down"] = "up"
    formula: str | Promise = ""
    parts: tuple[str, ...] = ()
    numerator: str = ""
    denominator: str = ""
    provider: StockProvider | None = field(default=None, compare=False)
    decimals: int = 0
    is_proportion: bool = False
    is_target_worthy: bool = True


measures: Registry[Measure] = Registry("measure")

Labeller = Callable[[Sequence[int]], Mapping[int, str]]


@dataclass(frozen=True)
class SourceLink:
    """What stands behind a ledger row: its name and, where there is a page, its address."""

    label: str
    url: str = ""


SourceResolver = Callable[[Sequence[int], User], Mapping[int, SourceLink]]

dimensions: Registry[Labeller] = Registry("dimension")
sources: Registry[SourceResolver] = Registry("ledger source")


def register(measure: Measure) -> Measure:
    """Add a measure to the catalogue. Raises ValueError when its definition does not hold together."""
    if measure.source == "ratio" and not (measure.numerator and measure.denominator):
        raise ValueError(f"The ratio {measure.code!r} needs a numerator and a denominator.")
    if measure.source == "sum" and not measure.parts:
        raise ValueError(f"The sum {measure.code!r} needs parts.")
    if measure.source == "stock" and measure.provider is None:
        raise ValueError(f"The stock measure {measure.code!r} needs a provider.")
    return measures.register(measure.code, measure)


def register_dimension(name: Literal["product", "account"], labeller: Labeller) -> None:
    """Tell how ids of an upper room's dimension are named."""
    dimensions.register(name, labeller)


def register_source(source_type: str, resolver: SourceResolver) -> None:
    """Tell how ledger rows of a source type lead back to their page, for a reader who may not open all."""
    sources.register(source_type, resolver)


def ledger_codes(measure: Measure) -> tuple[str, ...]:
    """Return the codes of the ledger rows a measure is made of; empty for stock measures."""
    if measure.source == "ledger":
        return (measure.code,)
    if measure.source == "sum":
        return measure.parts
    if measure.source == "ratio":
        top = ledger_codes(measures.get(measure.numerator))
        bottom = ledger_codes(measures.get(measure.denominator))
        return tuple(dict.fromkeys(top + bottom))
    return ()
