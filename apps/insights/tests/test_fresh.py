"""A fresh installation: the first administrator signs in, and every empty page names the first step."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils.html import escape
from django.utils.translation import gettext, override

from apps.access.models import User
from apps.access.permissions import Role
from apps.core import clock
from apps.org.models import OrgUnit
from apps.org.tests.factories import RoleGrantFactory

FIRST_STEPS = {
    "/": "Bring your organisation",
    "/org/": "Only the top of the company is here. Open it to add units and seats, or import them with your "
    "people from a file on the home page.",
    "/org/people/": "Import your people from a file, or open a unit on the org chart and hire into its "
    "seats.",
    "/org/vacancies/": "No seat is vacant",
    "/roles/": "Roles describe what people are for and how they are judged.",
    "/targets/": "Plan a target",
    "/targets/plans/": "Plan a target",
    "/strategy/": "A strategy says where a unit wants to go; its objectives take their figures from targets.",
    "/pipeline/deals/": "A deal is a possible sale. Create the first one, or import what you have.",
    "/pipeline/board/": "Set up the stages your deals go through, then the board fills.",
    "/pipeline/processes/": "Start with the proposed stages and make them yours, or import your deals: their "
    "stages come along.",
    "/pipeline/products/": "Products with their list prices come with an import, or are added here one by "
    "one.",
    "/pipeline/activities/": "Calls, visits and meetings appear here once somebody logs them on a deal or an "
    "account.",
    "/customers/accounts/": "Accounts are the companies you sell to. Add the first one.",
    "/incentives/plans/": "A plan says in sentences what people are paid for. Design one, have it approved, "
    "assign it.",
    "/incentives/runs/": "No plan is approved yet, so there is nothing to pay.",
    "/reviews/": "The first one begins by itself when the quarter ends. Human resources can also evaluate a "
    "past period.",
    "/training/": "Courses say which skill they teach up to which level.",
    "/measures/": "Every number is defined once, here. Your figures appear when the fiscal calendar has this "
    "year; an import adds it.",
    "/imports/": "Bring your people, products, accounts and deals: upload the files as they are.",
}


@pytest.fixture
def first(db, capsys):
    """The first administrator, who was given every role."""
    with clock.fixed(dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)):
        call_command("create_administrator", "boss", "--email", "boss@example.com", "--company", "Harbour")
        user, top = User.objects.get(), OrgUnit.objects.get()
        for role in (Role.EXECUTIVE, Role.SALES_OPS, Role.COMP_ADMIN, Role.HR):
            RoleGrantFactory(user=user, role=role, unit=top)
        yield user


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_empty_page_names_the_first_step(first, client, language):
    User.objects.update(language=language)
    client.force_login(User.objects.get())
    silent = []

    for path, step in FIRST_STEPS.items():
        answer = client.get(path)
        with override(language):
            said = escape(gettext(step))
        if answer.status_code != 200 or str(said) not in answer.content.decode():
            silent.append((path, answer.status_code))

    assert not silent


@pytest.mark.django_db
def test_nobody_is_made_who_skips_the_checks(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long password of some words")

    with pytest.raises(CommandError, match="create_administrator"):
        call_command("createsuperuser", "--noinput", "--username", "root", "--email", "root@example.com")

    assert not User.objects.exists()
