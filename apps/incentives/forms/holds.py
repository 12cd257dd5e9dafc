"""Holding a deal's pay back, releasing it, and the company's rules around pay."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.org.models import Person
from apps.pipeline.models import Opportunity
from apps.ui import forms as kit


class HoldForm(kit.Form):
    """A deal whose pay waits."""

    submit = _("Hold pay")

    deal = forms.ModelChoiceField(
        Opportunity.objects.none(), label=_("Deal"), widget=kit.Autocomplete("pay-deals")
    )
    person = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("For one payee only"),
        required=False,
        widget=kit.Autocomplete("org.people"),
        empty_label=_("For everybody it pays"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deal"].queryset = Opportunity.objects.all()  # type: ignore[attr-defined]
        self.fields["person"].queryset = Person.objects.order_by("name", "pk")  # type: ignore[attr-defined]


class ReleaseForm(kit.Form):
    """What a review found."""

    submit = _("Release")

    note = forms.CharField(
        label=_("What the review found"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )


class PolicyForm(kit.Form):
    """The company's rules around pay."""

    dispute_days = forms.IntegerField(label=_("Working days to answer a dispute"), min_value=1, max_value=60)
    windfall_deal_factor = forms.DecimalField(
        label=_("Hold deals of at least so many times the median deal"),
        required=False,
        min_value=Decimal(1),
        max_digits=8,
        decimal_places=2,
        help_text=_("Measured against the deals of the year before, from twenty on. Empty: never."),
    )
    windfall_quota_share = kit.PercentField(
        label=_("Hold a deal that makes at least such a share of somebody's target"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(1000),
        help_text=_("Of the revenue target of the period. Empty: never."),
    )
    windfall_line_factor = forms.DecimalField(
        label=_("Hold what lifts a line above so many times the median line"),
        required=False,
        min_value=Decimal(1),
        max_digits=8,
        decimal_places=2,
        help_text=_("Measured against the same component in the runs of the year before. Empty: never."),
    )
    shows_leaderboards = forms.BooleanField(label=_("Show leaderboards"), required=False)
