"""Accounts, contacts and satisfaction: what they do, refuse, and leave as it was."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.core.errors import StaleVersion
from apps.customers import services
from apps.customers.models import Account, Contact, SatisfactionResponse
from apps.customers.tests.conftest import TODAY, World
from apps.customers.tests.factories import AccountFactory, ContactFactory
from apps.measures.models import Credit
from apps.measures.selectors import value

pytestmark = pytest.mark.django_db
YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))


def create(**values: object) -> Account:
    with transaction.atomic():
        return services.create_account(**values)  # type: ignore[arg-type]  # passed on


def update(account: Account, version: int = 1, **changes: object) -> Account:
    with transaction.atomic():
        return services.update_account(account_id=account.pk, version=version, changes=changes)


def answer(world: World, score: int = 5, **changes: object) -> SatisfactionResponse:
    values = {"account_id": world.account.pk, "responded_on": TODAY, "today": TODAY, **changes}
    with transaction.atomic():
        return services.record_satisfaction(score=score, **values)  # type: ignore[arg-type]  # passed on


def test_an_account_is_found_by_pinyin_and_code(world: World) -> None:
    made = create(name="  上海明远生物有限公司 ", external_id="C-77", city="上海")

    assert made.name == "上海明远生物有限公司"
    assert [*Account.objects.matching("mingyuan")] == [made]
    assert [*Account.objects.matching("c-77")] == [made]


@pytest.mark.parametrize(
    "name", ["Acme Inc", "ACME, Inc.", "ａｃｍｅ inc", "Acme"], ids=["same", "case", "width", "legal form"]
)
def test_a_possible_duplicate_is_named_and_not_created(world: World, name: str) -> None:
    with pytest.raises(services.PossibleDuplicate, match="Acme Inc"):
        create(name=name)

    assert Account.objects.count() == 1
    assert create(name=name, accept_duplicate=True).pk != world.account.pk


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"name": "   "}, services.AccountNameMissing, id="no name"),
        pytest.param({"annual_revenue": Decimal("NaN")}, services.InvalidAccountValue, id="NaN"),
        pytest.param({"annual_revenue": Decimal("-1")}, services.InvalidAccountValue, id="negative"),
        pytest.param({"annual_revenue": Decimal("1e30")}, services.InvalidAccountValue, id="absurd"),
        pytest.param({"founded": 12}, services.InvalidAccountValue, id="founded long ago"),
        pytest.param({"employees": -5}, services.InvalidAccountValue, id="fewer than nobody"),
    ],
)
def test_bad_values_are_refused_and_nothing_changes(
    world: World, changes: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        update(world.account, **changes)
    with pytest.raises(refusal):
        create(**{"name": "Another", **changes})

    world.account.refresh_from_db()
    assert (Account.objects.count(), world.account.name, world.account.version) == (1, "Acme Inc", 1)


def test_a_stale_version_is_refused_and_the_first_change_stays(world: World) -> None:
    assert update(world.account, city="Wuxi").version == 2

    with pytest.raises(StaleVersion):
        update(world.account, city="Suzhou")

    world.account.refresh_from_db()
    assert (world.account.city, world.account.version) == ("Wuxi", 2)


def test_a_family_cannot_close_a_circle(world: World) -> None:
    child = create(name="Acme East", parent_id=world.account.pk)
    grandchild = create(name="Acme Far East", parent_id=child.pk)

    for parent in (world.account, child, grandchild):
        with pytest.raises(services.AccountCycle):
            update(world.account, parent_id=parent.pk)

    world.account.refresh_from_db()
    assert world.account.parent_id is None


def test_the_database_refuses_a_circle_too(world: World) -> None:
    child = AccountFactory(parent=world.account)

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=world.account.pk).update(parent=child)


def test_adding_a_member_twice_adds_one_and_lets_them_see_the_account(world: World) -> None:
    assert not Account.objects.visible_to(world.users["ben"]).exists()

    for _time in range(2):
        with transaction.atomic():
            services.add_member(account_id=world.account.pk, person_id=world.ben.pk)

    assert world.account.members.count() == 1
    assert [*Account.objects.visible_to(world.users["ben"])] == [world.account]
    with transaction.atomic():
        assert services.remove_member(account_id=world.account.pk, person_id=world.ben.pk) == 1
    assert not Account.objects.visible_to(world.users["ben"]).exists()


def test_a_contact_is_changed_by_its_version_and_found_by_its_new_name(world: World) -> None:
    with transaction.atomic():
        made = services.create_contact(account_id=world.account.pk, name="王小明", phone="139 0000")
        services.update_contact(contact_id=made.pk, version=1, changes={"name": "李小明"})

    with pytest.raises(StaleVersion), transaction.atomic():
        services.update_contact(contact_id=made.pk, version=1, changes={"name": "赵小明"})
    with pytest.raises(services.ContactNameMissing), transaction.atomic():
        services.update_contact(contact_id=made.pk, version=2, changes={"name": " "})

    assert [row.name for row in Contact.objects.matching("lixiaoming")] == ["李小明"]
    assert not Contact.objects.matching("wangxiaoming").exists()


def test_the_page_of_a_contact_opens_to_who_may_see_the_account(world: World) -> None:
    contact = ContactFactory(account=world.account, name="Wang Min")
    url = f"/customers/contacts/{contact.pk}/"

    mine = world.client("ann").get(url).content.decode()

    assert f"{url}edit/" in mine
    assert f"/customers/accounts/{world.account.pk}/" in mine
    assert world.client("ben").get(url).status_code == 404


def test_answers_become_satisfaction_of_whoever_looks_after_the_account(world: World) -> None:
    for score in (5, 4, 3, 1):
        answer(world, score)

    figure = value("satisfaction", *YEAR, person_id=world.ann.pk)

    assert (figure.value, figure.numerator, figure.denominator) == (Decimal("0.5"), 2, 4)
    assert value("satisfaction", *YEAR, person_id=world.ben.pk).denominator in {None, 0}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"score": 0}, id="too low"),
        pytest.param({"score": 6}, id="too high"),
        pytest.param({"responded_on": dt.date(2026, 7, 1)}, id="tomorrow"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_credits_nothing(
    world: World, changes: dict[str, object]
) -> None:
    with pytest.raises(services.InvalidAnswer):
        answer(world, **changes)  # type: ignore[arg-type]  # passed on

    assert (SatisfactionResponse.objects.count(), Credit.objects.count()) == (0, 0)


def test_an_answer_of_another_accounts_contact_is_refused(world: World) -> None:
    with pytest.raises(services.InvalidAnswer):
        answer(world, contact_id=ContactFactory().pk)

    assert not Credit.objects.exists()


def test_a_withdrawn_answer_counts_no_more_and_cannot_be_withdrawn_twice(world: World) -> None:
    kept, wrong = answer(world, 5), answer(world, 1)

    with pytest.raises(services.InvalidAnswer), transaction.atomic():
        services.withdraw_satisfaction(response_id=wrong.pk, reason=" ", on=TODAY)
    with transaction.atomic():
        services.withdraw_satisfaction(response_id=wrong.pk, reason="Wrong customer", on=TODAY)
    with pytest.raises(services.AlreadyWithdrawn), transaction.atomic():
        services.withdraw_satisfaction(response_id=wrong.pk, reason="Again", on=TODAY)

    figure = value("satisfaction", *YEAR, person_id=world.ann.pk)
    assert (figure.value, figure.denominator) == (1, 1)
    assert SatisfactionResponse.objects.get(pk=kept.pk).withdrawn_on is None
    assert Credit.objects.filter(source_id=wrong.pk).count() == 2
