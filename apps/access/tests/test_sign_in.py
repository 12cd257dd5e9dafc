"""Signing in, being locked out, resetting a password, second factor, the life of a session."""

import datetime as dt
import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from celery import current_app
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client
from django.urls import NoReverseMatch, reverse

from apps.access import mails
from apps.access.permissions import Role
from apps.access.services import users
from apps.access.tests.factories import PASSWORD, UserFactory
from apps.core import clock
from apps.events.enums import RunState
from apps.events.models import OutboxEntry

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
PROFILE = "/access/profile/"
T0 = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def lin(organisation):
    return organisation.grant(UserFactory(username="lin", email="lin@example.com"))


def give(client: Client, login: str, password: str = PASSWORD, address: str = "10.0.0.1"):
    return client.post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=address)


def is_signed_in(client: Client) -> bool:
    return client.get(PROFILE).status_code == 200


class TestSignIn:
    @pytest.mark.parametrize("login", ["lin", "LIN@example.com"])
    def test_user_name_or_address_opens_the_door(self, lin, login):
        client = Client()

        response = give(client, login)

        assert response.status_code == 302
        assert is_signed_in(client)

    def test_the_session_key_changes_with_signing_in(self, lin):
        client = Client()
        client.get(LOGIN)
        session = client.session
        session["before"] = True
        session.save()
        before = session.session_key
        client.cookies[settings.SESSION_COOKIE_NAME] = before

        give(client, "lin")

        assert client.cookies[settings.SESSION_COOKIE_NAME].value != before

    def test_absent_wrong_closed_and_passwordless_accounts_answer_alike(self, lin):
        UserFactory(username="closed", gone=True)
        UserFactory(username="invited", password="!")

        pages = [give(Client(), name, "wrong password") for name in ("lin", "nobody", "closed", "invited")]

        assert {page.status_code for page in pages} == {200}
        bodies = {re.sub(r'value="[^"]*"|\w{64}', "", page.content.decode()) for page in pages}
        assert len(bodies) == 1

    def test_nobody_signs_up(self):
        assert Client().get("/accounts/signup/").status_code in {302, 404}
        with pytest.raises(NoReverseMatch):
            reverse("account_signup")


class TestLockOut:
    def test_the_eleventh_try_is_refused_even_if_right(self, lin):
        for number in range(10):
            give(Client(), "lin", "wrong", f"10.0.1.{number}")

        response = give(Client(), "lin@example.com", PASSWORD, "10.0.2.1")

        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= 900

    def test_nine_wrong_and_one_right_open_the_door(self, lin):
        for number in range(9):
            give(Client(), "lin", "wrong", f"10.0.1.{number}")

        assert give(Client(), "lin").status_code == 302

    def test_the_owner_keeps_session_and_known_device(self, lin):
        own = Client()
        give(own, "lin")
        for number in range(12):
            give(Client(), "lin", "wrong", f"10.0.1.{number}")

        assert is_signed_in(own)
        own.post("/accounts/logout/")
        assert give(own, "lin").status_code == 302

    def test_a_stranger_with_a_known_device_of_someone_else_is_locked_out(self, lin):
        UserFactory(username="eve")
        eve = Client()
        give(eve, "eve")
        eve.post("/accounts/logout/")
        for number in range(10):
            give(Client(), "lin", "wrong", f"10.0.1.{number}")

        assert give(eve, "lin").status_code == 429

    def test_one_address_cannot_try_a_thousand_names(self):
        answers = [give(Client(), f"name{n}", "wrong", "10.9.9.9").status_code for n in range(95)]

        assert answers[0] == 200
        assert answers[-1] == 429

    def test_unlocking_lets_the_owner_in_at_once(self, lin, django_capture_on_commit_callbacks):
        for number in range(10):
            give(Client(), "lin", "wrong", f"10.0.1.{number}")
        users.unlock_user(user_id=lin.pk)

        assert give(Client(), "lin").status_code == 302


