"""This room's menu entries, as plain tuples: the page kit is above and takes them when it starts."""

from django.utils.translation import gettext_lazy as _

MENU = (
    # group, label, url name, permission, order, icon
    ("settings", _("Users"), "access:users", "user.admin", 10, "users"),
    ("settings", _("Who may do what"), "access:matrix", "audit.view", 20, "shield-lock"),
)
