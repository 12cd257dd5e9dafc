"""Who answers for each node of a plan on a day."""

import datetime as dt
from collections.abc import Sequence

from apps.org import selectors as org
from apps.org.models import Assignment
from apps.targets.models import Target


def owners_of(targets: Sequence[Target], on: dt.date) -> dict[int, int | None]:
    """Return target → person: the seat's holder or the unit's lead, else whoever answers above.

    The targets come parents first. Two queries.
    """
    leads = org.leads_on(on)
    holders = dict(Assignment.objects.on(on).filter(is_acting=False).values_list("position_id", "person_id"))
    found: dict[int, int | None] = {}
    for target in targets:
        above = found.get(target.parent_id) if target.parent_id else None
        own = leads.get(target.unit_id) if target.unit_id else holders.get(target.position_id or 0)
        found[target.pk] = own or above
    return found
