"""The parameters of a question about a figure, as pages and the API take them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core import days
from apps.measures import registry
from apps.measures.selectors import Part

REACHES = [("own", _("The people in your reach"))]
MAY_BE_EMPTY = frozenset({"person", "position", "product", "account"})
STRUCTURES = [("as_was", _("As it was")), ("as_is", _("As it is"))]


class FigureForm(forms.Form):
    """One question: which measure, over ``[start, end)``, for whom, over which structure."""

    measure = forms.CharField(label=_("measure"), max_length=40)
    start = forms.DateField(label=_("from"), validators=[days.check_plausible])
    end = forms.DateField(label=_("up to, not including"), validators=[days.check_plausible])
    unit = forms.IntegerField(label=_("unit"), required=False, min_value=1)
    person = forms.IntegerField(label=_("person"), required=False, min_value=1)
    product = forms.IntegerField(label=_("product"), required=False, min_value=1)
    account = forms.IntegerField(label=_("account"), required=False, min_value=1)
    structure = forms.ChoiceField(label=_("structure"), required=False, choices=STRUCTURES)
    as_of = forms.DateField(label=_("as of"), required=False, validators=[days.check_plausible])

    def clean_measure(self) -> str:
        """Refuse a code that is not in the catalogue."""
        code: str = self.cleaned_data["measure"]
        if code not in registry.measures:
            known = ", ".join(sorted(registry.measures))
            raise forms.ValidationError(
                _("There is no measure “%(code)s”. Known measures: %(known)s."),
                params={"code": code, "known": known},
            )
        return code

    def clean(self) -> dict[str, object]:
        """Refuse a range that ends before it starts."""
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end and end <= start:
            self.add_error("end", _("The end must come after the start."))
        return data

    def arguments(self) -> dict[str, object]:
        """Return the keyword arguments of ``selectors.value`` and ``selectors.explain``."""
        data = self.cleaned_data
        return {
            "unit_id": data["unit"],
            "person_id": data["person"],
            "product_id": data["product"],
            "account_id": data["account"],
            "structure": data["structure"] or "as_was",
            "as_of": data["as_of"],
        }


class RowsForm(FigureForm):
    """The rows behind one figure of a split."""

    position = forms.IntegerField(label=_("seat"), required=False, min_value=1)
    within = forms.IntegerField(label=_("unit above"), required=False, min_value=1)
    without = forms.CharField(label=_("empty"), required=False, max_length=60)
    reach = forms.ChoiceField(label=_("reach"), required=False, choices=REACHES)

    def clean_without(self) -> frozenset[str]:
        """Refuse what is not a dimension that rows can leave empty."""
        asked = frozenset(filter(None, self.cleaned_data["without"].split(",")))
        if not asked <= MAY_BE_EMPTY:
            known = ", ".join(sorted(MAY_BE_EMPTY))
            raise forms.ValidationError(_("Choose among: %(known)s."), params={"known": known})
        return asked

    def part(self) -> Part:
        """Return which part of the figure's rows is meant."""
        data = self.cleaned_data
        return Part(data["position"], data["within"], data["without"], data["reach"] == "own")
