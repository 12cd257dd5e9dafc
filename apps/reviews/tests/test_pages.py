"""The pages of evaluations: who gets in, what they show and what they never show."""

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse

from apps.core import clock
from apps.reviews import services
from apps.reviews.enums import Stage
from apps.reviews.models import Evaluation
from apps.reviews.tests.conftest import AFTER, NOW
from apps.reviews.tests.factories import AT, EvaluationFactory, GoalFactory

pytestmark = pytest.mark.django_db
SECRET = "CANARY-7713"


@pytest.fixture
def cycle(team):
    with transaction.atomic():
        made = services.evaluate_period(team.quarter, AFTER)
        services.open_cycle(cycle_id=made.pk)
    made.refresh_from_db()
    return made


def of(person) -> Evaluation:
    return Evaluation.objects.get(person=person)


def put(person, stage, **values) -> Evaluation:
    if stage in {Stage.APPROVED, Stage.SHARED, Stage.ACKNOWLEDGED, Stage.CLOSED}:
        values = {"approved_at": AT, "approved_by": EvaluationFactory(shared=True).approved_by} | values
    Evaluation.objects.filter(person=person).update(stage=stage, **values)
    return of(person)


def get(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"reviews:{name}", args=args), query)


SEES_DRAFT = {"boss": 200, "lead": 200, "hr": 200, "executive": 200}
SEES_SHARED = {**SEES_DRAFT, "auditor": 200, "s0": 200}


@pytest.mark.parametrize(
    "who", ["s0", "s1", "lead", "boss", "stranger", "hr", "auditor", "executive", "sysadmin", "sales_ops"]
)
@pytest.mark.parametrize("stage", [Stage.SELF, Stage.CALIBRATION, Stage.SHARED, Stage.CLOSED])
def test_who_may_read_an_evaluation(client, team, cycle, django_user_model, who, stage):
    row = put(team.sellers[0], stage)
    user = django_user_model.objects.get(username=who)

    answer = get(client, user, "evaluation", row.pk)

    table = SEES_SHARED if stage in {Stage.SHARED, Stage.CLOSED} else SEES_DRAFT
    assert answer.status_code == table.get(who, 404)


@pytest.mark.parametrize("stage", [Stage.SELF, Stage.MANAGER, Stage.CALIBRATION, Stage.APPROVED])
@pytest.mark.parametrize("who", ["lead", "hr"])
def test_nobody_reads_their_own_before_it_is_shared_whatever_else_they_are(client, team, cycle, who, stage):
    user = team.lead.user if who == "lead" else team.hr
    row = put(team.lead, stage)
    if who == "hr":
        row = EvaluationFactory(
            cycle=cycle, person=team.hr.person, stage=stage, approved_by=team.boss.user, approved_at=AT
        )

    assert get(client, user, "evaluation", row.pk).status_code == 404


