"""What people type about strategies."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.calendars.models import FiscalPeriod
from apps.core.names import in_words
from apps.measures import registry
from apps.org.choices import UnitChoice
from apps.org.models import OrgUnit, Person
from apps.strategy.enums import Adjusts, InitiativeStatus, Outlook, Rhythm
from apps.strategy.models import Objective, Strategy
from apps.strategy.rules import MAX_WEEKS
from apps.strategy.selectors.choices import label_of
from apps.targets.models import Target
from apps.ui import forms as kit


class PersonField(forms.ModelChoiceField):
    """A person still employed, found by typing."""

    def __init__(self, *, today: dt.date, **kwargs: Any) -> None:
        kwargs.setdefault("widget", kit.Autocomplete("strategy-people"))
        super().__init__(queryset=Person.objects.employed(today), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return obj.name


class TargetField(forms.ModelChoiceField):
    """A target in force, found by typing."""

    def label_from_instance(self, obj: Any) -> str:
        return label_of(obj)


def _text(
    label: Any, rows: int, most: int, attrs: dict[str, str] | None = None, **options: Any
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, **(attrs or {})})
    return forms.CharField(label=label, max_length=most, widget=widget, **options)


class StrategyForm(kit.Form):
    """A strategy in words, with its owner, unit and dates."""

    title = forms.CharField(label=pgettext_lazy("strategy", "Title"), max_length=160)
    purpose = _text(
        _("What it should achieve"), 3, 2000, help_text=_("What will be different when it has worked.")
    )
    situation = _text(
        _("Situation"),
        4,
        4000,
        required=False,
        help_text=_("Market, customers and competitors as they are today."),
    )
    starts_on = kit.DateField(label=_("First day"))
    last_day = kit.DateField(label=_("Last day"))

    def __init__(
        self, *args: Any, user: User, today: dt.date, strategy: Strategy | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.submit = _("Save strategy") if strategy else _("Create draft")
        self.fields["owner"] = PersonField(label=_("Owner"), today=today)
        if strategy is None:
            units = OrgUnit.objects.permitting(user, Permission.STRATEGY_EDIT, today).existing(today)
            self.fields["unit"] = UnitChoice(
                units.order_by("kind", "name", "pk"), label=_("Unit"), widget=kit.Searchable()
            )
            self.fields["participants"] = forms.ModelMultipleChoiceField(
                Person.objects.employed(today).order_by("name", "pk"),
                label=_("Participants"),
                required=False,
                widget=kit.SearchableMultiple(),
            )
        else:
            self.fields["watch_below"] = kit.PercentField(
                label=_("Warn below this pace"), max_value=Decimal(2)
            )
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput())


class ParticipantsForm(kit.Form):
    """Who takes part."""

    submit = _("Save participants")

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"] = forms.ModelMultipleChoiceField(
            Person.objects.employed(today).order_by("name", "pk"),
            label=_("Participants"),
            required=False,
            widget=kit.SearchableMultiple(),
            help_text=_("They are reminded of reviews together with the owner."),
        )


class ObjectiveForm(kit.Form):
    """An objective: a target, or a goal on a measure."""

    title = forms.CharField(label=_("Objective"), max_length=200)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=100, initial=10)
    measure = forms.ChoiceField(label=_("Or a measure"), required=False)
    goal_value = forms.DecimalField(
        label=_("Goal"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal("999999999999"),
        widget=kit.AmountInput(),
        help_text=_("Rates are typed as a ratio: 0.35 is 35 %."),
    )

    submit = _("Save objective")

    def __init__(
        self,
        *args: Any,
        user: User,
        today: dt.date,
        strategy: Strategy,
        objective: Objective | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = PersonField(label=_("Owner"), today=today, required=False)
        known = Target.objects.visible_to(user).in_force()
        if objective is not None and objective.target_id:
            known = known | Target.objects.filter(pk=objective.target_id)
        self.fields["target"] = TargetField(
            known.select_related("plan__period", "unit", "position"),
            label=_("Target"),
            required=False,
            widget=kit.Autocomplete("strategy-targets"),
            help_text=_("Its figures follow the version in force by themselves."),
        )
        worthy = [(one.code, one.name) for one in registry.measures.values() if one.is_target_worthy]
        self.fields["measure"].choices = [("", "—"), *worthy]  # type: ignore[attr-defined]  # a choice field
        periods = FiscalPeriod.objects.of_company().filter(
            ends_before__gt=strategy.valid.lower, starts_on__lt=strategy.valid.upper
        )
        self.fields["period"] = forms.ModelChoiceField(
            periods.exclude(kind="month").order_by("-ends_before", "starts_on"),
            label=_("Due period"),
            required=False,
        )
        self.fields["period"].label_from_instance = lambda period: period.code  # type: ignore[attr-defined]
        units = OrgUnit.objects.existing(today).order_by("kind", "name", "pk")
        self.fields["unit"] = UnitChoice(
            units,
            label=_("Of unit"),
            required=False,
            empty_label=in_words(strategy.unit.name),
            widget=kit.Searchable(),
        )
        self.order_fields(["title", "owner", "weight", "target", "measure", "goal_value", "period", "unit"])


class InitiativeForm(kit.Form):
    """A piece of work."""

    title = forms.CharField(label=_("Initiative"), max_length=200)
    due_on = kit.DateField(label=_("Due on"))

    submit = _("Save initiative")

    def __init__(self, *args: Any, today: dt.date, with_status: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = PersonField(label=_("Owner"), today=today)
        if with_status:
            self.fields["status"] = forms.ChoiceField(label=_("Status"), choices=InitiativeStatus.choices)


class CadenceForm(kit.Form):
    """How often a strategy is reviewed."""

    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices)
    every = forms.IntegerField(
        label=_("Weeks between reviews"),
        min_value=1,
        max_value=MAX_WEEKS,
        initial=4,
        help_text=_("Counts only for a rhythm in weeks."),
    )
    first_on = kit.DateField(
        label=_("First review on"), help_text=_("A date that is no working day moves to the next one.")
    )

    submit = _("Set cadence")


class NoteForm(kit.Form):
    """One entry of the progress log."""

    outlook = forms.ChoiceField(label=_("Outlook"), choices=Outlook.choices)
    text = _text(_("What happened"), 4, 2000)

    submit = _("Add note")

    def __init__(self, *args: Any, strategy: Strategy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["objective"] = _objective_field(strategy)


def _objective_field(strategy: Strategy) -> forms.ModelChoiceField:
    rows = Objective.objects.filter(strategy=strategy).order_by("place", "pk")
    found = forms.ModelChoiceField(
        rows, label=_("Objective"), required=False, empty_label=_("The strategy as a whole")
    )
    found.label_from_instance = lambda objective: objective.title  # type: ignore[method-assign]
    return found


class DecisionForm(kit.Form):
    """A decision: what, who, until when, what it changes."""

    text = _text(_("Decision"), 2, 500)
    due_on = kit.DateField(label=_("Due on"))
    adjusts = forms.ChoiceField(label=_("Changes"), choices=Adjusts.choices, initial=Adjusts.NOTHING)

    submit = _("Record decision")

    def __init__(self, *args: Any, strategy: Strategy, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = PersonField(label=_("Who does it"), today=today)
        self.fields["objective"] = _objective_field(strategy)
        self.order_fields(["text", "owner", "due_on", "adjusts", "objective"])


class MinutesForm(kit.Form):
    """The minutes of a review."""

    minutes = _text(
        pgettext_lazy("meeting", "Minutes"), 8, 8000, required=False, attrs={"class": "form-control"}
    )
    version = forms.IntegerField(widget=forms.HiddenInput())


class CloseForm(kit.Form):
    """What came of a strategy."""

    outcome = _text(_("What came of it"), 4, 4000)

    submit = _("Close strategy")
    danger = True
