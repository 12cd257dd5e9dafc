"""One migrated database, made once per state of the migrations, that test databases are copied from."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from psycopg2 import sql

from apps.core.embedded.places import Place, place_of
from apps.core.embedded.postgres import programs

ROOT = Path(__file__).resolve().parent.parent


def own_name(purpose: str) -> str:
    """Return a database name of this checkout: two of them may share a server."""
    return f"salesorg_{purpose}_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"


NAME = own_name("template")


def server_address() -> str:
    """Return the address of a database on the server of the tests."""
    return os.environ.get("DATABASE_URL") or place_of(settings.TEST_DIR).database_url


def migrated(url: str) -> str:
    """Return the name of an up-to-date migrated database on this server; make it where it is missing."""
    settings.TEST_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.TEST_DIR / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = _state()
        if _noted(url) != state:
            _make(url, state)
    return NAME


def copy(url: str, name: str) -> str:
    """Make a database of this name from the template, replacing an older one, and return its address."""
    template = migrated(url)
    _run(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _run(url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    return _at(url, name)


def pour(place: Place) -> None:
    """Write what the template holds into the empty database of a server of its own."""
    url = server_address()
    binaries, source = programs(place), _at(url, migrated(url))
    kept = place.home / "template.sql"
    for command in (
        [binaries / "pg_dump", "--no-owner", "--no-privileges", "--file", kept, source],
        [binaries / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", kept, place.database_url],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _state() -> str:
    """Return a digest of everything that decides what an empty migrated database looks like."""
    digest = hashlib.sha256()
    migrations = ROOT.glob("apps/*/migrations/*.py")
    for path in sorted([*migrations, *ROOT.glob("apps/*/apps.py"), ROOT / "requirements.txt"]):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _make(url: str, state: str) -> None:
    _run(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", NAME)
    _run(url, "CREATE DATABASE {}", NAME)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": _at(url, NAME)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    _run(url, f"COMMENT ON DATABASE {{}} IS '{state}'", NAME)


def _noted(url: str) -> str | None:
    statement = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    connection = psycopg2.connect(_at(url, "postgres"))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, [NAME])
            row = cursor.fetchone()
            return row[0] if row else None
    finally:
        connection.close()


def _run(url: str, statement: str, *names: str) -> None:
    connection = psycopg2.connect(_at(url, "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    finally:
        connection.close()


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


if __name__ == "__main__":  # made while other checks run, which leave a core idle
    import django

    from tests import servers

    django.setup()
    servers.use()
    try:
        migrated(server_address())
    finally:
        servers.release()
