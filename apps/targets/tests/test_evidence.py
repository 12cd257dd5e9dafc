from decimal import Decimal as D
from fractions import Fraction

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.access.models import User
from apps.core import clock
from apps.targets import services
from apps.targets.rules.smart import RESAMPLES, chance_to_reach, histogram, resampled_years
from apps.targets.selectors.evidence import Track, last_four_quarters
from apps.targets.selectors.picture import picture
from apps.targets.tests.factories import AT, TODAY, make_plan, seat_of, unit_of

FLAT = [1.0] * 12


def test_the_draw_is_repeatable_and_agrees_with_the_chance():
    history = [90.0, 110.0, 100.0, 80.0, 120.0, 100.0]

    first = resampled_years(history, [1.0] * 6, FLAT, seed=7)
    again = resampled_years(history, [1.0] * 6, FLAT, seed=7)

    assert first == again
    assert len(first) == RESAMPLES
    share = sum(1 for year in first if year >= 1200) / RESAMPLES
    assert chance_to_reach(1200, history, [1.0] * 6, FLAT, seed=7) == share
    assert 0.4 < share < 0.65


def test_a_steady_past_has_one_outcome():
    assert set(resampled_years([100.0] * 12, FLAT, FLAT, seed=1)) == {1200.0}
    assert resampled_years([100.0] * 5, [1.0] * 5, FLAT, seed=1) is None


@given(
    years=st.lists(st.floats(0, 1e9), min_size=1, max_size=60),
    target=st.floats(0, 1e9),
)
def test_every_simulated_year_is_in_one_bar(years, target):
    bars = histogram(years, target)

    assert len(bars) == 16
    assert sum(bar.reaching + bar.missing for bar in bars) == len(years)
    assert sum(bar.reaching for bar in bars) == sum(1 for year in years if year >= target)


def track(values, first=0):
    return Track([D(value) for value in values], [(first + i) % 12 for i in range(len(values))])


@pytest.mark.parametrize(
    ("given_track", "back", "expected"),
    [
        pytest.param(track([1] * 12), 0, D(12), id="a whole year"),
        pytest.param(track([1] * 12 + [5, 5]), 0, D(12), id="a running quarter is left out"),
        pytest.param(track([1] * 12 + [5, 5, 5]), 0, D(24), id="a whole quarter counts"),
        pytest.param(track([1] * 12 + [2] * 12), 1, D(12), id="the four before"),
        pytest.param(track([1] * 11), 0, None, id="too little"),
        pytest.param(None, 0, None, id="nothing"),
    ],
)
def test_the_last_four_quarters(given_track, back, expected):
    assert last_four_quarters(given_track, back=back) == expected


def test_the_evidence_of_a_target(draft, company):
    found = picture(company.planner, draft, seat_of(draft, company.ann), TODAY)

    assert [(one.label, one.value) for one in found.quarters][-4:] == [
        (f"2025-Q{number}", D(300)) for number in (1, 2, 3, 4)
    ]
    assert found.planned == [D(360)] * 4
    assert (found.lately, found.evidence.growth, found.evidence.own_trend) == (D(1200), Fraction(1, 5), 0)
    assert [(one.name, one.growth, one.is_own) for one in found.peers] == [
        ("Ann", Fraction(1, 5), True), ("Bob", Fraction(1, 5), False)
    ]  # fmt: skip
    assert (found.evidence.chance, sum(bar.missing for bar in found.bins)) == (0.0, RESAMPLES)


def test_a_target_below_the_past_is_certain(company):
    plan = make_plan(company, growth=D("-0.1"))

    found = picture(company.planner, plan, unit_of(plan, company.top), TODAY)

    assert found.evidence.chance == 1.0


def test_peers_out_of_reach_have_no_name(in_force, company):
    ann = User.objects.get(username="ann")

    found = picture(ann, in_force, seat_of(in_force, company.ann), TODAY)

    assert [one.name for one in found.peers] == ["Ann"]
    assert found.unnamed_peers == 1


@pytest.fixture
def go(client):
    def call(who, name, *args):
        client.force_login(User.objects.get(username=who))
        return client.get(reverse(f"targets:{name}", args=args))

    with clock.fixed(AT):
        yield call


def test_the_page_pictures_the_evidence(go, draft, company):
    answer = go("planner", "evidence", seat_of(draft, company.ann).pk)

    assert answer.status_code == 200
    assert answer.context["history"].categories[-1] == "Target Q4"
    assert len(answer.context["chances"].categories) == 16
    assert answer.context["peers"].format == "percent"


@pytest.mark.parametrize(("who", "status"), [("ann", 404), ("eve", 200), ("chief", 200)])
def test_who_sees_the_evidence_of_a_draft(go, draft, company, who, status):
    assert go(who, "evidence", seat_of(draft, company.ann).pk).status_code == status


def test_waivers_are_listed_with_their_reason(go, company):
    plan = make_plan(company, growth=D(2))
    with transaction.atomic():
        services.submit_plan(plan_id=plan.pk, by_id=company.planner.pk, at=AT, on=TODAY)
        failing = list(plan.targets.filter(smart_grade="failed").values_list("pk", flat=True))
        services.waive(target_ids=failing, by_id=company.chief.pk, at=AT, reason="Board decision of May")
        services.approve_plan(plan_id=plan.pk, by_id=company.chief.pk, at=AT, on=TODAY)

    listed = go("chief", "waivers")
    page = go("chief", "evidence", failing[0])

    assert "Board decision of May" in listed.content.decode()
    assert len(listed.context["rows"]) == len(failing)
    assert "Board decision of May" in page.content.decode()
    assert go("ann", "waivers").status_code == 200


def test_the_evidence_over_the_api(client, draft, company):
    client.force_login(company.planner)
    with clock.fixed(AT):
        told = client.get(f"/api/v1/targets/{seat_of(draft, company.ann).pk}/evidence/").json()
        client.force_login(User.objects.get(username="ann"))
        strange = client.get(f"/api/v1/targets/{seat_of(draft, company.ann).pk}/evidence/")

    assert (told["growth"], told["last_four_quarters"], told["chance"]) == ("0.200000", "1200.000000", 0.0)
    assert strange.status_code == 404
