import datetime as dt

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone

from apps.calendars.models import ExchangeRate
from apps.events import jobs, outbox
from apps.events.enums import RunState
from apps.events.models import OutboxEntry
from apps.events.outbox import Policy, UnknownTask, deliver
from apps.events.services import NotGivenUp, replay_delivery

DAY = dt.date(2026, 1, 1)


@pytest.fixture
def sent(monkeypatch):
    """Collect what would go to the broker."""
    messages = []

    def apply_async(kwargs, retry):
        messages.append(kwargs)

    outbox._known_tasks()
    monkeypatch.setattr(current_app.tasks["events.fan_out"], "apply_async", apply_async)
    return messages


def enqueue(**ids):
    with transaction.atomic():
        return jobs.enqueue("events.fan_out", **ids)


def make_rate(entry_id):
    ExchangeRate.objects.create(currency="CNY", on=DAY, rate=entry_id)


def failing(entry_id):
    make_rate(entry_id)
    raise ConnectionError("mail server away")


def test_an_entry_is_sent_when_its_transaction_commits(db, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        entry = enqueue(entry_id=7)
        assert sent == []

    assert sent == [{"entry_id": 7, "outbox_id": entry.pk}]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_nothing(sent):
    with transaction.atomic():
        enqueue(entry_id=7)
        transaction.set_rollback(True)

    assert (sent, OutboxEntry.objects.count()) == ([], 0)


def test_unknown_tasks_and_objects_are_refused(db, user):
    with pytest.raises(UnknownTask), transaction.atomic():
        jobs.enqueue("nobody.knows", deal_id=1)
    with pytest.raises(TypeError), transaction.atomic():
        enqueue(user=user)

    assert not OutboxEntry.objects.exists()


def test_the_same_key_is_one_entry(db):
    with transaction.atomic():
        first = jobs.enqueue("events.fan_out", dedupe_key="a", entry_id=1)
        second = jobs.enqueue("events.fan_out", dedupe_key="a", entry_id=2)

    assert first.pk == second.pk
    assert OutboxEntry.objects.get().payload == {"entry_id": 1}


def test_delivered_twice_takes_effect_once(db):
    entry = enqueue(entry_id=1)

    answers = [deliver(entry.pk, make_rate, Policy()) for _ in range(2)]

    assert answers == ["done", "skipped"]
    assert ExchangeRate.objects.count() == 1


def test_a_failure_is_undone_and_tried_later(db):
    entry = enqueue(entry_id=1)

    assert deliver(entry.pk, failing, Policy(first_delay=60)) == "failed"

    entry.refresh_from_db()
    assert not ExchangeRate.objects.exists()
    assert entry.due_at > timezone.now() + dt.timedelta(seconds=40)
    assert "mail server away" in entry.error


def test_after_the_last_attempt_it_is_given_up_and_can_be_replayed(db):
    entry = enqueue(entry_id=1)
    answers = [deliver(entry.pk, failing, Policy()) for _ in range(4)]

    replay_delivery(entry_id=entry.pk)

    assert answers == ["failed", "failed", "dead", "skipped"]
    assert deliver(entry.pk, make_rate, Policy()) == "done"
    with pytest.raises(NotGivenUp):
        replay_delivery(entry_id=entry.pk)


def test_the_relay_sends_again_what_the_broker_lost(db, sent):
    entry = enqueue(entry_id=1)
    recent, lost = timezone.now(), timezone.now() - dt.timedelta(minutes=6)

    OutboxEntry.objects.update(sent_at=recent)
    assert outbox.relay() == 0
    OutboxEntry.objects.update(sent_at=lost)
    assert outbox.relay() == 1

    assert sent == [{"entry_id": 1, "outbox_id": entry.pk}]


def test_a_broker_that_is_away_costs_nothing(db, monkeypatch):
    def away(kwargs, retry):
        raise ConnectionError

    entry = enqueue(entry_id=1)
    monkeypatch.setattr(current_app.tasks["events.fan_out"], "apply_async", away)

    assert outbox.relay() == 0

    entry.refresh_from_db()
    assert (entry.state, entry.sent_at) == (RunState.PENDING, None)


def test_done_entries_are_not_sent(db, sent):
    OutboxEntry.objects.create(kind="task", name="events.fan_out", state=RunState.DONE)

    assert outbox.relay() == 0


def test_a_task_nobody_knows_any_more_is_given_up(db):
    entry = OutboxEntry.objects.create(kind="task", name="old.task")

    outbox.relay()

    entry.refresh_from_db()
    assert entry.state == RunState.DEAD


def test_an_announcement_reaches_each_subscriber_once(db, monkeypatch):
    monkeypatch.setattr(outbox.subscriptions, "_entries", {})
    outbox.subscribe("deal.won", "events.fan_out")
    outbox.subscribe("deal.lost", "events.relay")
    with transaction.atomic():
        entry = outbox.publish("deal.won", {"deal": 1})

        outbox.fan_out(entry.pk)
        outbox.fan_out(entry.pk)

    assert OutboxEntry.objects.get(kind="task").payload == {"entry_id": entry.pk}
