"""What this room shows on pages of lower rooms."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.core.names import in_words
from apps.events import audit
from apps.incentives.models import Statement
from apps.incentives.selectors.deal_pay import payees_in_reach
from apps.measures.models import Credit
from apps.org.models import Person, Position
from apps.pipeline.models import Opportunity
from apps.pipeline.services.credits import SOURCE
from apps.ui.autocomplete import LIMIT, Suggestion


def person_panel(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Return the newest statements of a person whose pay the viewer may see, or stay away.

    The page around it shows no pay of its own, so the look is noted here, once, where there is something.
    """
    if not scope_of(request.user, Permission.STATEMENT_VIEW).covers_person(subject.pk):  # type: ignore[arg-type]
        return None
    rows = Statement.objects.visible_to(request.user).filter(person=subject.pk)  # type: ignore[arg-type]
    newest = rows.select_related("run__period").order_by("-run__period__starts_on", "-pk")
    statements = list(newest[:4])
    if statements:
        audit.record_access(user_id=request.user.pk, what="pay panel", table="org_person", row_id=subject.pk)  # type: ignore[arg-type]  # signed in
    return {"statements": statements}


def deal_panel(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Offer to work out what an open deal pays, where the viewer may see anybody's pay for it."""
    today = clock.today()
    if not subject.is_open or not payees_in_reach(subject, request.user, today, today):  # type: ignore[arg-type]
        return None
    return {"deal": subject}


def deals_to_hold(user: User, text: str) -> Sequence[Suggestion]:
    """Suggest credited deals to whoever calculates pay for the whole company, whatever deals they see."""
    if not scope_of(user, Permission.RUN_CALCULATE).everything:
        return []
    credited = Credit.objects.filter(source_type=SOURCE, source_id=OuterRef("pk"))
    found = Opportunity.objects.filter(Exists(credited), name__icontains=text).select_related("owner")
    rows = found.order_by("-closed_on", "pk")[:LIMIT]
    return [Suggestion(row.pk, row.name, row.owner.name) for row in rows]


def people_of_facts(user: User, text: str) -> Sequence[Suggestion]:
    """Suggest the people whom somebody may tell facts of pay about; never oneself."""
    people = Person.objects.permitting(user, Permission.PAY_FACT).exclude(user=user).matching(text)
    return [Suggestion(row.pk, row.name, row.external_id) for row in people.order_by("name", "pk")[:LIMIT]]


def positions_to_pay(user: User, text: str) -> Sequence[Suggestion]:
    """Suggest the positions whose holders a plan may pay."""
    found = Position.objects.filter(Q(title__icontains=text) | Q(code__icontains=text))
    rows = found.order_by("title", "code")[:LIMIT]
    return [Suggestion(row.pk, in_words(row.title), row.code) for row in rows]
