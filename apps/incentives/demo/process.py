"""What happens around pay in the demo company: questions, corrections, holds, confirmations, a contest."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_noop

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.names import told
from apps.incentives import services
from apps.incentives.models import PayLine, PayRun, Statement
from apps.incentives.selectors.documents import waiting_for
from apps.incentives.selectors.holds import large_deals
from apps.incentives.services.contests import Prize
from apps.measures.models import Credit
from apps.org import selectors as org
from apps.org.models import Person
from apps.pipeline import services as pipeline
from apps.pipeline.models import Opportunity, OutcomeReason

_DEAL = "pipeline.opportunity"
_DAY = dt.timedelta(days=1)
_FACTORS = tuple(Decimal(factor) for factor in (12, 10, 8, 6, 5, 4))

MISSING = told(gettext_noop("A deal of the last week came in after the run. Is it paid later?"))
BOOKED_LATE = told(gettext_noop("You are right, it was booked a day late."))
RENEWAL = told(gettext_noop("The renewal that my team signed on the last day seems to be missing."))
WIN_RATE = told(gettext_noop("The win rate looks lower than on the team page. Which deals does it count?"))
COUNTS = told(gettext_noop("It counts deals decided in the quarter; the team page shows the month."))
SALARY = told(gettext_noop("My salary was raised in the middle of the quarter. Is that in here?"))
FROM_NEXT = told(gettext_noop("The raise holds from the first of next month. Does that answer it?"))
OVERRIDE = told(gettext_noop("Two deals of my team went to the neighbouring team by mistake."))
RIGHTED = told(gettext_noop("You are right, the share is corrected with the next pay run."))
UNSIGNED = told(gettext_noop("The customer has not countersigned yet."))
SENT_BACK = told(gettext_noop("The customer sent it back."))
TWICE = told(gettext_noop("The same new customer was counted twice."))


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    """Return an hour of a day at the company."""
    return dt.datetime.combine(day, dt.time(hour), tzinfo=clock.company_zone())


def put_right(context: DemoContext, paid: FiscalPeriod) -> None:
    """Let a regional lead question a line of a paid run, agree, and have a second person approve it."""
    person = Person.objects.get(user=context.users["regional"])
    line = _lines(person).filter(run__period=paid).first()
    if line is None:
        return
    day = paid.ends_before + dt.timedelta(days=12)
    with transaction.atomic():
        dispute = services.raise_dispute(
            line_id=line.pk, text=MISSING, by=context.users["regional"], at=at(day)
        )
        dispute = services.accept_dispute(
            dispute_id=dispute.pk, amount=Decimal("240.00"), cause="missing_deal", text=BOOKED_LATE,
            by=context.users["compadmin"], at=at(day + 2 * _DAY),
        )  # fmt: skip
        services.decide_adjustment(
            adjustment_id=dispute.adjustment_id or 0, approve=True, by=context.users["executive"],
            at=at(day + 3 * _DAY),
        )  # fmt: skip


def send_back(context: DemoContext, seller_id: int, paid: FiscalPeriod) -> None:
    """Let a customer of a seller send back a middling deal that a run has paid."""
    deals = Opportunity.objects.filter(
        owner=seller_id, state="won", closed_on__gte=paid.starts_on, closed_on__lt=paid.ends_before
    )
    paid_deals = deals.order_by("base_amount", "pk")
    deal = paid_deals[(len(paid_deals) - 1) // 2] if paid_deals else None
    reason = OutcomeReason.objects.filter(kind="lost", retired_on=None).order_by("order", "pk").first()
    if deal is None or reason is None:
        return
    day = paid.ends_before + dt.timedelta(days=40)
    with transaction.atomic():
        found = pipeline.reopen(
            opportunity_id=deal.pk, version=None, on=day, reason=SENT_BACK, by=context.users["salesops"]
        )
        pipeline.lose(
            opportunity_id=found.pk, version=None, closed_on=day, today=context.today,
            reason_id=reason.pk, by=context.users["salesops"],
        )  # fmt: skip


def set_rules(context: DemoContext, newest: FiscalPeriod) -> None:
    """Set the rules around pay so that the largest deal of the newest period waits for a review."""
    day = newest.ends_before + _DAY
    last = Credit.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    factor = next((one for one in _FACTORS if large_deals(newest, last, one)), None)
    with transaction.atomic():
        services.set_policy(
            dispute_days=5, windfall_deal_factor=factor, windfall_quota_share=None,
            windfall_line_factor=None, shows_leaderboards=True, by=context.users["compadmin"], at=at(day),
        )  # fmt: skip


def around_pay(context: DemoContext) -> None:
    """Let people confirm their plans and question lines, hold a deal, reverse a line, set up a contest."""
    with clock.fixed(at(context.today)), transaction.atomic():
        _confirm(context)
        _contest(context)
        _hold(context)
        _reverse(context)
        _accrue(context)
    _disputes(context)


def _lines(person: Person) -> QuerySet[PayLine]:
    found = PayLine.objects.posted().filter(person=person, kind="earned")
    return found.exclude(component="base").order_by("-run__period__starts_on", "sequence")


def _confirm(context: DemoContext) -> None:
    user = context.users["regional"]
    for version in waiting_for(user.person.pk, context.today):
        services.confirm_plan(
            version_id=version.pk, document_hash=version.document_hash, by=user, at=at(context.today)
        )


def _disputes(context: DemoContext) -> None:
    """Leave a question open, one answered, one refused and one whose correction waits."""
    writer = context.users["compadmin"]
    for name, texts in (("regional", (RENEWAL, WIN_RATE)), ("manager", (SALARY, OVERRIDE))):
        user: User = context.users[name]
        for text, line in zip(texts, _lines(user.person), strict=False):
            days = 2 if text == RENEWAL else 8
            asked = at(context.today - days * _DAY)
            with transaction.atomic():
                dispute = services.raise_dispute(line_id=line.pk, text=text, by=user, at=asked)
                _end(dispute.pk, text, writer, asked + 2 * _DAY)


def _end(dispute_id: int, text: str, writer: User, when: dt.datetime) -> None:
    if text == WIN_RATE:
        services.refuse_dispute(dispute_id=dispute_id, cause="unclear", text=COUNTS, by=writer, at=when)
    elif text == SALARY:
        services.answer_dispute(dispute_id=dispute_id, text=FROM_NEXT, by=writer, at=when)
    elif text == OVERRIDE:
        services.accept_dispute(
            dispute_id=dispute_id, amount=Decimal("185.50"), cause="wrong_split", text=RIGHTED,
            by=writer, at=when,
        )  # fmt: skip


def _hold(context: DemoContext) -> None:
    """Hold the largest deal of the running quarter that the representative of the tour has no part in."""
    quarter = calendars.period_of(context.today, "quarter")
    rows = Credit.objects.filter(
        measure="revenue", source_type=_DEAL, credited_on__gte=quarter.starts_on, person__isnull=False
    ).exclude(person__user=context.users["rep"])
    found = rows.values("source_id").annotate(total=Sum("value")).order_by("-total", "source_id").first()
    if found is not None:
        services.place_hold(
            source_type=_DEAL, source_id=found["source_id"], reason=UNSIGNED,
            by=context.users["compadmin"], at=at(context.today),
        )  # fmt: skip


def _reverse(context: DemoContext) -> None:
    """Ask to take a bonus line back; a second person has not decided yet."""
    lines = PayLine.objects.posted().filter(component="growth_bonus", amount__gt=0, kind="earned")
    lines = lines.exclude(person__user=context.users["rep"])
    line = lines.order_by("-run__period__starts_on", "amount", "pk").first()
    if line is not None:
        services.reverse_line(
            line_id=line.pk, reason=TWICE, by=context.users["compadmin"], at=at(context.today)
        )


def _accrue(context: DemoContext) -> None:
    month = calendars.period_of(context.today, "month")
    services.make_accrual(as_of=month.starts_on - _DAY, by=context.users["compadmin"], at=at(context.today))


def _contest(context: DemoContext) -> None:
    root = org.root_unit_id(context.today)
    quarter = calendars.period_of(context.today, "quarter")
    newest = PayRun.objects.order_by("-period__starts_on", "-pk").first()
    sellers = Statement.objects.filter(run=newest).exclude(lines__component="team_override")
    people = set(sellers.values_list("person", flat=True))
    if root is None or len(people) < 2:
        return
    services.create_contest(
        name=gettext_noop("Sprint to the end of the quarter"),
        purpose=gettext_noop("The most revenue by the last day; equal figures share a place."),
        measure="revenue",
        starts_on=quarter.starts_on,
        last_day=quarter.ends_before - _DAY,
        unit_id=root,
        person_ids=people,
        prizes=[
            Prize(1, gettext_noop("Dinner with the board"), Decimal(1000)),
            Prize(2, gettext_noop("A day off")),
            Prize(3, gettext_noop("A good book")),
        ],
        minimum=None,
        by=context.users["compadmin"],
        at=at(context.today),
    )
