"""My training, the skill map of a team, completions and levels."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.names import in_words
from apps.org.models import OrgUnit, Person
from apps.training import forms, selectors, services
from apps.training.models import Completion, Course, SkillAssessment
from apps.training.views.courses import course_frame, course_url, people_to_train
from apps.ui.asof import as_of
from apps.ui.submitting import Frame, show_form, submit_form

EDIT = Permission.TRAINING_EDIT


@page(Permission.TRAINING_VIEW)
def mine(request: HttpRequest) -> HttpResponse:
    """The person's own skills, gaps, suggestions, seats and certificates."""
    me = Person.objects.filter(user=request.user).first()  # type: ignore[misc]  # signed in
    if me is None:
        return render(request, "training/mine.html", {"profile": None})
    return render(request, "training/mine.html", _learner(request, me))


@page(EDIT)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """The skills and training of somebody one looks after."""
    subject = _person(request, person_id)
    return render(request, "training/mine.html", {**_learner(request, subject), "of": subject})


@page(EDIT)
def team(request: HttpRequest) -> HttpResponse:
    """People against skills, largest gaps first."""
    viewer: Any = request.user
    day = as_of(request)
    asked = request.GET.get("unit", "")
    units = OrgUnit.objects.permitting(viewer, EDIT).filter(kind="team").order_by("name", "pk")
    chosen = next((unit for unit in units if str(unit.pk) == asked), None)
    context = {
        "map": selectors.skill_map(viewer, day, chosen.pk if chosen else None),
        "expiring": selectors.expiring(viewer, day),
        "units": units,
        "chosen": chosen,
    }
    return render(request, "training/team.html", context)


@page(EDIT)
def complete(request: HttpRequest, course_id: int) -> HttpResponse:
    """The form for a completion."""
    course = _course(request, course_id)
    form = forms.CompletionForm(people=people_to_train(request), today=clock.today())
    return show_form(request, form, _complete_frame(course))


@action(EDIT)
def complete_do(request: HttpRequest, course_id: int) -> HttpResponse:
    """Record that somebody passed a course."""
    viewer: Any = request.user
    course = _course(request, course_id)

    def save(data: dict[str, Any]) -> Completion:
        return services.record_completion(
            course_id=course.pk,
            person_id=data["person"].pk,
            completed_on=data["completed_on"],
            score=data["score"],
            today=clock.today(),
            by=viewer,
        )

    return submit_form(
        request,
        forms.CompletionForm(request.POST, people=people_to_train(request), today=clock.today()),
        _complete_frame(course),
        save,
        done=_("Completion recorded."),
        go_to=course_url(course.pk),
    )


@page(EDIT)
def assess(request: HttpRequest, person_id: int) -> HttpResponse:
    """The form for a level of a skill."""
    subject = _person(request, person_id)
    return show_form(request, forms.AssessForm(today=clock.today()), _assess_frame(subject))


@action(EDIT)
def assess_do(request: HttpRequest, person_id: int) -> HttpResponse:
    """Record how good somebody is at a skill."""
    viewer: Any = request.user
    subject = _person(request, person_id)

    def save(data: dict[str, Any]) -> SkillAssessment:
        return services.assess_skill(
            person_id=subject.pk,
            skill_id=data["skill"].pk,
            level=data["level"],
            on=data["on"],
            note=data["note"],
            today=clock.today(),
            by=viewer,
        )

    return submit_form(
        request,
        forms.AssessForm(request.POST, today=clock.today()),
        _assess_frame(subject),
        save,
        done=_("Level recorded."),
        go_to=reverse("training:person", args=[subject.pk]),
    )


def _learner(request: HttpRequest, subject: Person) -> dict[str, Any]:
    coming, done = selectors.learning_of(subject, clock.now())
    today = clock.today()
    return {
        "profile": selectors.profile(subject, as_of(request)),
        "coming": coming,
        "done": [(row, row.expires_on is not None and row.expires_on <= today) for row in done],
    }


def _person(request: HttpRequest, person_id: int) -> Person:
    """Nobody judges their own level: one's own page is “My training”."""
    rows = Person.objects.permitting(request.user, EDIT).exclude(user=request.user)  # type: ignore[arg-type,misc]
    return get_object_or_404(rows, pk=person_id)


def _course(request: HttpRequest, course_id: int) -> Course:
    return get_object_or_404(Course.objects.permitting(request.user, EDIT), pk=course_id)  # type: ignore[arg-type]


def _complete_frame(course: Course) -> Frame:
    return course_frame(_("Who passed %(name)s?") % {"name": in_words(course.name)}, course, "complete_do")


def _assess_frame(subject: Person) -> Frame:
    title = _("Level of %(name)s") % {"name": subject.name}
    url = reverse("training:assess_do", args=[subject.pk])
    return Frame(title, url, reverse("training:person", args=[subject.pk]))
