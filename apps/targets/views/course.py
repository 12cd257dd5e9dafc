"""The way of a plan into force on one page: bottom-up round, approval, impact."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.core import clock
from apps.targets.models import TargetPlan
from apps.targets.selectors.course import course as read


@page(Permission.TARGET_VIEW)
def course(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show where a plan stands on its way into force and what is open to the reader."""
    visible = TargetPlan.objects.visible_to(request.user).select_related("period", "root_unit", "previous")
    plan = get_object_or_404(visible, pk=plan_id)
    found = read(request.user, plan, clock.today())
    if not found.sees_tree:
        raise Http404
    return render(request, "targets/course.html", {"found": found, "plan": plan})
