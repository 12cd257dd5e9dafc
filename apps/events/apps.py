import datetime as dt
from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from apps.events.enums import CatchUp


class EventsConfig(AppConfig):
    name = "apps.events"
    label = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        """Keep the audit triggers in step with the models that asked for them."""
        triggers = import_module("apps.events.triggers")
        post_migrate.connect(triggers.install, sender=self, dispatch_uid="events.audit_triggers")
        audit = import_module("apps.events.audit")
        # The calendars lie on this layer and cannot ask themselves.
        audit.track(
            "calendars.FiscalCalendar",
            "calendars.FiscalPeriod",
            "calendars.ReopenRequest",
            "calendars.WorkingCalendar",
            "calendars.CalendarDay",
            "calendars.ExchangeRate",
        )
        jobs = import_module("apps.events.jobs")
        services = import_module("apps.events.services")
        jobs.register(
            jobs.PeriodicJob(
                "events.tidy",
                lambda due: services.tidy(),
                at=dt.time(3, 30),
                catch_up=CatchUp.LATEST,
                label=_("Forget old deliveries and answers"),
            )
        )
