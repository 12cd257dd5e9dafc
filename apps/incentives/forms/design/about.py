"""What is said about a plan and a version beside its document."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.incentives.forms.fields import dress
from apps.ui import forms as kit


class AboutForm(kit.Form):
    """Name, purpose and first day of a new plan; first day and note of a next version."""

    submit = _("Save draft")

    name = forms.CharField(label=_("Name of the plan"), max_length=120)
    code = forms.SlugField(
        label=_("Code"), max_length=40, required=False, help_text=_("Left empty, it is made from the name.")
    )
    purpose = forms.CharField(
        label=_("What it is for"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    starts_on = kit.DateField(label=_("Applies from"))
    note = forms.CharField(
        label=_("What changed, and why"), max_length=300, required=False,
        help_text=_("Read by whoever approves it and by everybody it pays."),
    )  # fmt: skip
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, existing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = ("name", "code", "purpose") if existing else ("note", "revision")
        for name in left_out:
            del self.fields[name]
        for name, field in self.fields.items():
            dress(field.widget)
            if self.is_bound and name in self.errors:
                field.widget.attrs["class"] += " is-invalid"
                field.widget.attrs["aria-describedby"] = f"id_{name}-error"

    def code_for(self, number: int) -> str:
        """Return the plan's code: as stated, made of the name, or numbered."""
        stated: str = self.cleaned_data.get("code") or slugify(self.cleaned_data["name"])[:40].strip("-")
        return stated or f"plan-{number}"
