"""Plans, runs and a small company for tests; rows come from the services, since there is no other door."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.incentives import services
from apps.incentives.models import Adjustment, IncentivePlan, PayRun, PlanVersion, Statement
from apps.measures.models import Credit
from apps.measures.tests.factories import post_credit
from apps.org.models import OrgUnit, Person
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory, seated

AT = dt.datetime(2026, 7, 3, 9, tzinfo=dt.UTC)
TIERS = [
    {"from": "0", "to": "1000", "rate": "0.03"},
    {"from": "1000", "rate": "0.05"},
]


def commission(**changes: Any) -> dict[str, Any]:
    """Return a commission block."""
    table = {"kind": "marginal", "tiers": TIERS, **changes.pop("table", {})}
    return {
        "kind": "commission",
        "code": "commission",
        "name": "Commission",
        "measure": "revenue",
        "basis": "period",
        "table": table,
        **changes,
    }


def override(**changes: Any) -> dict[str, Any]:
    """Return an override block of a flat percentage."""
    tiers = [{"from": "0", "rate": "0.01"}]
    return {
        "kind": "override",
        "code": "override",
        "name": "Override",
        "measure": "revenue",
        "basis": "period",
        "table": {"kind": "marginal", "tiers": tiers},
        **changes,
    }


def document(*components: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a quarterly plan document."""
    blocks = list(components) or [commission()]
    return {
        "schema": "salesorg.plan/2",
        "currency": "USD",
        "period": "quarter",
        "components": blocks,
        **changes,
    }


@dataclass
class Company:
    """A top unit with a team of two, and the people around pay."""

    top: OrgUnit = field(init=False)
    team: OrgUnit = field(init=False)
    boss: Person = field(init=False)
    lead: Person = field(init=False)
    rep: Person = field(init=False)
    peer: Person = field(init=False)
    admin: User = field(init=False)
    checker: User = field(init=False)
    users: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with transaction.atomic():
            calendar_services.ensure_years(2025, 2027)
        self.top = OrgUnitFactory(name="Company")
        self.team = OrgUnitFactory(name="Team", parent=self.top)
        names = ("executive", "manager", "rep", "peer", "admin", "checker", "hr", "sysadmin", "auditor")
        self.users = {name: UserFactory(username=name) for name in names}
        self.boss = seated(self.top, lead=True, name="Boss", user=self.users["executive"])
        self.lead = seated(self.team, lead=True, name="Lead", user=self.users["manager"])
        self.rep = seated(self.team, name="Rep", user=self.users["rep"])
        self.peer = seated(self.team, name="Peer", user=self.users["peer"])
        self.admin, self.checker = self.users["admin"], self.users["checker"]
        grants = {
            "executive": Role.EXECUTIVE,
            "admin": Role.COMP_ADMIN,
            "checker": Role.COMP_ADMIN,
            "hr": Role.HR,
            "sysadmin": Role.SYSADMIN,
            "auditor": Role.AUDITOR,
        }
        for name, role in grants.items():
            RoleGrantFactory(user=self.users[name], role=role, unit=self.top)

    def plan(self, *components: dict[str, Any], people: Any = None, **changes: Any) -> IncentivePlan:
        """Return an approved plan for the representatives, or other people."""
        plan = self.approved(*components, **changes)
        with transaction.atomic():
            for person in people or [self.rep, self.peer]:
                services.assign_plan(
                    plan_id=plan.pk, person_id=person.pk, starts_on=dt.date(2025, 1, 1), by=self.admin
                )
        return plan

    def approved(self, *components: dict[str, Any], **changes: Any) -> IncentivePlan:
        """Return an approved plan that nobody is under yet."""
        code = changes.pop("code", "reps")
        with transaction.atomic():
            version = services.create_plan(
                code=code,
                name=code.title(),
                purpose="",
                document=document(*components, **changes),
                starts_on=dt.date(2025, 1, 1),
                by=self.admin,
                at=AT,
            )
            services.submit_version(version_id=version.pk, by=self.admin, at=AT)
            services.approve_version(version_id=version.pk, by=self.checker, at=AT)
        return version.plan

    def sell(self, person: Person, value: str, month: int = 4, day: int = 10, **more: Any) -> Credit:
        """Post a credit of 2026."""
        return post_credit(value=value, credited_on=dt.date(2026, month, day), person_id=person.pk, **more)

    def run(self, code: str = "2026-Q2", plan_ids: Any = None) -> PayRun:
        """Return a draft run of all plans, or of some."""
        with transaction.atomic():
            return services.create_run(period=calendars.period(code), plan_ids=plan_ids, by=self.admin, at=AT)

    def calculated(self, code: str = "2026-Q2", plan_ids: Any = None) -> PayRun:
        """Return a calculated run."""
        return services.calculate_now(run_id=self.run(code, plan_ids).pk, by=self.admin, at=AT)

    def locked(self, code: str = "2026-Q2", plan_ids: Any = None) -> PayRun:
        """Return a locked run."""
        run = self.calculated(code, plan_ids)
        with transaction.atomic():
            services.review_run(run_id=run.pk, by=self.admin, at=AT)
            services.approve_run(run_id=run.pk, by=self.checker, at=AT)
            return services.lock_run(run_id=run.pk, by=self.admin, at=AT)


def total_of(run: PayRun, person: Person) -> Decimal:
    """Return what a run pays somebody."""
    return Statement.objects.get(run=run, person=person).total


def sample_planversion() -> PlanVersion:
    """Return an approved version for checks over every route."""
    return PlanVersion.objects.get(plan=Company().plan())


def sample_adjustment(company: Company) -> Adjustment:
    """Return an adjustment that waits."""
    with transaction.atomic():
        return services.request_adjustment(
            person_id=company.rep.pk, amount=Decimal("5"), reason="Missed", by=company.admin, at=AT
        )
