"""Plans for tests: built by the service, since a plan that does not add up cannot be stored."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.targets import services
from apps.targets.enums import Method, Season
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.levels import Level

AT = dt.datetime(2026, 2, 16, 9, tzinfo=dt.UTC)
TODAY = dt.date(2026, 2, 16)


def make_plan(company: Any, **options: Any) -> TargetPlan:
    """Return a draft on 2026 revenue, +20 %, by last year's share, evenly over the months."""
    settings: dict[str, Any] = {
        "measure": "revenue",
        "year": "2026",
        "root_unit_id": company.top.pk,
        "by_id": company.planner.pk,
        "at": AT,
        "on": TODAY,
        "growth": Decimal("0.20"),
        "levels": {0: Level(Method.HISTORY)},
        "season": Season.EVEN,
    }
    with transaction.atomic():
        return services.create_plan(**{**settings, **options})


def seat_of(plan: TargetPlan, person: Any) -> Target:
    """Return the target of the seat a person holds."""
    return plan.targets.get(position__assignments__person=person)


def unit_of(plan: TargetPlan, unit: Any) -> Target:
    """Return the target of a unit."""
    return plan.targets.get(unit=unit)
