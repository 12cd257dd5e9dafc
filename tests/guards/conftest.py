"""The data the guards share within a module."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.guards import world


@pytest.fixture(scope="module")
def found(django_db_setup: None, django_db_blocker: Any) -> Iterator[world.World]:
    """Return two teams with one of every record, for all tests of a module."""
    with django_db_blocker.unblock(), world.built() as made:
        yield made
