"""What customers add to the page kit: menu, search, choices while typing."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access import records
from apps.access.models import User
from apps.access.permissions import Permission
from apps.customers.models import Account, Contact, SatisfactionResponse
from apps.ui import autocomplete, menu, search

MENU = (
    menu.MenuItem(
        "sell", _("Accounts"), "customers:accounts", Permission.ACCOUNT_VIEW, 30, "building", tab=2
    ),
    menu.MenuItem("sell", _("Contacts"), "customers:contacts", Permission.ACCOUNT_VIEW, 40, "address-book"),
)


def register_all() -> None:
    """Add the customers' entries to the registries of the page kit."""
    for item in MENU:
        menu.register(item)
    view = Permission.ACCOUNT_VIEW
    records.register("account", Account, view, _people_of_account)
    records.register("contact", Contact, view, lambda row: _people_of_account(row.account))
    records.register("satisfaction", SatisfactionResponse, view, lambda row: _people_of_account(row.account))
    search.register("accounts", _accounts, label=_("Accounts"), permission=Permission.ACCOUNT_VIEW, order=10)
    search.register("contacts", _contacts, label=_("Contacts"), permission=Permission.ACCOUNT_VIEW, order=30)
    autocomplete.register("accounts", Permission.ACCOUNT_VIEW, _suggest_accounts)
    autocomplete.register("contacts", Permission.ACCOUNT_VIEW, _suggest_contacts)


def _people_of_account(account: Any) -> records.Concerned:
    members = account.members.values_list("person_id", flat=True)
    return records.Concerned(person_ids=frozenset({account.owner_id, *members} - {None}))


def _find_accounts(user: User, text: str, limit: int) -> list[Account]:
    return list(Account.objects.visible_to(user).matching(text).alphabetical()[:limit])


def _find_contacts(user: User, text: str, limit: int) -> list[Contact]:
    rows = Contact.objects.visible_to(user).matching(text).select_related("account")
    return list(rows.order_by("name_key", "pk")[:limit])


def _accounts(user: User, text: str) -> Sequence[search.Hit]:
    return [
        search.Hit(row.name, reverse("customers:account", args=[row.pk]), row.sector, "building")
        for row in _find_accounts(user, text, search.PER_GROUP)
    ]


def _contacts(user: User, text: str) -> Sequence[search.Hit]:
    return [
        search.Hit(row.name, reverse("customers:contact", args=[row.pk]), row.account.name, "address-book")
        for row in _find_contacts(user, text, search.PER_GROUP)
    ]


def _suggest_accounts(user: User, text: str) -> Sequence[autocomplete.Suggestion]:
    found = _find_accounts(user, text, autocomplete.LIMIT)
    return [autocomplete.Suggestion(row.pk, row.name, row.city) for row in found]


def _suggest_contacts(user: User, text: str) -> Sequence[autocomplete.Suggestion]:
    found = _find_contacts(user, text, autocomplete.LIMIT)
    return [autocomplete.Suggestion(row.pk, row.name, row.account.name) for row in found]
