"""The kit page: every part of a page once, with example data that is nobody's."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.ui import charts, formatting
from apps.ui import forms as kit_forms
from apps.ui.tables import Choice, Column, DateRange, Empty, Multi, Table
from apps.ui.tables import respond as answer

_DAY = dt.date(2026, 3, 31)


@dataclass(frozen=True)
class Example:
    """A row of the example table."""

    pk: int
    name: str
    account: str
    owner: str
    stage: str
    amount: Decimal
    currency: str
    chance: Decimal
    closes_on: dt.date | None


_ROWS = [
    Example(
        1,
        "Spectrometer line, plant 2",
        "Harbour Analytics",
        "Grace Lindqvist",
        "negotiation",
        Decimal("482500.00"),
        "USD",
        Decimal("0.75"),
        dt.date(2026, 4, 18),
    ),
    Example(
        2,
        "光谱仪二期扩容",
        "苏州明远生物",
        "陈思远",
        "proposal",
        Decimal("1268000.00"),
        "CNY",
        Decimal("0.50"),
        dt.date(2026, 5, 9),
    ),
    Example(
        3,
        "Calibration contract 2026",
        "Ostrava Steelworks",
        "Tomáš Novák",
        "won",
        Decimal("96400.50"),
        "EUR",
        Decimal("1"),
        dt.date(2026, 3, 27),
    ),
    Example(
        4,
        "Lab refit",
        "Fernhill University Hospital and Research Trust",
        "Amara Okafor",
        "discovery",
        Decimal("231000.00"),
        "GBP",
        Decimal("0.20"),
        None,
    ),
    Example(
        5,
        "检测设备年度框架",
        "深圳华测精密仪器股份有限公司",
        "王芳",
        "negotiation",
        Decimal("3405000.00"),
        "CNY",
        Decimal("0.75"),
        dt.date(2026, 4, 30),
    ),
    Example(
        6,
        "Sensor replacement",
        "Blue Mesa Mining",
        "Diego Ramírez",
        "lost",
        Decimal("54000.00"),
        "USD",
        Decimal("0"),
        dt.date(2026, 2, 14),
    ),
]
_TONES = {"discovery": "muted", "proposal": "info", "negotiation": "warn", "won": "good", "lost": "bad"}


def _stages() -> list[tuple[str, str]]:
    return [
        ("discovery", _("Discovery")),
        ("proposal", _("Proposal")),
        ("negotiation", _("Negotiation")),
        ("won", _("Won")),
        ("lost", _("Lost")),
    ]


class ExampleTable(Table):
    """Shows columns, filters and both phone roles."""

    key = "ui.kit"
    title = gettext_lazy("Example deals")
    columns = [
        Column("name", gettext_lazy("Deal"), sort=True, href=lambda row: "#", phone="title"),
        Column("account", gettext_lazy("Account"), sort=True, phone="subtitle"),
        Column("owner", gettext_lazy("Owner"), kind="person", sort=True),
        Column(
            "stage",
            gettext_lazy("Stage"),
            kind="badge",
            value=lambda row: dict(_stages())[row.stage],
            tone=lambda row: _TONES[row.stage],
        ),
        Column("amount", gettext_lazy("Amount"), kind="money", currency="currency", sort=True),
        Column("chance", gettext_lazy("Chance"), kind="percent", places=0, sort=True),
        Column("closes_on", gettext_lazy("Expected close"), kind="date", sort=True),
    ]
    filters = [
        Choice("stage", gettext_lazy("Stage"), options=_stages, quick=True),
        Multi("currency", gettext_lazy("Currency"), options=[("USD", "USD"), ("CNY", "CNY"), ("EUR", "EUR")]),
        DateRange("closes_on", gettext_lazy("Expected close")),
    ]
    search = ["name", "account"]
    default_sort = "-amount"
    exportable = True
    empty = Empty(
        gettext_lazy("No deals yet"),
        gettext_lazy("Create the first one, or import your deals from a file."),
        gettext_lazy("Create deal"),
        "#",
    )


class ExampleForm(kit_forms.Form):
    """Shows every kind of field."""

    submit = gettext_lazy("Approve plan")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    amount = kit_forms.MoneyField(label=gettext_lazy("Amount"), currency="USD")
    share = kit_forms.PercentField(label=gettext_lazy("Chance"), required=False)
    closes_on = kit_forms.DateField(
        label=gettext_lazy("Expected close"), help_text=gettext_lazy("The day you expect the signature.")
    )
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=_stages, widget=kit_forms.Searchable())


def respond(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Answer with the kit page, its table alone, or the example form in the side sheet."""
    return answer(request, ExampleTable(request, _ROWS), "ui/kit.html", _context())


