from apps.org.models.people import Person, RoleGrant
from apps.org.models.seats import Assignment, Position, PositionUnit, ReportingLine
from apps.org.models.units import OrgUnit, UnitClosure, UnitParent

__all__ = [
    "Assignment",
    "OrgUnit",
    "Person",
    "Position",
    "PositionUnit",
    "ReportingLine",
    "RoleGrant",
    "UnitClosure",
    "UnitParent",
]
