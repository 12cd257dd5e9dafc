"""Role → permissions. Changing this table is a change of policy and is reviewed as one.

SELF applies to a person's own records; MANAGER to the units they lead on the
day; every other role to the subtree of the unit it was granted in.
"""

from functools import cache

from apps.access.permissions import Permission as P
from apps.access.permissions import Role

EVERYBODY = {P.HOME, P.DIRECTORY_VIEW, P.ROLE_VIEW, P.TRAINING_VIEW, P.STRATEGY_VIEW, P.TOKEN_OWN}

ROLE_PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.SELF: frozenset(
        EVERYBODY
        | {P.MEASURE_VIEW, P.ACCOUNT_VIEW, P.ACCOUNT_EDIT, P.DEAL_VIEW, P.DEAL_EDIT, P.ACTIVITY_LOG}
        | {P.TARGET_VIEW, P.PLAN_VIEW, P.STATEMENT_VIEW, P.REVIEW_VIEW}
        | {P.DISPUTE_RAISE, P.PLAN_CONFIRM, P.CONTEST_VIEW, P.ABSENCE_VIEW, P.ABSENCE_DETAILS}
    ),
    Role.MANAGER: frozenset(
        {P.MEASURE_VIEW, P.ACCOUNT_VIEW, P.ACCOUNT_EDIT, P.DEAL_VIEW, P.DEAL_EDIT, P.ACTIVITY_LOG}
        | {P.TARGET_VIEW, P.TARGET_EDIT, P.PLAN_VIEW, P.STATEMENT_VIEW, P.RUN_VIEW}
        | {P.REVIEW_VIEW, P.REVIEW_EDIT, P.INSIGHT_VIEW, P.TRAINING_EDIT}
        | {P.DISPUTE_RAISE, P.CONTEST_VIEW, P.CONTEST_EDIT, P.PAY_FACT}
        | {P.ABSENCE_VIEW, P.ABSENCE_DETAILS}
    ),
    Role.EXECUTIVE: frozenset(
        {P.MEASURE_VIEW, P.ACCOUNT_VIEW, P.DEAL_VIEW, P.TARGET_VIEW, P.TARGET_EDIT, P.TARGET_APPROVE}
        | {P.PLAN_VIEW, P.PLAN_APPROVE, P.STATEMENT_VIEW, P.RUN_VIEW, P.RUN_APPROVE}
        | {P.REVIEW_VIEW, P.REVIEW_EDIT, P.INSIGHT_VIEW, P.STRATEGY_EDIT, P.CONTEST_VIEW}
        | {P.PAY_FACT, P.ABSENCE_VIEW}
    ),
    Role.SALES_OPS: frozenset(
        {P.MEASURE_VIEW, P.ACCOUNT_VIEW, P.ACCOUNT_EDIT, P.DEAL_VIEW, P.DEAL_EDIT, P.PROCESS_EDIT}
        | {P.TARGET_VIEW, P.TARGET_EDIT, P.INSIGHT_VIEW, P.CALENDAR_EDIT, P.JOB_VIEW}
        | {P.IMPORT_RUN, P.IMPORT_DATA}
        | {P.ORG_EDIT, P.ROLE_EDIT, P.TRAINING_EDIT, P.STRATEGY_EDIT, P.PLAN_VIEW}
        | {P.ABSENCE_VIEW}
    ),
    Role.COMP_ADMIN: frozenset(
        {P.MEASURE_VIEW, P.TARGET_VIEW, P.PLAN_VIEW, P.PLAN_EDIT, P.STATEMENT_VIEW, P.RUN_VIEW}
        | {P.RUN_CALCULATE, P.RUN_APPROVE, P.PAYROLL_EXPORT, P.PLAN_APPROVE, P.CALENDAR_EDIT, P.JOB_VIEW}
        | {P.DISPUTE_DECIDE, P.CONTEST_VIEW, P.CONTEST_EDIT, P.PAY_FACT}
        | {P.ABSENCE_VIEW}
    ),
    Role.HR: frozenset(
        {P.ORG_EDIT, P.ROLE_EDIT, P.MEASURE_VIEW, P.TARGET_VIEW, P.PLAN_VIEW, P.STATEMENT_VIEW}
        | {P.REVIEW_VIEW, P.REVIEW_ADMIN, P.TRAINING_EDIT, P.INSIGHT_VIEW, P.JOB_VIEW}
        | {P.ABSENCE_VIEW, P.ABSENCE_DETAILS, P.ABSENCE_EDIT, P.IMPORT_RUN}
    ),
    Role.SYSADMIN: frozenset(
        {P.USER_ADMIN, P.AUDIT_VIEW, P.JOB_VIEW, P.CALENDAR_EDIT, P.IMPORT_RUN, P.IMPORT_DATA}
    ),
    Role.AUDITOR: frozenset(
        {P.MEASURE_VIEW, P.ACCOUNT_VIEW, P.DEAL_VIEW, P.TARGET_VIEW, P.PLAN_VIEW, P.STATEMENT_VIEW}
        | {P.RUN_VIEW, P.REVIEW_VIEW, P.AUDIT_VIEW, P.INSIGHT_VIEW, P.JOB_VIEW}
        | {P.ABSENCE_VIEW}
    ),
}


# Whoever holds one of these moves money or hands out rights: two administrators agree before a role with it
# is granted.
GUARDED = frozenset(
    {P.PLAN_EDIT, P.PLAN_APPROVE, P.RUN_CALCULATE, P.RUN_APPROVE, P.PAYROLL_EXPORT, P.USER_ADMIN}
    | {P.DISPUTE_DECIDE}
)


def needs_two(role: Role | str) -> bool:
    """Tell whether a second administrator must agree before the role is granted."""
    return role in set(Role) and bool(ROLE_PERMISSIONS[Role(role)] & GUARDED)


@cache  # the matrix is a constant
def roles_with(permission: P) -> frozenset[Role]:
    """Return the roles that hold a permission."""
    return frozenset(role for role, held in ROLE_PERMISSIONS.items() if permission in held)
