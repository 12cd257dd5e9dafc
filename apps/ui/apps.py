from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# The rooms below the kit cannot register themselves: their menu modules list plain tuples.
_LOWER_MENUS = ("apps.access.menu", "apps.calendars.menu", "apps.events.menu")


class UiConfig(AppConfig):
    name = "apps.ui"
    label = "ui"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Take the menu entries of the rooms below."""
        menu = import_module("apps.ui.menu")
        permissions = import_module("apps.access.permissions")
        for room in _LOWER_MENUS:
            for group, label, url_name, permission, order, icon in import_module(room).MENU:
                held = permissions.Permission(permission)
                menu.register(menu.MenuItem(group, label, url_name, held, order, icon))
