"""The demo company's courses, sessions, certificates and skill levels."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.org.models import Person
from apps.roles import selectors as roles
from apps.roles.models import Skill
from apps.training import services
from apps.training.enums import EnrolmentState, Format
from apps.training.models import Course, Enrolment
from apps.training.services import SkillOfCourse

_COURSES = (
    (
        "prospecting-1",
        _("Finding customers that fit"),
        "prospecting",
        2,
        Format.CLASSROOM,
        8,
        _("Sales academy"),
        None,
    ),
    (
        "prospecting-2",
        _("Opening doors in key accounts"),
        "prospecting",
        4,
        Format.CLASSROOM,
        16,
        _("Sales academy"),
        None,
    ),
    (
        "discovery-1",
        _("Questions that uncover the need"),
        "discovery",
        3,
        Format.ONLINE,
        6,
        _("Sales academy"),
        None,
    ),
    (
        "discovery-2",
        _("Business cases customers believe"),
        "discovery",
        4,
        Format.CLASSROOM,
        16,
        "Keller & Partner",
        None,
    ),
    ("product-1", _("Instruments A to Z"), "product", 3, Format.SELF_PACED, 10, _("Product management"), 24),
    (
        "product-2",
        _("Applications in pharma and food"),
        "product",
        4,
        Format.FIELD,
        16,
        _("Product management"),
        12,
    ),
    ("negotiation-1", _("Negotiating on value"), "negotiation", 3, Format.CLASSROOM, 16, "Harbour", 36),
    (
        "negotiation-2",
        _("Negotiating with central purchasing"),
        "negotiation",
        4,
        Format.CLASSROOM,
        16,
        "Harbour",
        36,
    ),
    ("coaching-1", _("Coaching in the field"), "coaching", 4, Format.FIELD, 16, _("Sales academy"), None),
    (
        "forecast-1",
        _("Forecasts one can rely on"),
        "forecasting",
        4,
        Format.ONLINE,
        4,
        _("Sales operations"),
        None,
    ),
    (
        "analysis-1",
        _("Reading sales figures"),
        "analysis",
        4,
        Format.SELF_PACED,
        8,
        _("Sales operations"),
        None,
    ),
)
_SUMMARIES = {
    "prospecting": _("Name the right companies, find the right people and earn the first meeting."),
    "discovery": _("Understand the customer's problem and what it costs before offering anything."),
    "product": _("Explain what the range can do, where it cannot, and what fits which application."),
    "negotiation": _("Hold the price by trading, prepare alternatives and close on good terms."),
    "coaching": _("Observe, ask and give feedback so that people improve from visit to visit."),
    "forecasting": _("Judge deals soberly, see risk early and commit to a number that holds."),
    "analysis": _("Ask the right question of the figures and turn the answer into a decision."),
}
_PLACES = (_("Shanghai, room Huangpu"), _("Shenzhen, training centre"), _("Munich, Haus 2"), _("Online"))


def load(context: DemoContext) -> None:
    """Create the catalogue, past and coming sessions and what people know, once."""
    if Course.objects.exists():
        return
    with transaction.atomic():
        skills = {skill.code: skill for skill in Skill.objects.all()}
        courses = [_course(row, skills) for row in _COURSES if row[2] in skills]
        people = list(
            Person.objects.employed(context.today).filter(assignments__valid__contains=context.today)
            .order_by("pk").distinct()
        )  # fmt: skip
        _levels(context, people)
        for place, course in enumerate(courses):
            _past(context, course, people, place)
            _coming(context, course, people, place)


def _course(row: tuple, skills: dict[str, Skill]) -> Course:
    code, name, skill, level, form, hours, provider, months = row
    return services.create_course(
        code=code,
        name=name,
        hours=Decimal(hours),
        skills=[SkillOfCourse(skills[skill].pk, level)],
        format=form,
        summary=_SUMMARIES[skill],
        provider=provider,
        valid_months=months,
        pass_score=70 if months else None,
        materials_url=f"https://academy.northwind.example/courses/{code}" if form != Format.FIELD else "",
    )


def _levels(context: DemoContext, people: list[Person]) -> None:
    """Managers judged every required skill half a year ago: most at the level, some one or two below."""
    on = context.today - dt.timedelta(days=190)
    played = roles.roles_of([person.pk for person in people], context.today)
    needs = {role.pk: roles.required_skills(role.pk, context.today) for role in played.values()}
    for person in people:
        role = played.get(person.pk)
        for place, need in enumerate(needs[role.pk] if role else []):
            below = (0, 1, 0, 2, 0, 1, -1)[(person.pk * 3 + place * 5) % 7]
            services.assess_skill(
                person_id=person.pk,
                skill_id=need.skill.pk,
                level=min(max(need.level - below, 0), 5),
                on=on,
                today=context.today,
                by=context.users["executive"],
            )


def _past(context: DemoContext, course: Course, people: list[Person], place: int) -> None:
    """A session some weeks ago: most came and passed, some did not come."""
    day = context.today - dt.timedelta(days=35 + place * 28)
    session = services.plan_session(
        course_id=course.pk, today=context.today, capacity=10, place=_PLACES[place % 4], **_hours(day, course)
    )
    for n, person in enumerate(people[place % 5 :: 5][:8]):
        seat = Enrolment.objects.create(
            session=session,
            person=person,
            state=EnrolmentState.ENROLLED,
            queued_at=session.starts_at - dt.timedelta(days=20, minutes=-n),
        )
        came = (n + place) % 6 != 0
        services.record_attendance(enrolment_id=seat.pk, came=came, at=session.ends_at)
        if came and (n + place) % 4 != 1:
            services.record_completion(
                course_id=course.pk,
                person_id=person.pk,
                completed_on=day,
                today=context.today,
                score=74 + (person.pk * 7 + place) % 25,
                session_id=session.pk,
                by=context.users["hr"],
            )


def _coming(context: DemoContext, course: Course, people: list[Person], place: int) -> None:
    """A session in the coming weeks, the first ones full with a waiting list."""
    if course.format == Format.SELF_PACED:
        return
    day = context.today + dt.timedelta(days=9 + place * 6)
    seats = 4 if place < 2 else 12
    session = services.plan_session(
        course_id=course.pk, today=context.today, capacity=seats, place=_PLACES[(place + 1) % 4],
        **_hours(day, course),
    )  # fmt: skip
    asked = session.starts_at - dt.timedelta(days=40)
    for n, person in enumerate(people[place % 4 :: 6][:6]):
        services.enrol(
            session_id=session.pk, person_id=person.pk, by=person.user, at=asked + dt.timedelta(hours=n)
        )


def _hours(day: dt.date, course: Course) -> dict[str, Any]:
    """Return a working day's hours, moved from the weekend to Monday."""
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    start = timezone.make_aware(dt.datetime.combine(day, dt.time(9)))
    return {"starts_at": start, "ends_at": start + dt.timedelta(hours=min(int(course.hours), 8))}
