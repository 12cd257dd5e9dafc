"""Asking what a deal would pay."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.pipeline.models import Opportunity
from apps.ui import forms as kit


class WhatIfForm(kit.Form):
    """A deal as it might close: for how much, and when."""

    submit = _("Work it out")

    amount = kit.MoneyField(label=_("Amount"))
    closes_on = kit.DateField(label=_("Closes on"))

    def __init__(self, deal: Opportunity, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = _("In %(currency)s.") % {"currency": deal.currency}
