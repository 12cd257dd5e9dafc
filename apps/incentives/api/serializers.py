"""Plans, runs and pay as JSON. Amounts are strings, so that no cent is lost on the way."""

from rest_framework import serializers

from apps.core.money import CURRENCIES
from apps.incentives.models import (
    Adjustment,
    IncentivePlan,
    PayLine,
    PayRun,
    PayTrace,
    PlanVersion,
    Statement,
)


class PlanOut(serializers.ModelSerializer):
    """An incentive plan."""

    class Meta:
        model = IncentivePlan
        fields = ("id", "code", "name", "purpose", "frequency")
        read_only_fields = fields


class VersionOut(serializers.ModelSerializer):
    """What a plan says over a stretch of time."""

    starts_on = serializers.DateField(source="valid.lower")
    ends_before = serializers.DateField(source="valid.upper", allow_null=True)

    class Meta:
        model = PlanVersion
        fields = (
            "id", "plan", "number", "status", "starts_on", "ends_before", "document", "document_hash", "note",
        )  # fmt: skip
        read_only_fields = fields


class RunOut(serializers.ModelSerializer):
    """A pay run; ``total`` sums the statements in reach, in company currency."""

    period = serializers.CharField(source="period.code")
    total = serializers.DecimalField(source="shown_total", max_digits=18, decimal_places=2, allow_null=True)

    class Meta:
        model = PayRun
        fields = (
            "id", "period", "state", "currency", "total", "exceptions", "calculated_at", "reviewed_at",
            "approved_at", "locked_at", "paid_at",
        )  # fmt: skip
        read_only_fields = fields


class LineOut(serializers.ModelSerializer):
    """A pay line with its calculation; ``raw`` is the value before the one rounding."""

    class Meta:
        model = PayLine
        fields = (
            "id", "statement", "sequence", "component", "label", "kind", "window", "basis", "credits", "raw",
            "amount", "currency", "steps", "version", "trace_digest", "previous_hash", "hash",
        )  # fmt: skip
        read_only_fields = fields


class StatementOut(serializers.ModelSerializer):
    """What one person earns in one run in one currency; ``rate`` is what a unit is worth in the company's."""

    period = serializers.CharField(source="run.period.code")
    state = serializers.CharField(source="run.state")
    person_name = serializers.CharField(source="person.name")

    class Meta:
        model = Statement
        fields = (
            "id", "run", "period", "state", "person", "person_name", "unit", "currency", "rate", "total",
            "variable", "exception", "head_hash",
        )  # fmt: skip
        read_only_fields = fields


class TraceOut(serializers.ModelSerializer):
    """What one ledger credit contributed to a line."""

    class Meta:
        model = PayTrace
        fields = ("sequence", "credit", "amount", "rate", "value")
        read_only_fields = fields


class ProvenanceOut(serializers.Serializer):
    """Where a line of pay comes from; people by their user names, times in UTC."""

    line = serializers.IntegerField(source="line_id")
    statement = serializers.IntegerField(source="statement_id")
    run = serializers.IntegerField(source="run_id")
    person = serializers.IntegerField(source="person_id")
    period = serializers.CharField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    currency = serializers.CharField()
    request_id = serializers.CharField(allow_null=True, help_text="of the request that asked for it")
    source = serializers.CharField(allow_null=True, help_text="web, api, job, import or command")
    asked_by = serializers.CharField(allow_null=True)
    written_at = serializers.DateTimeField(allow_null=True)
    inputs = serializers.JSONField(help_text="what was pinned for the payee")
    credits = serializers.ListField(child=serializers.IntegerField(), help_text="rows of the ledger")
    trace_digest = serializers.CharField()
    plan = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    document_hash = serializers.CharField(allow_null=True)
    version_by = serializers.CharField(allow_null=True)
    version_approved_by = serializers.CharField(allow_null=True)
    calculated_by = serializers.CharField(allow_null=True)
    calculated_at = serializers.DateTimeField(allow_null=True)
    approved_by = serializers.CharField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    adjustment_by = serializers.CharField(allow_null=True)
    adjustment_approved_by = serializers.CharField(allow_null=True)


class AdjustmentIn(serializers.Serializer):
    """A correction to ask for."""

    person = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    reason = serializers.CharField(max_length=500)
    currency = serializers.ChoiceField(CURRENCIES, required=False, help_text="Left out: the company's.")


class AdjustmentOut(serializers.ModelSerializer):
    """A correction and where it stands."""

    class Meta:
        model = Adjustment
        fields = (
            "id", "person", "amount", "currency", "reason", "status", "reverses", "requested_at",
            "decided_at",
        )  # fmt: skip
        read_only_fields = fields
