"""What the page of a statement shows: its lines, the questions about them, and the statements near it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of
from apps.incentives.models import Dispute, PayLine, Statement
from apps.incentives.models.lines import PUBLISHED
from apps.incentives.selectors.as_issued import name_of, plans_of, unit_of
from apps.incentives.selectors.changes import Change, changes
from apps.incentives.selectors.holds import HeldDeal, held_deals
from apps.incentives.selectors.pages import ShownLine, exception_sentence, shown_lines
from apps.incentives.selectors.rates_shown import rates_told


@dataclass
class StatementPage:
    """A statement with its lines and the one before it."""

    statement: Statement
    lines: list[ShownLine]
    before: Statement | None
    change: Decimal | None
    salary: Decimal
    problem: str = ""
    is_own: bool = False
    held: Sequence[HeldDeal] = ()
    changes: Sequence[Change] = ()
    name: str = ""
    unit: str = ""
    rates: Sequence[str] = ()
    compared: str = ""
    beside: Sequence[Statement] = ()
    """Other statements of the same period: somebody who changed plans is paid by two runs."""

    @property
    def whole_period(self) -> Decimal:
        """What all statements of the period pay together."""
        return sum((one.total for one in self.beside), self.statement.total)


def statement_page(statement: Statement, viewer: User) -> StatementPage:
    """Return what a statement page shows."""
    lines = list(statement.lines.order_by("sequence").select_related("version__plan"))
    beside, before = _neighbours(statement, viewer)
    problem = ""
    if statement.exception:
        problem = exception_sentence(statement.exception, statement.exception_details)
    is_own = statement.person_id == person_id_of(viewer)
    may_ask = is_own and statement.run.state in PUBLISHED and may(viewer, Permission.DISPUTE_RAISE)
    return StatementPage(
        statement=statement,
        lines=with_questions(shown_lines(lines), is_own=may_ask),
        before=before,
        change=statement.total - before.total if before else None,
        salary=statement.total - statement.variable,
        problem=problem,
        is_own=is_own,
        held=held_deals(statement, viewer),
        changes=changes(statement, lines, before, _lines_of(before)),
        name=name_of(statement),
        unit=unit_of(statement),
        rates=rates_told(statement),
        compared=_compared(before, viewer),
        beside=beside,
    )


def _neighbours(statement: Statement, viewer: User) -> tuple[list[Statement], Statement | None]:
    """Return the other statements of the period, and the one before that this one compares with.

    Where a change of plans splits the period, a statement compares with the same plan only: what the
    other plan pays now would read as lost.
    """
    run = statement.run
    rows = (
        Statement.objects.visible_to(viewer)
        .filter(person=statement.person_id, currency=statement.currency)
        .filter(run__period__kind=run.period.kind, run__is_void=False)
        .select_related("run__period")
    )
    beside = list(rows.filter(run__period=run.period_id, run__reverses=None).exclude(pk=statement.pk))
    earlier = rows.filter(run__period__starts_on__lt=run.period.starts_on)
    if beside:
        earlier = earlier.filter(run__plans__in=run.plans.all()).distinct()
    return beside, earlier.order_by("-run__period__starts_on", "-pk").first()


def _compared(before: Statement | None, viewer: User) -> str:
    """Name the statement compared with: by its period, and by its plans where that period has several."""
    if before is None:
        return ""
    same = Statement.objects.visible_to(viewer).filter(
        person=before.person_id, currency=before.currency, run__period=before.run.period_id,
        run__is_void=False, run__reverses=None,
    )  # fmt: skip
    code = before.run.period.code
    return f"{code} · {plans_of(before)}" if same.exclude(pk=before.pk).exists() else code


def _lines_of(statement: Statement | None) -> list[PayLine]:
    if statement is None:
        return []
    return list(statement.lines.order_by("sequence").select_related("version__plan"))


def with_questions(shown: Sequence[ShownLine], *, is_own: bool) -> list[ShownLine]:
    """Add to each line the newest question about it, and whether the reader may ask one."""
    lines: list[PayLine] = [one.line for one in shown]
    asked: dict[int, Dispute] = {}
    for row in Dispute.objects.filter(line__in=lines).order_by("pk"):
        asked[row.line_id] = row
    found = []
    for one in shown:
        dispute = asked.get(one.line.pk)
        free = dispute is None or dispute.is_settled
        found.append(replace(one, dispute=dispute, may_question=is_own and free))
    return found
