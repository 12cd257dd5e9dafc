"""What the page of a pay run shows besides its statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum

from apps.access.models import User
from apps.calendars.models import FiscalPeriod
from apps.incentives.models import Hold, IncentivePlan, PayLine, PayRun, PlanVersion, Statement
from apps.incentives.names import in_words
from apps.incentives.rules.meaning import by_meaning
from apps.incentives.selectors.dirty import paid_by_override, touched
from apps.incentives.selectors.pages import exception_sentence, own_label
from apps.incentives.selectors.payees import segments_of, versions_in_force
from apps.incentives.selectors.rates_shown import Worth, worth_of
from apps.incentives.selectors.runs import plans_left
from apps.measures.models import Credit


@dataclass
class RunPage:
    """A run with its path, its exceptions and the run before."""

    run: PayRun
    plans: list[IncentivePlan]
    exceptions: list[tuple[Statement, str]]
    before: FiscalPeriod | None
    change: Decimal | None
    by_component: list[tuple[str, int, Decimal, str]]
    holds: list[Hold] = field(default_factory=list)
    worth: list[Worth] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Plans that pay for the same period and have no run yet."""


def run_page(run: PayRun, viewer: User) -> RunPage:
    """Return what a run page shows besides its table of statements."""
    problems = Statement.objects.visible_to(viewer).filter(run=run).exclude(exception="")
    plans = list(run.plans.order_by("name", "pk"))
    before, total_before = _runs_before(run, plans, viewer)
    return RunPage(
        run=run,
        plans=plans,
        exceptions=[
            (row, exception_sentence(row.exception, row.exception_details))
            for row in problems.select_related("person").order_by("person__name", "pk")[:100]
        ],
        before=before,
        change=run.total - total_before if before else None,
        by_component=_by_component(run, viewer),
        worth=worth_of(Statement.objects.visible_to(viewer).filter(run=run)) if run.is_abroad else [],
        left=plans_left([run.period]).get(run.period_id, []),
        holds=_holds(run, viewer),
    )


def _holds(run: PayRun, viewer: User) -> list[Hold]:
    """Return the deals a run was calculated without that would pay somebody of its payees."""
    rows = list(Hold.objects.visible_to(viewer).filter(run_holds__run=run).order_by("pk")[:200])
    if not rows:
        return []
    versions = versions_in_force([plan.pk for plan in run.plans.all()], run.period)
    segments = segments_of(run.period.starts_on, run.period.ends_before, versions)
    payees = {*segments, *Statement.objects.filter(run=run).values_list("person_id", flat=True)}
    above = paid_by_override(versions, segments) & payees
    credited: dict[tuple[str, int], set[int]] = defaultdict(set)
    credits = Credit.objects.filter(source_id__in=[hold.source_id for hold in rows], person__in=payees)
    for kind, number, person_id in credits.values_list("source_type", "source_id", "person_id"):
        credited[kind, number].add(person_id)
    found = (hold for hold in rows if _concerns(hold, run, versions, credited[_source(hold)], above))
    return list(found)[:50]


def _source(hold: Hold) -> tuple[str, int]:
    return hold.source_type, hold.source_id


def _concerns(
    hold: Hold, run: PayRun, versions: Mapping[int, PlanVersion], credited: set[int], above: set[int]
) -> bool:
    """Tell whether a held deal pays one of the credited payees, or somebody paid for those below."""
    if hold.person_id is not None:
        return hold.person_id in credited | above
    upto = run.ledger_upto or 0
    return bool(credited or (above and above & touched(upto, upto, versions, [_source(hold)])))


def _by_component(run: PayRun, viewer: User) -> list[tuple[str, int, Decimal, str]]:
    """Return name, lines, total and currency; what two plans call by one name is one, whatever its code."""
    rows = list(
        PayLine.objects.visible_to(viewer)
        .filter(run=run)
        .values("version__plan_id", "component", "label", "currency")
        .annotate(lines=Count("pk"), total=Sum("amount"))
        .order_by("currency", "component", "label")
    )
    keys = by_meaning((row["version__plan_id"], row["component"], row["label"]) for row in rows)
    found: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for row in rows:
        key = (row["currency"], *keys[row["component"], row["label"]])
        lines, total = found.get(key, (0, Decimal(0)))
        found[key] = lines + row["lines"], total + row["total"]
    return [
        (own_label(code) or in_words(label), lines, total, currency)
        for (currency, code, label), (lines, total) in sorted(found.items())
    ]


def _runs_before(
    run: PayRun, plans: Sequence[IncentivePlan], viewer: User
) -> tuple[FiscalPeriod | None, Decimal]:
    """Return the newest earlier period that any of the plans paid, and what it paid under them."""
    rows = PayRun.objects.visible_to(viewer).filter(
        plans__in=plans, is_void=False, reverses=None, period__kind=run.period.kind
    )
    earlier = rows.filter(period__starts_on__lt=run.period.starts_on).select_related("period")
    found = list(earlier.order_by("-period__starts_on", "pk").distinct())
    if not found:
        return None, Decimal(0)
    newest = found[0].period
    return newest, sum((one.total for one in found if one.period_id == newest.pk), Decimal(0))
