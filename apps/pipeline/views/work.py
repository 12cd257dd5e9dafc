"""Activities and tasks."""

import uuid
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import person_id_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.customers.models import Account
from apps.pipeline import services
from apps.pipeline.forms import ActivityForm, TaskForm
from apps.pipeline.models import Activity, Opportunity, Task
from apps.pipeline.tables import ActivityTable
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond


class NotAPerson(DomainError):
    """The signed-in user has no place in the organisation."""


@page(Permission.DEAL_VIEW)
def activities(request: HttpRequest) -> HttpResponse:
    """Show what was done, latest first."""
    accounts = Account.objects.visible_to(request.user).filter(pk=OuterRef("account"))  # type: ignore[arg-type]  # signed in
    deals = Opportunity.objects.visible_to(request.user).filter(pk=OuterRef("opportunity"))
    rows = Activity.objects.visible_to(request.user).select_related("account", "opportunity", "person")
    # What one did stays one's own; the account and the deal may have gone to somebody else.
    rows = rows.annotate(opens_account=Exists(accounts), opens_deal=Exists(deals))
    return respond(request, ActivityTable(request, rows), "pipeline/activities.html")


@page(Permission.ACTIVITY_LOG)
def log_activity(request: HttpRequest) -> HttpResponse:
    """Show the quick log, for a deal or an account when the address names one."""
    initial: dict[str, Any] = {"happened_at": timezone.localtime(clock.now()), "client_uuid": uuid.uuid4()}
    for field in ("opportunity", "account", "contact"):
        if request.GET.get(field, "").isdigit():
            initial[field] = int(request.GET[field])
    if "opportunity" in initial and "account" not in initial:
        deals = Opportunity.objects.visible_to(request.user).filter(pk=initial["opportunity"])
        initial["account"] = deals.values_list("account_id", flat=True).first()
    form = ActivityForm(request.user, initial=initial)
    return show_form(request, form, _log_frame())


@action(Permission.ACTIVITY_LOG)
def activity_create(request: HttpRequest) -> HttpResponse:
    """Log an activity; the same form sent twice logs once."""
    form = ActivityForm(request.user, request.POST)

    def save(data: dict[str, Any]) -> Activity:
        return services.log_activity(
            kind=data["kind"],
            person_id=_own_person(request),
            subject=data["subject"],
            happened_at=data["happened_at"],
            at=clock.now(),
            client_uuid=data["client_uuid"],
            account_id=data["account"].pk if data["account"] else None,
            contact_id=data["contact"].pk if data["contact"] else None,
            opportunity_id=data["opportunity"].pk if data["opportunity"] else None,
            note=data["note"],
            minutes=data["minutes"],
        )

    return submit_form(request, form, _log_frame(), save, done=_("Activity logged."), go_to=_where)


@page(Permission.DEAL_VIEW)
def tasks(request: HttpRequest) -> HttpResponse:
    """Show my tasks by day: late, today, later, and what I finished lately."""
    mine = Task.objects.filter(assignee_id=person_id_of(request.user))  # type: ignore[arg-type]  # signed in
    mine = mine.select_related("opportunity", "account")
    waiting = list(mine.open().order_by("due_on", "pk")[:200])
    today = clock.today()
    groups = [
        (_("Late"), "bad", [task for task in waiting if task.due_on and task.due_on < today]),
        (_("Today"), "warn", [task for task in waiting if task.due_on == today]),
        (_("Later"), "info", [task for task in waiting if task.due_on and task.due_on > today]),
        (_("No date"), "muted", [task for task in waiting if task.due_on is None]),
    ]
    done = list(mine.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:10])
    return render(request, "pipeline/tasks.html", {"groups": groups, "done": done, "waiting": waiting})


@page(Permission.ACTIVITY_LOG)
def task_new(request: HttpRequest) -> HttpResponse:
    """Show the form for a task."""
    initial: dict[str, Any] = {"assignee": person_id_of(request.user), "due_on": clock.today()}  # type: ignore[arg-type]
    if request.GET.get("opportunity", "").isdigit():
        initial["opportunity"] = int(request.GET["opportunity"])
    return show_form(request, TaskForm(request.user, initial=initial), _task_frame())


@action(Permission.ACTIVITY_LOG)
def task_create(request: HttpRequest) -> HttpResponse:
    """Create a task."""
    form = TaskForm(request.user, request.POST)

    def save(data: dict[str, Any]) -> Task:
        return services.create_task(
            title=data["title"],
            assignee_id=data["assignee"].pk,
            by=request.user,
            due_on=data["due_on"],
            opportunity_id=data["opportunity"].pk if data["opportunity"] else None,
            note=data["note"],
        )

    return submit_form(request, form, _task_frame(), save, done=_("Task saved."), go_to=_where)


@action(Permission.ACTIVITY_LOG)
def task_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a task off."""
    task = get_object_or_404(Task.objects.permitting(request.user, Permission.ACTIVITY_LOG), pk=pk)
    services.complete_task(task_id=task.pk, at=clock.now())
    return _back(request, task)


@action(Permission.ACTIVITY_LOG)
def task_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tick back."""
    task = get_object_or_404(Task.objects.permitting(request.user, Permission.ACTIVITY_LOG), pk=pk)
    services.reopen_task(task_id=task.pk)
    return _back(request, task)


def _back(request: HttpRequest, task: Task) -> HttpResponse:
    came_from_deal = request.POST.get("from") == "deal" and task.opportunity_id
    url = (
        reverse("pipeline:deal", args=[task.opportunity_id]) if came_from_deal else reverse("pipeline:tasks")
    )
    return htmx.go(request, url)


def _where(made: Activity | Task) -> str:
    if made.opportunity_id:
        return reverse("pipeline:deal", args=[made.opportunity_id])
    if made.account_id:
        return reverse("customers:account", args=[made.account_id])
    return reverse("pipeline:tasks" if isinstance(made, Task) else "pipeline:activities")


def _own_person(request: HttpRequest) -> int:
    person_id = person_id_of(request.user)  # type: ignore[arg-type]  # signed in
    if person_id is None:
        raise NotAPerson(_("Only people of the organisation log activities. Ask HR to link your sign-in."))
    return person_id


def _log_frame() -> Frame:
    return Frame(_("Log activity"), reverse("pipeline:activity_create"), reverse("pipeline:activities"))


def _task_frame() -> Frame:
    return Frame(_("New task"), reverse("pipeline:task_create"), reverse("pipeline:tasks"))
