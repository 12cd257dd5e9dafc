import pytest
from django.contrib.auth.models import AnonymousUser

from apps.access.permissions import Permission
from apps.access.tests.factories import UserFactory
from apps.core.registry import Registry
from apps.ui import menu
from apps.ui.menu import MenuItem, visible_menu


@pytest.fixture
def items(monkeypatch):
    monkeypatch.setattr(menu, "_items", Registry("menu item"))
    menu.register(MenuItem("sell", "Find", "ui:search", Permission.HOME, 20, "search"))
    menu.register(MenuItem("sell", "All", "ui:more", Permission.HOME, 10, "list"))
    menu.register(MenuItem("learn", "Audit", "ui:shortcuts", Permission.AUDIT_VIEW))


@pytest.mark.django_db
def test_a_person_sees_what_they_may_open_and_empty_groups_vanish(items):
    groups = visible_menu(UserFactory())

    assert [(group.code, [entry.label for entry in group.entries]) for group in groups] == [
        ("sell", ["All", "Find"])
    ]


def test_nobody_signed_in_sees_no_menu(items):
    assert visible_menu(AnonymousUser()) == ()


@pytest.mark.django_db
def test_the_entry_of_the_open_page_is_marked_and_the_date_kept(items):
    [group] = visible_menu(UserFactory(), "/ui/search/", "?as_of=2026-01-31")

    assert [(entry.url, entry.active) for entry in group.entries] == [
        ("/ui/more/?as_of=2026-01-31", False),
        ("/ui/search/?as_of=2026-01-31", True),
    ]


def test_a_page_is_listed_once(items):
    with pytest.raises(ValueError, match="registered twice"):
        menu.register(MenuItem("aim", "Other", "ui:more", Permission.HOME))


def test_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match="Unknown menu group"):
        MenuItem("nowhere", "X", "ui:more", Permission.HOME)
