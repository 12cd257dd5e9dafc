"""The demo company's pipeline: a process, products, and about 1,500 deals over eighteen months."""

import datetime as dt
import random
from collections import Counter
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.effective import span
from apps.core.names import told as _
from apps.customers.models import Account
from apps.pipeline import services
from apps.pipeline.enums import ActivityKind
from apps.pipeline.models import Opportunity, OutcomeReason, Price, Product, SalesProcess, Stage
from apps.pipeline.services import OpportunityRow, RowLine

SEED = 20261
DEALS = 1_500
DAYS = 548
ACTIVITIES = 830
SUPPORTED = 70
_PRODUCTS = (
    ("NW-SP100", "Spectra 100", _("Spectrometers"), 18_500),
    ("NW-SP300", "Spectra 300", _("Spectrometers"), 46_000),
    ("NW-CH20", "Chroma 20", _("Chromatography"), 32_000),
    ("NW-CH60", "Chroma 60", _("Chromatography"), 88_000),
    ("NW-FL5", "FlowSense 5", _("Process sensors"), 6_400), ("NW-SVC", "Care plan", _("Services"), 4_800),
    ("NW-TRN", "Operator training", _("Services"), 2_400),
)  # fmt: skip
_PROCESS = _("Instrument sales")
_WON_SHARE = Decimal("0.44")
_CHANCE_BEHIND, _CHANCE_AHEAD = 0.72, 0.20
_SEASON = (0.80, 0.70, 1.25, 0.90, 0.95, 1.30, 0.85, 0.85, 1.20, 0.95, 1.05, 1.45)
# A seller writes in the language of the customer.
_STEPS = {
    "en": (
        "Send revised offer",
        "Meet procurement",
        "Reference visit",
        "Contract review",
        "Show the instrument",
    ),
    "zh": ("发送修订报价", "与采购部面谈", "安排样板客户参观", "合同评审", "安排现场演示", "确认技术参数"),
}
_SUBJECTS = {
    ActivityKind.CALL: {
        "en": ("Talked through open questions", "Followed up on the offer"),
        "zh": ("电话沟通未决问题", "电话跟进报价"),
    },
    ActivityKind.VISIT: {
        "en": ("Visited the laboratory", "Demonstrated the instrument on site"),
        "zh": ("走访实验室", "现场拜访并演示"),
    },
    ActivityKind.MEETING: {
        "en": ("Meeting with the buying team", "Meeting with the technical lead"),
        "zh": ("与采购团队开会", "与技术负责人开会"),
    },
    ActivityKind.EMAIL: {
        "en": ("Sent the offer", "Sent the technical proposal"),
        "zh": ("发送报价", "发送技术方案"),
    },
}
_SUPPORT = {"en": "Reviewed price and terms with the seller", "zh": "与销售一起评审价格与条款"}


def load(context: DemoContext) -> None:
    """Create process, products and deals once, and hand the products to the rooms above."""
    if not SalesProcess.objects.filter(code="instruments").exists():
        with transaction.atomic():
            _setup(context.today)
    if not Opportunity.objects.filter(external_id__startswith="NW-D").exists():
        dice = random.Random(SEED)  # noqa: S311  # the same company every time, not a secret
        with transaction.atomic():
            services.load_opportunities(
                _deals(context, dice), today=context.today, reason="Before this system"
            )
            _work(context, dice)
    context.products = {product.code: product for product in Product.objects.order_by("code")}


def _setup(today: dt.date) -> None:
    services.propose_process(code="instruments", name=_PROCESS)
    since = today.replace(year=today.year - 2, month=1, day=1)
    for code, name, series, price in _PRODUCTS:
        product = services.create_product(code=code, name=name, series=series)
        Price.objects.create(
            product=product, currency=settings.COMPANY_CURRENCY, amount=Decimal(price), valid=span(since)
        )


def _deals(context: DemoContext, dice: random.Random) -> list[OpportunityRow]:
    today = context.today
    stages = {stage.code: stage for stage in Stage.objects.filter(process__code="instruments")}
    reasons = list(OutcomeReason.objects.order_by("pk"))
    products = list(Product.objects.order_by("pk"))
    people = sorted({account.owner_id for account in context.accounts if account.owner_id})
    rows = []
    for n in range(DEALS):
        account = dice.choice(context.accounts)
        created = today - dt.timedelta(days=dice.randrange(DAYS))
        known = _known(context.accounts, today - created)
        account = account if account in known else known[account.pk % len(known)]
        owner = account.owner_id or dice.choice(people)
        if dice.random() > _SEASON[created.month - 1] / 1.45:
            created = min(today, created + dt.timedelta(days=dice.randrange(25)))
        rows.append(_deal(n, account, owner, created, today, dice, stages, products, people))
    return _decided(rows, dice, stages, reasons)


def _decided(
    rows: list[OpportunityRow], dice: random.Random, stages: dict[str, Stage], reasons: list[OutcomeReason]
) -> list[OpportunityRow]:
    """Let everybody win at a pace of their own, so that most sellers end near their target.

    Who is behind that pace wins the next deal more often than who is ahead of it.
    """
    closed = sorted((row.closed_on, place) for place, row in enumerate(rows) if row.closed_on is not None)
    owners = {row.owner_id for row in rows}
    first, last = closed[0][0], closed[-1][0]
    volume = sum((rows[place].amount for _day, place in closed), Decimal(0))
    daily = volume * _WON_SHARE / len(owners) / ((last - first).days + 1)
    won: Counter[int] = Counter()
    for day, place in closed:
        row = rows[place]
        due = daily * (day - first).days * (18 + row.owner_id * 5 % 9) / 22
        is_won = dice.random() < (_CHANCE_BEHIND if won[row.owner_id] < due else _CHANCE_AHEAD)
        won[row.owner_id] += int(row.amount) * is_won
        stage = stages["won" if is_won else "lost"]
        reason = dice.choice([reason for reason in reasons if reason.kind == stage.kind])
        rows[place] = row._replace(stage_id=stage.pk, reason_id=reason.pk)
    return rows


