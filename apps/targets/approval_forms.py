"""What people type when they approve, configure the chain, or change a total."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.org.enums import UnitKind
from apps.targets.enums import Approver, Balance, Below
from apps.targets.selectors.chain import ROLES
from apps.ui import forms as kit


class StepForm(kit.Form):
    """A new step at the end of the chain."""

    who = forms.ChoiceField(label=_("Who approves"), choices=Approver.choices)
    unit_kind = forms.ChoiceField(
        label=_("Leads of every"), choices=[("", "–"), *UnitKind.choices], required=False
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[("", "–"), *((role.value, role.label) for role in ROLES)], required=False
    )

    submit = _("Add the step")


class CommentForm(kit.Form):
    """An optional sentence with an approval."""

    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    submit = pgettext_lazy("act", "Approve")


class TotalForm(kit.Form):
    """A new total and what becomes of the figures below it."""

    amount = forms.DecimalField(
        label=_("New total"),
        min_value=Decimal(0),
        max_value=Decimal("999999999999"),
        widget=kit.AmountInput(),
    )
    below = forms.ChoiceField(
        label=_("The figures below"), choices=Below.choices, initial=Below.PRORATE, widget=forms.RadioSelect
    )
    balance = forms.ChoiceField(
        label=_("Beside and above it"), choices=Balance.choices, initial=Balance.UP, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )
    due_on = kit.DateField(label=_("Answer until (when asking)"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    submit = _("Change the total")

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_amount(self) -> Decimal:
        """Read figures with thousand separators."""
        return self.cleaned_data["amount"]

    def clean_due_on(self) -> dt.date | None:
        """Refuse a day that is over."""
        day = self.cleaned_data["due_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("Choose a day from today on."))
        return day
