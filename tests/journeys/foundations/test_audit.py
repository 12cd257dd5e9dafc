import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, CharField, Value, When

from apps.calendars.models import ExchangeRate
from apps.core.db import copy_rows
from apps.events import triggers
from apps.events.audit import Tracked, acting, record_access, tracked
from apps.events.models import AccessEntry, AuditEntry
from apps.org.models import Person

TEXT = CharField()
DAY, LATER = dt.date(2026, 1, 1), dt.date(2026, 6, 30)


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(table="calendars_exchangerate").order_by("pk"))


def test_creating_a_row_writes_who_and_what(user):
    with acting(user.pk, request_id="r-1", source="web"):
        row = ExchangeRate.objects.create(currency="CNY", on=DAY, rate=Decimal("0.14"))

    [entry] = entries()
    assert (entry.action, entry.row_id, entry.actor_id) == ("insert", str(row.pk), user.pk)
    assert (entry.request_id, entry.source, entry.before) == ("r-1", "web", None)
    assert entry.after["currency"] == "CNY"


def test_bulk_create_writes_one_entry_per_row(db):
    ExchangeRate.objects.bulk_create(
        [ExchangeRate(currency="CNY", on=DAY + dt.timedelta(days=n), rate=1) for n in range(25)]
    )

    assert [entry.action for entry in entries()] == ["insert"] * 25


def test_queryset_update_writes_only_what_changed(db):
    ExchangeRate.objects.create(currency="CNY", on=DAY, rate=Decimal("0.14"))
    ExchangeRate.objects.create(currency="EUR", on=DAY, rate=Decimal("1.1"))

    ExchangeRate.objects.filter(currency="EUR").update(rate=Decimal("1.2"))

    entry = entries()[-1]
    assert entry.action == "update"
    assert entry.before == {"rate": 1.1}
    assert entry.after == {"rate": 1.2}


def test_an_update_that_changes_nothing_is_not_written(db):
    ExchangeRate.objects.create(currency="CNY", on=DAY, rate=Decimal("0.14"))

    ExchangeRate.objects.update(rate=Decimal("0.14"))

    assert len(entries()) == 1


def test_copy_and_delete_are_written(db):
    copy_rows("calendars_exchangerate", ["currency", "on", "rate"], [("CNY", DAY, 1), ("EUR", DAY, 2)])

    ExchangeRate.objects.all().delete()

    assert [entry.action for entry in entries()] == ["insert", "insert", "delete", "delete"]
    assert entries()[2].after is None


def test_a_large_update_after_a_small_one_pairs_every_row(db):
    rows = [("CNY", DAY + dt.timedelta(days=n), 1) for n in range(3000)]
    copy_rows("calendars_exchangerate", ["currency", "on", "rate"], rows)
    for _ in range(6):
        ExchangeRate.objects.filter(on=DAY).update(rate=2)
        ExchangeRate.objects.filter(on=DAY).update(rate=1)

    ExchangeRate.objects.update(rate=3)

    updates = [entry for entry in entries() if entry.action == "update"][12:]
    assert len(updates) == 3000
    assert {entry.before["rate"] for entry in updates} == {1}


def test_a_large_update_writes_what_a_small_one_writes(db, monkeypatch):
    """Many rows are compared by a statement of their own: text, nulls, masks, rows that stay."""
    monkeypatch.setitem(tracked._entries, "org.Person", Tracked("org.Person", secret_fields=("email",)))
    triggers.install()
    Person.objects.bulk_create(
        [
            Person(name=f'"N\\{one}"', email=f"{one}@example.com", external_id=f"many-{one}", hired_on=DAY)
            for one in range(60)
        ]
    )
    rows = Person.objects.filter(external_id__startswith="many-").order_by("pk")
    told = {}
    for size in (60, 1):
        last = AuditEntry.objects.latest("pk").pk
        changed = [row.pk for row in rows[:size]]
        with transaction.atomic():
            rows.filter(pk__in=changed).update(
                name=Case(When(pk=changed[0], then=Value('新 "x"\n')), default="name"),
                email=Case(
                    When(pk=changed[0], then=Value("new@example.com")), default="email", output_field=TEXT
                ),
                left_on=Case(When(pk=changed[0], then=LATER), default="left_on"),
            )
            told[size] = list(AuditEntry.objects.filter(pk__gt=last).values_list("row_id", "before", "after"))
            transaction.set_rollback(True)

    [(row_id, before, after)] = told[60]
    assert told[60] == told[1]
    assert row_id == str(rows[0].pk)
    assert before == {"name": '"N\\0"', "email": "•••", "left_on": None}
    assert after == {"name": '新 "x"\n', "email": "•••", "left_on": LATER.isoformat()}


def test_secret_fields_are_masked_and_stale_triggers_dropped(db, monkeypatch):
    monkeypatch.setitem(
        tracked._entries,
        "calendars.ExchangeRate",
        Tracked("calendars.ExchangeRate", secret_fields=("rate",)),
    )
    monkeypatch.delitem(tracked._entries, "calendars.CalendarDay")

    changed = triggers.install()
    ExchangeRate.objects.create(currency="CNY", on=DAY, rate=1)

    assert changed == 6
    assert triggers.install() == 0
    assert entries()[0].after["rate"] == "•••"


def test_the_author_ends_with_the_block(user):
    with acting(user.pk):
        pass
    ExchangeRate.objects.create(currency="CNY", on=DAY, rate=1)

    assert entries()[0].actor_id is None


def test_the_author_inside_another_is_restored(user, other):
    with acting(user.pk, source="import"):
        with acting(other.pk, on_behalf=user.pk):
            ExchangeRate.objects.create(currency="CNY", on=DAY, rate=1)
        ExchangeRate.objects.create(currency="EUR", on=DAY, rate=1)

    first, second = entries()
    assert (first.actor_id, first.on_behalf_id, first.source) == (other.pk, user.pk, "import")
    assert (second.actor_id, second.on_behalf_id) == (user.pk, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_auditentry SET actor_id = 1",
        "DELETE FROM events_auditentry",
        "UPDATE events_accessentry SET user_id = 1",
        "DELETE FROM events_accessentry",
        "SET LOCAL salesorg.may_truncate = 'off'; TRUNCATE events_auditentry",
    ],
)
def test_the_trail_is_append_only(user, statement):
    ExchangeRate.objects.create(currency="CNY", on=DAY, rate=1)
    record_access(user_id=user.pk, what="statement", table="t", row_id=1)

    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert (len(entries()), AccessEntry.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_author_holds_until_the_block_ends(user):
    with acting(user.pk):
        ExchangeRate.objects.create(currency="CNY", on=DAY, rate=1)
    ExchangeRate.objects.create(currency="EUR", on=DAY, rate=1)

    assert [entry.actor_id for entry in entries()] == [user.pk, None]
