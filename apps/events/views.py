"""The audit page, the jobs page and the progress of long work."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core import clock, gate
from apps.events import progress, selectors, services
from apps.events.enums import LongState
from apps.events.forms import AuditFilterForm
from apps.events.models import LongTask


@gate.page("audit.view")
def audit(request: HttpRequest) -> HttpResponse:
    """Show who changed what, newest first."""
    wanted = AuditFilterForm(request.GET).wanted()
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "page": selectors.audit_page(wanted),
        "wanted": wanted,
        "query": query.urlencode(),
        "tables": sorted(selectors.audited_tables().items(), key=lambda item: item[1]),
        "actions": selectors.action_choices(),
    }
    return render(request, "events/audit.html", context)


@gate.page("job.view")
def jobs(request: HttpRequest) -> HttpResponse:
    """Show periodic jobs, what was given up and what waits to be sent."""
    return render(request, "events/jobs.html", {"board": selectors.job_board(clock.now())})


@gate.action("job.view")
def replay_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Start a run that was given up again."""
    services.replay_run(run_id=run_id)
    messages.success(request, _("The run starts again within a minute."))
    return redirect("events:jobs")


@gate.action("job.view")
def replay_delivery(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Send a delivery that was given up again."""
    services.replay_delivery(entry_id=entry_id)
    messages.success(request, _("The delivery is sent again within a minute."))
    return redirect("events:jobs")


@gate.page("home")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Show how far the reader's own long work has come; asks again every second while it runs."""
    found = progress.latest(get_object_or_404(LongTask.objects.visible_to(request.user), pk=task_id))
    context = {
        "task": found,
        "task_url": reverse("events:task", args=[found.pk]),
        "cancel_url": reverse("events:task_cancel", args=[found.pk]),
    }
    template = "events/task.html#bar" if request.headers.get("HX-Request") else "events/task.html"
    response = render(request, template, context)
    if found.state == LongState.DONE and progress.SEEN in request.GET and _is_on(request, found.url):
        response["HX-Refresh"] = "true"
    return response


def _is_on(request: HttpRequest, url: str) -> bool:
    """Tell whether the person is looking at the page that shows the result."""
    return bool(url) and urlsplit(request.headers.get("HX-Current-URL", "")).path == url


@gate.action("home")
def task_cancel(request: HttpRequest, task_id: int) -> HttpResponse:
    """Ask the reader's own long work to stop."""
    found = get_object_or_404(LongTask.objects.visible_to(request.user), pk=task_id)
    progress.request_cancel(task_id=found.pk)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("events:task", task_id=found.pk)
