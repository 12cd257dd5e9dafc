"""Addresses resolved once: a page shows the same link for fifty rows and forty menu entries."""

from functools import lru_cache

from django.conf import settings
from django.templatetags.static import static
from django.urls import get_script_prefix, get_urlconf, reverse

_MARK = 987_654_321


def page_url(name: str) -> str:
    """Return the address of a page without arguments."""
    return _page(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


def record_url(name: str, pk: object) -> str:
    """Return the address of a page whose only argument is a primary key."""
    if not isinstance(pk, int):
        return reverse(name, args=[pk])
    before, after = _record(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    return f"{before}{pk}{after}"


def icons_url() -> str:
    """Return the address of the sprite that holds every icon."""
    return _icons(settings.STATIC_URL, get_script_prefix())


@lru_cache(maxsize=1024)
def _page(name: str, urlconf: str, prefix: str) -> str:
    return reverse(name)


@lru_cache(maxsize=1024)
def _record(name: str, urlconf: str, prefix: str) -> tuple[str, str]:
    before, _mark, after = reverse(name, args=[_MARK]).partition(str(_MARK))
    return before, after


@lru_cache(maxsize=8)
def _icons(static_url: str, prefix: str) -> str:
    return static("dist/icons.svg")
