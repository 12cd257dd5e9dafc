"""Read the environment once, with types and a hint when something is wrong."""

import os
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None, *, hint: str = "") -> str:
    """Return the variable; without a default, fail with the hint."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. {hint}".strip())
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return the variable as a truth value (1/0, true/false, yes/no, on/off)."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is neither true nor false: use 1 or 0.")


def number(name: str, default: int) -> int:
    """Return the variable as a whole number."""
    return _convert(name, str(default), int, "a whole number")


def words(name: str, default: str = "") -> list[str]:
    """Return the variable as a list, split at commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _convert(name: str, default: str, convert: Callable[[str], int], kind: str) -> int:
    raw = os.environ.get(name, default)
    try:
        return convert(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r} is not {kind}.") from error
