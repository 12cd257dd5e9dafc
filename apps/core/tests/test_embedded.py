import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from apps.core import embedded
from apps.core.embedded import places, postgres
from apps.core.embedded.processes import pid_in, wait_until


@pytest.fixture
def local_dir(tmp_path):
    yield tmp_path / "servers"
    embedded.stop(tmp_path / "servers")


def _ask(place, question):
    connection = psycopg2.connect(place.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


@pytest.mark.process
def test_data_survive_a_stop_and_a_start(local_dir):
    place = embedded.start(local_dir)
    _ask(place, "CREATE TABLE kept AS SELECT 42 AS answer")
    redis.Redis.from_url(place.redis_url).set("kept", "42")

    embedded.stop(local_dir)
    assert embedded.running(local_dir) == {"postgres": False, "redis": False}
    embedded.start(local_dir)

    assert _ask(place, "SELECT answer FROM kept") == 42
    assert redis.Redis.from_url(place.redis_url).get("kept") == b"42"
    assert _ask(place, "SELECT current_setting('fsync')") == "on"


@pytest.mark.process
def test_redis_never_evicts_and_opens_no_port(local_dir):
    client = redis.Redis.from_url(embedded.start(local_dir, only=frozenset({"redis"})).redis_url)

    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}


@pytest.mark.process
def test_a_killed_server_starts_again(local_dir):
    place = embedded.start(local_dir, only=frozenset({"postgres"}))
    os.kill(pid_in(place.data / "postmaster.pid"), signal.SIGKILL)
    assert wait_until(lambda: not postgres.running(place), 10)

    embedded.start(local_dir, only=frozenset({"postgres"}))

    assert _ask(place, "SELECT 1") == 1


@pytest.mark.process
def test_the_command_line_starts_reports_and_stops(local_dir):
    environment = {
        key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}
    }
    environment["LOCAL_DIR"] = str(local_dir)

    def run(command):
        words = [sys.executable, "-m", "apps.core.embedded", command]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    assert run("start").returncode == 0
    assert run("status").stdout == "postgres: running\nredis: running\n"
    assert f"DATABASE_URL='{places.place_of(local_dir).database_url}'" in run("env").stdout
    assert run("stop").returncode == 0
    assert run("status").returncode == 3


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one():
    place = places.place_of(Path("/very") / ("long" * 30) / ".local")

    assert len(str(place.redis_socket)) < 100
    assert place.home.name.startswith(f"salesorg-{os.getuid()}-")


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    if os.getuid() != 0:
        pytest.skip("Only root can give a folder away.")
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 12345, -1)

    with pytest.raises(PermissionError, match="belongs to somebody else"):
        places.prepare(folder, None)
