"""What the forms of this room share: inputs that are placed by hand."""

from django import forms


def dress(widget: forms.Widget) -> None:
    """Give an input that is placed by hand the look of the kit."""
    css = "form-control"
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()
