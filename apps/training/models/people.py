"""Who learns, has learned and is how good."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core.money import bounded
from apps.org.models import Person
from apps.roles.enums import Level
from apps.roles.models import Skill
from apps.training.enums import EnrolmentState
from apps.training.models.courses import Course, CourseSession


class LearnerQuerySet(models.QuerySet):
    """Rows about a learning person."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the user's own rows and those of people whose training they look after."""
        own = scope_of(user, Permission.TRAINING_VIEW, on).own_person_id
        return self.filter(Q(person_id=own) | self._reach(user, Permission.TRAINING_EDIT, on))

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the rows of people in reach of a permission."""
        return self.filter(self._reach(user, permission, on))

    def _reach(self, user: User, permission: Permission, on: dt.date | None) -> Q:
        scope = scope_of(user, permission, on)
        if scope.everything:  # an empty condition joined by "or" would vanish
            return Q(pk__isnull=False)
        return scope.people("person") if scope else Q(pk__in=[])


class Enrolment(models.Model):
    """Somebody's place in a session, one row per person and session; waiting lists go by ``queued_at``."""

    session = models.ForeignKey(
        CourseSession, models.PROTECT, related_name="enrolments", verbose_name=_("session")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    state = models.CharField(
        _("state"), max_length=10, choices=EnrolmentState, default=EnrolmentState.ENROLLED
    )
    queued_at = models.DateTimeField(_("asked for at"))
    enrolled_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("enrolled by")
    )

    objects = LearnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(name="training_enrolment_once", fields=["session", "person"]),
            models.CheckConstraint(
                name="training_enrolment_state_known", condition=Q(state__in=EnrolmentState.values)
            ),
        ]
        indexes = [models.Index(name="training_enrolment_person", fields=["person", "state"])]

    def __str__(self) -> str:
        return f"{self.person_id} in session {self.session_id}: {self.state} (#{self.pk})"


class Completion(models.Model):
    """A course somebody has passed; what it proves counts until ``expires_on``."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="completions", verbose_name=_("course"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    session = models.ForeignKey(
        CourseSession, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("session")
    )
    completed_on = models.DateField(_("completed on"))
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("recorded by")
    )

    objects = LearnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [
            models.UniqueConstraint(
                name="training_completion_once", fields=["course", "person", "completed_on"]
            ),
            bounded("training_completion_score", "score", low=0, high=100),
            models.CheckConstraint(
                name="training_completion_expiry",
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("completed_on")),
            ),
        ]
        indexes = [models.Index(name="training_completion_person", fields=["person"])]

    def __str__(self) -> str:
        return f"{self.person_id} completed {self.course_id} (#{self.pk})"


class SkillAssessment(models.Model):
    """How good somebody was found to be at a skill on a day."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+", verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(_("level"), choices=[(0, _("0 · Not yet")), *Level.choices])
    assessed_on = models.DateField(_("assessed on"))
    assessed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("assessed by")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = LearnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill assessment")
        verbose_name_plural = _("skill assessments")
        constraints = [
            models.UniqueConstraint(
                name="training_assessment_once", fields=["person", "skill", "assessed_on"]
            ),
            bounded("training_assessment_level", "level", low=0, high=5),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.level} in {self.skill_id} (#{self.pk})"
