"""Notices about evaluations: each person is told once per cycle and stage."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.notifications import services as notifications
from apps.notifications.registry import register_kind
from apps.org.models import Person
from apps.reviews.models import EvaluationCycle

SELF_OPEN, TO_ASSESS, SHARED = "review_self_open", "review_to_assess", "review_shared"


def register_kinds() -> None:
    """Register the kinds of notices about evaluations."""
    register_kind(SELF_OPEN, _("My self-assessment is due"))
    register_kind(TO_ASSESS, _("Somebody of my team waits for my assessment"))
    register_kind(SHARED, _("My evaluation is shared with me"))


def tell_self_open(cycle: EvaluationCycle, person_ids: Iterable[int]) -> None:
    """Ask people for their self-assessment."""
    title = format_lazy("{text} {period}", text=_("Your self-assessment is due:"), period=cycle.period_code)
    body = _("Say in a few sentences what went well, what was hard and what support you need.")
    _tell(person_ids, SELF_OPEN, title, body, reverse("reviews:mine"), f"{SELF_OPEN}:{cycle.pk}")


def tell_to_assess(cycle: EvaluationCycle, manager_ids: Iterable[int]) -> None:
    """Tell managers, once per cycle, that people wait for their assessment."""
    title = format_lazy(
        "{text} {period}", text=_("Your team waits for your assessment:"), period=cycle.period_code
    )
    body = _("Read the scorecards and self-assessments, then rate and agree on goals.")
    url = f"{reverse('reviews:team')}?cycle={cycle.period_code}"
    _tell(manager_ids, TO_ASSESS, title, body, url, f"{TO_ASSESS}:{cycle.pk}")


def tell_shared(cycle: EvaluationCycle, person_ids: Iterable[int]) -> None:
    """Tell people that they can read their evaluation."""
    title = format_lazy("{text} {period}", text=_("Your evaluation is ready:"), period=cycle.period_code)
    body = _("Read it, talk it over with your manager, then confirm that you have read it.")
    _tell(person_ids, SHARED, title, body, reverse("reviews:mine"), f"{SHARED}:{cycle.pk}")


def _tell(person_ids: Iterable[int], kind: str, title: object, body: object, url: str, key: str) -> None:
    people = Person.objects.filter(pk__in=list(person_ids), user__isnull=False).order_by("pk")
    users = list(people.values_list("user_id", flat=True))
    if users:
        notifications.notify(users, kind, title, body, url, dedupe_key=key)  # type: ignore[arg-type]  # not null
