"""Bottom-up rounds as people see them: the whole tree with its gaps, and one figure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from apps.access.models import User
from apps.access.permissions import Permission
from apps.measures import registry
from apps.measures.registry import Measure
from apps.targets.models import BottomUpRound, OwnFigure, OwnFigureNote, PlanMonth, RoundDue, Target
from apps.targets.rules.rounds import Gap, Progress, gap, progress
from apps.targets.selectors.grid import names_of, readable_places
from apps.targets.selectors.reach import may_plan
from apps.ui import formatting


@dataclass
class FigureRow:
    """One node of a round: the plan's figure, the own one, the gap, and what the level below adds up to."""

    figure: OwnFigure
    name: str
    indent: int
    due_on: dt.date
    proposal: Decimal | None
    gap: Gap | None
    is_late: bool
    is_vacant: bool
    below: Decimal | None = None
    below_given: int = 0
    below_asked: int = 0
    may_decide: bool = False
    is_mine: bool = False


@dataclass
class RoundPage:
    """A round as a tree, with how far it is."""

    round: BottomUpRound
    measure: Measure
    rows: list[FigureRow]
    progress: Progress
    levels: list[tuple[int, dt.date, Progress]]
    late: int
    may_plan: bool
    places: int
    deciding: list[int] = field(default_factory=list)

    @property
    def top(self) -> FigureRow | None:
        """The row of the top node, when the reader sees it."""
        return next((row for row in self.rows if row.figure.target.depth == 0), None)


def figures_in(rows: QuerySet[OwnFigure]) -> list[OwnFigure]:
    """Read figures with everything their rows show."""
    about = ("target__unit", "target__position", "target__owner", "person", "round__plan__period")
    return list(rows.select_related(*about).order_by("target__place", "pk"))


def round_page(user: User, found: BottomUpRound, today: dt.date) -> RoundPage:
    """Return the figures of a round the user may see, with gaps and progress."""
    plan = found.plan
    figures = figures_in(OwnFigure.objects.filter(round=found).visible_to(user, today))
    rows = rows_of(user, figures, today)
    states: dict[int, list[str]] = defaultdict(list)
    for figure in figures:
        states[figure.target.depth].append(figure.state)
    dues = dict(found.dues.values_list("depth", "due_on"))
    top = max((figure.target.amount for figure in figures), default=Decimal(0))
    return RoundPage(
        round=found,
        measure=registry.measures.get(plan.measure),
        rows=rows,
        progress=progress(figure.state for figure in figures),
        levels=[(depth, dues[depth], progress(states[depth])) for depth in sorted(states)],
        late=sum(1 for row in rows if row.is_late),
        may_plan=may_plan(user, plan),
        places=readable_places(plan, top),
        deciding=[row.figure.pk for row in rows if row.may_decide],
    )


def rows_of(user: User, figures: Sequence[OwnFigure], today: dt.date) -> list[FigureRow]:
    """Return figures as rows, in the order given. The number of queries does not depend on theirs."""
    rounds = {figure.round_id: figure.round for figure in figures}
    dues: dict[int, dict[int, dt.date]] = defaultdict(dict)
    for due in RoundDue.objects.filter(round__in=list(rounds)).order_by("pk"):
        dues[due.round_id][due.depth] = due.due_on
    names: dict[int, tuple[str, str, bool]] = {}
    for one in rounds.values():
        names |= names_of(one.plan, [figure.target for figure in figures if figure.round_id == one.pk])
    decides = _decidable(user, figures, today)
    mine = set(OwnFigure.objects.of(user).filter(round__in=list(rounds)).values_list("pk", flat=True))
    planned = {one.pk for one in rounds.values() if one.shows_proposal or may_plan(user, one.plan)}
    below = _below(list(rounds))
    rows = []
    for figure in figures:
        target = figure.target
        name, _holder, is_vacant = names[target.pk]
        shows = figure.round_id in planned or figure.pk not in mine
        sums = below.get((figure.round_id, target.pk))
        due_on = dues[figure.round_id][target.depth]
        rows.append(
            FigureRow(
                figure=figure,
                name=name,
                indent=target.depth,
                due_on=due_on,
                proposal=target.amount if shows else None,
                gap=gap(target.amount, figure.amount) if shows else None,
                is_late=figure.is_with_its_owner and figure.round.is_open and due_on < today,
                is_vacant=is_vacant,
                below=sums[0] if sums else None,
                below_given=sums[1] if sums else 0,
                below_asked=sums[2] if sums else 0,
                may_decide=figure.pk in decides,
                is_mine=figure.pk in mine,
            )
        )
    return rows


