"""What targets add to the pages of other rooms: menu entries and the panel of a person."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.targets.selectors.overview import Subject, measures_in_force
from apps.targets.selectors.panel import person_lines
from apps.targets.selectors.rounds import desk
from apps.ui import menu, panels


def _person_panel(request: HttpRequest, person: Any) -> dict[str, Any] | None:
    """Show attainment by measure to whoever may see this person's targets."""
    today = clock.today()
    if not scope_of(request.user, Permission.TARGET_VIEW, today).covers_person(person.pk):
        return None
    try:
        period = calendars.period_of(today, "year")
    except calendars.MissingPeriod:
        return None
    lines = person_lines(Subject(person.name, person_id=person.pk), measures_in_force(period), period, today)
    return {"lines": lines, "period": period} if lines else None


def _home_panel(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Show the own figures that are asked for and those that wait for a decision."""
    found = desk(request.user, clock.today())
    return {"desk": found} if found.waiting else None


def register() -> None:
    """Add the entries; called once at start-up."""
    menu.register(
        menu.MenuItem("aim", _("Targets"), "targets:overview", Permission.TARGET_VIEW, 10, "target-arrow")
    )
    menu.register(
        menu.MenuItem("aim", _("Target plans"), "targets:plans", Permission.TARGET_EDIT, 20, "table")
    )
    menu.register(
        menu.MenuItem(
            "aim", _("Own figures"), "targets:figures", Permission.TARGET_VIEW, 22, "arrow-big-up-lines"
        )
    )
    menu.register(
        menu.MenuItem(
            "aim", _("Deviations"), "targets:alerts", Permission.TARGET_VIEW, 14, "activity-heartbeat"
        )
    )
    menu.register(
        menu.MenuItem(
            "aim", _("Target and resources"), "targets:resources", Permission.TARGET_VIEW, 16, "users-group"
        )
    )
    panels.register(
        panels.Panel(
            "home",
            "own-figures",
            _("Own figures"),
            "targets/home_panel.html",
            _home_panel,
            Permission.TARGET_VIEW,
            35,
            "arrow-big-up-lines",
        )
    )
    panels.register(
        panels.Panel(
            "person",
            "targets",
            _("Targets"),
            "targets/person_panel.html",
            _person_panel,
            Permission.TARGET_VIEW,
            20,
            "target-arrow",
        )
    )
