"""What the pipeline adds to the catalogue of numbers."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.core import clock
from apps.measures.registry import (
    Measure,
    SourceLink,
    StockFact,
    StockQuestion,
    register,
    register_dimension,
    register_source,
)
from apps.pipeline.models import Activity, Opportunity, Product
from apps.pipeline.selectors import stock
from apps.pipeline.services import credits, work


def _provider(what: stock.What, question: StockQuestion) -> Iterable[StockFact]:
    return stock.open_deals(question, what, today=clock.today())


MEASURES = (
    Measure(
        code="open_deals",
        name=_("Open deals"),
        kind="count",
        source="stock",
        provider=partial(_provider, "deals"),
        formula=_("Number of deals that are not decided on the day."),
        is_target_worthy=False,
    ),
    Measure(
        code="open_pipeline",
        name=_("Open pipeline"),
        kind="money",
        source="stock",
        provider=partial(_provider, "amount"),
        decimals=2,
        formula=_("Sum of the amounts of open deals at the rate of the day."),
        is_target_worthy=False,
    ),
    Measure(
        code="weighted_pipeline",
        name=_("Weighted pipeline"),
        kind="money",
        source="stock",
        provider=partial(_provider, "weighted"),
        decimals=2,
        formula=_("Sum of amount × probability of the stage over open deals."),
        is_target_worthy=False,
    ),
)


def register_all() -> None:
    """Put the stock of open deals, product names and the way back to deals into the catalogue."""
    for measure in MEASURES:
        register(measure)
    register_dimension("product", _product_names)
    register_source(credits.SOURCE, _deal_links)
    register_source(work.SOURCE, _activity_links)


def _product_names(ids: Sequence[int]) -> Mapping[int, str]:
    return dict(Product.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name"))


def _deal_links(ids: Sequence[int], reader: User) -> Mapping[int, SourceLink]:
    open_to = set(Opportunity.objects.visible_to(reader).filter(pk__in=ids).values_list("pk", flat=True))
    rows = Opportunity.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name")
    return {pk: SourceLink(name, _deal_url(pk, open_to)) for pk, name in rows}


def _activity_links(ids: Sequence[int], reader: User) -> Mapping[int, SourceLink]:
    deals = Opportunity.objects.visible_to(reader).filter(activities__in=ids)
    open_to = set(deals.values_list("pk", flat=True))
    rows = Activity.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "subject", "opportunity_id")
    return {pk: SourceLink(subject, _deal_url(deal, open_to)) for pk, subject, deal in rows}


def _deal_url(deal_id: int | None, open_to: set[int]) -> str:
    return reverse("pipeline:deal", args=[deal_id]) if deal_id in open_to else ""