def _known(accounts: list[Account], ago: dt.timedelta) -> list[Account]:
    """Return the customers there were some time ago: a third at first, some of everybody's, all by today."""
    met: Counter[int | None] = Counter()
    order: list[tuple[int, int, Account]] = []
    for account in sorted(accounts, key=lambda account: account.pk * 7919 % 104_729):
        met[account.owner_id] += 1
        order.append((met[account.owner_id], len(order), account))
    shuffled = [account for *_place, account in sorted(order, key=lambda one: one[:2])]
    return shuffled[: max(1, round(len(shuffled) * (1 - ago.days / DAYS * 2 / 3)))]


def _deal(
    n: int,
    account: Account,
    owner: int,
    created: dt.date,
    today: dt.date,
    dice: random.Random,
    stages: dict[str, Stage],
    products: list[Product],
    people: list[int],
) -> OpportunityRow:
    chosen = dice.sample(range(len(products)), dice.choice((1, 1, 1, 2)))
    lines = [
        RowLine(products[i].pk, price * count, Decimal(count), price)
        for i in chosen
        for count, price in [
            (dice.choice((1, 1, 2, 3)), Decimal(_PRODUCTS[i][3] * dice.randrange(85, 106) // 100))
        ]
    ]
    closed = created + dt.timedelta(days=max(4, round(dice.lognormvariate(3.95, 0.55))))
    is_decided = closed <= today
    open_code = dice.choices(("qualify", "discover", "propose", "negotiate"), (4, 3, 3, 2))[0]
    stage = stages["lost" if is_decided else open_code]  # who wins is decided when all deals are known
    shares: tuple[tuple[int, Decimal], ...] = ()
    if dice.random() < 0.06:
        partner = dice.choice([person for person in people if person != owner])
        shares = ((owner, Decimal(70)), (partner, Decimal(30)))
    step = created + (min(closed, today) - created) / 2
    return OpportunityRow(
        external_id=f"NW-D{n + 1:04d}",
        name=f"{products[chosen[0]].name} · {account.name}",
        owner_id=owner,
        stage_id=stage.pk,
        amount=sum((line.amount for line in lines), Decimal(0)),
        currency=settings.COMPANY_CURRENCY,
        account_id=account.pk,
        created_on=created,
        expected_close_on=closed
        if is_decided
        else max(closed, today + dt.timedelta(days=dice.randrange(-6, 50))),
        closed_on=closed if is_decided else None,
        lines=lines,
        shares=shares,
        history=((stages["qualify"].pk, created), (stages["propose"].pk, step)) if is_decided else (),
        next_step="" if is_decided or dice.random() < 0.2 else dice.choice(_STEPS[_tongue(account)]),
        next_step_on=None if is_decided else today + dt.timedelta(days=dice.randrange(-3, 14)),
    )


def _work(context: DemoContext, dice: random.Random) -> None:
    zone = clock.company_zone()
    now = dt.datetime.combine(context.today, dt.time(18), zone)
    deals = list(
        Opportunity.objects.filter(external_id__startswith="NW-D")
        .select_related("account")
        .order_by("external_id")
    )

    for deal in dice.sample(deals, ACTIVITIES):
        kind = dice.choice(list(_SUBJECTS))
        last = deal.closed_on or context.today
        days = max(0, (last - (deal.created_on or last)).days)
        day = last - dt.timedelta(days=dice.randrange(days + 1))
        services.log_activity(
            kind=kind,
            person_id=deal.owner_id,
            subject=dice.choice(_SUBJECTS[kind][_tongue(deal.account)]),
            happened_at=min(now, dt.datetime.combine(day, dt.time(dice.randrange(9, 18)), zone)),
            at=now,
            opportunity_id=deal.pk,
            minutes=dice.choice((15, 30, 45, 60)),
        )
    _support(context, dice)
    for deal in [deal for deal in deals if deal.is_open][::4]:
        services.create_task(
            title=dice.choice(_STEPS[_tongue(deal.account)]),
            assignee_id=deal.owner_id,
            due_on=context.today + dt.timedelta(days=dice.randrange(-4, 15)),
            opportunity_id=deal.pk,
        )


def _support(context: DemoContext, dice: random.Random) -> None:
    """Sales operations look into some customer's prices and terms about every ten days."""
    zone = clock.company_zone()
    for n in range(SUPPORTED):
        day = context.today - dt.timedelta(days=n * 10 + dice.randrange(1, 10))
        account = dice.choice(context.accounts)
        services.log_activity(
            kind=ActivityKind.MEETING,
            person_id=context.people["P-HQ-OPS"].pk,
            subject=_SUPPORT[_tongue(account)],
            happened_at=dt.datetime.combine(day, dt.time(dice.randrange(9, 18)), zone),
            at=dt.datetime.combine(context.today, dt.time(18), zone),
            account_id=account.pk,
            minutes=dice.choice((30, 45, 60)),
        )


def _tongue(account: Account | None) -> str:
    return "en" if account is None or account.name.isascii() else "zh"
