"""What people agree on and what was changed after signing."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.core.names import WordsField
from apps.reviews.enums import ChangeKind, Rating
from apps.reviews.models.evaluations import Evaluation, OfEvaluationQuerySet


class Goal(models.Model):
    """Something manager and person agree to reach next."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="goals")
    position = models.PositiveSmallIntegerField(_("order"))
    text = models.CharField(_("goal"), max_length=300)
    due_on = models.DateField(_("by"), null=True, blank=True)

    objects = OfEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreed goal")
        verbose_name_plural = _("agreed goals")
        constraints = [
            models.UniqueConstraint(name="reviews_goal_order", fields=["evaluation", "position"]),
            models.CheckConstraint(name="reviews_goal_said", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"goal {self.position} of {self.evaluation_id} (#{self.pk})"


class EvaluationChange(models.Model):
    """A change after the manager signed: before, after and why. Only ever added."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="changes")
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind)
    before = models.CharField(_("before"), max_length=14, choices=Rating, blank=True)
    after = models.CharField(_("after"), max_length=14, choices=Rating, blank=True)
    reason = WordsField(_("reason"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    objects = OfEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("change after signing")
        verbose_name_plural = _("changes after signing")
        constraints = [
            models.CheckConstraint(name="reviews_change_reasoned", condition=~Q(reason="")),
            models.CheckConstraint(name="reviews_change_kind_known", condition=Q(kind__in=ChangeKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.evaluation_id} (#{self.pk})"
