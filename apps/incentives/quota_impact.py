"""What other quotas would mean for pay: the answer of this room to ``targets``. Nothing is written here."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from django.conf import settings

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import PayFrequency
from apps.incentives.models import IncentivePlan, PlanVersion
from apps.incentives.rules.engine.numbers import as_decimal
from apps.incentives.rules.engine.shapes import NotPayable, Standing
from apps.incentives.rules.plan.standings import standings_asked
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.exchange import CompanyRates, at_home
from apps.incentives.selectors.holds import holds_in_force
from apps.incentives.selectors.payees import Standings, Window, window_of
from apps.incentives.selectors.pinning import LEDGER_END, Pinning, pinned_for
from apps.org import selectors as org
from apps.org.models import Person
from apps.targets import selectors as targets
from apps.targets.models import TargetPlan
from apps.targets.pay_impact import PayChange, PayImpact

_DAY = dt.timedelta(days=1)


class QuotaImpact:
    """Pays the running periods twice with the engine of the runs: on the quotas in force and on others."""

    def impact(self, *, plan: TargetPlan, viewer: User, on: dt.date) -> PayImpact:
        """Return the payees whose quota a version of a target changes, with what it does to their pay.

        People whose statements the viewer may not see are only counted.
        """
        seen = scope_of(viewer, Permission.STATEMENT_VIEW, on)
        changes: list[PayChange] = []
        hidden: set[int] = set()
        for frequency in PayFrequency:
            period = calendars.period_of(on, frequency)
            for change in _changes(plan, frequency, period):
                if seen.covers_person(change.person_id):
                    changes.append(change)
                else:
                    hidden.add(change.person_id)
        changes.sort(key=lambda one: (one.name, one.person_id, one.period))
        return PayImpact(on=on, currency=settings.COMPANY_CURRENCY, changes=changes, hidden=len(hidden))


def _changes(plan: TargetPlan, frequency: str, period: FiscalPeriod) -> list[PayChange]:
    plans = IncentivePlan.objects.filter(frequency=frequency).values_list("pk", flat=True)
    pinning = pinned_for(list(plans), period, LEDGER_END, people=_concerned(plan, list(plans), period))
    by_id, segments, now = pinning.by_version, pinning.segments, pinning.standings
    windows = {
        span: window_of(period, span)
        for version in by_id.values()
        for code, span in standings_asked(version.plan_document)
        if code == plan.measure
    }
    then = _with_quotas_of(plan, now, windows, period)
    moved = [person_id for person_id in sorted(segments) if then[person_id] != now[person_id]]
    if not moved:
        return []
    asked = replace(pinning, people=tuple(moved))
    before, after = _paid(asked), _paid(replace(asked, standings=then))
    names = dict(Person.objects.filter(pk__in=moved).values_list("pk", "name"))
    paying = {version.pk: version.plan.name for version in _with_plans(by_id)}
    return [
        PayChange(
            person_id=person_id,
            name=names[person_id],
            plan=", ".join(dict.fromkeys(paying[segment.version_id] for segment in segments[person_id])),
            period=period.code,
            quota_before=_quota(now[person_id], plan.measure, windows),
            quota_after=_quota(then[person_id], plan.measure, windows),
            pay_before=before[person_id],
            pay_after=after[person_id],
        )
        for person_id in moved
    ]


def _concerned(plan: TargetPlan, plan_ids: list[int], period: FiscalPeriod) -> list[int]:
    """Return the payees whose plans look at the measure of a target."""
    versions = people_of.versions_in_force(plan_ids, period)
    asking = {
        version.pk
        for version in versions.values()
        if any(code == plan.measure for code, _span in standings_asked(version.plan_document))
    }
    segments = people_of.segments_of(period.starts_on, period.ends_before, versions)
    return [one for one, own in segments.items() if any(segment.version_id in asking for segment in own)]


def _with_plans(versions: Mapping[int, PlanVersion]) -> list[PlanVersion]:
    return list(PlanVersion.objects.filter(pk__in=list(versions)).select_related("plan").order_by("pk"))


def _with_quotas_of(
    plan: TargetPlan, now: Mapping[int, Standings], windows: Mapping[str, Window], period: FiscalPeriod
) -> dict[int, Standings]:
    """Return the same standings with the quotas of another version of the target."""
    last = period.ends_before - _DAY
    leads, seats = org.leads_on(last), org.seats_of(now, last)
    led = {one: seat.unit_id for one, seat in seats.items() if leads.get(seat.unit_id) == one}
    changed: dict[int, Standings] = {
        person_id: {code: dict(own) for code, own in found.items()} for person_id, found in now.items()
    }
    for code, window in windows.items():
        quotas = targets.quotas(
            plan.measure,
            window.start,
            window.end,
            unit_ids=sorted(set(led.values())),
            person_ids=sorted(one for one in now if one not in led),
            plan_id=plan.pk,
        )
        for person_id, found in changed.items():
            standing = found.get(code, {}).get(plan.measure)
            if standing is None:
                continue
            unit_id = led.get(person_id)
            quota = quotas.total(person_id=person_id) if unit_id is None else quotas.total(unit_id=unit_id)
            found[code][plan.measure] = standing._replace(quota=quota)
    return changed


def _quota(found: Standings, measure: str, windows: Mapping[str, Window]) -> Decimal | None:
    """Return the quota of the widest window a plan looks at."""
    known = [
        (windows[code].end - windows[code].start, own[measure])
        for code, own in found.items()
        if code in windows and measure in own
    ]
    if not known:
        return None
    widest: Standing = max(known, key=lambda pair: pair[0])[1]
    return None if widest.quota is None else as_decimal(Fraction(widest.quota))


def _paid(pinning: Pinning) -> dict[int, Decimal | None]:
    """Return what each person is paid for the period in company currency; None where the plan cannot pay."""
    rates, last = CompanyRates(), pinning.period.ends_before - _DAY
    found: dict[int, Decimal | None] = {}
    for result in pinning.results(holds_in_force()):
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for paid in result.lines:
            totals[paid.currency] += paid.line.rounded
        try:
            found[result.person_id] = None if result.problem else at_home(totals, rates, last)
        except NotPayable:
            found[result.person_id] = None
    return found
