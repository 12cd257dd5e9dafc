"""A stage for faults: own PostgreSQL, own Redis, real workers and a real web server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import psycopg2

from apps.core import embedded
from apps.core.embedded import postgres, valkey
from apps.core.embedded.places import Place
from apps.core.embedded.processes import pid_in
from tests import template_database

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = [sys.executable, "-m", "celery", "--quiet", "-A", "salesorg"]

PAYEES_A_BATCH = 20


@dataclass
class Answer:
    """What the web server answered, and how long it took; status 0 when it did not."""

    status: int
    headers: Message
    seconds: float
    text: str = ""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect to whoever asked."""

    def redirect_request(self, *args: Any) -> None:
        """Follow nothing."""


@dataclass(frozen=True)
class Web:
    """A web server at a port; called, it is asked for a path."""

    port: int

    def __call__(self, path: str, data: str | None = None, **headers: str) -> Answer:
        """Ask for a path, with ``POST`` if there are data."""
        return _ask(f"http://127.0.0.1:{self.port}{path}", data, headers)


OPENER = urllib.request.build_opener(NoRedirect)


class Stage:
    """Servers of its own, and the processes of the product on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place: Place = embedded.start(folder)
        template_database.pour(self.place)
        self.sql("CREATE TABLE faults_effect (number int NOT NULL)")
        self.start_console()

    def start_console(self) -> None:
        """Start the process that runs Python for the tests."""
        self.console = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.console"],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process on the stage."""
        return {
            **os.environ,
            "LOCAL_DIR": str(self.folder),
            "DATABASE_URL": self.place.database_url,
            "REDIS_URL": self.place.redis_url,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def python(self, code: str) -> str:
        """Run Python inside the product's settings and return what it prints."""
        assert self.console.stdin is not None
        assert self.console.stdout is not None
        self.console.stdin.write(json.dumps(code) + "\n")
        self.console.stdin.flush()
        well, said = json.loads(self.console.stdout.readline())
        assert well, said
        return str(said)

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
    def running(self, name: str, command: list[str], **more: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a process, with its words in a file, for the length of the block."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment(**more),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                end(process)

    def worker(
        self, processes: int = 2, name: str = "worker", **more: str
    ) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run a worker for the length of the block."""
        words = ["--concurrency", str(processes), "--loglevel", "INFO", "--without-mingle"]
        return self.running(name, [*PROGRAM, "worker", "--hostname", f"{name}@%h", *words], **more)

    def said(self, name: str, words: str) -> list[str]:
        """Return the lines with such words that a process has written."""
        return [line for line in (self.folder / f"{name}.log").read_text().splitlines() if words in line]

    def beat(self, **more: str) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run beat for the length of the block."""
        return self.running("beat", [*PROGRAM, "beat", "--pidfile", "", "--loglevel", "INFO"], **more)

    @contextmanager
    def web(self, **more: str) -> Iterator[Web]:
        """Run the web server for the length of the block."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "salesorg.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "1", "--threads", "4", "--no-control-socket"]
        ask = Web(port)
        with self.running("web", command, **more):
            ready = until(lambda: ask("/readyz").status == 200, 30)
            assert ready, (self.folder / "web.log").read_text()[-3000:]
            yield ask

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
        """Stop the console and the servers."""
        self.console.communicate()
        embedded.stop(self.folder)


def deaths_of(folder: Path, run_id: int) -> Path:
    """Return the file that says where the calculation of a pay run is to die."""
    return folder / f"deaths-{run_id}"


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


def _ask(url: str, data: str | None, headers: dict[str, str]) -> Answer:
    """Ask for an address, with ``POST`` if there are data."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data.encode() if data is not None else None, named)  # noqa: S310  # our own server
    started = time.monotonic()
    try:
        with OPENER.open(request, timeout=15) as answer:
            return Answer(answer.status, answer.headers, time.monotonic() - started, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, time.monotonic() - started, error.read().decode())
    except OSError:
        return Answer(0, Message(), time.monotonic() - started)
