"""The settings of a plan's levels, stored."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.targets.models import PlanLevel, TargetPlan
from apps.targets.rules.levels import Level


def store_levels(plan: TargetPlan, levels: Mapping[int, Level]) -> None:
    """Replace the settings of a plan's levels."""
    PlanLevel.objects.filter(plan=plan).delete()
    PlanLevel.objects.bulk_create(
        PlanLevel(
            plan=plan,
            depth=depth,
            method=level.method,
            over_assignment=level.over_assignment,
            growth=level.growth,
            weights={str(basis): str(weight) for basis, weight in level.weights.items()},
            top_down=level.top_down,
        )
        for depth, level in levels.items()
    )


def level_document(plan: TargetPlan) -> list[dict[str, Any]]:
    """Return the levels as a change keeps them."""
    return [
        {
            "depth": row.depth,
            "method": row.method,
            "over_assignment": str(row.over_assignment),
            "growth": None if row.growth is None else str(row.growth),
            "weights": row.weights,
            "top_down": str(row.top_down),
        }
        for row in plan.levels.order_by("depth")
    ]


def store_level_document(plan: TargetPlan, rows: list[dict[str, Any]]) -> None:
    """Bring the levels to what a change kept."""
    PlanLevel.objects.filter(plan=plan).delete()
    PlanLevel.objects.bulk_create(
        PlanLevel(
            plan=plan,
            depth=row["depth"],
            method=row["method"],
            over_assignment=Decimal(row["over_assignment"]),
            growth=None if row["growth"] is None else Decimal(row["growth"]),
            weights=row["weights"],
            top_down=Decimal(row["top_down"]),
        )
        for row in rows
    )
