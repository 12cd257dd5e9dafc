"""The attainment of one person by measure, for the panel on their page."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse

from apps.calendars.models import FiscalPeriod
from apps.measures.links import why_url
from apps.measures.registry import Measure
from apps.org import selectors as org
from apps.targets.models import TargetPlan
from apps.targets.rules.pacing import Attainment
from apps.targets.selectors.overview import Subject
from apps.targets.selectors.standing import attainment
from apps.targets.selectors.tiers import TierLine, tier_lines

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PersonLine:
    """One measure of a person; of a lead, that of the unit."""

    measure: Measure
    standing: Attainment
    currency: str
    why: str
    url: str
    tiers: list[TierLine] = field(default_factory=list)


def person_lines(
    person: Subject, measures: Iterable[Measure], period: FiscalPeriod, today: dt.date
) -> list[PersonLine]:
    """Return the measures on which a person, or the unit they lead, has a target."""
    led = next((unit for unit, lead in org.leads_on(today).items() if lead == person.person_id), None)
    plans = {
        plan.measure: plan
        for plan in TargetPlan.objects.in_force().filter(
            period__starts_on__lte=period.starts_on, period__ends_before__gte=period.ends_before
        )
    }
    lines = []
    for measure in measures:
        subject = {"person_id": person.person_id} if led is None else {"unit_id": led}
        standing = attainment(
            measure=measure.code, start=period.starts_on, end=period.ends_before, on=today, **subject
        )
        if standing.quota is None:
            continue
        query = f"unit={led}" if led is not None else f"person={person.person_id}"
        lines.append(
            PersonLine(
                measure,
                standing,
                settings.COMPANY_CURRENCY if measure.kind == "money" else "",
                why_url(
                    measure=measure.code,
                    start=period.starts_on,
                    end=min(today + _DAY, period.ends_before),
                    unit=led,
                    person=None if led is not None else person.person_id,
                ),
                f"{reverse('targets:overview')}?{query}&measure={measure.code}",
                tier_lines(plans.get(measure.code), standing),
            )
        )
    return lines
