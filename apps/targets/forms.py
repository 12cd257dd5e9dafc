"""What people type when they plan targets."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.calendars import selectors as calendars
from apps.core import days
from apps.measures import registry
from apps.org.choices import UnitChoice
from apps.org.models import OrgUnit
from apps.targets.enums import Basis, Method, RampUse, Season
from apps.targets.rules.levels import Level
from apps.targets.rules.ramp import WrongRamp, check_ramp
from apps.targets.selectors.comparing import Choices
from apps.targets.services import MAX_TIER, Ramp, Tiers
from apps.ui import forms as kit

_SPLITS = [(method.value, method.label) for method in Method if method != Method.SAME_VALUE]
_BLEND = {"history": Decimal("0.7"), "capacity": Decimal("0.3")}


def measure_choices() -> list[tuple[str, Any]]:
    """Return the measures a target can be set on."""
    worthy = [one for one in registry.measures.values() if one.is_target_worthy and one.source != "stock"]
    return [(one.code, one.name) for one in worthy]


def level(method: str, over: Decimal | None, growth: Decimal | None) -> Level:
    """Return a level from what a form holds; the weighted index is 70 % history, 30 % capacity."""
    chosen = Method(method)
    return Level(
        method=chosen,
        over_assignment=over or Decimal(0),
        growth=growth if chosen == Method.SAME_GROWTH else None,
        weights=_BLEND if chosen == Method.WEIGHTED else {},
    )


class ScopeForm(kit.Form):
    """The first step: what, when, for whom."""

    measure = forms.ChoiceField(label=_("Measure"))
    year = forms.ChoiceField(label=_("Fiscal year"))
    unit = UnitChoice(OrgUnit.objects.none(), label=_("Unit"))

    submit = pgettext_lazy("step", "Next")

    def __init__(self, *args: Any, user: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = measure_choices()  # type: ignore[attr-defined]  # a choice field
        years = sorted(calendars.fiscal_years())
        self.fields["year"].choices = [(str(year), str(year)) for year in years if year >= today.year - 1]  # type: ignore[attr-defined]
        units = OrgUnit.objects.permitting(user, Permission.TARGET_EDIT, today).existing(today)
        self.fields["unit"].queryset = units.order_by("kind", "name", "pk")  # type: ignore[attr-defined]


class PlanForm(kit.Form):
    """The second step: how much, and how it is split."""

    growth = kit.PercentField(
        label=_("Growth on the base year, %"), required=False, min_value=Decimal(-1), max_value=Decimal(10)
    )
    amount = forms.DecimalField(
        label=_("Or the target itself"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal("999999999999"),
        widget=kit.AmountInput(),
    )
    unit_method = forms.ChoiceField(label=_("Split over units"), choices=_SPLITS, initial=Method.HISTORY)
    unit_over = kit.PercentField(label=_("Over-assignment of units, %"), required=False)
    seat_method = forms.ChoiceField(label=_("Split over people"), choices=_SPLITS, initial=Method.WEIGHTED)
    seat_over = kit.PercentField(label=_("Over-assignment of people, %"), required=False)
    season = forms.ChoiceField(
        label=_("Months"),
        choices=[(one.value, one.label) for one in Season if one != Season.CUSTOM],
        initial=Season.LEARNED,
    )

    submit = _("Create draft")

    def levels(self, depth: int) -> dict[int, Level]:
        """Return the settings of every level above the leaves."""
        data = self.cleaned_data
        units = level(data["unit_method"], data["unit_over"], data["growth"])
        seats = level(data["seat_method"], data["seat_over"], data["growth"])
        last = max(depth - 1, 0)
        return {at: seats if at == last else units for at in range(depth)}


def steps_in_words(steps: Sequence[str]) -> str:
    """Return a ramp as people type it: percentages with blanks between."""
    return " ".join(f"{(Decimal(step) * 100).normalize():f}" for step in steps)


class RampField(forms.CharField):
    """A ramp typed as percentages (0 25 50 75) and kept as parts of 1."""

    def to_python(self, value: Any) -> list[Decimal]:
        words = str(value or "").replace("%", " ").replace("％", " ").replace(",", " ").replace("，", " ")
        try:
            steps = [Decimal(word) / 100 for word in words.split()]
        except InvalidOperation:
            raise forms.ValidationError(_("Give percentages, for example: 0 25 50 75.")) from None
        if any(not step.is_finite() for step in steps):
            raise forms.ValidationError(_("Give percentages, for example: 0 25 50 75."))
        try:
            return check_ramp(steps)
        except WrongRamp as error:
            raise forms.ValidationError(str(error)) from None


class SettingsForm(kit.Form):
    """The top figure, the months and every level of a draft."""

    amount = forms.DecimalField(
        label=_("Target"), min_value=Decimal(0), max_value=Decimal("999999999999"), widget=kit.AmountInput()
    )
    season = forms.ChoiceField(
        label=_("Months"), choices=[(one.value, one.label) for one in Season if one != Season.CUSTOM]
    )

    ramp = RampField(
        label=_("Ramp of newcomers, % by month"),
        required=False,
        help_text=_("For example 0 25 50 75: nothing in the month of hiring, all from the fifth month on."),
    )
    ramp_use = forms.ChoiceField(label=_("Who carries the rest"), choices=RampUse.choices, required=False)

    stretch = kit.PercentField(
        label=_("Stretch above the target, %"), max_value=Decimal(MAX_TIER), required=False
    )
    challenge = kit.PercentField(
        label=_("Challenge above the target, %"), max_value=Decimal(MAX_TIER), required=False
    )

    submit = _("Cascade again")

    def chosen_tiers(self) -> Tiers | None:
        """Return how far the upper tiers lie above the targets; None leaves them."""
        stretch, challenge = self.cleaned_data["stretch"], self.cleaned_data["challenge"]
        return None if stretch is None or challenge is None else Tiers(stretch, challenge)

    def chosen_ramp(self) -> Ramp:
        """Return what newcomers can reach."""
        use = self.cleaned_data["ramp_use"] or RampUse.RELIEF
        return Ramp(tuple(self.cleaned_data["ramp"]), RampUse(use))

    def chosen_season(self, now: str) -> Season | None:
        """Return the season asked for; weights set by hand stay when nothing else is chosen."""
        asked = self.cleaned_data["season"]
        return None if asked == now == Season.CUSTOM else Season(asked)

    def __init__(self, *args: Any, names: list[str], levels: dict[int, Level], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.depths = sorted(levels)
        self.stored = levels
        if self.initial.get("season") == Season.CUSTOM:
            self.fields["season"].choices = Season.choices  # type: ignore[attr-defined]  # a choice field
        for depth in self.depths:
            name = {"level": names[depth]}
            self.fields[f"method_{depth}"] = forms.ChoiceField(
                label=_("Split below %(level)s") % name,
                choices=_SPLITS,
                initial=levels[depth].method,
            )
            self.fields[f"over_{depth}"] = kit.PercentField(
                label=_("Over-assignment below %(level)s") % name,
                required=False,
                initial=levels[depth].over_assignment,
            )

    def levels(self, growth: Decimal | None) -> dict[int, Level]:
        """Return the settings of every level; an index keeps its own weights."""
        found = {}
        for depth in self.depths:
            method, over = self.cleaned_data[f"method_{depth}"], self.cleaned_data[f"over_{depth}"]
            old = self.stored[depth]
            made = level(method, over, growth)
            same = Method(method) == old.method and old.weights
            weights = old.weights if same else made.weights
            found[depth] = Level(made.method, made.over_assignment, made.growth, weights, old.top_down)
        return found


class ChoicesForm(kit.Form):
    """The settings that methods are compared with."""

    growth = kit.PercentField(
        label=_("Growth, %"), required=False, min_value=Decimal(-1), max_value=Decimal(100)
    )
    top_down = kit.PercentField(label=_("Weight of top-down in the hybrid, %"), required=False)

    submit = _("Compare")

    def __init__(self, *args: Any, now: Choices, **kwargs: Any) -> None:
        super().__init__(*args, initial={"growth": now.growth, "top_down": now.top_down}, **kwargs)
        self.now = now
        for basis in Basis:
            self.fields[f"weight_{basis}"] = kit.PercentField(
                label=_("Index: %(basis)s, %%") % {"basis": basis.label},
                required=False,
                initial=now.weights.get(str(basis), Decimal(0)),
            )

    def choices(self) -> Choices:
        """Return the settings typed."""
        data = self.cleaned_data
        weights = {str(basis): data[f"weight_{basis}"] for basis in Basis if data.get(f"weight_{basis}")}
        top_down = data["top_down"]
        return Choices(
            growth=data["growth"],
            weights=weights or self.now.weights,
            top_down=self.now.top_down if top_down is None else top_down,
        )


class SeasonForm(kit.Form):
    """The weight of each month, typed by hand; the mean is what counts, not the sum."""

    def __init__(self, *args: Any, months: Sequence[tuple[str, Decimal]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for position, (label, weight) in enumerate(months):
            self.fields[f"w{position}"] = forms.DecimalField(
                label=label, min_value=Decimal(0), max_value=Decimal(1000), initial=weight, decimal_places=4
            )

    submit = _("Use these weights")

    def weights(self) -> tuple[Decimal, ...]:
        """Return the weights in order."""
        return tuple(self.cleaned_data[f"w{position}"] for position in range(len(self.fields)))


class ReliefForm(kit.Form):
    """What is taken off a person's quota, in which months, and why."""

    months = forms.MultipleChoiceField(label=_("Months"), widget=forms.CheckboxSelectMultiple)
    share = kit.PercentField(label=_("Share of each month, %"), required=False)
    amount = forms.DecimalField(
        label=_("Or an amount per month"), required=False, min_value=Decimal(0), widget=kit.AmountInput()
    )
    on_top = forms.BooleanField(
        label=_("On top of recorded absences"),
        required=False,
        help_text=_("Absences lower the quota by themselves. Unless ticked, the larger of both counts."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, strip=True)

    submit = _("Grant relief")

    def __init__(self, *args: Any, months: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].choices = months  # type: ignore[attr-defined]  # a choice field


class LimitsForm(kit.Form):
    """Between what a method may move a target, and what it brings to the split."""

    low = forms.DecimalField(
        label=_("At least"), min_value=Decimal(0), required=False, widget=kit.AmountInput()
    )
    high = forms.DecimalField(
        label=_("At most"), min_value=Decimal(0), required=False, widget=kit.AmountInput()
    )

    productivity = forms.DecimalField(
        label=_("Productivity (1 is usual)"),
        min_value=Decimal(0),
        max_value=Decimal(10),
        decimal_places=4,
        required=False,
    )
    potential = forms.DecimalField(
        label=_("Potential"), min_value=Decimal(0), required=False, widget=kit.AmountInput()
    )

    submit = _("Set limits")


class ReasonForm(kit.Form):
    """A reason for the record."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )

    def __init__(self, *args: Any, submit: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit = submit or self.submit


class AttainmentForm(forms.Form):
    """What the API asks about one standing."""

    measure = forms.CharField(max_length=40)
    start = forms.DateField(input_formats=["%Y-%m-%d"], validators=[days.check_plausible])
    end = forms.DateField(input_formats=["%Y-%m-%d"], validators=[days.check_plausible])
    unit = forms.IntegerField(min_value=1, required=False)
    person = forms.IntegerField(min_value=1, required=False)
    on = forms.DateField(input_formats=["%Y-%m-%d"], required=False, validators=[days.check_plausible])

    def clean(self) -> dict[str, Any]:
        """Demand one subject and a range of at least a day."""
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end:
            if end <= start:
                self.add_error("end", _("Choose a later date."))
            data["last"] = end - dt.timedelta(days=1)
            if data.get("on") and data["on"] < start:
                self.add_error("on", _("Choose a date from the start on."))
        if bool(data.get("unit")) == bool(data.get("person")):
            self.add_error("unit", _("Ask for one unit or one person."))
        return data
