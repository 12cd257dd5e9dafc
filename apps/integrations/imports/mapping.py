"""The mapping file: which column means what. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.money import CURRENCIES

MAX_TEXT = 1_000_000
DATE_ORDERS = ("iso", "mdy", "dmy")
ENTITIES = ("organisation", "products", "accounts", "opportunities", "absences")
STAGE_KINDS = ("open", "won", "lost")
UNIT_KINDS = ("company", "region", "branch", "department", "team", "virtual")

FIELDS: dict[str, tuple[str, ...]] = {
    "products": ("code", "name", "series", "price"),
    "accounts": (
        "external_id", "name", "sector", "country", "city", "founded", "annual_revenue", "employees",
        "registration_code", "parent", "owner",
    ),
    "opportunities": (
        "external_id", "name", "owner", "product", "account", "stage", "created_on", "closed_on",
        "expected_close_on", "amount",
    ),
    "absences": (
        "person", "kind", "starts_on", "last_day", "is_paid", "time_percent", "relieves_quota", "note",
    ),
}  # fmt: skip
REQUIRED: dict[str, tuple[str, ...]] = {
    "products": ("name",),
    "accounts": ("name",),
    "opportunities": ("external_id", "owner", "stage"),
    "absences": ("person", "kind", "starts_on"),
}


class InvalidMapping(DomainError):
    """The mapping cannot be used; ``fields`` names each place and its fix."""


@dataclass(frozen=True)
class Column:
    """A column of a file and what its numbers are multiplied by."""

    name: str
    times: Decimal = Decimal(1)


@dataclass(frozen=True)
class UnitLevel:
    """One level of the organisation: a column whose distinct values are units."""

    kind: str
    column: str
    name: str = "{value}"
    lead_title: str = ""

    def label(self, value: str) -> str:
        """Return the name of the unit a value stands for."""
        return self.name.replace("{value}", value)


@dataclass(frozen=True)
class OrganisationMap:
    """How one file of people becomes units, seats and holders."""

    file: str
    company_code: str
    company_name: str
    levels: tuple[UnitLevel, ...]
    person_column: str
    person_title: str


@dataclass(frozen=True)
class StageMap:
    """What a stage value in the file means."""

    name: str
    kind: str
    probability: Decimal


@dataclass(frozen=True)
class TableMap:
    """How one file's columns are read."""

    file: str
    columns: Mapping[str, Column]


@dataclass(frozen=True)
class ImportMapping:
    """A whole mapping file, checked."""

    name: str
    currency: str
    since: dt.date
    dates: str
    encoding: str
    organisation: OrganisationMap | None
    products: TableMap | None
    accounts: TableMap | None
    opportunities: TableMap | None
    absences: TableMap | None = None
    stages: Mapping[str, StageMap] = field(default_factory=dict)
    open_amount: str = "column"
    history: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def holds(self) -> set[str]:
        """Return what the files hold."""
        return {entity for entity in ENTITIES if getattr(self, entity) is not None}

    def files(self) -> list[str]:
        """Return the names of the files the mapping reads, in order."""
        parts = (self.organisation, self.products, self.accounts, self.opportunities, self.absences)
        return [part.file for part in parts if part is not None]


def parse(text: str) -> ImportMapping:
    """Read a mapping file. Raises InvalidMapping naming every wrong key and its fix."""
    return build(parse_raw(text))


def parse_raw(text: str) -> dict[str, Any]:
    """Read a mapping file as data, unchecked. Raises InvalidMapping for anything but names and values."""
    if len(text) > MAX_TEXT:
        raise InvalidMapping(_("A mapping file is smaller than 1 MB."))
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise InvalidMapping(_("The mapping refers to itself (*name), which is not read. Write it out."))
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = str(error)[:200]
        raise InvalidMapping(_("The mapping is not valid YAML: %(error)s") % {"error": line}) from error
    if not isinstance(raw, dict):
        raise InvalidMapping(_("The mapping must be a list of names and values."))
    return {str(key): value for key, value in raw.items()}


def build(raw: Mapping[str, Any]) -> ImportMapping:
    """Check a mapping given as a dictionary. Raises InvalidMapping."""
    reader = _Reader()
    known = {"version", "name", "currency", "since", "dates", "encoding", "values", *ENTITIES}
    reader.unknown("", raw, known)
    opportunities = reader.names("opportunities", raw.get("opportunities"))
    mapping = ImportMapping(
        name=str(raw.get("name") or _("Import")),
        currency=reader.choice("currency", raw.get("currency", "USD"), CURRENCIES),
        since=reader.date("since", raw.get("since", dt.date(2000, 1, 1))),
        dates=reader.choice("dates", raw.get("dates", "iso"), DATE_ORDERS),
        encoding=str(raw.get("encoding") or ""),
        organisation=reader.organisation(raw.get("organisation")),
        products=reader.table("products", raw.get("products")),
        accounts=reader.table("accounts", raw.get("accounts")),
        opportunities=reader.table("opportunities", raw.get("opportunities")),
        absences=reader.table("absences", raw.get("absences")),
        stages=reader.stages(opportunities),
        open_amount=reader.choice(
            "opportunities.open_amount", opportunities.get("open_amount", "column"), ("column", "list_price")
        ),
        history=reader.history(opportunities),
        values=reader.values(reader.names("values", raw.get("values"))),
    )
    if not mapping.files():
        reader.problem("organisation", _("Name at least one file to read."))
    if reader.problems:
        first = next(iter(reader.problems.items()))
        text = _("The mapping cannot be used. %(place)s: %(fix)s") % {"place": first[0], "fix": first[1]}
        raise InvalidMapping(text, fields=reader.problems)
    return mapping


