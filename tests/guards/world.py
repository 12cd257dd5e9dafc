"""Two teams that have nothing to do with each other, and one of every record for a person in each.

Company            executive, operations, pay, HR, system and audit, granted at the top
├── North          manager, rep, peer, partner; ``all@north`` has every role, granted here only;
│                  ``ex_manager`` led South until a month ago
└── South          manager, rep, peer, partner (who shares the rep's account and deal)

Names of people and units are in the directory and no secret. Everything else about a person of
North says ``Narwhal``, about South ``Quokka``: whoever may not see a record never meets the word.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.test import Client

from apps.access.models import User
from apps.access.permissions import GRANTABLE_ROLES, Role
from apps.access.tests.factories import ApiTokenFactory, UserFactory
from apps.calendars import selectors as calendars
from apps.calendars.services import ensure_company_calendar, ensure_years
from apps.core import clock
from apps.core.effective import span
from apps.customers.tests.factories import (
    AccountFactory,
    AccountMemberFactory,
    ContactFactory,
    ResponseFactory,
)
from apps.events.tests.factories import LongTaskFactory
from apps.incentives import services as pay
from apps.incentives.models import IncentivePlan, PayLine, PayRun, PlanVersion, Statement
from apps.incentives.services.contests import Prize
from apps.incentives.tests.factories import commission, document
from apps.integrations.tests.factories import ImportRunFactory
from apps.measures.models import Credit
from apps.measures.tests.factories import post_credit
from apps.notifications.tests.factories import NotificationFactory
from apps.org.enums import UnitKind
from apps.org.models import OrgUnit, Person
from apps.org.tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    OrgUnitFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    seated,
)
from apps.pipeline.tests.factories import (
    ActivityFactory,
    LineFactory,
    OpportunityFactory,
    ProductFactory,
    SplitFactory,
    StageFactory,
    TaskFactory,
)
from apps.reviews.tests.factories import EvaluationCycleFactory, EvaluationFactory, GoalFactory
from apps.roles.tests.factories import ProcessStepFactory, SalesRoleFactory, SkillFactory
from apps.strategy.tests.factories import (
    DecisionFactory,
    InitiativeFactory,
    ObjectiveFactory,
    ProgressNoteFactory,
    StrategyFactory,
    StrategyReviewFactory,
)
from apps.targets import services as targets
from apps.targets.enums import Method, Season
from apps.targets.rules.levels import Level
from apps.targets.tests.factories import (
    QuotaReliefFactory,
    ShareRequestFactory,
    TargetAlertFactory,
    TargetWaiverFactory,
)
from apps.training.tests.factories import (
    CompletionFactory,
    CourseSessionFactory,
    EnrolmentFactory,
    SkillAssessmentFactory,
)
from apps.ui.tests.factories import SavedViewFactory

NOW = dt.datetime(2026, 8, 12, 3, tzinfo=dt.UTC)
HANDED_OVER = dt.date(2026, 7, 1)
WORDS = {"north": "Narwhal", "south": "Quokka"}
# What the rep of South is paid, is to get in addition, and earns in a year: nobody else has these figures.
PAID = Decimal("13371337.42")
ADJUSTED = Decimal("13371338.43")
SALARY = Decimal("13371339.44")
SOLD = {"north": Decimal("1000.00"), "south": PAID * 2}


@dataclass
class World:
    """The users by what they are, the people of the teams, and the ids of their records."""

    root: OrgUnit
    units: dict[str, OrgUnit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    run: PayRun | None = None

    def client(self, kind: str) -> Client:
        """Return a browser with somebody signed in."""
        client = Client()
        client.force_login(self.users[kind])
        client.raise_request_exception = False
        return client

    def user(self, kind: str) -> User:
        """Return a fresh copy of a user, without remembered scopes."""
        return User.objects.get(pk=self.users[kind].pk)

    def add(self, kind: str, unit: OrgUnit, *, lead: bool = False) -> None:
        """Seat a new person with a user."""
        self.users[kind] = UserFactory(username=kind, display_name=kind, staff=True)
        self.people[kind] = seated(unit, lead=lead, name=kind, user=self.users[kind])


@contextmanager
def built() -> Iterator[World]:
    """Build the world within one transaction that is rolled back at the end, at a fixed moment."""
    with clock.fixed(NOW), transaction.atomic():
        try:
            yield _found()
        finally:
            transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens in the block."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _found() -> World:
    ensure_company_calendar()
    ensure_years(2025, 2027)
    world = World(root=OrgUnitFactory(name="Company", kind=UnitKind.COMPANY))
    for side in WORDS:
        unit = world.units[side] = OrgUnitFactory(name=side, parent=world.root)
        for kind in ("rep", "peer", "partner"):
            world.add(f"{kind}@{side}", unit)
    _managers(world)
    for role in GRANTABLE_ROLES:
        world.add(role.value, world.root)
        RoleGrantFactory(user=world.users[role.value], role=role, unit=world.root)
    world.add("all@north", world.units["north"])
    for role in GRANTABLE_ROLES:
        RoleGrantFactory(user=world.users["all@north"], role=role, unit=world.units["north"])
    world.users["checker"] = UserFactory(username="checker")
    RoleGrantFactory(user=world.users["checker"], role=Role.COMP_ADMIN, unit=world.root)
    shared = _shared()
    for side in WORDS:
        world.records[side] = _records(world, side, shared)
    _pay(world)
    _targets(world)
    return world


def _managers(world: World) -> None:
    """Let the ex-manager lead South until the hand-over and work in North from then on."""
    world.add("manager@north", world.units["north"], lead=True)
    seat = PositionFactory(unit=world.units["south"], unit__lead=True)
    desk = PositionFactory(unit=world.units["north"])
    for kind, position, days in (
        ("ex_manager", seat, span(dt.date(2020, 1, 1), HANDED_OVER)),
        ("ex_manager", desk, span(HANDED_OVER)),
        ("manager@south", seat, span(HANDED_OVER)),
    ):
        if kind not in world.users:
            world.users[kind] = UserFactory(username=kind, display_name=kind, staff=True)
            world.people[kind] = PersonFactory(name=kind, user=world.users[kind])
        AssignmentFactory(person=world.people[kind], position=position, valid=days)


def _shared() -> dict[str, Any]:
    """Return the catalogues both teams use."""
    return {
        "stage": StageFactory(name="Talk"),
        "product": ProductFactory(),
        "cycle": EvaluationCycleFactory(),
        "role": SalesRoleFactory(),
        "step": ProcessStepFactory(),
        "skill": SkillFactory(),
        "session": CourseSessionFactory(starts_at=NOW + dt.timedelta(days=9)),
    }


def _records(world: World, side: str, shared: dict[str, Any]) -> dict[str, int]:
    """Make one record of every kind for the rep of a team and return their ids."""
    person, user = world.people[f"rep@{side}"], world.users[f"rep@{side}"]
    unit, word = world.units[side], WORDS[side]
    account = AccountFactory(name=f"{word} Works", owner=person)
    contact = ContactFactory(account=account, name=f"{word} Contact")
    member = AccountMemberFactory(account=account, person=world.people[f"partner@{side}"])
    deal = OpportunityFactory(
        name=f"{word} deal", owner=person, stage=shared["stage"], account=account, next_step=f"{word} step"
    )
    strategy = StrategyFactory(
        active=True, title=f"{word} plan", purpose=word, owner=person, unit=unit, created_by=user
    )
    objective = ObjectiveFactory(strategy=strategy, title=f"{word} aim")
    evaluation = EvaluationFactory(
        shared=True,
        cycle=shared["cycle"],
        person=person,
        role=shared["role"],
        unit=unit,
        summary=f"{word} year",
    )
    made = {
        "account": account,
        "contact": contact,
        "member": member,
        "response": ResponseFactory(account=account, person=person, comment=f"{word} said"),
        "deal": deal,
        "line": LineFactory(opportunity=deal, product=shared["product"]),
        "split": SplitFactory(opportunity=deal, person=world.people[f"partner@{side}"]),
        "activity": ActivityFactory(
            person=person, account=account, opportunity=deal, subject=f"{word} visit"
        ),
        "task": TaskFactory(assignee=person, opportunity=deal, title=f"{word} to do", created_by=user),
        "strategy": strategy,
        "objective": objective,
        "initiative": InitiativeFactory(objective=objective, title=f"{word} push", owner=person),
        "note": ProgressNoteFactory(strategy=strategy, text=f"{word} note", written_by=user),
        "review": StrategyReviewFactory(strategy=strategy),
        "decision": DecisionFactory(strategy=strategy, text=f"{word} decided", owner=person, decided_by=user),
        "evaluation": evaluation,
        "goal": GoalFactory(evaluation=evaluation, text=f"{word} goal"),
        "enrolment": EnrolmentFactory(session=shared["session"], person=person),
        "completion": CompletionFactory(course=shared["session"].course, person=person),
        "assessment": SkillAssessmentFactory(person=person, skill=shared["skill"]),
        "token": ApiTokenFactory(owner=user, label=f"{word}-token"),
        "relief": QuotaReliefFactory(person=person, reason=f"{word} leave", granted_by=user),
        "absence": AbsenceFactory(person=person, note=f"{word} is away"),
        "view": SavedViewFactory(user=user, name=f"{word} view"),
        "notification": NotificationFactory(user=user, title=f"{word} news"),
        "long_task": LongTaskFactory(by=user, title=f"{word} work"),
        "import": ImportRunFactory(by=user, name=f"{word} import"),
        "person": person,
        "unit": unit,
        "seat": person.assignments.get().position,
        "assignment": person.assignments.get(),
        "place": person.assignments.get().position.places.get(),
    }
    return {name: row.pk for name, row in made.items()}


GOALS = {
    "kind": "mbo", "code": "goals", "name": "Goals", "annual": "4", "ungraded": "zero",
    "objectives": [{"kind": "grade", "code": "visits", "name": "Visits", "weight": "100"}],
}  # fmt: skip


def _plan(world: World, side: str) -> IncentivePlan:
    admin, checker = world.users["comp_admin"], world.users["checker"]
    half = commission(table={"tiers": [{"from": "0", "to": None, "rate": "0.5"}]})
    start = dt.date(2025, 1, 1)
    version = pay.create_plan(
        code=f"plan-{side}", name=f"{WORDS[side]} plan", purpose=WORDS[side], document=document(half, GOALS),
        starts_on=start, by=admin, at=NOW,
    )  # fmt: skip
    pay.submit_version(version_id=version.pk, by=admin, at=NOW)
    pay.approve_version(version_id=version.pk, by=checker, at=NOW)
    assignment = pay.assign_plan(
        plan_id=version.plan_id, person_id=world.people[f"rep@{side}"].pk, starts_on=start, by=admin,
        annual_salary=SALARY if side == "south" else Decimal(1),
    )  # fmt: skip
    world.records[side] |= {
        "plan": version.plan_id,
        "version": version.pk,
        "plan_assignment": assignment.pk,
    }
    return version.plan


def _pay(world: World) -> None:
    admin, checker = world.users["comp_admin"], world.users["checker"]
    for side in WORDS:
        _plan(world, side)
        rep = world.people[f"rep@{side}"]
        day = dt.date(2026, 4, 10)
        credit = post_credit(value=str(SOLD[side]), credited_on=day, person_id=rep.pk)
        world.records[side]["credit"] = credit.pk
    run = pay.create_run(period=calendars.period("2026-Q2"), by=admin, at=NOW)
    run = pay.calculate_now(run_id=run.pk, by=admin, at=NOW)
    pay.review_run(run_id=run.pk, by=admin, at=NOW)
    pay.approve_run(run_id=run.pk, by=checker, at=NOW)
    world.run = pay.lock_run(run_id=run.pk, by=admin, at=NOW)
    export = pay.export_payroll(run_id=run.pk, by=checker, at=NOW)
    for side in WORDS:
        rep = world.people[f"rep@{side}"]
        statement = Statement.objects.get(run=run, person=rep)
        adjustment = pay.request_adjustment(
            person_id=rep.pk, amount=ADJUSTED if side == "south" else Decimal(5),
            reason=f"{WORDS[side]} bonus", by=admin, at=NOW,
        )  # fmt: skip
        line = PayLine.objects.filter(statement=statement).earliest("sequence")
        dispute = pay.raise_dispute(
            line_id=line.pk, text=f"{WORDS[side]} is missing", by=world.users[f"rep@{side}"], at=NOW
        )
        credit = Credit.objects.get(pk=world.records[side]["credit"])
        hold = pay.place_hold(
            source_type=credit.source_type, source_id=credit.source_id,
            reason=f"{WORDS[side]} pays late", by=admin, at=NOW,
        )  # fmt: skip
        fact = pay.tell_grade(
            plan_id=world.records[side]["plan"], objective="visits", person_id=rep.pk, value=Decimal("0.5"),
            period_id=calendars.period("2026-Q3").pk, note=f"{WORDS[side]} visits", by=admin, at=NOW,
        )  # fmt: skip
        contest = pay.create_contest(
            name=f"{WORDS[side]} sprint", purpose="", measure="revenue", starts_on=dt.date(2026, 4, 1),
            last_day=dt.date(2026, 4, 30), unit_id=world.units[side].pk,
            person_ids=[rep.pk, world.people[f"partner@{side}"].pk], minimum=None,
            prizes=[Prize(1, f"{WORDS[side]} cup")], by=admin, at=NOW,
        )  # fmt: skip
        accrual = pay.make_accrual(as_of=dt.date(2026, 6, 30), by=None, at=NOW)
        version = PlanVersion.objects.get(pk=world.records[side]["version"])
        confirmation = pay.confirm_plan(
            version_id=version.pk, document_hash=version.document_hash, by=world.users[f"rep@{side}"], at=NOW
        )
        simulation = pay.request_simulation(
            version=version, first=run.period, last=run.period, by=admin, at=NOW, today=NOW.date(),
            url=lambda pk: "", draws=100,
        )  # fmt: skip
        pay.simulate_now(simulation_id=simulation.pk, at=NOW)
        world.records[side] |= {
            "simulation": simulation.pk,
            "simulated_payee": simulation.payees.order_by("pk")[0].pk,
            "confirmation": confirmation.pk,
            "accrual": accrual.pk,
            "contest": contest.pk,
            "fact": fact.pk,
            "hold": hold.pk,
            "dispute": dispute.pk,
            "statement": statement.pk,
            "pay_line": line.pk,
            "adjustment": adjustment.pk,
            "run": run.pk,
            "export": export.pk,
        }


def _targets(world: World) -> None:
    """Put a target in force for the company and leave a draft per team."""
    planner, chief = world.users["sales_ops"], world.users["executive"]
    today = clock.today()

    def plan(unit: OrgUnit, measure: str = "revenue") -> Any:
        return targets.create_plan(
            measure=measure, year="2026", root_unit_id=unit.pk, by_id=planner.pk, at=NOW, on=today,
            amount=Decimal("2400000.00"), unit_ids=[unit.pk for unit in world.units.values()],
            levels={0: Level(Method.EQUAL)}, season=Season.EVEN,
        )  # fmt: skip

    draft = plan(world.root, "new_customers")
    days = dict.fromkeys(draft.targets.values_list("depth", flat=True), today)
    asked = targets.open_round(plan_id=draft.pk, dues=days, by_id=planner.pk, at=NOW, on=today)
    for side in WORDS:
        figure = asked.figures.get(person=world.people[f"rep@{side}"])
        figure.comment = f"{WORDS[side]} thinks so"
        figure.save(update_fields=["comment"])
        question = ShareRequestFactory(
            target=draft.targets.get(unit=world.units[side]), reason=f"{WORDS[side]} grew", asked_by=planner
        )
        world.records[side] |= {
            "own_figure": figure.pk,
            "target_round": asked.pk,
            "share_request": question.pk,
        }
    made = plan(world.root)
    targets.submit_plan(plan_id=made.pk, by_id=planner.pk, at=NOW, on=today)
    for failing in made.targets.filter(smart_grade="failed"):
        TargetWaiverFactory(target=failing, waived_by=planner)
    targets.approve_plan(plan_id=made.pk, by_id=chief.pk, at=NOW, on=today)
    for side in WORDS:
        person = world.people[f"rep@{side}"]
        world.records[side] |= {
            "target": made.targets.get(position__assignments__person=person).pk,
            "unit_target": made.targets.get(unit=world.units[side]).pk,
            "target_plan": made.pk,
            "relief_of": (made.pk, person.pk),
            "target_alert": TargetAlertFactory(
                target=made.targets.get(position__assignments__person=person), opened_on=today, seen_on=today
            ).pk,
        }
