"""Figures as JSON. Amounts are strings, so that no cent is lost on the way."""

from rest_framework import serializers

from apps.measures.models import Credit


class MeasureOut(serializers.Serializer):
    """A measure of the catalogue."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="money, count, ratio, days or score")
    direction = serializers.CharField(help_text="up: more is better; down: less is better")
    source = serializers.CharField()
    formula = serializers.CharField()
    values_url = serializers.CharField()


class FigureOut(serializers.Serializer):
    """One figure with what it is made of."""

    keys = serializers.DictField(help_text="ids of the dimensions in `by`, or period codes")
    labels = serializers.DictField(child=serializers.CharField(), help_text="their names")
    value = serializers.CharField(allow_null=True, help_text="exact decimal; null without a denominator")
    numerator = serializers.CharField()
    denominator = serializers.CharField(allow_null=True)
    n = serializers.IntegerField(help_text="ledger rows behind the figure (of the denominator for ratios)")
    low = serializers.CharField(allow_null=True, help_text="lower bound of the 95 % interval")
    high = serializers.CharField(allow_null=True)
    rows_url = serializers.CharField(
        allow_null=True,
        help_text="the ledger rows that add up to the figure; null for what is read off a day, not a ledger",
    )


class FiguresOut(serializers.Serializer):
    """The answer to one question."""

    measure = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField(help_text="not included")
    structure = serializers.CharField()
    currency = serializers.CharField(allow_blank=True)
    results = FigureOut(many=True)


class CreditOut(serializers.ModelSerializer):
    """A row of the ledger."""

    person_name = serializers.CharField(source="person.name", default=None)
    unit_name = serializers.CharField(source="unit.name", default=None)

    class Meta:
        model = Credit
        fields = (
            "id", "measure", "credited_on", "booked_on", "value", "currency", "person", "person_name",
            "position", "unit", "unit_name", "product_id", "account_id", "is_overlay", "source_type",
            "source_id", "reverses", "reason",
        )  # fmt: skip
        read_only_fields = fields
