"""The filter of the audit page."""

from django import forms

from apps.core import days
from apps.events.enums import AuditAction
from apps.events.selectors import AuditFilter


class AuditFilterForm(forms.Form):
    """What to look for; anything that makes no sense is left out."""

    who = forms.CharField(required=False, max_length=150)
    table = forms.CharField(required=False, max_length=63)
    row = forms.CharField(required=False, max_length=64)
    action = forms.ChoiceField(required=False, choices=[("", ""), *AuditAction.choices])
    start = forms.DateField(required=False, validators=[days.check_plausible])
    until = forms.DateField(required=False, validators=[days.check_plausible])
    before = forms.IntegerField(required=False, min_value=1)

    def wanted(self) -> AuditFilter:
        """Return the filter."""
        self.is_valid()
        data = self.cleaned_data
        return AuditFilter(
            who=data.get("who", ""),
            table=data.get("table", ""),
            row_id=data.get("row", ""),
            action=data.get("action", ""),
            start=data.get("start"),
            until=data.get("until"),
            before_id=data.get("before"),
        )
