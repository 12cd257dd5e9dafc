"""The lists of this room."""

from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from apps.incentives.enums import (
    AdjustmentStatus,
    Cause,
    DisputeState,
    HoldKind,
    PayFrequency,
    RunState,
)
from apps.incentives.names import in_words
from apps.incentives.selectors.as_issued import plans_of
from apps.incentives.selectors.pages import line_label
from apps.measures.registry import measures
from apps.ui.tables import Boolean, Choice, Column, Empty, Table

RUN_TONES = {
    "draft": "muted",
    "calculated": "warn",
    "reviewed": "info",
    "approved": "info",
    "locked": "good",
    "paid": "good",
}


class PlanTable(Table):
    """Incentive plans."""

    key = "incentives.plans"
    empty = Empty(
        _("No plan yet"),
        _("A plan says in sentences what people are paid for. Design one, have it approved, assign it."),
        icon="coins",
    )
    title = _("Incentive plans")
    columns = [
        Column(
            "name",
            _("Plan"),
            value=lambda row: in_words(row.name),
            sort=True,
            href="incentives:plan",
            phone="title",
        ),
        Column("code", _("Code"), sort=True, phone="subtitle"),
        Column("frequency", _("Pays"), value="get_frequency_display", sort="frequency"),
        Column("assigned", _("Assignments"), kind="number", sort=True),
        Column("versions_count", _("Versions"), kind="number"),
    ]
    filters = [Choice("frequency", _("Pays"), options=PayFrequency.choices, quick=True)]
    search = ["name", "code", "purpose"]
    default_sort = "name"


class RunTable(Table):
    """Pay runs."""

    key = "incentives.runs"
    empty = Empty(
        _("No pay run yet"),
        _("A pay run calculates for one period what an approved plan pays to everybody under it."),
        icon="cash",
    )
    title = _("Pay runs")
    columns = [
        Column(
            "period",
            _("Period"),
            value="period.code",
            sort="period__starts_on",
            href="incentives:run",
            phone="title",
        ),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=RUN_TONES, sort="state"),
        Column(
            "plans",
            _("Incentive plans"),
            kind="template",
            template="incentives/run_plans.html",
            export=lambda row: " · ".join(in_words(plan.name) for plan in row.plans.all()),
            phone="hidden",
        ),
        Column("reverses", _("Takes back"), value="reverses.period.code", nullable=True, default=False),
        Column("payees", _("Payees"), kind="number", sort=True),
        Column("exceptions", _("Exceptions"), kind="number", sort=True),
        Column("total", _("Total"), kind="money", currency="currency", value=lambda row: row.shown_total),
        Column("calculated_by", _("Calculated by"), kind="person", phone="hidden", css="text-nowrap"),
        Column("approved_by", _("Approved by"), kind="person", phone="hidden", css="text-nowrap"),
        Column("calculated_at", _("Calculated at"), kind="moment", sort=True, nullable=True, phone="hidden"),
    ]
    filters = [Choice("state", _("State"), options=RunState.choices, quick=True)]
    search = ["period__code"]
    search_hint = _("Period, for example 2026-Q1")
    default_sort = "-period"


_WORTH = DecimalField(max_digits=40, decimal_places=10)  # amounts of several currencies, in the company's


class StatementTable(Table):
    """Statements, of one run or of all."""

    key = "incentives.statements"
    title = _("Statements")
    columns = [
        Column(
            "person",
            _("Payee"),
            kind="person",
            sort="person__name",
            href="incentives:statement",
            phone="title",
        ),
        Column(
            "period", _("Period"), value="run.period.code", sort="run__period__starts_on", phone="subtitle"
        ),
        Column("unit", _("Unit"), value="unit.name", sort="unit__name", nullable=True),
        Column("plans", _("Plan"), value=plans_of, phone="hidden"),
        Column(
            "variable",
            _("Variable pay"),
            kind="money",
            currency="currency",
            sort=ExpressionWrapper(F("variable") * F("rate"), _WORTH),
        ),
        Column(
            "total",
            _("Total"),
            kind="money",
            currency="currency",
            sort=ExpressionWrapper(F("total") * F("rate"), _WORTH),
        ),
        Column(
            "state",
            _("State"),
            kind="badge",
            value=lambda row: _("Exception") if row.exception else row.run.get_state_display(),
            tone=lambda row: "bad" if row.exception else RUN_TONES[row.run.state],
        ),
    ]
    filters = [Choice("state", _("State"), lookup="run__state", options=RunState.choices, quick=True)]
    search = ["person__name", "person__name_key", "person__external_id", "run__period__code"]
    default_sort = "-period"
    empty = Empty(
        _("No statements yet"), _("Statements appear once a pay run has been calculated."), icon="receipt"
    )


