"""How far roles reach: the organisation's answer to ``access``."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection
from django.utils.translation import gettext as _

from apps.access.matrix import EVERYBODY, roles_with
from apps.access.models import User
from apps.access.permissions import Permission, Role
from apps.access.scope import Scope
from apps.core.names import in_words
from apps.org.models import OrgUnit, Person

_TOPS = """
    SELECT CASE WHEN hired_on <= %(on)s AND coalesce(left_on > %(on)s, true) THEN 'self' ELSE 'gone' END,
           NULL::bigint, id
    FROM org_person WHERE user_id = %(user)s
    UNION ALL
    SELECT 'manager', p.unit_id, NULL
    FROM org_person me
    JOIN org_assignment a ON a.person_id = me.id AND a.valid @> %(on)s::date
    JOIN org_positionunit p ON p.position_id = a.position_id AND p.is_lead AND p.valid @> %(on)s::date
    WHERE me.user_id = %(user)s
    UNION ALL
    SELECT role, unit_id, NULL FROM org_rolegrant WHERE user_id = %(user)s AND valid @> %(on)s::date
    UNION ALL
    SELECT 'root', unit_id, NULL FROM org_unitparent WHERE parent_id IS NULL AND valid @> %(on)s::date
"""
_SUBTREE = """
    WITH unit AS MATERIALIZED (
        SELECT DISTINCT descendant_id AS id FROM org_unitclosure
        WHERE ancestor_id = ANY(%(tops)s) AND valid @> %(on)s::date
    )
    SELECT id, NULL::bigint FROM unit
    UNION ALL
    SELECT NULL, a.person_id FROM org_assignment a
    JOIN org_positionunit p ON p.position_id = a.position_id AND p.valid @> %(on)s::date
    WHERE a.valid @> %(on)s::date AND p.unit_id IN (SELECT id FROM unit)
    UNION ALL
    SELECT NULL, last.person_id FROM (
        SELECT DISTINCT ON (a.person_id) a.person_id, a.position_id, upper(a.valid) - 1 AS day
        FROM org_assignment a
        WHERE upper(a.valid) <= %(on)s AND NOT EXISTS (
            SELECT 1 FROM org_assignment b WHERE b.person_id = a.person_id AND b.valid @> %(on)s::date)
        ORDER BY a.person_id, upper(a.valid) DESC, a.is_primary DESC
    ) last
    JOIN org_positionunit p ON p.position_id = last.position_id AND p.valid @> last.day
    WHERE p.unit_id IN (SELECT id FROM unit)
