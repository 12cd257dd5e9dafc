"""Plans as lists and what can be done with one."""

from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Exists, OuterRef, Subquery

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.measures import registry
from apps.measures.registry import Measure
from apps.targets.enums import Grade, PlanStatus
from apps.targets.models import Target, TargetPlan
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.reach import may_plan


@dataclass(frozen=True)
class PlanGroup:
    """The versions of one target: a measure and a year."""

    measure: Measure
    year: str
    versions: list[TargetPlan]

    @property
    def current(self) -> TargetPlan:
        """The version in force, else the newest."""
        return next((one for one in self.versions if one.status == PlanStatus.APPROVED), self.versions[0])


def plans_of(user: User) -> list[PlanGroup]:
    """Return the targets somebody may see, newest year first, each with its versions, newest first.

    A version ``opens`` for who sees a target in it: its total is everybody's, its page is not.
    """
    tops = Target.objects.filter(plan=OuterRef("pk"), parent=None)
    rows = (
        TargetPlan.objects.visible_to(user)
        .annotate(opens=_opens(user))
        .select_related("period", "root_unit", "created_by", "approved_by")
        .annotate(
            top_amount=Subquery(tops.values("amount")),
            top_history=Subquery(tops.values("history")),
        )
        .order_by("-period__starts_on", "measure", "-version", "pk")
    )
    groups = groupby(rows, key=lambda plan: (plan.period.code, plan.measure))
    return [
        PlanGroup(registry.measures.get(measure), year, list(versions))
        for (year, measure), versions in groups
        if measure in registry.measures
    ]


def _opens(user: User) -> Exists:
    return Exists(Target.objects.visible_to(user).filter(plan=OuterRef("pk")))


@dataclass(frozen=True)
class Failing:
    """A target that is not met by its check."""

    target: Target
    name: str
    letters: str
    waiver: str


@dataclass
class PlanPage:
    """What a person can do with a plan and what is in the way."""

    measure: Measure
    may_plan: bool
    may_approve: bool
    failing: list[Failing] = field(default_factory=list)
    versions: list[TargetPlan] = field(default_factory=list)
    grades: dict[str, int] = field(default_factory=dict)

    @property
    def open_waivers(self) -> int:
        """How many targets still need a waiver."""
        return sum(1 for one in self.failing if not one.waiver)


def plan_page(user: User, plan: TargetPlan) -> PlanPage:
    """Return the actions open to somebody, failing targets and versions of a plan."""
    may_approve = (
        plan.status == PlanStatus.SUBMITTED
        and scope_of(user, Permission.TARGET_APPROVE).covers_unit(plan.root_unit_id)
        and user.pk not in {plan.created_by_id, plan.submitted_by_id}
    )
    failing = []
    if plan.status == PlanStatus.SUBMITTED:
        failing = _failing(user, plan)
    versions = TargetPlan.objects.visible_to(user).filter(measure=plan.measure, period=plan.period_id)
    grades: dict[str, int] = {}
    for grade in (
        Target.objects.filter(plan=plan).exclude(smart_grade="").values_list("smart_grade", flat=True)
    ):
        grades[grade] = grades.get(grade, 0) + 1
    return PlanPage(
        measure=registry.measures.get(plan.measure),
        may_plan=may_plan(user, plan),
        may_approve=may_approve,
        failing=failing,
        versions=list(
            versions.annotate(opens=_opens(user))
            .select_related("approved_by", "created_by")
            .order_by("-version")
        ),
        grades=grades,
    )


def _failing(user: User, plan: TargetPlan) -> list[Failing]:
    rows = list(
        Target.objects.filter(plan=plan, smart_grade=Grade.FAILED)
        .visible_to(user)
        .select_related("unit", "position", "owner", "waiver")
        .order_by("place", "pk")
    )
    names = names_of(plan, rows)
    return [
        Failing(
            row,
            names[row.pk][0],
            "".join(str(one["letter"]) for one in row.smart if one["grade"] == Grade.FAILED),
            row.waiver.reason if hasattr(row, "waiver") else "",
        )
        for row in rows
    ]
