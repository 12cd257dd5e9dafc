"""The forms of the side sheet. Each names what it needs; the services decide."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.access.matrix import needs_two
from apps.access.models import User
from apps.access.permissions import GRANTABLE_ROLES, Permission
from apps.core.names import in_words
from apps.org import selectors
from apps.org.choices import UnitChoice
from apps.org.enums import AbsenceKind, LineType, UnitKind
from apps.org.models import OrgUnit, Person, Position, PositionUnit
from apps.ui import formatting
from apps.ui.forms import DateField, Form, Searchable


class PersonChoice(forms.ModelChoiceField):
    """A person by name and number."""

    def label_from_instance(self, obj: Person) -> str:
        return f"{obj.name} · {obj.external_id}"


class PositionChoice(forms.ModelChoiceField):
    """A position by title and, when known, its unit."""

    def label_from_instance(self, obj: Position) -> str:
        title, unit = in_words(obj.title), in_words(getattr(obj, "unit_name", "") or "")
        return f"{title} · {unit} · {obj.code}" if unit else f"{title} · {obj.code}"


class UserChoice(forms.ModelChoiceField):
    """A user by name and sign-in name."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name} · {obj.username}"


class OrgForm(Form):
    """A form that knows who asks, about what, and what day it is."""

    def __init__(self, *args: Any, by: User, subject: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.subject, self.today = by, subject, today
        if "on" in self.fields:
            self.fields["on"].initial = today
        self.prepare()

    def prepare(self) -> None:
        """Fill the choices."""

    def units(self) -> Any:
        """Return the units the person may change, as of today or scheduled."""
        return OrgUnit.objects.permitting(self.by, Permission.ORG_EDIT).order_by("name", "pk")

    def vacancies(self) -> Any:
        """Return the vacant positions of today in units the person may change."""
        places = [place.position_id for place in selectors.vacancies(self.today)]
        units = PositionUnit.objects.on(self.today).filter(position=OuterRef("pk")).values("unit__name")
        rows = Position.objects.permitting(self.by, Permission.ORG_EDIT).filter(pk__in=places)
        return rows.annotate(unit_name=Subquery(units[:1])).order_by("title", "pk")


class UnitForm(OrgForm):
    submit = _("Create unit")
    name = forms.CharField(label=_("Name"), max_length=150)
    code = forms.CharField(label=_("Code"), max_length=64, help_text=_("Unique and stable; imports use it."))
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices, initial=UnitKind.TEAM)
    on = DateField(label=_("From"))


class RenameUnitForm(OrgForm):
    submit = _("Save unit")
    name = forms.CharField(label=_("Name"), max_length=150)
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)

    def prepare(self) -> None:
        self.fields["name"].initial, self.fields["kind"].initial = self.subject.name, self.subject.kind


class MoveUnitForm(OrgForm):
    submit = _("Move unit")
    parent = UnitChoice(label=_("Move below"), queryset=OrgUnit.objects.none(), widget=Searchable)
    on = DateField(
        label=_("From"), help_text=_("A day to come schedules the move; it can be cancelled before.")
    )

    def prepare(self) -> None:
        self.fields["parent"].queryset = self.units().exclude(pk=self.subject.pk)


class CloseUnitForm(OrgForm):
    submit, danger = _("Close unit"), True
    on = DateField(label=_("Closed from"), help_text=_("The first day without the unit. Its history stays."))


class SeatForm(OrgForm):
    submit = _("Add seat")
    title = forms.CharField(label=_("Title"), max_length=150)
    code = forms.CharField(label=_("Code"), max_length=64, help_text=_("Unique and stable; imports use it."))
    is_lead = forms.BooleanField(label=_("Leads the unit"), required=False)
    on = DateField(label=_("From"))


class MoveSeatForm(OrgForm):
    submit = _("Move seat")
    unit = UnitChoice(label=_("Move to"), queryset=OrgUnit.objects.none(), widget=Searchable)
    is_lead = forms.BooleanField(label=_("Leads the unit"), required=False)
    on = DateField(label=_("From"), help_text=_("Whoever holds the seat moves with it."))

    def prepare(self) -> None:
        self.fields["unit"].queryset = self.units()


class CloseSeatForm(OrgForm):
    submit, danger = _("Close seat"), True
    on = DateField(label=_("Closed from"), help_text=_("The first day without the seat."))


class HireForm(OrgForm):
    submit = _("Hire")
    name = forms.CharField(label=_("Full name"), max_length=150)
    external_id = forms.CharField(label=_("Personnel number"), max_length=64)
    email = forms.EmailField(label=_("E-mail"), required=False)
    position = PositionChoice(
        label=_("Seat"), queryset=Position.objects.none(), required=False, widget=Searchable,
        help_text=_("Only vacant seats are listed. Left empty, the person waits without a seat."),
    )  # fmt: skip
    on = DateField(label=_("First day"))

    def prepare(self) -> None:
        self.fields["position"].queryset = self.vacancies()
        self.fields["position"].initial = self.subject


