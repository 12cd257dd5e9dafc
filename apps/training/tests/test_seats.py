"""Seats, waiting lists, attendance and completions: what is done, refused and left as it was."""

import datetime as dt

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.org.tests.factories import OrgUnitFactory, PersonFactory, RoleGrantFactory, seated
from apps.training import services
from apps.training.models import Completion, Enrolment
from apps.training.tests.factories import CourseFactory, CourseSessionFactory

BEFORE = dt.datetime(2026, 7, 10, 1, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 7, 21, 1, tzinfo=dt.UTC)


def enrol(session, person, at=BEFORE) -> Enrolment:
    with transaction.atomic():
        return services.enrol(session_id=session.pk, person_id=person.pk, by=None, at=at)


def states(session) -> list[str]:
    return list(session.enrolments.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db
def test_who_comes_too_late_waits_and_moves_up_in_order():
    session = CourseSessionFactory(capacity=1)
    first, second, third = (enrol(session, PersonFactory(), BEFORE + dt.timedelta(hours=n)) for n in range(3))
    assert states(session) == ["enrolled", "waiting", "waiting"]

    with transaction.atomic():
        moved = services.withdraw(enrolment_id=first.pk, at=BEFORE)
    assert [one.pk for one in moved] == [second.pk]
    assert states(session) == ["withdrawn", "enrolled", "waiting"]
    with transaction.atomic():
        assert services.withdraw(enrolment_id=third.pk, at=BEFORE) == []
    assert states(session) == ["withdrawn", "enrolled", "withdrawn"]


@pytest.mark.django_db
def test_what_makes_no_sense_is_refused_and_changes_nothing():
    session, person = CourseSessionFactory(), PersonFactory()
    seat = enrol(session, person)

    for refusal, act in (
        (services.AlreadyEnrolled, lambda: enrol(session, person)),
        (services.SessionNotOpen, lambda: enrol(session, PersonFactory(), AFTER)),
        (services.SessionNotOpen, lambda: services.withdraw(enrolment_id=seat.pk, at=AFTER)),
        (
            services.NotHeldYet,
            lambda: services.record_attendance(enrolment_id=seat.pk, came=True, at=BEFORE),
        ),
        (services.InvalidSession, lambda: services.cancel_session(session_id=session.pk, at=AFTER)),
    ):
        with pytest.raises(refusal), transaction.atomic():
            act()

    assert states(session) == ["enrolled"]


@pytest.mark.django_db
def test_a_completion_is_recorded_once_with_its_expiry_and_ends_the_seat():
    course = CourseFactory(valid_months=12, pass_score=70)
    session, person = CourseSessionFactory(course=course), PersonFactory()
    enrol(session, person)
    told = {
        "course_id": course.pk, "person_id": person.pk, "session_id": session.pk, "by": None,
        "completed_on": dt.date(2026, 7, 20), "today": AFTER.date(),
    }  # fmt: skip

    for refusal, score in ((services.InvalidCompletion, 69), (services.InvalidCompletion, None)):
        with pytest.raises(refusal), transaction.atomic():
            services.record_completion(**told, score=score)
    assert states(session) == ["enrolled"]
    with transaction.atomic():
        made = services.record_completion(**told, score=70)
    with pytest.raises(services.AlreadyCompleted), transaction.atomic():
        services.record_completion(**told, score=90)

    assert made.expires_on == dt.date(2027, 7, 20)
    assert (states(session), Completion.objects.count()) == (["completed"], 1)


@pytest.mark.django_db
def test_a_cancelled_session_frees_everybody_once():
    session = CourseSessionFactory(capacity=1)
    for _number in range(2):
        enrol(session, PersonFactory())

    with transaction.atomic():
        services.cancel_session(session_id=session.pk, at=BEFORE)
    with pytest.raises(services.InvalidSession), transaction.atomic():
        services.cancel_session(session_id=session.pk, at=BEFORE)

    assert states(session) == ["withdrawn", "withdrawn"]


@pytest.mark.django_db
def test_who_may_take_a_seat_and_who_may_give_one():
    top = OrgUnitFactory(name="Company")
    rep = UserFactory(username="rep")
    person = seated(top, name="Rep", user=rep)
    hr = UserFactory(username="hr")
    RoleGrantFactory(user=hr, role=Role.HR, unit=top)
    with clock.fixed(BEFORE):
        session = CourseSessionFactory()
        own, others = (reverse(f"training:{name}", args=[session.pk]) for name in ("enrol_me", "enrol_do"))
        seller, people = Client(), Client()
        seller.force_login(rep)
        people.force_login(hr)

        answers = [
            seller.post(others, {"person": person.pk}),
            seller.get(own),
            seller.post(own),
            seller.post(own),
            people.get(reverse("training:course", args=[session.course_id])),
        ]

    assert [answer.status_code for answer in answers[:3]] == [403, 405, 302]
    assert answers[4].status_code == 200
    assert states(session) == ["enrolled"]


@pytest.mark.django_db
def test_the_form_for_a_session_finds_trainers_by_typing(client):
    hr = UserFactory()
    RoleGrantFactory(user=hr, role=Role.HR, unit=OrgUnitFactory())
    trainer = PersonFactory(name="Ada Trainer")
    client.force_login(hr)

    form = client.get(reverse("training:session_new", args=[CourseFactory().pk]))
    found = client.get(reverse("ui:autocomplete", args=["org.people"]), {"q": "ada"})

    assert reverse("ui:autocomplete", args=["org.people"]) in form.content.decode()
    assert str(trainer.pk) in found.content.decode()
