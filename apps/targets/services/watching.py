"""Looking after targets in force every day: who answers for them, and which are off their course."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.db import advisory_lock, requires_transaction
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.notifications.services import notify
from apps.org.models import Person
from apps.targets.enums import AlertKind, PlanStatus
from apps.targets.models import AlertRule, Target, TargetAlert, TargetPlan
from apps.targets.rules.causes import Part
from apps.targets.selectors import deviations as reading
from apps.targets.selectors.deviations import Books, Deviation, Watched
from apps.targets.selectors.grid import names_of
from apps.targets.services.telling import DEVIATION, title_of
from apps.targets.services.versions import name_owners
from apps.ui import formatting

logger = logging.getLogger(__name__)
_DAY = dt.timedelta(days=1)


class WrongRule(DomainError):
    """The thresholds of a rule make no sense."""


@requires_transaction
def watch(*, on: dt.date) -> list[TargetAlert]:
    """Bring the alerts of all targets in force to the morning of a day; return those that are new.

    There is one open alert per node and kind: it follows its node into a new
    version, is brought up to date while the rule stays broken, and closes by
    itself. Whoever answers for a node and for the one above it hears of new
    alerts once. A second run on the same day changes nothing.
    """
    advisory_lock("targets.watch")
    _follow_versions(on)
    new: list[TargetAlert] = []
    plans = TargetPlan.objects.in_force().filter(period__starts_on__lt=on, period__ends_before__gte=on)
    for plan in plans.select_related("period", "baseline").order_by("pk"):
        name_owners(plan_id=plan.pk, on=on)
        new += _watch_plan(plan, on)
    _tell(new, on)
    logger.info("targets watched", extra={"new": len(new)})
    return new


def _follow_versions(on: dt.date) -> None:
    """Move open alerts of replaced versions to the same node of the one in force; close those of the past."""
    stray = TargetAlert.objects.open().exclude(
        target__plan__status=PlanStatus.APPROVED, target__plan__period__ends_before__gte=on
    )
    for alert in stray.select_related("target__plan").order_by("pk"):
        old = alert.target
        heir = (
            Target.objects.in_force()
            .filter(plan__measure=old.plan.measure, plan__period=old.plan.period_id)
            .filter(plan__period__ends_before__gte=on, unit=old.unit_id, position=old.position_id)
            .first()
        )
        if heir is None or TargetAlert.objects.open().filter(target=heir, kind=alert.kind).exists():
            alert.closed_on = max(on, alert.seen_on)
            alert.save(update_fields=["closed_on"])
        else:
            alert.target = heir
            alert.save(update_fields=["target"])


def _watch_plan(plan: TargetPlan, on: dt.date) -> list[TargetAlert]:
    asked = reading.rules()
    seen = reading.watched(plan, on - _DAY, window=asked[AlertKind.DROP].window)
    broken = {(one.target.pk, one.kind): one for one in reading.deviations(seen, asked)}
    known = {
        (row.target_id, AlertKind(row.kind)): row
        for row in TargetAlert.objects.open().filter(target__plan=plan).order_by("pk")
    }
    kept = reading.books(plan, on - _DAY) if broken else None
    over = [row.pk for key, row in known.items() if key not in broken and row.seen_on <= on]
    TargetAlert.objects.filter(pk__in=over).update(closed_on=on)
    new: list[TargetAlert] = []
    lasting: list[TargetAlert] = []
    for key, one in broken.items():
        row = known.get(key)
        (new if row is None else lasting).append(
            _brought_up(
                row or TargetAlert(target=one.target, kind=one.kind, opened_on=on), one, seen, kept, on
            )
        )
    TargetAlert.objects.bulk_create(new, batch_size=500)
    TargetAlert.objects.bulk_update(lasting, ["seen_on", "figures", "parts"], batch_size=500)
    return new


def _brought_up(
    row: TargetAlert, one: Deviation, seen: Watched, kept: Books | None, on: dt.date
) -> TargetAlert:
    """Set an alert to the figures of the day."""
    row.seen_on = max(on, row.opened_on)
    row.figures, row.parts = _figures(one), _parts(seen, kept, one.target)
    return row


def _figures(one: Deviation) -> dict[str, str | None]:
    standing = one.standing
    return {
        "share": _text(one.share),
        "actual": _text(standing.actual),
        "quota": _text(standing.quota),
        "expected": _text(standing.expected),
        "pace": _text(standing.pace),
        "projection": _text(standing.projection),
        "elapsed": _text(standing.elapsed),
    }


def _text(value: Decimal | Fraction | None) -> str | None:
    if isinstance(value, Fraction):
        return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001")))
    return None if value is None else str(value)


def _parts(seen: Watched, kept: Books | None, target: Target) -> dict[str, dict[str, str | None]]:
    found: Sequence[Part] = reading.parts_of(seen, kept, target)
    return {
        str(part.cause): {"amount": str(part.amount), "base": _text(part.base), "now": _text(part.now)}
        for part in found
    }


def _tell(new: Iterable[TargetAlert], on: dt.date) -> None:
    """Tell whoever answers for a node, and for the one above, in one message about all new alerts."""
    wanted: dict[int, list[TargetAlert]] = defaultdict(list)
    for alert in new:
        above = alert.target.parent.owner_id if alert.target.parent else None
        for person_id in {alert.target.owner_id, above} - {None}:
            wanted[person_id or 0].append(alert)
    users = Person.objects.filter(pk__in=list(wanted), user__isnull=False).values_list("pk", "user_id")
    for person_id, user_id in users.order_by("pk"):
        alerts = wanted[person_id]
        url = reverse("targets:alert", args=[alerts[0].pk]) if len(alerts) == 1 else reverse("targets:alerts")
        notify(
            [user_id or 0],
            DEVIATION,
            lazy(lambda alerts=alerts: _title(alerts), str)(),
            lazy(lambda alerts=alerts: _body(alerts), str)(),
            url,
            dedupe_key=f"targets.deviation:{on.isoformat()}",
        )


def _title(alerts: Sequence[TargetAlert]) -> str:
    if len(alerts) == 1:
        return _line(alerts[0])
    text = ngettext(
        "%(count)s target is off its course", "%(count)s targets are off their course", len(alerts)
    )
    return text % {"count": len(alerts)}


def _body(alerts: Sequence[TargetAlert]) -> str:
    return "\n".join(_line(alert) for alert in alerts) if len(alerts) > 1 else ""


def _line(alert: TargetAlert) -> str:
    plan = alert.target.plan
    return _("%(name)s, %(plan)s: %(kind)s (%(share)s)") % {
        "name": in_words(names_of(plan, [alert.target])[alert.target_id][0]),
        "plan": title_of(plan),
        "kind": AlertKind(alert.kind).label,
        "share": formatting.percent(Decimal(alert.figures["share"]), 0),
    }


@requires_transaction
def set_rule(
    *,
    kind: AlertKind,
    is_on: bool,
    below: Decimal,
    after: Decimal,
    window: int,
    by_id: int,
    at: dt.datetime,
) -> AlertRule:
    """Set when a kind of deviation is reported, from the next morning on. Raises WrongRule."""
    if not 0 < below <= 2:
        raise WrongRule(_("The share lies above 0 % and up to 200 %."), fields={"below": _("Out of range.")})
    if not 0 <= after <= 1:
        raise WrongRule(_("The share lies between 0 % and 100 %."), fields={"after": _("Out of range.")})
    if not 5 <= window <= 120:
        raise WrongRule(_("Choose between 5 and 120 working days."), fields={"window": _("Out of range.")})
    row, _created = AlertRule.objects.update_or_create(
        kind=kind,
        defaults={
            "is_on": is_on,
            "below": below,
            "after": after,
            "window": window,
            "set_by_id": by_id,
            "set_at": at,
        },
    )
    return row
