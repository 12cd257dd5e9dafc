"""Every route that exists, with its methods and the permission each names: the base of the access matrix."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

UNNAMED = "UNNAMED"
PUBLIC = "public"
SIGN_IN = "sign-in"
ADMIN = "admin"

_METHODS = {"page": ("GET",), "action": ("POST",), "public": ("GET",)}
_SIGN_IN_MODULES = ("allauth.",)
# Message catalogues, redirects and static files show nothing of anybody.
_PUBLIC_MODULES = ("django.views.i18n", "django.views.generic.base", "django.contrib.staticfiles")


@dataclass(frozen=True)
class Route:
    """One way in: a route and a method, and what it asks for.

    ``permission`` is the value of an ``access.Permission`` or one of: ``public``
    (nobody is asked), ``sign-in`` (the pages of signing in and of one's own
    factors), ``admin`` (behind the door of the administration, then per model).
    ``carried`` is what a token must carry: the same, or what the act on a record takes.
    """

    name: str
    path: str
    method: str
    permission: str
    api: bool = False
    carried: str = ""

    @property
    def key(self) -> str:
        """The line in the matrix file."""
        return f"{self.method} /{self.path}"


def routes() -> list[Route]:
    """Return every route of the project, by path and method."""
    found = {
        route.key: route for pattern in _patterns(get_resolver().url_patterns) for route in _read(*pattern)
    }
    return [found[key] for key in sorted(found, key=lambda key: (found[key].path, key))]


def _patterns(
    patterns: list[Any], prefix: str = "", namespaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for pattern in patterns:
        path = prefix + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _patterns(pattern.url_patterns, path, inner)
        elif isinstance(pattern, URLPattern):
            yield ":".join([*namespaces, pattern.name or ""]), path, pattern.callback


def _plain(pattern: str) -> str:
    """Return a regular expression as the path it stands for; plain paths stay as they are."""
    named = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", pattern)
    return re.sub(r"[\^$]|\\Z|\\", "", named)


def _read(name: str, path: str, view: Callable[..., Any]) -> Iterator[Route]:
    if hasattr(view, "actions") and hasattr(view, "cls"):
        yield from _read_viewset(name, path, view)
    elif hasattr(view, "cls"):
        yield from _read_api_view(name, path, view.cls)
    elif hasattr(view, "permission"):
        yield from _read_view(name, path, view)
    elif path.startswith(f"{admin.site.name}/"):
        yield from (Route(name, path, method, ADMIN) for method in ("GET", "POST"))
    elif getattr(view, "__module__", "").startswith(_SIGN_IN_MODULES):
        yield from (Route(name, path, method, SIGN_IN) for method in ("GET", "POST"))
    elif getattr(view, "__module__", "").startswith(_PUBLIC_MODULES):
        yield Route(name, path, "GET", PUBLIC)
    else:
        yield Route(name, path, "GET", UNNAMED)


def _read_view(name: str, path: str, view: Any) -> Iterator[Route]:
    permission = _value(view.permission)
    for method in getattr(view, "methods", None) or _METHODS[getattr(view, "kind", "public")]:
        yield Route(name, path, method, permission)


def _read_viewset(name: str, path: str, view: Any) -> Iterator[Route]:
    named = getattr(view.cls, "required_permissions", {})
    carried = getattr(view.cls, "token_permissions", {})
    for method, action in view.actions.items():
        if method != "head":
            permission = _value(named[action]) if action in named else UNNAMED
            token = _value(carried[action]) if action in carried else permission
            yield Route(name, path, method.upper(), permission, api=True, carried=token)


def _read_api_view(name: str, path: str, cls: Any) -> Iterator[Route]:
    named = getattr(cls, "required_permissions", {})
    for method in ("get", "post", "put", "patch", "delete"):
        if hasattr(cls, method):
            permission = _value(named[method]) if method in named else UNNAMED
            yield Route(name, path, method.upper(), permission, api=True, carried=permission)


def _value(permission: Any) -> str:
    return PUBLIC if permission is None else str(getattr(permission, "value", permission))
