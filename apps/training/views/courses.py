"""The catalogue, a course with its sessions, and seats."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of
from apps.core import clock
from apps.core.names import in_words
from apps.org.models import Person
from apps.training import forms, selectors, services
from apps.training.models import Course, CourseSession, Enrolment
from apps.training.tables import CourseTable
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond

EDIT = Permission.TRAINING_EDIT


def course_url(course_id: int) -> str:
    """Return the address of a course."""
    return reverse("training:course", args=[course_id])


def people_to_train(request: HttpRequest) -> Any:
    """Return the people whose training the viewer looks after."""
    today = clock.today()
    return Person.objects.permitting(request.user, EDIT).employed(today).order_by("name", "pk")  # type: ignore[arg-type]


@page(Permission.TRAINING_VIEW)
def courses(request: HttpRequest) -> HttpResponse:
    """The catalogue."""
    viewer: Any = request.user
    rows = selectors.catalogue(viewer, clock.now(), clock.today())
    return respond(
        request, CourseTable(request, rows), "training/courses.html", {"may_edit": may(viewer, EDIT)}
    )


@page(Permission.TRAINING_VIEW)
def course(request: HttpRequest, course_id: int) -> HttpResponse:
    """One course: what it teaches, when it takes place, who takes part."""
    viewer: Any = request.user
    subject = get_object_or_404(Course.objects.visible_to(viewer), pk=course_id)
    context = {
        "course": subject,
        "skills": list(subject.skills.select_related("skill").order_by("skill__name", "pk")),
        "cards": selectors.sessions_of(subject, viewer, clock.now()),
        "passed": subject.completions.count(),
        "own": next(
            iter(subject.completions.filter(person=person_id_of(viewer)).order_by("-completed_on")), None
        ),
        "may_edit": may(viewer, EDIT),
        "is_offered": subject.is_offered(clock.today()),
        "has_person": person_id_of(viewer) is not None,
    }
    return render(request, "training/course.html", context)


@page(EDIT)
def course_new(request: HttpRequest) -> HttpResponse:
    """The form for a course."""
    return show_form(request, forms.CourseForm(), _new_frame())


@action(EDIT)
def course_create(request: HttpRequest) -> HttpResponse:
    """Add a course."""
    form = forms.CourseForm(request.POST)
    return submit_form(
        request,
        form,
        _new_frame(),
        lambda data: services.create_course(code=data["code"], **form.details),
        done=_("The course is in the catalogue."),
        go_to=lambda made: course_url(made.pk),
    )


@page(EDIT)
def course_edit(request: HttpRequest, course_id: int) -> HttpResponse:
    """The form to change a course."""
    subject = _course(request, course_id)
    form = forms.EditCourseForm(initial=forms.course_initial(subject))
    return show_form(request, form, course_frame(in_words(subject.name), subject, "course_save"))


@action(EDIT)
def course_save(request: HttpRequest, course_id: int) -> HttpResponse:
    """Change a course."""
    subject = _course(request, course_id)
    form = forms.EditCourseForm(request.POST)
    return submit_form(
        request,
        form,
        course_frame(in_words(subject.name), subject, "course_save"),
        lambda _data: services.update_course(course_id=subject.pk, **form.details),
        done=_("Course saved."),
        go_to=course_url(subject.pk),
    )


@page(EDIT)
def session_new(request: HttpRequest, course_id: int) -> HttpResponse:
    """The form for a session."""
    return show_form(request, forms.SessionForm(), _session_frame(_course(request, course_id)))


@action(EDIT)
def session_create(request: HttpRequest, course_id: int) -> HttpResponse:
    """Plan a session."""
    subject = _course(request, course_id)

    def save(data: dict[str, Any]) -> CourseSession:
        trainer = data["trainer"]
        moment = {name: data[name] for name in ("starts_at", "ends_at", "place", "capacity")}
        return services.plan_session(
            course_id=subject.pk, trainer_id=trainer and trainer.pk, today=clock.today(), **moment
        )

    return submit_form(
        request,
        forms.SessionForm(request.POST),
        _session_frame(subject),
        save,
        done=_("The session is planned."),
        go_to=course_url(subject.pk),
    )


@action(EDIT)
def session_cancel(request: HttpRequest, session_id: int) -> HttpResponse:
    """Cancel a session."""
    subject = _session(request, session_id, EDIT)
    services.cancel_session(session_id=subject.pk, at=clock.now())
    return htmx.toast(
        htmx.go(request, course_url(subject.course_id)), _("The session is cancelled; everybody is told.")
    )


@action(Permission.TRAINING_VIEW)
def enrol_me(request: HttpRequest, session_id: int) -> HttpResponse:
    """Take a seat oneself."""
    viewer: Any = request.user
    subject = _session(request, session_id, Permission.TRAINING_VIEW)
    me = get_object_or_404(Person, user=viewer)
    row = services.enrol(session_id=subject.pk, person_id=me.pk, by=viewer, at=clock.now())
    text = (
        _("You have a seat.")
        if row.state == "enrolled"
        else _("No seat is free; you are on the waiting list.")
    )
    return htmx.toast(htmx.go(request, course_url(subject.course_id)), text)


@page(EDIT)
def enrol(request: HttpRequest, session_id: int) -> HttpResponse:
    """Choose whom to enrol."""
    subject = _session(request, session_id, EDIT)
    return show_form(request, forms.EnrolForm(people=people_to_train(request)), _enrol_frame(subject))


@action(EDIT)
def enrol_do(request: HttpRequest, session_id: int) -> HttpResponse:
    """Enrol somebody."""
    viewer: Any = request.user
    subject = _session(request, session_id, EDIT)

    def said(row: Enrolment) -> str:
        return _("%(name)s: %(state)s.") % {"name": row.person.name, "state": row.get_state_display()}

    def save(data: dict[str, Any]) -> Enrolment:
        return services.enrol(session_id=subject.pk, person_id=data["person"].pk, by=viewer, at=clock.now())

    return submit_form(
        request,
        forms.EnrolForm(request.POST, people=people_to_train(request)),
        _enrol_frame(subject),
        save,
        done=said,
        go_to=course_url(subject.course_id),
    )


@action(Permission.TRAINING_VIEW)
def withdraw(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Give a seat back, one's own or that of somebody one looks after."""
    rows = Enrolment.objects.visible_to(request.user).select_related("session")  # type: ignore[arg-type]
    row = get_object_or_404(rows, pk=enrolment_id)
    services.withdraw(enrolment_id=row.pk, at=clock.now())
    return htmx.toast(htmx.go(request, course_url(row.session.course_id)), _("The seat is free again."))


