import datetime as dt

import pytest
from django.utils import timezone

from apps.events.idempotency import KeyReused, forget_old, hash_of, replay_or_run
from apps.events.models import IdempotencyKey


@pytest.fixture
def effects():
    return []


def run(user, effects, key="k", request="a", status=201):
    def function():
        effects.append(request)
        return status, {"n": len(effects)}

    return replay_or_run(user, key, request, function)


def test_a_replay_gets_the_first_answer_and_has_no_effect(user, effects):
    first = run(user, effects)
    again = run(user, effects)

    assert (first.status, first.response, first.replayed) == (201, {"n": 1}, False)
    assert (again.status, again.response, again.replayed) == (201, {"n": 1}, True)
    assert effects == ["a"]


def test_another_request_under_the_key_is_refused(user, effects):
    run(user, effects)

    with pytest.raises(KeyReused):
        run(user, effects, request="b")

    assert effects == ["a"]


def test_keys_of_different_users_are_apart(user, other, effects):
    run(user, effects)

    assert run(other, effects).replayed is False


def test_server_errors_are_not_kept(user, effects):
    run(user, effects, status=500)

    assert run(user, effects).replayed is False


def test_a_key_is_forgotten_after_a_day(user, effects):
    run(user, effects)
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))

    assert run(user, effects, request="b").replayed is False
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    assert forget_old() == 1


def test_the_hash_tells_bodies_apart():
    assert hash_of("post", "/a", b"1") == hash_of("POST", "/a", b"1")
    assert hash_of("POST", "/a", b"1") != hash_of("POST", "/a", b"2")
