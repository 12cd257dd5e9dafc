from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class OrgConfig(AppConfig):
    name = "apps.org"
    label = "org"
    verbose_name = _("Organisation")

    def ready(self) -> None:
        from apps.access.scope import port  # noqa: PLC0415 -- models are not loaded before this moment
        from apps.events.audit import track  # noqa: PLC0415
        from apps.org import kit  # noqa: PLC0415
        from apps.org.selectors.reach import OrganisationPort  # noqa: PLC0415
        from apps.org.services import requests  # noqa: PLC0415

        port.install(OrganisationPort())
        kit.install()
        requests.register_kinds()
        track(
            "org.OrgUnit",
            "org.UnitParent",
            "org.Person",
            "org.Position",
            "org.PositionUnit",
            "org.Assignment",
            "org.ReportingLine",
            "org.RoleGrant",
            "org.RoleRequest",
        )
        track("org.Absence", secret_fields=("kind", "note"))
        hear("apps.org.demo")
