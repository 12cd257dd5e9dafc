"""What people type about evaluations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.calendars.models import FiscalPeriod
from apps.reviews.enums import CycleKind, Rating
from apps.reviews.models import Evaluation
from apps.reviews.services import NewGoal
from apps.ui.forms import DateField, Form

GOALS = 3
LONGEST = 4000


class Version(forms.IntegerField):
    """The version a change is based on."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=1_000_000)


def text(label: object, help_text: object = "", rows: int = 4, **options: Any) -> forms.CharField:
    """Return a field for a few sentences."""
    widget = forms.Textarea({"rows": rows})
    return forms.CharField(  # type: ignore[arg-type]  # lazy labels
        label=label, help_text=help_text, widget=widget, required=False, max_length=LONGEST, **options
    )


class StartForm(Form):
    """Start a cycle by hand."""

    submit = _("Evaluate period")
    period = forms.ChoiceField(label=_("Period"), help_text=_("Only periods that are over are listed."))

    def __init__(self, *args: Any, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        over = FiscalPeriod.objects.filter(
            calendar__is_default=True, kind__in=CycleKind.values, ends_before__lte=today
        ).order_by("-ends_before", "-starts_on")
        self.fields["period"].choices = [(row.code, row.code) for row in over[:24]]  # type: ignore[attr-defined]


class SelfForm(Form):
    """The person's own words."""

    submit = _("Sign and hand over")
    version = Version()
    achievements = text(_("What went well?"), _("Results, and what you did to reach them."))
    difficulties = text(_("What was hard?"), _("What held you back, and what you would do differently."))
    support = text(_("What support do you need?"), _("From your manager, other teams or training."))


class AssessForm(Form):
    """The manager's words, rating and goals."""

    submit = _("Sign assessment")
    version = Version()
    rating = forms.ChoiceField(label=_("Rating"), choices=[("", "—"), *Rating.choices], required=False)
    summary = text(_("Overall judgement"), _("Why this rating? The person will read it."))
    strengths = text(_("Strengths"), rows=3)
    growth = text(_("To develop"), rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(1, GOALS + 1):
            self.fields[f"goal_{place}"] = forms.CharField(
                label=_("Goal %(n)s") % {"n": place}, max_length=300, required=False
            )
            self.fields[f"due_{place}"] = DateField(label=_("To be reached by"), required=False)

    @property
    def goals(self) -> list[NewGoal]:
        """The goals that were filled in."""
        pairs = [
            (self.cleaned_data[f"goal_{n}"].strip(), self.cleaned_data[f"due_{n}"])
            for n in range(1, GOALS + 1)
        ]
        return [NewGoal(goal, due) for goal, due in pairs if goal]


class CalibrateForm(Form):
    """Another rating, with its reason."""

    submit = _("Change rating")
    rating = forms.ChoiceField(label=_("New rating"), choices=Rating.choices)
    reason = text(_("Reason"), _("Kept with the change, together with the rating before."), rows=3)


class ReturnForm(Form):
    """Why an assessment goes back."""

    submit = _("Return to manager")
    reason = text(_("Reason"), _("The manager reads it."), rows=3)


class AcknowledgeForm(Form):
    """The person's last word."""

    submit = _("Confirm that I have read it")
    reply = text(
        _("Reply"), _("Optional. Confirming says that you have read it, not that you agree."), rows=3
    )


def self_initial(row: Evaluation) -> dict[str, Any]:
    """Return what the self form starts with."""
    return {
        "version": row.version,
        "achievements": row.achievements,
        "difficulties": row.difficulties,
        "support": row.support,
    }


def assess_initial(row: Evaluation) -> dict[str, Any]:
    """Return what the manager's form starts with: the draft, else the rating the KPIs propose."""
    initial = {
        "version": row.version,
        "rating": row.rating or row.kpi_rating,
        "summary": row.summary,
        "strengths": row.strengths,
        "growth": row.growth,
    }
    for goal in row.goals.order_by("position"):
        initial |= {f"goal_{goal.position}": goal.text, f"due_{goal.position}": goal.due_on}
    return initial
