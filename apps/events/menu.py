"""Menu entries, picked up by the page kit: group, label, page, permission, order, icon."""

from django.utils.translation import gettext_lazy as _

MENU = [
    ("settings", _("Jobs"), "events:jobs", "job.view", 60, "clock-play"),
    ("settings", _("Audit trail"), "events:audit", "audit.view", 70, "history"),
]
