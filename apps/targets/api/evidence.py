"""The evidence on a target as JSON; shares and growths are decimals, null where nothing is known."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from rest_framework import serializers

from apps.targets.selectors.picture import Picture


class QuarterOut(serializers.Serializer):
    """One fiscal quarter on record."""

    label = serializers.CharField()
    value = serializers.CharField()


class BinOut(serializers.Serializer):
    """One bar of the simulated years."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    reaching = serializers.IntegerField()
    missing = serializers.IntegerField()


class EvidenceOut(serializers.Serializer):
    """What speaks for and against a target."""

    verdict = serializers.JSONField()
    quarters = QuarterOut(many=True)
    last_four_quarters = serializers.CharField(allow_null=True)
    growth = serializers.CharField(allow_null=True)
    own_trend = serializers.CharField(allow_null=True)
    peer_growth = serializers.CharField(allow_null=True)
    load = serializers.CharField(allow_null=True)
    coverage = serializers.CharField(allow_null=True)
    coverage_needed = serializers.CharField(allow_null=True)
    chance = serializers.FloatField(allow_null=True)
    simulated = BinOut(many=True)


def shown_evidence(found: Picture) -> dict[str, Any]:
    """Return the evidence as data."""
    known = found.evidence
    shares = {
        name: _text(getattr(known, name))
        for name in ("growth", "own_trend", "peer_growth", "load", "coverage", "coverage_needed")
    }
    return {
        "verdict": found.verdict.as_data(),
        "quarters": [{"label": one.label, "value": str(one.value)} for one in found.quarters],
        "last_four_quarters": None if found.lately is None else str(found.lately),
        **shares,
        "chance": known.chance,
        "simulated": [
            {"low": one.low, "high": one.high, "reaching": one.reaching, "missing": one.missing}
            for one in found.bins
        ],
    }


def _text(value: Fraction | None) -> str | None:
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal("0.000001")))
