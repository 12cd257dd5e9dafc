"""What this room shows on pages of lower rooms."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.incentives.models import Statement
from apps.measures.models import Credit
from apps.pipeline.models import Opportunity
from apps.pipeline.services.credits import SOURCE
from apps.ui.autocomplete import LIMIT, Suggestion


def person_panel(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Return the newest statements of a person whose pay the viewer may see, or stay away."""
    if not scope_of(request.user, Permission.STATEMENT_VIEW).covers_person(subject.pk):  # type: ignore[arg-type]
        return None
    rows = Statement.objects.visible_to(request.user).filter(person=subject.pk)  # type: ignore[arg-type]
    return {"statements": rows.select_related("run__period").order_by("-run__period__starts_on", "-pk")[:4]}


def deals_to_hold(user: User, text: str) -> Sequence[Suggestion]:
    """Suggest credited deals to whoever calculates pay for the whole company, whatever deals they see."""
    if not scope_of(user, Permission.RUN_CALCULATE).everything:
        return []
    credited = Credit.objects.filter(source_type=SOURCE, source_id=OuterRef("pk"))
    found = Opportunity.objects.filter(Exists(credited), name__icontains=text).select_related("owner")
    rows = found.order_by("-closed_on", "pk")[:LIMIT]
    return [Suggestion(row.pk, row.name, row.owner.name) for row in rows]
