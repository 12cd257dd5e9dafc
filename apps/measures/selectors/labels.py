"""Names for the ids that figures are keyed by."""

from collections.abc import Iterable, Mapping

from apps.measures import registry
from apps.org.models import OrgUnit, Person, Position


def labels(dimension: str, ids: Iterable[int | None]) -> Mapping[int, str]:
    """Return the names of units, people, positions, products or accounts by id."""
    wanted = sorted({key for key in ids if key is not None})
    if not wanted:
        return {}
    if dimension == "unit":
        return dict(OrgUnit.objects.filter(pk__in=wanted).values_list("pk", "name"))
    if dimension == "person":
        return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name"))
    if dimension == "position":
        return dict(Position.objects.filter(pk__in=wanted).values_list("pk", "title"))
    return registry.dimensions.get(dimension)(wanted)
