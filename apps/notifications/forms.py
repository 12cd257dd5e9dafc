"""Input of the notification pages."""

from django import forms


class QuietHoursForm(forms.Form):
    """From when to when no e-mail is wanted; both empty for never."""

    starts_at = forms.TimeField(required=False)
    ends_at = forms.TimeField(required=False)


class OlderForm(forms.Form):
    """Where the next page of the inbox begins."""

    before = forms.IntegerField(required=False, min_value=1)
    unread = forms.BooleanField(required=False)
