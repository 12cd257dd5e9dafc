"""What happened around a deal or an account, newest first."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.names import in_words
from apps.pipeline.enums import ActivityKind
from apps.pipeline.models import Activity, Opportunity

ICONS = {
    ActivityKind.CALL: "phone",
    ActivityKind.MEETING: "users",
    ActivityKind.VISIT: "map-pin",
    ActivityKind.EMAIL: "mail",
    ActivityKind.NOTE: "note",
}
LIMIT = 50
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Happening:
    """One entry of a timeline, as ``components/timeline.html`` shows it."""

    title: str
    at: dt.date | dt.datetime | None
    text: str = ""
    who: Any = None
    icon: str = "point"
    tone: str = "muted"
    url: str = ""
    order: dt.datetime | None = None


def timeline(deal: Opportunity) -> list[Happening]:
    """Return activities and stage changes of a deal, newest first."""
    activities = deal.activities.select_related("person").order_by("-happened_at", "-pk")[:LIMIT]
    changes = deal.changes.select_related("to_stage", "by").order_by("-pk")[:LIMIT]
    found = [_activity(row) for row in activities]
    for change in changes:
        kind = change.to_stage.kind
        day = change.changed_on
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC) if day else change.created_at
        found.append(
            Happening(
                title=_("Moved to %(stage)s") % {"stage": in_words(change.to_stage.name)}
                if change.from_stage_id
                else _("Created in %(stage)s") % {"stage": in_words(change.to_stage.name)},
                at=day,
                text=change.override_reason,
                who=change.by,
                icon={"won": "trophy", "lost": "circle-x"}.get(kind, "arrow-right"),
                tone={"won": "good", "lost": "bad"}.get(kind, "muted"),
                order=midnight,
            )
        )
    return sorted(found, key=lambda one: one.order or _EVER, reverse=True)


def account_timeline(account_id: int, user: User) -> list[Happening]:
    """Return the latest activities at an account."""
    rows = Activity.objects.visible_to(user).filter(account_id=account_id)
    rows = rows.select_related("person", "opportunity").order_by("-happened_at", "-pk")[:20]
    return [_activity(row, with_deal=True) for row in rows]


def _activity(row: Activity, *, with_deal: bool = False) -> Happening:
    deal = row.opportunity if with_deal else None
    return Happening(
        title=row.subject,
        at=row.happened_at,
        text=row.note,
        who=row.person,
        icon=ICONS.get(ActivityKind(row.kind), "point"),
        tone="accent",
        url=reverse("pipeline:deal", args=[deal.pk]) if deal else "",
        order=row.happened_at,
    )