def test_an_evaluation_is_never_kept_by_a_cache(client, team, cycle):
    row = put(team.sellers[0], Stage.SHARED)

    answer = get(client, team.lead.user, "evaluation", row.pk)

    assert answer["Cache-Control"] == "no-store, private"
    for name in ("self", "assess"):
        row = put(team.sellers[1], Stage.SELF if name == "self" else Stage.MANAGER)
        user = team.sellers[1].user if name == "self" else team.lead.user
        assert get(client, user, name, row.pk)["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("who", ["hr", "boss", "lead"])
def test_what_the_manager_drafts_is_not_shown_before_it_is_signed(
    client, team, cycle, django_user_model, who
):
    row = put(team.sellers[0], Stage.MANAGER, summary=SECRET, rating="unsatisfactory", strengths=SECRET)
    GoalFactory(evaluation=row, text=SECRET)
    user = django_user_model.objects.get(username=who)

    answer = get(client, user, "evaluation", row.pk)

    assert answer.status_code == 200
    assert SECRET not in answer.content.decode()


def test_what_the_person_drafts_is_not_shown_before_it_is_signed(client, team, cycle):
    row = put(team.sellers[0], Stage.SELF, achievements=SECRET)

    assert SECRET not in get(client, team.lead.user, "evaluation", row.pk).content.decode()
    assert SECRET in get(client, team.sellers[0].user, "self", row.pk).content.decode()


def test_a_scorecard_links_every_figure_to_its_rows(client, team, cycle):
    row = put(team.sellers[0], Stage.SHARED)

    page = get(client, team.sellers[0].user, "evaluation", row.pk).content.decode()

    assert f"measure=revenue&amp;start=2026-04-01&amp;end=2026-07-01&amp;person={team.sellers[0].pk}" in page
    assert "Median of the role" in page


def test_the_person_does_not_see_what_calibration_changed(client, team, cycle):
    row = put(team.sellers[0], Stage.CALIBRATION, rating="strong", assessed_by=team.lead.user)
    with transaction.atomic():
        services.calibrate(evaluation_id=row.pk, rating="solid", reason=SECRET, by=team.hr, at=NOW)
    put(team.sellers[0], Stage.SHARED)

    assert SECRET in get(client, team.hr, "evaluation", row.pk).content.decode()
    assert SECRET not in get(client, team.sellers[0].user, "evaluation", row.pk).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("hr", 200), ("lead", 200), ("boss", 200), ("auditor", 200), ("s0", 404), ("sysadmin", 404)],
)
def test_who_may_look_at_a_cycle(client, team, cycle, django_user_model, who, status):
    user = django_user_model.objects.get(username=who)

    assert get(client, user, "cycle", cycle.pk).status_code == status


def test_a_cycle_page_counts_only_what_the_viewer_may_read(client, team, cycle):
    for seller in team.sellers[:2]:
        put(seller, Stage.CALIBRATION, rating="strong", assessed_by=team.lead.user)

    whole = get(client, team.hr, "cycle", cycle.pk)
    part = get(client, team.lead.user, "cycle", cycle.pk)

    assert whole.context["picture"].people == 6
    assert (part.context["picture"].people, part.context["picture"].rated) == (5, 2)
    assert all(share is None for _rating, _count, share in part.context["picture"].ratings)


def test_drafts_of_ratings_do_not_count_in_the_distribution(client, team, cycle):
    put(team.sellers[0], Stage.MANAGER, rating="outstanding")

    answer = get(client, team.hr, "cycle", cycle.pk)

    assert answer.context["picture"].rated == 0


def test_pages_that_are_empty_offer_a_next_step(client, team):
    for name, user in (("cycles", team.hr), ("mine", team.sellers[0].user), ("team", team.lead.user)):
        assert get(client, user, name).status_code == 200


def test_a_rep_who_opens_the_list_of_cycles_sees_none(client, team, cycle):
    answer = get(client, team.sellers[0].user, "cycles")

    assert answer.context["cards"] == []


def test_my_evaluations_ask_for_the_self_assessment_without_a_score(client, team, cycle):
    answer = get(client, team.sellers[0].user, "mine")

    assert [row.person_id for row in answer.context["due"]] == [team.sellers[0].pk]
    assert "120.0%" not in answer.content.decode()


def test_writing_signing_and_confirming_from_end_to_end(client, team, cycle):
    seller, lead, hr = team.sellers[0].user, team.lead.user, team.hr
    row = of(team.sellers[0])
    client.force_login(seller)
    client.post(
        reverse("reviews:self_save", args=[row.pk]),
        {"version": row.version, "achievements": "Won three deals.", "act": "sign"},
    )
    row = of(team.sellers[0])
    assert (row.stage, row.achievements) == (Stage.MANAGER, "Won three deals.")
    client.force_login(lead)
    client.post(
        reverse("reviews:assess_save", args=[row.pk]),
        {
            "version": row.version,
            "rating": "strong",
            "summary": "Good.",
            "goal_1": "More visits",
            "act": "sign",
        },
    )
    row = of(team.sellers[0])
    assert (row.stage, row.rating, row.goals.get().text) == (Stage.CALIBRATION, "strong", "More visits")
    client.force_login(hr)
    client.post(reverse("reviews:approve", args=[row.pk]))
    client.post(reverse("reviews:share", args=[cycle.pk]))
    assert of(team.sellers[0]).stage == Stage.SHARED
    client.force_login(seller)
    client.post(reverse("reviews:acknowledge_do", args=[row.pk]), {"reply": "Thanks."})
    assert (of(team.sellers[0]).stage, of(team.sellers[0]).reply) == (Stage.ACKNOWLEDGED, "Thanks.")


