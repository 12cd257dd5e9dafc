"""Every way to write into a closed quarter is refused: by a service, and below it by the database."""

import datetime as dt

from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.calendars import services as calendars
from apps.core.db import copy_rows
from apps.core.errors import DomainError
from apps.incentives.models import PayLine, PayRun, PayTrace, Statement
from apps.incentives.tests.factories import AT
from apps.measures.models import Credit
from apps.measures.services import reverse
from apps.measures.tests.factories import post_credit
from apps.org import services as org
from apps.org.models import Assignment
from apps.org.tests.factories import PositionFactory

APRIL = dt.date(2026, 4, 20)


def columns(credit, **changes):
    names = [field.attname for field in Credit._meta.concrete_fields if field.attname != "id"]
    return {name: getattr(credit, name) for name in names} | {"key": "late:1", "reverses_id": None} | changes


def raw(sql, *given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def inserted(credit):
    row = columns(credit)
    marks = ", ".join(["%s"] * len(row))
    raw(f"INSERT INTO measures_credit ({', '.join(row)}) VALUES ({marks})", *row.values())


def copied(credit):
    row = columns(credit)
    copy_rows("measures_credit", list(row), [list(row.values())])


PATHS = {
    "posting": lambda company, credit: post_credit(value="1", credited_on=APRIL, person_id=company.rep.pk),
    "reversing": lambda company, credit: reverse(
        source_type=credit.source_type, source_id=credit.source_id, booked_on=APRIL, reason="Late"
    ),
    "create": lambda company, credit: Credit.objects.create(**columns(credit)),
    "bulk_create": lambda company, credit: Credit.objects.bulk_create([Credit(**columns(credit))]),
    "COPY": lambda company, credit: copied(credit),
    "raw insert": lambda company, credit: inserted(credit),
    "save": lambda company, credit: credit.save(update_fields=["value"]),
    "update": lambda company, credit: Credit.objects.filter(pk=credit.pk).update(value=1),
    "bulk_update": lambda company, credit: Credit.objects.bulk_update([credit], ["value"]),
    "raw update": lambda company, credit: raw(
        "UPDATE measures_credit SET value = 1 WHERE id = %s", credit.pk
    ),
    "delete": lambda company, credit: raw("DELETE FROM measures_credit WHERE id = %s", credit.pk),
    "lines": lambda company, credit: PayLine.objects.update(amount=1),
    "statements": lambda company, credit: Statement.objects.update(total=1),
    "traces": lambda company, credit: raw("DELETE FROM incentives_paytrace"),
    "run": lambda company, credit: PayRun.objects.update(total=1),
    "back-dated move": lambda company, credit: org.move_person(
        person_id=company.rep.pk, position_id=PositionFactory(unit=company.top).pk, on=APRIL
    ),
    "back-dated end": lambda company, credit: org.end_assignment(
        assignment_id=Assignment.objects.get(person=company.rep).pk, on=APRIL, by=company.users["hr"]
    ),
}


def everything():
    """Return what the closed quarter holds."""
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Credit, PayRun, Statement, PayLine, PayTrace, Assignment)
    ]


def test_every_way_into_a_closed_quarter_is_refused(company):
    company.plan()
    credit = company.sell(company.rep, "100", month=4, day=20, booked_on=APRIL)
    run = company.locked()
    with transaction.atomic():
        calendars.close_period(run.period_id, company.admin.pk, AT)
    before, open_ways = everything(), []

    for name, write in PATHS.items():
        try:
            with transaction.atomic():
                write(company, credit)
                open_ways.append(name)
                transaction.set_rollback(True)
        except (DatabaseError, DomainError) as refusal:
            told = str(refusal)
            assert any(word in told for word in ("append_only", "closed", "fixed_run")), f"{name}: {told}"
        assert everything() == before, name

    assert not open_ways


def test_the_api_refuses_a_change_of_a_closed_quarter_and_says_why(company):
    company.plan()
    run = company.locked()
    with transaction.atomic():
        calendars.close_period(run.period_id, company.admin.pk, AT)
    seat, client = PositionFactory(unit=company.team), Client()
    client.force_login(company.users["hr"])
    before = everything()

    answer = client.post(
        f"/api/v1/people/{company.rep.pk}/move/",
        {"position": seat.pk, "on": APRIL.isoformat()},
        "application/json",
    )

    assert answer.status_code == 409, answer.content
    assert "closed" in answer.json()["detail"]
    assert everything() == before
