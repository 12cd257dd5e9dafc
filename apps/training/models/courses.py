"""What can be learned, and when."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core.money import bounded
from apps.core.names import NameField, WordsField
from apps.org.models import Person
from apps.roles.enums import Level
from apps.roles.models import Skill
from apps.training.enums import Format, SessionState


class OfferQuerySet(models.QuerySet):
    """Rows of the open catalogue."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep all rows for somebody who may see courses, none for others."""
        return self.all() if may(user, Permission.TRAINING_VIEW, on) else self.none()

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep all rows for somebody who holds the permission: the catalogue belongs to the company."""
        return self.all() if may(user, permission, on) else self.none()


class Course(models.Model):
    """Something to learn. ``valid_months`` is how long its completion counts; empty means for good."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=150)
    summary = WordsField(_("summary"), blank=True)
    provider = NameField(_("provider"), max_length=120, blank=True)
    format = models.CharField(_("format"), max_length=10, choices=Format, default=Format.CLASSROOM)
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1)
    materials_url = models.URLField(_("materials"), blank=True, max_length=500)
    valid_months = models.PositiveSmallIntegerField(_("valid for months"), null=True, blank=True)
    pass_score = models.PositiveSmallIntegerField(_("score to pass"), null=True, blank=True)
    retired_on = models.DateField(_("no longer offered from"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        constraints = [
            models.CheckConstraint(name="training_course_named", condition=~Q(name="") & ~Q(code="")),
            models.CheckConstraint(
                name="training_course_format_known", condition=Q(format__in=Format.values)
            ),
            models.CheckConstraint(name="training_course_hours", condition=Q(hours__gt=0, hours__lte=1000)),
            bounded("training_course_valid", "valid_months", low=1, high=120),
            bounded("training_course_pass", "pass_score", low=0, high=100),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"

    def is_offered(self, on: dt.date) -> bool:
        """Tell whether the course is in the catalogue on a day."""
        return self.retired_on is None or self.retired_on > on


class CourseSkill(models.Model):
    """The level of a skill a course leads to."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+", verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.INDEPENDENT)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill of a course")
        verbose_name_plural = _("skills of courses")
        constraints = [
            models.UniqueConstraint(name="training_courseskill_once", fields=["course", "skill"]),
            bounded("training_courseskill_level", "level", low=1, high=5),
        ]

    def __str__(self) -> str:
        return f"skill {self.skill_id} at {self.level} by {self.course_id} (#{self.pk})"


class CourseSession(models.Model):
    """A course at a time and place, with a number of seats."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions", verbose_name=_("course"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    place = NameField(_("place"), max_length=150)
    capacity = models.PositiveSmallIntegerField(_("seats"))
    trainer = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("trainer")
    )
    state = models.CharField(_("state"), max_length=10, choices=SessionState, default=SessionState.PLANNED)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(name="training_session_times", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="training_session_state_known", condition=Q(state__in=SessionState.values)
            ),
            bounded("training_session_capacity", "capacity", low=1, high=5000),
        ]
        indexes = [models.Index(name="training_session_start", fields=["starts_at"])]

    def __str__(self) -> str:
        return f"session of {self.course_id} at {self.starts_at} (#{self.pk})"
