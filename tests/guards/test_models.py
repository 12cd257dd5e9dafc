"""Every business model answers who may see it, can be made in a test, and is decided about in the admin."""

import importlib
import pkgutil

import factory
from django.apps import apps
from django.contrib import admin

from apps.access.admin_base import RoomAdmin

# No data about a person or a unit, or asked for by a permission alone: the reason stands beside each.
SEEN_WITHOUT_SCOPE = {
    "access.User": "directory data; what concerns access itself is asked in apps.access",
    "calendars.FiscalCalendar": "one for the whole company",
    "calendars.FiscalPeriod": "one for the whole company",
    "calendars.WorkingCalendar": "one for the whole company",
    "calendars.CalendarDay": "one for the whole company",
    "calendars.ExchangeRate": "one for the whole company",
    "calendars.ReopenRequest": "about a period of the whole company; its page asks for calendar.edit",
    "events.AuditEntry": "the page asks for audit.view, and hides pay and evaluations",
    "events.AccessEntry": "the page asks for audit.view",
    "events.JobRun": "about work, not people; the page asks for job.view",
    "events.OutboxEntry": "about work, not people; the page asks for job.view and shows no payload",
    "events.IdempotencyKey": "read by user and key in one place, never listed",
    "measures.CellMonth": "which months have stored sums: no figures",
}
# Not in the administration on purpose.
NOT_IN_ADMIN = {
    "events.AuditEntry": "has its own page, which hides pay",
    "events.AccessEntry": "has its own page",
    "events.OutboxEntry": "has its own page, with replay; payloads are for tasks",
    "events.IdempotencyKey": "holds answers to other people",
    "events.LongTask": "of the person who started it; has its own page",
    "ui.SavedView": "of one person, and only a wish about a table",
    "org.UnitClosure": "derived from the parents of units",
    "targets.PendingStep": "gone a second after it was made; the changes themselves are there",
    "measures.PendingCredit": "derived from the ledger",
    "measures.MeasureCell": "derived from the ledger",
    "measures.CellMonth": "derived from the ledger",
    "incentives.SimulatedPayee": "pay of everybody under a plan that may never be; the simulation shows it",
    "incentives.PayTrace": "millions of rows with a composite key; the page of the pay line shows them",
}
# Made by triggers or services alone: a row from elsewhere would contradict the others or is refused.
MADE_BY_SERVICES = {
    "events.AuditEntry": "by triggers",
    "events.AccessEntry": "by events.audit.record_access",
    "measures.Credit": "post_credit of the factories posts one",
    "measures.PendingCredit": "by posting",
    "measures.MeasureCell": "by folding",
    "measures.CellMonth": "by folding",
    "pipeline.PipelineCell": "by a trigger on deals",
    "targets.PendingStep": "by answering an edit, gone when it is written",
    **dict.fromkeys(
        [
            "incentives.IncentivePlan",
            "incentives.PlanVersion",
            "incentives.VersionStep",
            "incentives.PlanAssignment",
            "incentives.PayRun",
            "incentives.RunPlan",
            "incentives.RunStep",
            "incentives.Statement",
            "incentives.PayLine",
            "incentives.PayTrace",
            "incentives.Adjustment",
            "incentives.PayrollExport",
            "incentives.Dispute",
            "incentives.DisputeEntry",
            "incentives.Hold",
            "incentives.PayFact",
            "incentives.RunHold",
            "incentives.Acknowledgement",
            "incentives.Accrual",
            "incentives.Simulation",
            "incentives.SimulatedPayee",
            "incentives.PayPolicy",
            "incentives.Contest",
            "incentives.ContestPlayer",
            "incentives.ContestPrize",
            "incentives.ContestAward",
            "incentives.Unlisted",
        ],
        "Company of the factories runs the services: pay that nobody calculated does not add up",
    ),
}


def _models():
    return [model for model in apps.get_models() if model.__module__.startswith("apps.")]


def _factories():
    """Return the models some factory of the apps makes."""
    made = set()
    for config in apps.get_app_configs():
        if not config.name.startswith("apps."):
            continue
        try:
            package = importlib.import_module(f"{config.name}.tests")
        except ModuleNotFoundError:
            continue
        for found in pkgutil.iter_modules(package.__path__):
            if found.name.startswith("factories"):
                module = importlib.import_module(f"{package.__name__}.{found.name}")
                made |= {_made_by(thing) for thing in vars(module).values()}
    return made


def _made_by(thing):
    is_factory = isinstance(thing, type) and issubclass(thing, factory.Factory)
    return thing._meta.model if is_factory else None


def test_every_model_is_decided_about_in_the_admin():
    missing = {model._meta.label for model in _models() if model not in admin.site._registry}

    assert missing == set(NOT_IN_ADMIN)


def test_every_model_says_who_may_see_it():
    missing = {model._meta.label for model in _models() if not hasattr(model._default_manager, "visible_to")}

    assert missing == set(SEEN_WITHOUT_SCOPE)


def test_every_model_has_a_factory():
    made = _factories()

    missing = {model._meta.label for model in _models() if model not in made}

    assert missing == set(MADE_BY_SERVICES)


def test_the_administration_deletes_nothing_and_scopes_every_row():
    loose = [
        model._meta.label
        for model, options in admin.site._registry.items()
        if model.__module__.startswith("apps.") and not isinstance(options, RoomAdmin)
    ]

    assert loose == []
