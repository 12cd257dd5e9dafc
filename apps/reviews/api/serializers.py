"""Evaluations as JSON. Figures are strings, so that nothing is lost on the way."""

from rest_framework import serializers

from apps.reviews.models import Evaluation, EvaluationCycle, KpiScore
from apps.reviews.selectors import RATED


class CycleOut(serializers.ModelSerializer):
    """An evaluation cycle."""

    class Meta:
        model = EvaluationCycle
        fields = ("id", "period_code", "kind", "starts_on", "ends_before", "stage", "evaluated_on")
        read_only_fields = fields


class ScoreOut(serializers.ModelSerializer):
    """One KPI of an evaluation."""

    class Meta:
        model = KpiScore
        fields = (
            "measure", "role", "unit", "starts_on", "ends_before", "working_days", "weight", "actual",
            "numerator", "denominator", "row_count", "target", "target_source", "floor", "cap", "score",
            "uncapped", "flag",
        )  # fmt: skip
        read_only_fields = fields


class EvaluationOut(serializers.ModelSerializer):
    """An evaluation; the rating appears once the manager has signed it."""

    period = serializers.CharField(source="cycle.period_code")
    person_name = serializers.CharField(source="person.name")
    rating = serializers.SerializerMethodField()
    scores = ScoreOut(many=True)

    class Meta:
        model = Evaluation
        fields = (
            "id", "cycle", "period", "person", "person_name", "role", "unit", "manager", "stage", "kpi_score",
            "kpi_rating", "rating", "version", "scores",
        )  # fmt: skip
        read_only_fields = fields

    def get_rating(self, row: Evaluation) -> str:
        """Return the signed rating, empty before."""
        return row.rating if row.stage in RATED else ""
