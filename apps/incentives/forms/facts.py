"""Telling what pay depends on: a grade, a weight in a pool, a day of a deal, an event."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import FactKind
from apps.incentives.names import in_words
from apps.incentives.selectors import facts as selectors
from apps.org.models import Person
from apps.pipeline.models import Opportunity
from apps.ui import forms as kit

LOOK_BACK = dt.timedelta(days=400)


class FactForm(kit.Form):
    """What every fact has; the note says where it is known from."""

    submit = _("Record")
    kind: FactKind

    note = forms.CharField(
        label=_("Where this is known from"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, user: User, today: dt.date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = {f"{word.plan.pk}|{word.name}": word for word in selectors.words(self.kind)}
        if "word" in self.fields:
            self.fields["word"].choices = [  # type: ignore[attr-defined]
                (key, f"{in_words(word.plan.name)}: {in_words(word.label)}")
                for key, word in self.words.items()
            ]
        if "person" in self.fields:
            people = Person.objects.permitting(user, Permission.PAY_FACT).exclude(user=user)
            self.fields["person"].queryset = people.order_by("name", "pk")  # type: ignore[attr-defined]
        if "period" in self.fields:
            kinds = {word.plan.frequency for word in self.words.values()}
            periods = FiscalPeriod.objects.of_company().filter(closed_at__isnull=True, kind__in=kinds)
            begun = periods.filter(starts_on__lte=today, ends_before__gt=today - LOOK_BACK)
            self.fields["period"].queryset = begun.order_by("-starts_on", "kind")  # type: ignore[attr-defined]
            self.fields["period"].label_from_instance = lambda row: row.code  # type: ignore[attr-defined]

    def told(self) -> dict[str, Any]:
        """Return what the service is told."""
        raise NotImplementedError


def _word(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, widget=kit.Searchable())


def _person(label: Any, **more: Any) -> forms.ModelChoiceField:
    widget = kit.Autocomplete("pay-facts")
    return forms.ModelChoiceField(Person.objects.none(), label=label, widget=widget, **more)


def _period() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(FiscalPeriod.objects.none(), label=_("Period"))


class GradeForm(FactForm):
    """How far somebody reached an objective."""

    kind = FactKind.GRADE

    word = _word(pgettext_lazy("pay", "Objective"))
    person = _person(_("Payee"))
    period = _period()
    value = kit.PercentField(
        label=_("Reached"),
        required=False,
        max_value=Decimal(10),
        help_text=_("A milestone counts at 100 %. Empty: takes the grade back."),
    )
    field_order = ["word", "person", "period", "value", "note"]

    def told(self) -> dict[str, Any]:
        """Return what the service is told."""
        data, word = self.cleaned_data, self.words[self.cleaned_data["word"]]
        return {
            "plan_id": word.plan.pk,
            "objective": word.name,
            "person_id": data["person"].pk,
            "period_id": data["period"].pk,
            "value": data["value"],
            "note": data["note"],
        }


class WeightForm(FactForm):
    """How much of a pool falls to somebody, beside the others."""

    kind = FactKind.WEIGHT

    word = _word(_("Pool"))
    person = _person(_("Payee"))
    period = _period()
    value = forms.DecimalField(
        label=_("Weight"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(1000),
        max_digits=10,
        decimal_places=6,
        help_text=_("Counts beside the weights of the others. Empty: takes it back."),
    )
    field_order = ["word", "person", "period", "value", "note"]

    def told(self) -> dict[str, Any]:
        """Return what the service is told."""
        data, word = self.cleaned_data, self.words[self.cleaned_data["word"]]
        return {
            "plan_id": word.plan.pk,
            "pool": word.name,
            "person_id": data["person"].pk,
            "period_id": data["period"].pk,
            "value": data["value"],
            "note": data["note"],
        }


class DealDayForm(FactForm):
    """What happened to a deal, and when."""

    kind = FactKind.MILESTONE

    deal = forms.ModelChoiceField(
        Opportunity.objects.none(), label=_("Deal"), widget=kit.Autocomplete("pay-deals")
    )
    happened = forms.ChoiceField(label=_("What happened"))
    on = kit.DateField(label=_("On"), required=False, help_text=_("Empty: takes the day back."))
    field_order = ["deal", "happened", "on", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deal"].queryset = Opportunity.objects.all()  # type: ignore[attr-defined]
        milestones = {word.name: word.label for word in self.words.values()}
        self.fields["happened"].choices = [  # type: ignore[attr-defined]
            *(
                (f"{FactKind.MILESTONE}|{name}", in_words(label))
                for name, label in sorted(milestones.items())
            ),
            (f"{FactKind.SOLD}|", FactKind.SOLD.label),
            (f"{FactKind.ENDED}|", FactKind.ENDED.label),
        ]

    def told(self) -> dict[str, Any]:
        """Return what the service is told."""
        kind, _bar, milestone = self.cleaned_data["happened"].partition("|")
        data = self.cleaned_data
        return {
            "kind": kind,
            "milestone": milestone,
            "source_id": data["deal"].pk,
            "on": data["on"],
            "note": data["note"],
        }


class EventForm(FactForm):
    """When something happened that releases pay held back."""

    kind = FactKind.EVENT

    word = _word(_("Event"))
    person = _person(_("For one payee only"), required=False, empty_label=_("Everybody under the plan"))
    on = kit.DateField(label=_("On"), required=False, help_text=_("Empty: takes the day back."))
    field_order = ["word", "person", "on", "note"]

    def told(self) -> dict[str, Any]:
        """Return what the service is told."""
        data, word = self.cleaned_data, self.words[self.cleaned_data["word"]]
        return {
            "plan_id": word.plan.pk,
            "event": word.name,
            "person_id": data["person"].pk if data["person"] else None,
            "on": data["on"],
            "note": data["note"],
        }
