"""``manage.py messages --update|--check|--compile [room …]``"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import messages


class Command(BaseCommand):
    help = (
        "Keep the translations: --update adds what is missing, --check fails on gaps, --compile writes .mo."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--update", action="store_true")
        what.add_argument("--check", action="store_true")
        what.add_argument("--compile", action="store_true")
        parser.add_argument(
            "rooms", nargs="*", help="apps, or salesorg for what belongs to none; all when left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        root, names = settings.BASE_DIR, options["rooms"] or None
        unknown = set(names or []) - set(messages.rooms(root))
        if unknown:
            raise CommandError(
                f"No such room: {', '.join(sorted(unknown))}. Rooms: {', '.join(messages.rooms(root))}"
            )
        if options["compile"]:
            self.stdout.write(f"{messages.compile_stale(root, everything=True)} catalogues compiled")
        elif options["update"]:
            for name, (added, removed) in messages.update(root, names).items():
                self.stdout.write(f"{name}: {added} added, {removed} removed")
        else:
            self._check(messages.check(root, names))

    def _check(self, problems: list[messages.Problem]) -> None:
        for problem in problems:
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems)} translations need work.")
        self.stdout.write("All strings are translated.")
