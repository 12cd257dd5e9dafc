"""Several people press the same button at the same moment: one seat, one completion, nobody twice."""

import datetime as dt

import pytest
from django.db import transaction

from apps.core.tests.together import decided_at_once
from apps.org.tests.factories import PersonFactory
from apps.training import services
from apps.training.models import Completion
from apps.training.tests.factories import CourseFactory, CourseSessionFactory

BEFORE = dt.datetime(2026, 7, 10, 1, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
def test_one_seat_and_one_completion_however_many_press_at_once():
    with transaction.atomic():
        session = CourseSessionFactory(course=CourseFactory(), capacity=1)
        ann, bob = PersonFactory(), PersonFactory()

    def enrol(person):
        return lambda: services.enrol(session_id=session.pk, person_id=person.pk, by=None, at=BEFORE)

    outcomes = decided_at_once(*[enrol(person) for person in (ann, bob, ann, bob)])
    assert outcomes == ["already_enrolled", "already_enrolled", "done", "done"]
    assert sorted(session.enrolments.values_list("state", flat=True)) == ["enrolled", "waiting"]
    assert session.enrolments.values("person").distinct().count() == 2

    seat = session.enrolments.get(state="enrolled")

    def withdraw():
        services.withdraw(enrolment_id=seat.pk, at=BEFORE)

    outcomes = decided_at_once(withdraw, withdraw)
    assert outcomes.count("done") == 1
    assert sorted(session.enrolments.values_list("state", flat=True)) == ["enrolled", "withdrawn"]

    holder = session.enrolments.get(state="enrolled")

    def complete():
        services.record_completion(
            course_id=session.course_id, person_id=holder.person_id, session_id=session.pk, by=None,
            completed_on=dt.date(2026, 7, 20), today=dt.date(2026, 7, 21), score=90,
        )  # fmt: skip

    assert decided_at_once(complete, complete, complete) == ["already_completed"] * 2 + ["done"]
    holder.refresh_from_db()
    assert (holder.state, Completion.objects.count()) == ("completed", 1)
