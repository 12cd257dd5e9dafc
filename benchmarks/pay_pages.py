"""The pages of pay beside a run of many payees: time, statements and size of each; nothing is kept.

``python -m benchmarks.pay_pages`` (with ``DATABASE_URL`` of a company made by ``benchmarks.runs --keep``).
"""

import datetime as dt
import json
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from apps.access.models import User  # noqa: E402
from apps.access.permissions import Role  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.core.effective import span  # noqa: E402
from apps.incentives import services  # noqa: E402
from apps.incentives.models import PayLine, PayRun, Statement  # noqa: E402
from apps.org.models import OrgUnit, Person, RoleGrant  # noqa: E402
from apps.pipeline import services as pipeline  # noqa: E402
from apps.pipeline.models import Opportunity  # noqa: E402
from benchmarks import people  # noqa: E402
from benchmarks.one import Counter, page  # noqa: E402


def main() -> None:
    """Print what the pages and the steps of a calculated run take, and give everything up."""
    with clock.fixed(people.AT), transaction.atomic():
        print(json.dumps(measured(), indent=1))
        transaction.set_rollback(True)


def measured() -> dict[str, Any]:
    """Open the pages as compensation, the estimator as a seller, then take the run to its payroll file."""
    writer, approver = (User.objects.get(username=f"bench-{name}") for name in ("writer", "approver"))
    for user in (writer, approver):
        top = OrgUnit.objects.get(code="bench-top")
        RoleGrant.objects.create(user=user, role=Role.COMP_ADMIN, unit=top, valid=span(people.START, None))
    admin = _signed_in(writer)
    run = PayRun.objects.get(period__code="2030-Q1")
    found: dict[str, Any] = {name: page(admin, url) for name, url in _addresses(run).items()}
    found |= _as_seller(run)
    given: dict[str, Any] = {"run_id": run.pk, "at": people.AT}
    found["review"] = _step(lambda: services.review_run(by=writer, **given))
    found["approve"] = _step(lambda: services.approve_run(by=approver, **given))
    found["lock"] = _step(lambda: services.lock_run(by=approver, **given))
    found["export"] = _step(lambda: services.export_payroll(by=writer, **given))
    made = run.exports.get()
    found["run_after_export"] = page(admin, f"/incentives/runs/{run.pk}/")
    found["payroll_file"] = page(admin, f"/incentives/payroll/{made.pk}/")
    return found


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _addresses(run: PayRun) -> dict[str, str]:
    lines = PayLine.objects.filter(run=run).order_by("pk")
    few = lines.filter(component="commission").first()
    many = lines.filter(component="override").order_by("-credits").first()
    assert few is not None  # noqa: S101
    assert many is not None  # noqa: S101
    return {
        "runs": "/incentives/runs/",
        "run": f"/incentives/runs/{run.pk}/",
        "run_searched": f"/incentives/runs/{run.pk}/?q=Person+77",
        "statements": "/incentives/statements/",
        "statement": f"/incentives/statements/{few.statement_id}/",
        "statement_of_a_lead": f"/incentives/statements/{many.statement_id}/",
        "line": f"/incentives/lines/{few.pk}/",
        "line_of_a_lead": f"/incentives/lines/{many.pk}/",
        "adjustments": "/incentives/adjustments/",
        "holds": "/incentives/holds/",
        "plans": "/incentives/plans/",
        "plan": f"/incentives/plans/{run.plans.get(code='bench-commission').pk}/",
        "runs_json": "/api/v1/pay-runs/",
        "statements_json": "/api/v1/statements/",
    }


def _as_seller(run: PayRun) -> dict[str, Any]:
    statement = Statement.objects.filter(run=run).order_by("pk").last()
    assert statement is not None  # noqa: S101
    user = User.objects.create_user("bench-seller")
    Person.objects.filter(pk=statement.person_id).update(user=user)
    client = _signed_in(user)
    deal = _open_deal(statement.person_id)
    asked = {"amount": "50000", "closes_on": people.AT.date().isoformat()}
    url = f"/incentives/deals/{deal.pk}/what-if/ask/"
    return {
        "my_pay": page(client, "/incentives/my-pay/"),
        "estimator": _posted(client, url, asked),
    }


def _open_deal(person_id: int) -> Opportunity:
    pipeline.propose_process(name="Benchmark")
    return pipeline.create_opportunity(
        name="Benchmark", owner_id=person_id, today=people.AT.date(), amount=50000,
        expected_close_on=people.AT.date() + dt.timedelta(days=30),
    )  # fmt: skip


def _posted(client: Client, url: str, asked: dict[str, str]) -> dict[str, Any]:
    return _step(lambda: client.post(url, asked), 7) | {"status": client.post(url, asked).status_code}


def _step(function: Callable[[], Any], times: int = 1) -> dict[str, Any]:
    took = []
    counter = Counter()
    for _number in range(times):
        counter = Counter()
        started, cpu = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(counter):
            function()
        took.append((time.perf_counter() - started, time.process_time() - cpu))
    seconds, cpu = sorted(took)[len(took) // 2]
    return {
        "p50_ms": round(seconds * 1000, 1),
        "cpu_ms": round(cpu * 1000, 1),
        "database_ms": round(counter.seconds * 1000, 1),
        "queries": counter.statements,
    }


if __name__ == "__main__":
    main()