class RunStatementTable(StatementTable):
    """The statements of one run."""

    key = "incentives.run_statements"
    columns = [column for column in StatementTable.columns if column.key not in {"period", "state"}] + [
        Column(
            "state",
            _("State"),
            kind="badge",
            value=lambda row: _("Exception") if row.exception else _("Calculated"),
            tone=lambda row: "bad" if row.exception else "good",
        )
    ]
    filters = []
    search = ["person__name", "person__name_key", "person__external_id"]
    default_sort = "-total"


ADJUSTMENT_TONES = {
    AdjustmentStatus.REQUESTED: "warn",
    AdjustmentStatus.APPROVED: "good",
    AdjustmentStatus.REFUSED: "muted",
}


def _line_url(row: Any) -> str:
    return reverse("incentives:line", args=[row.reverses_id]) if row.reverses_id else ""


def _adjustment_reason(row: Any) -> str:
    """The reason, after the dispute that it settles if there is one."""
    dispute, reason = getattr(row, "dispute", None), in_words(row.reason)
    if dispute is None:
        return reason
    return gettext("Dispute %(number)s: %(reason)s") % {"number": dispute.pk, "reason": reason}


class AdjustmentTable(Table):
    """Adjustments, waiting and decided."""

    key = "incentives.adjustments"
    title = _("Adjustments")
    columns = [
        Column("person", _("Payee"), kind="person", sort="person__name", phone="title"),
        Column("amount", _("Amount"), kind="money", currency="currency", sort=True),
        Column("reason", _("Reason"), value=_adjustment_reason, phone="subtitle", css="roomy"),
        Column(
            "reverses",
            _("Reverses"),
            value=lambda row: in_words(row.reverses.label) if row.reverses else "",
            href=_line_url,
            sheet=True,
            default=False,
        ),
        Column(
            "status", _("Status"), kind="badge", value="get_status_display", tone=ADJUSTMENT_TONES, sort=True
        ),
        Column("requested_by", _("Requested by"), kind="person", phone="hidden"),
        Column("decided_by", _("Decided by"), kind="person", phone="hidden"),
        Column("refusal", _("Why refused"), phone="hidden"),
        Column("decide", "", kind="template", template="incentives/adjustment_actions.html", exported=False),
    ]
    filters = [Choice("status", _("Status"), options=AdjustmentStatus.choices, quick=True)]
    search = ["person__name", "reason"]
    default_sort = "-requested_at"
    empty = Empty(
        _("No adjustments"),
        _("Corrections to pay are asked for here and decided by a second person."),
        icon="adjustments-dollar",
    )


DISPUTE_TONES = {
    "open": "warn",
    "answered": "info",
    "accepted": "good",
    "refused": "bad",
    "withdrawn": "muted",
}


class DisputeTable(Table):
    """Disputes, those that wait first."""

    key = "incentives.disputes"
    title = _("Disputes")
    columns = [
        Column(
            "person", _("Payee"), kind="person", sort="person__name", href="incentives:dispute", phone="title"
        ),
        Column(
            "line",
            _("Line"),
            value=lambda row: line_label(row.line, row.line.label),
            href="incentives:dispute",
            phone="subtitle",
        ),
        Column("period", _("Period"), value="line.run.period.code", sort="line__run__period__starts_on"),
        Column("amount", _("Amount"), kind="money", value="line.amount", currency="line.currency"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=DISPUTE_TONES, sort=True),
        Column("due_on", _("Answer due on"), kind="date", sort=True),
        Column("assigned_to", _("Assigned to"), kind="person", phone="hidden", nullable=True),
        Column("cause", _("Root cause"), value="get_cause_display", phone="hidden", default=False),
        Column("asked_at", _("Asked at"), kind="moment", sort=True, phone="hidden"),
    ]
    filters = [
        Choice("state", _("State"), options=DisputeState.choices, quick=True),
        Choice("cause", _("Root cause"), options=Cause.choices),
    ]
    search = ["person__name", "person__name_key", "person__external_id", "line__run__period__code"]
    default_sort = "-asked_at"
    empty = Empty(
        _("No disputes"),
        _("Whoever finds a line of their statement wrong questions it there; it is answered here."),
        icon="help-circle",
    )