@action(EDIT)
def came(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Record that somebody came."""
    return _attendance(request, enrolment_id, came=True)


@action(EDIT)
def absent(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Record that somebody did not come."""
    return _attendance(request, enrolment_id, came=False)


def _attendance(request: HttpRequest, enrolment_id: int, *, came: bool) -> HttpResponse:
    rows = Enrolment.objects.permitting(request.user, EDIT).select_related("session")  # type: ignore[arg-type]
    row = get_object_or_404(rows, pk=enrolment_id)
    services.record_attendance(enrolment_id=row.pk, came=came, at=clock.now())
    return htmx.toast(htmx.go(request, course_url(row.session.course_id)), _("Attendance recorded."))


def course_frame(title: str, course: Course, name: str) -> Frame:
    """Return the frame of a form that belongs to a course."""
    return Frame(title, reverse(f"training:{name}", args=[course.pk]), course_url(course.pk))


def _new_frame() -> Frame:
    return Frame(_("New course"), reverse("training:course_create"), reverse("training:courses"))


def _session_frame(course: Course) -> Frame:
    return course_frame(
        _("Plan a session of %(name)s") % {"name": in_words(course.name)}, course, "session_create"
    )


def _enrol_frame(session: CourseSession) -> Frame:
    url = reverse("training:enrol_do", args=[session.pk])
    return Frame(_("Enrol somebody"), url, course_url(session.course_id))


def _course(request: HttpRequest, course_id: int) -> Course:
    return get_object_or_404(Course.objects.permitting(request.user, EDIT), pk=course_id)  # type: ignore[arg-type]


def _session(request: HttpRequest, session_id: int, permission: Permission) -> CourseSession:
    rows = CourseSession.objects.permitting(request.user, permission)  # type: ignore[arg-type]  # signed in
    return get_object_or_404(rows, pk=session_id)
