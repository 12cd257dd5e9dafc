"""The lists of customers."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.customers.models import Account, searched
from apps.org.models import Person
from apps.ui.tables import Choice, Column, Empty, Table, Text


class AccountTable(Table):
    """Accounts by name."""

    key = "customers.accounts"
    title = _("Accounts")
    search = ("name",)
    search_hint = _("Name, 拼音 or code")
    default_sort = "name"
    columns = (
        Column("name", _("Account"), href="customers:account", sort="name_key", phone="title"),
        Column("parent", _("Belongs to"), value="parent.name", phone="hidden"),
        Column("sector", _("Sector"), sort=True, phone="subtitle"),
        Column("city", _("City"), sort=True),
        Column("country", _("Country"), sort=True, default=False),
        Column("employees", _("Employees"), kind="number", sort=True, nullable=True),
        Column("owner", _("Owner"), kind="person"),
        Column("external_id", _("External id"), default=False),
    )

    def __init__(self, request: HttpRequest, rows: QuerySet) -> None:
        empty = Empty(
            _("No accounts yet"),
            _("Accounts are the companies you sell to. Add the first one."),
            _("New account"),
            reverse("customers:account_new"),
            "building",
            sheet=True,
        )
        super().__init__(request, rows, empty=empty)
        scope = scope_of(request.user, Permission.ACCOUNT_VIEW)  # type: ignore[arg-type]  # signed in
        people = Person.objects.filter(scope.people("")).order_by("name", "pk")
        self.filters = (  # type: ignore[misc]  # choices depend on who looks
            Choice(
                "owner",
                _("Owner"),
                lookup="owner_id",
                quick=True,
                options=lambda: people.values_list("pk", "name")[:500],
            ),
            Choice("sector", _("Sector"), options=_sectors),
            Text("city", _("City")),
            Text("country", _("Country")),
        )

    def search_rows(self, rows: QuerySet, text: str) -> QuerySet:
        """Keep accounts whose name, code or pinyin matches."""
        return searched(rows, text)


class ContactTable(Table):
    """Contacts by name."""

    key = "customers.contacts"
    title = _("Contacts")
    search = ("name",)
    search_hint = _("Name, 拼音, e-mail or phone")
    default_sort = "name"
    columns = (
        Column("name", _("Contact"), href="customers:contact", sort="name_key", phone="title"),
        Column("account", _("Account"), value="account.name", phone="subtitle"),
        Column("title", _("Job title")),
        Column("buying_role", _("Buying role"), kind="badge", value="get_buying_role_display"),
        Column("email", _("E-mail")),
        Column("phone", _("Phone")),
    )
    empty = Empty(
        _("No contacts yet"), _("Open an account and add the people you talk to there."), icon="address-book"
    )

    def search_rows(self, rows: QuerySet, text: str) -> QuerySet:
        """Keep contacts whose name, pinyin, e-mail or phone matches."""
        return searched(rows, text)


def _sectors() -> list[tuple[str, str]]:
    sectors = (
        Account.objects.exclude(sector="").order_by("sector").values_list("sector", flat=True).distinct()
    )
    return [(sector, sector) for sector in sectors[:100]]
