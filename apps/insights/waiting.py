"""What waits for somebody's decision: every kind of approval adds itself here, all are read by one query."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.calendars.enums import ReopenState
from apps.calendars.models import ReopenRequest
from apps.core.names import in_words
from apps.core.registry import Registry
from apps.incentives.enums import AdjustmentStatus, DisputeState, HoldKind, RunState, VersionStatus
from apps.incentives.models import Adjustment, Dispute, Hold, PayRun, PlanVersion
from apps.targets.enums import PlanStatus
from apps.targets.models import TargetPlan

SHOWN = 12
Rows = Callable[[User, dt.date], QuerySet]


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a decision."""

    title: str
    url: str
    since: dt.datetime | dt.date | None
    icon: str


@dataclass(frozen=True)
class Source:
    """A kind of decision or of work that somebody has to do.

    ``rows(user, today)`` returns the rows that wait for a person who holds the
    permission; ``name``, ``since`` and ``key`` are their columns, ``sentence``
    says what to do with ``%(name)s``, ``url_name`` opens it (with ``key``, if
    ``by_key``). ``is_day`` tells that ``since`` is a day without an hour.
    """

    code: str
    sentence: Promise | str
    permission: Permission
    rows: Rows
    name: str
    since: str
    url_name: str
    key: str = "pk"
    by_key: bool = True
    icon: str = "checkup-list"
    is_day: bool = False


sources: Registry[Source] = Registry("kind of approval")


def register(source: Source) -> Source:
    """Add a kind of approval. Raises ValueError when its code is taken."""
    return sources.register(source.code, source)


def waiting_for(user: User, today: dt.date) -> list[Waiting]:
    """Return what waits for this person, the oldest first. One query."""
    parts = [
        source.rows(user, today)
        .order_by()
        .values_list(
            Value(source.code),
            source.key,
            source.name,
            Cast(source.since, DateTimeField()) if source.is_day else source.since,
        )
        for source in sources.values()
        if may(user, source.permission)
    ]
    if not parts:
        return []
    whole = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found = sorted(whole, key=lambda row: (row[3] is None, row[3], row[0], row[1]))
    return [_waiting(*row) for row in found[:SHOWN]]


def _waiting(code: str, key: int, name: str, since: dt.datetime | None) -> Waiting:
    source = sources.get(code)
    url = reverse(source.url_name, args=[key] if source.by_key else [])
    day = since.date() if source.is_day and since is not None else since
    return Waiting(str(source.sentence) % {"name": in_words(name)}, url, day, source.icon)


def _targets(user: User, today: dt.date) -> QuerySet:
    plans = TargetPlan.objects.permitting(user, Permission.TARGET_APPROVE)
    return plans.filter(status=PlanStatus.SUBMITTED).exclude(submitted_by=user.pk)


def _plans(user: User, today: dt.date) -> QuerySet:
    versions = PlanVersion.objects.permitting(user, Permission.PLAN_APPROVE)
    return versions.filter(status=VersionStatus.SUBMITTED).exclude(submitted_by=user.pk)


def _runs_to_approve(user: User, today: dt.date) -> QuerySet:
    runs = PayRun.objects.permitting(user, Permission.RUN_APPROVE)
    return runs.filter(state=RunState.REVIEWED).exclude(calculated_by=user.pk)


def _runs_in(state: RunState) -> Rows:
    def rows(user: User, today: dt.date) -> QuerySet:
        return PayRun.objects.permitting(user, Permission.RUN_CALCULATE).filter(state=state)

    return rows


def _adjustments(user: User, today: dt.date) -> QuerySet:
    asked = Adjustment.objects.permitting(user, Permission.RUN_APPROVE)
    return asked.filter(status=AdjustmentStatus.REQUESTED).exclude(requested_by=user.pk)


def _disputes(user: User, today: dt.date) -> QuerySet:
    asked = Dispute.objects.permitting(user, Permission.DISPUTE_DECIDE).filter(state=DisputeState.OPEN)
    return asked.filter(Q(assigned_to=user.pk) | Q(assigned_to__isnull=True))


def _windfalls(user: User, today: dt.date) -> QuerySet:
    held = Hold.objects.permitting(user, Permission.RUN_APPROVE).in_force()
    return held.filter(kind=HoldKind.WINDFALL).exclude(run_holds__run__calculated_by=user.pk)


def _reopenings(user: User, today: dt.date) -> QuerySet:
    return ReopenRequest.objects.filter(state=ReopenState.PENDING).exclude(requested_by=user.pk)


def _run_source(code: str, sentence: Promise, rows: Rows, since: str) -> Source:
    permission = Permission.RUN_APPROVE if code == "run_approve" else Permission.RUN_CALCULATE
    return Source(
        code, sentence, permission, rows, "period__code", since, "incentives:run", icon="cash-banknote"
    )


_DRAFT, _CALCULATED, _APPROVED = (
    _runs_in(state) for state in (RunState.DRAFT, RunState.CALCULATED, RunState.APPROVED)
)


def register_standard() -> None:
    """Add the kinds of approval of the rooms below."""
    for source in (
        Source(
            "target", _("Approve the target “%(name)s”"), Permission.TARGET_APPROVE, _targets,
            "name", "submitted_at", "targets:changes", icon="target-arrow",
        ),
        Source(
            "plan", _("Approve the incentive plan “%(name)s”"), Permission.PLAN_APPROVE, _plans,
            "plan__name", "submitted_at", "incentives:plan", key="plan_id", icon="file-dollar",
        ),
        _run_source("run_approve", _("Approve the pay run for %(name)s"), _runs_to_approve, "reviewed_at"),
        _run_source("run_draft", _("Calculate the pay run for %(name)s"), _DRAFT, "created_at"),
        _run_source("run_review", _("Review the pay run for %(name)s"), _CALCULATED, "calculated_at"),
        _run_source("run_lock", _("Lock the pay run for %(name)s"), _APPROVED, "approved_at"),
        Source(
            "adjustment", _("Decide on the adjustment for %(name)s"), Permission.RUN_APPROVE, _adjustments,
            "person__name", "requested_at", "incentives:adjustments", by_key=False, icon="adjustments-dollar",
        ),
        Source(
            "dispute", _("Answer the question about pay of %(name)s"), Permission.DISPUTE_DECIDE, _disputes,
            "person__name", "asked_at", "incentives:dispute", icon="help-circle",
        ),
        Source(
            "windfall", _("Review the held deal “%(name)s”"), Permission.RUN_APPROVE, _windfalls,
            "label", "placed_at", "incentives:holds", by_key=False, icon="player-pause",
        ),
        Source(
            "reopening", _("Decide whether %(name)s is opened again"), Permission.CALENDAR_EDIT, _reopenings,
            "period__code", "requested_at", "calendars:periods", by_key=False, icon="calendar",
        ),
    ):  # fmt: skip
        register(source)
