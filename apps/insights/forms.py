"""What the address of the team page says."""

from typing import Any

from django import forms

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod

_LARGEST = 2**63 - 1


class TeamForm(forms.Form):
    """Unit or person, period, structure and what the table lists; nonsense counts as not said."""

    unit = forms.IntegerField(required=False, min_value=1, max_value=_LARGEST)
    person = forms.IntegerField(required=False, min_value=1, max_value=_LARGEST)
    period = forms.CharField(required=False, max_length=20)
    structure = forms.ChoiceField(required=False, choices=[("as_was", ""), ("as_is", "")])
    by = forms.ChoiceField(required=False, choices=[("unit", ""), ("person", "")])

    def said(self) -> dict[str, Any]:
        """Return what was said and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


class FunnelForm(TeamForm):
    """A stage of the funnel, and whether only the deals that passed it are meant."""

    stage = forms.IntegerField(min_value=1, max_value=_LARGEST)
    passed = forms.BooleanField(required=False)


def period_from(code: str) -> FiscalPeriod | None:
    """Return the fiscal period of a code, None when there is none."""
    try:
        return calendars.period(code)
    except calendars.MissingPeriod:
        return None
