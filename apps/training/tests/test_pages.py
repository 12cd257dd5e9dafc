"""Every act in the browser: who may, twice, what is refused and changes nothing, and what is said."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory, seated
from apps.roles.tests.factories import SkillFactory
from apps.training.models import Completion, Course, CourseSession, Enrolment, SkillAssessment
from apps.training.tests.factories import CourseFactory, CourseSessionFactory, EnrolmentFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 7, 10, 1, tzinfo=dt.UTC)
TABLES = (Course, CourseSession, Enrolment, Completion, SkillAssessment)


@dataclass(frozen=True)
class Act:
    """A button or form: where it leads, what is sent, who may, and what is wrong input."""

    name: str
    on: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    who: tuple[str, ...] = ("lead", "hr")
    stranger: int = 404
    rep: int = 403


COURSE = {"name": "Negotiating", "format": "online", "hours": "8"}
ACTS = [
    Act("course_create", "", COURSE | {"code": "negotiating"}, {"hours": "-1"}, ("west", "lead", "hr")),
    Act("course_save", "course", COURSE | {"version": "1"}, {"version": "7"}, ("west", "lead", "hr")),
    Act(
        "session_create", "course",
        {"starts_at": "2026-08-03T09:00", "ends_at": "2026-08-03T17:00", "place": "Room 3", "capacity": "5"},
        {"ends_at": "2026-08-02T17:00"}, ("west", "lead", "hr"),
    ),
    Act("enrol_do", "coming", {"person": "ann"}, {"person": "0"}, stranger=422),
    Act("complete_do", "course", {"person": "ann", "completed_on": "2026-07-01"},
        {"completed_on": "2026-08-01"}, stranger=422),
    Act("assess_do", "ann", {"skill": "skill", "level": "3", "on": "2026-07-01"}, {"on": "2026-08-01"}),
    Act("session_cancel", "coming", who=("west", "lead", "hr")),
    Act("enrol_me", "coming", who=("rep", "west", "lead")),
    Act("came", "past_seat"),
    Act("absent", "past_seat"),
    Act("withdraw", "coming_seat", who=("rep", "lead", "hr"), rep=302),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_july():
    with clock.fixed(NOW):
        yield


@pytest.fixture
def world():
    """East with a lead, Ann and Bob; West with a lead; HR above; a course held before and coming again."""
    top = OrgUnitFactory(name="Company", kind="company")
    east, west = OrgUnitFactory(name="East", parent=top), OrgUnitFactory(name="West", parent=top)
    users = {name: UserFactory(username=name) for name in ("rep", "lead", "west", "hr")}
    bob = seated(east, name="Bob", user=users["rep"])
    seated(east, lead=True, name="Lead", user=users["lead"])
    seated(west, lead=True, name="West", user=users["west"])
    RoleGrantFactory(user=users["hr"], role=Role.HR, unit=top)
    course = CourseFactory()
    past = CourseSessionFactory(course=course, starts_at=NOW - dt.timedelta(days=3))
    coming = CourseSessionFactory(course=course)
    return {
        "users": users, "course": course, "coming": coming, "ann": seated(east, name="Ann"),
        "skill": SkillFactory(), "past_seat": EnrolmentFactory(session=past, person=bob),
        "coming_seat": EnrolmentFactory(session=CourseSessionFactory(course=course), person=bob),
    }  # fmt: skip


def everything() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def send(world, act: Act, who: str, **changes: str) -> Any:
    client = Client()
    if who in world["users"]:
        client.force_login(world["users"][who])
    data = {name: world[value].pk if value in world else value for name, value in act.data.items()}
    shown = {"csrfmiddlewaretoken": "as it was shown once"} if act.data else {}
    url = reverse(f"training:{act.name}", args=[world[act.on].pk] if act.on else [])
    return client.post(url, data | shown | changes)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_who_may_what_is_wrong_and_twice(world, act):
    before = everything()
    strangers = {"nobody": 302, "rep": act.rep, "west": act.stranger}
    for who, status in strangers.items():
        if who not in act.who:
            assert (who, send(world, act, who).status_code) == (who, status)
            assert everything() == before, who
    if act.wrong:
        assert send(world, act, act.who[-1], **act.wrong).status_code == 422
        assert everything() == before

    for who in act.who[:-1]:
        undone = transaction.savepoint()
        assert (who, send(world, act, who).status_code) == (who, 302)
        assert everything() != before, who
        transaction.savepoint_rollback(undone)

    first = send(world, act, act.who[-1])
    after = everything()
    again = send(world, act, act.who[-1])

    assert first.status_code == 302
    assert after != before
    assert [str(one) for one in get_messages(first.wsgi_request)] != []
    assert everything() == after
    assert again.status_code == 302
    assert (again.url == first.url) or not act.data


@pytest.mark.parametrize(
    ("resource", "sees"),
    [
        ("courses", {"nobody": 401, "rep": 1, "west": 1, "lead": 1, "hr": 1}),
        ("course-sessions", {"nobody": 401, "rep": 3, "west": 3, "lead": 3, "hr": 3}),
        ("completions", {"nobody": 401, "rep": 1, "west": 0, "lead": 2, "hr": 2}),
    ],
)
def test_who_reads_what_through_the_api_and_nobody_writes(world, resource, sees):
    for person in (world["ann"], world["past_seat"].person):
        Completion.objects.create(course=world["course"], person=person, completed_on=NOW.date())
    before = everything()
    for who, seen in sees.items():
        client = Client()
        if who in world["users"]:
            client.force_login(world["users"][who])
        answer = client.get(f"/api/v1/{resource}/")
        found = len(answer.json()["results"]) if answer.status_code == 200 else answer.status_code
        assert (who, found) == (who, seen)
        assert client.post(f"/api/v1/{resource}/", {}, "application/json").status_code in {401, 403, 405}
    assert everything() == before
