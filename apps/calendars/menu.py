"""Menu entries, picked up by the page kit: group, label, page, permission, order, icon."""

from django.utils.translation import gettext_lazy as _

MENU = [
    ("settings", _("Fiscal calendar"), "calendars:periods", "calendar.edit", 30, "calendar-stats"),
    ("settings", _("Working days"), "calendars:days", "calendar.edit", 31, "calendar-event"),
    ("settings", _("Exchange rates"), "calendars:rates", "calendar.edit", 32, "currency-yuan"),
]