class HoldTable(Table):
    """Held deals, those in force first."""

    key = "incentives.holds"
    title = _("Holds")
    columns = [
        Column("label", _("Deal"), sort=True, phone="title"),
        Column(
            "kind",
            _("Kind"),
            kind="badge",
            value="get_kind_display",
            tone={"manual": "info", "windfall": "warn"},
        ),
        Column(
            "person",
            _("Payee"),
            value=lambda row: row.person.name if row.person else _("Everybody it pays"),
            sort="person__name",
            nullable=True,
        ),
        Column("reason", _("Reason"), value=lambda row: in_words(row.reason), phone="subtitle"),
        Column("value", _("Amount"), kind="number", places=2, phone="hidden"),
        Column("threshold", _("Threshold"), kind="number", places=2, phone="hidden"),
        Column("placed_at", _("Held at"), kind="moment", sort=True),
        Column("placed_by", _("Held by"), kind="person", phone="hidden", default=False),
        Column(
            "state",
            _("State"),
            kind="badge",
            value=lambda row: _("Hold released") if row.released_at else _("On hold"),
            tone=lambda row: "good" if row.released_at else "warn",
        ),
        Column("released_by", _("Released by"), kind="person", phone="hidden", default=False),
        Column("note", _("What the review found"), phone="hidden", default=False),
        Column("decide", "", kind="template", template="incentives/hold_actions.html", exported=False),
    ]
    filters = [
        Choice("kind", _("Kind"), options=HoldKind.choices, quick=True),
        Boolean("held", _("Still held"), lookup="released_at__isnull"),
    ]
    search = ["label", "person__name", "reason"]
    default_sort = "-placed_at"
    empty = Empty(
        _("Nothing is held"),
        _("A held deal stays on statements without being paid, until a second person releases it."),
        icon="player-pause",
    )


class AccrualTable(Table):
    """Accrual files."""

    key = "incentives.accruals"
    title = _("Accruals")
    columns = [
        Column("as_of", _("As of"), kind="date", sort=True, href="incentives:accrual_file", phone="title"),
        Column("period", _("Period"), value="period.code", phone="subtitle"),
        Column("rows", _("Lines"), kind="number"),
        Column("total", _("Total"), kind="money", currency="currency", sort=True),
        Column("made_by", _("Made by"), kind="person", nullable=True, phone="hidden"),
        Column("made_at", _("Made at"), kind="moment", sort=True),
        Column("sha256", _("Checksum"), value=lambda row: row.sha256[:16], phone="hidden"),
    ]
    default_sort = "-made_at"
    empty = Empty(
        _("No accruals yet"),
        _("One is made after the end of every month; make one for any day here."),
        icon="report-money",
    )


class WaitingTable(Table):
    """People who have not confirmed their plan."""

    key = "incentives.waiting"
    title = _("Not confirmed yet")
    columns = [
        Column("name", _("Payee"), kind="person", value=lambda row: row, sort="name", phone="title"),
        Column("external_id", _("Personnel number"), sort=True, phone="subtitle"),
        Column("email", _("E-mail"), sort=True, phone="hidden"),
    ]
    search = ["name", "name_key", "external_id"]
    default_sort = "name"
    empty = Empty(
        _("Everybody has confirmed"),
        _("A new version of the plan asks everybody again."),
        icon="circle-check",
    )


class ContestTable(Table):
    """Contests, the latest first."""

    key = "incentives.contests"
    title = _("Contests")
    columns = [
        Column(
            "name",
            _("Contest"),
            value=lambda row: in_words(row.name),
            sort=True,
            href="incentives:contest",
            phone="title",
        ),
        Column("measure", _("Measure"), value=lambda row: str(measures.get(row.measure).name)),
        Column("unit", _("Unit"), value="unit.name", sort="unit__name", phone="subtitle"),
        Column("starts_on", _("From"), kind="date", sort=True),
        Column("ends_before", _("Ends before"), kind="date", sort=True),
        Column("taking_part", _("Taking part"), kind="number"),
        Column(
            "state",
            _("State"),
            kind="badge",
            value=lambda row: _("Closed") if row.closed_at else pgettext("contest", "Running"),
            tone=lambda row: "muted" if row.closed_at else "good",
        ),
    ]
    search = ["name"]
    default_sort = "-ends_before"
    empty = Empty(
        _("No contests"), _("A contest sets a measure, a window and prizes for some people."), icon="trophy"
    )
