from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Tell the people who look after jobs when work was given up."""
        import_module("apps.notifications.receivers")
        registry = import_module("apps.notifications.registry")
        registry.register_kind("work_given_up", _("A job or delivery was given up"))
        audit = import_module("apps.events.audit")
        audit.track("notifications.Preference", "notifications.QuietHours")
