"""Compare the routes with the reviewed access matrix, or write it anew."""

import argparse
from pathlib import Path

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.access import inventory

FILE = Path(settings.BASE_DIR) / "tests" / "guards" / "access_matrix.yml"
_HEAD = """\
# Every way into the product and the permission it asks for. A change here is a change of policy: review it.
# Write anew with: python manage.py access_matrix --write
# public: nobody is asked. sign-in: the pages of signing in. admin: the administration, then per model.
"""


def as_text() -> str:
    """Return the matrix file for the routes as they are."""
    lines = {route.key: route.permission for route in inventory.routes()}
    return _HEAD + yaml.safe_dump(lines, sort_keys=False, allow_unicode=True, width=200)


def reviewed() -> dict[str, str]:
    """Return the matrix as it was reviewed."""
    return yaml.safe_load(FILE.read_text()) if FILE.exists() else {}


class Command(BaseCommand):
    """``access_matrix`` says what differs; ``access_matrix --write`` takes over the routes as they are."""

    help = "Compare the routes with the reviewed access matrix, or write it anew."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="Write the file; review its diff.")

    def handle(self, *args: object, **options: object) -> None:
        if options["write"]:
            FILE.write_text(as_text())
            self.stdout.write(f"Wrote {FILE.relative_to(settings.BASE_DIR)}; review the diff.")
            self._refuse_unnamed()
            return
        self._refuse_unnamed()
        now = {route.key: route.permission for route in inventory.routes()}
        known = reviewed()
        different = sorted(key for key in now.keys() | known.keys() if now.get(key) != known.get(key))
        for key in different:
            self.stdout.write(f"{key}: {known.get(key, '(new)')} → {now.get(key, '(gone)')}")
        if different:
            raise CommandError("The routes differ from the matrix: run with --write and review the diff.")

    def _refuse_unnamed(self) -> None:
        unnamed = [route.key for route in inventory.routes() if route.permission == inventory.UNNAMED]
        if unnamed:
            raise CommandError("These routes name no permission:\n  " + "\n  ".join(unnamed))
