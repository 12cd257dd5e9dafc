"""What the forms of this room share: figures, and inputs that are placed by hand."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.ui import forms as kit


class Figure(forms.DecimalField):
    """A number that may be left empty; thousand separators welcome."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, min_value=0, max_digits=18, decimal_places=8, widget=kit.AmountInput(), **kwargs
        )

    def to_python(self, value: Any) -> Decimal | None:
        """Read the number without its separators."""
        return super().to_python(kit.ungrouped(value))


def dress(widget: forms.Widget) -> None:
    """Give an input that is placed by hand the look of the kit."""
    css = "form-control"
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()


def plain_text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
