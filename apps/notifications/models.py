"""Notices to people: the inbox, what each person wants to hear, and quiet hours."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notices."""

    def visible_to(self, user: object) -> "NotificationQuerySet":
        """Keep the user's own notices that are shown in the app."""
        return self.filter(user=user, in_app=True)

    def unread(self) -> "NotificationQuerySet":
        """Keep those not yet read."""
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    """Something one person should know, said once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    url = models.CharField(_("opens"), max_length=300, blank=True)
    dedupe_key = models.CharField(_("key"), max_length=200)
    in_app = models.BooleanField(_("in the app"), default=True)
    by_email = models.BooleanField(_("by e-mail"), default=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("e-mailed at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [models.UniqueConstraint(fields=["user", "dedupe_key"], name="notification_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_inbox"),
            models.Index(
                fields=["user"], condition=Q(read_at__isnull=True, in_app=True), name="notification_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} (#{self.pk})"


class OwnQuerySet(models.QuerySet):
    """What one person chose for themselves."""

    def visible_to(self, user: object) -> "OwnQuerySet":
        """Keep the user's own choices."""
        return self.filter(user=user)


class Preference(models.Model):
    """How one person wants to hear about one kind of notice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=60)
    in_app = models.BooleanField(_("in the app"), default=True)
    by_email = models.BooleanField(_("by e-mail"), default=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notification_preference_once")]

    def __str__(self) -> str:
        return f"{self.kind} (#{self.pk})"


class QuietHours(models.Model):
    """The hours, in the person's own time zone, in which no e-mail is sent; it goes out when they end."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    starts_at = models.TimeField(_("from"), default=dt.time(20, 0))
    ends_at = models.TimeField(_("until"), default=dt.time(8, 0))

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")
        constraints = [
            models.CheckConstraint(name="quiet_hours_differ", condition=~Q(starts_at=F("ends_at")))
        ]

    def __str__(self) -> str:
        return f"{self.starts_at}-{self.ends_at} (#{self.pk})"
