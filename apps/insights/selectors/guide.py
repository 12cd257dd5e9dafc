"""The guided start of an empty installation: what is there already and what comes next."""

from dataclasses import dataclass

from django.db.models import Exists
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.incentives.models import IncentivePlan
from apps.org.models import OrgUnit, Person
from apps.pipeline.models import Opportunity
from apps.targets.models import TargetPlan


@dataclass(frozen=True)
class Step:
    """One step of the start: done or not, what it unlocks, where to do it."""

    title: str
    text: str
    unlocks: str
    is_done: bool
    url: str = ""
    action: str = ""
    icon: str = "point"


def needs_guide() -> bool:
    """Tell whether the installation is still without units or without deals. One query."""
    return not OrgUnit.objects.filter(Exists(Opportunity.objects.values("pk"))).exists()


def steps(user: User) -> list[Step]:
    """Return the steps of the start in order, with links this person may follow."""
    return [
        Step(
            _("Bring your organisation"),
            _("Units, seats and people, from a file or by hand on the org chart."),
            _("Unlocks the org chart, who may see what, and figures by team."),
            OrgUnit.objects.exists() and Person.objects.exists(),
            _first(
                user, (Permission.IMPORT_DATA, "integrations:imports"), (Permission.ORG_EDIT, "org:chart")
            ),
            _("Import your people"),
            "sitemap",
        ),
        Step(
            _("Bring your deals"),
            _("Customers, products and deals with their original dates; a preview shows what will happen."),
            _("Unlocks the board, win rate, sales cycle, and revenue with the rows behind it."),
            Opportunity.objects.exists(),
            _first(
                user,
                (Permission.IMPORT_DATA, "integrations:imports"),
                (Permission.DEAL_EDIT, "pipeline:deals"),
            ),
            _("Import your deals"),
            "briefcase",
        ),
        Step(
            _("Set a target"),
            _("A yearly figure, cascaded to units, seats and months; the sums always agree."),
            _("Unlocks attainment, pace and projection on every home page."),
            TargetPlan.objects.in_force().exists(),
            _first(user, (Permission.TARGET_EDIT, "targets:plans")),
            _("Plan a target"),
            "target-arrow",
        ),
        Step(
            _("Say how people are paid"),
            _("Put an incentive plan together from building blocks and try it on examples."),
            _("Unlocks estimates while the period runs, and statements that open to their deals."),
            IncentivePlan.objects.exists(),
            _first(user, (Permission.PLAN_EDIT, "incentives:plans")),
            _("Write a plan"),
            "coins",
        ),
    ]  # fmt: skip


def _first(user: User, *choices: tuple[Permission, str]) -> str:
    """Return the address of the first page that exists and that this person may open."""
    for permission, name in choices:
        if may(user, permission):
            try:
                return reverse(name)
            except NoReverseMatch:
                continue
    return ""
