"""An import through the browser, from the files to taking it back."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.models import User
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.customers.models import Account
from apps.events import progress
from apps.integrations import services
from apps.integrations.models import ImportRun, ImportState
from apps.integrations.tests.factories import DEALS, SINCE, importer, uploads
from apps.measures.selectors import value
from apps.pipeline.models import Opportunity

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2018, 1, 2, tzinfo=dt.UTC)


@pytest.fixture
def user() -> User:
    return importer()


@pytest.fixture
def client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(client: Client, **changes: Any) -> Any:
    data = {
        "name": "Stone Hardware",
        "currency": "USD",
        "since": SINCE.isoformat(),
        "files": uploads(),
        **changes,
    }
    return client.post(reverse("integrations:create"), data)


def page_form(client: Client, run: ImportRun) -> dict[str, Any]:
    """Return what the columns page would send untouched."""
    form = client.get(reverse("integrations:columns", args=[run.pk])).context["form"]
    return {
        name: "on" if form[name].value() is True else form[name].value()
        for name in form.fields
        if form[name].value() not in {None, False}
    }


def checked(client: Client) -> ImportRun:
    sent(client)
    run = ImportRun.objects.get()
    client.post(reverse("integrations:columns_save", args=[run.pk]), page_form(client, run))
    run.refresh_from_db()
    return run


def test_files_become_an_import_whose_columns_are_guessed(client: Client):
    response = sent(client)

    run = ImportRun.objects.get()
    assert response.url == reverse("integrations:columns", args=[run.pk])
    assert {name: run.mapping[name]["file"] for name in ("organisation", "opportunities")} == {
        "organisation": "teams.csv",
        "opportunities": "pipeline.csv",
    }
    page = client.get(response.url).content.decode()
    assert "close_value (5000, 4800.50, 0)" in page
    assert "Engaging" in page


def test_a_check_counts_names_problems_and_writes_nothing(client: Client):
    run = checked(client)

    assert run.state == ImportState.CHECKED
    assert run.outcome["counts"]["deals"] == {"created": 3, "updated": 0, "unchanged": 0}
    assert not Opportunity.objects.exists()
    page = client.get(reverse("integrations:import", args=[run.pk])).content.decode()
    assert "Values we do not know" in page
    assert '<option value="vGTX Pro" selected>' in page
    assert "Import now" not in page


def test_unknown_values_are_mapped_then_imported_with_their_credit(client: Client, user: User):
    run = checked(client)
    client.post(reverse("integrations:values", args=[run.pk]), {"version": run.version, "u0": "vGTX Pro"})

    client.post(reverse("integrations:execute", args=[run.pk]))
    services.execute(run_id=run.pk, today=clock.today(), at=NOW)
    services.execute(run_id=run.pk, today=clock.today(), at=NOW)

    run.refresh_from_db()
    assert (run.state, run.task.state) == (ImportState.DONE, "done")
    assert Opportunity.objects.count() == 4
    assert value("revenue", SINCE, clock.today()).value == Decimal("9800.50")
    page = client.get(reverse("integrations:import", args=[run.pk])).content.decode()
    assert "was read as “GTX Pro”" in page
    assert reverse("pipeline:deals") in page


def test_rows_with_problems_can_be_left_out_and_taken_home(client: Client):
    run = checked(client)

    refused = client.post(reverse("integrations:execute", args=[run.pk]))
    client.post(reverse("integrations:leave_out", args=[run.pk]), {"version": run.version, "leave_out": "on"})
    client.post(reverse("integrations:execute", args=[run.pk]))
    services.execute(run_id=run.pk, today=clock.today(), at=NOW)

    assert refused.status_code == 302
    assert sorted(Opportunity.objects.values_list("external_id", flat=True)) == ["A1", "A3", "A4"]
    file = b"".join(client.get(reverse("integrations:problems", args=[run.pk])).streaming_content).decode()
    assert "pipeline.csv,3,product,GTXPro" in file


def test_the_error_file_runs_no_formula(client: Client):
    sent(client, files=uploads(pipeline=DEALS.replace("GTXPro", "=HYPERLINK(1)")))
    run = ImportRun.objects.get()
    client.post(reverse("integrations:check", args=[run.pk]))

    file = b"".join(client.get(reverse("integrations:problems", args=[run.pk])).streaming_content).decode()

    assert ",'=HYPERLINK(1)," in file


def test_an_import_is_taken_back_with_its_reason(client: Client):
    run = checked(client)
    client.post(reverse("integrations:leave_out", args=[run.pk]), {"version": run.version, "leave_out": "on"})
    client.post(reverse("integrations:execute", args=[run.pk]))
    services.execute(run_id=run.pk, today=clock.today(), at=NOW)

    client.post(reverse("integrations:undo", args=[run.pk]), {"reason": "Wrong year"})
    services.execute(run_id=run.pk, today=clock.today(), at=NOW)

    run.refresh_from_db()
    assert run.state == ImportState.UNDONE
    assert run.outcome["undone"]["deals"] == {"removed": 3, "kept": 0}
    assert not Opportunity.objects.exists()
    assert not Account.objects.filter(external_id="acme").exists()
    assert not value("revenue", SINCE, clock.today() + dt.timedelta(1)).value
    assert "Wrong year" in client.get(reverse("integrations:import", args=[run.pk])).content.decode()


def test_a_long_check_goes_to_a_worker_and_can_be_stopped(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.integrations.services.working.AT_ONCE", 1)
    run = checked(client)
    waiting = client.get(reverse("integrations:import", args=[run.pk])).content.decode()
    progress.request_cancel(task_id=run.task_id)

    services.execute(run_id=run.pk, today=clock.today(), at=NOW)

    assert run.state == ImportState.CHECKING
    assert reverse("events:task", args=[run.task_id]) in waiting
    run.refresh_from_db()
    assert (run.state, run.task.state) == (ImportState.UPLOADED, "cancelled")


def test_a_long_check_ends_like_a_short_one(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.integrations.services.working.AT_ONCE", 1)
    run = checked(client)

    services.execute(run_id=run.pk, today=clock.today(), at=NOW)

    run.refresh_from_db()
    assert run.state == ImportState.CHECKED
    assert run.outcome["counts"]["deals"]["created"] == 3
    answer = client.get(reverse("integrations:state", args=[run.pk]))
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_stopping_an_import_half_way_leaves_nothing(client: Client, monkeypatch: pytest.MonkeyPatch):
    run = checked(client)
    client.post(reverse("integrations:leave_out", args=[run.pk]), {"version": run.version, "leave_out": "on"})
    client.post(reverse("integrations:execute", args=[run.pk]))
    run.refresh_from_db()
    progress.request_cancel(task_id=run.task_id)

    services.execute(run_id=run.pk, today=clock.today(), at=NOW)

    run.refresh_from_db()
    assert run.state == ImportState.CHECKED
    assert not Opportunity.objects.exists()


def test_the_mapping_goes_out_and_comes_in_again(client: Client, user: User):
    run = checked(client)
    client.post(reverse("integrations:values", args=[run.pk]), {"version": run.version, "u0": "vGTX Pro"})
    text = client.get(reverse("integrations:mapping", args=[run.pk])).content

    again = services.start_import(
        name="Again", uploads=uploads(), currency="EUR", since=SINCE, by=user, mapping_text=text.decode()
    )

    run.refresh_from_db()
    assert again.mapping == {**run.mapping, "encoding": ""}
    assert again.mapping["values"] == {"product": {"GTXPro": "GTX Pro"}}


def test_choosing_what_a_file_holds_asks_for_its_fields(client: Client):
    sent(client, files=uploads(teams="", products="", accounts=""))
    run = ImportRun.objects.get()

    page = client.get(reverse("integrations:columns", args=[run.pk]), {"f0-holds": "accounts"})

    assert 'name="f0-c-sector"' in page.content.decode()
    assert 'name="f0-c-stage"' not in page.content.decode()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param({"f0-holds": "products"}, "Two files hold", id="the same twice"),
        pytest.param({"f3-c-stage": ""}, "This field is required", id="a needed column"),
        pytest.param({"version": "99"}, "another window", id="saved elsewhere"),
        pytest.param({"since": "1.1.16"}, "Enter a valid date", id="no date"),
    ],
)
def test_a_wrong_mapping_is_shown_with_its_fix_and_not_kept(client: Client, change: dict, text: str):
    sent(client)
    run = ImportRun.objects.get()

    response = client.post(
        reverse("integrations:columns_save", args=[run.pk]), {**page_form(client, run), **change}
    )

    assert response.status_code == 422
    assert text in response.content.decode()
    assert ImportRun.objects.get().version == run.version


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"files": []}, "This field is required", id="no file"),
        pytest.param({"files": uploads(pipeline="a,a\n1,2\n")}, "twice", id="a column twice"),
        pytest.param({"name": "\x00"}, "Null characters", id="NUL in the name"),
        pytest.param({"currency": "XXX"}, "Select a valid choice", id="unknown currency"),
        pytest.param({"mapping": uploads()[0]}, "mapping", id="a table as mapping"),
    ],
)
def test_files_that_cannot_be_read_are_refused_and_nothing_is_kept(client: Client, changes: dict, text: str):
    response = sent(client, **changes)

    assert response.status_code == 422
    assert text in response.content.decode()
    assert not ImportRun.objects.exists()


ROUTES = ["import", "columns", "state", "problems", "mapping"]


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_sees_the_import_of_somebody_else(client: Client, route: str):
    run = checked(client)
    other, stranger = Client(), Client()
    other.force_login(importer())
    stranger.force_login(UserFactory())
    url = reverse(f"integrations:{route}", args=[run.pk])

    answers = [browser.get(url).status_code for browser in (client, other, stranger, Client())]

    assert answers == [204 if route == "state" else 200, 404, 403, 302]
