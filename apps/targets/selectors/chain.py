"""The approval chain: which agreements a submitted version waits for, and who may give them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.access.matrix import ROLE_PERMISSIONS
from apps.access.models import User
from apps.access.permissions import Permission, Role
from apps.access.scope import person_id_of, scope_of
from apps.org import selectors as org
from apps.org.enums import UnitKind
from apps.org.models import Person, RoleGrant, UnitClosure
from apps.targets.enums import Approver, Decision, PlanStatus
from apps.targets.models import ApprovalStep, PlanApproval, TargetPlan

# Who may be named in a step: roles that see drafts.
ROLES = tuple(
    role
    for role, held in ROLE_PERMISSIONS.items()
    if role not in {Role.SELF, Role.MANAGER} and held & {Permission.TARGET_EDIT, Permission.TARGET_APPROVE}
)


def current(plan: TargetPlan) -> list[PlanApproval]:
    """Return the agreements that a submitted version waits for now: those of its first open step."""
    rows = latest(plan)
    waiting = [row for row in rows if row.state == Decision.WAITING]
    first = min((row.order for row in waiting), default=0)
    return [row for row in waiting if row.order == first]


def latest(plan: TargetPlan) -> list[PlanApproval]:
    """Return the agreements of the last submission, in order."""
    rows = list(
        PlanApproval.objects.filter(plan=plan)
        .select_related("unit", "decided_by")
        .order_by("attempt", "order", "unit__name", "pk")
    )
    last = max((row.attempt for row in rows), default=0)
    return [row for row in rows if row.attempt == last]


def decidable(user: User, plan: TargetPlan, on: dt.date) -> list[PlanApproval]:
    """Return the agreements somebody may give now; never for what they planned or submitted themselves."""
    if plan.status != PlanStatus.SUBMITTED or user.pk in {plan.created_by_id, plan.submitted_by_id}:
        return []
    return [row for row in current(plan) if _may_give(user, plan, row, on)]


def _may_give(user: User, plan: TargetPlan, row: PlanApproval, on: dt.date) -> bool:
    if row.who == Approver.LEADS:
        may_see = scope_of(user, Permission.TARGET_EDIT, on).covers_unit(row.unit_id)
        return may_see and person_id_of(user) == lead_for(plan, row, on)
    allowed = _permission_of(Role(row.role))
    in_reach = scope_of(user, allowed, on).covers_unit(plan.root_unit_id)
    return in_reach and _holders(plan, row.role, on).filter(user=user).exists()


def _permission_of(role: Role) -> Permission:
    can_approve = Permission.TARGET_APPROVE in ROLE_PERMISSIONS[role]
    return Permission.TARGET_APPROVE if can_approve else Permission.TARGET_EDIT


def _holders(plan: TargetPlan, role: str, on: dt.date):  # type: ignore[no-untyped-def]  # a queryset
    above = UnitClosure.objects.on(on).filter(descendant=plan.root_unit_id).values("ancestor")
    return RoleGrant.objects.on(on).filter(role=role, unit__in=above)


def lead_for(plan: TargetPlan, row: PlanApproval, on: dt.date) -> int | None:
    """Return who agrees for a unit: its lead; without one, or for the planner's own, the next lead above."""
    planners = set(
        Person.objects.filter(user__in=[plan.created_by_id, plan.submitted_by_id or 0]).values_list(
            "pk", flat=True
        )
    )
    leads = org.leads_on(on)
    for unit in reversed(org.unit_path(row.unit_id or 0, on)):
        lead = leads.get(unit.pk)
        if lead is not None and lead not in planners:
            return lead
    return None


def told(plan: TargetPlan, rows: Sequence[PlanApproval], on: dt.date) -> list[int]:
    """Return the users whom open agreements wait for."""
    leads = [lead_for(plan, row, on) for row in rows if row.who == Approver.LEADS]
    people = [one for one in leads if one is not None]
    users = set(Person.objects.filter(pk__in=people, user__isnull=False).values_list("user_id", flat=True))
    for row in rows:
        if row.who == Approver.ROLE:
            users |= set(_holders(plan, row.role, on).values_list("user_id", flat=True))
    return sorted(user for user in users if user and user not in {plan.created_by_id, plan.submitted_by_id})


def label(who: str, unit: str, role: str) -> str:
    """Return who an agreement is asked of, in the reader's language."""
    return unit if who == Approver.LEADS else str(Role(role).label)


@dataclass(frozen=True)
class StepText:
    """A configured step in words."""

    step: ApprovalStep
    text: str


def steps() -> list[StepText]:
    """Return the configured steps in order."""
    rows = ApprovalStep.objects.select_related("set_by").order_by("order", "pk")
    return [
        StepText(row, str(UnitKind(row.unit_kind).label) if row.unit_kind else str(Role(row.role).label))
        for row in rows
    ]
