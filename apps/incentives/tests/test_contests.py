"""Leaderboards show who wants to be shown, ties share a place, and contests award what they promised."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock
from apps.core.tests.together import decided_at_once
from apps.incentives import services
from apps.incentives.models import Adjustment, Contest, ContestAward, Unlisted
from apps.incentives.rules.ranking import ranked
from apps.incentives.selectors.boards import board, players_in, sellers_in
from apps.incentives.services.contests import ContestClosed, ContestRefused, OwnContest, Prize
from apps.incentives.tests.factories import Company
from apps.notifications.models import Notification
from apps.org.tests.factories import seated

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
JUNE = (dt.date(2026, 6, 1), dt.date(2026, 6, 30))


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(NOW):
        yield


def act(service, /, **given):
    with transaction.atomic():
        return getattr(services, service)(at=NOW, **given)


def contest(company, **changed):
    given = {
        "name": "June sprint", "purpose": "", "measure": "revenue", "starts_on": JUNE[0], "last_day": JUNE[1],
        "unit_id": company.team.pk, "person_ids": [],
        "prizes": [Prize(1, "Dinner with the board", D(500)), Prize(2, "A day off"), Prize(3, "Book")],
        "minimum": None, "by": company.admin,
    }  # fmt: skip
    return act("create_contest", **{**given, **changed})


def places(found):
    return [(one.place, one.person.name, one.value, one.shared) for one in found.places]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([("a", 3), ("b", 5), ("c", 5), ("d", 1)], [1, 1, 3, 4], id="two share the first"),
        pytest.param([("a", 1), ("b", 1), ("c", 1)], [1, 1, 1], id="all share"),
        pytest.param([("a", None), ("b", 2)], [1], id="no figure, no place"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_equal_figures_share_a_place_and_the_next_is_skipped(values, expected):
    figures = [(key, None if value is None else D(value)) for key, value in values]

    assert [one.place for one in ranked(figures)] == expected


@given(st.dictionaries(st.integers(1, 40), st.decimals(-5, 5, places=1), max_size=20))
def test_a_place_is_one_more_than_the_number_of_better_figures(values):
    found = ranked(values.items())

    assert {one.key: one.place for one in found} == {
        key: 1 + sum(other > value for other in values.values()) for key, value in values.items()
    }
    assert found == ranked(list(values.items())[::-1])


def test_a_board_counts_up_to_its_day_and_names_nobody_who_does_not_wish_it(company):
    third = seated(company.team, name="Third")
    company.sell(company.rep, "300", month=6)
    company.sell(company.peer, "300", month=6)
    company.sell(third, "100", month=6)
    company.sell(third, "900", month=6, day=20)
    people = sellers_in(company.team.pk, TODAY)
    act("list_me", listed=False, by=company.users["peer"])

    found = board(
        "revenue", JUNE[0], dt.date(2026, 7, 1), people, dt.date(2026, 6, 15), company.users["peer"]
    )

    assert company.lead.pk not in people
    assert places(found) == [(1, "Rep", D(300), True), (3, "Third", D(100), False)]
    assert (found.unlisted, found.mine.place, found.mine.shared) == (1, 1, True)
    act("list_me", listed=True, by=company.users["peer"])
    assert not Unlisted.objects.exists()


def test_prizes_go_to_places_shared_ones_twice_and_money_waits_for_a_second_person(company):
    third = seated(company.team, name="Third")
    made = contest(company)
    for person, value in ((company.rep, "300"), (company.peer, "300"), (third, "100")):
        company.sell(person, value, month=6)

    awards = act("close_contest", contest_id=made.pk, today=TODAY, by=company.admin)

    assert [(one.person, one.place, one.prize) for one in awards] == [
        (company.rep, 1, "Dinner with the board"),
        (company.peer, 1, "Dinner with the board"),
        (third, 3, "Book"),
    ]
    asked = Adjustment.objects.order_by("pk")
    assert [(row.person, row.amount, row.status) for row in asked] == [
        (company.rep, D(500), "requested"),
        (company.peer, D(500), "requested"),
    ]
    assert Notification.objects.filter(kind="contest_won").count() == 2
    with pytest.raises(ContestClosed):
        act("close_contest", contest_id=made.pk, today=TODAY, by=company.admin)
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        ContestAward.objects.update(place=1)


def test_who_stays_below_the_minimum_wins_nothing(company):
    made = contest(company, minimum=D(200))
    company.sell(company.rep, "199", month=6)

    assert act("close_contest", contest_id=made.pk, today=TODAY, by=company.admin) == []


def test_a_contest_is_not_closed_before_its_end_nor_by_who_takes_part(company):
    made = contest(company, last_day=dt.date(2026, 7, 10))

    with pytest.raises(ContestRefused):
        act("close_contest", contest_id=made.pk, today=TODAY, by=company.admin)
    with pytest.raises(OwnContest):
        act("close_contest", contest_id=made.pk, today=dt.date(2026, 7, 11), by=company.users["rep"])

    assert Contest.objects.get().closed_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_day": dt.date(2026, 5, 31)},
        {"measure": "open_pipeline"},
        {"measure": "nothing"},
        {"prizes": []},
        {"prizes": [Prize(1, "A"), Prize(1, "B")]},
    ],
)
def test_a_contest_that_cannot_be_is_not_set_up(company, wrong):
    with pytest.raises(ContestRefused):
        contest(company, **wrong)

    assert not Contest.objects.exists()


FORM = {
    "name": "Sprint", "measure": "revenue", "starts_on": "2026-06-01", "last_day": "2026-06-30",
    "prize1": "Cup", "amount1": "100",
}  # fmt: skip


def test_who_sets_up_sees_and_closes_a_contest(company, client):
    body = FORM | {"unit": company.team.pk}
    for who, status in (("rep", 403), ("hr", 403), ("auditor", 403), ("sysadmin", 403), ("manager", 302)):
        client.force_login(company.users[who])
        assert client.post(reverse("incentives:contest_create"), body).status_code == status
    made = Contest.objects.get()
    elsewhere = client.post(reverse("incentives:contest_create"), body | {"unit": company.top.pk})
    page, close = (reverse(f"incentives:{name}", args=[made.pk]) for name in ("contest", "contest_close"))
    seen = {}
    for who in ("rep", "manager", "executive", "admin", "hr", "sysadmin"):
        client.force_login(company.users[who])
        seen[who] = client.get(page).status_code
    client.force_login(company.users["rep"])
    refused = client.post(close).status_code
    client.force_login(company.users["manager"])
    closed = client.post(close).status_code

    assert elsewhere.status_code == 422
    assert seen == {"rep": 200, "manager": 200, "executive": 200, "admin": 200, "hr": 403, "sysadmin": 403}
    assert (refused, closed) == (403, 302)


def test_the_leaderboard_is_off_until_the_company_wants_it(company, client):
    company.sell(company.rep, "300", month=7, day=2)
    client.force_login(company.users["peer"])
    url = reverse("incentives:leaderboard")
    off = client.get(url).content.decode()
    act(
        "set_policy", dispute_days=5, windfall_deal_factor=None, windfall_quota_share=None,
        windfall_line_factor=None, shows_leaderboards=True, by=company.admin,
    )  # fmt: skip

    on = client.get(url, {"unit": company.team.pk, "window": "quarter"}).content.decode()
    whole = client.get(url).context["unit"]
    client.post(reverse("incentives:list_me"), {"listed": "0"})
    without_me = client.get(url, {"unit": company.team.pk})

    assert "shows no leaderboards" in off
    assert whole == company.top
    assert "Rep" in on
    assert [one.person for one in without_me.context["board"].places] == [company.rep]
    assert "your place is 2" in without_me.content.decode()


@pytest.mark.parametrize("route", ["leaderboard", "contests", "contest_new"])
def test_pages_of_contests_open_empty(company, client, route):
    client.force_login(company.admin)

    assert client.get(reverse(f"incentives:{route}")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_several_closings_at_once_one_awards():
    with transaction.atomic():
        company = Company()
    made = contest(company)
    company.sell(company.rep, "300", month=6)

    def close():
        services.close_contest(contest_id=made.pk, today=TODAY, by=company.admin, at=NOW)

    assert decided_at_once(*[close] * 5) == ["contest_closed"] * 4 + ["done"]
    assert ContestAward.objects.filter(place=1).count() == 1


def test_with_plans_or_quotas_only_those_who_take_part_are_compared(company):
    clerk = seated(company.team, name="Clerk")
    july = (dt.date(2026, 7, 1), dt.date(2026, 8, 1), TODAY)
    everybody = players_in(company.team.pk, "revenue", *july)
    company.plan(
        {"kind": "base_salary", "code": "base", "name": "Base", "annual": "1200"}, people=[company.rep]
    )

    found = players_in(company.team.pk, "revenue", *july)

    assert everybody == {company.rep.pk, company.peer.pk, clerk.pk}
    assert found == {company.rep.pk}
    company.sell(clerk, "5", month=7, day=2)
    assert players_in(company.team.pk, "revenue", *july) == {company.rep.pk, clerk.pk}
