"""A company with one of everything the API shows, and what its calls may name."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.test import Client

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.customers.tests.factories import AccountFactory, ContactFactory
from apps.incentives import services as pay
from apps.incentives.tests.factories import document
from apps.measures.tests.factories import post_credit
from apps.org.models import Assignment, OrgUnit, RoleGrant
from apps.org.tests.factories import AbsenceFactory, PositionFactory
from apps.pipeline import services as deals
from apps.pipeline.tests.factories import ProcessFactory, ProductFactory, ReasonFactory, StageFactory
from apps.reviews.tests.factories import sample_evaluation
from apps.roles.tests.factories import PositionRoleFactory, ProcessStepFactory, SkillFactory, role_with_kpis
from apps.strategy.tests.factories import DecisionFactory, StrategyFactory, StrategyReviewFactory
from apps.targets import services as targets
from apps.targets.enums import Method, Season
from apps.targets.rules.levels import Level
from apps.training.tests.factories import CompletionFactory, CourseSessionFactory
from tests.guards import company

NOON = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
START = dt.date(2026, 1, 1)


@dataclass
class World:
    """The company, one id per resource, and what a valid call says."""

    people: company.Company
    ids: dict[str, int] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    def user(self, kind: str) -> User:
        """Return a fresh copy of a user."""
        return self.people.user(kind)

    def client(self, kind: str) -> Client:
        """Return a client with somebody signed in, for whom a crash is an answer."""
        client = Client(raise_request_exception=False)
        client.force_login(self.people.users[kind])
        return client


def build() -> World:
    """Write the company; "self" is the representative whose records they are."""
    world = World(company.found())
    with transaction.atomic():
        _selling(world)
        _aims(world)
        _pay(world)
        _others(world)
    return world


def _selling(world: World) -> None:
    rep = world.people.owner
    process = ProcessFactory()
    first, second, _won, _lost = (
        StageFactory(process=process, code=code, kind=kind, order=order, probability=probability)
        for order, (code, kind, probability) in enumerate(
            (("new", "open", 10), ("talks", "open", 50), ("won", "won", 100), ("lost", "lost", 0)), 1
        )
    )
    account = AccountFactory(name="Acme", owner=rep)
    contact, product, reason = ContactFactory(account=account), ProductFactory(), ReasonFactory()
    open_deal = _deal(world, "Press line", account.pk, first.pk)
    won = _deal(world, "Fan", account.pk, first.pk)
    deals.win(
        opportunity_id=won.pk,
        version=won.version,
        closed_on=NOON.date(),
        today=NOON.date(),
        by=world.user("self"),
    )
    activity = deals.log_activity(
        person_id=rep.pk, kind="call", subject="Asked", account_id=account.pk, happened_at=NOON, at=NOON
    )
    task = deals.create_task(assignee_id=rep.pk, title="Ring back", by=world.user("self"))
    world.ids |= {
        "accounts": account.pk, "contacts": contact.pk, "products": product.pk, "stages": first.pk,
        "opportunities": open_deal.pk, "outcome-reasons": reason.pk, "activities": activity.pk,
        "tasks": task.pk,
    }  # fmt: skip
    world.known |= {
        "account_id": account.pk, "account": account.pk, "contact_id": contact.pk, "product_id": product.pk,
        "product": product.pk, "opportunity_id": open_deal.pk, "opportunity": open_deal.pk,
        "stage_id": second.pk, "stage": first.pk, "reason_id": reason.pk, "owner_id": rep.pk,
        "assignee_id": rep.pk, "person_id": rep.pk, "owner": rep.pk, "person": rep.pk,
        "state": "open", "currency": "USD", "closed_on": NOON.date().isoformat(),
    }  # fmt: skip


def _deal(world: World, name: str, account_id: int, stage_id: int) -> Any:
    return deals.create_opportunity(
        name=name, owner_id=world.people.owner.pk, account_id=account_id, stage_id=stage_id,
        amount=Decimal(1000), today=NOON.date(), by=world.user("self"),
    )  # fmt: skip


def _aims(world: World) -> None:
    root, planner = world.people.root, world.user("everything")
    plan = targets.create_plan(
        measure="revenue", year="2026", root_unit_id=root.pk, by_id=planner.pk, at=NOON, on=NOON.date(),
        amount=Decimal(24000), levels={0: Level(Method.EQUAL)}, season=Season.EVEN,
        unit_ids=[root.pk, world.people.east.pk],
    )  # fmt: skip
    draft = StrategyFactory(owner=world.people.owner, unit=world.people.east)
    strategy = StrategyFactory(active=True, owner=world.people.owner, unit=world.people.east)
    review = StrategyReviewFactory(strategy=strategy)
    decision = DecisionFactory(strategy=strategy, owner=world.people.owner)
    world.ids |= {
        "target-plans": plan.pk, "targets": plan.targets.order_by("-depth", "pk").first().pk,
        "strategies": draft.pk, "strategy-reviews": review.pk, "strategy-decisions": decision.pk,
    }  # fmt: skip
    world.known |= {"plan": plan.pk, "strategy": strategy.pk, "review": review.pk, "measure": "revenue"}


def _pay(world: World) -> None:
    admin, checker = world.user("comp_admin"), world.user("everything")
    version = pay.create_plan(
        code="reps", name="Reps", purpose="", document=document(), starts_on=START, by=admin, at=NOON
    )
    pay.submit_version(version_id=version.pk, by=admin, at=NOON)
    pay.approve_version(version_id=version.pk, by=checker, at=NOON)
    pay.assign_plan(plan_id=version.plan_id, person_id=world.people.owner.pk, starts_on=START, by=admin)
    post_credit(value="500.25", credited_on=dt.date(2026, 5, 4), person_id=world.people.owner.pk)
    run = pay.create_run(period=calendars.period("2026-Q2"), by=admin, at=NOON)
    pay.calculate_now(run_id=run.pk, by=admin, at=NOON)
    statement = run.statements.get(person=world.people.owner)
    adjustment = pay.request_adjustment(
        person_id=world.people.owner.pk, amount=Decimal(5), reason="Missed", by=admin, at=NOON
    )
    world.ids |= {
        "incentive-plans": version.plan_id, "pay-runs": run.pk, "statements": statement.pk,
        "pay-lines": statement.lines.first().pk, "pay-adjustments": adjustment.pk,
    }  # fmt: skip
    world.known |= {"run": run.pk, "period": "2026-Q2"}


def _others(world: World) -> None:
    seat = Assignment.objects.get(person=world.people.owner)
    lead = Assignment.objects.get(person=world.people.people["manager"])
    role, evaluation = role_with_kpis("seller", revenue=100), sample_evaluation()
    carried = PositionRoleFactory(position=lead.position, role=role)
    session, completion = CourseSessionFactory(), CompletionFactory(person=world.people.owner)
    grant = RoleGrant.objects.filter(user=world.people.users["hr"]).get()
    east, root = world.people.east, world.people.root
    west, vacant, skill = OrgUnit.objects.get(name="West"), PositionFactory(unit=east), SkillFactory()
    world.ids |= {
        "units": east.pk, "people": world.people.owner.pk, "positions": seat.position_id,
        "assignments": seat.pk, "role-grants": grant.pk, "roles": role.pk, "position-roles": carried.pk,
        "process-steps": ProcessStepFactory().pk, "skills": skill.pk, "courses": session.course_id,
        "course-sessions": session.pk, "completions": completion.pk, "evaluations": evaluation.pk,
        "evaluation-cycles": evaluation.cycle_id, "periods": calendars.period("2026-Q2").pk,
        "absences": AbsenceFactory(person=world.people.owner).pk,
    }  # fmt: skip
    world.known |= {
        "unit": east.pk, "parent": west.pk, "within": root.pk, "root_unit": east.pk,
        "position": vacant.pk, "parent_id": None, "skill": skill.code, "last_day": "2026-12-31",
        "manager": lead.position_id, "user": world.people.users["peer"].pk,
        "role": role.pk, "year": "2026", "on": "2026-07-01", "as_of": "2026-06-30", "by": "unit",
        "start": "2026-01-01", "end": "2027-01-01", "structure": "as_was", "until": None, "weight": 100,
        "email": "new@example.com", "website": "https://example.com", "founded": 1990, "objective": None,
        "created_on": "2026-06-01", "responded_on": "2026-06-01", "participants": [], "units": None,
        "baseline": "", "levels": [], "growth": None, "external_id": "new", "discount": 0, "shares": [],
    }  # fmt: skip
