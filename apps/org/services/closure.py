"""The derived closure of the structure."""

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.db import advisory_lock, requires_transaction
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.org.models import OrgUnit

_REBUILD = """
    WITH RECURSIVE path (ancestor_id, descendant_id, depth, valid) AS (
        SELECT unit_id, unit_id, 0, valid FROM org_unitparent
        UNION ALL
        SELECT e.parent_id, p.descendant_id, p.depth + 1, p.valid * e.valid
        FROM path p JOIN org_unitparent e ON e.unit_id = p.ancestor_id AND e.valid && p.valid
        WHERE e.parent_id IS NOT NULL
    ) CYCLE ancestor_id SET looped USING trail
    INSERT INTO org_unitclosure (ancestor_id, descendant_id, depth, valid)
    SELECT ancestor_id, descendant_id, depth, valid FROM path WHERE NOT looped
"""
_ORPHANS = """
    SELECT e.unit_id FROM org_unitparent e
    LEFT JOIN (SELECT unit_id, range_agg(valid) AS days FROM org_unitparent GROUP BY unit_id) p
           ON p.unit_id = e.parent_id
    WHERE e.parent_id IS NOT NULL AND NOT coalesce(e.valid <@ p.days, false)
    LIMIT 1
"""


class ParentMissing(DomainError):
    """A unit would hang below one that does not exist on those days."""


def lock_structure() -> None:
    """Let one transaction at a time change the structure (the database trigger takes the same lock)."""
    advisory_lock("org.structure")


@requires_transaction
def rebuild_closure() -> None:
    """Derive the closure anew from the dated edges; call after every change, under ``lock_structure``.

    Raises ParentMissing when a unit would exist on a day on which its parent does not.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS)
        orphan = cursor.fetchone()
        if orphan:
            unit = OrgUnit.objects.get(pk=orphan[0])
            raise ParentMissing(
                _("%(unit)s would lie in a unit that is not there on all of those days. Choose other dates.")
                % {"unit": in_words(unit.name)}
            )
        cursor.execute("DELETE FROM org_unitclosure")
        cursor.execute(_REBUILD)
