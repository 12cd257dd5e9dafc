"""Pay runs, reasons and adjustments."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.calendars.models import FiscalPeriod
from apps.incentives.forms.fields import dress
from apps.incentives.models import PayRun
from apps.incentives.selectors.runs import currencies_of_pay, payable_periods, plans_left
from apps.org.models import Person
from apps.ui import forms as kit


class RunForm(kit.Form):
    """The period of a new run: one that some approved plan has not paid yet."""

    submit = _("Create pay run")

    period = forms.ModelChoiceField(
        FiscalPeriod.objects.none(), label=_("Period"), empty_label=_("Choose a period")
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        periods = payable_periods(today)
        left = plans_left(list(periods))
        self.fields["period"].queryset = periods  # type: ignore[attr-defined]
        self.fields["period"].label_from_instance = (  # type: ignore[attr-defined]
            lambda row: _period_label(row, today, left.get(row.pk, ()))
        )
        dress(self.fields["period"].widget)


def _period_label(period: FiscalPeriod, today: dt.date, left: Sequence[str]) -> str:
    """Name a period; where some of its plans have a run already, the plans that wait for one."""
    code = period.code
    if left:
        code = gettext("%(period)s: %(plans)s") % {"period": period.code, "plans": ", ".join(left)}
    is_over = period.ends_before <= today
    return code if is_over else gettext("%(period)s, not over yet") % {"period": code}


class ReasonForm(kit.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))


class SendBackForm(ReasonForm):
    """Why something goes back to its author."""

    submit = _("Send back")


class RefusalForm(ReasonForm):
    """Why something is refused."""

    submit = _("Refuse")


class AdjustmentForm(ReasonForm):
    """A correction of somebody's pay."""

    submit = _("Ask for adjustment")

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Payee"), widget=kit.Autocomplete("org.people")
    )
    amount = kit.MoneyField(label=_("Amount, negative to take back"), min_value=-(10**12))
    currency = forms.ChoiceField(label=_("Currency"))
    field_order = ["person", "amount", "currency", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]
        paid_in = currencies_of_pay()
        self.fields["currency"].choices = [(code, code) for code in paid_in]  # type: ignore[attr-defined]
        self.fields["currency"].initial = paid_in[0]
        dress(self.fields["currency"].widget)
        if len(paid_in) == 1:
            del self.fields["currency"]


class AccrualForm(kit.Form):
    """The day of an accrual."""

    submit = _("Make accrual")

    as_of = kit.DateField(label=_("As of"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["as_of"].widget)


class ReversalForm(ReasonForm):
    """In which period a locked run is taken back, and why."""

    submit = _("Make reversal")
    danger = True

    period = forms.ModelChoiceField(
        FiscalPeriod.objects.none(), label=_("Booked in"), empty_label=_("Choose a period")
    )
    field_order = ["period", "reason"]

    def __init__(self, *args: Any, run: PayRun, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_now = FiscalPeriod.objects.of_company().filter(closed_at__isnull=True, kind=run.period.kind)
        begun = open_now.filter(starts_on__gte=run.period.starts_on, starts_on__lte=today)
        self.fields["period"].queryset = begun.order_by("starts_on")  # type: ignore[attr-defined]
        self.fields["period"].label_from_instance = lambda row: row.code  # type: ignore[attr-defined]
