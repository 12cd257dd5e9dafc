"""What can be permitted: the list an auditor reads. Who gets what: ``matrix.py``."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """One permission per kind of act; every route names one."""

    HOME = "home", _("Open the home page and own settings")
    DIRECTORY_VIEW = "directory.view", _("See names, titles and the org chart")
    ORG_EDIT = "org.edit", _("Change units, positions and assignments")
    ABSENCE_VIEW = "absence.view", _("See on which days people are absent")
    ABSENCE_DETAILS = "absence.details", _("See the kind of an absence and its note")
    ABSENCE_EDIT = "absence.edit", _("Record absences")
    ROLE_VIEW = "role.view", _("See the role catalogue and responsibilities")
    ROLE_EDIT = "role.edit", _("Change roles and responsibilities")
    MEASURE_VIEW = "measure.view", _("See figures")
    ACCOUNT_VIEW = "account.view", _("See accounts and contacts")
    ACCOUNT_EDIT = "account.edit", _("Change accounts and contacts")
    DEAL_VIEW = "deal.view", _("See deals and activities")
    DEAL_EDIT = "deal.edit", _("Change deals")
    ACTIVITY_LOG = "activity.log", _("Log activities and visits")
    PROCESS_EDIT = "process.edit", _("Change sales processes, products and prices")
    TARGET_VIEW = "target.view", _("See targets")
    TARGET_EDIT = "target.edit", _("Plan targets")
    TARGET_APPROVE = "target.approve", _("Approve targets")
    PLAN_VIEW = "plan.view", _("See incentive plans")
    PLAN_EDIT = "plan.edit", _("Change incentive plans")
    PLAN_APPROVE = "plan.approve", _("Approve incentive plans")
    STATEMENT_VIEW = "statement.view", _("See pay statements")
    RUN_VIEW = "run.view", _("See pay runs")
    RUN_CALCULATE = "run.calculate", _("Calculate pay runs and correct lines")
    RUN_APPROVE = "run.approve", _("Approve and lock pay runs")
    PAYROLL_EXPORT = "payroll.export", _("Export payroll files")
    PAY_FACT = "pay.fact", _("Grade objectives and record what pay depends on")
    DISPUTE_RAISE = "dispute.raise", _("Question own pay, and take part in questions of the team")
    DISPUTE_DECIDE = "dispute.decide", _("Answer and decide questions about pay")
    PLAN_CONFIRM = "plan.confirm", _("Confirm own incentive plan")
    CONTEST_VIEW = "contest.view", _("See leaderboards and contests")
    CONTEST_EDIT = "contest.edit", _("Set up and close contests")
    REVIEW_VIEW = "review.view", _("See evaluations")
    REVIEW_EDIT = "review.edit", _("Assess people")
    REVIEW_ADMIN = "review.admin", _("Run evaluation cycles")
    TRAINING_VIEW = "training.view", _("See courses and own training")
    TRAINING_EDIT = "training.edit", _("Plan courses and record completion")
    STRATEGY_VIEW = "strategy.view", _("See strategies")
    STRATEGY_EDIT = "strategy.edit", _("Change strategies and record decisions")
    INSIGHT_VIEW = "insight.view", _("See team performance")
    IMPORT_RUN = "import.run", _("Import files of what one may change")
    IMPORT_DATA = "import.data", _("Import people, products, accounts and deals")
    CALENDAR_EDIT = "calendar.edit", _("Change fiscal and working calendars")
    JOB_VIEW = "job.view", _("See jobs and deliveries")
    AUDIT_VIEW = "audit.view", _("See the audit trail")
    USER_ADMIN = "user.admin", _("Manage users and role grants")
    TOKEN_OWN = "token.own", _("Create own API tokens")


class Role(models.TextChoices):
    """Who somebody is to the system; SELF and MANAGER follow from the organisation, the rest are granted."""

    SELF = "self", _("Everybody, on their own records")
    MANAGER = "manager", _("Manager, on the units they lead")
    EXECUTIVE = "executive", _("Executive")
    SALES_OPS = "sales_ops", _("Sales operations")
    COMP_ADMIN = "comp_admin", _("Compensation administrator")
    HR = "hr", _("Human resources")
    SYSADMIN = "sysadmin", _("System administrator")
    AUDITOR = "auditor", _("Auditor")


GRANTABLE_ROLES = tuple(role for role in Role if role not in {Role.SELF, Role.MANAGER})

# What these show says what somebody is paid: every look at it is written down.
SHOWS_PAY = frozenset(
    {
        Permission.STATEMENT_VIEW,
        Permission.RUN_VIEW,
        Permission.RUN_CALCULATE,
        Permission.RUN_APPROVE,
        Permission.PAYROLL_EXPORT,
        Permission.PAY_FACT,
        Permission.DISPUTE_RAISE,
        Permission.DISPUTE_DECIDE,
    }
)

# What these show is about absences, pay or evaluations: no cache on the way may keep it.
KEPT_NOWHERE = frozenset(
    {
        Permission.ABSENCE_VIEW,
        Permission.ABSENCE_DETAILS,
        Permission.PLAN_VIEW,
        Permission.STATEMENT_VIEW,
        Permission.RUN_VIEW,
        Permission.PAYROLL_EXPORT,
        Permission.PAY_FACT,
        Permission.DISPUTE_RAISE,
        Permission.DISPUTE_DECIDE,
        Permission.PLAN_CONFIRM,
        Permission.REVIEW_VIEW,
    }
)
