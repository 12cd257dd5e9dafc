"""The resources of the organisation."""

from apps.org.api.absences import AbsenceViewSet
from apps.org.api.seats import AssignmentViewSet, LineViewSet, PositionViewSet
from apps.org.api.viewsets import GrantViewSet, PersonViewSet, UnitViewSet

routes = [
    ("units", UnitViewSet, "unit"),
    ("people", PersonViewSet, "person"),
    ("positions", PositionViewSet, "position"),
    ("assignments", AssignmentViewSet, "assignment"),
    ("reporting-lines", LineViewSet, "reporting-line"),
    ("absences", AbsenceViewSet, "absence"),
    ("role-grants", GrantViewSet, "role-grant"),
]
