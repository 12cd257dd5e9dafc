"""Telling people what waits for them, each in their own language."""

from collections.abc import Callable, Iterable

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from apps.measures import registry
from apps.notifications.models import Notification
from apps.notifications.registry import register_kind
from apps.notifications.services import notify
from apps.org.models import Person
from apps.targets.models import TargetPlan

ROUND, APPROVAL, DEVIATION = "target_round", "target_approval", "target_deviation"


def register() -> None:
    """Add the kinds of notices; called once when the app is ready."""
    register_kind(ROUND, _("My own figures for targets, and those I decide about"))
    register_kind(APPROVAL, _("Targets that wait for my approval or my answer"))
    register_kind(DEVIATION, _("Targets off their course"))


def title_of(plan: TargetPlan) -> str:
    """Return what a plan is called in the language in force: its measure and its year."""
    known = plan.measure in registry.measures
    return f"{registry.measures.get(plan.measure).name} {plan.period.code}" if known else plan.name


def tell(
    person_ids: Iterable[int | None],
    kind: str,
    write: Callable[[], str],
    *,
    url: str,
    key: str,
    body: str = "",
) -> list[Notification]:
    """Tell people something once per key; ``write`` says it in the language in force."""
    wanted = {one for one in person_ids if one is not None}
    users = Person.objects.filter(pk__in=wanted, user__isnull=False).values_list("user_id", flat=True)
    told = [user_id for user_id in users if user_id is not None]
    return tell_users(told, kind, write, url=url, key=key, body=body)


def tell_users(
    user_ids: Iterable[int], kind: str, write: Callable[[], str], *, url: str, key: str, body: str = ""
) -> list[Notification]:
    """Tell users something once per key."""
    return notify(user_ids, kind, lazy(write, str)(), body, url, dedupe_key=key)
