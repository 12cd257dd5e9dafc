"""Every page of the pipeline and of customers opens, and lists cost the same for any number of rows."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.customers.tests.factories import ContactFactory
from apps.org.models import Person
from apps.pipeline import services
from apps.pipeline.models import Activity, Opportunity, OutcomeReason, SalesProcess, Stage, Task
from apps.pipeline.proposal import REASONS, STAGES
from apps.pipeline.rules import Share
from apps.pipeline.tests.conftest import TODAY, World
from apps.pipeline.tests.factories import OpportunityFactory

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.users[name])
    return client


def deal_of(world: World, **values: object) -> Opportunity:
    return OpportunityFactory(
        **{"owner": world.ann, "stage": world.first, "account": world.account, **values}
    )


def test_a_first_process_is_set_up_with_the_proposed_stages_in_any_language(world: World) -> None:
    Stage.objects.all().delete()
    SalesProcess.objects.all().delete()
    OutcomeReason.objects.all().delete()
    client = signed_in(world, "ops")
    form = {"name": "销售", "csrfmiddlewaretoken": "a" * 64}
    setting_up = "/pipeline/processes/new/"
    empty = [client.get(page).content.decode() for page in ("/pipeline/processes/", "/pipeline/board/")]

    with translation.override("zh-hans"):
        answers = [client.post("/pipeline/processes/create/", form) for _twice in range(2)]
    refused = client.post("/pipeline/processes/create/", {"name": " "})

    process = SalesProcess.objects.get()
    assert setting_up in empty[0]
    assert "/pipeline/processes/" in empty[1]
    assert [answer.status_code for answer in (*answers, refused)] == [302, 302, 422]
    assert (process.name, process.is_default) == ("销售", True)
    stored = process.stages.order_by("order").values_list("name", flat=True)
    assert [str(name) for name in stored] == [*(stage[1] for stage in STAGES), "Won", "Lost"]
    assert OutcomeReason.objects.count() == len(REASONS)
    assert client.get("/pipeline/board/").status_code == 200


def test_only_who_may_shape_processes_sets_one_up(world: World) -> None:
    client = signed_in(world, "ann")

    assert client.get("/pipeline/processes/new/").status_code == 403
    assert client.post("/pipeline/processes/create/", {"name": "Mine"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/pipeline/deals/", "/pipeline/board/", "/pipeline/activities/", "/pipeline/tasks/",
        "/pipeline/products/", "/pipeline/processes/", "/pipeline/deals/new/", "/pipeline/activities/log/",
        "/pipeline/tasks/new/", "/pipeline/products/new/", "/pipeline/reasons/new/", "/customers/accounts/",
        "/customers/contacts/", "/customers/accounts/new/",
    ],
)  # fmt: skip
def test_pages_open_empty_and_full(world: World, address: str) -> None:
    client = signed_in(world, "ann" if "log" in address or "tasks" in address else "ops")

    assert client.get(address).status_code == 200
    deal_of(world)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "tail", ["", "edit/", "stages/", "winning/", "losing/", "reopening/", "line/", "shares/"]
)
def test_a_deal_and_its_forms_open(world: World, tail: str) -> None:
    deal = deal_of(world)

    assert signed_in(world, "ann").get(f"/pipeline/deals/{deal.pk}/{tail}").status_code == 200
    assert signed_in(world, "ben").get(f"/pipeline/deals/{deal.pk}/{tail}").status_code == 404


@pytest.mark.parametrize("tail", ["", "edit/", "people/", "contacts/new/", "answer/"])
def test_an_account_and_its_forms_open(world: World, tail: str) -> None:
    ContactFactory(account=world.account)
    deal_of(world)

    response = signed_in(world, "ann").get(f"/customers/accounts/{world.account.pk}/{tail}")

    assert response.status_code == 200
    assert "Acme Inc" in response.content.decode()


@pytest.mark.parametrize("address", ["/pipeline/deals/", "/pipeline/board/", "/customers/accounts/"])
def test_lists_cost_the_same_for_one_and_twelve_rows(world: World, address: str) -> None:
    client = signed_in(world, "lead")
    costs = []
    deal_of(world)
    client.get(address)
    for extra in (0, 11):
        for _ in range(extra):
            deal_of(world)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(address)
        costs.append(len(captured))

    assert costs[0] == costs[1]
    assert costs[0] <= 15


def test_a_drop_on_the_board_moves_the_deal_and_a_stale_one_does_not(world: World) -> None:
    deal = deal_of(world)
    client = signed_in(world, "ann")

    moved = client.post(f"/pipeline/board/{world.second.pk}/drop/", {"id": deal.pk, "version": 1})
    stale = client.post(f"/pipeline/board/{world.third.pk}/drop/", {"id": deal.pk, "version": 1})

    deal.refresh_from_db()
    assert (moved.status_code, stale.status_code) == (204, 409)
    assert deal.stage_id == world.second.pk


def test_a_drop_on_won_asks_for_the_closing_first(world: World) -> None:
    deal = deal_of(world)

    response = signed_in(world, "ann").post(f"/pipeline/board/{world.won.pk}/drop/", {"id": deal.pk})

    assert response["HX-Retarget"] == "#sheet"
    assert Opportunity.objects.get(pk=deal.pk).is_open


def test_a_stale_form_shows_mine_and_theirs(world: World) -> None:
    deal = deal_of(world, name="Before")
    with transaction.atomic():
        services.update_opportunity(
            opportunity_id=deal.pk, version=1, changes={"name": "Theirs"}, today=TODAY
        )
    form = {"name": "Mine", "owner": world.ann.pk, "currency": "USD", "amount": "1000", "version": 1}

    response = signed_in(world, "ann").post(f"/pipeline/deals/{deal.pk}/save/", form)

    assert response.status_code == 409
    assert b"Mine" in response.content
    assert b"Theirs" in response.content
    assert Opportunity.objects.get(pk=deal.pk).name == "Theirs"


def test_winning_in_the_browser_posts_credit_and_sends_the_form_once(world: World) -> None:
    deal = deal_of(world)
    client = signed_in(world, "ann")
    form = {"closed_on": "2026-06-30", "version": 1}

    first = client.post(f"/pipeline/deals/{deal.pk}/win/", form)
    second = client.post(f"/pipeline/deals/{deal.pk}/win/", form)

    assert first.status_code == 302
    assert second.status_code in {409, 422}
    assert Opportunity.objects.get(pk=deal.pk).state == "won"


def test_logging_the_same_form_twice_logs_once(world: World) -> None:
    client = signed_in(world, "ann")
    form = {
        "client_uuid": "0190b7a0-0000-7000-8000-000000000001",
        "kind": "visit",
        "subject": "Showed the new model",
        "account": world.account.pk,
        "happened_at": "2026-06-30T09:00",
    }

    client.post("/pipeline/activities/create/", form)
    client.post("/pipeline/activities/create/", form)

    assert Activity.objects.count() == 1


def test_a_task_is_ticked_and_unticked(world: World) -> None:
    with transaction.atomic():
        task = services.create_task(title="Call back", assignee_id=world.ann.pk, by=world.users["ann"])
    client = signed_in(world, "ann")

    client.post(f"/pipeline/tasks/{task.pk}/done/")
    assert Task.objects.get().done_at is not None
    client.post(f"/pipeline/tasks/{task.pk}/reopen/")
    assert Task.objects.get().done_at is None


def test_the_count_of_the_list_is_exact_from_the_summary(world: World) -> None:
    for owner in (world.ann, world.ann, world.ben):
        deal_of(world, owner=owner)
    shared = deal_of(world, owner=world.ben)
    with transaction.atomic():
        services.set_splits(
            opportunity_id=shared.pk,
            version=None,
            shares=[Share(world.ann.pk, Decimal(40)),
                    Share(world.ben.pk, Decimal(60))],
        )  # fmt: skip

    response = signed_in(world, "ann").get("/pipeline/deals/")

    assert response.context["table"].total == 3


def next_step_of(world: World, deal: Opportunity, text: str, version: int) -> tuple[int, str]:
    response = signed_in(world, "ann").post(
        f"/pipeline/deals/{deal.pk}/next-step/",
        {"next_step": text, "version": version},
        headers={"HX-Request": "true"},
    )
    deal.refresh_from_db()
    return response.status_code, deal.next_step


@pytest.mark.parametrize(("query", "expected"), [("gone=yes", ["Left behind"]), ("gone=no", ["In hand"])])
def test_deals_of_people_who_left_are_found(world: World, query: str, expected: list[str]) -> None:
    Person.objects.filter(pk=world.ben.pk).update(left_on=TODAY)
    deal_of(world, owner=world.ann, name="In hand")
    deal_of(world, owner=world.ben, name="Left behind")

    response = signed_in(world, "ops").get(f"/pipeline/deals/?{query}")

    assert [row["name"] for row in response.context["table"].page_rows] == expected


def test_what_people_write_stays_text_in_the_next_step_of_a_list(world: World) -> None:
    OpportunityFactory(
        owner=world.ann,
        stage=world.first,
        name='"><b>100 %</b>',
        next_step="'><i>Call</i>",
        next_step_on=None,
    )

    page = signed_in(world, "ann").get("/pipeline/deals/").content.decode()

    assert 'value="&#x27;&gt;&lt;i&gt;Call&lt;/i&gt;"' in page
    assert "Next step of &quot;&gt;&lt;b&gt;100 %&lt;/b&gt;" in page
    assert "<i>Call" not in page


def test_a_next_step_is_saved_once_and_a_stale_one_is_refused(world: World) -> None:
    deal = deal_of(world)

    assert next_step_of(world, deal, "Send the offer", 1) == (200, "Send the offer")
    assert next_step_of(world, deal, "Call them", 1) == (409, "Send the offer")
    assert next_step_of(world, deal, "Call them", 2) == (200, "Call them")


def test_a_product_line_is_changed_in_place_and_a_stale_change_is_refused(world: World) -> None:
    deal = deal_of(world)
    with transaction.atomic():
        line = services.add_line(
            opportunity_id=deal.pk,
            version=1,
            line=services.NewLine(world.product.pk, Decimal(1), Decimal("100.00")),
            today=TODAY,
        )
    change = {"quantity": "3", "unit_price": "100.00", "discount": "0", "version": "2"}
    address = f"/pipeline/lines/{line.pk}/save/"

    assert signed_in(world, "ben").post(address, change).status_code == 404
    assert signed_in(world, "ann").get(f"/pipeline/lines/{line.pk}/edit/").status_code == 200
    assert signed_in(world, "ann").post(address, change).status_code == 302
    refused = signed_in(world, "ann").post(
        address, change | {"quantity": "9"}, headers={"HX-Request": "true"}
    )

    deal.refresh_from_db()
    assert refused.status_code == 422
    assert deal.amount == Decimal("300.00")


def test_a_deal_takes_a_contact_of_its_account_only(world: World) -> None:
    own, foreign = ContactFactory(account=world.account), ContactFactory()
    deal = deal_of(world, expected_close_on=TODAY)
    form = {
        "name": deal.name, "account": world.account.pk, "owner": world.ann.pk, "amount": "1000.00",
        "currency": "USD", "version": "1",
    }  # fmt: skip
    client = signed_in(world, "ops")

    refused = client.post(f"/pipeline/deals/{deal.pk}/save/", form | {"contact": foreign.pk})
    client.post(f"/pipeline/deals/{deal.pk}/save/", form | {"contact": own.pk})

    deal.refresh_from_db()
    assert refused.status_code in {409, 422}
    assert deal.contact == own
