"""API tokens: hashed, shown once, scoped, dated, refused in the address."""

import datetime as dt
import io

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from apps.access.authentication import TokenAuthentication, token_allows
from apps.access.models import ApiToken
from apps.access.permissions import Permission as P
from apps.access.permissions import Role
from apps.access.rules import NEVER, known_scopes, permissions_of
from apps.access.scope import may, scope_of
from apps.access.services import tokens
from apps.access.tests.factories import ApiTokenFactory, UserFactory
from apps.core import clock

AT = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)


def ask(secret: str | None, path: str = "/api/v1/deals/") -> Request:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"} if secret else {}
    return Request(APIRequestFactory().get(path, **headers))


def sign_in(secret: str | None, path: str = "/api/v1/deals/"):
    with clock.fixed(AT):
        return TokenAuthentication().authenticate(ask(secret, path))


@pytest.mark.django_db
class TestCreate:
    def test_the_secret_is_returned_once_and_only_its_digest_is_kept(self):
        token, secret = tokens.create_token(owner=UserFactory(), label="BI", scopes=["read"], days=30, at=AT)

        assert secret.startswith(token.prefix)
        assert len(secret) >= 43
        assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())

    @pytest.mark.parametrize(
        ("scopes", "days", "error"),
        [
            pytest.param([], 30, tokens.UnknownScope, id="none"),
            pytest.param(["everything"], 30, tokens.UnknownScope, id="unknown"),
            pytest.param([P.USER_ADMIN.value], 30, tokens.UnknownScope, id="only-in-person"),
            pytest.param(["read"], 0, tokens.BadLifetime, id="dead-on-arrival"),
            pytest.param(["read"], 366, tokens.BadLifetime, id="over-a-year"),
        ],
    )
    def test_a_bad_wish_is_refused_and_nothing_is_written(self, scopes, days, error):
        owner = UserFactory()

        with pytest.raises(error):
            tokens.create_token(owner=owner, label="x", scopes=scopes, days=days, at=AT)

        assert not ApiToken.objects.exists()

    def test_the_database_refuses_more_than_a_year(self):
        with pytest.raises(IntegrityError, match="access_token_lives_at_most_a_year"), transaction.atomic():
            ApiTokenFactory(created_at=AT, expires_at=AT + dt.timedelta(days=366))

    def test_the_database_refuses_a_token_without_scopes(self):
        with pytest.raises(IntegrityError, match="access_token_has_scopes"), transaction.atomic():
            ApiTokenFactory(scopes=[])


@pytest.mark.django_db
class TestSignIn:
    def test_a_good_token_signs_its_owner_in_and_notes_the_use(self):
        token = ApiTokenFactory(label="ok")

        owner, used = sign_in("so_ok")

        assert (owner, used) == (token.owner, token)
        assert ApiToken.objects.get().last_used_at == AT

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"expires_at": AT}, id="expired"),
            pytest.param({"revoked_at": AT}, id="revoked"),
            pytest.param({"owner__is_active": False}, id="owner-deactivated"),
        ],
    )
    def test_a_closed_token_is_refused(self, changes):
        ApiTokenFactory(label="closed", **changes)

        with pytest.raises(AuthenticationFailed):
            sign_in("so_closed")

    def test_a_wrong_secret_is_refused(self):
        with pytest.raises(AuthenticationFailed):
            sign_in("so_wrong")

    @pytest.mark.parametrize("name", ["token", "access_token", "api_key"])
    def test_a_token_in_the_address_is_refused(self, name):
        ApiTokenFactory(label="ok")

        with pytest.raises(AuthenticationFailed):
            sign_in(None, f"/api/v1/deals/?{name}=so_ok")

    def test_no_token_leaves_the_question_to_others(self):
        assert sign_in(None) is None

    def test_revoking_closes_at_the_next_call_and_only_once(self):
        token = ApiTokenFactory(label="ok")
        tokens.revoke_token(token_id=token.pk, at=AT)

        with pytest.raises(AuthenticationFailed):
            sign_in("so_ok")
        with pytest.raises(tokens.TokenRevoked):
            tokens.revoke_token(token_id=token.pk, at=AT)


@pytest.mark.django_db
class TestScopes:
    def test_reach_is_the_scope_and_the_owner_together(self, organisation):
        token = ApiTokenFactory(label="ok", scopes=["deal.view", "run.calculate"])
        organisation.grant(token.owner, Role.SALES_OPS)
        assert may(token.owner, P.ACCOUNT_VIEW)

        owner, _token = sign_in("so_ok")

        assert may(owner, P.DEAL_VIEW)
        assert not may(owner, P.ACCOUNT_VIEW)
        assert not may(owner, P.RUN_CALCULATE)
        assert not scope_of(owner, P.ACCOUNT_VIEW)

    def test_a_demotion_counts_at_the_next_call(self, organisation):
        token = ApiTokenFactory(label="ok", scopes=["insight.view"])
        organisation.grant(token.owner, Role.EXECUTIVE)
        assert may(sign_in("so_ok")[0], P.INSIGHT_VIEW)

        organisation.grant(token.owner)

        assert not may(sign_in("so_ok")[0], P.INSIGHT_VIEW)

    def test_a_call_without_a_token_is_not_limited(self):
        request = ask(None)
        request.auth = None

        assert token_allows(request, P.DEAL_VIEW)

    def test_reading_does_not_include_pay_or_evaluations(self):
        assert not permissions_of(["read", "write"]) & {P.STATEMENT_VIEW, P.RUN_VIEW, P.REVIEW_VIEW}

    def test_no_scope_carries_an_act_that_people_do_in_person(self):
        assert not permissions_of([*known_scopes(), *P.values]) & NEVER


@pytest.mark.django_db
class TestCommand:
    def test_it_prints_a_token_that_signs_in(self):
        UserFactory(username="lin")
        out = io.StringIO()

        call_command("create_api_token", "lin", "--scope", "read", "--days", "7", stdout=out)

        owner, _token = TokenAuthentication().authenticate(ask(out.getvalue().strip()))
        assert owner.username == "lin"

    def test_an_unknown_user_or_scope_is_named(self):
        UserFactory(username="lin")

        with pytest.raises(CommandError, match="nobody"):
            call_command("create_api_token", "nobody", "--scope", "read")
        with pytest.raises(CommandError, match="everything"):
            call_command("create_api_token", "lin", "--scope", "everything")


@pytest.mark.django_db
def test_a_call_with_a_token_gets_no_session(client):
    owner = UserFactory()
    token, secret = tokens.create_token(owner=owner, label="BI", scopes=["read"], days=30, at=clock.now())

    response = client.get("/api/v1/", headers={"Authorization": f"Bearer {secret}"})

    token.refresh_from_db()
    assert token.last_used_at is not None
    assert not response.cookies
    assert not Session.objects.exists()
