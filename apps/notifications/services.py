"""Write notices, send them by e-mail, and keep what people want to hear."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core import clock
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.events import jobs
from apps.notifications.models import Notification, Preference, QuietHours
from apps.notifications.registry import Kind, kinds
from apps.notifications.rules import wait_for_quiet_hours, zone_of

logger = logging.getLogger(__name__)

SEND_EMAIL = "notifications.send_email"
TELL_JOB_KEEPERS = "notifications.tell_job_keepers"


class UnknownKind(DomainError):
    """There is no such kind of notice."""


class EmptyQuietHours(DomainError):
    """Quiet hours begin and end at the same time."""


@requires_transaction
def notify(
    user_ids: Iterable[int],
    kind: str,
    title: object,
    body: object = "",
    url: str = "",
    dedupe_key: str = "",
) -> list[Notification]:
    """Tell people something, once per person and ``dedupe_key``, in the ways each of them chose.

    Lazy translations are written in each person's language. E-mails leave after
    the commit, outside quiet hours. Returns the new notices; people who were
    told under this key before, are inactive, or switched the kind off are left out.
    Raises KeyError for a kind nobody registered, ValueError without a key.
    """
    if not dedupe_key:
        raise ValueError("A dedupe_key is needed: it makes the notice arrive exactly once.")
    entry = kinds.get(kind)
    users = get_user_model().objects.filter(pk__in=set(user_ids), is_active=True).order_by("pk")
    told = set(
        Notification.objects.filter(dedupe_key=dedupe_key, user__in=users).values_list("user_id", flat=True)
    )
    wishes = {row.user_id: row for row in Preference.objects.filter(user__in=users, kind=kind)}
    rows = [
        _notice(user, entry, wishes.get(user.pk), title, body, url, dedupe_key)
        for user in users
        if user.pk not in told
    ]
    rows = [row for row in rows if row.in_app or row.by_email]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    written = list(
        Notification.objects.filter(dedupe_key=dedupe_key, user__in=[row.user_id for row in rows])
        .select_related("user")
        .order_by("pk")
    )
    _enqueue_emails([row for row in written if row.by_email])
    return written


def _notice(
    user: object,
    kind: Kind,
    wish: Preference | None,
    title: object,
    body: object,
    url: str,
    dedupe_key: str,
) -> Notification:
    with translation.override(user.language):  # type: ignore[attr-defined]  # the project's own user
        heading, text = str(title)[:200], str(body)
    return Notification(
        user=user,  # type: ignore[misc]  # the project's own user
        kind=kind.code,
        title=heading,
        body=text,
        url=url,
        dedupe_key=dedupe_key,
        in_app=wish.in_app if wish else True,
        by_email=bool(user.email) and (wish.by_email if wish else kind.by_email),  # type: ignore[attr-defined]
    )


def _enqueue_emails(rows: list[Notification]) -> None:
    quiet = {row.user_id: row for row in QuietHours.objects.filter(user__in=[row.user_id for row in rows])}
    now = clock.now()
    for row in rows:
        hours = quiet.get(row.user_id)
        delay = dt.timedelta()
        if hours:
            zone = zone_of(row.user.time_zone, clock.company_zone())
            delay = wait_for_quiet_hours(now, hours.starts_at, hours.ends_at, zone)
        jobs.enqueue(
            SEND_EMAIL, dedupe_key=f"notification:{row.pk}", delay=delay or None, notification_id=row.pk
        )


@requires_transaction
def send_email(*, notification_id: int, at: dt.datetime) -> bool:
    """E-mail a notice to its person in their language; tell whether it was sent now.

    Not sent twice, and not to somebody who was deactivated in the meantime.
    """
    found = lock_rows(Notification.objects.filter(pk=notification_id).select_related("user"))
    if not found or found[0].emailed_at is not None or not found[0].user.is_active:
        return False
    notice = found[0]
    notice.emailed_at = at
    notice.save(update_fields=["emailed_at"])
    with translation.override(notice.user.language):
        text = render_to_string("notifications/email.txt", {"notice": notice, "site": settings.SITE_URL})
    EmailMessage(
        subject=" ".join(notice.title.split()),
        body=text,
        to=[notice.user.email],
        headers={"Message-ID": f"<notification-{notice.pk}@salesorg>"},
    ).send()
    logger.info("notification e-mailed", extra={"notification_id": notice.pk})
    return True


@requires_transaction
def mark_read(*, user_id: int, notification_id: int, at: dt.datetime) -> int:
    """Mark one of the user's notices as read; return how many changed."""
    own = Notification.objects.filter(user_id=user_id, pk=notification_id, read_at__isnull=True)
    return own.update(read_at=at)


@requires_transaction
def mark_all_read(*, user_id: int, at: dt.datetime) -> int:
    """Mark all of the user's notices as read; return how many changed."""
    return Notification.objects.filter(user_id=user_id, read_at__isnull=True).update(read_at=at)


@requires_transaction
def set_preference(*, user_id: int, kind: str, in_app: bool, by_email: bool) -> Preference:
    """Keep how a user wants to hear about a kind. Raises UnknownKind."""
    if kind not in kinds:
        raise UnknownKind(_("There is no kind of notification called %(kind)s.") % {"kind": kind})
    row, _created = Preference.objects.update_or_create(
        user_id=user_id, kind=kind, defaults={"in_app": in_app, "by_email": by_email}
    )
    return row


@requires_transaction
def set_quiet_hours(*, user_id: int, starts_at: dt.time | None, ends_at: dt.time | None) -> QuietHours | None:
    """Keep the user's quiet hours, or none. Raises EmptyQuietHours."""
    if starts_at is None or ends_at is None:
        QuietHours.objects.filter(user_id=user_id).delete()
        return None
    if starts_at == ends_at:
        raise EmptyQuietHours(_("Quiet hours must end at another time than they begin."))
    row, _created = QuietHours.objects.update_or_create(
        user_id=user_id, defaults={"starts_at": starts_at, "ends_at": ends_at}
    )
    return row


@requires_transaction
def tell_job_keepers(*, what: str, name: str, work_id: int) -> list[Notification]:
    """Tell everybody who may see jobs that a job or delivery was given up."""
    users = get_user_model().objects.filter(is_active=True).order_by("pk")
    keepers = [user.pk for user in users if may(user, Permission.JOB_VIEW)]
    return notify(
        keepers,
        "work_given_up",
        format_lazy(
            "{sentence} {name}", sentence=gettext_lazy("Given up after several attempts:"), name=name
        ),
        gettext_lazy("Open the jobs page to see the error and to run it again."),
        reverse("events:jobs"),
        dedupe_key=f"given_up:{what}:{work_id}",
    )
