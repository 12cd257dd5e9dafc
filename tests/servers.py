"""The private PostgreSQL and Redis of the tests: runs in one folder share them, the last one stops them."""

import fcntl
import os
from typing import TextIO

from django.conf import settings

from apps.core import embedded

_VARIABLES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
_USERS: list[TextIO] = []


def use() -> None:
    """Start the servers that the environment does not name, and hold them."""
    missing = frozenset(name for name, variable in _VARIABLES.items() if not os.environ.get(variable))
    if missing:
        home = settings.TEST_DIR
        home.mkdir(parents=True, exist_ok=True)
        users = (home / "users.lock").open("w")
        fcntl.flock(users, fcntl.LOCK_SH)
        _USERS.append(users)
        embedded.start(home, only=missing, throw_away=True)


def release() -> None:
    """Let go of the servers; stop them when nobody else holds them."""
    for users in _USERS:
        fcntl.flock(users, fcntl.LOCK_UN)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        embedded.stop(settings.TEST_DIR)
    _USERS.clear()
