"""``/api/v1/measures/``: the catalogue, figures, and the ledger rows behind them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.measures import registry, selectors
from apps.measures.api.serializers import CreditOut, FigureOut, FiguresOut, MeasureOut
from apps.measures.forms import MAY_BE_EMPTY, FigureForm, RowsForm
from apps.measures.models import Credit
from apps.measures.registry import Measure
from apps.measures.selectors import Row
from apps.measures.selectors.question import DIMENSIONS, TIME, InvalidQuestion
from apps.ui.rest import ApiViewSet

F = TypeVar("F", bound=FigureForm)
_FILTERS = frozenset({"unit", "person", "product", "account", "start", "end", "structure", "as_of"})
_PARAMETERS = [
    OpenApiParameter("start", dt.date, required=True, description="first day"),
    OpenApiParameter("end", dt.date, required=True, description="day after the last"),
    OpenApiParameter("unit", int, description="roll up this unit's subtree"),
    OpenApiParameter("person", int),
    OpenApiParameter("product", int),
    OpenApiParameter("account", int),
    OpenApiParameter("structure", str, enum=["as_was", "as_is"]),
    OpenApiParameter("as_of", dt.date, description="the day whose structure as_is means"),
]
_PART = [
    OpenApiParameter("position", int, description="rows of one seat"),
    OpenApiParameter("within", int, description="a unit above the unit asked for, on the day of the row"),
    OpenApiParameter("without", str, description="dimensions the rows leave empty, comma-separated"),
    OpenApiParameter("reach", str, enum=["own"], description="only people in the caller's reach"),
]


class MeasureViewSet(ApiViewSet):
    """Every number the company uses, defined once."""

    lookup_field = "code"
    lookup_value_regex = r"[a-z0-9_]{1,40}"
    pagination_class = None
    queryset = Credit.objects.none()
    serializer_class = MeasureOut
    required_permissions: ClassVar = {
        "list": Permission.MEASURE_VIEW,
        "retrieve": Permission.MEASURE_VIEW,
        "values": Permission.MEASURE_VIEW,
    }

    def known_parameters(self) -> frozenset[str]:
        """Return the query parameters the called action understands."""
        return _FILTERS | {"by", "format"} if self.action == "values" else frozenset({"format"})

    @extend_schema(responses=MeasureOut(many=True))
    def list(self, request: Request) -> Response:
        """List the catalogue."""
        return Response([self._shown(request, measure) for measure in registry.measures.values()])

    @extend_schema(responses=MeasureOut)
    def retrieve(self, request: Request, code: str) -> Response:
        """Show one measure."""
        return Response(self._shown(request, _measure(code)))

    @extend_schema(
        parameters=[
            *_PARAMETERS,
            OpenApiParameter(
                "by",
                str,
                many=True,
                enum=[*TIME, *DIMENSIONS],
                description="split by; comma-separated or repeated",
            ),
        ],
        responses=FiguresOut,
    )
    @action(detail=True, methods=["get"])
    def values(self, request: Request, code: str) -> Response:
        """Return the figures of a measure over ``[start, end)``, split by the dimensions in ``by``."""
        measure = _measure(code)
        form = _asked(FigureForm, request, code)
        days, filters = (form.cleaned_data["start"], form.cleaned_data["end"]), form.arguments()
        by = [key for part in request.query_params.getlist("by") for key in part.split(",") if key]
        try:
            rows = selectors.query(code, *days, by=by, viewer=self.viewer, **filters)
        except selectors.NotVisible as error:
            raise Http404 from error
        except InvalidQuestion as error:
            raise ValidationError({"by": [str(error)]}) from error
        if not rows and not by:
            rows = [selectors.value(code, *days, viewer=self.viewer, **filters)]
        body = {
            "measure": code,
            "start": days[0],
            "end": days[1],
            "structure": filters["structure"],
            "currency": settings.COMPANY_CURRENCY if measure.kind == "money" else "",
            "results": _figures(request, code, days, filters, rows, by),
        }
        return Response(FiguresOut(body).data)

    def _shown(self, request: Request, measure: Measure) -> dict[str, Any]:
        return {
            "code": measure.code,
            "name": str(measure.name),
            "kind": measure.kind,
            "direction": measure.direction,
            "source": measure.source,
            "formula": str(measure.formula),
            "values_url": request.build_absolute_uri(f"/api/v1/measures/{measure.code}/values/"),
        }


class CreditViewSet(ApiViewSet):
    """The rows of the credit ledger behind a figure; their values add up to it."""

    serializer_class = CreditOut
    queryset = Credit.objects.none()
    filters = _FILTERS | {"measure", "position", "within", "without", "reach"}
    ordering = ("-credited_on", "-pk")
    required_permissions: ClassVar = {"list": Permission.MEASURE_VIEW}

    @extend_schema(parameters=[OpenApiParameter("measure", str, required=True), *_PARAMETERS, *_PART])
    def list(self, request: Request) -> Response:
        """List the rows behind a figure, newest first."""
        code = request.query_params.get("measure", "")
        form = _asked(RowsForm, request, code)
        days = form.cleaned_data["start"], form.cleaned_data["end"]
        try:
            rows = selectors.rows(code, *days, viewer=self.viewer, part=form.part(), **form.arguments())
        except selectors.NotVisible as error:
            raise Http404 from error
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(CreditOut(page, many=True).data)


def _measure(code: str) -> Measure:
    if code not in registry.measures:
        raise Http404(_("There is no such measure."))
    return registry.measures.get(code)


def _asked(kind: type[F], request: Request, code: str) -> F:
    form = kind({**request.query_params.dict(), "measure": code})
    if not form.is_valid():
        raise ValidationError({name: list(errors) for name, errors in form.errors.items()})
    return form


def _figures(
    request: Request,
    code: str,
    days: tuple[dt.date, dt.date],
    filters: dict[str, Any],
    rows: Sequence[Row],
    by: Sequence[str],
) -> list[dict[str, Any]]:
    names = {
        key: selectors.labels(key, [row.keys[key] for row in rows])  # type: ignore[misc]  # ids, not periods
        for key in by
        if key in DIMENSIONS
    }
    base = request.build_absolute_uri("/api/v1/credits/")
    narrowed = filters["unit_id"] is None and filters["person_id"] is None
    everything = scope_of(request.user, Permission.MEASURE_VIEW).everything
    reach = {"reach": "own"} if narrowed and not everything else {}
    has_rows = registry.measures.get(code).source != "stock"
    found = []
    for row in rows:
        figure = {
            "keys": row.keys,
            "labels": {key: names[key].get(row.keys[key], "") for key in names},  # type: ignore[call-overload]
            "value": _text(row.value),
            "numerator": _text(row.numerator),
            "denominator": _text(row.denominator),
            "n": row.n,
            "low": _text(row.low),
            "high": _text(row.high),
            "rows_url": f"{base}?{urlencode({**_rows_query(code, days, filters, row), **reach})}"
            if has_rows
            else None,
        }
        found.append(FigureOut(figure).data)
    return found


def _rows_query(
    code: str, days: tuple[dt.date, dt.date], filters: dict[str, Any], row: Row
) -> dict[str, object]:
    """Return the parameters that lead to the rows of one figure; a period key narrows the days."""
    query: dict[str, object] = {"measure": code, "start": days[0], "end": days[1]}
    for name in ("unit", "person", "product", "account"):
        value = row.keys.get(name, filters[f"{name}_id"])
        if value is not None:
            query[name] = value
    if row.keys.get("position"):
        query["position"] = row.keys["position"]
    if "unit" in row.keys and filters["unit_id"] not in (None, row.keys["unit"]):
        query["within"] = filters["unit_id"]
    empty = sorted(name for name in MAY_BE_EMPTY if name in row.keys and row.keys[name] is None)
    if empty:
        query["without"] = ",".join(empty)
    if filters["structure"] != "as_was":
        query["structure"] = filters["structure"]
        query["as_of"] = filters["as_of"] or days[1] - dt.timedelta(days=1)
    period = next((row.keys[key] for key in TIME if key in row.keys), None)
    if period is not None:
        start, end = selectors.days_of(str(period))
        query["start"], query["end"] = max(start, days[0]), min(end, days[1])
    return query


def _text(number: Decimal | None) -> str | None:
    """Write a number plainly: exact, without exponent or trailing zeros."""
    if number is None:
        return None
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
