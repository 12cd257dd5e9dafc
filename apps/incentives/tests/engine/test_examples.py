"""Every example of docs/how-to/express-a-plan.md: the answer on the page, and a formula of our own."""

import json
import re
from decimal import Decimal as D
from fractions import Fraction as F
from pathlib import Path

import pytest

from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "express-a-plan.md"
BLOCKS = re.findall(r"```json (request|response) ([a-z-]+)\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
REQUESTS = {slug: json.loads(text) for kind, slug, text in BLOCKS if kind == "request"}
RESPONSES = {slug: json.loads(text) for kind, slug, text in BLOCKS if kind == "response"}

# What each payee must get, worked out without the engine.
BY_HAND = {
    "flat": {"ann": F("0.05") * F("20000")},
    "accelerator": {"ann": 250_000 * F("0.03") + 150_000 * F("0.05") - 6000},
    "retroactive": {"ann": 100_000 * F("0.06")},
    "quota": {"ann": 90_000 * F("0.04") + 30_000 * F("0.08"), "bob": 0},
    "regressive": {"ann": 6000 + (50_000 * F("0.1") + 70_000 * F("0.05") - 6000) / 4},
    "per-deal": {"ann": min(80_000 * F("0.06"), 3000) + 10_000 * F("0.04")},
    "units": {"ann": 10 * 50 + 4 * 80 + 300},
    "interpolated": {"ann": 1000 + 3000 * F(50, 100) + 150_000 * (F("0.05") + F(20, 50) * F("0.05"))},
    "matrix": {"ann": F(16_000, 4) * (F("1") + F("1.2") + F("1.3") + F("1.6")) / 4},
    "linked": {"ann": 80_000 * F("0.05") * F("1.5") * F("1.1")},
    "kpi": {"ann": 3000 * (1 + (F("0.7") * F("1.1") + F("0.3") - 1) * 2)},
    "mbo": {"ann": 2000 * F("0.6") * F("0.75"), "bob": 2000},
    "spiff": {"ann": 200 + 100, "bob": 200},
    "pool": {"ann": F("333.34"), "bob": F("333.33"), "cai": F("333.33")},
    "override": {"lin": 40_000 * F("0.02"), "mei": 10_000 * F("0.02"), "sam": 50_000 * F("0.01")},
    "draw": {"ann": 3000 - F("0.5") * (3000 - 2000), "bob": 2000},
    "non-recoverable-draw": {"ann": 2000, "bob": 1200},
    "guarantee": {"ann": 300 + (5500 - 4200 - 600)},
    "clawback": {"ann": 2000 - min(1200 * F(8, 12), F("0.3") * 2000)},
    "return": {"ann": 30_000 * F("0.04") - 50_000 * F("0.06")},
    "instalments": {"ann": 1000 + 2000 * F("0.5") + 450},
    "holdback": {"ann": 3000 * F("0.9") + 210},
    "trail": {"ann": 1000 * F("0.05") + 1000 * F("0.02")},
    "currencies": {"ann": (10_000 + 5000 * F("1.10")) * F("0.1")},
    "abroad": {"ann": 80_000 * F("0.05") + 20_004 * F("0.08")},
    "transfer": {
        "ann": 33_000 * F("0.04") + 17_000 * F("0.1") + 30_000 * F("0.05")
        + F(26_000, 4) * F(33, 65) + F(52_000, 4) * F(32, 65)
    },
    "leave": {"ann": F(24_800, 4) * F(41, 62)},
    "unpaid-leave": {"ann": (F(52_800, 12) + F(26_400, 12)) * F(18, 22)},
    "crediting": {
        "ann": (50_000 * F("0.6") * 2 + 20_000 * F("0.5")) * F("0.05"),
        "bob": 50_000 * F("0.4") * 2 * F("0.05"),
        "cai": 50_000 * 2 * F("0.01"),
    },
    "late": {"ann": (5000 - 4000) + 5000},
    "whole-pay": {"ann": 2 * F(6000, 4), "bob": 0},
    "true-up": {"ann": 50_000 - 10_000 - 12_500 - 11_938},
    "blended": {"ann": F("2021.98") + F("3164.84")},
}  # fmt: skip


def test_the_page_has_enough_examples_and_each_has_a_formula_here():
    assert REQUESTS.keys() == RESPONSES.keys() == BY_HAND.keys()
    assert len(REQUESTS) >= 25


@pytest.mark.parametrize("slug", REQUESTS)
def test_an_example_gives_the_answer_on_the_page(slug):
    answer = preview(read_request(REQUESTS[slug])).model_dump(mode="json", by_alias=True)

    assert answer == RESPONSES[slug]


@pytest.mark.parametrize("slug", REQUESTS)
def test_an_example_pays_what_the_formula_says(slug):
    answer = RESPONSES[slug]

    assert {row["payee"]: F(row["amount"]) for row in answer["payments"]} == BY_HAND[slug]


@pytest.mark.parametrize("slug", REQUESTS)
def test_traces_add_up_to_lines_and_lines_to_the_payment(slug):
    answer = RESPONSES[slug]

    for line in answer["lines"]:
        own = [row for row in answer["trace"] if (row["payee"], row["line"]) == (line["payee"], line["line"])]
        assert not own or sum(F(row["value"]) for row in own) == F(line["raw"])
    for paid in answer["payments"]:
        lines = [D(line["amount"]) for line in answer["lines"] if line["payee"] == paid["payee"]]
        assert sum(lines, D(0)) == D(paid["amount"])


def test_what_an_answer_hands_over_is_taken_by_the_next_request():
    first = REQUESTS["accelerator"]
    answer = RESPONSES["accelerator"]
    payee = {**first["payees"][0]}
    payee["posted"] = [{k: v for k, v in row.items() if k != "payee"} for row in answer["posted"]]
    credit = {**first["credits"][0], "id": "9", "amount": "400000", "date": "2026-08-01"}
    period = {"code": "2026-Q3", "from": "2026-07-01", "before": "2026-10-01"}
    request = {**first, "period": period, "payees": [payee], "credits": [*first["credits"], credit]}

    answer = preview(read_request(request))

    # to date 800,000: 350,000 × 5 % + 50,000 × 6.5 %
    assert answer.payments[0].amount == "20750.00"


def test_a_returned_sale_gives_its_award_back():
    first, answer = REQUESTS["spiff"], RESPONSES["spiff"]
    posted = {row["payee"]: {k: v for k, v in row.items() if k != "payee"} for row in answer["posted"]}
    payees = [{"id": name, "posted": [posted[name]]} for name in ("ann", "bob")]
    back = {**first["credits"][0], "id": "9", "amount": "-9000", "date": "2026-08-03", "reverses": "1"}
    period = {"code": "2026-Q3", "from": "2026-07-01", "before": "2026-10-01"}
    request = {
        **first,
        "period": period,
        "payees": payees,
        "credits": [back],
        "spiff_spent": {"may_push": "500"},
    }

    paid = {row.payee: row.amount for row in preview(read_request(request)).payments}

    assert paid == {"ann": "-200.00", "bob": "0.00"}
