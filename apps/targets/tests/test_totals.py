import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.access.models import User
from apps.core import clock
from apps.notifications.models import Notification
from apps.targets import services
from apps.targets.enums import Balance, Below, Method
from apps.targets.models import ShareRequest
from apps.targets.rules import totals
from apps.targets.rules.allocation import Claim, Recipe
from apps.targets.rules.proof import breaches, deviations
from apps.targets.rules.tree import Grid, Node, WrongTarget, cascade
from apps.targets.tests.factories import AT, TODAY, make_plan, seat_of, unit_of

GRID = Grid(places=2, months=12)


def change(target, amount, below, company, balance=Balance.UP, **options):
    with transaction.atomic():
        changed = services.change_total(
            target_id=target.pk, amount=D(amount), below=below, balance=balance, reason="A key account moved",
            by_id=company.planner.pk, at=AT, on=TODAY, **options,
        )  # fmt: skip
        connection.check_constraints()
    return changed


def test_kept_figures_stay_and_the_difference_is_recorded(draft, company):
    change(unit_of(draft, company.east), "5000", Below.KEEP, company)

    east = unit_of(draft, company.east)
    assert (east.amount, east.override_reason) == (D("5000"), "A key account moved")
    assert [seat_of(draft, one).amount for one in (company.ann, company.bob)] == [D("1440"), D("2880")]
    assert round(east.over_assignment, 6) == D("-0.136000")
    assert unit_of(draft, company.top).amount == D("9320")


def test_prorated_figures_keep_their_proportions_and_months(draft, company):
    seat = seat_of(draft, company.ann)
    with transaction.atomic():
        services.edit_months(target_id=seat.pk, months={0: D("340")}, by_id=company.planner.pk, at=AT)

    change(unit_of(draft, company.east), "2160", Below.PRORATE, company)

    assert [seat_of(draft, one).amount for one in (company.ann, company.bob)] == [D("720"), D("1440")]
    seat.refresh_from_db()
    assert (seat.months[:2], seat.fixed_months) == ([D("170"), D("50")], [0])
    assert unit_of(draft, company.top).amount == D("6480")


def test_siblings_can_make_room_for_a_changed_total(draft, company):
    change(unit_of(draft, company.east), "5000", Below.PRORATE, company, Balance.SIBLINGS)

    assert unit_of(draft, company.west).amount == D("3640")
    assert seat_of(draft, company.bob).amount == D("3333.33")
    assert unit_of(draft, company.top).amount == D("8640")


def test_asking_keeps_the_figures_until_the_lead_answers(draft, company):
    change(unit_of(draft, company.east), "2160", Below.ASK, company, due_on=dt.date(2026, 3, 1))

    asked = ShareRequest.objects.get()
    told = Notification.objects.get(user__username="eve", kind="target_approval")
    assert (asked.before, asked.after, asked.due_on) == (D("4320"), D("2160"), dt.date(2026, 3, 1))
    assert told.title.startswith("The total of East in Revenue booked 2026 changed")
    assert seat_of(draft, company.ann).amount == D("1440")
    with pytest.raises(services.QuestionOpen), transaction.atomic():
        services.submit_plan(plan_id=draft.pk, by_id=company.planner.pk, at=AT, on=TODAY)

    answer(asked, Below.PRORATE)

    assert seat_of(draft, company.ann).amount == D("720")
    assert unit_of(draft, company.east).over_assignment == 0
    with pytest.raises(services.AlreadyAnswered):
        answer(asked, Below.KEEP)


def answer(asked, choice):
    with transaction.atomic():
        services.answer_request(
            request_id=asked.pk, choice=choice, by_id=User.objects.get(username="eve").pk, at=AT
        )
        connection.check_constraints()


def test_a_newer_change_settles_an_older_question(draft, company):
    change(unit_of(draft, company.east), "2160", Below.ASK, company)
    change(unit_of(draft, company.east), "3000", Below.PRORATE, company)

    assert ShareRequest.objects.get().choice == "prorate"


def test_undoing_a_changed_total_withdraws_its_question_and_redoing_asks_again(draft, company):
    def turn(act):
        with transaction.atomic():
            act(plan_id=draft.pk, by_id=company.planner.pk, at=AT)
            connection.check_constraints()
        return [(row.choice, row.withdrawn_at) for row in ShareRequest.objects.order_by("pk")]

    change(unit_of(draft, company.east), "2160", Below.ASK, company)
    change(unit_of(draft, company.east), "3000", Below.ASK, company)

    assert turn(services.undo) == [("", None), ("", AT)]
    assert turn(services.undo) == [("", AT), ("", AT)]
    with pytest.raises(services.AlreadyAnswered):
        answer(ShareRequest.objects.first(), Below.KEEP)
    with transaction.atomic():
        services.submit_plan(plan_id=draft.pk, by_id=company.planner.pk, at=AT, on=TODAY)
        services.return_plan(plan_id=draft.pk, by_id=company.planner.pk, at=AT, reason="Not yet")
    assert turn(services.redo) == [("", None), ("", AT)]
    assert turn(services.redo) == [("keep", None), ("", None)]


