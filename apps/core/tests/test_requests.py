import json
import logging

import pytest

from apps.core.requests import request_id
from salesorg.databases import celery_broker
from salesorg.logs import JsonFormatter, LineFormatter, RequestIdFilter, logging_settings


def test_a_request_without_an_id_gets_one(client):
    response = client.get("/livez")

    assert len(response["X-Request-ID"]) == 32
    assert request_id() == ""


def test_a_well_formed_id_of_the_proxy_is_kept(client):
    response = client.get("/livez", headers={"X-Request-ID": "proxy-12345678"})

    assert response["X-Request-ID"] == "proxy-12345678"


def test_an_id_that_could_forge_a_log_line_is_replaced(client):
    response = client.get("/livez", headers={"X-Request-ID": "abc def ghi; level=ERROR"})

    assert len(response["X-Request-ID"]) == 32


def test_a_log_line_is_one_json_object_with_the_ids_of_extra():
    record = logging.makeLogRecord({"name": "apps.targets", "msg": "target\napproved", "target_id": 7})
    RequestIdFilter().filter(record)

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert json.loads(line)["target_id"] == 7
    assert json.loads(line)["message"] == "target\napproved"


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\u2028", "\x1b[2K\r"])
def test_what_somebody_typed_cannot_forge_a_second_line(break_):
    settings = logging_settings(as_json=False, level="INFO")["formatters"]["line"]
    typed = f"Acme{break_}2026-01-01 00:00:00 INFO apps.incentives [-] pay run moved"
    record = logging.makeLogRecord({"name": "apps.pipeline", "msg": "deal named %s", "args": (typed,)})
    RequestIdFilter().filter(record)

    for formatter in (LineFormatter(settings["format"], style=settings["style"]), JsonFormatter()):
        assert len(formatter.format(record).splitlines()) == 1


def test_pages_have_a_policy_without_inline_or_evaluated_scripts(client):
    policy = client.get("/livez")["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_only_the_admin_may_evaluate_scripts(client):
    policy = client.get("/admin/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
    assert "object-src 'none'" in policy


def test_a_socket_address_is_written_the_way_celery_reads_it():
    assert celery_broker("unix:///run/redis.sock?db=3") == "redis+socket:///run/redis.sock?virtual_host=3"
    assert celery_broker("redis://:secret@redis:6379/0") == "redis://:secret@redis:6379/0"
