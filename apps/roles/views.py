"""The role catalogue, job cards and the responsibility matrix."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.measures.registry import measures
from apps.roles import selectors
from apps.roles.models import SalesRole
from apps.ui.asof import as_of
from apps.ui.panels import panels_for


@page(Permission.ROLE_VIEW)
def index(request: HttpRequest) -> HttpResponse:
    """Every role with its purpose and how many people play it."""
    return render(request, "roles/index.html", {"cards": selectors.catalogue(as_of(request))})


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
    }
    return render(request, "roles/role.html", context)


@page(Permission.ROLE_VIEW)
def matrix(request: HttpRequest) -> HttpResponse:
    """Who is responsible for which step, with gaps and overlaps."""
    return render(request, "roles/matrix.html", {"matrix": selectors.matrix(as_of(request))})
