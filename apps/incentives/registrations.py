"""What this room contributes to lower rooms at start-up."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.access import records
from apps.access.permissions import Permission
from apps.events import audit, jobs
from apps.incentives import quota_impact, tasks
from apps.incentives.models import Adjustment, Dispute, PayLine, PlanAssignment, Statement
from apps.incentives.panels import (
    deal_panel,
    deals_to_hold,
    people_of_facts,
    person_panel,
    positions_to_pay,
)
from apps.incentives.services import telling
from apps.targets import pay_impact
from apps.ui import autocomplete, menu, panels

audit.track(
    "incentives.IncentivePlan",
    "incentives.PlanVersion",
    "incentives.VersionStep",
    "incentives.RunPlan",
    "incentives.RunStep",
)
audit.track("incentives.PayRun", secret_fields=("total", "totals"))
audit.track("incentives.PlanAssignment", secret_fields=("annual_salary", "annual_bonus"))
audit.track(
    "incentives.Statement", secret_fields=("total", "variable", "inputs", "closing", "exception_details")
)
audit.track("incentives.PayLine", secret_fields=("basis", "raw", "exact", "amount", "steps"))
audit.track("incentives.Adjustment", secret_fields=("amount", "reason", "refusal"))
audit.track("incentives.PayrollExport", secret_fields=("content", "total", "totals"))
audit.track(
    "incentives.Dispute",
    "incentives.RunHold",
    "incentives.Acknowledgement",
    "incentives.PayPolicy",
    "incentives.Contest",
    "incentives.ContestPlayer",
    "incentives.Unlisted",
)
audit.track("incentives.DisputeEntry", secret_fields=("text",))
audit.track("incentives.Hold", secret_fields=("value", "threshold", "reason", "note"))
audit.track("incentives.PayFact", secret_fields=("value", "note", "refusal"))
audit.track("incentives.Accrual", secret_fields=("content", "total", "totals"))
audit.track("incentives.Simulation", secret_fields=("result", "budget"))
audit.track("incentives.ContestPrize", secret_fields=("amount",))
audit.track("incentives.ContestAward", secret_fields=("value",))
telling.register_kinds()

for _task, _kind, _at, _label in (
    (tasks.check_sums, "day", dt.time(3, 30), _("Check that ledger, lines, statements and payroll agree")),
    (tasks.accrue, "month", dt.time(4, 30), _("Accrue what is owed at the end of the month")),
    (tasks.forget_simulations, "day", dt.time(4, 45), _("Delete simulations whose time is over")),
    (tasks.remind_confirmations, "day", dt.time(6, 15), _("Ask payees to confirm their plans")),
    (
        tasks.chase_disputes,
        "day",
        dt.time(6, 0),
        _("Remind of questions about pay, and pass overdue ones up"),
    ),
):
    _job = jobs.PeriodicJob(
        f"incentives.{_task.__name__}", _task, period_kind=_kind, at=_at, label=_label, owner="incentives"
    )
    jobs.register(_job)

pay_impact.port.install(quota_impact.QuotaImpact())

for _code, _model, _field in (
    ("statement", Statement, "person"),
    ("pay_line", PayLine, "person"),
    ("adjustment", Adjustment, "person"),
    ("dispute", Dispute, "person"),
    ("plan_assignment", PlanAssignment, "person"),
):
    records.register(_code, _model, Permission.STATEMENT_VIEW, records.of_people(_field))

for label, url_name, permission, order, icon in (
    (_("My pay"), "incentives:my_pay", Permission.STATEMENT_VIEW, 10, "wallet"),
    (_("Statements"), "incentives:statements", Permission.RUN_VIEW, 20, "receipt"),
    (_("Pay runs"), "incentives:runs", Permission.RUN_VIEW, 30, "cash-banknote"),
    (_("Incentive plans"), "incentives:plans", Permission.PLAN_VIEW, 40, "file-dollar"),
    (_("Leaderboard"), "incentives:leaderboard", Permission.CONTEST_VIEW, 70, "trophy"),
    (_("Disputes"), "incentives:disputes", Permission.STATEMENT_VIEW, 45, "help-circle"),
    (_("Inputs of pay"), "incentives:facts", Permission.PAY_FACT, 47, "checkbox"),
    (_("Holds"), "incentives:holds", Permission.RUN_APPROVE, 48, "player-pause"),
    (_("Accruals"), "incentives:accruals", Permission.PAYROLL_EXPORT, 60, "report-money"),
    (_("Adjustments"), "incentives:adjustments", Permission.RUN_APPROVE, 50, "adjustments-dollar"),
):
    menu.register(menu.MenuItem("reward", label, url_name, permission, order, icon))

panels.register(
    panels.Panel(
        "person",
        "pay",
        _("Pay"),
        "incentives/person_panel.html",
        person_panel,
        Permission.STATEMENT_VIEW,
        order=60,
        icon="wallet",
    )
)

panels.register(
    panels.Panel(
        "deal",
        "pay",
        _("Pay for this deal"),
        "incentives/deal_panel.html",
        deal_panel,
        Permission.STATEMENT_VIEW,
        order=60,
        icon="wallet",
    )
)

autocomplete.register("pay-deals", Permission.RUN_CALCULATE, deals_to_hold)
autocomplete.register("pay-facts", Permission.PAY_FACT, people_of_facts)
autocomplete.register("pay-positions", Permission.PLAN_EDIT, positions_to_pay)
