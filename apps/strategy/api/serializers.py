"""Strategies as JSON. Figures are strings, and only those the caller may see."""

from decimal import Decimal

from rest_framework import serializers

from apps.strategy.enums import Adjusts
from apps.strategy.models import Decision, Strategy, StrategyReview
from apps.ui.rest import DateField


class StrategyOut(serializers.ModelSerializer):
    """A strategy in words."""

    starts_on = serializers.DateField(source="valid.lower")
    last_day = serializers.DateField()

    class Meta:
        model = Strategy
        fields = (
            "id", "title", "purpose", "situation", "owner", "unit", "starts_on", "last_day", "state",
            "watch_below", "outcome", "version", "created_at", "activated_at", "closed_at",
        )  # fmt: skip
        read_only_fields = fields


class StrategyIn(serializers.Serializer):
    """A new draft."""

    title = serializers.CharField(max_length=160)
    purpose = serializers.CharField(max_length=2000)
    situation = serializers.CharField(max_length=4000, default="", allow_blank=True)
    owner = serializers.IntegerField(min_value=1)
    unit = serializers.IntegerField(min_value=1)
    starts_on = DateField()
    last_day = DateField()
    participants = serializers.ListField(
        child=serializers.IntegerField(min_value=1), default=list, max_length=500
    )


class StrategyChange(serializers.Serializer):
    """What changes in a strategy; what is not named stays."""

    title = serializers.CharField(max_length=160, required=False)
    purpose = serializers.CharField(max_length=2000, required=False)
    situation = serializers.CharField(max_length=4000, allow_blank=True, required=False)
    owner = serializers.IntegerField(min_value=1, required=False)
    starts_on = DateField(required=False)
    last_day = DateField(required=False)
    watch_below = serializers.DecimalField(
        max_digits=3, decimal_places=2, min_value=Decimal(0), max_value=Decimal(2), required=False
    )
    version = serializers.IntegerField(min_value=1, required=False)


class ObjectiveOut(serializers.Serializer):
    """An objective with its figures as of today; ``hidden`` says why figures are missing."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    owner = serializers.IntegerField(allow_null=True)
    weight = serializers.IntegerField()
    target = serializers.IntegerField(allow_null=True)
    measure = serializers.CharField()
    actual = serializers.CharField(allow_null=True)
    goal = serializers.CharField(allow_null=True)
    ratio = serializers.CharField(allow_null=True)
    pace = serializers.CharField(allow_null=True)
    hidden = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


class ReviewOut(serializers.ModelSerializer):
    """A review."""

    class Meta:
        model = StrategyReview
        fields = (
            "id", "strategy", "nominal_on", "due_on", "state", "pack_as_of", "frozen_at", "minutes",
            "held_on", "held_by", "version",
        )  # fmt: skip
        read_only_fields = fields


class HoldIn(serializers.Serializer):
    """The minutes that finish a review."""

    minutes = serializers.CharField(max_length=8000)
    version = serializers.IntegerField(min_value=1, required=False)


class DecisionOut(serializers.ModelSerializer):
    """A decision."""

    class Meta:
        model = Decision
        fields = (
            "id", "strategy", "review", "text", "owner", "due_on", "adjusts", "objective", "decided_on",
            "done_on",
        )  # fmt: skip
        read_only_fields = fields


class DecisionIn(serializers.Serializer):
    """A new decision."""

    strategy = serializers.IntegerField(min_value=1)
    review = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    text = serializers.CharField(max_length=500)
    owner = serializers.IntegerField(min_value=1)
    due_on = DateField()
    adjusts = serializers.ChoiceField(Adjusts.values, default=Adjusts.NOTHING)
    objective = serializers.IntegerField(min_value=1, default=None, allow_null=True)


def text(value: object) -> str | None:
    """Write an exact figure; None stays None."""
    if value is None or isinstance(value, Decimal):
        return None if value is None else str(value)
    exact = Decimal(value.numerator) / Decimal(value.denominator)  # type: ignore[attr-defined]  # a fraction
    return str(exact.quantize(Decimal("0.000001")))