"""


@dataclass
class Reach:
    """What one user has on one day; computed once per request and shared by all permissions."""

    person_id: int | None = None
    gone: bool = False
    root_id: int | None = None
    tops: dict[Role, set[int]] = field(default_factory=dict)
    subtrees: dict[frozenset[int], tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held anywhere."""
        return frozenset(self.tops) if self.gone else frozenset({Role.SELF, *self.tops})

    def granting(self, permission: Permission) -> frozenset[Role]:
        """The roles held that give a permission."""
        return _granting(permission, self.roles, self.person_id is not None)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Every permission that some role held gives."""
        return _given(self.roles, self.person_id is not None)


def _granting(permission: Permission, held: frozenset[Role], has_person: bool) -> frozenset[Role]:
    """Return the roles among those held that give a permission; own records need a person."""
    roles = roles_with(permission) & held
    return roles if has_person or permission in EVERYBODY else roles - {Role.SELF}


@lru_cache(maxsize=512)  # the matrix is a constant, so what roles add up to is the same for everybody
def _given(held: frozenset[Role], has_person: bool) -> frozenset[Permission]:
    return frozenset(permission for permission in Permission if _granting(permission, held, has_person))


def reach_of(user: User, on: dt.date) -> Reach:
    """Return the roles of a user and the top units they are held in. One query, remembered on the user."""
    cache: dict[dt.date, Reach] = user.__dict__.setdefault("_reach", {})
    if on not in cache:
        reach = Reach()
        with connection.cursor() as cursor:
            cursor.execute(_TOPS, {"user": user.pk, "on": on})
            found = cursor.fetchall()
            # Who the person is does not depend on the day, so nobody needs to ask again.
            user.__dict__["_person_id"] = next((row[2] for row in found if row[0] in {"self", "gone"}), None)
            for role, unit_id, person_id in found:
                if role == "self":
                    reach.person_id = person_id
                elif role == "gone":
                    reach.gone = True
                elif role == "root":
                    reach.root_id = unit_id
                else:
                    reach.tops.setdefault(Role(role), set()).add(unit_id)
        cache[on] = reach
    return cache[on]


def root_known_to(user: User, on: dt.date) -> int | None:
    """Return the top unit of a day from the reach of a user: no query of its own once a scope was asked."""
    return reach_of(user, on).root_id


def _subtree_and_people(
    reach: Reach, tops: frozenset[int], on: dt.date
) -> tuple[frozenset[int], frozenset[int]]:
    if not tops:
        return frozenset(), frozenset()
    if tops not in reach.subtrees:
        with connection.cursor() as cursor:
            cursor.execute(_SUBTREE, {"on": on, "tops": list(tops)})
            found = cursor.fetchall()
        units = frozenset(unit for unit, _person in found if unit is not None)
        reach.subtrees[tops] = units, frozenset(person for _unit, person in found if person is not None)
    return reach.subtrees[tops]


class OrganisationPort:
    """The answer of the organisation to "who, where, on this date?"."""

    def scope(self, user: User, permission: Permission, on: dt.date) -> Scope:
        """Return the reach of a permission: at most two queries per user and day, shared by permissions."""
        reach = reach_of(user, on)
        granting = reach.granting(permission)
        own = reach.person_id if Role.SELF in granting else None
        tops = frozenset(unit for role in granting for unit in reach.tops.get(role, ()))
        if reach.root_id in tops and reach.root_id is not None:
            return Scope(everything=True, own_person_id=own, roles=granting)
        units, people = _subtree_and_people(reach, tops, on)
        if own is not None:
            people |= {own}
        return Scope(unit_ids=units, person_ids=people, own_person_id=own, roles=granting)

    def permissions(self, user: User, on: dt.date) -> frozenset[Permission]:
        """Return every permission held that day; one query per user and day, the units are not asked for."""
        return reach_of(user, on).permissions

    def roles(self, user: User, on: dt.date) -> frozenset[Role]:
        """Return every role the user has anywhere that day."""
        return reach_of(user, on).roles

    def person_id(self, user: User) -> int | None:
        """Return the person behind the user, whatever the day."""
        if "_person_id" not in user.__dict__:
            found = Person.objects.filter(user=user.pk).values_list("pk", flat=True).first()
            user.__dict__["_person_id"] = found
        return user.__dict__["_person_id"]

    def explain(
        self, user: User, person_ids: Iterable[int], unit_ids: Iterable[int], on: dt.date
    ) -> list[str]:
        """Return sentences that say through which seat or grant a record is in reach."""
        reach = reach_of(user, on)
        people, units = set(person_ids), set(unit_ids)
        sentences = []
        if reach.person_id is not None and reach.person_id in people:
            sentences.append(_("It is your own record."))
        names = OrgUnit.objects.in_bulk({unit for tops in reach.tops.values() for unit in tops})
        for role, tops in sorted(reach.tops.items()):
            for top in sorted(tops):
                below, seated = _subtree_and_people(reach, frozenset({top}), on)
                if top == reach.root_id or units & below or people & seated:
                    sentences.append(_sentence(role, in_words(names[top].name)))
        return sentences


def _sentence(role: Role, unit: str) -> str:
    if role == Role.MANAGER:
        return _("You lead %(unit)s, and it belongs to that unit.") % {"unit": unit}
    return _("You hold the role “%(role)s” in %(unit)s, and it belongs to that unit.") % {
        "role": role.label,
        "unit": unit,
    }
