"""Choices of the organisation that the forms of every room share."""

from django import forms

from apps.core.names import in_words
from apps.org.models import OrgUnit


class UnitChoice(forms.ModelChoiceField):
    """A unit by its name and kind."""

    def label_from_instance(self, obj: OrgUnit) -> str:
        """Return what the choice reads."""
        return f"{in_words(obj.name)} · {obj.get_kind_display()}"
