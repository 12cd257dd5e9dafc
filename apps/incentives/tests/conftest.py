import pytest

from apps.incentives.tests.factories import Company


@pytest.fixture
def company(db):
    """A small company with everybody around pay."""
    return Company()
