"""``/api/v1/insights/team-performance/``: attainment, pace, funnel, trend and leaderboard."""

import datetime as dt
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.insights.api import showing
from apps.insights.api.serializers import FunnelDealOut, TeamPerformanceOut
from apps.insights.forms import FunnelForm, TeamForm, period_from
from apps.insights.selectors import team as reading
from apps.insights.selectors.conversion import deals_in_step
from apps.insights.selectors.team import Question
from apps.measures.selectors import NotVisible
from apps.pipeline.models import Opportunity
from apps.ui.rest import ApiViewSet

_PARAMETERS = [
    OpenApiParameter("unit", int, description="a unit in reach; without unit and person the widest in reach"),
    OpenApiParameter("person", int, description="a person in reach, instead of a unit"),
    OpenApiParameter("period", str, description="a fiscal period as 2026-Q3; the running year if left out"),
    OpenApiParameter("structure", str, enum=["as_was", "as_is"]),
]


class TeamPerformanceViewSet(ApiViewSet):
    """How a unit or a person performs in a period; every figure leads to its rows."""

    queryset = Opportunity.objects.none()
    serializer_class = TeamPerformanceOut
    required_permissions: ClassVar = {"list": Permission.INSIGHT_VIEW, "deals": Permission.INSIGHT_VIEW}

    def known_parameters(self) -> frozenset[str]:
        """Return the query parameters the called action understands."""
        asked = frozenset({"unit", "person", "period", "structure", "format"})
        if self.action == "list":
            return asked | {"by"}
        return asked | {"stage", "passed", "cursor", "page_size"}

    @extend_schema(
        parameters=[
            *_PARAMETERS,
            OpenApiParameter("by", str, enum=["unit", "person"], description="what the breakdown lists"),
        ],
        responses=TeamPerformanceOut,
    )
    def list(self, request: Request) -> Response:
        """Show attainment, pace, figures, funnel, trend, leaderboard and what is below."""
        form = TeamForm(request.query_params)
        question = _asked(form, self.viewer)
        try:
            found = reading.team(self.viewer, question)
        except (LookupError, NotVisible) as error:
            raise Http404 from error
        return Response(TeamPerformanceOut(showing.shown(request, found)).data)

    @extend_schema(
        parameters=[
            *_PARAMETERS,
            OpenApiParameter("stage", int, required=True, description="a stage of the funnel"),
            OpenApiParameter("passed", bool, description="only those that reached a later stage or were won"),
        ],
        responses=FunnelDealOut(many=True),
    )
    @action(detail=False, methods=["get"])
    def deals(self, request: Request) -> Response:
        """List the deals behind a step of the funnel: those the caller may see."""
        form = FunnelForm(request.query_params)
        question = _asked(form, self.viewer)
        try:
            people = reading.people_of(question)
        except LookupError as error:
            raise Http404 from error
        counted = deals_in_step(
            people,
            question.period.starts_on,
            question.end,
            stage_id=form.cleaned_data["stage"],
            passed=form.cleaned_data["passed"],
        )
        rows = Opportunity.objects.visible_to(self.viewer).filter(pk__in=counted)
        page = self.paginate_queryset(rows.select_related("owner", "stage"))
        shown = FunnelDealOut(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)


def _asked(form: TeamForm, viewer: User) -> Question:
    """Return what is asked; who or what is out of reach is not there."""
    if not form.is_valid():
        raise ValidationError({name: list(errors) for name, errors in form.errors.items()})
    said, today = form.cleaned_data, clock.today()
    period = period_from(said["period"]) if said["period"] else _year(today)
    if period is None:
        raise ValidationError({"period": [_("There is no such fiscal period.")]})
    if said["unit"] and said["person"]:
        raise ValidationError({"person": [_("Ask about a unit or about a person.")]})
    kept: dict[str, Any] = {
        "period": period,
        "today": today,
        "structure": said["structure"] or "as_was",
        "by": said["by"],
    }
    scope = scope_of(viewer, Permission.INSIGHT_VIEW, today)
    if said["person"]:
        if not scope.covers_person(said["person"]):
            raise Http404
        return Question(person_id=said["person"], **kept)
    unit_id = said["unit"] or _widest(viewer, today)
    if unit_id is None or not scope.covers_unit(unit_id):
        raise Http404
    return Question(unit_id=unit_id, **kept)


def _year(today: dt.date) -> FiscalPeriod | None:
    try:
        return calendars.period_of(today, "year")
    except calendars.MissingPeriod:
        return None


def _widest(viewer: User, today: dt.date) -> int | None:
    units = reading.units_in_reach(viewer, today)
    return units[0][0] if units else None
