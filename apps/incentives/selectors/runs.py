"""Which periods a new pay run can be for, and in which currencies people are paid."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion, RunPlan
from apps.incentives.selectors.exchange import company_currency, pays_in


def payable_periods(today: dt.date) -> QuerySet[FiscalPeriod]:
    """Return the open periods begun by today for which some approved plan has no run yet, newest first."""
    taken = RunPlan.objects.filter(is_void=False, plan=OuterRef("plan"), period=OuterRef(OuterRef("pk")))
    unpaid = (
        PlanVersion.objects.approved()
        .filter(plan__frequency=OuterRef("kind"), valid__startswith__lt=OuterRef("ends_before"))
        .filter(Q(valid__endswith__isnull=True) | Q(valid__endswith__gte=OuterRef("ends_before")))
        .exclude(Exists(taken))
    )
    begun = FiscalPeriod.objects.of_company().filter(closed_at__isnull=True, starts_on__lte=today)
    return begun.filter(Exists(unpaid)).order_by("-starts_on", "kind")


def currencies_of_pay() -> list[str]:
    """Return the currencies people are paid in: the company's first, then those of approved plans."""
    approved = PlanVersion.objects.approved().order_by("pk")
    paid_in = {pays_in(version.plan_document) for version in approved}
    return [company_currency(), *sorted(paid_in - {company_currency()})]
