"""What this room contributes to lower rooms at start-up."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.access import records
from apps.access.permissions import Permission
from apps.events import audit, jobs
from apps.org.models import Person
from apps.reviews import selectors, tasks
from apps.reviews.enums import Rating
from apps.reviews.models import Evaluation
from apps.reviews.services import telling
from apps.reviews.tables import RATING_TONES
from apps.ui import menu, panels
from apps.ui.menu import MenuItem
from apps.ui.panels import Panel


def install() -> None:
    """Register audit, the periodic job, kinds of notices, menu entries and panels."""
    audit.track("reviews.EvaluationCycle", "reviews.KpiScale")
    audit.track(
        "reviews.Evaluation",
        "reviews.EvaluationSegment",
        "reviews.KpiScore",
        "reviews.Goal",
        "reviews.EvaluationChange",
        protected=True,
    )
    jobs.register(tasks.QUARTERLY)
    records.register("evaluation", Evaluation, Permission.REVIEW_VIEW, records.of_people("person"))
    telling.register_kinds()
    view = Permission.REVIEW_VIEW
    menu.register(
        MenuItem("grow", _("My evaluations"), "reviews:mine", view, order=10, icon="clipboard-check")
    )
    menu.register(
        MenuItem(
            "grow",
            _("Team evaluations"),
            "reviews:team",
            Permission.REVIEW_EDIT,
            order=20,
            icon="users-group",
        )
    )
    menu.register(
        MenuItem(
            "grow",
            _("Evaluation cycles"),
            "reviews:cycles",
            Permission.REVIEW_ADMIN,
            order=30,
            icon="refresh",
        )
    )
    panels.register(
        Panel(
            "person", "reviews", _("Evaluations"), "reviews/person_panel.html", _of_person, view, order=60,
            icon="clipboard-check",
        )
    )  # fmt: skip
    panels.register(
        Panel(
            "home", "reviews", _("Evaluations"), "reviews/home_panel.html", _waiting, view, order=40,
            icon="clipboard-check",
        )
    )  # fmt: skip


def _of_person(request: HttpRequest, person: Person) -> dict[str, Any] | None:
    rows = selectors.shared_history(person.pk, request.user, limit=4)[::-1]  # type: ignore[arg-type]  # signed in
    tones = [(row, RATING_TONES[Rating(row.rating)] if row.rating else "muted") for row in rows]
    return {"rows": tones} if tones else None


def _waiting(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    waiting = selectors.waiting_for(request.user)  # type: ignore[arg-type]  # signed in
    return dict(waiting) if any(waiting.values()) else None
