"""Minimal valid notices and wishes."""

import factory
from factory.django import DjangoModelFactory

from apps.access.tests.factories import UserFactory
from apps.notifications import models


class NotificationFactory(DjangoModelFactory):
    """A notice nobody has read."""

    class Meta:
        model = models.Notification

    user = factory.SubFactory(UserFactory)
    kind = "jobs"
    title = factory.Sequence(lambda n: f"News {n}")
    dedupe_key = factory.Sequence(lambda n: f"key-{n}")


class PreferenceFactory(DjangoModelFactory):
    """Hears everything."""

    class Meta:
        model = models.Preference

    user = factory.SubFactory(UserFactory)
    kind = "jobs"


class QuietHoursFactory(DjangoModelFactory):
    """The night."""

    class Meta:
        model = models.QuietHours

    user = factory.SubFactory(UserFactory)
