"""The demo company's customers: about 120 companies, their families, people and answers."""

import datetime as dt
import random
from decimal import Decimal

from django.db import transaction

from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.customers import services
from apps.customers.enums import BuyingRole, SurveyChannel
from apps.customers.models import Account, Contact
from apps.customers.services import AccountRow
from apps.org.models import Person

SEED = 20260
_CHINESE = (
    "明远生物", "启航精密", "恒瑞检测", "华芯半导体", "东海药业", "瑞和新材料", "国科仪器", "天润食品",
    "安康医疗", "联创光电", "中原环保", "锦程化工", "新纪元能源", "宏达汽车零部件", "青山水务",
)  # fmt: skip
_CITIES = {
    "SHA": ("上海", "苏州", "无锡"), "NKG": ("南京", "扬州", "常州"), "HGH": ("杭州", "宁波", "绍兴"),
    "SZX": ("深圳", "广州", "东莞"), "WUH": ("武汉", "长沙", "襄阳"), "CTU": ("成都", "重庆", "绵阳"),
    "MUC": (_("Munich"), _("Stuttgart"), _("Vienna")), "LON": (_("London"), _("Cambridge"), _("Leeds")),
    "SIN": (_("Singapore"), _("Penang"), _("Jakarta")),
}  # fmt: skip
_FOREIGN = (
    "Alder Biotech", "Harbour Analytics", "Keystone Foods", "Meridian Pharma", "Northgate Water",
    "Orchard Diagnostics", "Pinnacle Polymers", "Quarry Chemicals", "Redwood Optics", "Silverline Motors",
    "Tidewater Energy", "Umber Coatings", "Verity Labs", "Whitfield Steel", "Yarrow Nutrition",
)  # fmt: skip
_HOME = _("China")
_COUNTRIES = {"MUC": _("Germany"), "LON": _("United Kingdom"), "SIN": _("Singapore")}
_SECTORS = (
    _("Pharma"),
    _("Semiconductors"),
    _("Food"),
    _("Environment"),
    _("Chemicals"),
    _("Automotive"),
    _("Research"),
)
_NAMES = {
    "en": ("Anna Weiss", "Tom Baker", "Farah Idris", "Claire Dubois", "Henrik Olsen", "Priya Menon"),
    "zh": ("陈思远", "李静怡", "王海涛", "张雅文", "刘志远", "杨帆"),
}
_TITLES = (
    (_("Laboratory manager"), BuyingRole.USER), (_("Head of procurement"), BuyingRole.BUYER),
    (_("Technical director"), BuyingRole.DECIDER), (_("Quality manager"), BuyingRole.INFLUENCER),
)  # fmt: skip
_COMMENTS = {
    "en": (
        "Delivery kept its date.", "Training of our staff was excellent.", "Spare parts took too long.",
        "Documentation should be clearer.", "",
    ),
    "zh": ("交货准时。", "操作培训很到位。", "售后响应很快。", "备件等待时间太长。", "安装调试顺利。", ""),
}  # fmt: skip


def load(context: DemoContext) -> None:
    """Create accounts, contacts and answers once, and hand the accounts to the rooms above."""
    if not Account.objects.filter(external_id__startswith="NW-A").exists():
        with transaction.atomic():
            _create(context, random.Random(SEED))  # noqa: S311  # the same company every time, not a secret
    context.accounts = list(Account.objects.filter(external_id__startswith="NW-A").order_by("external_id"))


def _create(context: DemoContext, dice: random.Random) -> None:
    services.load_accounts(_rows(context, dice))
    for account in Account.objects.filter(external_id__startswith="NW-A").order_by("external_id"):
        for n in range(dice.choice((1, 2, 2, 3))):
            title, role = _TITLES[(account.pk + n) % len(_TITLES)]
            services.create_contact(
                account_id=account.pk,
                name=dice.choice(_NAMES[_tongue(account)]),
                title=title,
                buying_role=role,
                email=f"contact{n}@{account.external_id.lower()}.example",
                phone=f"+86 21 5550 {dice.randrange(1000, 9999)}",
            )
        if dice.random() < 0.75:
            _answers(account, context.today, dice)


def _answers(account: Account, today: dt.date, dice: random.Random) -> None:
    contact = Contact.objects.filter(account=account).order_by("pk").first()
    for _round in range(dice.choice((1, 2, 3))):
        services.record_satisfaction(
            account_id=account.pk,
            score=dice.choices((1, 2, 3, 4, 5), (2, 5, 16, 45, 32))[0],
            responded_on=today - dt.timedelta(days=dice.randrange(3, 500)),
            today=today,
            contact_id=contact.pk if contact else None,
            channel=dice.choice((SurveyChannel.SURVEY, SurveyChannel.CALL, SurveyChannel.VISIT)),
            comment=dice.choice(_COMMENTS[_tongue(account)]),
        )


def _tongue(account: Account) -> str:
    return "en" if account.name.isascii() else "zh"


def _rows(context: DemoContext, dice: random.Random) -> list[AccountRow]:
    rows: list[AccountRow] = []
    for team, cities in _CITIES.items():
        sellers = [
            person
            for code, person in sorted(context.people.items())
            if code.startswith(f"P-{team}-") and isinstance(person, Person)
        ]
        is_abroad = cities[0].isascii()
        for n in range(13 if team in {"SHA", "SZX", "MUC"} else 14):
            base = (_FOREIGN if is_abroad else _CHINESE)[n % 15]
            city = cities[n % len(cities)]
            code = f"NW-A{len(rows) + 1:03d}"
            rows.append(
                AccountRow(
                    external_id=code,
                    name=f"{base} {city}" if is_abroad else f"{city}{base}有限公司",
                    parent_external_id=rows[-3].external_id if n in {6, 9, 12} else "",
                    # Books of about the same size, so that everybody has quarters to speak of.
                    owner_id=sellers[n % len(sellers)].pk if sellers else None,
                    sector=_SECTORS[(n + len(rows)) % len(_SECTORS)],
                    country=_COUNTRIES.get(team, _HOME),
                    city=city,
                    employees=dice.randrange(60, 4000),
                    annual_revenue=Decimal(dice.randrange(4, 900)) * 1_000_000,
                    founded=dice.randrange(1958, 2018),
                )
            )
    return rows
