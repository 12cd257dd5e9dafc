"""Setting up a contest."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.incentives.selectors.boards import comparable
from apps.incentives.services.contests import Prize
from apps.org.models import OrgUnit, Person
from apps.ui import forms as kit

PLACES = 3


class ContestForm(kit.Form):
    """A contest: who, on what, how long, for which prizes."""

    submit = _("Set up contest")

    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(
        label=_("What it is for"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    measure = forms.ChoiceField(label=_("Measure"), widget=kit.Searchable())
    starts_on = kit.DateField(label=_("First day"))
    last_day = kit.DateField(label=_("Last day"))
    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Unit"), widget=kit.Searchable())
    people = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label=_("People who take part"),
        required=False,
        widget=kit.SearchableMultiple(),
        help_text=_("Empty: every seller of the unit."),
    )
    minimum = forms.DecimalField(
        label=_("At least, to win a prize"), required=False, max_digits=18, decimal_places=2
    )

    def __init__(self, *args: Any, units: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [(one.code, one.name) for one in comparable()]  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        for place in range(1, PLACES + 1):
            self.fields[f"prize{place}"] = forms.CharField(
                label=gettext("Prize for place %(place)s") % {"place": place},
                max_length=120,
                required=place == 1,
                help_text=_("Words of recognition, a voucher, a day off."),
            )
            self.fields[f"amount{place}"] = kit.MoneyField(
                label=gettext("Money for place %(place)s") % {"place": place}, required=False
            )

    def clean(self) -> dict[str, Any]:
        """Ask for a name where there is money."""
        data = super().clean() or {}
        for place in range(2, PLACES + 1):
            if data.get(f"amount{place}") and not data.get(f"prize{place}"):
                raise ValidationError({f"prize{place}": gettext("Name the prize.")})
        return data

    def prizes(self) -> list[Prize]:
        """Return the prizes that were named."""
        found = []
        for place in range(1, PLACES + 1):
            name = self.cleaned_data.get(f"prize{place}", "").strip()
            amount: Decimal | None = self.cleaned_data.get(f"amount{place}") or None
            if name:
                found.append(Prize(place, name, amount))
        return found
