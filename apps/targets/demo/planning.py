"""Planning under way in the demo company: next year's drafts, a round, agreements, reliefs and alerts."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle

from django.db import transaction
from django.db.models import F

from apps.access.permissions import Role
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.org.enums import UnitKind
from apps.targets import services
from apps.targets.enums import Approver, Balance, Below, Method, Season
from apps.targets.models import ApprovalStep, BottomUpRound, OwnFigure, QuotaRelief, Target, TargetPlan
from apps.targets.rules.levels import Level
from apps.targets.rules.slices import follow_mix
from apps.targets.selectors import chain
from apps.targets.selectors.slices import slice_page
from apps.targets.services import Ramp

_GROWTH = Decimal("1.05")
_DAYS_TO_ANSWER = 4
_MORNINGS = (35, 0)  # days before today on whose mornings the targets are watched
_LEVELS = {
    0: Level(Method.SAME_GROWTH, over_assignment=Decimal("0.03"), growth=Decimal("0.1")),
    1: Level(Method.HISTORY, over_assignment=Decimal("0.02")),
    2: Level(Method.WEIGHTED, weights={"history": Decimal("0.6"), "capacity": Decimal("0.4")}),
}
_RAMP = tuple(Decimal(step) for step in ("0.25", "0.5", "0.75"))
_NOTE = _("Think of the accounts you know for certain, then of what the pipeline can add.")
# What the sellers say of their figure against the proposed one, in turns, and what became of it.
_ANSWERS: tuple[tuple[str, str, str], ...] = (
    ("0.93", _("My biggest customer froze its budget until summer."), "returned"),
    ("1.04", _("Two large renewals fall into the second quarter."), "waiting"),
    ("1.00", _("Fits what I see in my accounts."), "accepted"),
    ("1.00", "", "silent"),
    ("1.08", _("The new series opens hospitals for us."), "accepted"),
    ("0.97", "", "waiting"),
)
_TOO_LOW = _("Your coverage is twice what this needs. Please look at the open deals again.")
_SEEN = _("Looked at the accounts one by one; this is what they carry.")
_LEAVE = _("Parental leave for half of the month.")
_MERGED = _("Two customers of the region merge and buy together from now on.")
_LOST_SEAT = _("A seat opens later than planned, so the second half carries less.")
_AGREED = _("Ambitious, and the teams stand behind it.")


def load(context: DemoContext, this_year: FiscalPeriod) -> None:
    """Plan next year up to the middle; what exists is left alone."""
    next_year = calendars.period_of(this_year.ends_before, "year")
    revenue = TargetPlan.objects.filter(measure="revenue", period=this_year).in_force().first()
    customers = TargetPlan.objects.filter(measure="new_customers", period=this_year).in_force().first()
    if revenue is None or customers is None:
        return
    with transaction.atomic():
        if not QuotaRelief.objects.exists():
            _relieve(context, revenue)
        if customers.version == 1:
            customers = _lower(context, customers)
    with transaction.atomic():
        if not ApprovalStep.objects.exists():
            _chain(context)
        if not TargetPlan.objects.filter(measure="new_customers", period=next_year).exists():
            _submit(context, _draft(context, customers, next_year))
    with transaction.atomic():
        if not TargetPlan.objects.filter(measure="revenue", period=next_year).exists():
            _ask_the_field(context, _draft(context, revenue, next_year))
    with transaction.atomic():
        for day in _MORNINGS:
            services.watch(on=context.today - dt.timedelta(days=day))


def _at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=clock.company_zone())


def _relieve(context: DemoContext, plan: TargetPlan) -> None:
    """Take half of a month off the quota of a seller nobody signs in as."""
    shown = {user.pk for user in context.users.values()}
    seats = Target.objects.filter(plan=plan, position__assignments__person=F("owner"))
    seat = seats.exclude(owner__user__in=shown).order_by("place").first()
    if seat is None or seat.owner_id is None:
        return
    before = context.today.replace(day=1) - dt.timedelta(days=1)
    services.grant_relief(
        measure=plan.measure,
        person_id=seat.owner_id,
        months=[calendars.period_of(max(before, plan.period.starts_on), "month")],
        share=Decimal("0.5"),
        reason=_LEAVE,
        by=context.users["executive"],
        at=_at(context.today),
    )


def _lower(context: DemoContext, plan: TargetPlan) -> TargetPlan:
    """Put a second version of this year's customers into force, a little below the first."""
    on = min(plan.period.starts_on + dt.timedelta(days=150), context.today)
    planner, chief = context.users["salesops"].pk, context.users["executive"].pk
    new = services.new_version(plan_id=plan.pk, by_id=planner, at=_at(on), reason=_LOST_SEAT)
    region = Target.objects.filter(plan=new, depth=1).order_by("-amount", "pk").first()
    if region is not None:
        services.change_total(
            target_id=region.pk,
            amount=(region.amount * Decimal("0.95")).quantize(Decimal(1)),
            below=Below.PRORATE,
            balance=Balance.UP,
            reason=_LOST_SEAT,
            by_id=planner,
            at=_at(on),
            on=on,
        )
    _hand_in(new, planner, chief, on)
    return services.approve_plan(plan_id=new.pk, by_id=chief, at=_at(on, 15), on=on)


