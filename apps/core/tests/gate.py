"""Users, and a gate that lets one of them in, for rooms below the organisation; import them in a conftest."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client


@pytest.fixture
def user(db: None) -> Any:
    return get_user_model().objects.create_user(username="ops", password="x" * 12, email="ops@example.com")


@pytest.fixture
def other(db: None) -> Any:
    return get_user_model().objects.create_user(username="second", password="x" * 12)


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Hold the permissions every user has within the test."""
    granted: set[str] = set()
    monkeypatch.setattr("apps.access.decorators.may", lambda user, permission: str(permission) in granted)
    monkeypatch.setattr("apps.ui.menu.may", lambda user, permission: False, raising=False)
    monkeypatch.setattr("apps.ui.context.may", lambda user, permission: False, raising=False)
    return granted


@pytest.fixture
def signed_in(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client
