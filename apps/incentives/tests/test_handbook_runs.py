"""The run pays what the page says: every plan of the documentation, paid from the records of a company."""

from decimal import Decimal as D

import pytest

from apps.incentives.models import PayLine, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.engine.test_examples import REQUESTS, RESPONSES
from apps.incentives.tests.feeding import feed


def sold(payee, amount, on, transaction="earlier", **more):
    return {
        "id": f"{payee}:{on}", "transaction": f"{transaction}:{on}", "payee": payee, "measure": "revenue",
        "amount": amount, "date": on, **more,
    }  # fmt: skip


# What was sold and paid before, where an example states only the balance or the pay that is left of it.
EARLIER = {
    "draw": [sold("ann", "11000", "2026-03-14")],
    "guarantee": [sold("ann", "13000", f"2026-0{month}-14") for month in (1, 2, 3)],
    "holdback": [sold("ann", "21000", "2025-11-14"), sold("ann", "18000", "2026-02-14")],
    "instalments": [
        {**sold("ann", "9000", "2026-03-01", milestones={"signing": "2026-03-01"}), "transaction": "deal-0"}
    ],
    "whole-pay": [sold("bob", "100", "2026-02-14")],
}


def lines_of(run, person):
    """Return component, kind and amount of each line but those of exchange."""
    rows = PayLine.objects.filter(run=run, person=person).exclude(kind="exchange").order_by("sequence")
    return list(rows.values_list("component", "kind", "amount"))


def left_of(run, person):
    """Return the balances and the pay to come that a run leaves."""
    closings = [
        own for row in Statement.objects.filter(run=run, person=person) for own in row.closing.values() if own
    ]
    balances = {name: D(one) for own in closings for name, one in own["balances"].items() if D(one)}
    pending = [
        (one["kind"], one["component"], D(one["amount"])) for own in closings for one in own["pending"]
    ]
    return balances, sorted(pending)


@pytest.mark.parametrize("slug", sorted(REQUESTS))
def test_the_run_pays_what_the_page_says(company, slug):
    fed, answer = feed(company, REQUESTS[slug], EARLIER.get(slug, ())), RESPONSES[slug]
    fed.book(fed.request.get("credits", ()))

    run = company.calculated(fed.period.code)

    assert fed.refused == {row["payee"] for row in answer["exceptions"]}
    for name in {row["id"] for row in fed.request["payees"]} - fed.refused:
        person = fed.people[name]
        said = [row for row in answer["lines"] if row["payee"] == name]
        expected = [(row["component"], row["kind"], D(row["amount"])) for row in said]
        assert lines_of(run, person) == expected
        balances = {row["name"]: D(row["closing"]) for row in answer["balances"] if row["payee"] == name}
        pending = [row for row in answer["pending"] if row["payee"] == name]
        assert left_of(run, person) == (
            {balance: amount for balance, amount in balances.items() if amount},
            sorted((row["kind"], row["component"], D(row["amount"])) for row in pending),
        )
        paid = Statement.objects.filter(run=run, person=person).exclude(total=0)
        told = [row for row in answer["payments"] if row["payee"] == name and D(row["payout_amount"])]
        assert dict(paid.values_list("currency", "total")) == {
            row["payout_currency"]: D(row["payout_amount"]) for row in told
        }
    assert not Statement.objects.filter(run=run).exclude(exception="").exists()
    assert not sum(amount for name in fed.refused for *_what, amount in lines_of(run, fed.people[name]))
    assert reconcile(run).agrees
