"""Days on which people do not work."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core.effective import Dated, DatedQuerySet, no_overlap
from apps.core.money import bounded
from apps.org.enums import AbsenceKind
from apps.org.models.dating import dated
from apps.org.models.people import Person


class AbsenceQuerySet(DatedQuerySet):
    """Absences."""

    def standing(self) -> Self:
        """Keep those that were not cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the absences of the people whose absences the user may see."""
        return self.permitting(user, Permission.ABSENCE_VIEW, on)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the absences of people in reach of a permission."""
        return self.filter(scope_of(user, permission, on).people("person"))

    def with_rights_of(self, user: User, on: dt.date | None = None) -> Self:
        """Say with each absence what the user may do.

        ``is_open``: read its kind and its note. ``may_record``: change or cancel it; never one's own.
        """
        return self.annotate(
            is_open=_holds(user, Permission.ABSENCE_DETAILS, on),
            may_record=Case(
                When(person__user=user, then=Value(False)),
                default=_holds(user, Permission.ABSENCE_EDIT, on),
            ),
        )


def _holds(user: User, permission: Permission, on: dt.date | None) -> Case | Value:
    scope = scope_of(user, permission, on)
    if scope.everything:
        return Value(True)
    return Case(When(scope.people("person"), then=Value(True)), default=Value(False))


class Absence(Dated):
    """Days, or a part of their working time, on which a person is away; quotas and pay read this one row.

    ``relieves_quota`` takes the absent days off the person's quotas. Unpaid days always do: target pay and
    quota shrink together.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="absences", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=8, choices=AbsenceKind)
    is_paid = models.BooleanField(_("with pay"), default=True)
    time_percent = models.DecimalField(
        _("share of the working time, %"), max_digits=5, decimal_places=2, default=100
    )
    relieves_quota = models.BooleanField(_("lowers the quota"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("cancelled by"),
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            dated("org_absence_dated"),
            no_overlap("org_absence_once", "person", condition=Q(cancelled_at__isnull=True)),
            models.CheckConstraint(name="org_absence_kind", condition=Q(kind__in=AbsenceKind.values)),
            bounded("org_absence_time", "time_percent", low=1, high=100),
            models.CheckConstraint(
                name="org_absence_unpaid", condition=~Q(kind=AbsenceKind.UNPAID) | Q(is_paid=False)
            ),
            models.CheckConstraint(
                name="org_absence_unpaid_relieves", condition=Q(is_paid=True) | Q(relieves_quota=True)
            ),
            models.CheckConstraint(
                name="org_absence_cancelled_pair",
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
            ),
            models.CheckConstraint(
                name="org_absence_cancelled_after",
                condition=Q(cancelled_at__isnull=True) | Q(cancelled_at__gte=F("recorded_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"absence of {self.person_id} {self.valid} (#{self.pk})"

    @property
    def last_day(self) -> dt.date | None:
        """The last day, None while it is open."""
        return self.valid.upper - dt.timedelta(days=1) if self.valid.upper else None