def _context() -> dict[str, Any]:
    faulty = ExampleForm({"name": "", "amount": "-5", "closes_on": "2026-02-30", "stage": "won"})
    return {
        "form": ExampleForm(
            initial={"name": "Lab refit", "amount": Decimal("231000.00"), "stage": "proposal"}
        ),
        "faulty": faulty,
        "charts": _charts(),
        "stats": _stats(),
        "attainment": Decimal("0.873"),
        "expected": Decimal("0.91"),
        "no_rows": ExampleTableEmpty,
        "tabs": [
            {"label": _("Overview"), "url": "#", "active": True, "count": ""},
            {"label": _("Deals"), "url": "#", "active": False, "count": 128},
            {"label": _("Activities"), "url": "#", "active": False, "count": 12},
        ],
        "timeline": _timeline(),
        "crumbs": [(_("Home"), "/"), (_("Kit"), "")],
        "actions": [
            {
                "label": _("Create deal"),
                "url": "/ui/shortcuts/",
                "icon": "plus",
                "primary": True,
                "sheet": True,
            },
            {"label": _("Import"), "url": "#", "icon": "upload"},
        ],
        "badges": [(label, _TONES[code]) for code, label in _stages()],
    }


class ExampleTableEmpty(ExampleTable):
    """The same without rows."""

    key = "ui.kit.empty"


def _stats() -> list[dict[str, Any]]:
    series = [Decimal(one) for one in (12, 18, 15, 22, 27, 24, 31, 36)]
    return [
        {
            "label": _("Revenue booked"),
            "value": formatting.money(Decimal("1284550.75"), "USD"),
            "delta": Decimal("0.124"),
            "spark": series,
            "note": _("against last quarter"),
        },
        {
            "label": _("Win rate"),
            "value": formatting.percent(Decimal("0.6315")),
            "delta": Decimal("-0.021"),
            "spark": series[::-1],
            "note": _("%(won)s of %(decided)s decided") % {"won": 84, "decided": 133},
        },
        {
            "label": _("Open pipeline"),
            "value": formatting.money(Decimal("7420000"), "USD", short=True),
            "delta": Decimal("0"),
            "spark": [],
            "note": _("128 deals"),
        },
        {
            "label": _("Satisfaction"),
            "value": formatting.percent(None),
            "delta": "",
            "spark": [],
            "note": _("no answers yet"),
        },
    ]


def _timeline() -> list[dict[str, Any]]:
    at = dt.datetime(2026, 3, 27, 9, 30, tzinfo=dt.UTC)
    return [
        {
            "title": _("Deal won"),
            "at": at,
            "text": _("Signed by both sides."),
            "who": "Tomáš Novák",
            "icon": "trophy",
            "tone": "good",
        },
        {
            "title": _("Visit"),
            "at": at - dt.timedelta(days=4),
            "text": "",
            "who": "陈思远",
            "icon": "map-pin",
            "tone": "accent",
        },
        {
            "title": _("Close date moved later"),
            "at": at - dt.timedelta(days=9),
            "text": "",
            "who": "",
            "icon": "clock",
            "tone": "warn",
        },
    ]


_BOOKED = [Decimal(one) * 10_000 for one in (42, 55, 61, 58, 74, 69, 83, 90)]
_DUE = [Decimal(one) * 10_000 for one in (45, 52, 58, 64, 70, 76, 82, 88)]


def _charts() -> list[charts.Chart]:
    months = [formatting.month(dt.date(2026, month, 1)) for month in range(1, 9)]
    booked, due = _BOOKED, _DUE
    band = ([one * Decimal("0.85") for one in due], [one * Decimal("1.15") for one in due])
    money: dict[str, Any] = {"format": "money", "currency": "USD"}
    return [
        charts.line(
            _("Booked and expected"),
            months,
            [
                charts.Series(_("Booked"), booked, area=True),
                charts.Series(_("Expected"), due, tone="muted", dashed=True),
            ],
            band=band,
            band_name=_("Usual range"),
            **money,
        ),
        charts.bar(
            _("Booked by team"),
            months[:5],
            [
                charts.Series(_("East"), booked[:5]),
                charts.Series(_("Central"), due[:5]),
                charts.Series(_("West"), booked[3:8]),
            ],
            stacked=True,
            **money,
        ),
        charts.funnel(
            _("Funnel"),
            [
                (label, value)
                for (_code, label), value in zip(_stages()[:4], (420, 260, 140, 84), strict=True)
            ],
        ),
        charts.bridge(
            _("Pipeline change"),
            (_("Start"), 620),
            [(_("New"), 240), (_("Grown"), 60), (_("Won"), -180), (_("Lost"), -95)],
            _("Now"),
        ),
        charts.scatter(
            _("Activity and attainment"),
            [
                ("王芳", 42, Decimal("1.12")),
                ("Grace Lindqvist", 28, Decimal("0.84")),
                ("Diego Ramírez", 35, Decimal("0.97")),
                ("Amara Okafor", 51, Decimal("1.21")),
            ],
            _("Activities"),
            _("Attainment"),
            format="percent",
        ),
        charts.payout_curve(
            _("Pay over attainment"),
            [(0, 0), (Decimal("0.7"), 0), (Decimal("0.7"), 2000), (1, 5000), (Decimal("1.5"), 12500)],
            here=(Decimal("0.873"), 3730),
            currency="USD",
        ),
    ]
