"""Create an API token for a user and print it once."""

import argparse

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.access.models import User
from apps.access.rules import known_scopes
from apps.access.services import tokens
from apps.core import clock
from apps.core.errors import DomainError


class Command(BaseCommand):
    """``create_api_token USERNAME --scope read [--scope pay:read] [--days 90] [--label …]``."""

    help = "Create an API token for a user and print it once."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            help="May be given several times: " + ", ".join(known_scopes()),
        )
        parser.add_argument("--days", type=int, default=90, help="How long it lives (at most 365 days).")
        parser.add_argument("--label", default="Command line", help="What it is for.")

    def handle(self, *args: object, **options: object) -> None:
        owner = User.objects.filter(username=options["username"], is_active=True).first()
        if owner is None:
            raise CommandError(f"There is no active user named {options['username']!r}.")
        try:
            with transaction.atomic():
                _token, secret = tokens.create_token(
                    owner=owner,
                    label=str(options["label"]),
                    scopes=options["scope"],  # type: ignore[arg-type]  # argparse gives a list of strings
                    days=int(options["days"]),  # type: ignore[call-overload]  # argparse converted it
                    at=clock.now(),
                )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
