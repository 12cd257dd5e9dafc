"""What people type in a bottom-up round."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ui import forms as kit


class RoundForm(kit.Form):
    """Until when each level hands up, and what people should keep in mind."""

    note = forms.CharField(
        label=_("What to keep in mind"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    shows_proposal = forms.BooleanField(
        label=_("People see the top-down figure while they enter their own"), required=False, initial=True
    )

    submit = _("Open the round")

    def __init__(self, *args: Any, names: dict[int, str], today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.depths = sorted(names)
        for depth in reversed(self.depths):
            wait = 14 + 7 * (len(self.depths) - 1 - self.depths.index(depth))
            self.fields[f"due_{depth}"] = kit.DateField(
                label=_("%(level)s: due on") % {"level": names[depth]},
                initial=today + dt.timedelta(days=wait),
            )
        self.order_fields([f"due_{depth}" for depth in reversed(self.depths)])

    @property
    def dues(self) -> dict[int, dt.date]:
        """The due date of each level."""
        return {depth: self.cleaned_data[f"due_{depth}"] for depth in self.depths}


class FigureForm(kit.Form):
    """An own figure: the year, or every month, with a comment."""

    amount = kit.MoneyField(label=_("My figure for the year"), required=False, decimal_places=4)
    comment = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        strip=True,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    submit = _("Save")

    def __init__(self, *args: Any, months: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = len(months)
        for index, name in enumerate(months):
            self.fields[f"month_{index}"] = kit.MoneyField(label=name, required=False, decimal_places=4)

    @property
    def month_fields(self) -> list[Any]:
        """The fields of the months, for the page that sets them in a row."""
        return [self[f"month_{index}"] for index in range(self.count)]

    @property
    def months(self) -> list[Decimal]:
        """The typed months: all of them or none; an empty one beside typed ones is nothing."""
        typed = [self.cleaned_data.get(f"month_{index}") for index in range(self.count)]
        return [value or Decimal(0) for value in typed] if any(value is not None for value in typed) else []


class BlendForm(kit.Form):
    """How much the top-down figure weighs against the own figures."""

    top_down = kit.PercentField(label=_("Weight of the top-down figures, %"), initial=Decimal("0.5"))

    submit = _("Blend both")
