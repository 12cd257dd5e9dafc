from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class RolesConfig(AppConfig):
    name = "apps.roles"
    label = "roles"
    verbose_name = _("Roles")

    def ready(self) -> None:
        from apps.access.permissions import Permission  # noqa: PLC0415 -- models are not loaded before this
        from apps.events.audit import track  # noqa: PLC0415
        from apps.roles import names, panels  # noqa: PLC0415
        from apps.ui import menu  # noqa: PLC0415

        view = Permission.ROLE_VIEW
        menu.register(menu.MenuItem("organise", _("Roles"), "roles:index", view, order=50, icon="id-badge"))
        menu.register(
            menu.MenuItem(
                "organise", _("Responsibility matrix"), "roles:matrix", view, order=60, icon="table"
            )
        )

        names.register_all()
        panels.register_all()
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
        hear("apps.roles.demo")
