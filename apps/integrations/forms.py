"""Input of the import pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.integrations.imports.mapping import MAX_TEXT
from apps.integrations.labels import OPTIONAL, field_label
from apps.integrations.models import ImportRun
from apps.ui.forms import CurrencyField, DateField, Form

KEEP = "="
BLANK = "-"


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; each must have a name and something in it."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files."""
        if not data:
            data = [None]
        files = data if isinstance(data, list | tuple) else [data]
        cleaned = super().clean
        return [cleaned(file, initial) for file in files]


class UploadForm(Form):
    """The files of an import and what they do not say themselves."""

    submit = gettext_lazy("Upload files")
    multipart = True

    files = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "CSV or Excel, up to 10 at once: people, products, accounts, deals, absences."
        ),
        widget=ManyFiles({"accept": ".csv,.tsv,.txt,.xlsx", "multiple": True}),
    )
    name = forms.CharField(
        label=gettext_lazy("Company"),
        max_length=120,
        help_text=gettext_lazy("What the top of the org chart is called."),
    )
    currency = CurrencyField(label=gettext_lazy("Currency of the amounts"))
    since = DateField(
        label=gettext_lazy("First day"),
        help_text=gettext_lazy("From this day on the organisation and the prices are in force."),
    )
    mapping = forms.FileField(
        label=gettext_lazy("Mapping file"),
        required=False,
        help_text=gettext_lazy("If you kept one from an earlier import (mapping.yml)."),
        widget=forms.FileInput({"accept": ".yml,.yaml"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = settings.COMPANY_CURRENCY

    def clean_name(self) -> str:
        """Refuse characters that cannot be kept."""
        return str(self.cleaned_data["name"]).strip()

    def clean_mapping(self) -> str:
        """Return the text of the mapping file."""
        file = self.cleaned_data["mapping"]
        if file is None:
            return ""
        if file.size > MAX_TEXT:
            raise forms.ValidationError(_("A mapping file is smaller than 1 MB."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("Save the mapping file as UTF-8.")) from error


class VersionForm(forms.Form):
    """The version of the import a change is based on."""

    version = forms.IntegerField(min_value=0, max_value=2_000_000_000)


class LeaveOutForm(VersionForm):
    """Whether rows with problems stay out."""

    leave_out = forms.BooleanField(required=False)


class UndoForm(forms.Form):
    """Why an import is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), min_length=3, max_length=300)


class ValuesForm(VersionForm):
    """What each unknown value of the files means; the nearest known one is suggested."""

    def __init__(self, run: ImportRun, data: Any = None) -> None:
        super().__init__(data, initial={"version": run.version})
        self.run = run
        self.unknown: list[dict[str, Any]] = run.report.get("unknown", [])
        known = run.report.get("known", {})
        for number, one in enumerate(self.unknown):
            choices = [(KEEP, _("Leave as it is"))]
            if one["field"] in OPTIONAL:
                choices.append((BLANK, _("Leave blank")))
            choices += [(f"v{value}", value) for value in known.get(one["field"], ())]
            self.fields[f"u{number}"] = forms.ChoiceField(
                choices=choices,
                required=False,
                initial=f"v{one['suggestion']}" if one["suggestion"] else KEEP,
                widget=forms.Select({"class": "form-select", "aria-label": one["value"]}),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return each unknown value with its input."""
        return [
            {**one, "label": field_label(one["field"]), "input": self[f"u{number}"]}
            for number, one in enumerate(self.unknown)
        ]

    def values(self) -> dict[str, dict[str, str]]:
        """Return field → value in the file → what it means."""
        found: dict[str, dict[str, str]] = {}
        for number, one in enumerate(self.unknown):
            chosen = self.cleaned_data.get(f"u{number}") or KEEP
            if chosen != KEEP:
                meant = "" if chosen == BLANK else chosen[1:]
                found.setdefault(one["field"], {})[one["value"]] = meant
        return found