def deliver() -> list[str]:
    """Do what waits in the outbox about accounts; return how each entry ended."""
    waiting = OutboxEntry.objects.filter(name__startswith="access.", state=RunState.PENDING).order_by("pk")
    return [current_app.tasks[entry.name](outbox_id=entry.pk, **entry.payload) for entry in waiting]


class TestReset:
    def ask(self, email: str, **headers: str):
        answer = Client().post("/accounts/password/reset/", {"email": email}, **headers)
        deliver()
        return answer

    def test_known_and_unknown_addresses_answer_alike(self, lin):
        known, unknown = self.ask("lin@example.com"), self.ask("nobody@example.com")

        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert [message.to for message in mail.outbox] == [["lin@example.com"]]

    def test_the_link_comes_from_the_configured_address(self, lin, settings):
        settings.SITE_URL = "https://sales.example.com"
        settings.ALLOWED_HOSTS = ["*"]

        self.ask("lin@example.com", HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")

        assert "https://sales.example.com/accounts/password/reset/key/" in mail.outbox[0].body
        assert "evil" not in mail.outbox[0].body

    def test_a_look_alike_address_gets_no_mail(self, lin):
        self.ask("lın@example.com")

        assert [message.to for message in mail.outbox] in ([], [["lin@example.com"]])

    def test_a_mail_server_that_is_away_loses_no_link(self, lin, monkeypatch):
        def away(*args: object, **kwargs: object) -> None:
            raise ConnectionRefusedError

        with monkeypatch.context() as patch:
            patch.setattr(mails, "send_mail", away)
            answer = Client().post("/accounts/password/reset/", {"email": "lin@example.com"})
            users.invite_again(user_id=lin.pk)
            ended = deliver()

        assert answer.status_code == 302
        assert ended == [RunState.FAILED.value] * 2
        assert not mail.outbox
        OutboxEntry.objects.update(state=RunState.PENDING, due_at=Now())
        assert deliver() == [RunState.DONE.value] * 2
        assert [message.to for message in mail.outbox] == [["lin@example.com"]] * 2

    def test_what_waits_holds_no_link(self, lin):
        Client().post("/accounts/password/reset/", {"email": "lin@example.com"})

        assert OutboxEntry.objects.get(name=mails.PASSWORD_LINK).payload == {"user_id": lin.pk}

    def link(self, user) -> str:
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        return f"/accounts/password/reset/key/{key}/"

    def open(self, link: str):
        client = Client()
        return client, client.get(link, follow=True)

    def test_it_works_once_and_signs_nobody_in(self, lin):
        link = self.link(lin)
        client, page = self.open(link)

        new = "another long pass phrase"
        client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})

        assert not is_signed_in(client)
        assert give(Client(), "lin", new).status_code == 302
        assert "no longer works" in self.open(link)[1].content.decode()

    def test_it_dies_with_a_new_address(self, lin):
        link = self.link(lin)
        lin.email = "other@example.com"
        lin.save(update_fields=["email"])

        assert "no longer works" in self.open(link)[1].content.decode()

    def test_it_dies_after_an_hour(self, lin, monkeypatch):
        link = self.link(lin)
        late = dt.datetime.now() + dt.timedelta(minutes=61)  # noqa: DTZ005  # Django counts naive seconds
        monkeypatch.setattr(default_token_generator, "_now", lambda: late)

        assert "no longer works" in self.open(link)[1].content.decode()


