"""The only writers of customers' tables."""

from apps.customers.services.accounts import (
    AccountCycle,
    AccountNameMissing,
    InvalidAccountValue,
    PossibleDuplicate,
    add_member,
    create_account,
    remove_member,
    update_account,
)
from apps.customers.services.bulk import AccountRow, LoadedAccounts, load_accounts
from apps.customers.services.contacts import ContactNameMissing, create_contact, update_contact
from apps.customers.services.satisfaction import (
    AlreadyWithdrawn,
    InvalidAnswer,
    record_satisfaction,
    withdraw_satisfaction,
)

__all__ = [
    "AccountCycle",
    "AccountNameMissing",
    "AccountRow",
    "AlreadyWithdrawn",
    "ContactNameMissing",
    "InvalidAccountValue",
    "InvalidAnswer",
    "LoadedAccounts",
    "PossibleDuplicate",
    "add_member",
    "create_account",
    "create_contact",
    "load_accounts",
    "record_satisfaction",
    "remove_member",
    "update_account",
    "update_contact",
    "withdraw_satisfaction",
]
