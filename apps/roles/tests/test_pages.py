import datetime as dt

import pytest
from django.urls import reverse

from apps.core import clock
from apps.core.demo import DemoContext
from apps.org import demo as org_demo
from apps.roles import demo


@pytest.fixture
def shown(db, client) -> DemoContext:
    context = DemoContext(today=clock.today(), password="northwind demo 2026")
    org_demo.load(context)
    demo.load(context)
    client.force_login(context.users["rep"])
    return context


def test_the_catalogue_and_the_matrix_open(shown, client):
    assert client.get(reverse("roles:index")).content.decode().count('role-card"') == 5
    assert client.get(reverse("roles:matrix")).status_code == 200


def test_a_job_card_shows_purpose_weights_and_holders(shown, client):
    page = client.get(reverse("roles:role", args=[shown.extra["roles"]["rep"].pk])).content.decode()

    assert "Wins and keeps customers" in page
    assert "50 %" in page
    assert "赵敏" in page


def test_before_the_first_version_there_is_no_job_card(shown, client):
    url = reverse("roles:role", args=[shown.extra["roles"]["rep"].pk])

    assert client.get(url, {"as_of": dt.date(2001, 1, 1).isoformat()}).status_code == 404
