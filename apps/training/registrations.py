"""What this room contributes to lower rooms at start-up."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.access import records
from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.core import clock
from apps.events import audit
from apps.org.models import Person
from apps.training import selectors
from apps.training.models import Completion, Enrolment, SkillAssessment
from apps.training.services import telling
from apps.ui import menu, panels
from apps.ui.menu import MenuItem
from apps.ui.panels import Panel


def install() -> None:
    """Register audit, kinds of notices, menu entries and panels."""
    audit.track(
        "training.Course",
        "training.CourseSkill",
        "training.CourseSession",
        "training.Enrolment",
        "training.Completion",
        "training.SkillAssessment",
    )
    telling.register_kinds()
    for code, model in (
        ("enrolment", Enrolment),
        ("completion", Completion),
        ("skill_assessment", SkillAssessment),
    ):
        records.register(code, model, Permission.TRAINING_VIEW, records.of_people("person"))
    view, edit = Permission.TRAINING_VIEW, Permission.TRAINING_EDIT
    menu.register(MenuItem("grow", _("My training"), "training:mine", view, order=40, icon="school"))
    menu.register(MenuItem("grow", _("Courses"), "training:courses", view, order=50, icon="books"))
    menu.register(MenuItem("grow", _("Skill map"), "training:team", edit, order=60, icon="grid-dots"))
    for name, find in (("person", _of_person), ("evaluation", _of_evaluation)):
        panels.register(
            Panel(
                name, "training", _("Skills and gaps"), "training/gap_panel.html", find, view, order=70,
                icon="certificate",
            )
        )  # fmt: skip


def _of_person(request: HttpRequest, person: Person) -> dict[str, Any] | None:
    viewer: Any = request.user
    reach = scope_of(viewer, Permission.TRAINING_EDIT)
    if person.pk != person_id_of(viewer) and not (reach and reach.covers_person(person.pk)):
        return None
    found = selectors.profile(person, clock.today())
    return {"profile": found} if found.skills else None


def _of_evaluation(request: HttpRequest, evaluation: Any) -> dict[str, Any] | None:
    return _of_person(request, evaluation.person)
