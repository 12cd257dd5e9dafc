"""What the organisation adds to the shell: menu, search and choices."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.core.names import called, in_words
from apps.org.models import OrgUnit, Person
from apps.ui import autocomplete, menu, search
from apps.ui.autocomplete import Suggestion
from apps.ui.menu import MenuItem
from apps.ui.search import Hit

_LIMIT = 8


def _find_people(user: User, text: str) -> list[Hit]:
    people = Person.objects.visible_to(user).matching(text).order_by("left_on", "name", "pk")[:_LIMIT]
    return [
        Hit(person.name, reverse("org:person", args=[person.pk]), person.external_id, "user")
        for person in people
    ]


def _find_units(user: User, text: str) -> list[Hit]:
    units = OrgUnit.objects.visible_to(user)
    found = units.filter(Q(code__icontains=text) | called("name", text)).order_by("name", "pk")
    return [
        Hit(unit.name, reverse("org:unit", args=[unit.pk]), str(unit.get_kind_display()), "sitemap")
        for unit in found[:_LIMIT]
    ]


def _suggest_people(user: User, text: str) -> list[Suggestion]:
    people = Person.objects.visible_to(user).matching(text).order_by("name", "pk")[: autocomplete.LIMIT]
    return [Suggestion(person.pk, person.name, person.external_id) for person in people]


def _suggest_units(user: User, text: str) -> list[Suggestion]:
    units = OrgUnit.objects.visible_to(user).filter(called("name", text)).order_by("name", "pk")
    return [
        Suggestion(unit.pk, in_words(unit.name), str(unit.get_kind_display()))
        for unit in units[: autocomplete.LIMIT]
    ]


def install() -> None:
    """Register the entries; called once when the app is ready."""
    view = Permission.DIRECTORY_VIEW
    menu.register(MenuItem("organise", _("Org chart"), "org:chart", view, order=10, icon="sitemap"))
    menu.register(MenuItem("organise", _("People"), "org:people", view, order=20, icon="users"))
    away = Permission.ABSENCE_VIEW
    menu.register(MenuItem("organise", _("Absences"), "org:absences", away, order=25, icon="beach"))
    menu.register(MenuItem("organise", _("Vacancies"), "org:vacancies", view, order=30, icon="user-question"))
    menu.register(MenuItem("organise", _("Spans and layers"), "org:spans", view, order=40, icon="stack-2"))
    menu.register(
        MenuItem("settings", _("Role grants"), "org:grants", Permission.USER_ADMIN, order=40, icon="key")
    )
    search.register("org.people", _find_people, label=_("People"), permission=view, order=10)
    search.register("org.units", _find_units, label=_("Units"), permission=view, order=20)
    autocomplete.register("org.people", view, _suggest_people)
    autocomplete.register("org.units", view, _suggest_units)
