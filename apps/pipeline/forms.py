"""Forms of the pipeline. They check shape; services decide."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core.names import in_words
from apps.customers.models import Account, Contact
from apps.org.models import Person
from apps.pipeline.enums import ActivityKind, ForecastCategory, GateField
from apps.pipeline.models import Opportunity, OpportunityLine, OutcomeReason, Product, Stage
from apps.ui.forms import Autocomplete, CurrencyField, DateField, Form, MomentField, MoneyField, Searchable

MAX_SPLITS = 6


def people_choices(user: User, permission: Permission) -> Any:
    """Return the people a user may choose as owner or assignee."""
    scope = scope_of(user, permission)
    people = Person.objects.filter(scope.people(""))
    return people.order_by("name", "pk")


class DealForm(Form):
    """Create or change a deal."""

    submit = _("Save deal")

    name = forms.CharField(label=_("Name"), max_length=200)
    account = forms.ModelChoiceField(
        Account.objects.none(), label=_("Account"), required=False, widget=Autocomplete("accounts")
    )
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label=_("Contact"),
        required=False,
        widget=Autocomplete("contacts"),
        help_text=_("Somebody at the account."),
    )
    owner = forms.ModelChoiceField(Person.objects.none(), label=_("Owner"), widget=Searchable())
    amount = MoneyField(label=_("Amount"), required=False)
    currency = CurrencyField(label=_("Currency"))
    expected_close_on = DateField(label=_("Expected close"), required=False)
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_step_on = DateField(label=_("Next step on"), required=False)
    forecast_category = forms.ChoiceField(
        label=_("Forecast category"), choices=ForecastCategory.choices, required=False
    )
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, user: User, *args: Any, deal: Opportunity | None = None, **kwargs: Any) -> None:
        initial = {"currency": settings.COMPANY_CURRENCY, **kwargs.pop("initial", {})}
        if deal is not None:
            initial |= {
                field: getattr(deal, field)
                for field in (
                    "name", "amount", "currency", "expected_close_on", "next_step", "next_step_on",
                    "forecast_category", "note", "version",
                )
            }  # fmt: skip
            initial |= {"account": deal.account_id, "owner": deal.owner_id, "contact": deal.contact_id}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["account"].queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]  # model choice
        contacts = Contact.objects.visible_to(user)
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]  # model choice
        for field in ("account", "contact", "owner"):
            self.fields[field].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same
        owners = people_choices(user, Permission.DEAL_EDIT)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]  # model choice
        if deal is not None and not deal.is_open:
            for field in ("account", "owner", "amount", "currency", "expected_close_on"):
                del self.fields[field]

    def changes(self) -> dict[str, object]:
        """Return what to hand to the service."""
        values: dict[str, object] = {}
        for field, value in self.cleaned_data.items():
            if field in {"account", "contact", "owner"}:
                values[f"{field}_id"] = value.pk if value else None
            elif field != "version":
                values[field] = value
        if "amount" in values:
            values["amount"] = values["amount"] or Decimal(0)
        return values


class MoveForm(Form):
    """Choose the stage a deal moves to."""

    submit = _("Move deal")

    stage = forms.ModelChoiceField(Stage.objects.none(), label=_("Stage"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    override_reason = forms.CharField(
        label=_("Move without the exit criteria because"), max_length=200, required=False
    )

    def __init__(self, deal: Opportunity, *args: Any, may_override: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, initial={"stage": deal.stage_id, "version": deal.version}, **kwargs)
        stages = Stage.objects.filter(process__stages=deal.stage_id, kind="open").order_by("order")
        self.fields["stage"].queryset = stages  # type: ignore[attr-defined]  # model choice
        self.fields["stage"].label_from_instance = lambda row: in_words(row.name)  # type: ignore[attr-defined]  # same
        if not may_override:
            del self.fields["override_reason"]


class CloseForm(Form):
    """Win or lose a deal."""

    closed_on = DateField(label=_("Closed on"))
    reason = forms.ModelChoiceField(OutcomeReason.objects.none(), label=_("Reason"), required=False)
    note = forms.CharField(
        label=_("In your words"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, kind: str, deal: Opportunity, today: dt.date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"closed_on": today, "version": deal.version}, **kwargs)
        reasons = OutcomeReason.objects.filter(kind=kind, retired_on__isnull=True).order_by("order", "pk")
        self.fields["reason"].queryset = reasons  # type: ignore[attr-defined]  # model choice
        self.fields["reason"].label_from_instance = lambda row: in_words(row.name)  # type: ignore[attr-defined]  # same
        self.fields["reason"].required = kind == "lost"
        self.submit = _("Win deal") if kind == "won" else _("Lose deal")
        self.danger = kind == "lost"


class ReopenForm(Form):
    """Open a decided deal again."""

    submit = _("Reopen deal")

    reason = forms.CharField(label=_("Why"), max_length=200)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())


class LineForm(Form):
    """Add a product to a deal."""

    submit = _("Add product")

    product = forms.ModelChoiceField(Product.objects.none(), label=_("Product"), widget=Searchable())
    quantity = forms.DecimalField(label=_("Quantity"), initial=1, min_value=Decimal("0.01"), decimal_places=2)
    unit_price = MoneyField(
        label=_("Unit price"), required=False, help_text=_("Empty takes the list price of today.")
    )
    discount = forms.DecimalField(
        label=_("Discount %"), initial=0, min_value=0, max_value=100, decimal_places=2, required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = Product.objects.filter(retired_on__isnull=True).order_by("name", "pk")
        self.fields["product"].queryset = products  # type: ignore[attr-defined]  # model choice
        self.fields["product"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same


class LineChangeForm(Form):
    """Change how much of a product is sold, and for what."""

    submit = _("Save product")

    quantity = forms.DecimalField(label=_("Quantity"), min_value=Decimal("0.01"), decimal_places=2)
    unit_price = MoneyField(label=_("Unit price"))
    discount = forms.DecimalField(label=_("Discount %"), min_value=0, max_value=100, decimal_places=2)
    version = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, line: OpportunityLine, *args: Any, **kwargs: Any) -> None:
        initial = {name: getattr(line, name) for name in ("quantity", "unit_price", "discount")}
        super().__init__(*args, initial={**initial, "version": line.opportunity.version}, **kwargs)


class SplitsForm(Form):
    """Who shares a deal."""

    submit = _("Save shares")
    css = "form-pairs"

    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, deal: Opportunity, *args: Any, **kwargs: Any) -> None:
        rows = list(deal.splits.order_by("-share", "pk").values_list("person_id", "share"))
        initial: dict[str, object] = {"version": deal.version}
        for n, (person_id, share) in enumerate(rows or [(deal.owner_id, Decimal(100))]):
            initial |= {f"person_{n}": person_id, f"share_{n}": share}
        super().__init__(*args, initial=initial, **kwargs)
        people = [("", "—"), *Person.objects.order_by("name", "pk").values_list("pk", "name")]
        for n in range(MAX_SPLITS):
            self.fields[f"person_{n}"] = forms.ChoiceField(
                label=_("Person"), choices=people, required=False, widget=Searchable()
            )
            self.fields[f"share_{n}"] = forms.DecimalField(label=_("Share %"), required=False)

    def shares(self) -> list[tuple[int, Decimal]]:
        """Return the filled rows as person id and percent."""
        rows = (
            (self.cleaned_data[f"person_{n}"], self.cleaned_data[f"share_{n}"]) for n in range(MAX_SPLITS)
        )
        return [(int(person), share) for person, share in rows if person and share is not None]


class ActivityForm(Form):
    """Log what happened, in two taps and a sentence."""

    submit = _("Log activity")

    client_uuid = forms.UUIDField(required=False, widget=forms.HiddenInput())
    kind = forms.ChoiceField(label=_("Kind"), choices=ActivityKind.choices, initial=ActivityKind.VISIT)
    subject = forms.CharField(label=_("In one sentence"), max_length=200)
    account = forms.ModelChoiceField(
        Account.objects.none(), label=_("Account"), required=False, widget=Autocomplete("accounts")
    )
    opportunity = forms.ModelChoiceField(
        Opportunity.objects.none(), label=_("Deal"), required=False, widget=Autocomplete("deals")
    )
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label=_("Contact"), required=False, widget=Autocomplete("contacts")
    )
    happened_at = MomentField(label=_("When"))
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=0, max_value=1440, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]  # model choice
        self.fields["opportunity"].queryset = Opportunity.objects.visible_to(user)  # type: ignore[attr-defined]  # same
        self.fields["contact"].queryset = Contact.objects.visible_to(user)  # type: ignore[attr-defined]  # same
        for field in ("account", "opportunity", "contact"):
            self.fields[field].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same


class TaskForm(Form):
    """Create a task."""

    submit = _("Save task")

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    due_on = DateField(label=_("Due on"), required=False)
    assignee = forms.ModelChoiceField(Person.objects.none(), label=_("Assigned to"), widget=Searchable())
    opportunity = forms.ModelChoiceField(
        Opportunity.objects.none(), label=_("Deal"), required=False, widget=Autocomplete("deals")
    )
    note = forms.CharField(
        label=_("Note"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = people_choices(user, Permission.ACTIVITY_LOG)
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]  # model choice
        self.fields["assignee"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same
        deals = Opportunity.objects.visible_to(user)
        self.fields["opportunity"].queryset = deals  # type: ignore[attr-defined]  # model choice
        self.fields["opportunity"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]  # same


class ProductForm(Form):
    """Create or change a product."""

    submit = _("Save product")

    code = forms.CharField(label=_("Code"), max_length=60)
    name = forms.CharField(label=_("Name"), max_length=160)
    series = forms.CharField(label=_("Series"), max_length=80, required=False)
    description = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    retired_on = DateField(label=_("Not sold from"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())


class PriceForm(Form):
    """Set a list price from a day on."""

    submit = _("Set price")

    currency = CurrencyField(label=_("Currency"))
    amount = MoneyField(label=_("Price"))
    from_day = DateField(label=_("From"))


class StageForm(Form):
    """Change a stage and what it asks for."""

    submit = _("Save stage")

    name = forms.CharField(label=_("Name"), max_length=80)
    probability = forms.DecimalField(
        label=_("Probability %"), min_value=0, max_value=100, decimal_places=2, max_digits=5
    )
    gates = forms.MultipleChoiceField(
        label=_("Before a deal leaves this stage it needs"),
        choices=GateField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    guidance = forms.CharField(
        label=_("What good looks like"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )


class ProcessForm(Form):
    """Change a sales process."""

    submit = _("Save process")

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )
    allows_skip = forms.BooleanField(label=_("Stages may be skipped"), required=False)
    allows_back = forms.BooleanField(label=_("Deals may go back a stage"), required=False)


class NewProcessForm(Form):
    """Set up a sales process with the stages the product proposes."""

    submit = _("Create process")

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("It begins with four common stages; rename, move, add and remove them as you sell."),
    )


class ReasonForm(Form):
    """Add a reason for winning or losing."""

    submit = _("Add reason")

    kind = forms.ChoiceField(label=_("For"), choices=[("won", _("Won deals")), ("lost", _("Lost deals"))])
    name = forms.CharField(label=_("Name"), max_length=120)
    counts = forms.BooleanField(label=_("Counts in the win rate"), required=False, initial=True)
