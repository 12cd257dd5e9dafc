"""Minimal valid customers."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from apps.customers import rules
from apps.customers.models import Account, AccountMember, Contact, SatisfactionResponse
from apps.org.tests.factories import PersonFactory


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


class AccountMemberFactory(DjangoModelFactory):
    """Somebody who works on an account."""

    class Meta:
        model = AccountMember

    account = factory.SubFactory(AccountFactory)
    person = factory.SubFactory(PersonFactory)


class ResponseFactory(DjangoModelFactory):
    """A satisfied answer."""

    class Meta:
        model = SatisfactionResponse

    account = factory.SubFactory(AccountFactory)
    score = 4
    responded_on = dt.date(2026, 3, 2)
