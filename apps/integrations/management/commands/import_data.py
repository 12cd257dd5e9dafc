"""``manage.py import_data MAPPING FOLDER``: bring a company's files in, or see what would happen."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.access.models import User
from apps.core import clock
from apps.core.errors import DomainError
from apps.integrations.imports.mapping import parse
from apps.integrations.imports.preparing import Report, prepare
from apps.integrations.imports.running import ImportRefused, Outcome, run_import


class Command(BaseCommand):
    help = "Import an organisation, its products, accounts and deals with a mapping file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mapping", type=Path, help="the mapping file (YAML)")
        parser.add_argument("folder", type=Path, help="the folder with the files it names")
        parser.add_argument("--dry-run", action="store_true", help="do everything, show the counts, undo it")
        parser.add_argument(
            "--leave-out-bad-rows", action="store_true", help="import the good rows and list the others"
        )
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="who is importing (for the audit trail)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            outcome, report = self._run(options)
        except ImportRefused as error:
            self._print_report(error.report)
            raise CommandError(str(error)) from error
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self._print_report(report)
        self._print_outcome(outcome, time.perf_counter() - started, dry=options["dry_run"])

    def _run(self, options: dict[str, Any]) -> tuple[Outcome, Report]:
        by = User.objects.get(username=options["by"]) if options["by"] else None
        mapping = parse(options["mapping"].read_text(encoding="utf-8"))
        prepared = prepare(mapping, options["folder"])
        with transaction.atomic():
            outcome = run_import(
                prepared,
                today=clock.today(),
                by=by,
                leave_out_bad_rows=options["leave_out_bad_rows"],
                on_progress=lambda rows: self.stderr.write(f"  {rows:,} deals"),
            )
            if options["dry_run"]:
                transaction.set_rollback(True)
        return outcome, prepared.report

    def _print_report(self, report: Report) -> None:
        for note in report.all_notes():
            self.stdout.write(f"  note   {note.file}: {note.field} {note.message} ({note.times:,} ×)")
        for problem in report.problems[:50]:
            place = f"{problem.file}:{problem.row}" if problem.row else problem.file
            self.stdout.write(f"  error  {place}: {problem.field} {problem.message}")
        if report.errors > 50:
            self.stdout.write(f"  … and {report.errors - 50:,} more")

    def _print_outcome(self, outcome: Outcome, seconds: float, *, dry: bool) -> None:
        for kind, counts in outcome.counts.items():
            parts = ", ".join(f"{number:,} {what}" for what, number in counts.items())
            self.stdout.write(f"  {kind:14} {parts}")
        self.stdout.write(f"  {'credits':14} {outcome.credits:,}")
        deals = sum(outcome.counts.get("deals", {}).values())
        speed = f", {deals / seconds:,.0f} deals/s" if deals and seconds else ""
        state = "Nothing was written (dry run)." if dry else "Done."
        self.stdout.write(self.style.SUCCESS(f"{state} {seconds:.1f} s{speed}"))
