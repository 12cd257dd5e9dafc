"""What somebody for whom nothing waits may usefully do next, by what they may do."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may

SHOWN = 4


@dataclass(frozen=True)
class NextStep:
    """One thing to do, and where."""

    permission: Permission
    url_name: str
    label: Promise
    icon: str

    @property
    def url(self) -> str:
        """Return where to do it."""
        return reverse(self.url_name)


# Most particular work first, so that each role reads of its own.
_STEPS = (
    NextStep(Permission.USER_ADMIN, "access:user_new", _("Add a user"), "user-cog"),
    NextStep(Permission.USER_ADMIN, "org:grants", _("Look at who holds which role"), "users"),
    NextStep(Permission.RUN_CALCULATE, "incentives:runs", _("Open the pay runs"), "cash-banknote"),
    NextStep(
        Permission.RUN_CALCULATE, "incentives:adjustments", _("Look through corrections"), "checkup-list"
    ),
    NextStep(Permission.PLAN_EDIT, "incentives:plans", _("Look after incentive plans"), "coins"),
    NextStep(Permission.REVIEW_ADMIN, "reviews:cycles", _("Follow the evaluations"), "checkup-list"),
    NextStep(Permission.PROCESS_EDIT, "pipeline:processes", _("Look after the sales process"), "briefcase"),
    NextStep(Permission.TARGET_EDIT, "targets:plans", _("Plan targets"), "target-arrow"),
    NextStep(Permission.IMPORT_DATA, "integrations:imports", _("Import data"), "file-import"),
    NextStep(Permission.TRAINING_EDIT, "training:team", _("See who lacks which skill"), "chart-bar"),
    NextStep(Permission.AUDIT_VIEW, "events:audit", _("Read the audit trail"), "history"),
    NextStep(Permission.INSIGHT_VIEW, "insights:team", _("Look at the team's figures"), "chart-bar"),
    NextStep(Permission.AUDIT_VIEW, "access:matrix", _("See who may do what"), "user-cog"),
    NextStep(Permission.RUN_VIEW, "incentives:runs", _("Open the pay runs"), "cash-banknote"),
    NextStep(Permission.JOB_VIEW, "events:jobs", _("See jobs and deliveries"), "settings-automation"),
)


def next_steps(user: User) -> list[NextStep]:
    """Return the first few steps this person may take, each page once."""
    found: dict[str, NextStep] = {}
    for step in _STEPS:
        if step.url_name not in found and may(user, step.permission):
            found[step.url_name] = step
    return list(found.values())[:SHOWN]
