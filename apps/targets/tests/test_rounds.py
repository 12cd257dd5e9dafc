import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.access.models import User
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.core.effective import span
from apps.core.errors import StaleVersion
from apps.notifications.models import Notification
from apps.org.models import Assignment
from apps.targets import services
from apps.targets.models import BottomUpRound, OwnFigure
from apps.targets.rules.rounds import WrongDues, WrongMonths
from apps.targets.rules.tree import WrongTarget
from apps.targets.services.reminding import remind
from apps.targets.tests.factories import AT, TODAY, make_plan, seat_of, unit_of

DUES = {0: dt.date(2026, 3, 16), 1: dt.date(2026, 3, 9), 2: dt.date(2026, 3, 2)}


def user(name):
    return User.objects.get(username=name)


def act(service, **options):
    with transaction.atomic():
        return service(at=AT, **options)


@pytest.fixture
def round_(draft, company):
    return act(services.open_round, plan_id=draft.pk, dues=DUES, by_id=company.planner.pk, on=TODAY)


@pytest.fixture
def anns(round_, company):
    return OwnFigure.objects.get(round=round_, target=seat_of(round_.plan, company.ann))


def entered(figure, amount="1300", **options):
    return act(services.enter_figure, figure_id=figure.pk, by_id=user("ann").pk, amount=D(amount), **options)


def submitted(figure, amount="1300"):
    entered(figure, amount)
    return act(services.submit_figure, figure_id=figure.pk, by_id=user("ann").pk)


def accepted(figure, amount="1300"):
    submitted(figure, amount)
    [row] = act(services.accept_figures, figure_ids=[figure.pk], by_id=user("eve").pk)
    return row


def test_everybody_is_asked_and_told_once(round_, company):
    asked = {row.target_id: row.person for row in round_.figures.select_related("person")}

    assert len(asked) == 8
    assert asked[seat_of(round_.plan, company.ann).pk] == company.ann
    assert asked[unit_of(round_.plan, company.east).pk] == company.east_lead
    vacant = round_.plan.targets.get(position__title="Vacant seat")
    assert asked[vacant.pk] == company.east_lead
    assert list(Notification.objects.filter(user=user("ann")).values_list("title", flat=True)) == [
        "Your own figure is asked for: Revenue booked 2026"
    ]
    assert Notification.objects.filter(user=user("eve")).count() == 1


@pytest.mark.parametrize(
    ("dues", "refusal"), [({0: TODAY}, WrongDues), ({**DUES, 2: dt.date(2026, 4, 1)}, WrongDues)]
)
def test_impossible_due_dates_open_nothing(draft, company, dues, refusal):
    with pytest.raises(refusal):
        act(services.open_round, plan_id=draft.pk, dues=dues, by_id=company.planner.pk, on=TODAY)

    assert BottomUpRound.objects.count() == 0


def test_a_second_round_and_a_round_of_an_approved_plan_are_refused(round_, company):
    with pytest.raises(services.RoundOpen):
        act(services.open_round, plan_id=round_.plan_id, dues=DUES, by_id=company.planner.pk, on=TODAY)
    with pytest.raises(services.RoundOpen):
        act(services.submit_plan, plan_id=round_.plan_id, by_id=company.planner.pk, on=TODAY)
    act(services.close_round, round_id=round_.pk, by_id=company.planner.pk)
    act(services.submit_plan, plan_id=round_.plan_id, by_id=company.planner.pk, on=TODAY)

    with pytest.raises(services.PlanNotOpen):
        act(services.open_round, plan_id=round_.plan_id, dues=DUES, by_id=company.planner.pk, on=TODAY)

    assert BottomUpRound.objects.count() == 1


def test_the_database_refuses_two_open_rounds(round_, company):
    with pytest.raises(IntegrityError, match="targets_round_one_open"), transaction.atomic():
        BottomUpRound.objects.create(plan=round_.plan, opened_by=company.planner, opened_at=AT)


