"""The form that says which column means what."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.access.scope import may
from apps.core import days
from apps.core.money import CURRENCIES
from apps.integrations.imports import guessing
from apps.integrations.imports.mapping import FIELDS, REQUIRED, code_of
from apps.integrations.labels import HOLDS, NEEDS, field_label
from apps.integrations.models import ImportRun
from apps.integrations.services import distinct_values

NUMBERS = frozenset({"price", "annual_revenue", "amount"})
LEVELS = 3
MAX_STAGES = 50
_SELECT = {"class": "form-select"}
_INPUT = {"class": "form-control"}


class ColumnsForm(forms.Form):
    """One block per file; what it asks depends on what the file is said to hold.

    Choices made so far come in as ``given`` (the address of the page) or as
    ``data`` (the form sent); everything else starts from the mapping, or from
    what the headers suggest.
    """

    def __init__(
        self,
        run: ImportRun,
        samples: Mapping[str, Mapping[str, Sequence[str]]],
        *,
        data: Any = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data)
        self.run, self.samples = run, samples
        self._given = dict(given or {}) if data is None else {key: data[key] for key in data}
        self.files: list[dict[str, Any]] = []  # type: ignore[assignment]  # no uploads here: the files' rows
        self.stages: list[str] = []
        self._general(run.mapping)
        for number, file in enumerate(run.files):
            self._file(number, file)

    def _general(self, mapping: Mapping[str, Any]) -> None:
        self._add("version", forms.IntegerField(widget=forms.HiddenInput), self.run.version)
        self._add("name", self._text(120), mapping.get("name", self.run.name))
        currencies = [(code, code) for code in CURRENCIES]
        self._add("currency", self._choice(currencies), mapping.get("currency"))
        picker = forms.DateInput({"type": "date", **_INPUT}, format="%Y-%m-%d")
        since = forms.DateField(widget=picker, validators=[days.check_plausible])
        self._add("since", since, mapping.get("since"))
        orders = [
            ("iso", _("2017-03-31 (year first)")),
            ("mdy", _("3/31/2017 (month first)")),
            ("dmy", _("31/3/2017 (day first)")),
        ]
        self._add("dates", self._choice(orders), mapping.get("dates", "iso"))
        encodings = [("", _("As detected")), ("utf-8", "UTF-8"), ("gb18030", "GB 18030 (GBK)")]
        encodings += [("utf-16", "UTF-16"), ("big5", "Big5"), ("cp1252", "Windows-1252")]
        self._add("encoding", self._choice(encodings, required=False), mapping.get("encoding", ""))

    def _file(self, number: int, file: Mapping[str, Any]) -> None:
        prefix, name = f"f{number}", file["name"]
        kept = next((kind for kind in HOLDS if kind and self._part(kind).get("file") == name), "")
        choices = [(kind, label) for kind, label in HOLDS.items() if kind in {"", kept} or self._may(kind)]
        self._add(f"{prefix}-holds", self._choice(choices, required=False), kept)
        holds = str(self.fields[f"{prefix}-holds"].initial or "")
        part = self._part(holds) if holds == kept else {}
        block: dict[str, Any] = {"file": file, "number": number, "holds": f"{prefix}-holds", "kind": holds}
        if holds == "organisation":
            block["levels"] = self._organisation(prefix, file, part)
            block["people"] = [
                {"name": f"{prefix}-company", "label": _("Name of the company")},
                {"name": f"{prefix}-person", "label": _("Column of the person")},
            ]
        elif holds in FIELDS:
            block["columns"] = self._columns(prefix, file, holds, part)
            if holds == "opportunities":
                block["stages"], block["open"] = self._stages(prefix, file, part), f"{prefix}-open"
        self.files.append(block)

    def _may(self, kind: str) -> bool:
        return may(self.run.by, NEEDS[kind])

    def _part(self, kind: str) -> dict[str, Any]:
        part = self.run.mapping.get(kind)
        return part if isinstance(part, dict) else {}

    def _columns(
        self, prefix: str, file: Mapping[str, Any], kind: str, part: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        known = part.get("columns") or guessing.guess_columns(kind, file["columns"])
        rows = []
        for field in FIELDS[kind]:
            column = known.get(field, "")
            times = "1"
            if isinstance(column, dict):
                column, times = column.get("column", ""), str(column.get("times", 1))
            name = f"{prefix}-c-{field}"
            choice = self._column(file, required=field in REQUIRED[kind])
            choice.label = field_label(field)
            self._add(name, choice, column)
            row = {"name": name, "label": field_label(field), "needed": field in REQUIRED[kind]}
            if field in NUMBERS:
                scales = [
                    ("1", "× 1"),
                    ("1000", "× 1,000"),
                    ("10000", _("× 10,000")),
                    ("1000000", "× 1,000,000"),
                ]
                if times not in dict(scales):
                    scales.append((times, f"× {times}"))
                row["times"] = f"{prefix}-t-{field}"
                self._add(str(row["times"]), self._choice(scales, required=False), times)
            rows.append(row)
        return rows

    def _organisation(
        self, prefix: str, file: Mapping[str, Any], part: Mapping[str, Any]
    ) -> list[dict[str, str]]:
        guess = guessing.guess_organisation(file["columns"])
        person = (part.get("person") or {}).get("column") or guess.get("person", "")
        company = (part.get("company") or {}).get("name") or self.run.name
        self._add(f"{prefix}-company", self._text(120), company)
        self._add(f"{prefix}-person", self._column(file, required=True), person)
        levels = part.get("units") or [
            {"kind": kind, "column": guess[kind], "lead_title": "x" if kind == "team" else ""}
            for kind in ("region", "team")
            if kind in guess
        ]
        kinds = [(kind, field_label(kind)) for kind in ("region", "branch", "department", "team")]
        rows = []
        for index in range(LEVELS):
            level = levels[index] if index < len(levels) else {}
            row = {key: f"{prefix}-l{index}-{key}" for key in ("column", "kind", "lead")}
            self._add(row["column"], self._column(file), level.get("column", ""))
            self._add(row["kind"], self._choice(kinds, required=False), level.get("kind", "team"))
            lead = forms.BooleanField(
                required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
            )
            self._add(row["lead"], lead, bool(level.get("lead_title")))
            rows.append(row)
        return rows

    def _stages(self, prefix: str, file: Mapping[str, Any], part: Mapping[str, Any]) -> list[dict[str, str]]:
        column = str(self.fields[f"{prefix}-c-stage"].initial or "")
        seen = distinct_values(self.run, file["name"], column) if column in file["columns"] else []
        known = part.get("stages") or {}
        same = column == (part.get("columns") or {}).get("stage")
        self.stages = list(dict.fromkeys([*(known if same else ()), *seen]))[:MAX_STAGES]
        guesses = guessing.guess_stages(self.stages)
        history = part.get("history") or {}
        values = [("column", _("the amount in the file")), ("list_price", _("the product's list price"))]
        self._add(f"{prefix}-open", self._choice(values), part.get("open_amount", "column"))
        kinds = [("open", pgettext("deal", "Open")), ("won", _("Won")), ("lost", _("Lost"))]
        rows = []
        for number, value in enumerate(self.stages):
            stage = known.get(value) or guesses[value]
            stage = {"name": stage} if isinstance(stage, str) else stage
            row = {key: f"s{number}-{key}" for key in ("name", "kind", "probability", "since")}
            self._add(row["name"], self._text(80), stage.get("name", value))
            self._add(row["kind"], self._choice(kinds), stage.get("kind", "open"))
            chance = forms.DecimalField(
                min_value=0, max_value=100, widget=forms.NumberInput(_INPUT), required=False
            )
            self._add(row["probability"], chance, stage.get("probability", 100))
            self._add(row["since"], self._column(file), history.get(value, ""))
            row["value"] = value
            rows.append(row)
        return rows

    def _add(self, name: str, field: forms.Field, initial: Any) -> None:
        field.initial = self._given.get(name, initial)
        if isinstance(field, forms.BooleanField) and self._given:
            field.initial = name in self._given if f"{name[:2]}-holds" in self._given else initial
        self.fields[name] = field

    def _text(self, limit: int) -> forms.Field:
        return forms.CharField(max_length=limit, widget=forms.TextInput(_INPUT))

    def _choice(self, choices: Sequence[tuple[Any, Any]], *, required: bool = True) -> forms.ChoiceField:
        return forms.ChoiceField(choices=choices, required=required, widget=forms.Select(_SELECT))

    def _column(self, file: Mapping[str, Any], *, required: bool = False) -> forms.ChoiceField:
        seen = self.samples.get(file["name"], {})
        choices = [("", _("— not in this file —"))]
        for column in file["columns"]:
            values = ", ".join(seen.get(column, ()))
            choices.append((column, f"{column} ({values})" if values else column))
        return self._choice(choices, required=required)

    def mapping(self) -> dict[str, Any]:
        """Return the mapping as data; call after ``is_valid``."""
        data = self.cleaned_data
        mapping: dict[str, Any] = {
            "version": 1,
            "name": data["name"],
            "currency": data["currency"],
            "since": data["since"].isoformat(),
            "dates": data["dates"],
            "encoding": data["encoding"],
        }
        for block in self.files:
            if block["kind"] in FIELDS:
                mapping[block["kind"]] = self._table(block)
            elif block["kind"]:
                mapping["organisation"] = self._people(block)
        mapping["values"] = self.run.mapping.get("values") or {}
        return mapping

    def clean(self) -> dict[str, Any]:
        """Refuse two files that hold the same."""
        held = [block["kind"] for block in self.files if block["kind"]]
        for kind in sorted(set(held)):
            if held.count(kind) > 1:
                text = _("Two files hold “%(kind)s”. Import one after the other.")
                raise forms.ValidationError(text % {"kind": HOLDS[kind]})
        if not held:
            raise forms.ValidationError(_("Say of at least one file what it holds."))
        return self.cleaned_data

    def _table(self, block: Mapping[str, Any]) -> dict[str, Any]:
        data, prefix = self.cleaned_data, f"f{block['number']}"
        columns: dict[str, Any] = {}
        for field in FIELDS[block["kind"]]:
            column = data.get(f"{prefix}-c-{field}")
            times = data.get(f"{prefix}-t-{field}") or "1"
            if column:
                columns[field] = column if times == "1" else {"column": column, "times": times}
        table = {"file": block["file"]["name"], "columns": columns}
        if block["kind"] == "opportunities":
            table["open_amount"] = data[f"{prefix}-open"]
            table["stages"] = {
                row["value"]: {
                    "name": data[row["name"]],
                    "kind": data[row["kind"]],
                    "probability": str(data[row["probability"]] or 0),
                }
                for row in block["stages"]
            }
            table["history"] = {
                row["value"]: data[row["since"]] for row in block["stages"] if data[row["since"]]
            }
        return table

    def _people(self, block: Mapping[str, Any]) -> dict[str, Any]:
        data, prefix = self.cleaned_data, f"f{block['number']}"
        before = self._part("organisation")
        old = {level.get("column"): level for level in before.get("units") or [] if isinstance(level, dict)}
        units = []
        for row in block["levels"]:
            column = data[row["column"]]
            if not column:
                continue
            kept = old.get(column, {})
            level = {"kind": data[row["kind"]], "column": column, "name": kept.get("name") or "{value}"}
            if data[row["lead"]]:
                level["lead_title"] = kept.get("lead_title") or _("Sales manager")
                level["name"] = kept.get("name") or _("Team %(value)s") % {"value": "{value}"}
            units.append(level)
        company = before.get("company") or {}
        name = data[f"{prefix}-company"]
        title = (before.get("person") or {}).get("title") or _("Sales representative")
        return {
            "file": block["file"]["name"],
            "company": {"code": company.get("code") or code_of(name) or "company", "name": name},
            "units": units,
            "person": {"column": data[f"{prefix}-person"], "title": title},
        }