def _decidable(user: User, figures: Sequence[OwnFigure], today: dt.date) -> set[int]:
    waiting = OwnFigure.objects.filter(pk__in=[figure.pk for figure in figures]).waiting_for_decision()
    open_ones = waiting.filter(round__closed_at__isnull=True).exclude(submitted_by=user)
    allowed = open_ones.permitting(user, Permission.TARGET_EDIT, today)
    return set(allowed.values_list("pk", flat=True))


def _below(round_ids: list[int]) -> dict[tuple[int, int], tuple[Decimal | None, int, int]]:
    """Return (round, parent) → sum of the figures given directly below, how many, of how many."""
    found: dict[tuple[int, int], tuple[Decimal | None, int, int]] = {}
    rows = OwnFigure.objects.filter(round__in=round_ids, target__parent__isnull=False).order_by("pk")
    for round_id, parent_id, amount in rows.values_list("round_id", "target__parent_id", "amount"):
        if parent_id is None:
            continue
        total, given, asked = found.get((round_id, parent_id), (None, 0, 0))
        if amount is not None:
            total = (total or Decimal(0)) + amount
        found[round_id, parent_id] = (total, given + (amount is not None), asked + 1)
    return found


@dataclass(frozen=True)
class MonthLine:
    """One month of a figure beside the plan's."""

    label: str
    proposal: Decimal | None
    own: Decimal | None


@dataclass
class FigurePage:
    """One own figure with its months, the rows below it and everything said about it."""

    row: FigureRow
    measure: Measure
    months: list[MonthLine]
    notes: list[OwnFigureNote]
    below: list[FigureRow]
    may_enter: bool
    may_return: bool
    places: int


def figure_page(user: User, figure: OwnFigure, today: dt.date) -> FigurePage:
    """Return a figure the user may see, with what they can do about it."""
    plan = figure.round.plan
    [row] = rows_of(user, [figure], today)
    below = figures_in(
        OwnFigure.objects.filter(round=figure.round, target__parent=figure.target_id).visible_to(user, today)
    )
    own, proposed = list(figure.months), figure.target.months
    calendar = PlanMonth.objects.filter(plan=plan).select_related("month").order_by("position")
    months = [
        MonthLine(
            formatting.month_name(one.month.starts_on),
            proposed[one.position] if row.proposal is not None and one.position < len(proposed) else None,
            own[one.position] if one.position < len(own) else None,
        )
        for one in calendar
    ]
    allowed = OwnFigure.objects.filter(pk=figure.pk).permitting(user, Permission.TARGET_EDIT, today).exists()
    decided = not figure.is_with_its_owner and figure.round.is_open
    return FigurePage(
        row=row,
        measure=registry.measures.get(plan.measure),
        months=months,
        notes=list(figure.notes.select_related("written_by").order_by("-written_at", "-pk")),
        below=rows_of(user, below, today),
        may_enter=row.is_mine and figure.is_with_its_owner and figure.round.is_open,
        may_return=allowed and decided and figure.submitted_by_id != user.pk,
        places=readable_places(plan, max(figure.target.amount, figure.amount or Decimal(0))),
    )


@dataclass
class Desk:
    """What bottom-up rounds want of one person: own figures, those to decide about, rounds they plan."""

    mine: list[FigureRow]
    deciding: list[FigureRow]
    rounds: list[BottomUpRound]

    @property
    def waiting(self) -> int:
        """How many things wait for the person."""
        return sum(1 for row in self.mine if row.figure.is_with_its_owner) + len(self.deciding)


def desk(user: User, today: dt.date) -> Desk:
    """Return the open figures of a person and those of others that wait for their decision."""
    open_ones = OwnFigure.objects.filter(round__closed_at__isnull=True)
    mine = figures_in(open_ones.of(user))
    submitted = open_ones.waiting_for_decision().exclude(submitted_by=user)
    deciding = figures_in(submitted.permitting(user, Permission.TARGET_EDIT, today))
    rounds = BottomUpRound.objects.open().visible_to(user, today).select_related("plan__period")
    return Desk(
        mine=rows_of(user, mine, today),
        deciding=rows_of(user, deciding, today),
        rounds=list(rounds.prefetch_related(_dues()).order_by("pk")),
    )


def _dues() -> Prefetch:
    return Prefetch("dues", RoundDue.objects.order_by("depth"))


def depths_of(plan_id: int) -> list[int]:
    """Return the levels of a plan that has nodes, from the top down."""
    return sorted(set(Target.objects.filter(plan=plan_id).order_by().values_list("depth", flat=True)))