def test_a_figure_is_kept_with_its_comment(anns):
    entered(anns, comment=" Two accounts moved away ")

    anns.refresh_from_db()
    assert (anns.state, anns.amount, anns.comment, anns.version) == (
        "entered", D("1300"), "Two accounts moved away", 2
    )  # fmt: skip
    assert [note.kind for note in anns.notes.all()] == ["entered"]


def test_months_make_the_year(anns):
    row = entered(anns, "1", months=[D("110.50")] * 12)

    assert row.amount == D("1326.00")


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"amount": None}, services.NothingEntered),
        ({"amount": D("-1")}, WrongTarget),
        ({"amount": D("NaN")}, WrongTarget),
        ({"amount": D("1.001")}, WrongTarget),
        ({"months": [D(1)] * 11}, WrongMonths),
        ({"amount": D(5), "version": 7}, StaleVersion),
    ],
)
def test_a_figure_that_cannot_be_changes_nothing(anns, options, refusal):
    with pytest.raises(refusal):
        act(services.enter_figure, figure_id=anns.pk, by_id=user("ann").pk, **options)

    anns.refresh_from_db()
    assert (anns.state, anns.amount, anns.notes.count()) == ("waiting", None, 0)


def test_handing_up_tells_whoever_answers_above(anns):
    submitted(anns)

    anns.refresh_from_db()
    assert (anns.state, anns.submitted_by) == ("submitted", user("ann"))
    told = Notification.objects.filter(user=user("eve")).latest("pk")
    assert told.title == "Ann handed up an own figure for Revenue booked 2026"


def test_what_was_handed_up_is_neither_changed_nor_handed_up_again(anns):
    submitted(anns)

    with pytest.raises(services.NotWithOwner):
        entered(anns, "9")
    with pytest.raises(services.NotWithOwner):
        act(services.submit_figure, figure_id=anns.pk, by_id=user("ann").pk)

    anns.refresh_from_db()
    assert anns.amount == D("1300")


def test_nothing_entered_cannot_be_handed_up(anns):
    with pytest.raises(services.NothingEntered):
        act(services.submit_figure, figure_id=anns.pk, by_id=user("ann").pk)


def test_a_returned_figure_comes_back_with_the_reason(anns):
    submitted(anns)

    with pytest.raises(services.ReasonMissing):
        act(services.return_figure, figure_id=anns.pk, by_id=user("eve").pk, reason=" ")
    act(services.return_figure, figure_id=anns.pk, by_id=user("eve").pk, reason="Think of the fair")

    anns.refresh_from_db()
    assert anns.state == "returned"
    assert "Think of the fair" in Notification.objects.filter(user=user("ann")).latest("pk").title
    assert entered(anns, "1400").amount == D("1400")


def test_an_accepted_figure_counts_until_it_is_returned(anns, company):
    accepted(anns)
    assert seat_of(anns.round.plan, company.ann).bottom_up == D("1300")

    with pytest.raises(services.NotSubmitted):
        act(services.accept_figures, figure_ids=[anns.pk], by_id=user("eve").pk)
    act(services.return_figure, figure_id=anns.pk, by_id=user("eve").pk, reason="Too low after all")

    assert seat_of(anns.round.plan, company.ann).bottom_up is None


def test_nobody_accepts_what_they_handed_up(anns):
    submitted(anns)

    with pytest.raises(services.SamePerson):
        act(services.accept_figures, figure_ids=[anns.pk], by_id=user("ann").pk)

    anns.refresh_from_db()
    assert anns.state == "submitted"


def test_a_closed_round_takes_nothing_any_more(anns, company):
    submitted(anns)
    act(services.close_round, round_id=anns.round_id, by_id=company.planner.pk)

    with pytest.raises(services.RoundClosed):
        act(services.accept_figures, figure_ids=[anns.pk], by_id=user("eve").pk)
    with pytest.raises(services.RoundClosed):
        act(services.close_round, round_id=anns.round_id, by_id=company.planner.pk)


