"""The tables of the organisation."""

import datetime as dt

from django.db.models import QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from psycopg2.extras import DateRange as DateRangeValue

from apps.access.permissions import Role
from apps.core.names import in_words
from apps.ui.tables import Boolean, Column, DateRange, Empty, Table


class PeopleTable(Table):
    """The directory."""

    key = "org.people"
    title = _("People")
    columns = (
        Column("name", _("Full name"), kind="person", sort=True, href="org:person", phone="title"),
        Column("seat_title", _("Seat"), sort=True, nullable=True, phone="subtitle"),
        Column(
            "unit_name", _("Unit"), sort=True, nullable=True,
            href=lambda row: reverse("org:unit", args=[row.unit_pk]) if row.unit_pk else "",
        ),
        Column("external_id", _("Personnel number"), sort=True, phone="hidden"),
        Column("email", _("E-mail"), sort=True),
        Column("hired_on", _("Hired on"), kind="date", sort=True),
    )  # fmt: skip
    search = ("name", "name_key", "external_id", "email")
    search_hint = _("Name, 拼音, number or e-mail")
    default_sort = "name"
    empty = Empty(
        _("Nobody works here on this day"),
        _("Import your people from a file, or open a unit on the org chart and hire into its seats."),
        _("Open the org chart"),
        reverse_lazy("org:chart"),
        "users",
    )


def _on_days(rows: QuerySet, days: tuple[dt.date | None, dt.date | None]) -> QuerySet:
    first, last = days
    if first and last and last < first:
        return rows.none()
    return rows.filter(valid__overlap=DateRangeValue(first, last, "[]"))


class AbsenceTable(Table):
    """Who is away when; kind and note stand only where the reader may know them."""

    key = "org.absences"
    title = _("Absences")
    columns = (
        Column(
            "person", _("Person"), kind="person", value=lambda row: row.person.name, sort="person__name",
            href=lambda row: reverse("org:person", args=[row.person_id]), phone="title",
        ),
        Column("starts", _("First day"), kind="date", value=lambda row: row.valid.lower, sort="valid"),
        Column("last_day", _("Last day"), kind="date", value="last_day"),
        Column(
            "kind", _("Kind"), phone="subtitle",
            value=lambda row: row.get_kind_display() if row.is_open else _("Not shown"),
        ),
        Column("is_paid", _("With pay"), kind="yesno", sort=True),
        Column("time_percent", _("Share of the working time, %"), kind="number", places=0, sort=True),
        Column("relieves_quota", _("Lowers the quota"), kind="yesno", sort=True),
        Column("note", _("Note"), value=lambda row: in_words(row.note) if row.is_open else ""),
        Column("actions", "", kind="template", template="org/absence_actions.html", exported=False),
    )  # fmt: skip
    filters = (
        DateRange("day", _("Days"), apply=_on_days, quick=True),
        Boolean("paid", _("With pay"), lookup="is_paid"),
    )
    search = ("person__name", "person__name_key", "person__external_id")
    search_hint = _("Name, 拼音, number or e-mail")
    default_sort = "-starts"
    empty = Empty(_("Nobody is away"), _("Absences are recorded on the page of a person."), icon="beach")


class GrantTable(Table):
    """Who holds which role where."""

    key = "org.grants"
    title = _("Role grants")
    columns = (
        Column("user", _("User"), kind="person", value=lambda row: row.user.name, phone="title"),
        Column(
            "role", _("Role"), value=lambda row: Role(row.role).label, sort=True, phone="subtitle",
        ),
        Column("unit", _("Unit and below"), value="unit.name", sort="unit__name"),
        Column("starts", _("From"), kind="date", value=lambda row: row.valid.lower, sort="valid"),
        Column("ends", _("Until"), kind="date", value=lambda row: row.valid.upper),
        Column("granted_by", _("Granted by"), value=lambda row: row.granted_by and row.granted_by.name),
        Column("approved_by", _("Agreed by"), value=lambda row: row.approved_by and row.approved_by.name),
        Column("end", "", kind="template", template="org/grant_end.html", exported=False),
    )  # fmt: skip
    search = ("user__username", "user__display_name", "unit__name")
    default_sort = "role"
    empty = Empty(_("No roles granted"), _("Leading a unit needs no grant; other roles do."), icon="key")
