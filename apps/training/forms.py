"""What people type about training."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.names import in_words
from apps.org.models import Person
from apps.roles.enums import Level
from apps.roles.models import Skill
from apps.training.enums import Format
from apps.training.models import Course
from apps.training.services import SkillOfCourse
from apps.ui.forms import Autocomplete, DateField, Form, MomentField, Searchable

SKILLS = 3


class CourseForm(Form):
    """A course and up to three skills it teaches."""

    submit = _("Save course")
    name = forms.CharField(label=_("Name"), max_length=150)
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("Unique and stable; imports use it."))
    summary = forms.CharField(
        label=_("What one can do afterwards"),
        widget=forms.Textarea({"rows": 3}),
        required=False,
        max_length=2000,
    )
    format = forms.ChoiceField(label=_("Format"), choices=Format.choices)
    hours = forms.DecimalField(label=_("Hours"), min_value=0, max_value=1000, max_digits=5, decimal_places=1)
    provider = forms.CharField(label=_("Provider"), max_length=120, required=False)
    materials_url = forms.URLField(
        label=_("Address of the materials"), required=False, max_length=500, assume_scheme="https"
    )
    pass_score = forms.IntegerField(label=_("Score to pass"), min_value=0, max_value=100, required=False)
    valid_months = forms.IntegerField(
        label=_("Counts for months"), min_value=1, max_value=120, required=False,
        help_text=_("Empty: for good."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [("", "—"), *((row.pk, in_words(row.name)) for row in Skill.objects.order_by("name", "pk"))]
        for place in range(1, SKILLS + 1):
            self.fields[f"skill_{place}"] = forms.TypedChoiceField(
                label=_("Skill %(n)s") % {"n": place},
                choices=names,
                coerce=int,
                empty_value=None,
                required=False,
            )
            self.fields[f"level_{place}"] = forms.TypedChoiceField(
                label=_("Leads to level"), choices=Level.choices, coerce=int, initial=3, required=False
            )

    @property
    def details(self) -> dict[str, Any]:
        """What a service takes."""
        names = (
            "name",
            "summary",
            "format",
            "hours",
            "provider",
            "materials_url",
            "pass_score",
            "valid_months",
        )
        skills = [
            SkillOfCourse(self.cleaned_data[f"skill_{n}"], self.cleaned_data[f"level_{n}"] or 1)
            for n in range(1, SKILLS + 1)
            if self.cleaned_data[f"skill_{n}"]
        ]
        return {**{name: self.cleaned_data[name] for name in names}, "skills": skills}


class EditCourseForm(CourseForm):
    """Change a course."""

    code = None  # type: ignore[assignment]  # a code never changes
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    retired_on = DateField(label=_("No longer offered from"), required=False)

    @property
    def details(self) -> dict[str, Any]:
        """What a service takes."""
        return {
            **super().details,
            "version": self.cleaned_data["version"],
            "retired_on": self.cleaned_data["retired_on"],
        }


def course_initial(course: Course) -> dict[str, Any]:
    """Return what the form of a course starts with."""
    names = ("name", "summary", "format", "hours", "provider", "materials_url", "pass_score", "valid_months")
    initial = {name: getattr(course, name) for name in (*names, "version", "retired_on")}
    for place, link in enumerate(course.skills.order_by("pk")[:SKILLS], 1):
        initial |= {f"skill_{place}": link.skill_id, f"level_{place}": link.level}
    return initial


class SessionForm(Form):
    """A session of a course."""

    submit = _("Plan session")
    starts_at = MomentField(label=_("From"))
    ends_at = MomentField(label=_("Until"))
    place = forms.CharField(
        label=_("Place"), max_length=150, help_text=_("A room, or the address of the call.")
    )
    capacity = forms.IntegerField(label=_("Seats"), min_value=1, max_value=5000, initial=12)
    trainer = forms.ModelChoiceField(
        label=_("Trainer"), queryset=Person.objects.all(), required=False, widget=Autocomplete("org.people")
    )


class EnrolForm(Form):
    """Whom to enrol."""

    submit = _("Enrol")
    person = forms.ModelChoiceField(label=_("Person"), queryset=Person.objects.none(), widget=Searchable)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # a model choice


class CompletionForm(EnrolForm):
    """That somebody passed."""

    submit = _("Record completion")
    completed_on = DateField(label=_("Completed on"))
    score = forms.IntegerField(label=_("Score"), min_value=0, max_value=100, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["completed_on"].initial = today


class AssessForm(Form):
    """How good somebody is at a skill."""

    submit = _("Record level")
    skill = forms.ModelChoiceField(label=_("Skill"), queryset=Skill.objects.order_by("name", "pk"))
    level = forms.TypedChoiceField(
        label=pgettext_lazy("skill", "Level"), choices=[(0, _("0 · Not yet")), *Level.choices], coerce=int
    )
    on = DateField(label=_("Observed on"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skill"].label_from_instance = lambda skill: in_words(skill.name)  # type: ignore[attr-defined]  # a model choice
        self.fields["on"].initial = today