@pytest.mark.parametrize(
    ("pick", "amount", "reason", "refusal"),
    [
        ("ann", "5", "Because", WrongTarget),
        ("east", "5", " ", services.ReasonMissing),
        ("east", "-5", "Because", WrongTarget),
        ("east", "0", "Because", WrongTarget),
    ],
)
def test_an_impossible_change_leaves_everything(draft, company, pick, amount, reason, refusal):
    target = seat_of(draft, company.ann) if pick == "ann" else unit_of(draft, company.east)

    with pytest.raises(refusal), transaction.atomic():
        services.change_total(
            target_id=target.pk, amount=D(amount), below=Below.KEEP, balance=Balance.UP, reason=reason,
            by_id=company.planner.pk, at=AT, on=TODAY,
        )  # fmt: skip

    assert unit_of(draft, company.east).amount == D("4320")
    assert ShareRequest.objects.count() == 0


def test_a_rate_has_nothing_to_divide(company):
    plan = make_plan(company, measure="win_rate", amount=D("0.35"), growth=None)

    with pytest.raises(WrongTarget):
        change(unit_of(plan, company.east), "0.4", Below.PRORATE, company)


def _tree(amount, overs, histories):
    top = Node(1, amount=amount, over=overs[0], recipe=Recipe(Method.HISTORY))
    for index, (over, seats) in enumerate(zip(overs[1:], histories, strict=True), start=2):
        history = sum(seats, D(0))
        unit = Node(index, over=over, recipe=Recipe(Method.HISTORY), claim=Claim(index, history=history))
        top.add(unit)
        for place, value in enumerate(seats):
            key = index * 100 + place
            unit.add(Node(key, recipe=Recipe(), claim=Claim(key, history=value)))
    cascade(top, GRID)
    return top


money = st.decimals(0, 10**9, places=2)
over = st.decimals(0, 1, places=4)


@given(
    amount=st.decimals(1, 10**9, places=2),
    new=st.decimals("0.01", 10**9, places=2),
    overs=st.tuples(over, over, over),
    histories=st.tuples(st.lists(money, min_size=1, max_size=4), st.lists(money, min_size=1, max_size=4)),
    keeps=st.booleans(),
)
def test_after_any_change_of_the_total_everything_adds_up(amount, new, overs, histories, keeps):
    top = _tree(amount, overs, histories)
    below = [node.amount for node in top.children]
    totals.change_total(top, new, Balance.UP, GRID)
    try:
        if keeps:
            totals.keep_below(top, GRID)
            assert [node.amount for node in top.children] == below
        else:
            totals.prorate_below(top, overs[0], GRID)
    except WrongTarget:
        assert keeps  # too far apart to be kept
        return

    assert breaches(top, GRID) == []
    assert deviations(top, GRID) == []
    assert top.amount == new


# On the pages


@pytest.fixture
def go(client):
    def call(who, name, /, *args, **data):
        client.force_login(User.objects.get(username=who))
        url = reverse(f"targets:{name}", args=args)
        return client.post(url, data) if data.pop("post", False) else client.get(url)

    with clock.fixed(AT):
        yield call


def test_a_total_is_changed_and_the_lead_answers_on_the_pages(go, draft, company):
    east = unit_of(draft, company.east)
    form = go(company.planner.username, "ask_total", east.pk)
    go(
        company.planner.username, "change_total", east.pk, post=True,
        amount="2,160.00", below="ask", balance="up", reason="Split of the region", revision="1",
    )  # fmt: skip
    asked = ShareRequest.objects.get()
    question = go("eve", "request", asked.pk)
    go("eve", "answer_request", asked.pk, post=True, choice="prorate")

    assert (form.status_code, question.status_code) == (200, 200)
    assert question.context["line"].is_mine
    assert seat_of(draft, company.ann).amount == D("720")


@pytest.mark.parametrize(("who", "status"), [("ann", 404), ("wes", 404), ("planner", 302), ("eve", 302)])
def test_who_answers(go, draft, company, who, status):
    if who == "wes":
        company.dee.user = User.objects.create(username="wes")
        company.dee.save(update_fields=["user"])
    change(unit_of(draft, company.east), "2160", Below.ASK, company)
    asked = ShareRequest.objects.get()

    assert go(who, "answer_request", asked.pk, post=True, choice="keep").status_code == status

    asked.refresh_from_db()
    assert (asked.choice == "keep") == (status == 302)


def test_a_lead_does_not_change_the_own_total(go, draft, company):
    assert go("eve", "ask_total", unit_of(draft, company.east).pk).status_code == 404
