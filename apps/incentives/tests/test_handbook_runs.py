"""The run pays what the page says: every plan of the documentation, paid from the records of a company."""

from decimal import Decimal as D

import pytest
from django.db import transaction
from django.db.models import Sum

from apps.calendars import selectors as calendars
from apps.incentives.models import PayLine, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.engine.test_examples import REQUESTS, RESPONSES
from apps.incentives.tests.factories import Company
from apps.incentives.tests.feeding import feed


def sold(payee, amount, on, transaction="earlier", **more):
    return {
        "id": f"{payee}:{on}", "transaction": f"{transaction}:{on}", "payee": payee, "measure": "revenue",
        "amount": amount, "date": on, **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def founded(django_db_setup, django_db_blocker):
    """A company that all examples start from; what one of them enters goes with its test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Company()
        transaction.set_rollback(True)


@pytest.fixture
def company(founded, db):
    """The company, as it was founded."""
    return founded


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


# What is kept though every sale came back: salaries, advances that are not owed, and what was paid for a
# period as a whole and is judged once. Anything paid for a sale goes back, less what a schedule leaves.
KEPT = {
    "clawback": {"ann": "733.33"},
    "guarantee": {"ann": "6500"},
    "kpi": {"ann": "3420"},
    "leave": {"ann": "4100"},
    "linked": {"ann": "600"},
    "matrix": {"ann": "5100"},
    "mbo": {"ann": "900", "bob": "2000"},
    "non-recoverable-draw": {"ann": "800"},
    "pool": {"ann": "333.34", "bob": "333.33", "cai": "333.33"},
    "transfer": {"ann": "9700"},
    "true-up": {"ann": "50000"},
    "units": {"ann": "300"},
    "unpaid-leave": {"ann": "5400"},
}
# What comes late is paid in full, but not within the same limits: they are those of a period.
BY_PERIOD = {"clawback", "draw", "pool"}
LATE = sorted(slug for slug, one in REQUESTS.items() if len(one.get("credits", ())) > 1)


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


def period_after(period):
    return calendars.period_of(period.ends_before, period.kind)


def ever_paid(fed, name, last=""):
    """Return what somebody was ever paid, but for salary and bonuses of a last period."""
    parts = [part for plan in fed.plans.values() for part in plan.versions.get().document["components"]]
    own = [part["code"] for part in parts if part["kind"] in {"base_salary", "kpi_bonus", "matrix_bonus"}]
    rows = PayLine.objects.filter(person=fed.people[name]).exclude(kind="exchange")
    return rows.exclude(window=last, component__in=own).aggregate(sum=Sum("amount"))["sum"] or D(0)


@pytest.mark.parametrize("slug", sorted(REQUESTS))
def test_all_that_was_paid_for_sales_goes_back_with_them(company, slug):
    fed = feed(company, REQUESTS[slug], EARLIER.get(slug, ()))
    fed.book(fed.request.get("credits", ()))
    company.locked(fed.period.code)
    after = period_after(fed.period)

    fed.come_back(after.starts_on)
    run = company.calculated(after.code)

    for name in (row["id"] for row in fed.request["payees"]):
        balances, pending = left_of(run, fed.people[name])
        owed = balances.get("draw", D(0)) + balances.get("recovery", D(0))
        to_come = sum((amount for _kind, _component, amount in pending), D(0))
        kept = ever_paid(fed, name, after.code) - owed + to_come
        assert kept == D(KEPT.get(slug, {}).get(name, 0)), name


@pytest.mark.parametrize("slug", sorted(set(LATE) - BY_PERIOD))
def test_two_batches_in_two_runs_pay_what_one_pays(company, slug):
    fed = feed(company, REQUESTS[slug], EARLIER.get(slug, ()))
    rows = fed.request["credits"]
    before = {name: ever_paid(fed, name) for name in fed.people}

    fed.book(rows[::2])
    company.locked(fed.period.code)
    fed.book(rows[1::2])
    company.calculated(period_after(fed.period).code)

    for row in RESPONSES[slug]["payments"]:
        name = row["payee"]
        paid = ever_paid(fed, name, period_after(fed.period).code) - before[name]
        assert paid == D(row["amount"]), name
