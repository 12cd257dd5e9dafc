from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class TargetsConfig(AppConfig):
    name = "apps.targets"
    label = "targets"
    verbose_name = _("Targets")

    def ready(self) -> None:
        from apps.events.audit import track  # noqa: PLC0415 -- models are not loaded before this moment
        from apps.targets import dimensions, panels, reach, tasks  # noqa: PLC0415
        from apps.targets.services import telling  # noqa: PLC0415

        panels.register()
        dimensions.register_own()
        reach.register()
        telling.register()
        tasks.register_jobs()
        track(
            "targets.TargetPlan",
            "targets.PlanLevel",
            "targets.PlanMonth",
            "targets.Target",
            "targets.TargetSlice",
            "targets.QuotaRelief",
            "targets.TargetWaiver",
            "targets.BottomUpRound",
            "targets.RoundDue",
            "targets.OwnFigure",
            "targets.OwnFigureNote",
            "targets.ApprovalStep",
            "targets.PlanApproval",
            "targets.ShareRequest",
            "targets.AlertRule",
            "targets.TargetAlert",
        )
        hear("apps.targets.demo")
