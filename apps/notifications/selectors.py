"""Reads of the inbox and the settings page."""

from dataclasses import dataclass

from apps.access.models import User
from apps.notifications.models import Notification, Preference, QuietHours
from apps.notifications.registry import Kind, kinds

PAGE = 30


@dataclass(frozen=True)
class Inbox:
    """A page of a person's notices, newest first."""

    rows: list[Notification]
    unread: int
    older_than: int | None


@dataclass(frozen=True)
class Wish:
    """How a person hears about one kind."""

    kind: Kind
    in_app: bool
    by_email: bool


def unread_mark(user: User) -> tuple[int, int]:
    """Return the number of unread notices and the newest one's id, in one indexed query."""
    unread = Notification.objects.visible_to(user).unread().order_by("-pk").values_list("pk", flat=True)
    found = list(unread[:100])
    return len(found), found[0] if found else 0


def inbox(user: User, *, before_id: int | None = None, only_unread: bool = False) -> Inbox:
    """Return a page of the user's notices."""
    rows = Notification.objects.visible_to(user)
    rows = rows.unread() if only_unread else rows
    rows = rows.filter(pk__lt=before_id) if before_id else rows
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return Inbox(found[:PAGE], unread_mark(user)[0], found[PAGE - 1].pk if len(found) > PAGE else None)


def wishes(user: User) -> list[Wish]:
    """Return what the user hears about each kind, chosen or by default."""
    chosen = {row.kind: row for row in Preference.objects.filter(user=user)}
    return [
        Wish(kind, row.in_app, row.by_email)
        if (row := chosen.get(kind.code))
        else Wish(kind, True, kind.by_email)
        for kind in kinds.values()
    ]


def quiet_hours(user: User) -> QuietHours | None:
    """Return the user's quiet hours, if any."""
    return QuietHours.objects.filter(user=user).first()
