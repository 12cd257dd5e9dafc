from apps.org.models.absences import Absence
from apps.org.models.people import TWO_ADMINISTRATORS, Person, RoleGrant, RoleRequest
from apps.org.models.seats import Assignment, Position, PositionUnit, ReportingLine
from apps.org.models.units import OrgUnit, UnitClosure, UnitParent

__all__ = [
    "TWO_ADMINISTRATORS",
    "Absence",
    "Assignment",
    "OrgUnit",
    "Person",
    "Position",
    "PositionUnit",
    "ReportingLine",
    "RoleGrant",
    "RoleRequest",
    "UnitClosure",
    "UnitParent",
]
