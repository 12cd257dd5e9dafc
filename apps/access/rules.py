"""What an API token may be given: single permissions, or the named groups below."""

import hashlib
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission as P

MAX_DAYS = 365

_READ = frozenset(
    {P.HOME, P.DIRECTORY_VIEW, P.ROLE_VIEW, P.MEASURE_VIEW, P.ACCOUNT_VIEW, P.DEAL_VIEW, P.TARGET_VIEW}
    | {P.TRAINING_VIEW, P.STRATEGY_VIEW, P.INSIGHT_VIEW, P.CONTEST_VIEW}
)
_WRITE = frozenset(
    {P.ACCOUNT_EDIT, P.DEAL_EDIT, P.ACTIVITY_LOG, P.TARGET_EDIT, P.TRAINING_EDIT, P.STRATEGY_EDIT}
)

# Pay and evaluations are in neither "read" nor "write": whoever wants them has to say so.
GROUPS: dict[str, frozenset[P]] = {
    "read": _READ,
    "write": _READ | _WRITE,
    "pay:read": frozenset({P.PLAN_VIEW, P.STATEMENT_VIEW, P.RUN_VIEW}),
    "review:read": frozenset({P.REVIEW_VIEW}),
    "org:write": frozenset({P.DIRECTORY_VIEW, P.ORG_EDIT, P.ROLE_VIEW, P.ROLE_EDIT}),
}
GROUP_LABELS = {
    "read": _("Read everything but pay and evaluations"),
    "write": _("Read, and change accounts, deals, activities, targets, training and strategies"),
    "pay:read": _("Read plans, pay statements and pay runs"),
    "review:read": _("Read evaluations"),
    "org:write": _("Change the organisation and roles"),
}

# Acts that a person does in person: no token carries them.
NEVER = frozenset(
    {P.USER_ADMIN, P.TOKEN_OWN, P.RUN_APPROVE, P.PLAN_APPROVE, P.TARGET_APPROVE, P.PLAN_CONFIRM}
)


def known_scopes() -> list[str]:
    """Return every scope a token may be given, groups first."""
    return [*GROUPS, *(permission.value for permission in P if permission not in NEVER)]


def permissions_of(scopes: Iterable[str]) -> frozenset[P]:
    """Return the permissions that scopes add up to; unknown or forbidden ones add nothing."""
    held: set[P] = set()
    for scope in scopes:
        if scope in GROUPS:
            held |= GROUPS[scope]
        elif scope in P.values:
            held.add(P(scope))
    return frozenset(held - NEVER)


def digest_of(secret: str) -> str:
    """Return what is stored of a token's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
