"""Forms of the role catalogue: what a role says from a day on, and who plays which part in a step."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.names import in_words
from apps.measures.registry import measures
from apps.roles.enums import Letter, Level
from apps.roles.models import RoleVersion, SalesRole, Skill
from apps.roles.services import RoleContent
from apps.ui.forms import DateField, Form

KPIS, SKILLS = 6, 6


class RoleForm(Form):
    """A version of a role; lines left empty do not count."""

    submit = _("Put in force")
    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(label=_("Purpose"), max_length=2000, widget=forms.Textarea({"rows": 2}))
    authority = forms.CharField(
        label=_("Authority and its limits"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    duties = forms.CharField(
        label=_("Duties"),
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("One on each line."),
    )
    on = DateField(label=_("In force from"))

    def __init__(self, *args: Any, version: RoleVersion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields.pop("on")
        catalogue = [("", "–"), *((code, str(measures.get(code).name)) for code in measures)]
        skills = [("", "–"), *Skill.objects.order_by("name", "pk").values_list("code", "name")]
        for n in range(1, KPIS + 1):
            self.fields[f"kpi_{n}"] = forms.ChoiceField(
                label=_("Judged by, %(n)s") % {"n": n}, choices=catalogue, required=False
            )
            self.fields[f"weight_{n}"] = forms.DecimalField(
                label=_("Weight %(n)s, %%") % {"n": n}, max_digits=5, decimal_places=2, required=False,
                min_value=Decimal(1), max_value=Decimal(100),
            )  # fmt: skip
        for n in range(1, SKILLS + 1):
            self.fields[f"skill_{n}"] = forms.ChoiceField(
                label=_("Skill %(n)s") % {"n": n}, choices=skills, required=False
            )
            self.fields[f"level_{n}"] = forms.TypedChoiceField(
                label=_("Level %(n)s") % {"n": n}, choices=Level.choices, coerce=int, required=False,
                initial=Level.INDEPENDENT,
            )  # fmt: skip
        self.fields["on"] = day
        if version is not None:
            self._fill(version)

    def _fill(self, version: RoleVersion) -> None:
        duties = version.duties.order_by("position", "pk").values_list("text", flat=True)
        filled: dict[str, Any] = {
            "name": version.role.name,
            "purpose": version.purpose,
            "authority": version.authority,
            "duties": "\n".join(duties),
        }
        for n, kpi in enumerate(version.kpis.order_by("-weight", "measure")[:KPIS], 1):
            filled |= {f"kpi_{n}": kpi.measure, f"weight_{n}": kpi.weight}
        for n, need in enumerate(version.skills.select_related("skill").order_by("-level", "pk")[:SKILLS], 1):
            filled |= {f"skill_{n}": need.skill.code, f"level_{n}": need.level}
        self.initial.update(filled)

    def clean(self) -> dict[str, Any]:
        """Refuse half a line and more than a whole of weights."""
        data = super().clean() or {}
        for n in range(1, KPIS + 1):
            if bool(data.get(f"kpi_{n}")) != (data.get(f"weight_{n}") is not None):
                self.add_error(f"weight_{n}", _("Give both the measure and its weight, or neither."))
        return data

    @property
    def content(self) -> RoleContent:
        """What the form says; only after it is valid."""
        data = self.cleaned_data
        return RoleContent(
            purpose=data["purpose"],
            authority=data["authority"],
            duties=[line.strip()[:300] for line in data["duties"].splitlines() if line.strip()],
            skills=[
                (data[f"skill_{n}"], data[f"level_{n}"] or Level.INDEPENDENT)
                for n in range(1, SKILLS + 1)
                if data[f"skill_{n}"]
            ],
            kpis=[(data[f"kpi_{n}"], data[f"weight_{n}"]) for n in range(1, KPIS + 1) if data[f"kpi_{n}"]],
        )


class NewRoleForm(RoleForm):
    """A new role with its first version."""

    submit = _("Create role")
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Unique and stable; letters, digits and hyphens.")
    )
    field_order = ["name", "code"]


class SeatRoleForm(Form):
    """The role a seat carries from a day on."""

    submit = _("Assign role")
    role = forms.ModelChoiceField(label=_("Sales role"), queryset=SalesRole.objects.none())
    on = DateField(label=_("From"), help_text=_("The role before it ends on that day; its history stays."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        field.queryset = SalesRole.objects.order_by("name", "pk")
        field.label_from_instance = lambda role: in_words(role.name)


class PartsForm(Form):
    """One letter, or none, for each role in a step."""

    submit = _("Save responsibilities")

    def __init__(self, *args: Any, step: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said: dict[int, str] = dict(step.responsibilities.values_list("role_id", "letter"))
        for role in SalesRole.objects.order_by("name", "pk"):
            self.fields[f"role_{role.pk}"] = forms.ChoiceField(
                label=in_words(role.name),
                choices=[("", _("No part")), *Letter.choices],
                required=False,
                initial=said.get(role.pk, ""),
            )

    @property
    def parts(self) -> list[tuple[int, str]]:
        """Role ids and letters; only after the form is valid."""
        return [
            (int(name.removeprefix("role_")), letter) for name, letter in self.cleaned_data.items() if letter
        ]
