"""The run pays what the preview says: handbook plans of the documentation, paid from records."""

import datetime as dt
import json
from decimal import Decimal as D

import pytest
from django.db import transaction

from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.incentives import services
from apps.incentives.models import PayLine, Statement
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.engine.test_examples import REQUESTS
from apps.incentives.tests.factories import AT

OF_PAYEES = {"id", "grades", "tenure"}
OF_CREDITS = {
    "id", "transaction", "payee", "measure", "amount", "date", "share", "milestones", "sold_on", "ended_on",
    "currency",
}  # fmt: skip


CARRIED = {"posted", "pending", "balances"}
SAME = {"installations": "deals_won", "invoiced": "revenue"}


def fresh(request):
    """Return a request without anything carried from before, in measures and periods the product has."""
    told = json.dumps(request)
    for name, known in SAME.items():
        told = told.replace(f'"measure": "{name}"', f'"measure": "{known}"')
    found = json.loads(told)
    code = found["period"]["code"]
    found["period"]["code"] = code if "Q" in code else code.replace("-", "-M")
    found["payees"] = [{k: v for k, v in row.items() if k not in CARRIED} for row in found["payees"]]
    found["credits"] = [
        {k: v for k, v in row.items() if k != "booked_at"} for row in found.get("credits", ())
    ]
    return found


def is_of_records(request):
    """Whether everything a fresh request states can be in the product: no stated quotas or fields."""
    if "plan" not in request or {"pools", "calendar", "reporting", "spiff_spent"} & request.keys():
        return False
    return (
        all(row.get("currency", "USD") == "USD" for row in request["credits"])
        and request["period"]["code"].startswith("2026-")
        and all(row.keys() <= OF_PAYEES for row in request["payees"])
        and all(
            row.keys() <= OF_CREDITS and row["measure"] in {"revenue", "deals_won"}
            for row in request["credits"]
        )
    )


FRESH = {slug: fresh(request) for slug, request in REQUESTS.items()}
RUN = sorted(slug for slug, request in FRESH.items() if is_of_records(request))


# What the others state in the request, and where a run takes it from instead.
NOT_FED = {
    "targets in force": {"quota", "interpolated", "matrix", "kpi", "leave"},
    "figures of the measures": {"linked"},
    "fields of deals": {"spiff", "crediting"},
    "pool weights and the figures of a team": {"pool"},
    "corrections of deals": {"clawback", "return"},
    "exchange rates": {"currencies"},
    "several plans, and who reports to whom": {"override", "transfer", "blended"},
    "what an assignment says about pay": {"whole-pay"},
    "absences of people": {"unpaid-leave"},
}


def test_every_example_is_run_or_known_to_need_more_than_these_records():
    assert sorted([*RUN, *(slug for slugs in NOT_FED.values() for slug in slugs)]) == sorted(REQUESTS)


def test_enough_examples_are_run():
    assert {"flat", "abroad", "mbo", "instalments", "trail", "draw", "holdback", "units"} <= set(RUN), RUN


def tell(company, name, **given):
    with transaction.atomic():
        fact = getattr(services, name)(**given, by=company.admin, at=AT)
        services.confirm_fact(fact_id=fact.pk, by=company.checker, at=AT)


def record(company, request, plan, people):
    """Put credits, grades and days of deals of a request into the product."""
    period = calendars.period(request["period"]["code"])
    deals = {}
    own = [row for row in request["credits"] if row["payee"] in people]
    for row in own:
        number = deals.setdefault(row["transaction"], len(deals) + 1)
        on = dt.date.fromisoformat(row["date"])
        value = str(D(row["amount"]) * D(row.get("share", "1")))
        company.sell(
            people[row["payee"]], value, month=on.month, day=on.day, measure=row["measure"], source_id=number
        )
        days = [("milestone", name, day) for name, day in row.get("milestones", {}).items()]
        days += [(kind, "", row[f"{kind}_on"]) for kind in ("sold", "ended") if f"{kind}_on" in row]
        for kind, name, day in days:
            tell(
                company, "tell_deal_day", kind=kind, milestone=name, on=dt.date.fromisoformat(day),
                source_type="test.source", source_id=number,
            )  # fmt: skip
    for row in request["payees"]:
        for objective, value in row.get("grades", {}).items():
            tell(
                company, "tell_grade", plan_id=plan.pk, objective=objective, value=D(value),
                person_id=people[row["id"]].pk, period_id=period.pk,
            )  # fmt: skip


def enter_rates(request):
    """Enter the company's rates that lead to those of a request, which are from dollars or from there."""
    known = {"USD": D(1)}
    for row in request.get("rates", ()):
        known[row["target"]] = known[row["source"]] / D(row["rate"])
        with transaction.atomic():
            calendar_services.set_rate(
                currency=row["target"], on=dt.date(2025, 1, 1), rate=known[row["target"]]
            )


@pytest.mark.parametrize("slug", RUN)
def test_the_run_pays_what_the_preview_says(company, slug):
    request = FRESH[slug]
    enter_rates(request)
    people = dict(zip([row["id"] for row in request["payees"]], [company.rep, company.peer], strict=False))
    plan = company.plan(
        *request["plan"]["components"], people=people.values(),
        **{name: value for name, value in request["plan"].items() if name not in {"schema", "components"}},
    )  # fmt: skip
    record(company, request, plan, people)

    run = company.calculated(request["period"]["code"])

    period, since = run.period, dt.date(2025, 1, 1)
    tenure = len(calendars.periods_between(since, period.ends_before, period.kind))
    asked = {
        **request,
        "run_date": (period.ends_before - dt.timedelta(days=1)).isoformat(),
        "payees": [{**row, "tenure": tenure} for row in request["payees"]],
    }
    answer = preview(read_request(asked))
    assert not answer.exceptions
    for name, person in people.items():
        said = [(row.component, row.kind, D(row.amount)) for row in answer.lines if row.payee == name]
        rows = PayLine.objects.filter(run=run, person=person).exclude(kind="exchange").order_by("sequence")
        assert [(row.component, row.kind, row.amount) for row in rows] == said
        told = {row.payout_currency: D(row.payout_amount) for row in answer.payments if row.payee == name}
        paid = Statement.objects.filter(run=run, person=person).exclude(total=0)
        assert dict(paid.values_list("currency", "total")) == {k: v for k, v in told.items() if v}
    assert reconcile(run).agrees
