"""What this room contributes to lower rooms at start-up."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access import records
from apps.access.models import User
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.names import in_words
from apps.events import audit, jobs
from apps.events.enums import CatchUp
from apps.notifications.registry import register_kind
from apps.strategy import tasks
from apps.strategy.models import Decision, Objective, Strategy, StrategyReview
from apps.strategy.selectors.agenda import agenda
from apps.strategy.selectors.choices import suggest_people, suggest_targets
from apps.strategy.services.watch import KIND
from apps.ui import autocomplete, menu, panels, search

audit.track(
    "strategy.Strategy",
    "strategy.Participant",
    "strategy.Objective",
    "strategy.Initiative",
    "strategy.ProgressNote",
    "strategy.ReviewCadence",
    "strategy.StrategyReview",
    "strategy.Decision",
)


def _concerned(strategy: Any) -> records.Concerned:
    takes_part = strategy.participants.values_list("person_id", flat=True)
    people = frozenset({strategy.owner_id, *takes_part})
    return records.Concerned(person_ids=people, unit_ids=frozenset({strategy.unit_id}))


records.register("strategy", Strategy, Permission.STRATEGY_VIEW, _concerned)
for _code, _model in (("objective", Objective), ("review", StrategyReview), ("decision", Decision)):
    records.register(_code, _model, Permission.STRATEGY_VIEW, lambda row: _concerned(row.strategy))

register_kind(KIND, _("Strategy reviews due and objectives behind their pace"))

jobs.register(
    jobs.PeriodicJob(
        "strategy.watch",
        tasks.watch,
        period_kind="day",
        at=dt.time(6, 0),
        label=_("Schedule strategy reviews, see what is due or behind"),
        owner="strategy",
    )
)
jobs.register(
    jobs.PeriodicJob(
        "strategy.digests",
        tasks.send_digests,
        period_kind="day",
        at=dt.time(6, 5),
        catch_up=CatchUp.LATEST,
        after="strategy.watch",
        label=_("Tell people about strategy reviews and objectives behind"),
        owner="strategy",
    )
)

menu.register(
    menu.MenuItem("aim", _("Strategies"), "strategy:strategies", Permission.STRATEGY_VIEW, 30, "compass")
)
menu.register(
    menu.MenuItem("aim", _("My reviews"), "strategy:mine", Permission.STRATEGY_VIEW, 40, "calendar-check")
)


def _find(user: User, text: str) -> list[search.Hit]:
    rows = Strategy.objects.visible_to(user).filter(Q(title__icontains=text) | Q(purpose__icontains=text))
    return [
        search.Hit(
            one.title,
            reverse("strategy:strategy", args=[one.pk]),
            f"{in_words(one.unit.name)} · {one.owner.name}",
        )
        for one in rows.select_related("unit", "owner").order_by("title", "pk")[: search.PER_GROUP]
    ]


search.register("strategies", _find, label=_("Strategies"), permission=Permission.STRATEGY_VIEW, order=60)
autocomplete.register("strategy-people", Permission.DIRECTORY_VIEW, suggest_people)
autocomplete.register("strategy-targets", Permission.TARGET_VIEW, suggest_targets)


def _unit_panel(request: HttpRequest, unit: Any) -> dict[str, Any] | None:
    """Show the strategies in force of a unit."""
    rows = Strategy.objects.visible_to(request.user).active().filter(unit=unit.pk)
    found = list(rows.select_related("owner").order_by("title", "pk")[:5])
    return {"strategies": found} if found else None


def _home_panel(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Show the reviews and decisions that wait for the reader."""
    found = agenda(request.user, clock.today())
    return {"agenda": found} if found.urgent else None


panels.register(
    panels.Panel(
        "unit",
        "strategies",
        _("Strategies"),
        "strategy/unit_panel.html",
        _unit_panel,
        Permission.STRATEGY_VIEW,
        30,
        "compass",
    )
)
panels.register(
    panels.Panel(
        "home",
        "strategy",
        _("Strategy: waiting for you"),
        "strategy/home_panel.html",
        _home_panel,
        Permission.STRATEGY_VIEW,
        60,
        "compass",
    )
)
