"""The plan designer and who is under a plan."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.names import in_words
from apps.incentives.enums import PayFrequency
from apps.incentives.forms.blocks import cap_of, commission_block, kpi_block, override_block, salary_block
from apps.incentives.forms.fields import dress
from apps.incentives.rules.plan.document import SCHEMA
from apps.org.models import Person, Position
from apps.roles.models import SalesRole
from apps.ui import forms as kit


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
        self.blocks = [salary_block(self), commission_block(self), override_block(self), kpi_block(self)]
        for field in self.fields.values():
            dress(field.widget)
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
            document["cap"] = cap_of(data["plan_cap"])
        return document


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


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
