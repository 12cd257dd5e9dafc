"""Create the first system administrator: an account, a top unit if there is none, and the role there."""

import argparse

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.access import mails
from apps.access.models import User
from apps.access.permissions import Role
from apps.access.services import users
from apps.core import clock
from apps.core.errors import DomainError
from apps.org import services
from apps.org.enums import UnitKind
from apps.org.selectors import root_unit_id


class Command(BaseCommand):
    """``create_administrator USERNAME --email ADDRESS [--company NAME]``."""

    help = "Create a system administrator and print the link with which they choose their password."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", required=True, help="Where notices and password links are sent.")
        parser.add_argument("--name", default="", help="The name people see; by default the user name.")
        parser.add_argument(
            "--company", default="Company", help="Name of the top unit, if there is none yet."
        )
        parser.add_argument("--language", default=User.Language.ENGLISH, choices=User.Language.values)

    def handle(self, *args: object, **options: object) -> None:
        told = {name: str(options[name]) for name in ("username", "email", "name", "company", "language")}
        try:
            with transaction.atomic():
                user = users.create_user(
                    username=told["username"],
                    display_name=told["name"] or told["username"],
                    email=told["email"],
                    language=told["language"],
                    is_staff=True,
                )
                services.grant_role(
                    user=user, role=Role.SYSADMIN, unit_id=_top(told["company"]), on=clock.today()
                )
        except DomainError as error:
            raise CommandError(" ".join([str(error), *map(str, error.fields.values())])) from error
        self.stdout.write(
            "The account is ready. Choose its password here (the link works once and for an hour):"
        )
        self.stdout.write(mails.password_link(user))


def _top(name: str) -> int:
    """Return the top unit of today, made now when there is none."""
    today = clock.today()
    found = root_unit_id(today)
    if found is not None:
        return found
    made = services.create_unit(code="company", name=name, kind=UnitKind.COMPANY, parent_id=None, on=today)
    return made.pk
