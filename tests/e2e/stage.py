"""Starts the demo company as ``make demo`` does, in a folder that is thrown away."""

import os
import secrets
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.core import embedded
from tests import template_database
from tests.faults.stage import ROOT, end, until


@dataclass(frozen=True)
class Company:
    """Where the demo company answers, and the password of its people."""

    url: str
    password: str
    folder: Path | None = None

    def said(self) -> Iterator[tuple[str, str]]:
        """Yield the end of what each of its processes wrote."""
        for log in sorted(self.folder.glob("*.log")) if self.folder else ():
            yield log.stem, log.read_text(errors="replace")[-4000:]


@contextmanager
def running_company(folder: Path, server: str) -> Iterator[Company]:
    """Run the demo company for the length of the block, in a database of its own on a server that runs."""
    place = embedded.start(folder, only=frozenset({"redis"}), throw_away=True)
    database = template_database.copy(server, template_database.own_name("e2e"))
    password = secrets.token_urlsafe(12)
    environment = {
        **os.environ,
        "LOCAL_DIR": str(folder),
        "DATABASE_URL": database,
        "REDIS_URL": place.redis_url,
        "DEMO_PASSWORD": password,
        "DJANGO_SETTINGS_MODULE": "tests.e2e.settings",
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "WARNING",
    }
    processes = []

    def start(*command: str) -> None:
        log = (folder / f"{command[0]}.log").open("ab")
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )

    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "demo_setup"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        start(
            "gunicorn",
            "salesorg.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--threads",
            "4",
            "--no-control-socket",
        )
        start("celery", "--quiet", "-A", "salesorg", "worker", "--concurrency", "1", "--without-mingle")
        url = f"http://127.0.0.1:{port}"
        assert until(lambda: _answers(f"{url}/livez"), 60), (folder / "gunicorn.log").read_text()[-3000:]
        yield Company(url, password, folder)
    finally:
        for process in processes:
            end(process)
        embedded.stop(folder)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own server
            return bool(answer.status == 200)
    except OSError:
        return False