class TestSecondFactor:
    @pytest.fixture
    def secret(self, lin) -> str:
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(lin, secret)
        RecoveryCodes.activate(lin)
        return secret

    def code(self, secret: str) -> str:
        return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))

    def test_the_password_alone_opens_nothing(self, secret):
        client = Client()

        response = give(client, "lin")

        assert response["Location"] == "/accounts/2fa/authenticate/"
        assert not is_signed_in(client)

    @pytest.mark.parametrize("code", ["", "null", "[]", "000000x", "' OR 1=1 --"])
    def test_a_wrong_code_opens_nothing(self, secret, code):
        client = Client()
        give(client, "lin")

        client.post("/accounts/2fa/authenticate/", {"code": code})

        assert not is_signed_in(client)

    def test_a_wrong_code_is_told_what_to_type(self, secret):
        client = Client()
        give(client, "lin")

        asked = client.get("/accounts/2fa/authenticate/").content.decode()
        told = client.post("/accounts/2fa/authenticate/", {"code": "000000x"}).content.decode()

        assert 'inputmode="numeric"' in asked
        assert "This code is not valid. Type the six digits the app shows now." in told

    def test_the_code_opens_once(self, secret):
        code = self.code(secret)
        first, second = Client(), Client()
        for client in (first, second):
            give(client, "lin")
            client.post("/accounts/2fa/authenticate/", {"code": code})

        assert is_signed_in(first)
        assert not is_signed_in(second)

    def test_the_administration_asks_for_it_too(self, secret, lin, organisation):
        organisation.grant(lin, Role.SYSADMIN)
        lin.is_staff = True
        lin.save(update_fields=["is_staff"])
        client = Client()

        sent_away = client.get("/admin/")
        give(client, "lin")

        assert "/accounts/login/" in client.get(sent_away["Location"])["Location"]
        assert client.get("/admin/").status_code == 302

    def test_a_reset_password_does_not_take_it_away(self, secret, lin):
        users.invite_again(user_id=lin.pk)

        assert Authenticator.objects.filter(user=lin, type=Authenticator.Type.TOTP).exists()

    def test_the_seed_is_not_readable_in_the_database(self, secret, lin):
        stored = Authenticator.objects.get(user=lin, type=Authenticator.Type.TOTP).data

        assert secret not in str(stored)


class TestSessionLife:
    @pytest.fixture
    def client(self, lin, settings) -> Client:
        settings.SESSION_IDLE_MINUTES = 30
        client = Client()
        with clock.fixed(T0):
            client.force_login(lin)
        return client

    @pytest.mark.parametrize(
        ("minutes", "open_"), [pytest.param(29.98, True, id="29:59"), pytest.param(30.02, False, id="30:01")]
    )
    def test_it_ends_after_half_an_hour_without_a_request(self, client, minutes, open_):
        with clock.fixed(T0 + dt.timedelta(minutes=minutes)):
            assert is_signed_in(client) is open_

    def test_activity_keeps_it_but_not_beyond_twelve_hours(self, client):
        for step in range(1, 36):
            with clock.fixed(T0 + dt.timedelta(minutes=20 * step)):
                assert is_signed_in(client)

        with clock.fixed(T0 + dt.timedelta(hours=12, minutes=1)):
            assert not is_signed_in(client)

    def test_signing_out_kills_the_old_cookie(self, lin):
        client = Client()
        give(client, "lin")
        thief = Client()
        thief.cookies = client.cookies.copy()

        client.post("/accounts/logout/")

        assert not is_signed_in(thief)

    def test_signing_out_everywhere_else_keeps_only_this_session(self, lin):
        here, there = Client(), Client()
        give(here, "lin")
        give(there, "lin")

        here.post("/access/profile/sessions/end/")

        assert is_signed_in(here)
        assert not is_signed_in(there)

    def test_an_act_on_pay_or_safety_asks_again_after_ten_minutes(self, lin):
        client = Client()
        with clock.fixed(T0):
            client.force_login(lin)
        with clock.fixed(T0 + dt.timedelta(minutes=11)):
            response = client.post("/access/profile/email/", {"email": "new@example.com"})
            swapped = client.post("/access/profile/email/", {}, HTTP_HX_REQUEST="true")

        assert response["Location"].startswith("/accounts/reauthenticate/?next=")
        assert (swapped.status_code, swapped["HX-Redirect"][:25]) == (204, "/accounts/reauthenticate/")
        lin.refresh_from_db()
        assert lin.email == "lin@example.com"

    def test_within_ten_minutes_it_does_not(self, lin):
        client = Client()
        client.force_login(lin)

        client.post("/access/profile/email/", {"email": "new@example.com"})

        lin.refresh_from_db()
        assert lin.email == "new@example.com"
