"""Users and tokens for tests."""

import datetime as dt

import factory
from django.contrib.auth.hashers import make_password

from apps.access.models import ApiToken, User
from apps.access.rules import digest_of

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    """An active user whose password is ``PASSWORD``."""

    class Meta:
        model = User

    class Params:
        staff = factory.Trait(is_staff=True)
        gone = factory.Trait(is_active=False)

    username = factory.Sequence(lambda n: f"user{n}")
    display_name = factory.Sequence(lambda n: f"User {n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    password = factory.LazyFunction(lambda: make_password(PASSWORD))


class ApiTokenFactory(factory.django.DjangoModelFactory):
    """A token for 30 days; its secret is ``so_`` and the label."""

    class Meta:
        model = ApiToken

    owner = factory.SubFactory(UserFactory)
    label = factory.Sequence(lambda n: f"token-{n}")
    prefix = factory.LazyAttribute(lambda token: f"so_{token.label}"[:9])
    digest = factory.LazyAttribute(lambda token: digest_of(f"so_{token.label}"))
    scopes = factory.LazyFunction(lambda: ["read"])
    created_at = factory.LazyFunction(lambda: dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC))
    expires_at = factory.LazyAttribute(lambda token: token.created_at + dt.timedelta(days=30))


def sample_apitoken() -> ApiToken:
    """Return a token for checks over every route."""
    return ApiTokenFactory()
