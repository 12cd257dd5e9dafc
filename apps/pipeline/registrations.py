"""What the pipeline adds to the page kit: menu, search, choices while typing, panels of accounts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access import records
from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core.names import in_words
from apps.customers.models import Account
from apps.pipeline.models import Activity, Opportunity, Task
from apps.pipeline.selectors.work import account_timeline
from apps.ui import autocomplete, menu, offline, panels, search

MENU = (
    menu.MenuItem("sell", _("Deals"), "pipeline:deals", Permission.DEAL_VIEW, 10, "briefcase", tab=1),
    menu.MenuItem("sell", _("Board"), "pipeline:board", Permission.DEAL_VIEW, 20, "layout-kanban"),
    menu.MenuItem("sell", _("Activities"), "pipeline:activities", Permission.DEAL_VIEW, 50, "activity"),
    menu.MenuItem("sell", _("My tasks"), "pipeline:tasks", Permission.DEAL_VIEW, 60, "checkbox"),
    menu.MenuItem("sell", _("Products and prices"), "pipeline:products", Permission.DEAL_VIEW, 70, "package"),
    menu.MenuItem(
        "sell", _("Sales processes"), "pipeline:processes", Permission.PROCESS_EDIT, 80, "git-branch"
    ),
)


# Read offline: none of these shows pay or reviews.
OFFLINE = (
    offline.OfflinePage("pipeline:visit", ahead=True),
    offline.OfflinePage("pipeline:waiting", ahead=True),
    offline.OfflinePage("pipeline:tasks", ahead=True),
    offline.OfflinePage("pipeline:deals", ahead=True),
    offline.OfflinePage("pipeline:deal", one_id=True),
    offline.OfflinePage("customers:accounts", ahead=True),
    offline.OfflinePage("customers:account", one_id=True),
    offline.OfflinePage("customers:contacts", ahead=True),
    offline.OfflinePage("customers:contact", one_id=True),
)


def register_all() -> None:
    """Add the pipeline's entries to the registries of the page kit."""
    for item in MENU:
        menu.register(item)
    records.register("deal", Opportunity, Permission.DEAL_VIEW, _people_of_deal)
    records.register("activity", Activity, Permission.DEAL_VIEW, _people_of_activity)
    records.register("task", Task, Permission.DEAL_VIEW, records.of_people("assignee"))
    offline.keep(*OFFLINE, offline.OfflinePage("ui:more", ahead=True))
    search.register("deals", _found, label=_("Deals"), permission=Permission.DEAL_VIEW, order=20)
    autocomplete.register("deals", Permission.DEAL_VIEW, _suggested)
    panels.register(
        panels.Panel(
            "account",
            "deals",
            _("Deals"),
            "pipeline/panels/account_deals.html",
            _account_deals,
            Permission.DEAL_VIEW,
            order=20,
            icon="briefcase",
        )
    )
    panels.register(
        panels.Panel(
            "account",
            "activities",
            _("Activities"),
            "pipeline/panels/account_activities.html",
            _account_activities,
            Permission.DEAL_VIEW,
            order=30,
            icon="activity",
        )
    )


def _people_of_deal(deal: Any) -> records.Concerned:
    shared = deal.splits.values_list("person_id", flat=True)
    return records.Concerned(person_ids=frozenset({deal.owner_id, *shared}))


def _people_of_activity(activity: Any) -> records.Concerned:
    people = {activity.person_id}
    if activity.opportunity is not None:
        people |= _people_of_deal(activity.opportunity).person_ids
    if activity.account is not None:
        members = activity.account.members.values_list("person_id", flat=True)
        people |= {activity.account.owner_id, *members} - {None}
    return records.Concerned(person_ids=frozenset(people))


def _matching(user: User, text: str) -> list[Opportunity]:
    rows = Opportunity.objects.visible_to(user).filter(name__icontains=text)
    return list(rows.select_related("account", "stage").order_by("-pk")[: search.PER_GROUP])


def _found(user: User, text: str) -> Sequence[search.Hit]:
    return [
        search.Hit(
            row.name,
            reverse("pipeline:deal", args=[row.pk]),
            f"{row.account.name if row.account else ''} · {in_words(row.stage.name)}".strip(" ·"),
            "briefcase",
        )
        for row in _matching(user, text)
    ]


def _suggested(user: User, text: str) -> Sequence[autocomplete.Suggestion]:
    return [
        autocomplete.Suggestion(row.pk, row.name, row.account.name if row.account else "")
        for row in _matching(user, text)
    ]


def _account_deals(request: HttpRequest, account: Account) -> dict[str, Any]:
    rows = Opportunity.objects.visible_to(request.user).filter(account=account)
    return {
        "deals": list(
            rows.for_list().order_by(F("closed_on").desc(nulls_first=True), "-created_on", "-pk")[:20]
        ),
        "account": account,
        "may_create": may(request.user, Permission.DEAL_EDIT),  # type: ignore[arg-type]  # signed in
    }


def _account_activities(request: HttpRequest, account: Account) -> dict[str, Any]:
    return {"happenings": account_timeline(account.pk, request.user), "account": account}
