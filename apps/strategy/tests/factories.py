"""Minimal valid rows of this room."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.access.tests.factories import UserFactory
from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.core.effective import span
from apps.org.tests.factories import OrgUnitFactory, PersonFactory
from apps.strategy import models
from apps.strategy.enums import ReviewState, Stage, StrategyState

AT = dt.datetime(2026, 2, 16, 9, tzinfo=dt.UTC)
TODAY = dt.date(2026, 2, 16)


def _month() -> Any:
    calendar_services.ensure_years(2026, 2026)
    return calendars.period("2026-M02", "month")


class StrategyFactory(DjangoModelFactory):
    """A draft for 2026."""

    class Meta:
        model = models.Strategy

    class Params:
        active = factory.Trait(
            state=StrategyState.ACTIVE, activated_by=factory.SelfAttribute("created_by"), activated_at=AT
        )

    title = factory.Sequence(lambda n: f"Strategy {n}")
    purpose = "Grow"
    owner = factory.SubFactory(PersonFactory)
    unit = factory.SubFactory(OrgUnitFactory)
    valid = factory.LazyFunction(lambda: span(dt.date(2026, 1, 1), dt.date(2027, 1, 1)))
    created_by = factory.SubFactory(UserFactory)
    created_at = AT


class ParticipantFactory(DjangoModelFactory):
    class Meta:
        model = models.Participant

    strategy = factory.SubFactory(StrategyFactory)
    person = factory.SubFactory(PersonFactory)


class ObjectiveFactory(DjangoModelFactory):
    """A wish: neither target nor goal."""

    class Meta:
        model = models.Objective

    strategy = factory.SubFactory(StrategyFactory)
    title = factory.Sequence(lambda n: f"Objective {n}")


class InitiativeFactory(DjangoModelFactory):
    class Meta:
        model = models.Initiative

    objective = factory.SubFactory(ObjectiveFactory)
    strategy = factory.SelfAttribute("objective.strategy")
    title = "Referral programme"
    owner = factory.SubFactory(PersonFactory)
    due_on = dt.date(2026, 6, 30)


class ProgressNoteFactory(DjangoModelFactory):
    class Meta:
        model = models.ProgressNote

    strategy = factory.SubFactory(StrategyFactory)
    text = "Two more signed."
    written_by = factory.SubFactory(UserFactory)
    written_at = AT


class ReviewCadenceFactory(DjangoModelFactory):
    class Meta:
        model = models.ReviewCadence

    strategy = factory.SubFactory(StrategyFactory)
    first_on = dt.date(2026, 3, 2)


class StrategyReviewFactory(DjangoModelFactory):
    """A review that is scheduled; ``held`` makes it one that took place."""

    class Meta:
        model = models.StrategyReview

    class Params:
        held = factory.Trait(
            state=ReviewState.HELD,
            minutes="Said.",
            held_on=factory.SelfAttribute("due_on"),
            held_by=factory.SubFactory(UserFactory),
            frozen_at=AT,
            pack_as_of=TODAY,
        )

    strategy = factory.SubFactory(StrategyFactory, active=True)
    nominal_on = factory.Sequence(lambda n: dt.date(2026, 3, 2) + dt.timedelta(days=n))
    due_on = factory.SelfAttribute("nominal_on")


class DecisionFactory(DjangoModelFactory):
    class Meta:
        model = models.Decision

    strategy = factory.SubFactory(StrategyFactory, active=True)
    text = "Visit every account"
    owner = factory.SubFactory(PersonFactory)
    due_on = dt.date(2026, 3, 20)
    decided_on = TODAY
    decided_by = factory.SubFactory(UserFactory)


class ReminderFactory(DjangoModelFactory):
    class Meta:
        model = models.Reminder

    review = factory.SubFactory(StrategyReviewFactory)
    person = factory.SubFactory(PersonFactory)
    stage = Stage.WEEK
    raised_on = TODAY


class DeviationFactory(DjangoModelFactory):
    class Meta:
        model = models.Deviation

    objective = factory.SubFactory(ObjectiveFactory)
    month = factory.LazyFunction(_month)
    pace = "0.5"
    seen_on = TODAY
