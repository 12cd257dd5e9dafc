"""Training for tests."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.org.tests.factories import PersonFactory
from apps.roles.tests.factories import SkillFactory
from apps.training import models

SOON = dt.datetime(2026, 7, 20, 1, tzinfo=dt.UTC)


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = models.Course

    code = factory.Sequence(lambda n: f"course-{n}")
    name = factory.Sequence(lambda n: f"Course {n}")
    hours = Decimal(8)


class CourseSkillFactory(DjangoModelFactory):
    class Meta:
        model = models.CourseSkill

    course = factory.SubFactory(CourseFactory)
    skill = factory.SubFactory(SkillFactory)


class CourseSessionFactory(DjangoModelFactory):
    class Meta:
        model = models.CourseSession

    course = factory.SubFactory(CourseFactory)
    starts_at = SOON
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + dt.timedelta(hours=8))
    place = "Room 3"
    capacity = 2


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Enrolment

    session = factory.SubFactory(CourseSessionFactory)
    person = factory.SubFactory(PersonFactory)
    queued_at = dt.datetime(2026, 7, 1, 1, tzinfo=dt.UTC)


class CompletionFactory(DjangoModelFactory):
    class Meta:
        model = models.Completion

    course = factory.SubFactory(CourseFactory)
    person = factory.SubFactory(PersonFactory)
    completed_on = dt.date(2026, 6, 1)


class SkillAssessmentFactory(DjangoModelFactory):
    class Meta:
        model = models.SkillAssessment

    person = factory.SubFactory(PersonFactory)
    skill = factory.SubFactory(SkillFactory)
    level = 2
    assessed_on = dt.date(2026, 5, 1)
