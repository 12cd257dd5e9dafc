from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolesConfig(AppConfig):
    name = "apps.roles"
    label = "roles"
    verbose_name = _("Roles")

    def ready(self) -> None:
        from apps.events.audit import track  # noqa: PLC0415 -- models are not loaded before this moment

        track(
            "roles.SalesRole",
            "roles.RoleVersion",
            "roles.RoleDuty",
            "roles.RoleSkill",
            "roles.RoleKpi",
            "roles.PositionRole",
            "roles.ProcessStep",
            "roles.Responsibility",
            "roles.Skill",
        )
