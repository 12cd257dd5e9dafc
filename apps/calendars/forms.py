"""Input of the calendar pages."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.calendars.rules import FIRST_YEAR, LAST_YEAR
from apps.core import days
from apps.core.errors import DomainError


class InvalidInput(DomainError):
    """A field does not hold what it should."""


class CheckedForm(forms.Form):
    """A form whose first problem is a refusal naming the field."""

    def checked(self) -> dict[str, Any]:
        """Return the cleaned values. Raises InvalidInput."""
        if not self.is_valid():
            name, problems = next(iter(self.errors.items()))
            label = self.fields[name].label or name if name in self.fields else ""
            text = f"{label}: {problems[0]}" if label else str(problems[0])
            raise InvalidInput(text, fields={key: value[0] for key, value in self.errors.items()})
        return self.cleaned_data


class YearForm(CheckedForm):
    """A fiscal year."""

    year = forms.IntegerField(label=gettext_lazy("Fiscal year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)


class ReasonForm(CheckedForm):
    """Why a period is to be reopened."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, min_length=5)


class DayForm(CheckedForm):
    """Whether a day is worked."""

    day = forms.DateField(label=gettext_lazy("Day"), validators=[days.check_plausible])
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[("work", ""), ("off", ""), ("usual", "")])
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)


class RateForm(CheckedForm):
    """An exchange rate."""

    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3)
    on = forms.DateField(label=gettext_lazy("From"), validators=[days.check_plausible])
    rate = forms.DecimalField(label=gettext_lazy("Exchange rate"), max_digits=18, decimal_places=8)

    def clean_on(self) -> dt.date:
        """Refuse days nobody books on."""
        day: dt.date = self.cleaned_data["on"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(
                _("The day must lie between the years %(first)d and %(last)d.")
                % {"first": FIRST_YEAR, "last": LAST_YEAR}
            )
        return day


class MonthForm(forms.Form):
    """Which month of which working calendar to show; nonsense falls back to the present one."""

    calendar = forms.SlugField(required=False)
    month = forms.RegexField(r"^(19[7-9]\d|20\d\d|2100)-(0[1-9]|1[0-2])$", required=False)

    def first_day(self, today: dt.date) -> dt.date:
        """Return the first day of the month asked for."""
        self.is_valid()
        text = self.cleaned_data.get("month")
        return dt.date.fromisoformat(f"{text}-01") if text else today.replace(day=1)

    def code(self) -> str:
        """Return the code of the calendar asked for."""
        self.is_valid()
        return self.cleaned_data.get("calendar") or ""
