"""What people can choose in the forms of this room."""

from django.db.models import Q

from apps.access.models import User
from apps.core import clock
from apps.core.names import in_words
from apps.measures import registry
from apps.org.models import Person
from apps.targets.models import Target
from apps.ui.autocomplete import LIMIT, Suggestion


def label_of(target: Target) -> str:
    """Return how a target is called in a choice: measure, year, unit or seat."""
    whose = target.unit.name if target.unit else target.position.title  # type: ignore[union-attr]  # one of both
    plan = target.plan
    known = plan.measure in registry.measures
    measure = str(registry.measures.get(plan.measure).name) if known else plan.measure
    return f"{measure} {plan.period.code} · {in_words(whose)}"


def suggest_targets(user: User, text: str) -> list[Suggestion]:
    """Return targets in force that the user may see, the units' before the seats', newest year first."""
    rows = Target.objects.visible_to(user).in_force()
    for word in text.split():
        rows = rows.filter(
            Q(unit__name__icontains=word)
            | Q(position__title__icontains=word)
            | Q(owner__name__icontains=word)
            | Q(plan__name__icontains=word)
            | Q(plan__period__code__icontains=word)
        )
    rows = rows.select_related("plan__period", "unit", "position", "owner")
    found = rows.order_by("-plan__period__starts_on", "depth", "place", "pk")[:LIMIT]
    return [Suggestion(one.pk, label_of(one), one.owner.name if one.owner else "") for one in found]


def suggest_people(user: User, text: str) -> list[Suggestion]:
    """Return people still employed whose name, spelling, number or e-mail holds a text."""
    rows = Person.objects.visible_to(user).employed(clock.today()).matching(text)
    return [Suggestion(one.pk, one.name, one.email) for one in rows.order_by("name", "pk")[:LIMIT]]
