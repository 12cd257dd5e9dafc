"""A stage for faults: own PostgreSQL, own Redis, real workers and a real web server."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from apps.core import embedded
from apps.core.embedded import postgres, valkey
from apps.core.embedded.places import Place
from apps.core.embedded.processes import pid_in

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = [sys.executable, "-m", "celery", "--quiet", "-A", "salesorg"]


@dataclass
class Answer:
    """What the web server answered, and how long it took."""

    status: int
    headers: dict[str, str]
    seconds: float


class Stage:
    """Servers of its own, and the processes of the product on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place: Place = embedded.start(folder)
        self.manage("migrate", "--noinput")
        self.sql("CREATE TABLE faults_effect (number int NOT NULL)")

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of every process on the stage."""
        return {
            **os.environ,
            "LOCAL_DIR": str(self.folder),
            "DATABASE_URL": self.place.database_url,
            "REDIS_URL": self.place.redis_url,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(ROOT),
        }

    def manage(self, *words: str) -> str:
        """Run a management command and return what it says."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        """Run Python inside the product's settings."""
        return self.manage("shell", "--no-imports", "-c", code)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        connection = psycopg2.connect(self.place.database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def enqueue(self, task: str, numbers: range, **ids: int) -> None:
        """Hand tasks to the outbox, each in a transaction of its own, as requests do."""
        self.python(
            "from django.db import transaction; from apps.events import jobs\n"
            f"for number in range({numbers.start}, {numbers.stop}):\n"
            f"    with transaction.atomic(): jobs.enqueue({task!r}, number=number, **{ids!r})\n"
        )

    def effects(self) -> list[int]:
        """Return every effect written, duplicates included."""
        return [number for (number,) in self.sql("SELECT number FROM faults_effect ORDER BY number")]

    def clear(self) -> None:
        """Forget effects and outbox of an earlier test."""
        self.sql("TRUNCATE faults_effect")
        self.sql("DELETE FROM events_outboxentry")

    @contextmanager
    def worker(self, processes: int = 2) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a worker for the length of the block."""
        log = (self.folder / "worker.log").open("ab")
        command = [
            *PROGRAM,
            "worker",
            "--concurrency",
            str(processes),
            "--loglevel",
            "INFO",
            "--without-mingle",
        ]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            end(process)
            log.close()

    @contextmanager
    def web(self) -> Iterator[Callable[[str], Answer]]:
        """Run the web server; the block gets a function that asks it for a path."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = (self.folder / "web.log").open("ab")
        command = [sys.executable, "-m", "gunicorn", "salesorg.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "1", "--threads", "4", "--no-control-socket"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )

        def ask(path: str) -> Answer:
            return _ask(f"http://127.0.0.1:{port}{path}")

        try:
            assert until(lambda: ask("/readyz").status == 200, 30), (self.folder / "web.log").read_text()[
                -3000:
            ]
            yield ask
        finally:
            end(process)
            log.close()

    def crash_postgres(self) -> None:
        """Stop PostgreSQL at once, cutting every connection, as a crash does."""
        pid = pid_in(self.place.data / "postmaster.pid")
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        assert until(lambda: not postgres.running(self.place), 20)

    def start_postgres(self) -> None:
        """Start PostgreSQL again."""
        postgres.start(self.place)

    def restart_redis(self) -> None:
        """Stop Redis and start it again."""
        valkey.stop(self.place)
        valkey.start(self.place)

    def close(self) -> None:
        """Stop the servers."""
        embedded.stop(self.folder)


def children(pid: int) -> list[int]:
    """Return the child processes of a process."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()] if path.exists() else []


def end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a process and its children: ask, then insist."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return True as soon as the condition holds, False when the time is up."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _ask(url: str) -> Answer:
    started = time.monotonic()
    try:
        with urllib.request.urlopen(url, timeout=15) as answer:  # noqa: S310  # our own server
            return Answer(answer.status, dict(answer.headers), time.monotonic() - started)
    except urllib.error.HTTPError as error:
        return Answer(error.code, dict(error.headers), time.monotonic() - started)
    except OSError:
        return Answer(0, {}, time.monotonic() - started)
