"""Fields of a form by name, for forms whose fields depend on the files."""

from django import forms, template
from django.forms.boundfield import BoundField

register = template.Library()


@register.filter
def named(form: forms.Form, name: str) -> BoundField:
    """Return the field of a form."""
    return form[name]
