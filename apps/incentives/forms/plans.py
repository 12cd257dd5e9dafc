"""Who is under a plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.names import in_words
from apps.org.models import Person, Position
from apps.roles.models import SalesRole
from apps.ui import forms as kit


class AssignForm(kit.Form):
    """Who is under a plan, from when on."""

    submit = _("Assign plan")

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Person"), required=False, widget=kit.Autocomplete("org.people")
    )
    position = forms.ModelChoiceField(
        Position.objects.none(),
        label=_("or whoever holds"),
        required=False,
        widget=kit.Autocomplete("pay-positions"),
    )
    role = forms.ModelChoiceField(
        SalesRole.objects.none(), label=_("or everybody in the role"), required=False, widget=kit.Searchable()
    )
    starts_on = kit.DateField(label=_("From"))
    ends_before = kit.DateField(label=_("Until before"), required=False)
    annual_salary = kit.MoneyField(label=_("Yearly salary, if not the plan's"), required=False)
    annual_bonus = kit.MoneyField(label=_("Yearly target bonus, if not the plan's"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("person", Person.objects.order_by("name", "pk")),
            ("position", Position.objects.order_by("title", "code")),
            ("role", SalesRole.objects.order_by("name", "pk")),
        ):
            field = self.fields[name]
            field.queryset = rows  # type: ignore[attr-defined]  # a ModelChoiceField
            field.label_from_instance = _place_label  # type: ignore[attr-defined]


def _place_label(row: Any) -> str:
    """A person, seat or role as the choice names it."""
    return in_words(row.name) if hasattr(row, "name") else f"{in_words(row.title)} ({row.code})"
