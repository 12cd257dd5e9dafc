"""The first account of an empty installation."""

import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.org.models import OrgUnit, RoleGrant


def create(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    call_command("create_administrator", "alice", "--email", "alice@example.com", *more)
    return capsys.readouterr().out


@pytest.mark.django_db
def test_it_makes_the_company_the_account_and_the_grant(capsys):
    told = create(capsys, "--company", "Northwind")

    user = User.objects.get(username="alice")
    assert OrgUnit.objects.get().name == "Northwind"
    assert may(user, Permission.USER_ADMIN)
    assert user.is_staff
    assert not user.has_usable_password()
    assert not mail.outbox
    link = re.search(r"https?://[^/]+(/\S+)", told)
    assert link
    assert Client().get(link.group(1), follow=True).status_code == 200


def test_it_uses_the_company_that_is_there(company, capsys):
    create(capsys)

    assert RoleGrant.objects.get().unit == company.top


@pytest.mark.django_db
def test_a_second_time_it_refuses_and_changes_nothing(capsys):
    create(capsys)

    with pytest.raises(CommandError, match="taken"):
        create(capsys)

    assert User.objects.count() == RoleGrant.objects.count() == OrgUnit.objects.count() == 1
