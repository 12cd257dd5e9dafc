"""``manage.py demo_setup``: schema, static files and the demo company, each only when needed."""

import hashlib
import importlib
import json
import secrets
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from apps.core import clock
from apps.core.demo import SIGN_INS, DemoContext

EMBEDDED_PASSWORD = "demo-Sales-2026!"  # noqa: S105  # a published password for servers nobody else can reach


class Command(BaseCommand):
    help = "Prepare the database and the static files and load the demo company into an empty database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--welcome", type=Path, help="write the address and the sign-ins to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This is a production system: the demo company is refused.")
        self._migrate()
        self._collect_static()
        self._load()
        welcome = self._welcome()
        if options["welcome"]:
            options["welcome"].write_text(welcome, encoding="utf-8")
        else:
            self.stdout.write(welcome)

    def _say(self, step: str, text: str) -> None:
        self.stdout.write(f"  {step:<22} {text}")
        self.stdout.flush()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            self._say("Database", "up to date")
            return
        self._say("Database", f"applying {len(plan)} migrations")
        call_command("migrate", interactive=False, verbosity=0)

    def _collect_static(self) -> None:
        stamp = settings.LOCAL_DIR / "stamps" / "static"
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        want = _static_digest()
        if manifest.exists() and stamp.exists() and stamp.read_text() == want:
            self._say("Static files", "up to date")
            return
        self._say("Static files", "collecting")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(want)

    def _load(self) -> None:
        users = get_user_model().objects
        if users.filter(username="executive").exists():
            self._say("Demo company", "already there")
            return
        if users.exists():
            self._say("Demo company", "not loaded: this database has users of its own")
            return
        context = DemoContext(today=clock.today(), password=_password())
        with transaction.atomic():  # all of the company or none of it
            for name, load in _hooks("load"):
                started = time.monotonic()
                load(context)
                self._say("Demo company", f"{name} ({time.monotonic() - started:.1f} s)")
            for _name, finish in _hooks("finish"):
                finish(context)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _welcome(self) -> str:
        there = set(get_user_model().objects.filter(username__in=SIGN_INS).values_list("username", flat=True))
        lines = ["", "  Open {address}", ""]
        if there:
            lines += [f"    {name:<12} {label}" for name, label in SIGN_INS.items() if name in there]
            lines += ["", f"  Password for all of them: {_password()}"]
        return "\n".join([*lines, ""])


def _password() -> str:
    """Return the demo's password: given, published for the embedded servers, or this machine's own."""
    if settings.DEMO_PASSWORD:
        return str(settings.DEMO_PASSWORD)
    if settings.DATABASES["default"]["HOST"].startswith(str(settings.EMBEDDED_HOME)):
        return EMBEDDED_PASSWORD
    path = settings.LOCAL_DIR / "demo_password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    return path.read_text()


def _hooks(hook: str) -> Iterator[tuple[str, Any]]:
    """Yield the rooms whose demo module has this function, lower rooms first."""
    for config in apps.get_app_configs():
        module = f"{config.name}.demo"
        if config.name.startswith("apps.") and find_spec(module):
            function = getattr(importlib.import_module(module), hook, None)
            if function:
                yield config.label, function


def _static_digest() -> str:
    """Return a mark that changes with the built front end, our own static files and the packages."""
    parts = sorted(f"{package.name}=={package.version}" for package in distributions())
    for folder in [*settings.STATICFILES_DIRS, *settings.BASE_DIR.glob("apps/*/static")]:
        files = (path for path in Path(folder).rglob("*") if path.is_file())
        parts += sorted(f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
