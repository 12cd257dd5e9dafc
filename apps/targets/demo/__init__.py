"""The targets of the demo company: last year's and this year's in force, next year's being planned."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.measures import selectors as figures
from apps.org import selectors as org
from apps.targets import services
from apps.targets.demo import planning
from apps.targets.enums import Grade, Method, Season
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.levels import Level
from apps.targets.selectors.slices import slice_page

_GROWTH = {"revenue": Decimal("1.16")}
_LEAST = {"revenue": Decimal(1_000_000), "new_customers": Decimal(24)}
_STEP = {"revenue": Decimal(10_000), "new_customers": Decimal(6)}
_LEVELS = {
    0: Level(Method.HISTORY, over_assignment=Decimal("0.03")),
    1: Level(Method.WEIGHTED, weights={"history": Decimal("0.5"), "capacity": Decimal("0.5")}),
    2: Level(Method.WEIGHTED, weights={"history": Decimal("0.3"), "capacity": Decimal("0.7")}),
}

_WAIVED = _("New product line starts in the second quarter.")


def load(context: DemoContext) -> None:
    """Plan, submit and approve the demo targets; a target that exists is left alone."""
    with transaction.atomic():
        calendar_services.ensure_years(context.today.year - 1, context.today.year + 1)
    this_year = calendars.period_of(context.today, "year")
    last_year = calendars.period_of(this_year.starts_on - dt.timedelta(days=1), "year")
    for measure, year in (("revenue", last_year), ("revenue", this_year), ("new_customers", this_year)):
        if not TargetPlan.objects.filter(measure=measure, period=year).exists():
            with transaction.atomic():
                _plan(context, measure, year)
    planning.load(context, this_year)


def _plan(context: DemoContext, measure: str, year: FiscalPeriod) -> None:
    on = year.starts_on + dt.timedelta(days=9)
    root = org.root_unit_id(on)
    if root is None:
        return
    at = dt.datetime.combine(on, dt.time(9), tzinfo=clock.company_zone())
    planner, chief = context.users["salesops"].pk, context.users["executive"].pk
    plan = services.create_plan(
        measure=measure,
        year=year.code,
        root_unit_id=root,
        by_id=planner,
        at=at,
        on=on,
        amount=_amount(measure, year, root, context.today),
        levels=_LEVELS,
        season=Season.LEARNED,
        unit_ids=_selling_units(measure, root, on, context.today),
        reason="",
    )
    _slice(plan, planner, at, on)
    services.submit_plan(plan_id=plan.pk, by_id=planner, at=at, on=on)
    failing = Target.objects.filter(plan=plan, smart_grade=Grade.FAILED).values_list("pk", flat=True)
    if failing:
        services.waive(
            target_ids=list(failing),
            by_id=chief,
            at=at,
            reason=_WAIVED,
        )
    services.approve_plan(plan_id=plan.pk, by_id=chief, at=at, on=on)


def _slice(plan: TargetPlan, by_id: int, at: dt.datetime, on: dt.date) -> None:
    """Slice the company's revenue by product in last year's mix, where there is one."""
    top = Target.objects.select_related("plan__period", "plan__baseline").get(plan=plan, parent=None)
    mix = {line.member: line.amount for line in slice_page(top, "product", on).lines if line.history > 0}
    if plan.measure == "revenue" and mix:
        services.set_slices(target_id=top.pk, dimension="product", amounts=mix, by_id=by_id, at=at)


def _amount(measure: str, year: FiscalPeriod, root: int, today: dt.date) -> Decimal:
    """Return a demanding round figure: the pace of the year before, or of the year itself, grown.

    In the first year of records every customer is a new one, so that pace says nothing.
    """
    before = (year.starts_on - dt.timedelta(days=365), year.starts_on)
    during = (year.starts_on, min(year.ends_before, today))
    earlier = Decimal(0) if measure == "new_customers" else _monthly(measure, root, *before)
    monthly = earlier * _GROWTH.get(measure, Decimal(1)) or _monthly(measure, root, *during)
    rounded = (monthly * 12 / _STEP[measure]).quantize(Decimal(1)) * _STEP[measure]
    return max(rounded, _LEAST[measure])


def _monthly(measure: str, root: int, start: dt.date, end: dt.date) -> Decimal:
    if end <= start:
        return Decimal(0)
    rows = figures.query(measure, start, end, by=["month"], unit_id=root, structure="as_is", as_of=end)
    values = [row.numerator for row in rows if row.numerator > 0]
    return sum(values, Decimal(0)) / len(values) if values else Decimal(0)


def _selling_units(measure: str, root: int, on: dt.date, today: dt.date) -> set[int]:
    """Return the units that sell at any time of the demo."""
    rows = figures.query(
        measure, on - dt.timedelta(days=365), today, by=["unit"], structure="as_is", as_of=on
    )
    return {int(row.keys["unit"]) for row in rows if row.keys["unit"]} or org.subtree(root, on)  # type: ignore[arg-type]  # an id
