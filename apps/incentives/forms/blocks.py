"""The building blocks of the plan designer: the fields of each, and the component they make."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from apps.incentives.forms.fields import Figure, plain_text
from apps.measures.registry import measures
from apps.ui import forms as kit

TIER_ROWS = 5
KPI_ROWS = 3
POINT_ROWS = 5
BASES = [
    ("transaction", _("Each deal by itself")),
    ("period", _("The pay period together")),
    ("quarter_to_date", _("The quarter to date")),
    ("year_to_date", _("The year to date")),
]
ENDS = [("zero", _("Pays nothing")), ("hold", _("Stays level")), ("extend", _("Goes on along the line"))]


def _ledger_measures() -> list[tuple[str, Any]]:
    return [
        (measure.code, measure.name)
        for measure in measures.values()
        if measure.source == "ledger" and measure.kind in {"money", "count"}
    ]


def _all_measures() -> list[tuple[str, Any]]:
    return [("", "–"), *((measure.code, measure.name) for measure in measures.values())]


class BlockFields:
    """One building block of the form: its fields, how they are shown and what they make."""

    def __init__(
        self,
        form: kit.Form,
        kind: str,
        title: Any,
        text: Any,
        add: Callable[["BlockFields"], None],
        make: Callable[[dict[str, Any], "BlockFields"], dict[str, Any]],
    ) -> None:
        self.form, self.kind, self.title, self.text, self._make = form, kind, title, text, make
        self.names: list[str] = []
        self.rows: list[list[str]] = []
        self.row_heads: list[Any] = []
        self.part_rows: list[list[str]] = []
        self.part_heads: list[Any] = []
        self.add("on", forms.BooleanField(required=False, label=title), shown=False)
        self.add("label", forms.CharField(label=_("Name on the statement"), max_length=80, required=False))
        add(self)

    def add(self, name: str, field: forms.Field, *, shown: bool = True) -> str:
        """Add a field under this block's prefix."""
        full = f"{self.kind}_{name}"
        self.form.fields[full] = field
        if shown:
            self.names.append(full)
        return full

    @property
    def switch(self) -> Any:
        """The field that switches the block on."""
        return self.form[f"{self.kind}_on"]

    @property
    def is_on(self) -> bool:
        """Whether the block is part of the plan."""
        return bool(self.switch.value())

    @property
    def fields(self) -> list[Any]:
        """The single fields."""
        return [self.form[name] for name in self.names]

    @property
    def table(self) -> list[list[Any]]:
        """The rows of fields."""
        return [[self.form[name] for name in row] for row in self.rows]

    @property
    def parts(self) -> list[list[Any]]:
        """The rows of weighted measures."""
        return [[self.form[name] for name in row] for row in self.part_rows]

    def read(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the component, or None when the block is switched off."""
        if not data.get(f"{self.kind}_on"):
            return None
        own = {
            name.removeprefix(f"{self.kind}_"): value
            for name, value in data.items()
            if name.startswith(f"{self.kind}_")
        }
        made = self._make(own, self)
        return {
            "kind": self.kind,
            "code": self.kind,
            "name": own.get("label") or self._proposed_name(),
            **made,
        }

    def _proposed_name(self) -> str:
        """Return the block's title as it is stored, so that everybody reads it in their language."""
        with override("en"):
            return str(self.title)


def _add_salary(block: BlockFields) -> None:
    block.add(
        "annual", kit.MoneyField(label=_("Per year, unless the assignment says otherwise"), required=False)
    )


def _make_salary(own: dict[str, Any], block: BlockFields) -> dict[str, Any]:
    return {"annual": plain_text(own.get("annual")) or "0"}


def _add_table(block: BlockFields) -> None:
    block.add("measure", forms.ChoiceField(label=_("Paid on"), choices=_ledger_measures, required=False))
    block.add(
        "basis", forms.ChoiceField(label=_("Looking at"), choices=BASES, initial="period", required=False)
    )
    kinds = [
        ("marginal", _("Each part at its own tier's rate")),
        ("retroactive", _("Reached tier's rate on everything")),
    ]
    block.add("table", forms.ChoiceField(label=_("Tiers"), choices=kinds, required=False))
    units = [("amount", _("Amounts")), ("quota", _("Percent of quota"))]
    block.add("unit", forms.ChoiceField(label=_("Edges are"), choices=units, required=False))
    edges = [("upper", _("the upper tier")), ("lower", _("the lower tier"))]
    block.add("edge", forms.ChoiceField(label=_("An exact edge belongs to"), choices=edges, required=False))
    block.add("cap", kit.MoneyField(label=_("Cap per period"), required=False))
    block.row_heads = [pgettext_lazy("amount", "From"), _("Rate %, or amount per unit")]
    for row in range(TIER_ROWS):
        block.rows.append(
            [
                block.add(f"from{row}", Figure(label=pgettext_lazy("amount", "From")), shown=False),
                block.add(f"rate{row}", Figure(label=_("Rate %")), shown=False),
            ]
        )


def _pays(own: dict[str, Any]) -> str:
    """Return what the figure of a tier is: an amount per unit for a count, otherwise a rate."""
    measure = measures.get(own["measure"]) if own.get("measure") in measures else None
    return "per_unit" if measure is not None and measure.kind == "count" else "rate"


def _make_table(own: dict[str, Any], block: BlockFields) -> dict[str, Any]:
    is_quota = own.get("unit") == "quota"
    rows = [
        (own.get(f"from{i}") or Decimal(0), own[f"rate{i}"])
        for i in range(TIER_ROWS)
        if own.get(f"rate{i}") is not None
    ]
    lows = [low / 100 if is_quota else low for low, _rate in rows]
    tiers = [
        {
            "from": plain_text(low),
            **({"to": plain_text(lows[index + 1])} if index + 1 < len(lows) else {}),
            _pays(own): plain_text(rate) if _pays(own) == "per_unit" else plain_text(rate / 100),
        }
        for index, (low, (_low, rate)) in enumerate(zip(lows, rows, strict=True))
    ]
    basis = own.get("basis", "")
    is_single = basis == "transaction"
    of = "period" if basis in {"", "transaction", "period"} else "cumulative"
    table: dict[str, Any] = {
        "kind": "per_transaction" if is_single else own.get("table", ""),
        "edge": own.get("edge") or "upper",
        "unit": {"kind": "quota", "of": of} if is_quota else {"kind": "amount"},
        "tiers": tiers,
    }
    if is_single:
        table["inner"] = own.get("table", "")
    made: dict[str, Any] = {"measure": own.get("measure", ""), "basis": basis, "table": table}
    if own.get("cap") is not None:
        made["cap"] = cap_of(own["cap"])
    return made


def cap_of(amount: Decimal) -> dict[str, Any]:
    """Return a cap of an amount; what lies above is forfeited."""
    return {"limit": {"kind": "amount", "amount": plain_text(amount)}, "excess": {"kind": "forfeit"}}


def _add_override(block: BlockFields) -> None:
    _add_table(block)
    block.add(
        "low", forms.IntegerField(label=_("From level"), min_value=1, max_value=20, initial=1, required=False)
    )
    block.add("high", forms.IntegerField(label=_("To level"), min_value=1, max_value=20, required=False))


def _make_override(own: dict[str, Any], block: BlockFields) -> dict[str, Any]:
    made = _make_table(own, block)
    levels: dict[str, Any] = {"from": own.get("low") or 1}
    if own.get("high"):
        levels["to"] = own["high"]
    return {**made, "levels": levels}


def _add_kpi(block: BlockFields) -> None:
    block.add("annual", kit.MoneyField(label=_("Target bonus per year"), required=False))
    block.part_heads = [_("Measure"), _("Weight %"), _("Goal, if not the target")]
    for row in range(KPI_ROWS):
        measure = forms.ChoiceField(label=_("Measure"), choices=_all_measures, required=False)
        block.part_rows.append(
            [
                block.add(f"measure{row}", measure, shown=False),
                block.add(f"weight{row}", Figure(label=_("Weight %")), shown=False),
                block.add(f"goal{row}", Figure(label=_("Goal, if not the target")), shown=False),
            ]
        )
    zero = [
        ("error", _("is an exception")),
        ("full", _("counts as reached")),
        ("skip", _("leaves the measure out")),
    ]
    block.add("zero", forms.ChoiceField(label=_("A missing target"), choices=zero, required=False))
    block.add("below", forms.ChoiceField(label=_("Below the first point"), choices=ENDS, required=False))
    block.add(
        "above",
        forms.ChoiceField(label=_("Above the last point"), choices=ENDS, initial="hold", required=False),
    )
    block.add("cap", kit.MoneyField(label=_("Cap per period"), required=False))
    block.row_heads = [_("Attainment %"), _("Pays %")]
    for row in range(POINT_ROWS):
        block.rows.append(
            [
                block.add(f"x{row}", Figure(label=_("Attainment %")), shown=False),
                block.add(f"y{row}", Figure(label=_("Pays %")), shown=False),
            ]
        )


def _make_kpi(own: dict[str, Any], block: BlockFields) -> dict[str, Any]:
    parts = []
    for row in range(KPI_ROWS):
        if own.get(f"measure{row}"):
            part = {"measure": own[f"measure{row}"], "weight": plain_text(own.get(f"weight{row}")) or "0"}
            if own.get(f"goal{row}") is not None:
                part["goal"] = plain_text(own[f"goal{row}"])
            parts.append(part)
    points = [
        {"at": plain_text(own[f"x{i}"] / 100), "pays": plain_text(own[f"y{i}"] / 100)}
        for i in range(POINT_ROWS)
        if own.get(f"x{i}") is not None and own.get(f"y{i}") is not None
    ]
    made: dict[str, Any] = {
        "annual": plain_text(own.get("annual")) or "0",
        "measures": parts,
        "curve": {
            "kind": "curve",
            "pays": "share",
            "points": points,
            "below": own.get("below"),
            "above": own.get("above"),
        },
        "zero_quota": own.get("zero") or "error",
    }
    if own.get("cap") is not None:
        made["cap"] = cap_of(own["cap"])
    return made


def salary_block(form: kit.Form) -> BlockFields:
    text = _("A yearly amount in equal parts, by days in the plan.")
    return BlockFields(form, "base_salary", _("Base salary"), text, _add_salary, _make_salary)


def commission_block(form: kit.Form) -> BlockFields:
    text = _("A share of what the person is credited with.")
    return BlockFields(form, "commission", _("Commission"), text, _add_table, _make_table)


def override_block(form: kit.Form) -> BlockFields:
    text = _("A share of what the people below a lead are credited with, each deal once.")
    return BlockFields(form, "override", _("Override"), text, _add_override, _make_override)


def kpi_block(form: kit.Form) -> BlockFields:
    text = _("A target bonus paid along a curve over weighted attainment.")
    return BlockFields(form, "kpi_bonus", _("KPI bonus"), text, _add_kpi, _make_kpi)
