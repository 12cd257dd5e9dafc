"""Pages and dialogs about who is away when."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.decorators import action, page
from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.org import forms, selectors, services
from apps.org.models import Absence, Person
from apps.org.tables import AbsenceTable
from apps.org.views.dialogs import Dialog
from apps.ui import htmx
from apps.ui.tables import respond

YEAR = dt.timedelta(days=365)


@page(Permission.ABSENCE_VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """Who is away when, of the people the viewer may know it of."""
    rows = selectors.absences(request.user).standing()  # type: ignore[arg-type]  # signed in
    return respond(request, AbsenceTable(request, rows), "org/absences.html", {})


@action(Permission.ABSENCE_EDIT)
def cancel(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take an absence back."""
    absence = _absence(request.user, absence_id)  # type: ignore[arg-type]  # signed in
    told = request.POST.get("version", "")
    services.cancel_absence(
        absence_id=absence.pk,
        version=int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0,
        by=request.user,  # type: ignore[arg-type]
        at=clock.now(),
    )
    return htmx.toast(htmx.go(request, _person_url(absence)), _("The absence is cancelled."))


def absences_on_page(request: HttpRequest, person: Person) -> dict[str, Any]:
    """Return what a person's page says about absences; None where the viewer may not know."""
    user: User = request.user  # type: ignore[assignment]  # signed in
    may_record = (
        scope_of(user, Permission.ABSENCE_EDIT).covers_person(person.pk) and person.user_id != user.pk
    )
    if not scope_of(user, Permission.ABSENCE_VIEW).covers_person(person.pk):
        return {"absences": None, "may_record": may_record}
    found = selectors.absences_of(person.pk, user, clock.today() - YEAR)
    return {"absences": found, "may_record": may_record}


def _person(user: User, pk: int) -> Person:
    return get_object_or_404(Person.objects.permitting(user, Permission.ABSENCE_EDIT), pk=pk)


def _absence(user: User, pk: int) -> Absence:
    rows = Absence.objects.permitting(user, Permission.ABSENCE_EDIT)
    return get_object_or_404(rows.select_related("person"), pk=pk)


def _person_url(absence: Absence) -> str:
    return reverse("org:person", args=[absence.person_id])


def _record(person: Person, data: dict[str, Any], by: User) -> tuple[str, str]:
    absence = services.record_absence(person_id=person.pk, by=by, at=clock.now(), **data)
    return _("The absence is recorded."), _person_url(absence)


def _change(absence: Absence, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.change_absence(absence_id=absence.pk, by=by, **data)
    return _("Saved."), _person_url(absence)


DIALOGS = (
    Dialog(
        "absence_add",
        "people/<int:pk>/absence",
        gettext_lazy("Absence of %(name)s"),
        forms.AbsenceForm,
        _person,
        _record,
        Permission.ABSENCE_EDIT,
    ),
    Dialog(
        "absence_change",
        "absences/<int:pk>/change",
        gettext_lazy("Change the absence"),
        forms.ChangeAbsenceForm,
        _absence,
        _change,
        Permission.ABSENCE_EDIT,
    ),
)
