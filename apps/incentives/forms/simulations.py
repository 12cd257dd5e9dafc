"""Asking for a simulation: which periods, whose pay, how much chance."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion
from apps.org.models import OrgUnit
from apps.roles.models import SalesRole
from apps.ui import forms as kit


class SimulationForm(kit.Form):
    """Past periods to play a plan version on."""

    submit = _("Simulate")

    first = forms.ModelChoiceField(FiscalPeriod.objects.none(), label=_("From period"), empty_label=None)
    last = forms.ModelChoiceField(FiscalPeriod.objects.none(), label=_("To period"), empty_label=None)
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(),
        label=_("Payees of a unit"),
        required=False,
        widget=kit.Searchable(),
        empty_label=_("Everybody under this plan"),
        help_text=_(
            "Left empty, everybody under this plan. A new plan has nobody yet: choose a unit or a role."
        ),
    )
    role = forms.ModelChoiceField(
        SalesRole.objects.none(),
        label=_("or of a role"),
        required=False,
        widget=kit.Searchable(),
        empty_label=_("Everybody under this plan"),
    )
    budget = kit.MoneyField(label=_("Budget"), required=False)
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=1,
        max_value=2_000_000_000,
        initial=1,
        help_text=_("The same seed draws the same again."),
    )
    draws = forms.IntegerField(
        label=_("Random draws"),
        min_value=100,
        max_value=5000,
        initial=500,
        help_text=_("How often chance is played through for the range of the cost."),
    )

    def __init__(self, version: PlanVersion, today: dt.date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = version.plan_document.period
        periods = FiscalPeriod.objects.of_company().filter(kind=kind, starts_on__lte=today)
        recent = periods.order_by("-starts_on", "pk")
        for name, place in (("first", 4), ("last", 1)):
            field: Any = self.fields[name]
            field.queryset = recent
            field.label_from_instance = lambda period: period.code
            self.initial.setdefault(name, next(iter(recent[place : place + 1]), None))
        self.fields["unit"].queryset = OrgUnit.objects.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["role"].queryset = SalesRole.objects.order_by("name", "pk")  # type: ignore[attr-defined]