def test_an_incomplete_assessment_is_shown_again_with_its_problem_and_nothing_is_kept(client, team, cycle):
    row = put(team.sellers[0], Stage.MANAGER)
    client.force_login(team.lead.user)

    answer = client.post(
        reverse("reviews:assess_save", args=[row.pk]),
        {"version": row.version, "rating": "strong", "act": "sign"},
    )

    assert answer.status_code == 409
    assert "Say in a sentence why" in answer.content.decode()
    assert (of(team.sellers[0]).rating, of(team.sellers[0]).version) == ("", row.version)


@pytest.mark.parametrize("name", ["score_anew", "open", "end_self", "approve_ready", "share", "close"])
def test_only_human_resources_moves_a_cycle(client, team, cycle, name):
    for user in (team.lead.user, team.boss.user, team.executive, team.auditor, team.sysadmin):
        client.force_login(user)
        assert client.post(reverse(f"reviews:{name}", args=[cycle.pk])).status_code in {403, 404}
    client.force_login(team.hr)
    assert client.get(reverse(f"reviews:{name}", args=[cycle.pk])).status_code == 405


def test_a_person_is_not_assessed_by_themselves_or_by_strangers(client, team, cycle):
    own, other = put(team.lead, Stage.MANAGER), put(team.sellers[0], Stage.MANAGER)
    for user, row in ((team.lead.user, own), (team.stranger.user, other), (team.sellers[1].user, other)):
        client.force_login(user)
        assert client.get(reverse("reviews:assess", args=[row.pk])).status_code in {403, 404}


def test_human_resources_starts_a_cycle_for_a_past_quarter(client, team):
    client.force_login(team.hr)
    with clock.fixed(dt.datetime(2026, 7, 3, 9, tzinfo=dt.UTC)):
        form = client.get(reverse("reviews:start"))
        client.post(reverse("reviews:start_do"), {"period": "2026-Q2"})

    assert "2026-Q2" in form.content.decode()
    assert Evaluation.objects.count() == 6


def test_lists_cost_the_same_with_one_and_with_twelve_rows(
    client, team, cycle, django_assert_max_num_queries
):
    counts = []
    for wanted in (1, 12):
        while Evaluation.objects.filter(cycle=cycle).count() < wanted + 6:
            EvaluationFactory(cycle=cycle)
        client.force_login(team.hr)
        client.get(reverse("reviews:team"))
        client.get(reverse("reviews:cycle", args=[cycle.pk]))
        with django_assert_max_num_queries(40) as seen:
            client.get(reverse("reviews:team"))
            client.get(reverse("reviews:cycle", args=[cycle.pk]))
        counts.append(len(seen))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_in_both_languages(client, team, cycle, language):
    client.cookies["django_language"] = language
    for user in (team.hr, team.sellers[0].user, team.lead.user):
        type(user).objects.filter(pk=user.pk).update(language=language)
    put(
        team.sellers[1],
        Stage.SHARED,
        rating="strong",
        summary="Good.",
        self_submitted_at=AT,
        achievements="A",
    )
    put(team.sellers[2], Stage.MANAGER, self_submitted_at=AT, achievements="A", difficulties="B", support="C")
    pages = [
        (team.hr, "cycles"), (team.hr, "cycle", cycle.pk), (team.hr, "team"), (team.hr, "start"),
        (team.sellers[0].user, "mine"), (team.sellers[0].user, "self", of(team.sellers[0]).pk),
        (team.lead.user, "team"), (team.lead.user, "evaluation", of(team.sellers[1]).pk),
        (team.lead.user, "assess", of(team.sellers[2]).pk), (team.hr, "calibrate", of(team.sellers[2]).pk),
        (team.sellers[1].user, "acknowledge", of(team.sellers[1]).pk),
    ]  # fmt: skip

    answers = [(name, get(client, user, name, *args).status_code) for user, name, *args in pages]

    assert answers == [(name, 200) for _user, name, *_args in pages]
