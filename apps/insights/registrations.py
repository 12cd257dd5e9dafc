"""What this room adds to others at start-up."""

from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission
from apps.insights import waiting, waiting_people
from apps.ui.menu import MenuItem, register


def register_all() -> None:
    """Put the team page into the menu and what waits for people onto home."""
    register(
        MenuItem("learn", _("Team performance"), "insights:team", Permission.INSIGHT_VIEW, 10, "chart-bar")
    )
    waiting.register_standard()
    waiting_people.register_standard()
