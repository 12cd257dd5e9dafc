"""``/api/v1/deal-pay/``: what a deal would pay, by the engine of the runs; nothing is written."""

from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import clock
from apps.core.money import MAX_AMOUNT
from apps.incentives import services
from apps.incentives.api.viewsets import NoStore
from apps.pipeline.models import Opportunity
from apps.ui.rest import ApiViewSet, DateField


class DealPayIn(serializers.Serializer):
    """An open deal as it might close; amount and day are the deal's own where they are left out."""

    opportunity = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, max_value=MAX_AMOUNT, required=False
    )
    closes_on = DateField(required=False)


class DealPayLineOut(serializers.Serializer):
    """What a deal adds to one line."""

    label = serializers.CharField()
    window = serializers.CharField()
    before = serializers.DecimalField(max_digits=18, decimal_places=2)
    after = serializers.DecimalField(max_digits=18, decimal_places=2)
    difference = serializers.DecimalField(max_digits=18, decimal_places=2)
    notes = serializers.ListField(child=serializers.CharField())
    steps = serializers.ListField(child=serializers.CharField())


class DealPayeeOut(serializers.Serializer):
    """What a deal would pay one person."""

    person = serializers.IntegerField(source="person_id")
    name = serializers.CharField()
    period = serializers.CharField(source="period.code")
    currency = serializers.CharField()
    credited = serializers.DecimalField(max_digits=18, decimal_places=2)
    without = serializers.DecimalField(max_digits=18, decimal_places=2)
    with_deal = serializers.DecimalField(max_digits=18, decimal_places=2)
    difference = serializers.DecimalField(max_digits=18, decimal_places=2)
    problem = serializers.CharField()
    lines = DealPayLineOut(source="components", many=True)


class DealPayOut(serializers.Serializer):
    """What a deal would pay the people whose pay the caller may see."""

    opportunity = serializers.IntegerField(source="deal.pk")
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    currency = serializers.CharField(source="deal.currency")
    closes_on = serializers.DateField()
    payees = DealPayeeOut(many=True)


class DealPayViewSet(NoStore, ApiViewSet):
    """What deals would pay."""

    serializer_class = DealPayIn
    only_reads = True
    required_permissions: ClassVar = {"create": Permission.STATEMENT_VIEW}

    @extend_schema(request=DealPayIn, responses={200: DealPayOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Work out what an open deal would pay if it closed; people out of reach are left out."""
        asked = DealPayIn(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        deal = Opportunity.objects.visible_to(self.viewer).open().filter(pk=data["opportunity"]).first()
        if deal is None:
            raise Http404
        today = clock.today()
        with transaction.atomic():
            answer = services.estimate_deal(
                deal=deal,
                viewer=self.viewer,
                today=today,
                closes_on=data.get("closes_on") or max(deal.expected_close_on or today, today),
                amount=data.get("amount"),
            )
        return Response(DealPayOut(answer).data)
