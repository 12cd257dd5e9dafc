"""A payee questions a line of their statement; compensation answers, and puts right what is wrong."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.incentives.enums import Cause, DisputeState, DisputeStep
from apps.incentives.models.lines import Adjustment, PayLine
from apps.org.models import Person

_USER = settings.AUTH_USER_MODEL
UNSETTLED = (DisputeState.OPEN, DisputeState.ANSWERED)


class DisputeQuerySet(models.QuerySet):
    """Disputes."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the disputes of people whose statements the user may see; their own among them."""
        return self.permitting(user, Permission.STATEMENT_VIEW, on)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the disputes of people in reach of a permission."""
        return self.filter(scope_of(user, permission, on or clock.today()).people("person"))

    def unsettled(self) -> Self:
        """Keep the disputes that wait for somebody."""
        return self.filter(state__in=UNSETTLED)


class Dispute(models.Model):
    """A question about one line of a statement, until it is put right, refused or taken back.

    ``due_on`` is the last day on which compensation is to answer; it counts
    working days and starts anew whenever the payee writes again.
    """

    line = models.ForeignKey(PayLine, models.PROTECT, related_name="disputes", verbose_name=_("pay line"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("payee"))
    state = models.CharField(_("state"), max_length=10, choices=DisputeState, default=DisputeState.OPEN)
    cause = models.CharField(_("root cause"), max_length=20, choices=Cause, blank=True)
    assigned_to = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("assigned to")
    )
    due_on = models.DateField(_("answer due on"))
    asked_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("questioned by"))
    asked_at = models.DateTimeField(_("questioned at"))
    reminded_at = models.DateTimeField(_("reminded at"), null=True)
    escalated_at = models.DateTimeField(_("escalated at"), null=True)
    closed_by = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("settled by")
    )
    closed_at = models.DateTimeField(_("settled at"), null=True)
    adjustment = models.OneToOneField(
        Adjustment, models.PROTECT, related_name="dispute", null=True, verbose_name=_("adjustment")
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.UniqueConstraint(
                name="incentives_dispute_one_open_a_line",
                fields=["line"],
                condition=Q(state__in=["open", "answered"]),
            ),
            models.CheckConstraint(
                name="incentives_dispute_state_known", condition=Q(state__in=DisputeState.values)
            ),
            models.CheckConstraint(
                name="incentives_dispute_cause_known", condition=Q(cause__in=["", *Cause.values])
            ),
            models.CheckConstraint(
                name="incentives_dispute_closed_pair",
                condition=Q(state__in=["open", "answered"], closed_by__isnull=True, closed_at__isnull=True)
                | Q(
                    state__in=["accepted", "refused", "withdrawn"],
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="incentives_dispute_decided_with_cause",
                condition=~Q(state__in=["accepted", "refused"]) | ~Q(cause=""),
            ),
            models.CheckConstraint(
                name="incentives_dispute_accepted_pays",
                condition=~Q(state="accepted") | Q(adjustment__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="incentives_dispute_waiting", fields=["state", "due_on"]),
            models.Index(name="incentives_dispute_of_person", fields=["person", "state"]),
        ]

    def __str__(self) -> str:
        return f"dispute of line {self.line_id} (#{self.pk})"

    @property
    def is_settled(self) -> bool:
        """Whether nobody waits for anybody any more."""
        return self.state not in UNSETTLED


class DisputeEntryQuerySet(models.QuerySet):
    """Entries of disputes."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the entries of visible disputes."""
        return self.filter(dispute__in=Dispute.objects.visible_to(user, on).values("pk"))


class DisputeEntry(models.Model):
    """What somebody wrote or did in a dispute. Never changed."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="entries", verbose_name=_("dispute"))
    step = models.CharField(_("step"), max_length=10, choices=DisputeStep)
    text = models.TextField(_("text"), max_length=2000, blank=True)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True, verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    objects = DisputeEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a dispute")
        verbose_name_plural = _("entries of disputes")
        constraints = [
            models.CheckConstraint(
                name="incentives_entry_step_known", condition=Q(step__in=DisputeStep.values)
            ),
            models.CheckConstraint(
                name="incentives_entry_says_something",
                condition=~Q(step__in=["asked", "comment", "answer", "refuse"]) | ~Q(text=""),
            ),
        ]
        indexes = [models.Index(name="incentives_entry_of_dispute", fields=["dispute", "at"])]

    def __str__(self) -> str:
        return f"{self.step} in dispute {self.dispute_id} (#{self.pk})"
