"""Targets as JSON. Amounts are strings, so that no cent is lost on the way."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.targets.enums import Balance, Method, Season
from apps.targets.models import Target, TargetPlan


class PlanOut(serializers.ModelSerializer):
    """A version of a target."""

    year = serializers.CharField(source="period.code")

    class Meta:
        model = TargetPlan
        fields = (
            "id", "name", "measure", "year", "root_unit", "structure_on", "currency", "decimals",
            "is_additive", "version", "revision", "status", "baseline_amount", "growth", "season",
            "stretch_percent", "challenge_percent", "reason", "previous", "created_at", "submitted_at",
            "approved_at", "superseded_at",
        )  # fmt: skip
        read_only_fields = fields


class LevelIn(serializers.Serializer):
    """How one level splits its targets; shares are parts of 1."""

    method = serializers.ChoiceField([method for method in Method.values if method != Method.SAME_VALUE])
    over_assignment = serializers.DecimalField(
        6, 4, min_value=Decimal(0), max_value=Decimal(1), default=Decimal(0)
    )
    growth = serializers.DecimalField(
        9, 6, min_value=Decimal(-1), max_value=Decimal(100), default=None, allow_null=True
    )
    weights = serializers.DictField(
        child=serializers.DecimalField(5, 4, min_value=Decimal(0), max_value=Decimal(1)), default=dict
    )


class PlanIn(serializers.Serializer):
    """A new plan: growth on the base year, or the amount itself."""

    measure = serializers.CharField(max_length=40)
    year = serializers.CharField(max_length=12)
    root_unit = serializers.IntegerField(min_value=1)
    growth = serializers.DecimalField(
        9, 6, min_value=Decimal(-1), max_value=Decimal(100), default=None, allow_null=True
    )
    amount = serializers.DecimalField(18, 4, min_value=Decimal(0), default=None, allow_null=True)
    baseline = serializers.CharField(max_length=12, default="", allow_blank=True)
    season = serializers.ChoiceField(
        [one for one in Season.values if one != Season.CUSTOM], default=Season.LEARNED
    )
    levels = LevelIn(many=True, default=list, help_text="from the top down; the last one holds below it")
    units = serializers.ListField(
        child=serializers.IntegerField(min_value=1), default=None, allow_null=True, max_length=5000
    )
    reason = serializers.CharField(max_length=1000, default="", allow_blank=True)


class MonthOut(serializers.Serializer):
    """One month of a target."""

    month = serializers.CharField()
    amount = serializers.DecimalField(18, 4)
    is_fixed = serializers.BooleanField()


class TargetOut(serializers.ModelSerializer):
    """The target of a unit or a seat."""

    version = serializers.IntegerField(source="plan.revision", help_text="send it back with a change")
    months = serializers.SerializerMethodField()

    class Meta:
        model = Target
        fields = (
            "id", "plan", "version", "parent", "unit", "position", "owner", "depth", "amount",
            "stretch_amount", "challenge_amount", "history", "capacity", "low", "high", "method",
            "over_assignment", "is_fixed", "override_reason", "smart", "smart_grade", "months",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(MonthOut(many=True))
    def get_months(self, target: Target) -> Any:
        """Return the months of the year in order."""
        rows = [
            {
                "month": row.month.code,
                "amount": target.months[row.position],
                "is_fixed": row.position in fixed,
            }
            for fixed in [set(target.fixed_months)]
            for row in sorted(target.plan.months.all(), key=lambda one: one.position)
        ]
        return MonthOut(rows, many=True).data


class TargetIn(serializers.Serializer):
    """A new figure for a target, and who gives way."""

    amount = serializers.DecimalField(18, 4, min_value=Decimal(0))
    balance = serializers.ChoiceField(Balance.values, default=Balance.SIBLINGS)
    reason = serializers.CharField(max_length=300, default="", allow_blank=True)
    version = serializers.IntegerField(min_value=1, required=False)


class ReasonIn(serializers.Serializer):
    """Why."""

    reason = serializers.CharField(max_length=500)


class AttainmentOut(serializers.Serializer):
    """How an actual stands against its quota; ratios are decimals, null where nothing can be said."""

    measure = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField(help_text="not included")
    on = serializers.DateField()
    actual = serializers.CharField(allow_null=True)
    quota = serializers.CharField(allow_null=True)
    ratio = serializers.CharField(allow_null=True)
    expected = serializers.CharField(allow_null=True)
    pace = serializers.CharField(allow_null=True)
    projection = serializers.CharField(allow_null=True)
    required_per_day = serializers.CharField(allow_null=True)
    days_left = serializers.IntegerField()