def test_a_hybrid_split_lies_between_plan_and_own_figure(anns, company):
    plan = anns.round.plan
    with pytest.raises(services.NothingEntered), transaction.atomic():
        services.blend(plan_id=plan.pk, top_down=D("0.5"), by_id=user("planner").pk, at=AT, on=TODAY)
    accepted(anns, "720")

    with transaction.atomic():
        services.blend(plan_id=plan.pk, top_down=D("0.5"), by_id=user("planner").pk, at=AT, on=TODAY)

    # Ann 0.5·1440 + 0.5·720 = 1080 and Bob 2880, scaled to the 4320 of East.
    assert seat_of(plan, company.ann).amount == D("1178.18")
    assert seat_of(plan, company.bob).amount == D("3141.82")
    assert unit_of(plan, company.top).amount == D("8640")


def test_a_figure_follows_its_seat_to_the_new_holder(anns, company):
    held = Assignment.objects.get(person=company.ann)
    held.valid = span(held.valid.lower, dt.date(2026, 2, 20))
    held.save(update_fields=["valid"])

    with transaction.atomic():
        remind(on=dt.date(2026, 2, 20))

    anns.refresh_from_db()
    assert anns.person == company.east_lead


def test_the_late_are_reminded_once_and_their_manager_hears_of_it(anns):
    def told(day):
        with transaction.atomic():
            remind(on=day)
        return list(
            Notification.objects.filter(user=user("ann"), dedupe_key__contains=f":{anns.person_id}:")
            .order_by("pk")
            .values_list("title", flat=True)
        )

    assert told(dt.date(2026, 2, 26)) == []
    assert told(dt.date(2026, 2, 27)) == ["Own figures for Revenue booked 2026 are due on 2 Mar 2026"]
    assert len(told(dt.date(2026, 2, 28))) == 1
    told(dt.date(2026, 3, 2))
    assert len(told(dt.date(2026, 3, 6))) == 3
    overdue = Notification.objects.filter(dedupe_key__endswith=f":{anns.person_id}:very_late")
    assert set(overdue.values_list("user__username", flat=True)) == {"ann", "eve"}


# On the pages


@pytest.fixture
def go(client):
    with clock.fixed(AT):
        yield lambda who, name, *args, **data: _go(client, who, name, args, data)


def _go(client, who, name, args, data):
    client.force_login(who if isinstance(who, User) else user(who))
    url = reverse(f"targets:{name}", args=args)
    return client.post(url, data) if data.pop("post", False) else client.get(url)


def test_from_asking_to_blending_on_the_pages(go, draft, company):
    form = go(company.planner, "ask", draft.pk)
    dues = {f"due_{depth}": day.isoformat() for depth, day in DUES.items()}
    opened = go(company.planner, "open_round", draft.pk, post=True, shows_proposal="on", **dues)
    figure = OwnFigure.objects.get(target=seat_of(draft, company.ann))
    mine = go("ann", "figures").content.decode()
    go("ann", "save_figure", figure.pk, post=True, amount="1,300.00", comment="Fewer visits", version="1")
    handed = go("ann", "submit_figure", figure.pk, post=True, amount="1300", version="2")
    waiting = go("eve", "figures").context["desk"].deciding
    shown = go("eve", "figure", figure.pk)
    go("eve", "accept_figures", figure.round_id, post=True, figures=[str(figure.pk)])
    tree = go(company.planner, "round", figure.round_id)
    go(company.planner, "close_round", figure.round_id, post=True)
    blended = go(company.planner, "blend", figure.round_id, post=True, top_down="50")

    assert (form.status_code, opened.status_code, handed.status_code, shown.status_code) == (
        200,
        302,
        302,
        200,
    )
    assert "Revenue booked · 2026" in mine
    assert [row.figure.pk for row in waiting] == [figure.pk]
    assert tree.context["found"].progress.accepted == 1
    assert blended.status_code == 302
    figure.refresh_from_db()
    assert figure.state == "accepted"


def test_the_gap_stands_beside_each_node(go, anns, company):
    submitted(anns)

    rows = {row.name: row for row in go(company.planner, "round", anns.round_id).context["found"].rows}

    assert (rows["Ann"].proposal, rows["Ann"].gap.amount, rows["East"].below) == (
        D("1440"), D("-140"), D("1300")
    )  # fmt: skip


