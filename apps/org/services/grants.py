"""Roles granted in units."""

import datetime as dt
import logging

from django.utils.translation import gettext as _

from apps.access.matrix import needs_two
from apps.access.models import User
from apps.access.permissions import GRANTABLE_ROLES, Role
from apps.core.db import requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError
from apps.org.models import RoleGrant, UnitParent
from apps.org.services.closure import lock_structure
from apps.org.services.guards import ActOnOneself, refuse_reversed
from apps.org.services.positions import cut
from apps.org.services.units import UnitMissing

logger = logging.getLogger(__name__)


class RoleNotGrantable(DomainError):
    """The role follows from the organisation and cannot be granted."""


class AlreadyGranted(DomainError):
    """The user holds the role in that unit on those days."""


class NeedsTwoAdministrators(DomainError):
    """The role moves money or hands out rights: it is asked for, and another administrator agrees."""


@requires_transaction
def grant_role(
    *,
    user: User,
    role: str,
    unit_id: int,
    on: dt.date,
    until: dt.date | None = None,
    by: User | None = None,
    approved_by: User | None = None,
) -> RoleGrant:
    """Grant a role in a unit and everything below it, from a day on.

    Roles that two administrators must agree on also need ``approved_by`` (see ``decide_role_request``);
    without ``by`` it is the installation itself that grants. Raises ActOnOneself, RoleNotGrantable,
    NeedsTwoAdministrators, AlreadyGranted, UnitMissing, RangeReversed.
    """
    lock_structure()
    check_grant(user=user, role=role, unit_id=unit_id, on=on, until=until, by=by)
    if needs_two(role) and by is not None and approved_by is None:
        raise NeedsTwoAdministrators(
            _("A second administrator must agree to this role. Ask for it on the page of role grants.")
        )
    grant = RoleGrant.objects.create(
        user=user,
        role=role,
        unit_id=unit_id,
        granted_by=by,
        approved_by=approved_by,
        valid=span(on, until),
    )
    logger.info("role granted", extra={"grant_id": grant.pk, "by": by and by.pk})
    return grant


def check_grant(
    *, user: User, role: str, unit_id: int, on: dt.date, until: dt.date | None, by: User | None
) -> None:
    """Raise what stands against a grant.

    ActOnOneself, RoleNotGrantable, AlreadyGranted, UnitMissing or RangeReversed.
    """
    refuse_reversed(on, until)
    if by is not None and by.pk == user.pk:
        raise ActOnOneself(_("Nobody grants a role to themselves. Ask another administrator."))
    if role not in GRANTABLE_ROLES:
        text = _("This role follows from the organisation chart and cannot be granted.")
        raise RoleNotGrantable(text, fields={"role": text})
    if not UnitParent.objects.on(on).filter(unit=unit_id).exists():
        text = _("The unit does not exist on %(day)s. Choose another unit or day.") % {"day": on.isoformat()}
        raise UnitMissing(text, fields={"unit": text})
    if RoleGrant.objects.during(on, until).filter(user=user, role=role, unit=unit_id).exists():
        text = _("%(person)s holds “%(role)s” in that unit on those days already.")
        text %= {"person": user.name, "role": Role(role).label}
        raise AlreadyGranted(text, fields={"role": text})


@requires_transaction
def revoke_role(*, grant_id: int, on: dt.date, by: User | None = None) -> RoleGrant:
    """End a grant; ``on`` is the first day without it. Raises ActOnOneself."""
    lock_structure()
    grant = RoleGrant.objects.get(pk=grant_id)
    if by is not None and by.pk == grant.user_id:
        raise ActOnOneself(_("Nobody changes their own roles. Ask another administrator."))
    cut(grant, on)
    logger.info("role revoked", extra={"grant_id": grant_id, "by": by and by.pk})
    return grant
