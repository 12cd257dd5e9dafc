"""Questions about pay: asked, answered, decided."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.incentives.enums import Cause
from apps.incentives.forms.fields import dress
from apps.ui import forms as kit

_ROWS = {"rows": 3}


class QuestionForm(kit.Form):
    """What is wrong with a line."""

    submit = _("Send question")

    text = forms.CharField(
        label=_("What is wrong, and what would be right?"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4, "autofocus": True}),
        help_text=_("Name the deal, the target or the date you mean. Compensation sees the line itself."),
    )


class WriteForm(kit.Form):
    """Something to say in a dispute."""

    submit = _("Send")

    text = forms.CharField(label=_("Message"), max_length=2000, widget=forms.Textarea(_ROWS))


class _DecideForm(kit.Form):
    cause = forms.ChoiceField(label=_("Root cause"), choices=[("", _("Choose")), *Cause.choices])
    text = forms.CharField(label=_("What the payee reads"), max_length=2000, widget=forms.Textarea(_ROWS))


class AcceptForm(_DecideForm):
    """Agree, and say by how much pay is corrected."""

    submit = _("Accept and ask for the correction")

    amount = kit.MoneyField(label=_("Correction, negative to take back"), min_value=-(10**12))
    field_order = ["amount", "cause", "text"]

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
        if currency:
            self.fields["amount"].help_text = gettext("In %(currency)s.") % {"currency": currency}


class RefuseForm(_DecideForm):
    """Stand by the line."""

    submit = _("Refuse")


class SpanForm(kit.Form):
    """Over which days a report looks."""

    submit = _("Show")

    since = kit.DateField(label=_("From"), required=False)
    until = kit.DateField(label=_("To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field.widget)
