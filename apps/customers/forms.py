"""Forms of customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.customers.enums import BuyingRole, SurveyChannel
from apps.customers.models import Account, Contact
from apps.org.models import Person
from apps.ui.forms import Autocomplete, DateField, Form, MoneyField, Searchable

_TEXTS = ("name", "registration_code", "sector", "country", "city", "website", "phone", "note")
_FIGURES = ("employees", "annual_revenue", "founded")


class AccountForm(Form):
    """Create or change an account."""

    submit = _("Save account")

    name = forms.CharField(label=_("Name"), max_length=200)
    parent = forms.ModelChoiceField(
        Account.objects.none(), label=_("Belongs to"), required=False, widget=Autocomplete("accounts")
    )
    owner = forms.ModelChoiceField(
        Person.objects.none(), label=_("Owner"), required=False, widget=Searchable()
    )
    sector = forms.CharField(label=_("Sector"), max_length=80, required=False)
    country = forms.CharField(label=_("Country"), max_length=80, required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    registration_code = forms.CharField(label=_("Registration code"), max_length=40, required=False)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    employees = forms.IntegerField(label=_("Employees"), min_value=0, required=False)
    annual_revenue = MoneyField(label=_("Annual revenue"), required=False)
    founded = forms.IntegerField(label=_("Founded"), min_value=1000, max_value=2200, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    accept_duplicate = forms.BooleanField(
        label=_("This is another company with the same name"), required=False, widget=forms.HiddenInput()
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, user: User, *args: Any, account: Account | None = None, **kwargs: Any) -> None:
        initial = kwargs.pop("initial", {})
        if account is not None:
            initial |= {name: getattr(account, name) for name in (*_TEXTS, *_FIGURES, "version")}
            initial |= {"parent": account.parent_id, "owner": account.owner_id}
        super().__init__(*args, initial=initial, **kwargs)
        parents = Account.objects.visible_to(user)
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]  # model choice
        self.fields["parent"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same
        people = Person.objects.filter(scope_of(user, Permission.ACCOUNT_EDIT).people(""))
        self.fields["owner"].queryset = people.order_by("name", "pk")  # type: ignore[attr-defined]  # same
        self.fields["owner"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same

    def apply_domain_error(self, error: Any) -> None:
        """Show a refusal; a possible duplicate offers to insist."""
        super().apply_domain_error(error)
        if error.code == "possible_duplicate":
            self.fields["accept_duplicate"].widget = forms.CheckboxInput()

    def changes(self) -> dict[str, object]:
        """Return what to hand to the service."""
        values: dict[str, object] = {name: self.cleaned_data[name] for name in (*_TEXTS, *_FIGURES)}
        for name in ("parent", "owner"):
            chosen = self.cleaned_data[name]
            values[f"{name}_id"] = chosen.pk if chosen else None
        return values


class ContactForm(Form):
    """Create or change a contact."""

    submit = _("Save contact")

    name = forms.CharField(label=_("Name"), max_length=120)
    title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    buying_role = forms.ChoiceField(label=_("Buying role"), choices=BuyingRole.choices, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    wechat = forms.CharField(label=_("WeChat"), max_length=60, required=False)
    left_on = DateField(label=_("Left the company on"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, contact: Contact | None = None, **kwargs: Any) -> None:
        initial = kwargs.pop("initial", {})
        if contact is not None:
            names = list(self.base_fields)
            initial |= {name: getattr(contact, name) for name in names}
        super().__init__(*args, initial=initial, **kwargs)

    def changes(self) -> dict[str, object]:
        """Return what to hand to the service."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class SatisfactionForm(Form):
    """Record one answer."""

    submit = _("Record answer")

    score = forms.TypedChoiceField(
        label=_("How satisfied?"),
        choices=[(n, str(n)) for n in range(1, 6)],
        coerce=int,
        widget=forms.RadioSelect(),
        help_text=_("1 is very dissatisfied, 5 is very satisfied."),
    )
    responded_on = DateField(label=_("Answered on"))
    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Contact"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=SurveyChannel.choices)
    comment = forms.CharField(
        label=_("Comment"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts = account.contacts.order_by("name_key", "pk")
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]  # model choice
        self.fields["contact"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same


class MemberForm(Form):
    """Let somebody work on an account."""

    submit = _("Add person")

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"), widget=Searchable())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.order_by("name", "pk")  # type: ignore[attr-defined]  # model choice
        self.fields["person"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same
