"""Reading whole numbers from the address."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


def whole_numbers(request: Request, names: Iterable[str]) -> dict[str, int]:
    """Return the named parameters that were given. Raises ValidationError for anything but a whole number."""
    found = {}
    for name in set(names) & set(request.query_params):
        text = request.query_params[name]
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise ValidationError({name: [_("A whole number is expected.")]})
        found[name] = int(text)
    return found
