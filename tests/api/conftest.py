"""One company for the tests of a file, written once and taken back at its end."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from apps.core import clock
from tests.api import world as worlds


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[worlds.World]:
    """The company; what a test changes of it is taken back with the test."""
    with django_db_blocker.unblock(), clock.fixed(worlds.NOON), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)
    cache.clear()


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.fixed(worlds.NOON):
        yield
