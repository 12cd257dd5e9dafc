"""Where a plan stands on its way into force: its rounds, the agreements it needs, what it would change."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of
from apps.core.names import in_words
from apps.measures import registry
from apps.measures.registry import Measure
from apps.org.models import Person
from apps.targets.enums import Approver, Decision, PlanStatus
from apps.targets.models import (
    BottomUpRound,
    OwnFigure,
    PlanApproval,
    ShareRequest,
    Target,
    TargetPlan,
    TargetWaiver,
)
from apps.targets.pay_impact import PayImpact, impact
from apps.targets.rules.rounds import Progress, progress
from apps.targets.selectors.chain import decidable, label, latest, lead_for
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.reach import may_plan


@dataclass(frozen=True)
class RoundLine:
    """A round of a plan and how far it is."""

    round: BottomUpRound
    progress: Progress


@dataclass(frozen=True)
class Agreement:
    """One agreement of the chain: whom it is asked of, who gives it now, and whether the reader may."""

    row: PlanApproval
    name: str
    who: str
    is_mine: bool


@dataclass(frozen=True)
class RequestLine:
    """A question about the figures below a changed total."""

    request: ShareRequest
    name: str
    is_mine: bool
    is_late: bool


@dataclass(frozen=True)
class WaiverLine:
    """A target accepted although its check failed, with the name of its node."""

    waiver: TargetWaiver
    name: str


@dataclass
class Course:
    """Everything the page of a plan's way shows."""

    measure: Measure
    may_plan: bool
    sees_tree: bool
    rounds: list[RoundLine]
    chain: list[Agreement]
    requests: list[RequestLine]
    waivers: list[WaiverLine]
    impact: PayImpact | None
    earlier: list[PlanApproval]

    @property
    def open_round(self) -> BottomUpRound | None:
        """The round people still answer to."""
        return next((line.round for line in self.rounds if line.round.is_open), None)


def course(user: User, plan: TargetPlan, today: dt.date) -> Course:
    """Return a plan's way into force as far as the user may see it."""
    mine = {row.pk for row in decidable(user, plan, today)}
    return Course(
        measure=registry.measures.get(plan.measure),
        may_plan=may_plan(user, plan),
        sees_tree=Target.objects.filter(plan=plan).visible_to(user, today).exists(),
        rounds=_rounds(user, plan, today),
        chain=[_agreement(plan, row, mine, today) for row in latest(plan)],
        requests=requests_of(user, ShareRequest.objects.filter(target__plan=plan), today),
        waivers=waivers_of(TargetWaiver.objects.filter(target__plan=plan).visible_to(user, today)),
        impact=_impact(user, plan, today),
        earlier=_earlier(plan),
    )


def _agreement(plan: TargetPlan, row: PlanApproval, mine: set[int], today: dt.date) -> Agreement:
    who = ""
    if row.who == Approver.LEADS and row.state == Decision.WAITING:
        lead = lead_for(plan, row, today)
        who = Person.objects.values_list("name", flat=True).get(pk=lead) if lead else ""
    name = label(row.who, in_words(row.unit.name) if row.unit else "", row.role)
    return Agreement(row, name, who, row.pk in mine)


def _earlier(plan: TargetPlan) -> list[PlanApproval]:
    """Return what was decided about earlier submissions of the same version, newest first."""
    rows = PlanApproval.objects.filter(plan=plan, state=Decision.RETURNED)
    return list(rows.select_related("decided_by", "unit").order_by("-decided_at", "-pk"))


def _impact(user: User, plan: TargetPlan, today: dt.date) -> PayImpact | None:
    """Return the pay impact of a version that is not in force yet and replaces one that is."""
    if plan.status not in {PlanStatus.DRAFT, PlanStatus.SUBMITTED}:
        return None
    return impact(plan, user, today)


def requests_of(user: User, rows: QuerySet[ShareRequest], today: dt.date) -> list[RequestLine]:
    """Return questions about figures below, the open ones first, and whether the user answers them."""
    found = list(
        rows.visible_to(user, today)  # type: ignore[attr-defined]  # own queryset
        .select_related("target__unit", "target__position", "target__owner", "target__plan__period")
        .select_related("asked_by", "answered_by")
        .order_by(F("withdrawn_at").asc(nulls_first=True), F("answered_at").desc(nulls_first=True), "pk")
    )
    names: dict[int, str] = {}
    for plan in {row.target.plan_id: row.target.plan for row in found}.values():
        targets = [row.target for row in found if row.target.plan_id == plan.pk]
        names |= {pk: name for pk, (name, _holder, _vacant) in names_of(plan, targets).items()}
    mine = set(answerable(user, today).values_list("pk", flat=True))
    return [
        RequestLine(row, names[row.target_id], row.pk in mine, is_open(row) and row.due_on < today)
        for row in found
    ]


def is_open(row: ShareRequest) -> bool:
    """Tell whether a question still waits for its answer."""
    return row.answered_at is None and row.withdrawn_at is None


def answerable(user: User, today: dt.date) -> QuerySet[ShareRequest]:
    """Return the open questions that a user answers: of the units they lead or plan."""
    open_ones = ShareRequest.objects.waiting()
    led = Target.objects.held_by(person_id_of(user), today).values("pk")
    planned = Target.objects.permitting(user, Permission.TARGET_EDIT, today).values("pk")
    return open_ones.filter(Q(target__in=led) | Q(target__in=planned))


def waivers_of(rows: QuerySet[TargetWaiver]) -> list[WaiverLine]:
    """Return waivers with the names of their targets, newest first."""
    found = list(
        rows.select_related("target__unit", "target__position", "target__owner", "target__plan__period")
        .select_related("waived_by")
        .order_by("-waived_at", "target__place", "pk")
    )
    names: dict[int, str] = {}
    for plan in {row.target.plan_id: row.target.plan for row in found}.values():
        targets = [row.target for row in found if row.target.plan_id == plan.pk]
        names |= {pk: name for pk, (name, _holder, _vacant) in names_of(plan, targets).items()}
    return [WaiverLine(row, names[row.target_id]) for row in found]


def _rounds(user: User, plan: TargetPlan, today: dt.date) -> list[RoundLine]:
    rounds = BottomUpRound.objects.filter(plan=plan).visible_to(user, today).order_by("-opened_at", "-pk")
    lines = []
    for one in rounds.select_related("opened_by"):
        states = OwnFigure.objects.filter(round=one).visible_to(user, today).values_list("state", flat=True)
        lines.append(RoundLine(one, progress(states)))
    return lines
