"""Who is away when: for pages with what the reader may know, for quotas and pay as plain facts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from apps.access.models import User
from apps.org.models import Absence
from apps.org.models.absences import AbsenceQuerySet


@dataclass(frozen=True)
class Away:
    """Days ``[start, end)`` inside a range on which a person works less, by a share of their time up to 1."""

    start: dt.date
    end: dt.date
    share: Decimal
    is_paid: bool
    relieves_quota: bool


def absences(viewer: User) -> AbsenceQuerySet:
    """Return the absences that a viewer may see, each with what the viewer may do (``with_rights_of``)."""
    rows = Absence.objects.visible_to(viewer).with_rights_of(viewer)
    return rows.select_related("person", "recorded_by")


def absences_of(person_id: int, viewer: User, since: dt.date) -> list[Absence]:
    """Return the absences of one person, cancelled ones left out, from a day on, newest first."""
    rows = absences(viewer).standing().filter(person=person_id).from_day(since)
    return list(rows.order_by("-valid", "pk"))


def away_between(person_ids: Collection[int], start: dt.date, end: dt.date) -> dict[int, list[Away]]:
    """Return who of some people is away on which days of ``[start, end)``, oldest first. One query."""
    found: dict[int, list[Away]] = defaultdict(list)
    rows = Absence.objects.standing().filter(person__in=list(person_ids)).during(start, end)
    for person_id, valid, percent, is_paid, relieves in rows.order_by("valid", "pk").values_list(
        "person_id", "valid", "time_percent", "is_paid", "relieves_quota"
    ):
        first, last = max(valid.lower, start), min(valid.upper or end, end)
        found[person_id].append(Away(first, last, percent / 100, is_paid, relieves))
    return found
