"""The role catalogue, job cards and the responsibility matrix."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.measures.registry import measures
from apps.org.models import Position
from apps.roles import forms, selectors, services
from apps.roles.models import PositionRole, ProcessStep, RoleVersion, SalesRole
from apps.ui import htmx
from apps.ui.asof import as_of
from apps.ui.panels import panels_for


@page(Permission.ROLE_VIEW)
def index(request: HttpRequest) -> HttpResponse:
    """Every role with its purpose and how many people play it."""
    return render(
        request,
        "roles/index.html",
        {"cards": selectors.catalogue(as_of(request)), "editable": _may_edit(request)},
    )


@page(Permission.ROLE_VIEW)
def role(request: HttpRequest, role_id: int) -> HttpResponse:
    """The job card of a role, fit for printing."""
    subject = get_object_or_404(SalesRole.objects.visible_to(request.user), pk=role_id)  # type: ignore[arg-type]
    day = as_of(request)
    version = selectors.version_of(role_id, day)
    if version is None:
        raise Http404
    kpis = [
        (str(measures.get(kpi.measure).name) if kpi.measure in measures else kpi.measure, kpi.weight)
        for kpi in selectors.kpis_of(role_id, day)
    ]
    context = {
        "role": subject,
        "version": version,
        "duties": version.duties.order_by("position", "pk"),
        "kpis": kpis,
        "skills": selectors.required_skills(role_id, day),
        "people": selectors.people_with_role(role_id, day),
        "parts": selectors.parts_of(role_id),
        "versions": subject.versions.order_by("-number"),
        "panels": panels_for(request, "role", subject),
        "editable": _may_edit(request),
    }
    return render(request, "roles/role.html", context)


@page(Permission.ROLE_VIEW)
def matrix(request: HttpRequest) -> HttpResponse:
    """Who is responsible for which step, with gaps and overlaps."""
    return render(
        request,
        "roles/matrix.html",
        {"matrix": selectors.matrix(as_of(request)), "editable": _may_edit(request)},
    )


@page(Permission.ROLE_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Ask what a new role is for and judged by."""
    form = forms.NewRoleForm(initial={"on": clock.today()})
    return _form(request, form, _("New role"), reverse("roles:create"))


@action(Permission.ROLE_EDIT)
def create(request: HttpRequest) -> HttpResponse:
    """Add a role."""

    def save(form: Any) -> str:
        data = form.cleaned_data
        made = services.create_role(
            code=data["code"], name=data["name"], content=form.content, on=data["on"], by=request.user
        )
        return reverse("roles:role", args=[made.pk])

    return _save(request, forms.NewRoleForm(request.POST), _("New role"), reverse("roles:create"), save)


@page(Permission.ROLE_EDIT)
def edit(request: HttpRequest, role_id: int) -> HttpResponse:
    """Start a new version from the latest."""
    latest = _latest(request, role_id)
    form = forms.RoleForm(version=latest, initial={"on": clock.today()})
    return _form(request, form, _revise(latest), reverse("roles:revise", args=[role_id]))


@action(Permission.ROLE_EDIT)
def revise(request: HttpRequest, role_id: int) -> HttpResponse:
    """Put a new version in force."""
    latest = _latest(request, role_id)

    def save(form: Any) -> str:
        data = form.cleaned_data
        services.revise_role(
            role_id=role_id, content=form.content, on=data["on"], name=data["name"], by=request.user
        )
        return reverse("roles:role", args=[role_id])

    url = reverse("roles:revise", args=[role_id])
    return _save(request, forms.RoleForm(request.POST, version=latest), _revise(latest), url, save)


@page(Permission.ROLE_EDIT)
def parts(request: HttpRequest, step_id: int) -> HttpResponse:
    """Ask who plays which part in a step."""
    step = get_object_or_404(ProcessStep.objects.visible_to(request.user), pk=step_id)  # type: ignore[arg-type]
    return _form(
        request, forms.PartsForm(step=step), in_words(step.name), reverse("roles:set_parts", args=[step_id])
    )


@action(Permission.ROLE_EDIT)
def set_parts(request: HttpRequest, step_id: int) -> HttpResponse:
    """Say who plays which part in a step."""
    step = get_object_or_404(ProcessStep.objects.visible_to(request.user), pk=step_id)  # type: ignore[arg-type]

    def save(form: Any) -> str:
        services.set_responsibilities(step_id=step.pk, parts=form.parts, by=request.user)
        return reverse("roles:matrix")

    url = reverse("roles:set_parts", args=[step_id])
    return _save(request, forms.PartsForm(request.POST, step=step), in_words(step.name), url, save)


@page(Permission.ROLE_EDIT)
def seat_role(request: HttpRequest, position_id: int) -> HttpResponse:
    """Ask which role a seat carries, and from when."""
    position, now = _seat(request, position_id)
    form = forms.SeatRoleForm(initial={"on": clock.today(), "role": now.role_id if now else None})
    return _form(request, form, _carries(position), reverse("roles:set_seat_role", args=[position_id]))


@action(Permission.ROLE_EDIT)
def set_seat_role(request: HttpRequest, position_id: int) -> HttpResponse:
    """Let a seat carry a role from a day on."""
    position, _now = _seat(request, position_id)

    def save(form: Any) -> str:
        data = form.cleaned_data
        services.set_position_role(
            position_id=position.pk, role_id=data["role"].pk, on=data["on"], by=request.user
        )
        return reverse("org:seat", args=[position.pk])

    url = reverse("roles:set_seat_role", args=[position_id])
    return _save(request, forms.SeatRoleForm(request.POST), _carries(position), url, save)


def _seat(request: HttpRequest, position_id: int) -> tuple[Position, PositionRole | None]:
    reach = Position.objects.permitting(request.user, Permission.ROLE_EDIT)  # type: ignore[arg-type]  # signed in
    position = get_object_or_404(reach, pk=position_id)
    return position, position.roles.on(clock.today()).first()


def _carries(position: Position) -> str:
    return _("Sales role of %(seat)s") % {"seat": in_words(position.title)}


def _may_edit(request: HttpRequest) -> bool:
    return may(request.user, Permission.ROLE_EDIT)  # type: ignore[arg-type]  # signed in


def _latest(request: HttpRequest, role_id: int) -> RoleVersion:
    roles = SalesRole.objects.visible_to(request.user)  # type: ignore[arg-type]  # signed in
    role = get_object_or_404(roles, pk=role_id)
    return role.versions.select_related("role").order_by("-number").first()  # type: ignore[return-value]  # every role has one


def _revise(latest: RoleVersion) -> str:
    return _("New version of %(role)s") % {"role": in_words(latest.role.name)}


def _form(request: HttpRequest, form: Any, title: str, url: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "title": title, "action_url": url}
    return render(request, "ui/form_page.html", context, status=status)


def _save(request: HttpRequest, form: Any, title: str, url: str, save: Callable[[Any], str]) -> HttpResponse:
    if not form.is_valid():
        return _form(request, form, title, url, 422)
    try:
        with transaction.atomic():
            target = save(form)
    except DomainError as error:
        form.apply_domain_error(error)
        return _form(request, form, title, url, 409)
    answer = htmx.go(request, target)
    return htmx.toast(answer, _("Saved."))
