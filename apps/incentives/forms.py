"""Forms of this room: the plan designer, assignments, runs and adjustments."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.calendars.models import FiscalPeriod
from apps.core.names import in_words
from apps.incentives.enums import PayFrequency
from apps.incentives.rules.document import SCHEMA
from apps.incentives.selectors.runs import payable_periods
from apps.measures.registry import measures
from apps.org.models import Person, Position
from apps.roles.models import SalesRole
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


class Figure(forms.DecimalField):
    """A number that may be left empty; thousand separators welcome."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, min_value=0, max_digits=18, decimal_places=8, widget=kit.AmountInput(), **kwargs
        )

    def to_python(self, value: Any) -> Decimal | None:
        """Read the number without its separators."""
        return super().to_python(kit.ungrouped(value))


class PlanForm(kit.Form):
    """A plan as blocks: switch on what it pays for, and fill in the figures."""

    submit = _("Save draft")

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(label=_("What it is for"), required=False, widget=forms.Textarea({"rows": 2}))
    starts_on = kit.DateField(label=_("Applies from"))
    period = forms.ChoiceField(label=_("Pays"), choices=PayFrequency.choices, initial="quarter")
    rounding = forms.ChoiceField(
        label=_("Half a cent"),
        choices=[("half_up", _("rounds up")), ("half_even", _("rounds to the even cent"))],
    )
    plan_cap = kit.MoneyField(label=_("Cap on all variable pay of a period"), required=False)
    note = forms.CharField(label=_("What changed"), max_length=300, required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput())
    as_text = forms.CharField(
        label=_("The plan as text (JSON)"),
        required=False,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
        help_text=_("If you write here, this text is used instead of the blocks above."),
    )

    def __init__(self, *args: Any, existing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if existing:
            for name in ("code", "name", "purpose", "period"):
                self.fields[name].required = False
        self.blocks = [_SALARY(self), _COMMISSION(self), _OVERRIDE(self), _KPI(self)]
        for field in self.fields.values():
            _dress(field.widget)
            field.widget.attrs.setdefault("aria-label", field.label)

    def clean_as_text(self) -> dict[str, Any] | None:
        """Read the text, if any."""
        text = self.cleaned_data["as_text"].strip()
        if not text:
            return None
        try:
            read = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
        except ValueError as error:
            raise forms.ValidationError(
                gettext("This is not JSON. Correct it near the marked place.")
            ) from error
        return _plain(read)

    def document(self) -> dict[str, Any]:
        """Return the plan document that the form describes."""
        data = self.cleaned_data
        if data.get("as_text"):
            return data["as_text"]
        components = [made for block in self.blocks if (made := block.read(data))]
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "currency": settings.COMPANY_CURRENCY,
            "period": data["period"],
            "rounding": data["rounding"],
            "components": components,
        }
        if data.get("plan_cap") is not None:
            document["cap"] = {"amount": str(data["plan_cap"])}
        return document


def _dress(widget: forms.Widget) -> None:
    """Give an input that is placed by hand the look of the kit."""
    css = "form-control"
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


class BlockFields:
    """One building block of the form: its fields, how they are shown and what they make."""

    def __init__(
        self,
        form: PlanForm,
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
    return {"annual": _text(own.get("annual")) or "0"}


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
    block.row_heads = [pgettext_lazy("amount", "From"), _("Rate %")]
    for row in range(TIER_ROWS):
        block.rows.append(
            [
                block.add(f"from{row}", Figure(label=pgettext_lazy("amount", "From")), shown=False),
                block.add(f"rate{row}", Figure(label=_("Rate %")), shown=False),
            ]
        )


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
            "from": _text(low),
            "to": _text(lows[index + 1]) if index + 1 < len(lows) else None,
            "rate": _text(rate / 100),
        }
        for index, (low, (_low, rate)) in enumerate(zip(lows, rows, strict=True))
    ]
    made: dict[str, Any] = {
        "measure": own.get("measure", ""),
        "basis": own.get("basis", ""),
        "table": {
            "kind": own.get("table", ""),
            "edge": own.get("edge") or "upper",
            "unit": own.get("unit") or "amount",
            "tiers": tiers,
        },
    }
    if own.get("cap") is not None:
        made["cap"] = {"amount": _text(own["cap"])}
    return made


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
            part = {"measure": own[f"measure{row}"], "weight": _text(own.get(f"weight{row}")) or "0"}
            if own.get(f"goal{row}") is not None:
                part["goal"] = _text(own[f"goal{row}"])
            parts.append(part)
    points = [
        [_text(own[f"x{i}"] / 100), _text(own[f"y{i}"] / 100)]
        for i in range(POINT_ROWS)
        if own.get(f"x{i}") is not None and own.get(f"y{i}") is not None
    ]
    made: dict[str, Any] = {
        "annual": _text(own.get("annual")) or "0",
        "measures": parts,
        "curve": {"points": points, "below": own.get("below"), "above": own.get("above")},
        "zero_quota": own.get("zero") or "error",
    }
    if own.get("cap") is not None:
        made["cap"] = {"amount": _text(own["cap"])}
    return made


def _text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _SALARY(form: PlanForm) -> BlockFields:
    text = _("A yearly amount in equal parts, by days in the plan.")
    return BlockFields(form, "base_salary", _("Base salary"), text, _add_salary, _make_salary)


def _COMMISSION(form: PlanForm) -> BlockFields:
    text = _("A share of what the person is credited with.")
    return BlockFields(form, "commission", _("Commission"), text, _add_table, _make_table)


