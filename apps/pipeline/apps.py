import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class PipelineConfig(AppConfig):
    """Deals, products, sales processes, activities and tasks."""

    name = "apps.pipeline"
    label = "pipeline"
    verbose_name = _("Pipeline")

    def ready(self) -> None:
        from apps.events import audit, jobs  # noqa: PLC0415 -- models are not loaded before this moment
        from apps.pipeline import measures, names, registrations, tasks  # noqa: PLC0415

        measures.register_all()
        names.register_all()
        registrations.register_all()
        # Stage changes are history themselves; the deal's own row is audited at every step.
        audit.track(
            "pipeline.Activity",
            "pipeline.Opportunity",
            "pipeline.OpportunityLine",
            "pipeline.OpportunitySplit",
            "pipeline.OutcomeReason",
            "pipeline.Price",
            "pipeline.Product",
            "pipeline.SalesProcess",
            "pipeline.Stage",
            "pipeline.StageGate",
            "pipeline.Task",
        )
        jobs.register(tasks.fold_job(dt.timedelta(minutes=10)))
        hear("apps.pipeline.demo")
