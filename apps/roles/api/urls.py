"""The resources of roles."""

from apps.roles.api.viewsets import PositionRoleViewSet, RoleViewSet, SkillViewSet, StepViewSet

routes = [
    ("roles", RoleViewSet, "role"),
    ("skills", SkillViewSet, "skill"),
    ("position-roles", PositionRoleViewSet, "position-role"),
    ("process-steps", StepViewSet, "process-step"),
]
