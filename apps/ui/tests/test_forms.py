from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms

from apps.core.errors import DomainError
from apps.ui import forms as kit
from apps.ui.models import SavedView


class Plan(kit.Form):
    amount = kit.MoneyField(label="Amount", currency="USD")
    share = kit.PercentField(label="Share", required=False)
    starts_on = kit.DateField(label="Start", required=False)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1234.5", Decimal("1234.5")),
        ("1,234,567.89", Decimal("1234567.89")),
        ("¥1，200", Decimal("1200")),
        (" $ 12 ", Decimal("12")),
    ],
)
def test_amounts_may_be_typed_with_separators(typed, expected):
    form = Plan({"amount": typed})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["amount"] == expected


@pytest.mark.parametrize(
    "typed", ["1.234,50", "12,34", "-1", "NaN", "Infinity", "1e999", "9999999999999", "1.005", "abc"]
)
def test_amounts_that_could_mean_something_else_are_refused(typed):
    assert not Plan({"amount": typed}).is_valid()


def test_percent_is_kept_as_a_ratio_and_shown_as_percent():
    form = Plan({"amount": "1", "share": "25%"})

    assert form.is_valid()
    assert form.cleaned_data["share"] == Decimal("0.25")
    assert Plan(initial={"share": Decimal("0.25")})["share"].value() == "25"


def test_the_summary_names_field_and_fix():
    form = Plan({"amount": "", "starts_on": "2026-02-30"})

    assert [(field, label) for field, label, _text in form.problems] == [
        ("id_amount", "Amount"),
        ("id_starts_on", "Start"),
    ]


def test_a_rules_refusal_shows_at_its_field_or_above_the_form():
    form = Plan({"amount": "1"})
    form.is_valid()

    form.apply_domain_error(DomainError("No.", fields={"amount": "Too little.", "owner": "Gone."}))

    assert form.errors == {"amount": ["Too little."], "__all__": ["No."]}


def test_choices_read_as_people_call_them():
    from_rows = (
        kit.called(SimpleNamespace(name="Negotiate")),
        kit.called(SimpleNamespace(title="Buyer")),
        kit.called(SimpleNamespace(code="2026-Q1")),
    )

    assert from_rows == ("Negotiate", "Buyer", "2026-Q1")


def test_a_choice_a_form_adds_to_itself_reads_as_people_call_it_too():
    class Late(kit.Form):
        def __init__(self):
            super().__init__()
            self.fields["unit"] = forms.ModelMultipleChoiceField(SavedView.objects.none())

    form = Late()

    assert form.helper
    assert form.fields["unit"].label_from_instance(SavedView(pk=7, name="My East")) == "My East"
