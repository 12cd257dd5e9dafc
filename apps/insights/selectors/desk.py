"""The homes of people who work for the sales organisation: operations, pay, people, system."""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.customers.models import Account
from apps.events import selectors as events
from apps.events.enums import LongState
from apps.events.enums import RunState as JobState
from apps.events.models import AuditEntry, JobRun, LongTask, OutboxEntry
from apps.incentives.models import PayRun
from apps.org import selectors as org
from apps.org.models import Person
from apps.pipeline import selectors as pipeline
from apps.pipeline.models import Opportunity

_LATELY = dt.timedelta(days=30)
SHOWN = 6


@dataclass(frozen=True)
class Tile:
    """One count that asks for work, or says that there is none."""

    label: str
    value: int
    url: str = ""
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a list."""

    title: str
    url: str = ""
    note: str = ""
    status: str = ""
    tone: str = "muted"
    at: dt.date | dt.datetime | None = None


@dataclass
class Section:
    """A part of a desk: counts above, a list below."""

    code: str
    title: str
    icon: str
    tiles: list[Tile] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    empty: str = ""
    link_url: str = ""
    link_label: str = ""


def sections_for(user: User, today: dt.date) -> list[Section]:
    """Return the parts of the desk this person works at, in the order of their work."""
    parts = (
        (Permission.PROCESS_EDIT, _quality),
        (Permission.RUN_CALCULATE, _pay_runs),
        (Permission.REVIEW_ADMIN, _staffing),
        (Permission.USER_ADMIN, _users),
        (Permission.IMPORT_DATA, _long_work),
        (Permission.JOB_VIEW, _jobs),
        (Permission.AUDIT_VIEW, _changes),
    )
    return [find(user, today) for permission, find in parts if may(user, permission)]


def has_desk(user: User) -> bool:
    """Tell whether somebody works for the sales organisation rather than in it."""
    return any(
        may(user, permission)
        for permission in (
            Permission.PROCESS_EDIT,
            Permission.RUN_CALCULATE,
            Permission.REVIEW_ADMIN,
            Permission.USER_ADMIN,
            Permission.AUDIT_VIEW,
        )
    )


def _tone(count: int, tone: str = "warn") -> str:
    return tone if count else "good"


def _quality(user: User, today: dt.date) -> Section:
    found = pipeline.lacks(scope_of(user, Permission.DEAL_VIEW), today)
    ownerless = Account.objects.visible_to(user).filter(owner__isnull=True).count()
    orphaned = Opportunity.objects.visible_to(user).open().filter(owner__left_on__lte=today).count()
    deals = f"{reverse('pipeline:deals')}?state=open"
    until = (today - dt.timedelta(days=1)).isoformat()
    missing = (
        (found.undated, _("Open deals without a close date")),
        (found.without_step, _("Open deals without a next step")),
        (found.without_account, _("Open deals without an account")),
        (found.without_amount, _("Open deals without an amount")),
    )
    late = Tile(
        _("Open deals past their close date"), found.late, f"{deals}&closes_to={until}", _tone(found.late)
    )
    return Section(
        "quality",
        _("Data quality"),
        "database-search",
        tiles=[
            late,
            *[Tile(label, count, deals, _tone(count)) for count, label in missing],
            Tile(_("Open deals of people who left"), orphaned, f"{deals}&gone=yes", _tone(orphaned)),
            Tile(_("Accounts without an owner"), ownerless, reverse("customers:accounts"), _tone(ownerless)),
        ],
    )  # fmt: skip


_RUN_TONES = {"draft": "muted", "calculated": "info", "reviewed": "warn", "approved": "warn"}


def _pay_runs(user: User, today: dt.date) -> Section:
    rows = PayRun.objects.visible_to(user).select_related("period").order_by("-period__starts_on", "-pk")
    runs = list(rows[:SHOWN])
    return Section(
        "runs",
        _("Pay runs"),
        "cash-banknote",
        lines=[
            Line(
                run.period.code,
                reverse("incentives:run", args=[run.pk]),
                _("%(payees)s payees, %(exceptions)s exceptions")
                % {"payees": run.payees, "exceptions": run.exceptions},
                run.get_state_display(),
                "bad" if run.exceptions and not run.is_posted else _RUN_TONES.get(run.state, "good"),
            )
            for run in runs
        ],
        empty=_("There is no pay run yet. Start one when a period has ended."),
        link_url=reverse("incentives:runs"),
        link_label=_("All runs"),
    )


def _staffing(user: User, today: dt.date) -> Section:
    scope = scope_of(user, Permission.ORG_EDIT)
    seats = list(org.vacancies(today, None if scope.everything else scope.unit_ids)[: SHOWN + 1])
    reach = Person.objects.filter(scope.people(""))
    joined = reach.filter(hired_on__gt=today - _LATELY, hired_on__lte=today + _LATELY)
    left = reach.filter(left_on__gt=today - _LATELY, left_on__lte=today + _LATELY)
    unplaced = org.unplaced_people(today).filter(scope.people("")).count()
    vacant = org.vacancies(today, None if scope.everything else scope.unit_ids).count()
    return Section(
        "staffing",
        _("People and seats"),
        "users",
        tiles=[
            Tile(_("Vacant seats"), vacant, reverse("org:vacancies"), _tone(vacant)),
            Tile(_("People without a seat"), unplaced, reverse("org:people"), _tone(unplaced)),
            Tile(_("Joining, a month around today"), joined.count(), reverse("org:people")),
            Tile(_("Leaving, a month around today"), left.count(), reverse("org:people")),
        ],
        lines=[
            Line(
                place.position.title,
                reverse("org:seat", args=[place.position_id]),
                place.unit.name,
                _("Vacant"),
                "warn",
            )
            for place in seats[:SHOWN]
        ],
        empty=_("Every seat is taken."),
        link_url=reverse("org:vacancies"),
        link_label=_("All vacancies"),
    )


def _users(user: User, today: dt.date) -> Section:
    counts = User.objects.aggregate(
        active=Count("pk", filter=Q(is_active=True)),
        closed=Count("pk", filter=Q(is_active=False)),
        never=Count("pk", filter=Q(is_active=True, last_login__isnull=True)),
    )
    alone = Person.objects.employed(today).filter(user__isnull=True).count()
    url = reverse("access:users")
    return Section(
        "users",
        _("Users"),
        "user-cog",
        tiles=[
            Tile(_("Active users"), counts["active"], url),
            Tile(_("Never signed in"), counts["never"], url),
            Tile(_("Closed accounts"), counts["closed"], url),
            Tile(_("People without a sign-in"), alone, reverse("org:people")),
        ],
        link_url=reverse("access:matrix"),
        link_label=_("Who may do what"),
    )


_LONG_TONES = {LongState.RUNNING: "info", LongState.DONE: "good", LongState.FAILED: "bad"}


def _long_work(user: User, today: dt.date) -> Section:
    rows = LongTask.objects.visible_to(user).order_by("-started_at", "-pk")[:SHOWN]
    return Section(
        "work",
        _("Your imports and calculations"),
        "file-import",
        lines=[
            Line(
                task.title,
                task.url or reverse("events:task", args=[task.pk]),
                task.note,
                task.get_state_display(),
                _LONG_TONES.get(LongState(task.state), "muted"),
                task.started_at,
            )
            for task in rows
        ],
        empty=_("Imports, calculations and exports you start appear here with their progress."),
    )


def _jobs(user: User, today: dt.date) -> Section:
    dead = JobRun.objects.filter(state=JobState.DEAD)
    sent = OutboxEntry.objects.exclude(state=JobState.DONE).aggregate(
        lost=Count("pk", filter=Q(state=JobState.DEAD)), waiting=Count("pk", filter=~Q(state=JobState.DEAD))
    )
    lost, waiting = sent["lost"], sent["waiting"]
    failed = list(dead.order_by("-finished_at", "-pk")[:SHOWN])
    given_up = len(failed) if len(failed) < SHOWN else dead.count()
    url = reverse("events:jobs")
    return Section(
        "jobs",
        _("Jobs and deliveries"),
        "settings-automation",
        tiles=[
            Tile(_("Jobs given up"), given_up, url, _tone(len(failed), "bad")),
            Tile(_("Deliveries given up"), lost, url, _tone(lost, "bad")),
            Tile(_("Deliveries on their way"), waiting, url),
        ],
        lines=[
            Line(name, url, run.key, _("Given up"), "bad", run.finished_at)
            for name, run in events.named(failed)
        ],
        empty="" if lost else _("No job or delivery needs you."),
        link_url=url,
        link_label=_("All jobs"),
    )


def _changes(user: User, today: dt.date) -> Section:
    rows = AuditEntry.objects.select_related("actor").order_by("-pk")[:SHOWN]
    names = events.audited_tables()
    return Section(
        "changes",
        _("Latest changes"),
        "history",
        lines=[
            Line(
                f"{capfirst(names.get(row.table, row.table))} #{row.row_id}",
                f"{reverse('events:audit')}?table={row.table}&row_id={row.row_id}",
                row.actor.name if row.actor else _("The system"),
                row.get_action_display(),
                at=row.at,
            )
            for row in rows
        ],
        empty=_("Nothing was changed yet."),
        link_url=reverse("events:audit"),
        link_label=_("Audit trail"),
    )