def _OVERRIDE(form: PlanForm) -> BlockFields:
    text = _("A share of what the people below a lead are credited with, each deal once.")
    return BlockFields(form, "override", _("Override"), text, _add_override, _make_override)


def _KPI(form: PlanForm) -> BlockFields:
    text = _("A target bonus paid along a curve over weighted attainment.")
    return BlockFields(form, "kpi_bonus", _("KPI bonus"), text, _add_kpi, _make_kpi)


def form_values(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the form's values for a document, or None when it says more than the form can."""
    values: dict[str, Any] = {"period": document["period"], "rounding": document.get("rounding", "half_up")}
    if document.get("cap"):
        values["plan_cap"] = Decimal(document["cap"]["amount"])
    seen: set[str] = set()
    for component in document["components"]:
        kind = component["kind"]
        if kind in seen or component.get("gates") or component.get("credits", "direct") != "direct":
            return None
        seen.add(kind)
        own = _VALUES[kind](component)
        if own is None:
            return None
        values.update({f"{kind}_{name}": value for name, value in own.items()})
        values[f"{kind}_on"], values[f"{kind}_label"] = True, component["name"]
        if component.get("cap"):
            values[f"{kind}_cap"] = Decimal(component["cap"]["amount"])
    return values


def _salary_values(component: Mapping[str, Any]) -> dict[str, Any]:
    return {"annual": Decimal(component["annual"])}


def _table_values(component: Mapping[str, Any]) -> dict[str, Any] | None:
    table = component["table"]
    if len(table["tiers"]) > TIER_ROWS:
        return None
    factor = 100 if table.get("unit") == "quota" else 1
    values: dict[str, Any] = {
        "measure": component["measure"],
        "basis": component["basis"],
        "table": table["kind"],
        "unit": table.get("unit", "amount"),
        "edge": table.get("edge", "upper"),
    }
    for row, tier in enumerate(table["tiers"]):
        values[f"from{row}"] = _text(Decimal(tier["from"]) * factor)
        values[f"rate{row}"] = _text(Decimal(tier["rate"]) * 100)
    levels = component.get("levels") or {}
    if levels:
        values["low"], values["high"] = levels.get("from", 1), levels.get("to")
    return values


def _kpi_values(component: Mapping[str, Any]) -> dict[str, Any] | None:
    curve = component["curve"]
    if len(component["measures"]) > KPI_ROWS or len(curve["points"]) > POINT_ROWS:
        return None
    values: dict[str, Any] = {
        "annual": Decimal(component["annual"]),
        "zero": component.get("zero_quota", "error"),
        "below": curve["below"],
        "above": curve["above"],
    }
    for row, part in enumerate(component["measures"]):
        values[f"measure{row}"], values[f"weight{row}"] = part["measure"], part["weight"]
        values[f"goal{row}"] = part.get("goal")
    for row, (x, y) in enumerate(curve["points"]):
        values[f"x{row}"], values[f"y{row}"] = _text(Decimal(x) * 100), _text(Decimal(y) * 100)
    return values


_VALUES: dict[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    "base_salary": _salary_values,
    "commission": _table_values,
    "override": _table_values,
    "kpi_bonus": _kpi_values,
}


class AssignForm(kit.Form):
    """Who is under a plan, from when on."""

    submit = _("Assign plan")

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Person"), required=False, widget=kit.Searchable()
    )
    position = forms.ModelChoiceField(
        Position.objects.none(), label=_("or whoever holds"), required=False, widget=kit.Searchable()
    )
    role = forms.ModelChoiceField(
        SalesRole.objects.none(), label=_("or everybody in the role"), required=False, widget=kit.Searchable()
    )
    starts_on = kit.DateField(label=_("From"))
    ends_before = kit.DateField(label=_("Until before"), required=False)
    annual_salary = kit.MoneyField(label=_("Yearly salary, if not the plan's"), required=False)
    annual_bonus = kit.MoneyField(label=_("Yearly target bonus, if not the plan's"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("person", Person.objects.order_by("name", "pk")),
            ("position", Position.objects.order_by("title", "code")),
            ("role", SalesRole.objects.order_by("name", "pk")),
        ):
            field = self.fields[name]
            field.queryset = rows  # type: ignore[attr-defined]  # a ModelChoiceField
            field.label_from_instance = _place_label  # type: ignore[attr-defined]


def _place_label(row: Any) -> str:
    """A person, seat or role as the choice names it."""
    return in_words(row.name) if hasattr(row, "name") else f"{in_words(row.title)} ({row.code})"


class RunForm(kit.Form):
    """The period of a new run: one that some approved plan has not paid yet."""

    submit = _("Create pay run")

    period = forms.ModelChoiceField(
        FiscalPeriod.objects.none(), label=_("Period"), empty_label=_("Choose a period")
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].queryset = payable_periods(today)  # type: ignore[attr-defined]
        self.fields["period"].label_from_instance = lambda row: _period_label(row, today)  # type: ignore[attr-defined]
        _dress(self.fields["period"].widget)


def _period_label(period: FiscalPeriod, today: dt.date) -> str:
    is_over = period.ends_before <= today
    return period.code if is_over else gettext("%(period)s, not over yet") % {"period": period.code}


class ReasonForm(kit.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))


class AdjustmentForm(ReasonForm):
    """A correction of somebody's pay."""

    submit = _("Ask for adjustment")

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Payee"), widget=kit.Searchable())
    amount = kit.MoneyField(label=_("Amount, negative to take back"), min_value=-(10**12))
    field_order = ["person", "amount", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]