class AssignForm(OrgForm):
    submit = _("Assign")
    person = PersonChoice(label=_("Person"), queryset=Person.objects.none(), widget=Searchable)
    on = DateField(label=_("From"))

    def prepare(self) -> None:
        self.fields["person"].queryset = selectors.unplaced_people(self.today)


class MovePersonForm(OrgForm):
    submit = _("Move")
    position = PositionChoice(
        label=_("New seat"), queryset=Position.objects.none(), widget=Searchable,
        help_text=_("Only vacant seats are listed. The old seat becomes vacant."),
    )  # fmt: skip
    on = DateField(label=_("From"))

    def prepare(self) -> None:
        self.fields["position"].queryset = self.vacancies()


class LeaveForm(OrgForm):
    submit, danger = _("Record leaving"), True
    on = DateField(label=_("Gone from"), help_text=_("The first day the person no longer works here."))


class AbsenceForm(OrgForm):
    submit = _("Record absence")
    kind = forms.ChoiceField(label=_("Kind"), choices=AbsenceKind.choices)
    starts_on = DateField(label=_("First day"))
    last_day = DateField(
        label=_("Last day"), required=False, help_text=_("Left empty, the absence goes on until you end it.")
    )
    time_percent = forms.DecimalField(
        label=_("Share of the working time, %"), min_value=1, max_value=100, decimal_places=2, initial=100
    )
    is_paid = forms.BooleanField(label=_("With pay"), required=False, initial=True)
    relieves_quota = forms.BooleanField(
        label=_("Lowers the quota"), required=False,
        help_text=_("The absent days lower the person's quota, not the team's. Unpaid days always do."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def prepare(self) -> None:
        self.fields["starts_on"].initial = self.today
        self.fields["note"].help_text = gettext("Only the person, their managers and HR read kind and note.")

    def clean(self) -> dict[str, Any]:
        """Read the last day as the day before the end; unpaid leave needs no second tick."""
        data = super().clean() or {}
        first, last = data.get("starts_on"), data.pop("last_day", None)
        if first and last and last < first:
            self.add_error("last_day", gettext("The last day must not come before the first."))
        data["ends_before"] = last + dt.timedelta(days=1) if last else None
        if data.get("kind") == AbsenceKind.UNPAID:
            data["is_paid"] = False
        return data


class ChangeAbsenceForm(AbsenceForm):
    submit = _("Save absence")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        super().prepare()
        names = ("kind", "time_percent", "is_paid", "relieves_quota", "note", "version", "last_day")
        for name in names:
            self.fields[name].initial = getattr(self.subject, name)
        self.fields["starts_on"].initial = self.subject.valid.lower


class ActingForm(OrgForm):
    submit = _("Let stand in")
    person = PersonChoice(label=_("Who stands in"), queryset=Person.objects.none(), widget=Searchable)
    on = DateField(label=_("From"))
    until = DateField(
        label=_("Until"), required=False, help_text=_("The first day without; empty leaves it open.")
    )

    def prepare(self) -> None:
        self.fields["person"].queryset = Person.objects.employed(self.today).order_by("name", "pk")


class LineForm(OrgForm):
    submit = _("Set reporting line")
    manager = PositionChoice(label=_("Reports to"), queryset=Position.objects.none(), widget=Searchable)
    line_type = forms.ChoiceField(label=_("Kind of line"), choices=LineType.choices)
    on = DateField(label=_("From"))

    def prepare(self) -> None:
        rows = Position.objects.open_on(self.today).exclude(pk=self.subject.pk)
        self.fields["manager"].queryset = rows.order_by("title", "pk")


class GrantForm(OrgForm):
    submit = _("Grant role")
    user = UserChoice(label=_("User"), queryset=User.objects.none(), widget=Searchable)
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, role.label) for role in GRANTABLE_ROLES])
    unit = UnitChoice(label=_("In this unit and below"), queryset=OrgUnit.objects.none(), widget=Searchable)
    on = DateField(label=_("From"))
    until = DateField(
        label=_("Until"), required=False, help_text=_("The first day without; empty leaves it open.")
    )

    def prepare(self) -> None:
        self.fields["user"].queryset = (
            User.objects.filter(is_active=True).exclude(pk=self.by.pk).order_by("pk")
        )
        guarded = ("、" if formatting.chinese() else ", ").join(
            str(role.label) for role in GRANTABLE_ROLES if needs_two(role)
        )
        self.fields["role"].help_text = gettext("A second administrator must agree to: %(roles)s.") % {
            "roles": guarded
        }
        units = OrgUnit.objects.permitting(self.by, Permission.USER_ADMIN).existing(self.today)
        self.fields["unit"].queryset = units.order_by("name", "pk")
