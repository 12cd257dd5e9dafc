"""Forms: one look in the page and in the side sheet, inputs for money, dates, percent and long lists."""

from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core import days
from apps.core.money import CURRENCIES, MAX_AMOUNT
from apps.ui import formatting

Label = Promise | str


PLAIN_CHOICES = {forms.ModelChoiceField, forms.ModelMultipleChoiceField}


def called(row: Any) -> str:
    """Return how a person calls a row in a list of choices; ``str`` is for those who read logs."""
    for name in ("name", "title", "code"):
        if text := getattr(row, name, ""):
            return str(text)
    return str(row)


class FormLayout(FormHelper):
    """How forms render: fields only; the template ``ui/form.html`` adds tag, errors and buttons."""

    def __init__(self, form: forms.BaseForm | None = None) -> None:
        super().__init__(form)
        self.form_tag = False
        self.disable_csrf = True
        self.form_show_errors = True
        self.include_media = False


class KitForm:
    """Mixed into a form: the layout, the verb of its button, and errors that name field and fix.

    ``submit`` is the button ("Approve plan"); ``danger`` paints it as one that
    cannot be undone; ``css`` is a class of the form; ``apply_domain_error`` shows
    a rule's refusal at its fields.
    """

    submit: Label = _("Save")
    cancel: Label = _("Cancel")
    danger = False
    css = ""
    multipart = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._call_choices_by_name()

    def _call_choices_by_name(self) -> None:
        for field in self.fields.values():  # type: ignore[attr-defined]  # mixed into a form
            if type(field) in PLAIN_CHOICES and "label_from_instance" not in vars(field):
                field.label_from_instance = called

    @property
    def helper(self) -> FormLayout:
        """The crispy helper."""
        self._call_choices_by_name()  # the fields a form added to itself after the first time
        return FormLayout(self)  # type: ignore[arg-type]  # mixed into a form

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Field id, label and sentence of each error, for the summary above the form."""
        found = []
        for name, errors in self.errors.items():  # type: ignore[attr-defined]  # mixed into a form
            bound = self[name] if name in self.fields else None  # type: ignore[attr-defined,index]  # same
            for error in errors:
                found.append(
                    (bound.id_for_label if bound else "", str(bound.label) if bound else "", str(error))
                )
        return found

    def apply_domain_error(self, error: Any) -> None:
        """Show a DomainError at the fields it names; its own sentence above when one is not in this form."""
        here = {name: text for name, text in error.fields.items() if name in self.fields}  # type: ignore[attr-defined]  # mixed into a form
        for name, text in here.items():
            self.add_error(name, str(text))  # type: ignore[attr-defined]  # same
        if len(here) < max(len(error.fields), 1):
            self.add_error(None, str(error))  # type: ignore[attr-defined]  # same


class Form(KitForm, forms.Form):
    """A form of the kit."""


class ModelForm(KitForm, forms.ModelForm):
    """A model form of the kit. It never saves: views hand ``cleaned_data`` to a service."""

    def save(self, commit: bool = True) -> Any:
        raise NotImplementedError("Services write, forms do not.")


class DateInput(forms.DateInput):
    """The browser's date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            attrs={"min": str(days.FIRST), "max": str(days.LAST), **(attrs or {})}, format="%Y-%m-%d"
        )


class DateField(forms.DateField):
    """A date."""

    widget = DateInput
    default_validators = [days.check_plausible]


class MomentField(forms.DateTimeField):
    """Date and time in the reader's zone."""

    default_validators = [days.check_plausible]
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)


class AmountInput(forms.TextInput):
    """A figure typed with or without thousand separators, beside its unit."""

    template_name = "ui/widgets/amount.html"

    def __init__(self, unit: str = "", attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"inputmode": "decimal", "autocomplete": "off", "class": "text-end", **(attrs or {})}
        )
        self.unit = unit

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["unit"] = self.unit
        return context


class MoneyField(forms.DecimalField):
    """An amount of money: at most two decimals, thousand separators welcome."""

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_value", MAX_AMOUNT)
        kwargs.setdefault("min_value", Decimal(0))
        kwargs.setdefault("decimal_places", 2)
        super().__init__(widget=AmountInput(formatting.symbol(currency).strip()), **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        return super().to_python(ungrouped(value))


class PercentField(forms.DecimalField):
    """A share typed as percent (25) and kept as a ratio (0.25)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        kwargs.setdefault("max_value", Decimal(1))
        super().__init__(widget=AmountInput("%"), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal | int | float):
            return formatting.number(Decimal(str(value)) * 100)
        return value

    def to_python(self, value: Any) -> Decimal | None:
        figure = super().to_python(str(value).replace("%", "").replace("％", "").strip() if value else value)
        return None if figure is None else figure / 100


class CurrencyField(forms.ChoiceField):
    """One of the supported currencies."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(code, code) for code in CURRENCIES], **kwargs)


class Autocomplete(forms.Select):
    """A select that asks a registered source (``apps.ui.autocomplete``) while one types."""

    def __init__(self, source: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"data-autocomplete": "", **(attrs or {})})
        self.source = source

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        attrs["data-autocomplete"] = reverse("ui:autocomplete", args=[self.source])
        return attrs

    def optgroups(self, name: str, value: list[Any], attrs: dict[str, Any] | None = None) -> Any:
        """Render only what is chosen; the rest comes from the source."""
        field_choices = self.choices
        queryset = getattr(field_choices, "queryset", None)
        if queryset is not None:
            chosen = [one for one in value if one]
            rows = queryset.filter(pk__in=chosen) if chosen else []
            label = field_choices.field.label_from_instance  # type: ignore[union-attr]  # a ModelChoiceIterator
            empty = field_choices.field.empty_label or "---------"  # type: ignore[union-attr]  # same
            self.choices = [("", empty), *((row.pk, label(row)) for row in rows)]
        try:
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = field_choices


class Searchable(forms.Select):
    """A select one can type in; all choices are in the page."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"data-searchable": "", **(attrs or {})}, choices)


class SearchableMultiple(forms.SelectMultiple):
    """A multiple select one can type in."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"data-searchable": "", **(attrs or {})}, choices)


def ungrouped(value: Any) -> Any:
    """Return typed figures without currency signs, blanks and thousand separators in their places.

    ``1,234.50`` and ``¥1 234.50`` read as 1234.50; ``1.234,50`` stays as it is and is refused.
    """
    if not isinstance(value, str):
        return value
    text = value.strip().lstrip("$¥￥€£").replace(" ", "").replace("\u00a0", "").replace("，", ",")
    head, point, tail = text.partition(".")
    groups = head.lstrip("-").split(",")
    if len(groups) > 1 and len(groups[0]) in {1, 2, 3} and all(len(one) == 3 for one in groups[1:]):
        return head.replace(",", "") + point + tail
    return text
