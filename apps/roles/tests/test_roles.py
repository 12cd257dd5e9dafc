"""The catalogue, its versions, who plays which role, and the responsibility matrix."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.org.tests.factories import START, OrgUnitFactory, PositionFactory, seated
from apps.roles import rules, selectors, services
from apps.roles.models import PositionRole, Responsibility, RoleKpi, SalesRole
from apps.roles.services import RoleContent
from apps.roles.tests.factories import ProcessStepFactory, RoleVersionFactory, SalesRoleFactory, SkillFactory

DAY = dt.date(2026, 6, 15)
CONTENT = RoleContent(
    purpose="Wins customers.",
    duties=["Call", "Visit"],
    kpis=[("revenue", Decimal(60)), ("new_customers", Decimal(40))],
)


def test_a_role_starts_with_its_first_version(db):
    skill = SkillFactory(code="negotiating")

    role = services.create_role(
        code="rep",
        name="Representative",
        content=RoleContent("Wins.", skills=[("negotiating", 3)], kpis=[("revenue", Decimal(100))]),
        on=START,
    )

    assert [(kpi.measure, kpi.weight) for kpi in selectors.kpis_of(role.pk, DAY)] == [
        ("revenue", Decimal(100))
    ]
    assert [(need.skill, need.level) for need in selectors.required_skills(role.pk, DAY)] == [(skill, 3)]


def test_a_revision_is_in_force_from_its_day_and_the_older_stays(db):
    role = services.create_role(code="rep", name="Rep", content=CONTENT, on=START)

    services.revise_role(
        role_id=role.pk, content=RoleContent("New.", kpis=[("revenue", Decimal(100))]), on=DAY
    )

    assert selectors.version_of(role.pk, DAY - dt.timedelta(days=1)).purpose == "Wins customers."
    assert selectors.version_of(role.pk, DAY).number == 2
    assert len(selectors.kpis_of(role.pk, DAY - dt.timedelta(days=1))) == 2
    with pytest.raises(services.VersionOrder):
        services.revise_role(role_id=role.pk, content=CONTENT, on=DAY)


@pytest.mark.parametrize(
    ("error", "content"),
    [
        (services.WeightsIncomplete, RoleContent("x", kpis=[("revenue", Decimal(99))])),
        (services.WeightsIncomplete, RoleContent("x", kpis=[("revenue", Decimal(50))] * 2)),
        (services.UnknownMeasure, RoleContent("x", kpis=[("happiness", Decimal(100))])),
        (services.UnknownSkill, RoleContent("x", skills=[("flying", 3)])),
    ],
)
def test_a_role_with_bad_content_is_refused_whole(db, error, content):
    with pytest.raises(error), transaction.atomic():
        services.create_role(code="rep", name="Rep", content=content, on=START)

    assert not SalesRole.objects.exists()


def test_the_database_itself_demands_weights_of_100(db):
    version = RoleVersionFactory()

    with pytest.raises(IntegrityError, match="weights add up"), transaction.atomic():
        RoleKpi.objects.create(version=version, measure="revenue", weight=90)


def test_a_position_carries_one_role_a_day_and_its_holder_plays_it(db):
    top = OrgUnitFactory()
    person = seated(top)
    position = person.assignments.get().position
    first, second = SalesRoleFactory(), SalesRoleFactory()
    services.set_position_role(position_id=position.pk, role_id=first.pk, on=START)

    services.set_position_role(position_id=position.pk, role_id=second.pk, on=DAY)

    assert selectors.role_of(person.pk, DAY - dt.timedelta(days=1)) == first
    assert selectors.role_of(person.pk, DAY) == second
    assert [row.person for row in selectors.people_with_role(second.pk, DAY)] == [person]
    with pytest.raises(services.PositionUnknown):
        services.set_position_role(position_id=PositionFactory().pk, role_id=first.pk, on=DAY)
    assert PositionRole.objects.count() == 2


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [
        pytest.param([("m", "A"), ("r", "R")], [], id="complete"),
        pytest.param([("m", "A"), ("m", "R")], [], id="one role answers and does"),
        pytest.param([("r", "R")], ["no_accountable"], id="nobody answers"),
        pytest.param([("m", "A")], ["no_responsible"], id="nobody does"),
        pytest.param([("m", "A"), ("r", "A"), ("r", "R")], ["several_accountable"], id="two answer"),
        pytest.param([("m", "A"), ("r", "R"), ("m", "R")], ["overlap"], id="two do the same"),
        pytest.param([("m", "A"), ("empty", "R")], ["nobody_responsible"], id="no holder today"),
        pytest.param([("empty", "A"), ("r", "R")], ["nobody_accountable"], id="no holder answers"),
    ],
)
def test_a_step_is_checked(parts, kinds):
    findings = rules.check_step("Step", parts, {"m": 1, "r": 4})

    assert [finding.kind for finding in findings] == kinds


def test_the_matrix_lists_gaps_and_roles_without_a_step(db, django_assert_num_queries):
    busy, idle = SalesRoleFactory(name="A busy"), SalesRoleFactory(name="B idle")
    step = ProcessStepFactory(name="Find")
    ProcessStepFactory(name="Forgotten")
    services.set_responsibilities(step_id=step.pk, parts=[(busy.pk, "A"), (busy.pk, "R")])

    with django_assert_num_queries(4):
        matrix = selectors.matrix(DAY)

    assert matrix.idle_roles == [idle]
    assert [row.letters for row in matrix.phases[0][1]] == [["AR", ""], ["", ""]]
    assert {(finding.step, finding.kind) for finding in matrix.findings} == {
        ("Find", "nobody_responsible"),
        ("Find", "nobody_accountable"),
        ("Forgotten", "no_accountable"),
        ("Forgotten", "no_responsible"),
    }


@pytest.mark.parametrize(
    ("error", "letters"),
    [
        (services.SeveralAccountable, "AAR"),
        (services.NothingResponsible, "A"),
        (services.NothingResponsible, "R"),
    ],
)
def test_responsibilities_that_gape_are_refused_and_the_old_ones_stay(db, error, letters):
    roles, step = [SalesRoleFactory() for _ in range(3)], ProcessStepFactory()
    services.set_responsibilities(step_id=step.pk, parts=[(roles[0].pk, "A"), (roles[1].pk, "R")])

    with pytest.raises(error):
        services.set_responsibilities(
            step_id=step.pk, parts=[(role.pk, letter) for role, letter in zip(roles, letters, strict=False)]
        )

    assert Responsibility.objects.count() == 2
