"""Reads for the audit and jobs pages."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from apps.core import clock
from apps.events import jobs
from apps.events.audit import tracked
from apps.events.enums import AuditAction, CatchUp, RunState
from apps.events.leases import SETTLED
from apps.events.models import AuditEntry, JobRun, OutboxEntry

PAGE = 50
HIDDEN = "•••"


@dataclass(frozen=True)
class AuditFilter:
    """What an auditor is looking for."""

    who: str = ""
    table: str = ""
    row_id: str = ""
    action: str = ""
    start: dt.date | None = None
    until: dt.date | None = None
    before_id: int | None = None


@dataclass(frozen=True)
class Change:
    """One field of one change."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class AuditLine:
    """One audit entry as the page shows it."""

    entry: AuditEntry
    what: str
    changes: list[Change]


@dataclass(frozen=True)
class AuditPage:
    """A page of audit entries, newest first."""

    lines: list[AuditLine]
    older_than: int | None


@dataclass(frozen=True)
class JobLine:
    """One periodic job as the page shows it."""

    job: jobs.PeriodicJob
    last: JobRun | None
    waiting: int


@dataclass(frozen=True)
class JobBoard:
    """Everything about jobs and deliveries."""

    jobs: list[JobLine]
    dead_runs: list[tuple[str, JobRun]]
    dead_deliveries: list[OutboxEntry]
    recent: list[tuple[str, JobRun]]
    open_deliveries: int
    oldest: dt.datetime | None = field(default=None)


def audit_page(wanted: AuditFilter) -> AuditPage:
    """Return the entries that match, newest first, without the values of protected models."""
    rows = AuditEntry.objects.select_related("actor", "on_behalf").filter(_audit_condition(wanted))
    if wanted.before_id:
        rows = rows.filter(pk__lt=wanted.before_id)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    names, protected = audited_tables(), _protected_tables()
    lines = [_line(entry, names, hidden=entry.table in protected) for entry in found[:PAGE]]
    return AuditPage(lines, found[PAGE - 1].pk if len(found) > PAGE else None)


def named(runs: Iterable[JobRun]) -> list[tuple[str, JobRun]]:
    """Return runs, each with what its job is called."""
    names = {job.name: str(job.label or job.name) for job in jobs.registered.values()}
    return [(names.get(run.job, run.job), run) for run in runs]


def _audit_condition(wanted: AuditFilter) -> Q:
    condition = Q()
    if wanted.who:
        condition &= Q(actor__username__iexact=wanted.who) | Q(actor__display_name__icontains=wanted.who)
    exact = {"table": wanted.table, "row_id": wanted.row_id, "action": wanted.action}
    condition &= Q(**{name: value for name, value in exact.items() if value})
    zone = clock.company_zone()
    if wanted.start:
        condition &= Q(at__gte=dt.datetime.combine(wanted.start, dt.time(), tzinfo=zone))
    if wanted.until:
        following = wanted.until + dt.timedelta(days=1)
        condition &= Q(at__lt=dt.datetime.combine(following, dt.time(), tzinfo=zone))
    return condition


def audited_tables() -> dict[str, str]:
    """Return what each audited table holds, in words."""
    models = [apps.get_model(entry.model) for entry in tracked.values()]
    return {model._meta.db_table: str(model._meta.verbose_name) for model in models}


def _protected_tables() -> set[str]:
    return {apps.get_model(entry.model)._meta.db_table for entry in tracked.values() if entry.protected}


def _line(entry: AuditEntry, names: dict[str, str], *, hidden: bool) -> AuditLine:
    before, after = entry.before or {}, entry.after or {}
    changes = [
        Change(name, *(HIDDEN if hidden and value is not None else value for value in pair))
        for name in sorted(before.keys() | after.keys())
        if (pair := (before.get(name), after.get(name))) != (None, None)
    ]
    return AuditLine(entry, names.get(entry.table, entry.table), changes)


def job_board(now: dt.datetime) -> JobBoard:
    """Return the periodic jobs with their last run and what waits, what was given up, and the queue."""
    newest = JobRun.objects.filter(due_at__isnull=False).order_by("job", "-due_at", "-pk").distinct("job")
    last = {run.job: run for run in newest}
    settled = JobRun.objects.filter(due_at__isnull=False, state__in=SETTLED)
    marks = dict(settled.order_by("job", "-due_at", "-pk").distinct("job").values_list("job", "due_at"))
    lines = [
        JobLine(job, last.get(job.name), _waiting(job, marks.get(job.name), now))
        for job in jobs.registered.values()
    ]
    queue = OutboxEntry.objects.exclude(state__in=SETTLED).aggregate(n=Count("pk"), oldest=Min("created_at"))
    return JobBoard(
        jobs=sorted(lines, key=lambda line: str(line.job.label or line.job.name)),
        dead_runs=named(JobRun.objects.filter(state=RunState.DEAD).order_by("-finished_at", "-pk")[:100]),
        dead_deliveries=list(
            OutboxEntry.objects.filter(state=RunState.DEAD).order_by("-finished_at", "-pk")[:100]
        ),
        recent=named(JobRun.objects.filter(finished_at__isnull=False).order_by("-finished_at", "-pk")[:30]),
        open_deliveries=queue["n"],
        oldest=queue["oldest"],
    )


def _waiting(job: jobs.PeriodicJob, last: dt.datetime | None, now: dt.datetime) -> int:
    keys = jobs.keys_after(job, last, now)
    only_one = job.catch_up == CatchUp.LATEST or job.interval or (last is None and job.first_due is None)
    return min(len(keys), 1) if only_one else len(keys)


def action_choices() -> list[tuple[str, str]]:
    """Return the kinds of change with their names."""
    return [("", _("Every change")), *((code, str(label)) for code, label in AuditAction.choices)]
