"""Notices about training."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.core.names import lazy_words
from apps.notifications import services as notifications
from apps.notifications.registry import register_kind
from apps.org.models import Person
from apps.training.enums import EnrolmentState
from apps.training.models import CourseSession, Enrolment

SEAT = "training_seat"


def register_kinds() -> None:
    """Register the kinds of notices about training."""
    register_kind(SEAT, _("My seat in a training session"))


def tell_enrolled(session: CourseSession, row: Enrolment, by: User | None) -> None:
    """Tell somebody whom another person enrolled."""
    waiting = row.state == EnrolmentState.WAITING
    text = _("You are on the waiting list for") if waiting else _("You have a seat in")
    _tell(session, [row.person_id], text, f"enrolled:{row.pk}:{int(row.queued_at.timestamp())}", but=by)


def tell_moved_up(session: CourseSession, person_ids: Iterable[int]) -> None:
    """Tell people that a seat became free for them."""
    _tell(session, person_ids, _("A seat became free for you in"), f"moved_up:{session.pk}")


def tell_cancelled(session: CourseSession, person_ids: Iterable[int]) -> None:
    """Tell people that a session does not take place."""
    _tell(session, person_ids, _("Cancelled:"), f"cancelled:{session.pk}")


def _tell(
    session: CourseSession, person_ids: Iterable[int], text: object, key: str, but: User | None = None
) -> None:
    people = Person.objects.filter(pk__in=list(person_ids), user__isnull=False)
    users = [user for user in people.values_list("user_id", flat=True) if but is None or user != but.pk]
    if users:
        title = format_lazy("{text} {course}", text=text, course=lazy_words(session.course.name))
        url = reverse("training:course", args=[session.course_id])
        notifications.notify(users, SEAT, title, session.place, url, dedupe_key=f"training:{key}")  # type: ignore[arg-type]  # not null
