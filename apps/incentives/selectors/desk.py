"""Who works on pay for the whole company, and the rules the company has set for it."""

from apps.access.matrix import roles_with
from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.incentives.models import PayPolicy
from apps.org.models import RoleGrant


def policy() -> PayPolicy:
    """Return the company's rules of pay; those of the product while nobody has set any."""
    return PayPolicy.objects.first() or PayPolicy(pk=1)


def holders(permission: Permission) -> list[User]:
    """Return the active users who hold a permission for the whole company today, in order of their number."""
    today = clock.today()
    granted = RoleGrant.objects.on(today).filter(role__in=roles_with(permission))
    users = User.objects.filter(pk__in=granted.values("user_id"), is_active=True).order_by("pk")
    return [user for user in users if scope_of(user, permission, today).everything]


def compensation_users() -> list[User]:
    """Return who decides on disputes."""
    return holders(Permission.DISPUTE_DECIDE)
