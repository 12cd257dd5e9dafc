"""Who may plan what: never one's own target."""

import datetime as dt

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.org import selectors as org
from apps.org.enums import UnitKind
from apps.targets.models import Target, TargetPlan


def may_plan_unit(user: User, unit_id: int, on: dt.date) -> bool:
    """Tell whether somebody may plan a target for a unit: in reach, and not led by themselves."""
    if not scope_of(user, Permission.TARGET_EDIT, on).covers_unit(unit_id):
        return False
    person_id = person_id_of(user)
    return person_id is None or org.lead_of(unit_id, on) != person_id


def may_plan(user: User, plan: TargetPlan) -> bool:
    """Tell whether somebody may change a plan as a whole."""
    return may_plan_unit(user, plan.root_unit_id, plan.structure_on)


def may_move_totals(user: User, target: Target) -> bool:
    """Tell whether somebody may change every target above one."""
    above = []
    node = target.parent
    while node is not None:
        above.append(node.pk)
        node = node.parent
    allowed = Target.objects.filter(pk__in=above).permitting(user, Permission.TARGET_EDIT)
    return allowed.count() == len(above)


def level_names(plan: TargetPlan) -> list[str]:
    """Return a name for each depth of a plan: the top unit, then the kind of the units there."""
    rows = (
        Target.objects.filter(plan=plan, unit__isnull=False)
        .order_by("depth", "place")
        .values_list("depth", "unit__name", "unit__kind")
    )
    names: dict[int, str] = {}
    for depth, name, kind in rows:
        names.setdefault(depth, name if depth == 0 else str(UnitKind(kind).label))
    return [names[depth] for depth in sorted(names)]
