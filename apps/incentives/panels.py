"""What this room shows on pages of lower rooms."""

from typing import Any

from django.http import HttpRequest

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.incentives.models import Statement


def person_panel(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Return the newest statements of a person whose pay the viewer may see, or stay away."""
    if not scope_of(request.user, Permission.STATEMENT_VIEW).covers_person(subject.pk):  # type: ignore[arg-type]
        return None
    rows = Statement.objects.visible_to(request.user).filter(person=subject.pk)  # type: ignore[arg-type]
    return {"statements": rows.select_related("run__period").order_by("-run__period__starts_on", "-pk")[:4]}
