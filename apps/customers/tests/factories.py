"""Minimal valid customers."""

import factory
from factory.django import DjangoModelFactory

from apps.customers import rules
from apps.customers.models import Account, Contact


class AccountFactory(DjangoModelFactory):
    """A company without owner or family."""

    class Meta:
        model = Account

    name = factory.Sequence(lambda n: f"Customer {n}")
    name_key = factory.LazyAttribute(lambda row: rules.name_key(row.name))
    match_key = factory.LazyAttribute(lambda row: rules.match_key(row.name))
    search = factory.LazyAttribute(lambda row: rules.search_text(row.name))
    search_grams = factory.LazyAttribute(lambda row: rules.search_grams(row.name))


class ContactFactory(DjangoModelFactory):
    """A person at an account."""

    class Meta:
        model = Contact

    account = factory.SubFactory(AccountFactory)
    name = factory.Sequence(lambda n: f"Contact {n}")
    name_key = factory.LazyAttribute(lambda row: rules.name_key(row.name))
    search = factory.LazyAttribute(lambda row: rules.search_text(row.name))
    search_grams = factory.LazyAttribute(lambda row: rules.search_grams(row.name))
