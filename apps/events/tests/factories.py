"""Minimal valid rows of jobs and long work."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from apps.events import models
from apps.events.enums import EntryKind


class JobRunFactory(DjangoModelFactory):
    """A run that waits."""

    class Meta:
        model = models.JobRun

    job = "tests.nothing"
    key = factory.Sequence(lambda n: f"key-{n}")
    as_of = dt.date(2026, 3, 2)


class OutboxEntryFactory(DjangoModelFactory):
    """A task that waits."""

    class Meta:
        model = models.OutboxEntry

    kind = EntryKind.TASK
    name = "tests.nothing"


class IdempotencyKeyFactory(DjangoModelFactory):
    """A request in flight."""

    class Meta:
        model = models.IdempotencyKey

    user = factory.SubFactory("apps.access.tests.factories.UserFactory")
    key = factory.Sequence(lambda n: f"key-{n}")
    request_hash = "0" * 64


class LongTaskFactory(DjangoModelFactory):
    """Work that has just begun."""

    class Meta:
        model = models.LongTask

    kind = "tests.nothing"
    title = factory.Sequence(lambda n: f"Work {n}")
    by = factory.SubFactory("apps.access.tests.factories.UserFactory")
