"""The pipeline as the API reads and writes it."""

from rest_framework import serializers

from apps.pipeline.enums import ActivityKind, ForecastCategory
from apps.pipeline.models import Activity, Opportunity, OutcomeReason, Product, Stage, Task
from apps.ui.rest import ColumnsSerializer, DateField, DateTimeField

_AMOUNT = {"max_digits": 18, "decimal_places": 2, "min_value": 0, "max_value": 999999999999}


class OpportunityOut(ColumnsSerializer):
    """A deal."""

    class Meta:
        model = Opportunity
        fields = [
            "id", "external_id", "name", "account_id", "contact_id", "owner_id", "stage_id", "state",
            "amount", "currency", "rate", "base_amount", "forecast_category", "created_on",
            "expected_close_on", "closed_on", "reason_id", "reason_note", "next_step", "next_step_on",
            "push_count", "note",
            "version", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class LineIn(serializers.Serializer):
    """A product line of a new deal."""

    product_id = serializers.IntegerField(min_value=1)
    quantity = serializers.DecimalField(12, 2, min_value=0, required=False)
    unit_price = serializers.DecimalField(**_AMOUNT, required=False, allow_null=True)
    discount = serializers.DecimalField(5, 2, min_value=0, max_value=100, required=False)


class ShareIn(serializers.Serializer):
    """One person's share."""

    person_id = serializers.IntegerField(min_value=1)
    share = serializers.DecimalField(5, 2, min_value=0, max_value=100)


class OpportunityChange(serializers.Serializer):
    """Fields of a deal that can be changed."""

    name = serializers.CharField(max_length=200)
    external_id = serializers.CharField(max_length=80, required=False, allow_blank=True)
    account_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    contact_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    owner_id = serializers.IntegerField(required=False, min_value=1)
    amount = serializers.DecimalField(**_AMOUNT, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    created_on = DateField(required=False)
    expected_close_on = DateField(required=False, allow_null=True)
    next_step = serializers.CharField(max_length=200, required=False, allow_blank=True)
    next_step_on = DateField(required=False, allow_null=True)
    forecast_category = serializers.ChoiceField(ForecastCategory.choices, required=False)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class OpportunityIn(OpportunityChange):
    """A new deal, with lines and shares."""

    stage_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    lines = LineIn(many=True, required=False)
    shares = ShareIn(many=True, required=False)


class MoveIn(serializers.Serializer):
    """Where a deal moves."""

    stage_id = serializers.IntegerField(min_value=1)
    version = serializers.IntegerField(required=False)


class CloseIn(serializers.Serializer):
    """How a deal is decided."""

    closed_on = DateField(required=False)
    reason_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    version = serializers.IntegerField(required=False)


class ReopenIn(serializers.Serializer):
    """Why a deal is opened again."""

    reason = serializers.CharField(max_length=200)
    version = serializers.IntegerField(required=False)


class ProductOut(serializers.ModelSerializer):
    """A product."""

    class Meta:
        model = Product
        fields = ["id", "code", "name", "series", "description", "retired_on", "version"]
        read_only_fields = fields


class StageOut(serializers.ModelSerializer):
    """A stage of a sales process."""

    class Meta:
        model = Stage
        fields = ["id", "process_id", "code", "name", "order", "kind", "probability"]
        read_only_fields = fields


class ReasonOut(serializers.ModelSerializer):
    """A reason for winning or losing."""

    class Meta:
        model = OutcomeReason
        fields = ["id", "code", "name", "kind", "counts"]
        read_only_fields = fields


class ActivityOut(serializers.ModelSerializer):
    """Something done."""

    class Meta:
        model = Activity
        fields = [
            "id", "client_uuid", "kind", "person_id", "account_id", "contact_id", "opportunity_id",
            "happened_at", "happened_on", "subject", "note", "minutes",
        ]  # fmt: skip
        read_only_fields = fields


class ActivityIn(serializers.Serializer):
    """Something to log; ``client_uuid`` makes a repeat the same activity."""

    client_uuid = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(ActivityKind.choices)
    subject = serializers.CharField(max_length=200)
    happened_at = DateTimeField()
    account_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    contact_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    opportunity_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    minutes = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=1440)
    latitude = serializers.DecimalField(8, 5, required=False, allow_null=True, min_value=-90, max_value=90)
    longitude = serializers.DecimalField(8, 5, required=False, allow_null=True, min_value=-180, max_value=180)
    accuracy_m = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=100000)


class TaskOut(serializers.ModelSerializer):
    """Something to be done."""

    class Meta:
        model = Task
        fields = [
            "id", "client_uuid", "title", "note", "assignee_id", "account_id", "opportunity_id", "due_on",
            "done_at", "version",
        ]  # fmt: skip
        read_only_fields = fields


class TaskIn(serializers.Serializer):
    """A task to create."""

    client_uuid = serializers.UUIDField(required=False)
    title = serializers.CharField(max_length=200)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    assignee_id = serializers.IntegerField(required=False, min_value=1)
    account_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    opportunity_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    due_on = DateField(required=False, allow_null=True)