def test_a_round_can_hide_the_plan_from_those_asked(go, anns, company):
    BottomUpRound.objects.filter(pk=anns.round_id).update(shows_proposal=False)

    assert go("ann", "figure", anns.pk).context["found"].row.proposal is None
    assert go("eve", "figure", anns.pk).context["found"].row.proposal == D("1440")


@pytest.mark.parametrize(
    ("who", "see", "save", "accept"),
    [
        ("ann", 200, 302, 403),
        ("bob", 404, 404, 403),
        ("eve", 200, 404, 302),
        ("planner", 200, 404, 302),
        ("stranger", 403, 403, 403),
    ],
)
def test_who_may_do_what_with_anns_figure(go, anns, who, see, save, accept):
    UserFactory(username="stranger")
    assert go(who, "figure", anns.pk).status_code == see
    saved = go(who, "save_figure", anns.pk, post=True, amount="7", version="1")
    assert saved.status_code == save
    anns.refresh_from_db()
    assert (anns.amount == D(7)) == (save == 302)
    submitted(anns)

    taken = go(who, "accept_figure", anns.pk, post=True)

    anns.refresh_from_db()
    assert taken.status_code == accept
    assert (anns.state == "accepted") == (accept == 302)


def test_nobody_decides_about_their_own_unit(go, round_, company):
    figure = OwnFigure.objects.get(round=round_, target=unit_of(round_.plan, company.east))

    assert go("eve", "accept_figure", figure.pk, post=True).status_code == 404
    assert go("eve", "save_figure", figure.pk, post=True, amount="4000").status_code == 302
    assert go("eve", "close_round", round_.pk, post=True).status_code == 404


def test_lists_cost_the_same_for_more_figures(go, company, django_assert_max_num_queries):
    plan = make_plan(company)
    act(services.open_round, plan_id=plan.pk, dues=DUES, by_id=company.planner.pk, on=TODAY)
    found = plan.rounds.get()
    go(company.planner, "round", found.pk)

    with django_assert_max_num_queries(45):
        go(company.planner, "round", found.pk)
    with django_assert_max_num_queries(45):
        go("eve", "figures")


# Over the API


@pytest.fixture
def api(client):
    def call(who, method, path, data=None, **headers):
        client.force_login(user(who))
        return getattr(client, method)(
            f"/api/v1/{path}", data, content_type="application/json", headers=headers
        )

    with clock.fixed(AT):
        yield call


def test_a_round_over_the_api(api, draft, company):
    dues = [{"depth": depth, "due_on": day.isoformat()} for depth, day in DUES.items()]
    made = api("planner", "post", "target-rounds/", {"plan": draft.pk, "dues": dues})
    [mine] = api("ann", "get", "own-figures/").json()["results"]
    path = f"own-figures/{mine['id']}/"
    stale = api("ann", "post", path + "enter/", {"amount": "1300"}, **{"If-Match": "9"})
    kept = api("ann", "post", path + "enter/", {"amount": "1300"}, **{"If-Match": "1"})
    handed = api("ann", "post", path + "submit/")
    back = api("eve", "post", path + "return/", {"reason": "Look again"})
    api("ann", "post", path + "submit/")
    taken = api("eve", "post", path + "accept/")
    blended = api("planner", "post", f"target-rounds/{made.json()['id']}/blend/", {"top_down": "0.5"})
    closed = api("planner", "post", f"target-rounds/{made.json()['id']}/close/")

    assert made.status_code == 201
    assert mine["proposal"] == "1440.0000"
    assert stale.status_code in {409, 412}
    assert [answer.json()["state"] for answer in (kept, handed, back, taken)] == [
        "entered", "submitted", "returned", "accepted"
    ]  # fmt: skip
    assert blended.json()["changed"] >= 2
    assert closed.json()["closed_at"]
    assert api("bob", "post", path + "enter/", {"amount": "1"}, **{"If-Match": "1"}).status_code == 404
    assert api("ann", "get", "own-figures/?round=x").status_code == 400