class _Reader:
    """Collects everything that is wrong instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def problem(self, place: str, fix: str) -> None:
        self.problems.setdefault(place, fix)

    def names(self, place: str, raw: Any) -> Mapping[str, Any]:
        """Return names and values; anything else is a problem."""
        if raw is None or raw == "" or isinstance(raw, dict):
            return raw or {}
        self.problem(place, _("Write names and values here."))
        return {}

    def unknown(self, place: str, raw: Mapping[str, Any], known: set[str]) -> None:
        for key in map(str, raw):
            if key not in known:
                choices = ", ".join(sorted(known))
                self.problem(
                    f"{place}{key}", _("This name is unknown. Use one of: %(known)s.") % {"known": choices}
                )

    def choice(self, place: str, value: Any, choices: tuple[str, ...]) -> str:
        if not isinstance(value, str) or value not in choices:
            self.problem(place, _("Use one of: %(known)s.") % {"known": ", ".join(choices)})
        return str(value)

    def date(self, place: str, value: Any) -> dt.date:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.problem(place, _("Write the date as 2017-01-31."))
            return dt.date(2000, 1, 1)

    def text(self, place: str, raw: Any, key: str) -> str:
        value = raw.get(key) if isinstance(raw, dict) else None
        if not isinstance(value, str) or not value.strip():
            self.problem(f"{place}.{key}", _("This name is needed."))
            return ""
        return value

    def organisation(self, raw: Any) -> OrganisationMap | None:
        if not raw:
            return None
        raw = self.names("organisation", raw)
        self.unknown("organisation.", raw, {"file", "company", "units", "person"})
        company = self.names("organisation.company", raw.get("company"))
        person = self.names("organisation.person", raw.get("person"))
        units = raw.get("units") or []
        if not isinstance(units, list):
            self.problem("organisation.units", _("Write a list here."))
            units = []
        levels = tuple(
            self.level(f"organisation.units[{index}]", self.names(f"organisation.units[{index}]", level))
            for index, level in enumerate(units)
        )
        return OrganisationMap(
            file=self.text("organisation", raw, "file"),
            company_code=str(company.get("code") or "company"),
            company_name=self.text("organisation.company", company, "name"),
            levels=levels,
            person_column=self.text("organisation.person", person, "column"),
            person_title=str(person.get("title") or _("Sales representative")),
        )

    def level(self, place: str, raw: Any) -> UnitLevel:
        self.unknown(f"{place}.", raw, {"kind", "column", "name", "lead_title"})
        return UnitLevel(
            kind=self.choice(f"{place}.kind", raw.get("kind"), UNIT_KINDS),
            column=self.text(place, raw, "column"),
            name=str(raw.get("name") or "{value}"),
            lead_title=str(raw.get("lead_title") or ""),
        )

    def table(self, entity: str, raw: Any) -> TableMap | None:
        if not raw:
            return None
        raw = self.names(entity, raw)
        self.unknown(f"{entity}.", raw, {"file", "columns", "stages", "open_amount", "history"})
        columns = self.names(f"{entity}.columns", raw.get("columns"))
        self.unknown(f"{entity}.columns.", columns, set(FIELDS[entity]))
        for name in REQUIRED[entity]:
            if name not in columns:
                self.problem(f"{entity}.columns.{name}", _("Say which column holds this."))
        found = {name: self.column(f"{entity}.columns.{name}", value) for name, value in columns.items()}
        return TableMap(file=self.text(entity, raw, "file"), columns=found)

    def column(self, place: str, raw: Any) -> Column:
        if isinstance(raw, str):
            return Column(raw)
        if not isinstance(raw, dict):
            self.problem(place, _("Give the name of a column."))
            return Column("")
        return Column(self.text(place, raw, "column"), self.number(f"{place}.times", raw.get("times", 1)))

    def number(self, place: str, value: Any) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.problem(place, _("Write a number."))
            return Decimal(1)
        return number

    def stages(self, raw: Any) -> dict[str, StageMap]:
        found: dict[str, StageMap] = {}
        for value, given in self.names("opportunities.stages", raw.get("stages")).items():
            place = f"opportunities.stages.{value}"
            stage = {"name": given} if isinstance(given, str) else self.names(place, given)
            kind = self.choice(f"{place}.kind", stage.get("kind", "open"), STAGE_KINDS)
            chance = self.number(f"{place}.probability", stage.get("probability", {"won": 100}.get(kind, 0)))
            if not 0 <= chance <= 100:
                self.problem(f"{place}.probability", _("Write a percentage from 0 to 100."))
            found[str(value)] = StageMap(str(stage.get("name") or value)[:80], kind, chance)
        if raw and not found:
            self.problem("opportunities.stages", _("Say what each stage in the file means."))
        return found

    def history(self, raw: Any) -> dict[str, str]:
        stages = {str(stage) for stage in self.names("", raw.get("stages"))}
        history = self.names("opportunities.history", raw.get("history"))
        found = {str(stage): str(column) for stage, column in history.items()}
        for stage in found:
            if stage not in stages:
                self.problem(f"opportunities.history.{stage}", _("Name one of the stages above."))
        return found

    def values(self, raw: Any) -> dict[str, dict[str, str]]:
        return {
            str(name): {
                str(seen): "" if meant is None else str(meant)
                for seen, meant in self.names(f"values.{name}", pairs).items()
            }
            for name, pairs in raw.items()
        }


def code_of(text: str, limit: int = 60) -> str:
    """Return a stable code for a name: lower case, runs of other characters become one dash.

    Names in other scripts keep their letters, so two different names never share a code.
    """
    return re.sub(r"[\W_]+", "-", text.strip().lower()).strip("-")[:limit]