def _hand_in(plan: TargetPlan, planner: int, chief: int, on: dt.date) -> None:
    services.submit_plan(plan_id=plan.pk, by_id=planner, at=_at(on, 11), on=on)
    failing = list(Target.objects.filter(plan=plan, smart_grade="failed").values_list("pk", flat=True))
    if failing:
        services.waive(target_ids=failing, by_id=chief, at=_at(on, 14), reason=_SEEN)


def _chain(context: DemoContext) -> None:
    planner, at = context.users["salesops"].pk, _at(context.today)
    services.add_step(who=Approver.LEADS, unit_kind=UnitKind.REGION, by_id=planner, at=at)
    services.add_step(who=Approver.ROLE, role=Role.EXECUTIVE, by_id=planner, at=at)


def _draft(context: DemoContext, now: TargetPlan, year: FiscalPeriod) -> TargetPlan:
    """Draw up next year from this year's target, grown."""
    top = Target.objects.get(plan=now, parent=None)
    units = Target.objects.filter(plan=now, unit__isnull=False).values_list("unit", flat=True)
    on = context.today - dt.timedelta(days=9)
    step = Decimal(10_000) if now.decimals else Decimal(1)
    plan = services.create_plan(
        measure=now.measure,
        year=year.code,
        root_unit_id=now.root_unit_id,
        by_id=context.users["salesops"].pk,
        at=_at(on),
        on=on,
        amount=(top.amount * _GROWTH / step).quantize(Decimal(1)) * step,
        levels=_LEVELS,
        season=Season.LEARNED,
        unit_ids=set(units),
    )
    services.cascade(
        plan_id=plan.pk, ramp=Ramp(_RAMP), by_id=context.users["salesops"].pk, at=_at(on, 10), on=on
    )
    return plan


def _submit(context: DemoContext, plan: TargetPlan) -> None:
    """Hand the customers of next year in; some leads agreed, the others have their turn."""
    planner, chief = context.users["salesops"].pk, context.users["executive"].pk
    on = context.today - dt.timedelta(days=2)
    _hand_in(plan, planner, chief, on)
    agreed = [one.pk for one in chain.current(plan) if one.unit is not None and one.unit.code == "CENTRAL"]
    if agreed:
        services.approve_plan(
            plan_id=plan.pk, by_id=chief, at=_at(on, 16), on=on, approval_ids=agreed, comment=_AGREED
        )


def _ask_the_field(context: DemoContext, plan: TargetPlan) -> None:
    """Slice next year's revenue, change a total, and ask everybody for their own figure."""
    planner = context.users["salesops"].pk
    on = context.today - dt.timedelta(days=6)
    top = Target.objects.select_related("plan__period", "plan__baseline").get(plan=plan, parent=None)
    mix = {line.member: line.history for line in slice_page(top, "product", on).lines if line.history > 0}
    if mix:
        parts = follow_mix(top.amount, mix, places=plan.decimals)
        services.set_slices(
            target_id=top.pk, dimension="product", amounts=parts, below=True, by_id=planner, at=_at(on)
        )
    last = Target.objects.filter(plan=plan, depth=1).order_by("place").last()
    if last is not None:
        services.change_total(
            target_id=last.pk,
            amount=(last.amount * Decimal("1.02")).quantize(Decimal(1)),
            below=Below.ASK,
            balance=Balance.UP,
            reason=_MERGED,
            by_id=planner,
            at=_at(on, 11),
            on=context.today,
        )
    depths = set(Target.objects.filter(plan=plan).values_list("depth", flat=True))
    dues = {depth: context.today + dt.timedelta(days=_DAYS_TO_ANSWER * (4 - depth)) for depth in depths}
    found = services.open_round(plan_id=plan.pk, dues=dues, by_id=planner, at=_at(on, 14), on=on, note=_NOTE)
    _answer(context, found)


def _answer(context: DemoContext, asked: BottomUpRound) -> None:
    """Let the sellers answer in turns: accepted, handed up, returned, or not yet."""
    planner, chief = context.users["salesops"].pk, context.users["executive"].pk
    day = _at(context.today - dt.timedelta(days=3), 10)
    accepted = []
    answers = cycle(_ANSWERS)
    for figure in _of_seats(asked):
        own = figure.person.user_id if figure.person else None
        share, comment, outcome = _ANSWERS[0] if own else next(answers)
        if outcome == "silent":
            continue
        by_id = own or planner
        amount = (figure.target.amount * Decimal(share) / 1000).quantize(Decimal(1)) * 1000
        services.enter_figure(figure_id=figure.pk, amount=amount, comment=comment, by_id=by_id, at=day)
        services.submit_figure(figure_id=figure.pk, by_id=by_id, at=day)
        if outcome == "returned":
            services.return_figure(figure_id=figure.pk, by_id=chief, at=day, reason=_TOO_LOW)
        elif outcome == "accepted":
            accepted.append(figure.pk)
    if accepted:
        services.accept_figures(figure_ids=accepted, by_id=chief, at=day)


def _of_seats(asked: BottomUpRound) -> Iterator[OwnFigure]:
    rows = OwnFigure.objects.filter(round=asked, target__position__isnull=False)
    yield from rows.select_related("target", "person").order_by("target__place", "pk")
