"""Plans and calculations in words: every part and every step has a sentence, in both languages."""

import re
from decimal import Decimal as D

import pytest
from django.utils import translation

from apps.incentives.rules.describe import Telling, component_sentences, plan_sentences, step_sentence
from apps.incentives.rules.describe.figures import MeasureNames
from apps.incentives.rules.examples import cliffs, curve_points, examples
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.tests.engine.build import bonus, commission, plan
from apps.incentives.tests.engine.test_examples import REQUESTS, RESPONSES

LANGUAGES = ["en", "zh-hans"]
SILENT = {"return"}  # says nothing where all is taken back, as the line says


def plans_of(request):
    return [parse_plan(told) for told in [request.get("plan"), *request.get("plans", {}).values()] if told]


def is_in(language, sentence):
    """Tell whether a sentence is in a language, by its letters."""
    chinese = re.search("[\u4e00-\u9fff]", sentence) is not None
    return chinese if language == "zh-hans" else not chinese


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", REQUESTS)
def test_every_part_of_an_example_reads_as_sentences(slug, language):
    with translation.override(language):
        for document in plans_of(REQUESTS[slug]):
            told = plan_sentences(document, {})
            for component in document.components:
                told += component_sentences(component, document.currency, {})

            assert told
            assert all(is_in(language, sentence) or re.search(r"[→×]|: ", sentence) for sentence in told), (
                told
            )
            assert not any("%(" in sentence for sentence in told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", RESPONSES)
def test_every_step_of_an_example_reads_as_a_sentence(slug, language):
    with translation.override(language):
        for line in RESPONSES[slug]["lines"]:
            for step in line["steps"]:
                sentence = step_sentence(step, Telling("USD", {}, {"revenue"}, "revenue"))
                assert sentence or step["op"] in SILENT, step
                assert "%(" not in sentence


def test_a_plan_says_what_it_means():
    [document] = plans_of(REQUESTS["quota"])

    told = component_sentences(document.components[0], "USD", {"revenue": "Revenue"})

    assert told == [
        "Pays a share of Revenue (own credit), looking at all deals of the pay period together.",
        "From 0% of quota to 100% of quota: 4%.",
        "From 100% of quota: 8%.",
        "Each part of the amount is paid at the rate of its own tier.",
        "Only while Revenue attainment (of the period) is at least 50%.",
    ]


def test_a_goal_reads_in_the_unit_of_its_measure():
    goals = [("win_rate", "0.45", "50"), ("revenue", "20000", "30"), ("deals_won", "12", "20")]
    parts = [{"measure": measure, "weight": weight, "goal": goal} for measure, goal, weight in goals]
    document = plan(bonus(measures=parts))
    kinds = {"win_rate": "ratio", "revenue": "money", "deals_won": "count"}

    _head, *told = component_sentences(document.components[0], "USD", MeasureNames({}, kinds))

    assert told[:3] == [
        "win_rate against a goal of 45% counts 50%.",
        "revenue against a goal of $20,000 counts 30%.",
        "deals_won against a goal of 12 counts 20%.",
    ]


def test_examples_are_made_by_the_engine_at_telling_amounts():
    document = plan(commission("retroactive"))
    [component] = document.components

    told = [(example.given, example.line.rounded) for example in examples(document, component)]

    assert [(str(given), str(pays)) for given, pays in told] == [
        ("500", "15.00"),
        ("1000", "50.00"),
        ("6000.0", "435.00"),
    ]
    assert cliffs(document, component) == [1000, 5000]
    assert (1000, 50) in curve_points(document, component)


def test_a_gate_that_opens_along_the_curve_is_a_cliff_of_it():
    [document] = plans_of(REQUESTS["quota"])
    [component] = document.components
    elsewhere = component.model_copy(
        update={"gate": component.gate.model_copy(update={"measure": "win_rate"})}
    )

    curve = dict(curve_points(document, component))

    assert cliffs(document, component) == [50000]
    assert (curve[D("49999.99")], curve[D(50000)]) == (0, 2000)
    assert cliffs(document, elsewhere) == []
    assert dict(curve_points(document, elsewhere))[D("47500.00")] == 1900


@pytest.mark.parametrize("slug", REQUESTS)
def test_every_example_plan_has_examples_and_curves_of_its_own(slug):
    for document in plans_of(REQUESTS[slug]):
        for component in document.components:
            examples(document, component)
            curve_points(document, component)


def test_the_small_print_is_told_where_it_is_not_the_usual_one():
    plan = REQUESTS["draw"]["plan"]
    small = {
        "zero_quota": "skip",
        "rounding": "half_even",
        "proration": {"days": "working_days", "transfers": "blended"},
        "exchange": {"transactions": "month_average", "payout": "CNY"},
        "draw": {**plan["draw"], "recovery_after": 2, "balance_cap": "9000"},
    }

    usual, told = (plan_sentences(parse_plan(one), {}) for one in (plan, {**plan, **small}))

    assert [one for one in told if one not in usual] == [
        "The first 2 pay periods are free of that.",
        "Never more than $9,000 of the draw is owed.",
        "A measure without a quota is left out.",
        "Half a cent is rounded to the even cent.",
        "Parts of a period count by working days.",
        "A move within a period blends both plans by days.",
        "Deals in other currencies count at the average rate of their month.",
        "Pay goes out in CNY at the rate of the day of the pay run.",
    ]
