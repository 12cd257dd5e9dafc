"""What the pages of disputes show: one dispute with its thread, and what disputes are about over time."""

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.incentives.enums import AdjustmentStatus, Cause, DisputeState, DisputeStep
from apps.incentives.models import Dispute, PayLine
from apps.incentives.names import in_words
from apps.incentives.selectors.pages import ShownLine, line_label, shown_lines

TONES = {
    DisputeState.OPEN: "warn",
    DisputeState.ANSWERED: "info",
    DisputeState.ACCEPTED: "good",
    DisputeState.REFUSED: "bad",
    DisputeState.WITHDRAWN: "muted",
}
_ICONS = {
    DisputeStep.ASKED: ("help-circle", "accent"),
    DisputeStep.COMMENT: ("message", "muted"),
    DisputeStep.ANSWER: ("message-reply", "info"),
    DisputeStep.ACCEPT: ("circle-check", "good"),
    DisputeStep.REFUSE: ("circle-x", "bad"),
    DisputeStep.WITHDRAW: ("arrow-back-up", "muted"),
    DisputeStep.ESCALATE: ("alert-triangle", "bad"),
    DisputeStep.REMIND: ("bell", "warn"),
    DisputeStep.REOPEN: ("refresh", "warn"),
    DisputeStep.TAKE: ("user-check", "muted"),
    DisputeStep.PAID: ("cash", "good"),
}


def dispute_list(viewer: User) -> QuerySet[Dispute]:
    """Return the disputes somebody may see, with what a list shows of them."""
    rows = Dispute.objects.visible_to(viewer)
    return rows.select_related(
        "person", "line__run__period", "line__statement", "line__version__plan", "assigned_to"
    )


@dataclass(frozen=True)
class ShownEntry:
    """One entry of the thread."""

    who: str
    did: str
    text: str
    at: dt.datetime
    icon: str
    tone: str


@dataclass
class DisputePage:
    """A dispute with its line, its thread and what the viewer may do."""

    dispute: Dispute
    line: ShownLine
    tone: str
    entries: list[ShownEntry]
    days_left: int
    is_own: bool
    may_write: bool
    may_decide: bool
    paid_by: PayLine | None = None
    adjustment_status: str = ""


def dispute_page(dispute: Dispute, viewer: User, own: bool) -> DisputePage:
    """Return what the page of a dispute shows. ``own``: the viewer is the payee, by whatever account."""
    [line] = shown_lines([dispute.line])
    decides = scope_of(viewer, Permission.DISPUTE_DECIDE).covers_person(dispute.person_id) and not own
    writes = scope_of(viewer, Permission.DISPUTE_RAISE).covers_person(dispute.person_id)
    adjustment = dispute.adjustment
    paid_by = adjustment.lines.select_related("run__period").first() if adjustment else None
    today = clock.today()
    return DisputePage(
        dispute=dispute,
        line=line,
        tone=TONES[DisputeState(dispute.state)],
        entries=_entries(dispute),
        days_left=_days_left(today, dispute.due_on),
        is_own=own,
        may_write=writes and not dispute.is_settled,
        may_decide=decides and not dispute.is_settled,
        paid_by=paid_by,
        adjustment_status=str(AdjustmentStatus(adjustment.status).label) if adjustment else "",
    )


def _days_left(today: dt.date, due_on: dt.date) -> int:
    days = calendars.workdays()
    if due_on >= today:
        return days.between(today, due_on)
    return -days.between(due_on, today)


def _entries(dispute: Dispute) -> list[ShownEntry]:
    rows = dispute.entries.select_related("by").order_by("at", "pk")
    return [
        ShownEntry(
            who=(row.by.display_name or row.by.username) if row.by else _("Reminder"),
            did=str(DisputeStep(row.step).label),
            text=in_words(row.text),
            at=row.at,
            icon=_ICONS[DisputeStep(row.step)][0],
            tone=_ICONS[DisputeStep(row.step)][1],
        )
        for row in rows
    ]


@dataclass
class Tally:
    """How many disputes share something, how they ended and how long they took."""

    label: str
    count: int = 0
    share: Decimal | None = None
    accepted: int = 0
    late: int = 0
    days: list[int] = field(default_factory=list)
    corrected: Decimal = Decimal(0)

    @property
    def median_days(self) -> float | None:
        """The median of working days from the question to its end."""
        return statistics.median(self.days) if self.days else None


@dataclass
class Report:
    """What disputes of a stretch of time were about."""

    since: dt.date
    until: dt.date
    total: Tally
    open: int
    groups: list[tuple[str, list[Tally]]]


def dispute_report(viewer: User, since: dt.date, until: dt.date) -> Report:
    """Return count, share, days to close and outcome by root cause, plan and component.

    ``[since, until)`` are the days on which the questions were asked.
    """
    zone = clock.company_zone()
    start = dt.datetime.combine(since, dt.time(), tzinfo=zone)
    end = dt.datetime.combine(until, dt.time(), tzinfo=zone)
    found = Dispute.objects.visible_to(viewer).filter(asked_at__gte=start, asked_at__lt=end)
    rows = list(found.select_related("line__version__plan", "adjustment").order_by("pk"))
    days = calendars.workdays()
    total = _tally(_("All"), rows, days)
    groups = [
        (_("Root cause"), _grouped(rows, days, _cause)),
        (_("Plan"), _grouped(rows, days, _plan)),
        (_("Component"), _grouped(rows, days, _component)),
    ]
    return Report(since, until, total, sum(not row.is_settled for row in rows), groups)


def _cause(row: Dispute) -> str:
    if row.cause:
        return str(Cause(row.cause).label)
    return _("Taken back") if row.is_settled else _("Not decided yet")


def _plan(row: Dispute) -> str:
    return in_words(row.line.version.plan.name) if row.line.version else _("No plan")


def _component(row: Dispute) -> str:
    return line_label(row.line, row.line.label)


def _grouped(rows: Iterable[Dispute], days: Any, name: Any) -> list[Tally]:
    by_name: dict[str, list[Dispute]] = defaultdict(list)
    for row in rows:
        by_name[name(row)].append(row)
    total = sum(len(own) for own in by_name.values())
    tallies = [_tally(label, own, days, total) for label, own in by_name.items()]
    return sorted(tallies, key=lambda one: (-one.count, one.label))


def _tally(label: str, rows: list[Dispute], days: Any, total: int | None = None) -> Tally:
    found = Tally(label, len(rows), Decimal(len(rows)) / total if total else None)
    for row in rows:
        found.accepted += row.state == DisputeState.ACCEPTED
        if row.adjustment is not None and row.adjustment.status == AdjustmentStatus.APPROVED:
            found.corrected += row.adjustment.amount
        if row.closed_at is not None:
            closed_on = clock.date_of(row.closed_at)
            found.days.append(days.between(clock.date_of(row.asked_at), closed_on))
            found.late += closed_on > row.due_on
    return found
