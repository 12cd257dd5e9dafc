"""Strategies of the demo company: one of the company, one of a region, with reviews held, due and missed."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.org.models import OrgUnit, Person
from apps.strategy import services
from apps.strategy.enums import Adjusts, InitiativeStatus, Outlook, Rhythm
from apps.strategy.models import Objective, Strategy, StrategyReview
from apps.targets.models import Target

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class _Held:
    """What was said and decided in a review that took place."""

    minutes: str
    decision: str
    owner: str
    days: int
    adjusts: str
    done: bool


_MID_MARKET = {
    "title": _("Win mid-market in East China"),
    "purpose": _(
        "Become the first choice of mid-sized manufacturers between Shanghai and Hangzhou, "
        "so that growth no longer depends on a dozen large accounts."
    ),
    "situation": _(
        "Some 2,400 manufacturers with 200 to 1,000 employees; two local rivals sell cheaper but "
        "service slowly. Our large accounts bring most of the revenue and hardly grow."
    ),
}
_FRAMEWORKS = {
    "title": _("Framework agreements with key accounts"),
    "purpose": _(
        "Bind the twenty largest accounts of East by two-year framework agreements "
        "before rivals renew theirs."
    ),
    "situation": _("Eight of the twenty decide on their supplier this year."),
}
_AS_PLANNED, _CARRY_EAST = _("Grow company revenue as planned"), _("Carry the growth in East")
_NEW_CUSTOMERS, _WIN_MORE = _("Win new mid-market customers"), _("Win more of what we decide in East")
_FASTEST = _("Be known as the fastest service in the delta")
_SHANGHAI, _HANGZHOU = _("Shanghai reaches its year"), _("Hangzhou reaches its year")
_REFERRALS = _("Referral programme with existing customers")
_BUNDLE, _ENGINEER = _("Starter bundle for mid-sized plants"), _("Second service engineer in Hangzhou")
_SIGNED = _("Five starter bundles signed in Hangzhou.")
_CHEAPER = _("Two rivals cut prices by 8 % in Jiangsu.")
_TWO_MORE = _("Standard contract signed with two more accounts.")
_COMPANY_REVIEWS = (
    _Held(
        _("Mid-market win rate in Shanghai and Hangzhou holds; price is the usual reason for losing."),
        _("Offer the starter bundle to every mid-market account in East before the end of the quarter"),
        "P-EAST", 45, Adjusts.APPROACH, True,
    ),
    _Held(
        _("East is near its pace, West is behind. New customers come from referrals more than from fairs."),
        _("Move the fair budget of the second half to referral events in Suzhou and Ningbo"),
        "P-HQ-OPS", 30, Adjusts.BUDGET, True,
    ),
    _Held(
        _("Targets stay. Coverage of mid-market accounts is thin in Nanjing while its manager is away."),
        _("Give thirty Nanjing accounts without an owner to Hangzhou until the manager is back"),
        "P-EAST", 75, Adjusts.COVERAGE, False,
    ),
)  # fmt: skip
_EAST_REVIEWS = (
    _Held(
        _("Twelve framework agreements are in negotiation; legal review takes three weeks on average."),
        _("Agree a standard framework contract with legal"),
        "P-SHA", 40, Adjusts.APPROACH, True,
    ),
    _Held(
        _("Two agreements signed, one lost on price. The standard contract shortens legal review to a week."),
        _("Ask finance for a volume rebate that starts at the second year"),
        "P-NKG", 35, Adjusts.TARGET, True,
    ),
    _Held(
        _("Three accounts ask for on-site calibration before they sign."),
        _("Offer on-site calibration to the eight accounts that decide this year"),
        "P-HGH", 50, Adjusts.SEGMENT, False,
    ),
)  # fmt: skip


def load(context: DemoContext) -> None:
    """Create the demo strategies once."""
    if Strategy.objects.exists():
        return
    with transaction.atomic():
        company = _company(context)
        region = _region(context)
        for strategy, held in ((company, _COMPANY_REVIEWS), (region, _EAST_REVIEWS)):
            _history(context, strategy, held)
        _notes(context, company, region)
        services.watch(on=context.today, at=_at(context.today))


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), tzinfo=clock.company_zone())


def _year(today: dt.date) -> tuple[dt.date, dt.date]:
    year = calendars.period_of(today, "year")
    return year.starts_on, year.ends_before - _DAY


def _company(context: DemoContext) -> Strategy:
    start, last = _year(context.today)
    people, by = context.people, context.users["executive"]
    strategy = services.create_strategy(
        **_MID_MARKET,
        owner_id=people["P-NW"].pk,
        unit_id=context.units["NW"].pk,
        starts_on=start,
        last_day=last + dt.timedelta(days=365),
        participant_ids=[people[code].pk for code in ("P-EAST", "P-CENTRAL", "P-WEST", "P-HQ-OPS")],
        by=by,
        at=_at(start),
    )
    east = context.units["EAST"]
    _objective(strategy, _AS_PLANNED, people["P-NW"], 40, "revenue", context.units["NW"])
    _objective(strategy, _CARRY_EAST, people["P-EAST"], 30, "revenue", east)
    _objective(strategy, _NEW_CUSTOMERS, people["P-EAST"], 20, "new_customers", east)
    services.add_objective(
        strategy_id=strategy.pk,
        title=_WIN_MORE,
        owner_id=people["P-SHA"].pk,
        weight=10,
        measure="win_rate",
        goal_value=Decimal("0.60"),
        period_id=calendars.period_of(context.today, "year").pk,
        unit_id=east.pk,
    )
    services.add_objective(
        strategy_id=strategy.pk,
        title=_FASTEST,
        owner_id=None,
        weight=5,
    )
    _initiatives(context, strategy)
    services.set_cadence(
        strategy_id=strategy.pk,
        rhythm=Rhythm.QUARTERLY,
        every=1,
        first_on=_anchor(context.today + dt.timedelta(days=7), months=9),
        on=start,
    )
    return strategy


def _region(context: DemoContext) -> Strategy:
    start, last = _year(context.today)
    people = context.people
    strategy = services.create_strategy(
        **_FRAMEWORKS,
        owner_id=people["P-EAST"].pk,
        unit_id=context.units["EAST"].pk,
        starts_on=start,
        last_day=last,
        participant_ids=[people[code].pk for code in ("P-SHA", "P-NKG", "P-HGH")],
        by=context.users["salesops"],
        at=_at(start),
    )
    _objective(strategy, _SHANGHAI, people["P-SHA"], 50, "revenue", context.units["SHA"])
    _objective(strategy, _HANGZHOU, people["P-HGH"], 30, "revenue", context.units["HGH"])
    services.set_cadence(
        strategy_id=strategy.pk,
        rhythm=Rhythm.MONTHLY,
        every=1,
        first_on=_anchor(context.today - dt.timedelta(days=5), months=3),
        on=start,
    )
    return strategy


def _anchor(day: dt.date, *, months: int) -> dt.date:
    """Return the date some months before a day, so that a cadence from there falls on that day."""
    total = day.year * 12 + day.month - 1 - months
    return dt.date(total // 12, total % 12 + 1, min(day.day, 28))


def _objective(
    strategy: Strategy, title: str, owner: Person, weight: int, measure: str, unit: OrgUnit
) -> None:
    target = Target.objects.in_force().filter(unit=unit, plan__measure=measure)
    found = target.order_by("-plan__period__starts_on").first()
    services.add_objective(
        strategy_id=strategy.pk,
        title=title,
        owner_id=owner.pk,
        weight=weight,
        target_id=found.pk if found else None,
    )


def _initiatives(context: DemoContext, strategy: Strategy) -> None:
    today, people = context.today, context.people
    customers = Objective.objects.get(strategy=strategy, title=_NEW_CUSTOMERS)
    growth = Objective.objects.get(strategy=strategy, title=_CARRY_EAST)
    rows = (
        (customers, _REFERRALS, "P-SHA", -60, InitiativeStatus.DONE),
        (customers, _BUNDLE, "P-HGH", 40, InitiativeStatus.RUNNING),
        (growth, _ENGINEER, "P-EAST", -9, InitiativeStatus.RUNNING),
    )
    for objective, title, owner, days, status in rows:
        due_on = today + dt.timedelta(days=days)
        made = services.add_initiative(
            objective_id=objective.pk, title=title, owner_id=people[owner].pk, due_on=due_on
        )
        services.change_initiative(
            initiative_id=made.pk,
            title=title,
            owner_id=people[owner].pk,
            due_on=due_on,
            status=status,
            on=due_on,
        )


def _history(context: DemoContext, strategy: Strategy, held: tuple[_Held, ...]) -> None:
    """Put the strategy into force at the start of its year and hold its first reviews."""
    start = strategy.valid.lower
    by = context.users["executive"]
    services.activate_strategy(strategy_id=strategy.pk, by=by, at=_at(start), on=start)
    owner = _user_of(strategy.owner, by)
    first = max(strategy.cadence.first_on - dt.timedelta(days=30), start)
    services.watch(on=first, at=_at(first))
    for _number in range(24):
        review = _oldest(strategy)
        if review is None or review.due_on > context.today - dt.timedelta(days=25):
            return
        services.watch(on=review.due_on, at=_at(review.due_on))
        told = held[min(review.strategy.reviews.filter(state="held").count(), len(held) - 1)]
        _hold(context, review, told, owner)


def _oldest(strategy: Strategy) -> StrategyReview | None:
    waiting = StrategyReview.objects.filter(strategy=strategy).waiting()
    return waiting.select_related("strategy").order_by("due_on", "pk").first()


def _hold(context: DemoContext, review: StrategyReview, told: _Held, owner: User) -> None:
    day = review.due_on
    known = review.strategy.decisions.filter(text=told.decision).exists()
    if not known:
        decision = services.record_decision(
            strategy_id=review.strategy_id,
            review_id=review.pk,
            text=told.decision,
            owner_id=context.people[told.owner].pk,
            due_on=day + dt.timedelta(days=told.days),
            adjusts=told.adjusts,
            by=owner,
            on=day,
        )
        done_on = day + dt.timedelta(days=told.days - 4)
        if told.done and done_on <= context.today:
            services.complete_decision(decision_id=decision.pk, by=owner, on=done_on)
    services.hold_review(review_id=review.pk, minutes=told.minutes, by=owner, at=_at(day), on=day)


def _user_of(person: Person, fallback: User) -> User:
    return person.user or fallback


def _notes(context: DemoContext, company: Strategy, region: Strategy) -> None:
    customers = Objective.objects.get(strategy=company, title=_NEW_CUSTOMERS)
    rows = (
        (
            company,
            customers.pk,
            Outlook.ON_TRACK,
            "regional",
            20,
            _SIGNED,
        ),
        (company, None, Outlook.AT_RISK, "salesops", 12, _CHEAPER),
        (region, None, Outlook.ON_TRACK, "manager", 6, _TWO_MORE),
    )
    for strategy, objective, outlook, who, days, text in rows:
        services.note_progress(
            strategy_id=strategy.pk,
            text=text,
            outlook=outlook,
            objective_id=objective,
            by=context.users[who],
            at=_at(context.today - dt.timedelta(days=days)),
        )
