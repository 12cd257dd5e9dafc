"""``manage.py plan_schema``: compare the published JSON Schema of plans with the code, or write it anew."""

import argparse
import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.incentives.rules.plan.parsing import plan_schema

FILE = Path(settings.BASE_DIR) / "docs" / "plan.schema.json"


def as_text() -> str:
    """Return the schema as it is published."""
    return json.dumps(plan_schema(), indent=1, ensure_ascii=False) + "\n"


class Command(BaseCommand):
    """``plan_schema`` says whether the file is current; ``plan_schema --write`` writes it."""

    help = "Compare docs/plan.schema.json with the code, or write it anew."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="Write the file.")

    def handle(self, *args: object, **options: object) -> None:
        if options["write"]:
            FILE.write_text(as_text())
        elif not FILE.exists() or FILE.read_text() != as_text():
            raise CommandError("The schema has changed: run `python manage.py plan_schema --write`.")
