"""What was done and what is to be done."""

import datetime as dt
import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core.money import bounded
from apps.customers.models import Account, Contact
from apps.org.models import Person
from apps.pipeline.enums import ActivityKind
from apps.pipeline.models.deals import Opportunity


class ActivityQuerySet(models.QuerySet):
    """What people did."""

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep activities of people in the reach of the permission."""
        return self.filter(scope_of(user, permission, on).people("person"))

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep activities by somebody in reach or on a deal or an account the user sees."""
        scope = scope_of(user, Permission.DEAL_VIEW, on)
        if scope.everything:
            return self.all()
        return self.filter(
            scope.people("person")
            | Q(opportunity__in=Opportunity.objects.visible_to(user, on))
            | Q(account__in=Account.objects.visible_to(user, on))
        )


class Activity(models.Model):
    """A call, meeting, visit, e-mail or note. ``client_uuid`` makes a repeated upload the same activity."""

    client_uuid = models.UUIDField(_("client id"), default=uuid.uuid4, editable=False)
    external_id = models.CharField(_("external id"), max_length=80, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=10, choices=ActivityKind)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("by"), db_index=False)
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    opportunity = models.ForeignKey(
        Opportunity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("deal"),
    )
    happened_at = models.DateTimeField(_("when"))
    happened_on = models.DateField(_("day"))
    subject = models.CharField(_("subject"), max_length=200)
    note = models.TextField(_("note"), blank=True, default="", max_length=4000)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    accuracy_m = models.PositiveIntegerField(_("accuracy in metres"), null=True, blank=True)
    created_at = models.DateTimeField(_("recorded at"), db_default=Now())

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.UniqueConstraint(fields=["client_uuid"], name="pipeline_activity_uuid_once"),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="pipeline_activity_external_id_once",
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="pipeline_activity_subject"),
            models.CheckConstraint(
                condition=Q(kind__in=ActivityKind.values), name="pipeline_activity_kind_known"
            ),
            bounded("pipeline_activity_minutes_bounds", "minutes", high=1440),
            bounded("pipeline_activity_latitude_bounds", "latitude", low=-90, high=90),
            bounded("pipeline_activity_longitude_bounds", "longitude", low=-180, high=180),
        ]
        indexes = [
            models.Index(fields=["person", "-happened_at", "-id"], name="pipeline_activity_of_person"),
            models.Index(fields=["-happened_at", "-id"], name="pipeline_activity_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.happened_on} (#{self.pk})"


class TaskQuerySet(models.QuerySet):
    """What is to be done."""

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep tasks of people in the reach of the permission."""
        return self.filter(scope_of(user, permission, on).people("assignee"))

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep tasks of people in reach."""
        return self.permitting(user, Permission.DEAL_VIEW, on)

    def open(self) -> Self:
        """Keep tasks that are not done."""
        return self.filter(done_at__isnull=True)


class Task(models.Model):
    """Something somebody is to do by a day."""

    client_uuid = models.UUIDField(_("client id"), default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=200)
    note = models.TextField(_("note"), blank=True, default="", max_length=2000)
    assignee = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("assigned to"), db_index=False
    )
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    opportunity = models.ForeignKey(
        Opportunity, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("deal")
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("created by"), db_index=False
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(fields=["client_uuid"], name="pipeline_task_uuid_once"),
            models.CheckConstraint(condition=~Q(title=""), name="pipeline_task_titled"),
        ]
        indexes = [
            models.Index(fields=["assignee", "due_on", "id"], name="pipeline_task_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"
