import psycopg2
import pytest
from django.core.cache import cache
from django.db import DatabaseError, OperationalError, ProgrammingError, connection
from django.templatetags.static import static
from django.test import RequestFactory
from django.utils.translation import override
from redis import ConnectionError as RedisConnectionError

from apps.core import outage


def _lost(pgcode: str | None, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    class Cause(psycopg2.DatabaseError):
        pass

    Cause.pgcode = pgcode
    error = kind("gone")
    error.__cause__ = Cause()
    return error


@pytest.mark.django_db
def test_ready_when_database_migrations_and_redis_are_there(client):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "checks": {"database": "ok", "migrations": "ok", "redis": "ok"}}


@pytest.mark.django_db
def test_not_ready_names_the_lost_redis_and_says_when_to_come_back(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise RedisConnectionError("refused")

    monkeypatch.setattr(cache, "set", refuse)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["redis"] == "unreachable"
    assert response["Retry-After"] == "5"


def test_alive_without_database_or_redis(client):
    response = client.get("/livez")

    assert response.status_code == 200
    assert response.content == b"ok\n"


@pytest.mark.parametrize(
    ("error", "heals"),
    [
        pytest.param(_lost(None), True, id="connection refused"),
        pytest.param(_lost(None, DatabaseError), True, id="cut while answering"),
        pytest.param(_lost(None, ProgrammingError), False, id="a bug in a call"),
        pytest.param(_lost("57P01"), True, id="server shuts down"),
        pytest.param(_lost("53300"), True, id="too many connections"),
        pytest.param(_lost("57014"), False, id="statement timeout"),
        pytest.param(_lost("55P03"), False, id="lock timeout"),
        pytest.param(RedisConnectionError(), True, id="redis away"),
        pytest.param(ValueError(), False, id="a bug"),
    ],
)
def test_only_errors_that_waiting_heals_are_outages(error, heals):
    assert outage.passing(error) is heals


def test_a_lost_database_is_a_503_page_in_the_readers_language():
    request = RequestFactory().get("/", headers={"accept": "text/html"})

    with override("zh-hans"):
        response = outage.OutageMiddleware(lambda request: None).process_exception(request, _lost("57P01"))

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "暂时不可用" in response.content.decode()


def test_a_lost_database_is_json_for_programs():
    request = RequestFactory().get("/api/v1/deals/", headers={"accept": "application/json"})

    response = outage.OutageMiddleware(lambda request: None).process_exception(request, _lost(None))

    assert response.status_code == 503
    assert response["Content-Type"] == "application/json"
    assert b'"code": "unavailable"' in response.content


@pytest.mark.django_db
def test_the_database_gives_up_on_locks_and_idle_transactions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
        )

        assert cursor.fetchone() == ("5s", "1min")


def test_the_page_of_a_fault_wears_the_style_that_is_served(rf):
    style = f'href="{static("error.css")}"'

    assert style in outage.failed(rf.get("/")).content.decode()
    assert style in outage.unavailable(rf.get("/", HTTP_ACCEPT="text/html")).content.decode()


def test_a_fault_without_static_files_is_still_told(rf, monkeypatch):
    def nothing(*args, **kwargs):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(outage, "server_error", nothing)

    answer = outage.failed(rf.get("/"))

    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()
